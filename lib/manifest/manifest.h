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

struct manifest_bucket {
	const char *name; /* "uploads" */
	const char **on;  /* "created", "removed", ... */
	size_t non;
	const char **prefix, **suffix; /* empty: no filter */
	size_t nprefix, nsuffix;
	const char *processor; /* a name in processors */
	struct fp_pos pos;
};

struct manifest_processor {
	const char *name;   /* "default" */
	const char *source; /* "bundled", or a folder relative to the manifest */
	const char *arch;   /* "arm64" or "x86_64" */
	int64_t memory_mib; /* 128 to 10240 */
	int64_t timeout_s;  /* 1 to 900 */
	const struct node *environment; /* mapping of strings; NULL when none */
	struct fp_pos pos;
};

struct manifest {
	struct arena arena; /* owns everything here */
	const char *path;   /* as given: "fpctl.yaml" */
	const char *folder; /* that holds it */
	const char *project;
	const char *region;	 /* NULL: the caller's */
	const char *environment; /* the -e name; NULL when the project has none */
	struct manifest_tag *tags;
	size_t ntags;
	struct manifest_bucket *buckets; /* in the manifest's order */
	size_t nbuckets;
	struct manifest_processor
		*processors; /* "default" exists whenever a bucket names it */
	size_t nprocessors;
	const char **notify_email;
	size_t nnotify_email;
	/* The document with every default filled in, which the templates read. */
	const struct node *root;
};

/*
 * Load and check the file (at most 4 MiB). All findings of a run go to `diags`,
 * with `*source` (owned by the caller, may be NULL) the text for showing lines.
 * `environment` is the -e name or NULL. Returns -1 when there was any finding,
 * or with `err` set when the file cannot be read at all.
 */
FP_MUST_CHECK int manifest_load(struct manifest *m, const char *path,
				const char *environment, struct diags *diags,
				char **source, struct fp_error *err);
/* The same for a text in memory. Reads no file, clock or environment. */
FP_MUST_CHECK int manifest_parse(struct manifest *m, const char *text, size_t n,
				 const char *path, const char *environment,
				 struct diags *diags);
void manifest_release(struct manifest *m);

#endif
