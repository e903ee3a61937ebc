/*
 * What a deployment would do, as pure data: the stacks as a graph, what is live,
 * and from both the action for each stack. Performs nothing.
 */
#ifndef FP_PLAN_H
#define FP_PLAN_H

#include "render/render.h"

/* What was observed of one stack. */
struct live_stack {
	bool exists;
	char *status;             /* "CREATE_COMPLETE" */
	char *stack_id;
	struct node *template;    /* NULL when there is none */
	struct arena arena;       /* of the template */
	struct map *parameters;   /* name -> char *, as deployed */
	struct map *outputs;      /* name -> char * */
	struct map *tags;
};

/* By index of rendering.stacks. */
struct live {
	struct live_stack *v;
	size_t n;
};
void live_release(struct live *l);

enum plan_action {
	PLAN_NONE,     /* as deployed */
	PLAN_CREATE,
	PLAN_UPDATE,
	PLAN_RECREATE, /* its first creation failed: delete, then create */
	PLAN_UNKNOWN,  /* depends on outputs of stacks that change first */
	PLAN_BLOCKED,  /* in a state that no deployment may touch; `reason` says what to do */
};

struct plan_stack {
	const struct rendered_stack *stack;
	enum plan_action action;
	char *reason; /* "template differs", "parameter X differs"; may be NULL */
};

struct plan {
	struct plan_stack *v; /* in an order in which needs come first */
	size_t n;
};

/*
 * What one stack's action is, given the parameters' values (name -> char *; NULL
 * values are not known yet).
 */
enum plan_action plan_stack_action(char **reason, const struct rendered_stack *s,
				   const struct live_stack *live, const struct map *params,
				   const struct manifest *m);

/* All stacks; parameter values come from `live` and `code` (processor -> key). */
FP_MUST_CHECK int plan_build(struct plan *out, const struct rendering *r,
			     const struct live *live, const struct map *code,
			     const struct manifest *m, struct fp_error *err);
void plan_release(struct plan *p);

#endif
