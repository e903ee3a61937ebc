/*
 * The manifest, fpctl.yaml: loaded, checked, with its defaults filled in.
 * lib/manifest/schema.c holds every field in one table.
 */
#ifndef FP_MANIFEST_H
#define FP_MANIFEST_H

#include "base/arena.h"
#include "base/diag.h"
#include "yaml/node.h"

struct manifest_tag {
	const char *key, *value;
};

/* Who encrypts a bucket's objects. */
enum manifest_encryption {
	ENCRYPT_S3,  /* S3's own keys */
	ENCRYPT_KMS, /* the project's key, made by the key stack */
	ENCRYPT_KEY, /* a key of the user's: `key` is its ARN */
};

struct manifest_bucket {
	const char *name; /* "uploads" */
	const char **on;  /* "created", "removed", ... */
	size_t non;
	const char **prefix, **suffix; /* empty: no filter */
	size_t nprefix, nsuffix;
	const char *processor; /* a name in processors */
	bool queue;	       /* delivery: queue (S3 -> SQS -> Lambda) */
	bool versioning;
	enum manifest_encryption encryption;
	const char *key;      /* of ENCRYPT_KEY; else NULL */
	int64_t archive_days; /* to Glacier Instant Retrieval; 0: never */
	int64_t expire_days;  /* 0: never; more than archive_days */
	bool retain;	      /* deleting the stack keeps the data */
	struct fp_pos pos;
};

/* What becomes of a file that was processed. */
struct manifest_action {
	enum { ACTION_LEAVE, ACTION_TAG, ACTION_MOVE } kind;
	const char *prefix; /* of ACTION_MOVE: "processed/" */
};

/* The queue of the buckets whose delivery is `queue`. */
struct manifest_queue {
	int64_t batch;	      /* messages an invocation, 1 to 10,000 */
	int64_t window_s;     /* waits for a batch to fill, 0 to 300 */
	int64_t visibility_s; /* at least six times the function's timeout */
	int64_t attempts;     /* receives before the dead-letter queue, 1 to 1000 */
	int64_t concurrency;  /* invocations at once, 2 to 1000; 0: not limited */
};

struct manifest_processor {
	const char *name;    /* "default" */
	const char *source;  /* "bundled", or a folder relative to the manifest */
	const char *arch;    /* "arm64" or "x86_64" */
	int64_t memory_mib;  /* 128 to 10240 */
	int64_t timeout_s;   /* 1 to 900 */
	int64_t concurrency; /* reserved; 0: none */
	bool tracing;
	const struct node *environment; /* mapping of strings; NULL when none */
	/* Variable -> "ssm:/name" or "secretsmanager:name[:key]"; NULL when none. */
	const struct node *secrets;
	const struct node *inspect; /* normal form of the rules; NULL when none */
	struct manifest_action on_success, on_failure;
	bool report; /* writes KEY.report.json */
	struct manifest_queue queue;
	struct fp_pos pos;
};

/* A topic and who hears of it. `notify: ADDRESS` is one named "notifications". */
struct manifest_topic {
	const char *name;		    /* "results" */
	const char **email, **https, **sqs; /* addresses, URLs, queues' ARNs */
	size_t nemail, nhttps, nsqs;
	const struct node *filter; /* attribute -> list of texts; NULL: everything */
	struct fp_pos pos;
};

/* Each 0: no such alarm. */
struct manifest_alarms {
	int64_t errors, throttles, dead_letters; /* this many in five minutes */
	int64_t duration_p99;			 /* percent of the processor's timeout */
};

struct manifest_monitoring {
	bool dashboard;
	int64_t retention_days; /* one of those that CloudWatch Logs knows */
	struct manifest_alarms alarms;
	const char **alert; /* e-mail addresses; none: alarms only change colour */
	size_t nalert;
};

struct manifest_pipeline {
	const char *github; /* "example/invoices" */
	const char *branch;
	const char **paths; /* globs; none: every push */
	size_t npaths;
	const char *connection; /* its ARN; NULL: one is created */
	const char *compute;	/* a word of the schema: "lambda-arm" */
	const char **approve;	/* environments that need a person's approval */
	size_t napprove;
};

struct manifest_environment {
	const char *name;
	const char *account; /* 12 digits; NULL: the caller's */
	const char *region;  /* NULL: the manifest's */
	bool protect;
	struct fp_pos pos;
};

/* A template of the user's. */
struct manifest_stack {
	const char *name;
	const char *template; /* path relative to the manifest */
	const char **needs;   /* stacks to wait for beyond the wiring by names */
	size_t nneeds;
	const struct node *parameters; /* name -> value; NULL when none */
	struct fp_pos pos;
};

struct manifest {
	struct arena arena; /* owns everything here */
	const char *path;   /* as given: "fpctl.yaml" */
	const char *folder; /* that holds it */
	const char *project;
	const char *region;	 /* NULL: the caller's */
	const char *environment; /* that this is; NULL when the project has none */
	const char *account;	 /* where it must be deployed; NULL: anywhere */
	bool protect;
	struct manifest_tag *tags;
	size_t ntags;
	struct manifest_bucket *buckets; /* in the manifest's order */
	size_t nbuckets;
	struct manifest_processor
		*processors; /* "default" exists whenever a bucket names it */
	size_t nprocessors;
	struct manifest_topic *topics; /* at least one */
	size_t ntopics;
	struct manifest_monitoring monitoring;
	const struct manifest_pipeline *pipeline;  /* NULL: none */
	struct manifest_environment *environments; /* in the manifest's order */
	size_t nenvironments;
	struct manifest_stack *stacks;
	size_t nstacks;
	/* The document with every default filled in and the environment laid over. */
	const struct node *root;
	const struct node *document; /* as written: what environments are laid over */
};

/*
 * Load and check the file (at most 4 MiB). All findings of a run go to `diags`,
 * with `*source` (owned by the caller, may be NULL) the text for showing lines.
 * `environment` is the -e name; NULL is the first one listed, or none when the
 * manifest defines none. Returns -1 when there was any finding, and then all
 * environments were checked, or with `err` set when the file cannot be read at all.
 */
FP_MUST_CHECK int manifest_load(struct manifest *m, const char *path,
				const char *environment, struct diags *diags,
				char **source, struct fp_error *err);
/* The error of manifest_load where there is no such file. Returns -1. */
FP_MUST_CHECK int manifest_missing(const char *path, struct fp_error *err);
/* The same for a text in memory. Reads no file, clock or environment. */
FP_MUST_CHECK int manifest_parse(struct manifest *m, const char *text, size_t n,
				 const char *path, const char *environment,
				 struct diags *diags);
/*
 * The same manifest as another of its environments; `m` must outlive it. Findings
 * are about that environment alone.
 */
FP_MUST_CHECK int manifest_select(struct manifest *out, const struct manifest *m,
				  const char *environment, struct diags *diags);
/* Check every environment and not only the one that was loaded; each finding once. */
FP_MUST_CHECK int manifest_check_all(const struct manifest *m, struct diags *diags);
/* Whether the project's pipeline comes with this environment: the first, or none. */
bool manifest_is_first(const struct manifest *m);
void manifest_release(struct manifest *m);

#endif
