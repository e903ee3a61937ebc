#include "base/json.h"
#include "base/map.h"
#include "base/str.h"
#include "render/derive.h"
#include "render/derive_pipeline.h"
#include "render/internal.h"

/*
 * Source: CodePipeline User Guide, "Quotas in AWS CodePipeline", and its API's model
 * (ActionConfigurationValue: 1,000 characters).
 */
#define STAGES_MAX	50
#define ACTIONS_MAX	50
#define CONFIG_TEXT_MAX 1000

/* Source, Build and Pipeline come before the environments'. */
#define FIXED_STAGES 3
/* A stack is a change set and its execution. */
#define STACKS_A_STAGE (ACTIONS_MAX / 2)

#define ARTIFACTS      "artifacts"

/* The stages while they are made, and the environment whose turn it is. */
struct stages {
	struct arena *a;
	struct diags *diags;
	const struct manifest *m;
	const struct rendering *r;
	struct pipeline_place place;
	struct fp_pos pos;
	const char *label;  /* the environment, or the project that has none */
	const char *prefix; /* of its stacks */
	struct map depth;   /* stack -> steps before it, as intptr_t */
	struct map awaited; /* stacks whose outputs another one takes */
	struct node *out;
	struct node *readers; /* roles of other accounts that read the artifacts */
};

/* An ARN of a role of the environment, as far as it is known. */
static struct node *role_arn(struct stages *s, const char *name)
{
	struct node *arn;

	if (s->place.foreign)
		arn = node_string(s->a, arena_printf(s->a,
						     "arn:${AWS::Partition}:iam::%s:role/"
						     "%s-%s",
						     s->m->account, s->prefix, name));
	else
		arn = node_string(
			s->a, arena_printf(s->a,
					   "arn:${AWS::Partition}:iam::${AWS::AccountId}:"
					   "role/%s-%s",
					   s->prefix, name));
	arn->tag = "!Sub";
	return arn;
}

static struct node *push_stage(struct stages *s, const char *name)
{
	struct node *stage = node_mapping(s->a);

	derive_text(s->a, stage, "name", name);
	derive_text(s->a, stage, "label", s->label);
	derive_bool(s->a, stage, "named", s->m->environment != NULL);
	derive_text(s->a, stage, "environment", s->m->environment);
	node_put(s->a, stage, "access_role", role_arn(s, "pipeline-access"));
	node_put(s->a, stage, "deployment_role", role_arn(s, "deployment"));
	node_push(s->a, s->out, stage);
	return stage;
}

static void put_kind(struct stages *s, struct node *stage, bool plans, bool approves,
		     bool deploys, bool by_build)
{
	node_put(s->a, stage, "plans", node_bool(s->a, plans));
	node_put(s->a, stage, "approves", node_bool(s->a, approves));
	node_put(s->a, stage, "deploys", node_bool(s->a, deploys));
	node_put(s->a, stage, "by_build", node_bool(s->a, by_build));
}

static intptr_t depth_of(const struct stages *s, const char *stack)
{
	return (intptr_t)map_get(&s->depth, stack);
}

/* Steps before each stack (they come in an order in which needs come first), and
 * which ones are waited for. */
static void find_depths(struct stages *s)
{
	for (size_t i = 0; i < s->r->nstacks; i++) {
		const struct rendered_stack *it = &s->r->stacks[i];
		intptr_t depth = 0;

		for (size_t k = 0; k < it->nneeds; k++) {
			intptr_t one = depth_of(s, it->needs[k]) + 1;

			depth = FP_MAX(depth, one);
		}
		map_put(&s->depth, it->name, (void *)depth);
		for (size_t k = 0; k < it->nparameters; k++)
			if (it->parameters[k].from == PARAM_FROM_OUTPUT)
				map_put(&s->awaited, it->parameters[k].stack, (void *)it);
	}
}

static const char *namespace_of(const struct stages *s, const char *stack)
{
	return arena_printf(s->a, "%s_%s", s->label, stack);
}

/*
 * Whether the build writes that parameter into the stack's configuration, too: the
 * ARN of a function, queue or topic follows from names that are known. docs/pipeline.md
 * promises it.
 */
static bool is_predictable(const struct render_parameter *p)
{
	return (str_eq(p->stack, "lambda") || str_eq(p->stack, "sns")) &&
	       str_ends(p->name, "Arn");
}

