/*
 * A command is one file: its options by offset, its text, its function. Help,
 * the man page and the shells' completion all come from the table in main.c.
 */
#ifndef FP_COMMAND_H
#define FP_COMMAND_H

#include <cjson/cJSON.h>

#include "aws/client.h"
#include "base/diag.h"
#include "base/str.h"
#include "manifest/manifest.h"
#include "render/render.h"
#include "ui/ui.h"

enum opt_type {
	OPT_FLAG,     /* bool */
	OPT_STRING,   /* const char *; borrowed from argv */
	OPT_INT,      /* int64_t, 0 or more */
	OPT_DURATION, /* int64_t milliseconds: "90s", "5m", "1h"; a bare number is seconds
		       */
	OPT_LIST,     /* struct strs: may be given several times */
};

struct opt {
	char letter;	  /* 0: no short form */
	const char *name; /* "stack", given as --stack */
	enum opt_type type;
	size_t offset;	  /* in the command's own struct */
	const char *help; /* lower case, no full stop */
	const char *arg;  /* what the value is: "NAME"; NULL for flags */
};

/* What main() prepares before run(). */
enum command_needs { NEED_NOTHING = 0, NEED_MANIFEST = 1 };

struct app;
struct command {
	const char *name;    /* "deploy" */
	const char *summary; /* "bring the stacks up": lower case, no full stop */
	const char *args;    /* "FILE s3://BUCKET/KEY"; NULL: none */
	size_t min_args, max_args;
	const char *details;  /* paragraphs for help and the man page; may be NULL */
	const char *examples; /* lines "fpctl ..."; may be NULL */
	unsigned needs;
	const struct opt *opts;
	size_t nopts;
	size_t opts_size; /* of the struct that the options fill */
	/* Options are in `args`, what else was given in app->args. */
	int (*run)(struct app *app, const void *args, struct fp_error *err);
	const struct command *const
		*subs; /* "local up": ends with NULL; run is NULL then */
};

/* The options that every command takes. */
struct global_options {
	const char *file, *environment, *region, *profile, *endpoint_url, *state, *color;
	int64_t timeout_ms; /* 0: none given */
	int64_t port;	    /* of the emulator; 0: any, -1: the usual one */
	bool local, json, quiet, verbose, yes, no_input, help;
};

struct app {
	struct global_options global;
	struct ui ui;
	const char *const *args; /* what is no option */
	size_t nargs;
	struct manifest manifest; /* loaded when NEED_MANIFEST, or by app_manifest */
	bool has_manifest;
	struct rendering rendering; /* by app_rendering */
	bool has_rendering;
	struct aws_client *aws; /* by app_aws */
};

extern const struct command *const commands[]; /* ends with NULL */
/* By its name in such a list, which may be NULL; NULL when it is not there. */
const struct command *command_find(const struct command *const *list, const char *name);
extern const struct opt global_opts[];
extern const size_t nglobal_opts;

/*
 * Load and check the manifest once. Its findings are printed on stderr, all of
 * them; the error then only counts them.
 */
FP_MUST_CHECK int app_manifest(struct app *app, struct fp_error *err);
/* Whether there is a manifest file at all (-f, or fpctl.yaml here). */
bool app_manifest_exists(const struct app *app);
/* Render its stacks once (app->rendering). Findings are printed as app_manifest does. */
FP_MUST_CHECK int app_rendering(struct app *app, struct fp_error *err);
/*
 * Render any manifest, with the templates and the fpctl.lock that stand beside it.
 * `live` is where its buckets are deployed, which goes before the lock; may be NULL.
 * Findings go to `diags`; without any, `err` says what failed.
 */
FP_MUST_CHECK int app_render(struct rendering *out, const struct manifest *m,
			     const struct spread *live, struct diags *diags,
			     struct fp_error *err);
/* Render app->rendering again when some bucket is deployed in another stack than it
 * says (*changed), and then as it is deployed. */
FP_MUST_CHECK int app_place(struct app *app, const struct spread *live, bool *changed,
			    struct fp_error *err);
/* Note in fpctl.lock where the buckets of app->rendering lie: see lock.h. */
FP_MUST_CHECK int app_write_lock(struct app *app, struct fp_error *err);
/* The same for all environments of the manifest at `path`, after it was edited; what is
 * wrong with it now becomes `err`. */
FP_MUST_CHECK int app_update_lock(const char *path, struct fp_error *err);
/* A path that is relative to the manifest; owned by the caller. */
char *app_beside(const struct manifest *m, const char *path);
/*
 * The AWS client for --region, --profile, --endpoint-url and the manifest's
 * region, made once (app->aws); with --local the emulator's, started when
 * none runs.
 */
FP_MUST_CHECK int app_aws(struct app *app, struct fp_error *err);
/* Print the result of --json: one indented value on stdout. */
void app_print_json(struct app *app, const cJSON *j);
/* Ask for `word` to be typed, for what cannot be undone. FP_ERR_CONFIRM when
 * something else is, or when nobody can be asked; --yes answers for it. */
FP_MUST_CHECK int app_confirm_word(struct app *app, const char *word,
				   struct fp_error *err, const char *fmt, ...)
	FP_PRINTF(4, 5);

/*
 * Parse argv (without the program's and the command's name) for `cmd` into
 * `values` (cmd->opts_size zeroed bytes) and app->global. What is no option goes
 * to *args (owned array of borrowed texts). FP_ERR_USAGE names the nearest option.
 */
FP_MUST_CHECK int options_parse(const struct command *cmd, int argc, char **argv,
				void *values, struct global_options *global,
				const char ***args, size_t *nargs, struct fp_error *err);
void options_release(const struct command *cmd, void *values);

/* cmd_help.c */
void help_usage(FILE *to, const struct command *parent, const struct command *cmd);

#endif
