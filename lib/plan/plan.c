#include "plan/plan.h"

#include "base/str.h"
#include "manifest/naming.h"

/* What a stack's status alone decides; PLAN_NONE: nothing, the contents decide. */
static const struct {
	const char *status;
	enum plan_action action;
	const char *reason;
} by_status[] = {
	{ "DELETE_COMPLETE", PLAN_CREATE, NULL },
	{ "REVIEW_IN_PROGRESS", PLAN_RECREATE,
	  "its first change set was never executed" },
	{ "ROLLBACK_COMPLETE", PLAN_RECREATE, "its creation failed" },
	{ "ROLLBACK_FAILED", PLAN_RECREATE, "its creation failed" },
	{ "CREATE_FAILED", PLAN_RECREATE, "its creation failed" },
	{ "UPDATE_FAILED", PLAN_UPDATE, "its last update failed" },
	{ "UPDATE_ROLLBACK_FAILED", PLAN_BLOCKED,
	  "its last update could not be rolled back: mend what its events name, then run "
	  "'aws cloudformation continue-update-rollback'" },
	{ "DELETE_FAILED", PLAN_BLOCKED,
	  "its deletion failed: run 'fpctl destroy' to finish it" },
};

static enum plan_action action_by_status(const struct live_stack *live,
					 const char **reason)
{
	for (size_t i = 0; i < ARRAY_SIZE(by_status); i++) {
		if (str_eq(live->status, by_status[i].status)) {
			*reason = by_status[i].reason;
			return by_status[i].action;
		}
	}
	if (str_ends(live->status, "_IN_PROGRESS")) {
		*reason = "another operation is running on it; wait until it has ended";
		return PLAN_BLOCKED;
	}
	return PLAN_NONE;
}

void plan_tags(struct map *out, const struct manifest *m)
{
	for (size_t i = 0; i < m->ntags; i++)
		(void)map_put(out, m->tags[i].key, (void *)(uintptr_t)m->tags[i].value);
	(void)map_put(out, NAMING_PROJECT_TAG, (void *)(uintptr_t)m->project);
	if (m->environment)
		(void)map_put(out, NAMING_ENVIRONMENT_TAG,
			      (void *)(uintptr_t)m->environment);
}

bool plan_is_ours(const struct live_stack *live, const struct manifest *m)
{
	return str_eq(live->status, "REVIEW_IN_PROGRESS") ||
	       (live->tags &&
		str_eq(map_get(live->tags, NAMING_PROJECT_TAG), m->project) &&
		str_eq(map_get(live->tags, NAMING_ENVIRONMENT_TAG), m->environment));
}

bool plan_protection_differs(const struct live_stack *live, const struct manifest *m)
{
	return m->environment && live->exists && live->protect != m->protect;
}

bool plan_template_equal(const struct rendered_stack *s, const struct live_stack *live)
{
	return live->template && node_equal(live->template, s->template);
}

static bool tags_equal(const struct live_stack *live, const struct manifest *m)
{
	struct map want = MAP_INIT;
	size_t own = 0;
	bool equal = true;

	plan_tags(&want, m);
	if (live->tags) {
		map_each (e, live->tags) {
			/* CloudFormation's own tags are nobody's to set. */
			if (str_starts(e->key, "aws:"))
				continue;
			own++;
			equal = equal && str_eq(map_get(&want, e->key), e->value);
		}
	}
	equal = equal && own == want.n;
	map_release(&want, NULL);
	return equal;
}

static const char *live_param(const struct live_stack *live, const char *name)
{
	return live->parameters ? map_get(live->parameters, name) : NULL;
}

/* A parameter left to its default, that has another value now. */
static bool default_differs(const struct rendered_stack *s, const struct live_stack *live,
			    const char *name)
{
	const struct node *p = node_get(node_get(s->template, "Parameters"), name);
	const char *want = node_text(node_get(p, "Default"));
	const char *have = live_param(live, name);
	bool hidden = false;

	/* CloudFormation shows only stars of a parameter that is not to be echoed. */
	if (node_as_bool(node_get(p, "NoEcho"), &hidden) && hidden)
		return false;
	return want && have && !str_eq(want, have);
}

/* The first parameter whose value differs; *unknown when one is not known yet. */
static const char *differing_param(const struct rendered_stack *s,
				   const struct live_stack *live,
				   const struct map *params, bool *unknown)
{
	for (size_t i = 0; i < s->nparameters; i++) {
		const char *name = s->parameters[i].name;
		const char *want = map_get(params, name);

		if (!map_has(params, name)) {
			if (default_differs(s, live, name))
				return name;
		} else if (!want) {
			*unknown = true;
		} else if (!str_eq(want, live_param(live, name))) {
			return name;
		}
	}
	return NULL;
}