/* The outputs of earlier actions that the stack takes, as JSON; NULL when none. */
static const char *overrides_of(const struct stages *s, const struct rendered_stack *it,
				bool all)
{
	FP_AUTO(json_freep) cJSON *j = cJSON_CreateObject();
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	for (size_t i = 0; i < it->nparameters; i++) {
		const struct render_parameter *p = &it->parameters[i];

		if (p->from != PARAM_FROM_OUTPUT || (!all && is_predictable(p)))
			continue;
		json_set_str(j, p->name,
			     arena_printf(s->a, "#{%s.%s}", namespace_of(s, p->stack),
					  p->name));
	}
	if (!j->child)
		return NULL;
	json_print(&text, j);
	return arena_strndup(s->a, text.data, text.len);
}

static void put_overrides(struct stages *s, struct node *action,
			  const struct rendered_stack *it)
{
	const char *text = overrides_of(s, it, true);

	if (text && strlen(text) > CONFIG_TEXT_MAX)
		text = overrides_of(s, it, false);
	derive_text(s->a, action, "overrides", text);
	if (text && strlen(text) > CONFIG_TEXT_MAX)
		diags_add(s->diags, s->pos,
			  "let the template take fewer outputs of other stacks, or "
			  "shorten their names",
			  "the pipeline cannot pass stack '%s' its parameters: as JSON "
			  "they have %zu characters, and CodePipeline takes %d",
			  it->stack_name, strlen(text), CONFIG_TEXT_MAX);
}

static void push_stack(struct stages *s, struct node *list,
		       const struct rendered_stack *it, intptr_t order)
{
	struct node *action = node_mapping(s->a);
	bool awaited = map_get(&s->awaited, it->name) != NULL;

	derive_text(s->a, action, "name", it->name);
	derive_text(s->a, action, "stack", it->stack_name);
	derive_text(s->a, action, "file",
		    arena_printf(s->a, "%s/%s", s->label, it->name));
	node_put(s->a, action, "changes_order", node_int(s->a, order));
	node_put(s->a, action, "order", node_int(s->a, order + 1));
	derive_text(s->a, action, "namespace",
		    awaited ? namespace_of(s, it->name) : NULL);
	derive_text(s->a, action, "capability", it->capability);
	put_overrides(s, action, it);
	node_push(s->a, list, action);
}

static bool needs_approval(const struct manifest_pipeline *p, const char *environment)
{
	for (size_t i = 0; environment && i < p->napprove; i++)
		if (str_eq(p->approve[i], environment))
			return true;
	return false;
}

/* What every deployment needs, the plan, and the approval. It has a stage of its own:
 * a refused approval must not roll back what is deployed. */
static void push_plan_stage(struct stages *s)
{
	struct node *stage = push_stage(s, arena_printf(s->a, "%s.plan", s->label));
	struct node *stacks = node_sequence(s->a);
	const struct rendered_stack *artifacts = rendering_find(s->r, ARTIFACTS);

	put_kind(s, stage, true, needs_approval(s->m->pipeline, s->m->environment), false,
		 false);
	if (artifacts && !s->place.elsewhere)
		push_stack(s, stacks, artifacts, 1);
	node_put(s->a, stage, "stacks", stacks);
}

struct by_depth {
	intptr_t depth;
	const struct rendered_stack *stack;
};

/* The stacks but artifacts, those with fewer steps before them first. */
static size_t sort_stacks(struct by_depth *v, const struct stages *s)
{
	size_t n = 0;
	intptr_t deepest = 0;

	for (size_t i = 0; i < s->r->nstacks; i++)
		deepest = FP_MAX(deepest, depth_of(s, s->r->stacks[i].name));
	for (intptr_t depth = 0; depth <= deepest; depth++)
		for (size_t i = 0; i < s->r->nstacks; i++) {
			const struct rendered_stack *it = &s->r->stacks[i];

			if (depth_of(s, it->name) == depth &&
			    !str_eq(it->name, ARTIFACTS) && !str_eq(it->name, "pipeline"))
				v[n++] = (struct by_depth){ depth, it };
		}
	return n;
}

/* Stacks of one depth run side by side. "dev", "dev.2", ...: 50 actions a stage. */
static void push_deploy_stages(struct stages *s)
{
	FP_AUTO(freep) struct by_depth *v = xcalloc(s->r->nstacks + 1, sizeof(*v));
	struct node *stage = NULL, *stacks = NULL;
	size_t n = sort_stacks(v, s);
	intptr_t first = 0;

	for (size_t i = 0; i < n; i++) {
		size_t part = i / STACKS_A_STAGE + 1;

		if (i % STACKS_A_STAGE == 0) {
			stage = push_stage(s, part == 1 ? s->label
							: arena_printf(s->a, "%s.%zu",
								       s->label, part));
			put_kind(s, stage, false, false, true, false);
			stacks = node_sequence(s->a);
			node_put(s->a, stage, "stacks", stacks);
			first = v[i].depth;
		}
		push_stack(s, stacks, v[i].stack, 2 * (v[i].depth - first) + 1);
	}
}

