/*
 * The manifest to CloudFormation: one template a stack, and how the stacks are
 * wired. A parameter that bears the name of another stack's output takes its
 * value, and makes its stack wait for that one; so the graph needs no second
 * description.
 *
 * Reads no clock, environment, file or network.
 */
#ifndef FP_RENDER_H
#define FP_RENDER_H

#include "base/diag.h"
#include "manifest/manifest.h"
#include "render/spread.h"
#include "yaml/node.h"

/* A template of the project: an override of a built-in one, or a user stack's. */
struct render_source {
	const char *name; /* of the stack: "lambda", "reports" */
	const char *path; /* for messages: "stacks/lambda.yaml" */
	const char *text; /* NULL: it cannot be read, which the caller tells himself */
	size_t n;
	const char *environment; /* whose it is; NULL: every one's */
};

/* All of it is borrowed while rendering, and not longer. */
struct render_input {
	const struct manifest *manifest;
	const struct render_source *sources;
	size_t nsources;
	const struct spread *placed; /* where buckets lie already; may be NULL */
};

/* A parameter of a stack, and where its value comes from. */
struct render_parameter {
	const char *name;
	enum {
		PARAM_FROM_OUTPUT, /* `stack`'s output of the same name */
		PARAM_FROM_CODE,   /* the S3 key of processor `processor`'s zip */
		PARAM_GIVEN,	   /* `value`, by the manifest's stacks.*.parameters */
		PARAM_DEFAULT,	   /* the template's own default */
	} from;
	const char *stack;     /* short name: "lambda" */
	const char *processor; /* "default" */
	const char *value;
};

struct rendered_stack {
	const char *name;	/* "lambda" */
	const char *stack_name; /* "invoices-lambda", "invoices-dev-lambda" */
	const struct node *template;
	const char *body; /* the template as YAML */
	size_t body_len;
	struct render_parameter *parameters;
	size_t nparameters;
	const char **needs; /* short names, each once, without itself */
	size_t nneeds;
	const char *capability; /* "CAPABILITY_NAMED_IAM", or NULL */
};

struct rendering {
	struct arena arena;
	struct rendered_stack *stacks; /* in an order in which needs come first */
	size_t nstacks;
	/* The templates of which the manifest leaves nothing, and the s3 stack behind
	 * the last one; an earlier manifest may have had them. Only name and stack_name
	 * are set. */
	struct rendered_stack *empty;
	size_t nempty;
	/* Where each bucket lies now. */
	struct spread spread;
};

/*
 * All stacks of one environment. The pipeline's belongs to the project: it comes
 * with the first environment, or with the manifest that has none. The buckets lie in
 * "s3", "s3-2", ...: see spread.h.
 * Findings of the templates go to `diags`; -1 when there was any.
 */
FP_MUST_CHECK int render_manifest(struct rendering *out, const struct render_input *in,
				  struct diags *diags);
/* The template `name` as it is compiled in, NUL-terminated; NULL: there is none. */
const char *render_builtin(const char *name, size_t *n);
/* The i-th name of those, from 0; NULL behind the last one. */
const char *render_builtin_name(size_t i);
/*
 * The same and the empty ones, each waiting for all the others: what may be
 * deployed of the project, whatever the manifest was then. Lives in `arena`, and no
 * longer than `r`.
 */
struct rendering rendering_with_empty(struct arena *arena, const struct rendering *r);
void rendering_release(struct rendering *r);
const struct rendered_stack *rendering_find(const struct rendering *r, const char *name);

#endif