enum plan_action plan_stack_action(char **reason, const struct rendered_stack *s,
				   const struct live_stack *live,
				   const struct map *params, const struct manifest *m)
{
	const char *why = NULL, *param;
	enum plan_action action;
	bool unknown = false;

	*reason = NULL;
	if (!live->exists)
		return PLAN_CREATE;
	action = action_by_status(live, &why);
	if (action != PLAN_NONE) {
		*reason = why ? xstrdup(why) : NULL;
		return action;
	}
	param = differing_param(s, live, params, &unknown);
	if (!plan_template_equal(s, live))
		*reason = xstrdup("template differs");
	else if (param)
		*reason = xasprintf("parameter %s differs", param);
	else if (!tags_equal(live, m))
		*reason = xstrdup("tags differ");
	if (*reason)
		return PLAN_UPDATE;
	if (unknown)
		return PLAN_UNKNOWN;
	if (!plan_protection_differs(live, m))
		return PLAN_NONE;
	*reason = xstrdup(m->protect ? "it is to be protected against deletion"
				     : "it is to lose its protection against deletion");
	return PLAN_PROTECT;
}

static size_t index_of(const struct rendering *r, const char *name)
{
	for (size_t i = 0; i < r->nstacks; i++)
		if (str_eq(r->stacks[i].name, name))
			return i;
	return SIZE_MAX;
}

static int output_of(const char **value, const struct rendering *r,
		     const struct rendered_stack *s, const struct render_parameter *p,
		     const struct live *live, const bool *settled, struct fp_error *err)
{
	size_t from = index_of(r, p->stack);

	*value = NULL;
	if (from == SIZE_MAX)
		return fp_fail(
			err, FP_ERR_UNRESOLVED,
			"%s: parameter %s comes from stack '%s', which is not there",
			s->stack_name, p->name, p->stack);
	if (!settled[from])
		return 0;
	if (live->v[from].outputs)
		*value = map_get(live->v[from].outputs, p->name);
	if (*value)
		return 0;
	return fp_fail(err, FP_ERR_UNRESOLVED, "%s: stack %s has no output %s",
		       s->stack_name, r->stacks[from].stack_name, p->name);
}

int plan_params(struct map *out, const struct rendering *r,
		const struct rendered_stack *s, const struct live *live,
		const bool *settled, const struct map *code, struct fp_error *err)
{
	for (size_t i = 0; i < s->nparameters; i++) {
		const struct render_parameter *p = &s->parameters[i];
		const char *value = NULL;

		if (p->from == PARAM_DEFAULT)
			continue;
		if (p->from == PARAM_FROM_OUTPUT &&
		    output_of(&value, r, s, p, live, settled, err) < 0)
			return -1;
		if (p->from == PARAM_FROM_CODE && code) {
			value = map_get(code, p->processor);
			if (!value)
				return fp_fail(err, FP_ERR_UNRESOLVED,
					       "processor '%s' was not built",
					       p->processor);
		}
		if (p->from == PARAM_GIVEN)
			value = p->value;
		(void)map_put(out, p->name, (void *)(uintptr_t)value);
	}
	return 0;
}

void plan_dag(struct dag *out, const struct rendering *r)
{
	dag_init(out, r->nstacks);
	for (size_t i = 0; i < r->nstacks; i++) {
		for (size_t k = 0; k < r->stacks[i].nneeds; k++) {
			size_t from = index_of(r, r->stacks[i].needs[k]);

			if (from != SIZE_MAX)
				dag_add(out, from, i);
		}
	}
}

int plan_build(struct plan *out, const struct rendering *r, const struct live *live,
	       const struct map *code, const struct manifest *m, struct fp_error *err)
{
	FP_AUTO(freep) bool *settled = xcalloc(r->nstacks, sizeof(*settled));

	*out = (struct plan){ xcalloc(r->nstacks, sizeof(*out->v)), r->nstacks };
	for (size_t i = 0; i < r->nstacks; i++) {
		struct map params = MAP_INIT;
		struct plan_stack *p = &out->v[i];
		int rc;

		p->stack = &r->stacks[i];
		rc = plan_params(&params, r, p->stack, live, settled, code, err);
		if (rc == 0)
			p->action = plan_stack_action(&p->reason, p->stack, &live->v[i],
						      &params, m);
		map_release(&params, NULL);
		if (rc < 0) {
			plan_release(out);
			return -1;
		}
		settled[i] = p->action == PLAN_NONE || p->action == PLAN_PROTECT;
	}
	return 0;
}

void plan_release(struct plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->v[i].reason);
	free(p->v);
	*p = (struct plan){ NULL, 0 };
}
