/*
 * What a deployment would do, as pure data: the stacks as a graph, what is live,
 * and from both the action for each stack. Performs nothing.
 */
#ifndef FP_PLAN_H
#define FP_PLAN_H

#include "base/map.h"
#include "plan/dag.h"
#include "render/render.h"

/* What was observed of one stack. */
struct live_stack {
	bool exists;
	char *status; /* "CREATE_COMPLETE" */
	char *stack_id;
	bool protect;		/* against deletion: termination protection */
	int64_t changed_ms;	/* its last update, or its creation; 0: unknown */
	struct node *template;	/* NULL when there is none */
	struct arena arena;	/* of the template */
	struct map *parameters; /* name -> char *, as deployed */
	struct map *outputs;	/* name -> char * */
	struct map *tags;
};

/* By index of rendering.stacks. */
struct live {
	struct live_stack *v;
	size_t n;
};
void live_stack_release(struct live_stack *s);
void live_release(struct live *l);
/* Whether an operation is running: "UPDATE_IN_PROGRESS", but not REVIEW_IN_PROGRESS. */
bool live_busy(const struct live_stack *s);

enum plan_action {
	PLAN_NONE, /* as deployed */
	PLAN_CREATE,
	PLAN_UPDATE,
	PLAN_PROTECT,  /* as deployed, but for its termination protection */
	PLAN_RECREATE, /* its first creation failed: delete, then create */
	PLAN_UNKNOWN,  /* depends on outputs of stacks that change first */
	PLAN_BLOCKED, /* in a state that no deployment may touch; `reason` says what to do
		       */
};

struct plan_stack {
	const struct rendered_stack *stack;
	enum plan_action action;
	char *reason; /* "template differs", "parameter X differs"; may be NULL */
};

struct plan {
	struct plan_stack *v; /* by index of rendering.stacks: needs come first */
	size_t n;
};
#define PLAN_INIT       \
	{               \
		NULL, 0 \
	}

/* The tags that every stack of the project gets; values are borrowed. */
void plan_tags(struct map *out, const struct manifest *m);

/* Whether the stack bears the project's tag, and the environment's, or none where the
 * manifest has none. One that was never executed has neither. */
bool plan_is_ours(const struct live_stack *live, const struct manifest *m);

/*
 * Whether its termination protection is to be switched, as `protect` says. A project
 * without environments has no `protect`, and leaves alone what somebody else set.
 */
bool plan_protection_differs(const struct live_stack *live, const struct manifest *m);

/* Whether the deployed template means the same as the rendered one. */
bool plan_template_equal(const struct rendered_stack *s, const struct live_stack *live);

/*
 * The values that a stack's parameters are given, borrowed from `live` and `code`
 * (processor -> S3 key). NULL where they come from a stack whose `settled` (by
 * index of the rendering) is false, or from code while `code` is NULL; a
 * parameter that keeps its default is left out. FP_ERR_UNRESOLVED when a settled
 * stack lacks the output, or a processor was not built.
 */
FP_MUST_CHECK int plan_params(struct map *out, const struct rendering *r,
			      const struct rendered_stack *s, const struct live *live,
			      const bool *settled, const struct map *code,
			      struct fp_error *err);

/* Who needs whom, by index of the rendering. */
void plan_dag(struct dag *out, const struct rendering *r);

/*
 * What one stack's action is, given the parameters' values (name -> char *; NULL
 * values are not known yet). `*reason` is owned by the caller, or NULL.
 */
enum plan_action plan_stack_action(char **reason, const struct rendered_stack *s,
				   const struct live_stack *live,
				   const struct map *params, const struct manifest *m);

/* All stacks; `code` as in plan_params. */
FP_MUST_CHECK int plan_build(struct plan *out, const struct rendering *r,
			     const struct live *live, const struct map *code,
			     const struct manifest *m, struct fp_error *err);
void plan_release(struct plan *p);

/*
 * Whether stack `i` is to lose a resource, an output or some of what a role's inline
 * policies allow while the deployed stack `user`, which takes outputs of it, is to
 * change as well: a bucket would go on to call a function that is gone or may no
 * longer read it, and CloudFormation could not roll it back to that.
 */
bool plan_holds_back(const struct rendering *r, const struct live *live, size_t i,
		     size_t user);
/*
 * The step in between for such a stack: all of the new template, and of the deployed
 * one what the new one lacks, roles' inline policies too. Its users change next, and only
 * then it loses the rest. `out` lives in `a` and shares the rendering's texts. False when
 * nobody holds it back, or when both together are more than CloudFormation takes in one
 * stack.
 */
bool plan_bridge(struct rendered_stack *out, struct arena *a, const struct rendering *r,
		 const struct live *live, size_t i);
/* The deployed values of the parameters that only the deployed template has. */
void plan_keep_params(struct map *out, const struct rendered_stack *bridge,
		      const struct live_stack *live);

#endif