/*
 * An action in another region needs a bucket and a key for artifacts there, which no
 * stack of this region can make: there the build deploys.
 */
static void push_build_stage(struct stages *s)
{
	struct node *stage = push_stage(s, s->label);

	put_kind(s, stage, false, false, true, true);
	node_put(s->a, stage, "stacks", node_sequence(s->a));
}

static void push_reader(struct stages *s)
{
	struct node *it = node_mapping(s->a);

	derive_text(s->a, it, "account", s->m->account);
	derive_text(s->a, it, "role",
		    arena_printf(s->a, "%s-pipeline-access", s->prefix));
	node_push(s->a, s->readers, it);
}

static void push_environment(struct stages *s)
{
	if (s->place.foreign && !s->place.elsewhere)
		push_reader(s);
	find_depths(s);
	push_plan_stage(s);
	if (s->place.elsewhere)
		push_build_stage(s);
	else
		push_deploy_stages(s);
	map_release(&s->depth, NULL);
	map_release(&s->awaited, NULL);
}

static void add_stages(struct stages *s, const struct manifest *m,
		       const struct rendering *r)
{
	s->m = m;
	s->r = r;
	s->place = pipeline_place_of(s->a, m);
	s->label = m->environment ? m->environment : m->project;
	s->prefix = derive_prefix(s->a, m);
	push_environment(s);
}

/* The stages of an environment that is not the rendered one. */
static void add_other(struct stages *s, const struct render_input *in,
		      const char *environment)
{
	struct render_input other = *in;
	struct rendering r;
	struct manifest m;

	if (manifest_select(&m, in->manifest, environment, s->diags) < 0)
		return;
	other.manifest = &m;
	if (render_stacks(&r, &other, s->diags) == 0) {
		add_stages(s, &m, &r);
		rendering_release(&r);
	}
	manifest_release(&m);
}

/* The role of each environment that the pipeline and its build act with. */
static struct node *access_roles(struct arena *a, const struct node *stages)
{
	struct node *roles = node_sequence(a);
	const char *last = NULL;

	for (size_t i = 0; i < stages->seq.n; i++) {
		struct node *arn = node_get(stages->seq.v[i], "access_role");
		const char *text = node_text(arn);

		if (!last || !str_eq(last, text))
			node_push(a, roles, arn);
		last = text;
	}
	return roles;
}

static void check_stages(const struct stages *s)
{
	size_t n = s->out->seq.n + FIXED_STAGES;

	if (n > STAGES_MAX)
		diags_add(s->diags, s->pos,
			  "put some environments into a project of their own",
			  "the pipeline would have %zu stages, and CodePipeline takes %d",
			  n, STAGES_MAX);
}

static void put_stages(struct node *pipeline, struct rendering *r,
		       const struct render_input *in, struct diags *diags)
{
	const struct manifest *m = in->manifest;
	const struct node *written = node_get(m->document, "pipeline");
	struct arena *a = &r->arena;
	struct stages s = {
		.a = a,
		.diags = diags,
		.pos = written ? written->pos : (struct fp_pos){ 0 },
		.out = node_sequence(a),
		.readers = node_sequence(a),
	};

	add_stages(&s, m, r);
	for (size_t i = 1; i < m->nenvironments; i++)
		add_other(&s, in, m->environments[i].name);
	check_stages(&s);
	node_put(a, pipeline, "stages", s.out);
	node_put(a, pipeline, "access_roles", access_roles(a, s.out));
	node_put(a, pipeline, "readers", s.readers);
	node_put(a, pipeline, "keyed", node_bool(a, s.readers->seq.n > 0));
}

void pipeline_render(struct rendering *r, const struct render_input *in,
		     struct diags *diags)
{
	const struct manifest *m = in->manifest;
	const char *stack_name = arena_printf(&r->arena, "%s-pipeline", m->project);
	struct node *manifest;

	/* Its template is the longest: most projects need not even read it. */
	if (!m->pipeline) {
		render_nothing(r, "pipeline", stack_name);
		return;
	}
	manifest = derive_manifest(&r->arena, m);
	put_stages(node_get(manifest, "pipeline"), r, in, diags);
	render_template(r, in, "pipeline", stack_name, manifest, diags);
}
