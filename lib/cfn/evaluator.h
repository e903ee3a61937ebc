/*
 * The evaluator's state and what its files call of one another. Internal to lib/cfn.
 *
 * Every evaluating function returns a node (the very one that it was given, when
 * nothing in it changed), NO_VALUE for what disappears, or NULL after a finding.
 */
#ifndef FP_EVALUATOR_H
#define FP_EVALUATOR_H

#include "base/map.h"
#include "cfn/call.h"
#include "cfn/eval.h"

/* A loop's variable and its value in this round. */
struct frame {
	const char *var;
	size_t len;
	const char *key;	  /* of a map's entry, else NULL */
	const struct node *value; /* NULL: not known, so that the loop stays */
	const struct frame *outer;
};

enum truth { TRUTH_FALSE, TRUTH_TRUE, TRUTH_UNKNOWN, TRUTH_FAILED };

struct condition {
	const struct node *body;
	const struct node *key;
	const struct frame *frames; /* where it was declared */
	bool busy, done;
	enum truth truth;
	struct node *rest; /* what stays of it when it is TRUTH_UNKNOWN */
};

struct evaluator {
	struct arena *a;
	const struct cfn_scope *scope;
	struct diags *diags;
	const struct node *tmpl; /* may be NULL */
	const struct node *mappings;
	struct map conditions; /* name -> struct condition, in the arena */
	const struct frame *frames;
	size_t depth, steps, start; /* start: of the arena's use */
	bool too_large;
	bool open_conditions; /* a loop that stays may give more of them */
};

extern struct node no_value;
#define NO_VALUE (&no_value)

/* Add a finding; returns NULL. */
struct node *ev_fail(struct evaluator *ev, struct fp_pos pos, const char *hint,
		     const char *fmt, ...) FP_PRINTF(4, 5);

/* eval.c */
/* Whether to go on; false after the finding that the template is too large. */
bool eval_within_limits(struct evaluator *ev, const struct node *n);
struct node *eval_node(struct evaluator *ev, const struct node *n);
/* The argument of a call as one value. */
struct node *eval_arg(struct evaluator *ev, const struct call *c);
/*
 * The arguments in a list, between min and max of them, each evaluated; one that is
 * AWS::NoValue stays as the Ref to it.
 */
struct node *eval_args(struct evaluator *ev, const struct call *c, size_t min,
		       size_t max);
/* The function stays, with this argument. */
struct node *eval_keep(struct evaluator *ev, const struct call *c, struct node *arg);
/* As eval_keep, but an error when everything must be known. */
struct node *eval_unknown(struct evaluator *ev, const struct call *c, struct node *arg);
/* Add a pair; two of one name are a finding. */
bool eval_put(struct evaluator *ev, struct node *map, struct node *key,
	      struct node *value);
struct node *eval_text(struct evaluator *ev, struct fp_pos pos, const char *text,
		       size_t len);

/* names.c */
enum known { KNOWN, UNKNOWN, OPAQUE, MISSING };
/* OPAQUE: a loop's variable whose list is not known. MISSING: a path that leads
 * nowhere from something known. */
enum known name_resolve(const struct evaluator *ev, const char *name,
			const struct node **value);
/* "did you mean 'x'?", or NULL. */
const char *name_hint(struct evaluator *ev, const char *name);
struct node *name_unresolved(struct evaluator *ev, struct fp_pos pos, const char *name);
/*
 * Replace ${variable} of loops, and where `paths`, of all render-time names, which
 * have a dot. Returns `text` itself when it has none, NULL after a finding.
 */
const char *name_expand(struct evaluator *ev, struct fp_pos pos, const char *text,
			size_t len, bool paths);
/* The scalar of an argument that must name something, expanded. */
const char *name_arg(struct evaluator *ev, const struct node *arg, const char *what);

/* conditions.c */
void conditions_collect(struct evaluator *ev);
enum truth condition_named(struct evaluator *ev, const char *name, struct fp_pos pos);
/* *rest is set for TRUTH_UNKNOWN only. */
enum truth condition_eval(struct evaluator *ev, const struct node *n, struct node **rest);

/* foreach.c */
/* `kept`: the pair is a loop that stays, and its value is evaluated already. */
typedef bool entry_fn(struct evaluator *ev, struct node *key, const struct node *value,
		      bool kept, void *ctx);
/* Every pair of a map, loops unrolled; false after a finding. */
bool each_entry(struct evaluator *ev, const struct node *map, entry_fn *fn, void *ctx);
/* The items that a loop in a list gives, appended. */
bool splice_items(struct evaluator *ev, const struct node *item, struct node *seq);

/* One a function; functions.c, lists.c, sub.c, cidr.c. */
typedef struct node *call_fn(struct evaluator *ev, const struct call *c);
call_fn call_base64, call_cidr, call_find_in_map, call_get_att, call_get_azs,
	call_get_stack_output, call_if, call_import_value, call_join, call_length,
	call_ref, call_select, call_split, call_sub, call_to_json_string, call_transform,
	call_truth;

#endif
