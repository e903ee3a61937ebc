#include "base/str.h"
#include "load_text.h"
#include "plan/plan.h"

#define TEMPLATE                                                                       \
	"Parameters: {TopicArn: {Type: String}, Size: {Type: String, Default: '1'},\n" \
	"  Hidden: {Type: String, Default: x, NoEcho: true}}\n"                        \
	"Resources: {A: {Type: AWS::SNS::Topic}}\n"

/* "A=1 B=2" as a map of owned texts; "A=?" has the value NULL. */
static struct map *pairs(const char *text)
{
	struct map *m = xcalloc(1, sizeof(*m));
	FP_AUTO(strs_release) struct strs parts = STRS_INIT;

	strs_split(&parts, text, ' ');
	for (size_t i = 0; i < parts.n; i++) {
		char *equals = strchr(parts.v[i], '=');

		if (!equals)
			continue;
		*equals = '\0';
		(void)map_put(m, parts.v[i],
			      str_eq(equals + 1, "?") ? NULL : xstrdup(equals + 1));
	}
	return m;
}

static const struct {
	const char *name, *status; /* NULL: there is no stack */
	const char *template;	   /* deployed; NULL: the same */
	const char *live, *want;   /* parameters */
	const char *tags;
	enum plan_action action;
	const char *reason;
} stacks[] = {
#define LIVE "TopicArn=t Size=1 Hidden=****"
#define TAGS "team=x fpctl:project=p"
#define DONE "UPDATE_COMPLETE"
#define SAME NULL, LIVE, "TopicArn=t", TAGS
	{ "there is none", NULL, SAME, PLAN_CREATE, NULL },
	{ "the same", "CREATE_COMPLETE", SAME, PLAN_NONE, NULL },
	{ "updated before", DONE, SAME, PLAN_NONE, NULL },
	{ "rolled back", "UPDATE_ROLLBACK_COMPLETE", SAME, PLAN_NONE, NULL },
	{ "another order and style", DONE,
	  "{\"Resources\": {\"A\": {\"Type\": \"AWS::SNS::Topic\"}}, \"Parameters\": "
	  "{\"Hidden\":"
	  " {\"NoEcho\": true, \"Type\": \"String\", \"Default\": \"x\"}, \"Size\": "
	  "{\"Type\":"
	  " \"String\", \"Default\": \"1\"}, \"TopicArn\": {\"Type\": \"String\"}}}",
	  LIVE, "TopicArn=t", TAGS, PLAN_NONE, NULL },
	{ "another template", DONE, "Resources: {B: {Type: AWS::SNS::Topic}}\n", LIVE,
	  "TopicArn=t", TAGS, PLAN_UPDATE, "template differs" },
	{ "another value", DONE, NULL, LIVE, "TopicArn=u", TAGS, PLAN_UPDATE,
	  "parameter TopicArn differs" },
	{ "a value that is new", DONE, NULL, "Size=1", "TopicArn=t", TAGS, PLAN_UPDATE,
	  "parameter TopicArn differs" },
	{ "a default that was set by hand", DONE, NULL, "TopicArn=t Size=2 Hidden=****",
	  "TopicArn=t", TAGS, PLAN_UPDATE, "parameter Size differs" },
	{ "a value not known yet", DONE, NULL, LIVE, "TopicArn=?", TAGS, PLAN_UNKNOWN,
	  NULL },
	{ "not known, but the template differs", DONE, "Resources: {}\n", LIVE,
	  "TopicArn=?", TAGS, PLAN_UPDATE, "template differs" },
	{ "a tag's value", DONE, NULL, LIVE, "TopicArn=t", "team=y fpctl:project=p",
	  PLAN_UPDATE, "tags differ" },
	{ "a tag less", DONE, NULL, LIVE, "TopicArn=t", "fpctl:project=p", PLAN_UPDATE,
	  "tags differ" },
	{ "a tag more", DONE, NULL, LIVE, "TopicArn=t", TAGS " other=z", PLAN_UPDATE,
	  "tags differ" },
	{ "AWS's own tags do not count", DONE, NULL, LIVE, "TopicArn=t", TAGS " aws:x=z",
	  PLAN_NONE, NULL },
	{ "never executed", "REVIEW_IN_PROGRESS", SAME, PLAN_RECREATE,
	  "its first change set was never executed" },
	{ "a failed creation", "ROLLBACK_COMPLETE", SAME, PLAN_RECREATE,
	  "its creation failed" },
	{ "not rolled back", "CREATE_FAILED", SAME, PLAN_RECREATE,
	  "its creation failed" },
	{ "a failed rollback of it", "ROLLBACK_FAILED", SAME, PLAN_RECREATE,
	  "its creation failed" },
	{ "a failed update, not rolled back", "UPDATE_FAILED", SAME, PLAN_UPDATE,
	  "its last update failed" },
	{ "stuck", "UPDATE_ROLLBACK_FAILED", SAME, PLAN_BLOCKED,
	  "continue-update-rollback" },
	{ "half deleted", "DELETE_FAILED", SAME, PLAN_BLOCKED, "fpctl destroy" },
	{ "busy", "UPDATE_IN_PROGRESS", SAME, PLAN_BLOCKED, "another operation" },
	{ "cleaning up", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", SAME, PLAN_BLOCKED,
	  "another operation" },
	{ "gone", "DELETE_COMPLETE", SAME, PLAN_CREATE, NULL },
};

START_TEST(action_of_a_stack)
{
	const __typeof__(stacks[0]) *c = &stacks[_i];
	FP_AUTO(arena_release) struct arena arena = ARENA_INIT;
	struct render_parameter params[] = {
		{ .name = "TopicArn", .from = PARAM_FROM_OUTPUT },
		{ .name = "Size", .from = PARAM_DEFAULT },
		{ .name = "Hidden", .from = PARAM_DEFAULT }
	};
	struct rendered_stack s = { .name = "a",
				    .template = load_text(&arena, TEMPLATE),
				    .parameters = params,
				    .nparameters = ARRAY_SIZE(params) };
	struct manifest_tag tag = { "team", "x" };
	struct manifest m = { .project = "p", .tags = &tag, .ntags = 1 };
	FP_AUTO(live_stack_release) struct live_stack live = { .arena = ARENA_INIT };
	FP_AUTO(freep) char *reason = NULL;
	struct map *want = pairs(c->want);
	enum plan_action got;

	live.exists = c->status != NULL;
	live.status = c->status ? xstrdup(c->status) : NULL;
	live.parameters = pairs(c->live);
	live.tags = pairs(c->tags);
	live.template = load_text(&live.arena, c->template ? c->template : TEMPLATE);
	got = plan_stack_action(&reason, &s, &live, want, &m);
	ck_assert_msg(got == c->action, "%s: %d, %s", c->name, got, reason);
	ck_assert_msg(!c->reason == !reason && (!reason || strstr(reason, c->reason)),
		      "%s: %s", c->name, reason);
	map_release(want, free);
	free(want);
}
END_TEST

/* Stack b takes Name from a, and the code of processor p. */
static const struct {
	const char *name;
	const char *a_template, *a_outputs; /* of the deployed a; NULL: not there */
	const char *b_live;		    /* parameters of b; NULL: not there */
	const char *code;		    /* NULL: none is known */
	enum plan_action a, b;
	const char *error;
} graphs[] = {
#define T "Resources: {}\n"
	{ "all new", NULL, NULL, NULL, "p=k", PLAN_CREATE, PLAN_CREATE, NULL },
	{ "as deployed", T, "Name=n", "Name=n Key=k", "p=k", PLAN_NONE, PLAN_NONE, NULL },
	{ "new code", T, "Name=n", "Name=n Key=old", "p=k", PLAN_NONE, PLAN_UPDATE,
	  NULL },
	{ "upstream changes, its output may not", "Resources: {X: 1}\n", "Name=n",
	  "Name=n Key=k", "p=k", PLAN_UPDATE, PLAN_UNKNOWN, NULL },
	{ "upstream is new", NULL, NULL, "Name=n Key=k", "p=k", PLAN_CREATE, PLAN_UNKNOWN,
	  NULL },
	{ "code is not known", T, "Name=n", "Name=n Key=k", NULL, PLAN_NONE, PLAN_UNKNOWN,
	  NULL },
	{ "the output is missing", T, "Other=n", "Name=n Key=k", "p=k", PLAN_NONE,
	  PLAN_NONE, "stack p-a has no output Name" },
	{ "the code is missing", T, "Name=n", "Name=n Key=k", "q=k", PLAN_NONE, PLAN_NONE,
	  "processor 'p' was not built" },
};

START_TEST(actions_along_the_graph)
{
	const __typeof__(graphs[0]) *c = &graphs[_i];
	FP_AUTO(arena_release) struct arena arena = ARENA_INIT;
	struct render_parameter params[] = {
		{ .name = "Name", .from = PARAM_FROM_OUTPUT, .stack = "a" },
		{ .name = "Key", .from = PARAM_FROM_CODE, .processor = "p" },
	};
	const char *needs[] = { "a" };
	struct rendered_stack list[] = {
		{ .name = "a", .stack_name = "p-a", .template = load_text(&arena, T) },
		{ .name = "b",
		  .stack_name = "p-b",
		  .template = load_text(&arena, T),
		  .parameters = params,
		  .nparameters = 2,
		  .needs = needs,
		  .nneeds = 1 },
	};
	struct rendering r = { .arena = ARENA_INIT, .stacks = list, .nstacks = 2 };
	struct manifest m = { .project = "p" };
	FP_AUTO(live_release)
	struct live live = { xcalloc(2, sizeof(struct live_stack)), 2 };
	FP_AUTO(plan_release) struct plan plan = PLAN_INIT;
	FP_AUTO(dag_release) struct dag dag = { 0 };
	struct map *code = c->code ? pairs(c->code) : NULL;
	struct fp_error err = { 0 };
	int rc;

	for (size_t i = 0; i < 2; i++) {
		struct live_stack *l = &live.v[i];

		l->exists = i == 0 ? c->a_template != NULL : c->b_live != NULL;
		l->status = xstrdup("CREATE_COMPLETE");
		l->tags = pairs("fpctl:project=p");
		l->template = load_text(&l->arena,
					i == 0 && c->a_template ? c->a_template : T);
		l->outputs = pairs(i == 0 && c->a_outputs ? c->a_outputs : "");
		l->parameters = pairs(i == 1 && c->b_live ? c->b_live : "");
	}
	rc = plan_build(&plan, &r, &live, code, &m, &err);
	ck_assert_msg((rc < 0) == (c->error != NULL), "%s: %s", c->name, err.message);
	if (c->error) {
		ck_assert_msg(strstr(err.message, c->error), "%s: %s", c->name,
			      err.message);
	} else {
		ck_assert_msg(plan.v[0].action == c->a, "%s: a %d", c->name,
			      plan.v[0].action);
		ck_assert_msg(plan.v[1].action == c->b, "%s: b %d", c->name,
			      plan.v[1].action);
	}
	plan_dag(&dag, &r);
	ck_assert_uint_eq(dag.nedges, 1);
	ck_assert_uint_eq(dag.edges[0].to, 1);
	if (code)
		map_release(code, free);
	free(code);
}
END_TEST

static const struct {
	const char *status;
	bool busy;
} states[] = {
	{ "CREATE_IN_PROGRESS", true }, { "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", true },
	{ "DELETE_IN_PROGRESS", true }, { "REVIEW_IN_PROGRESS", false },
	{ "UPDATE_COMPLETE", false },	{ "UPDATE_ROLLBACK_FAILED", false },
};

START_TEST(busy_stacks_are_told)
{
	struct live_stack live = { .exists = true, .status = xstrdup(states[_i].status) };

	ck_assert(live_busy(&live) == states[_i].busy);
	free(live.status);
}
END_TEST

/* a gives Old (and New), b takes what its parameters say. */
static const struct {
	const char *name;
	const char *a_live, *a_new, *b_live, *b_new;
	const char *outputs, *params; /* deployed: of a, of b */
	const char *kept; /* "section.name" of the bridge; NULL: there is none */
} bridges[] = {
#define OLD "Resources: {F: {Type: X::Y::Old}}\nOutputs: {Old: {Value: 1}}\n"
#define NEW "Resources: {G: {Type: X::Y::New}}\nOutputs: {New: {Value: 2}}\n"
#define ADD                                                         \
	"Resources: {F: {Type: X::Y::Old}, G: {Type: X::Y::New}}\n" \
	"Outputs: {Old: {Value: 1}, New: {Value: 2}}\n"
#define BARE "Resources: {}\nOutputs: {Old: {Value: 1}}\n"
#define ROLE(resources)                                                                 \
	"Resources: {R: {Type: AWS::IAM::Role, Properties: {Policies: ["                \
	"{PolicyName: p, PolicyDocument: {Statement: [{Action: x, Resource: " resources \
	"}]}}]}}}\nOutputs: {Old: {Value: 1}}\n"
#define B(param) "Parameters: {" param ": {Type: String}}\n"
	{ "one is renamed", OLD, NEW, B("Old"), B("New"), "Old=1", "Old=1",
	  "Resources.F" },
	{ "its output stays as well", OLD, NEW, B("Old"), B("New"), "Old=1", "Old=1",
	  "Outputs.Old" },
	{ "its parameters, too", "Parameters: {P: {Type: String}}\n" OLD, NEW, B("Old"),
	  B("New"), "Old=1", "Old=1", "Parameters.P" },
	{ "what is new is there", OLD, NEW, B("Old"), B("New"), "Old=1", "Old=1",
	  "Resources.G" },
	{ "a permission goes, its user changes", OLD, BARE, B("Old"), B("Other"), "Old=1",
	  "Old=1", "Resources.F" },
	{ "its user does not change", OLD, BARE, B("Old"), B("Old"), "Old=1", "Old=1",
	  NULL },
	{ "one more", OLD, ADD, B("Old"), B("New"), "Old=1", "Old=1", NULL },
	{ "a role may do less", ROLE("[a, b]"), ROLE("[a]"), B("Old"), B("Other"),
	  "Old=1", "Old=1", "Resources.R.Properties.Policies.1" },
	{ "a role may do something else", ROLE("[a]"), ROLE("[b]"), B("Old"), B("Other"),
	  "Old=1", "Old=1", "Resources.R.Properties.Policies.1" },
	{ "a role may do more", ROLE("[a]"), ROLE("[b, a]"), B("Old"), B("Other"),
	  "Old=1", "Old=1", NULL },
	{ "a role may do less, and its user stays", ROLE("[a, b]"), ROLE("[a]"), B("Old"),
	  B("Old"), "Old=1", "Old=1", NULL },
	{ "nobody takes it", OLD, NEW, B("Other"), B("New"), "Old=1", "Other=1", NULL },
};

START_TEST(what_is_used_goes_last)
{
	const __typeof__(bridges[0]) *c = &bridges[_i];
	FP_AUTO(arena_release) struct arena arena = ARENA_INIT;
	struct rendered_stack list[] = {
		{ .name = "a",
		  .stack_name = "p-a",
		  .template = load_text(&arena, c->a_new) },
		{ .name = "b",
		  .stack_name = "p-b",
		  .template = load_text(&arena, c->b_new) },
	};
	struct rendering r = { .arena = ARENA_INIT, .stacks = list, .nstacks = 2 };
	FP_AUTO(live_release)
	struct live live = { xcalloc(2, sizeof(struct live_stack)), 2 };
	struct rendered_stack bridge = { 0 };
	bool needed;

	for (size_t i = 0; i < 2; i++) {
		struct live_stack *l = &live.v[i];

		l->exists = true;
		l->template = load_text(&l->arena, i ? c->b_live : c->a_live);
		l->outputs = pairs(i ? "" : c->outputs);
		l->parameters = pairs(i ? c->params : "P=p");
	}
	needed = plan_bridge(&bridge, &arena, &r, &live, 0);
	ck_assert_msg(needed == (c->kept != NULL), "%s", c->name);
	if (needed) {
		struct map params = MAP_INIT;

		ck_assert_msg(node_at(load_text(&arena, bridge.body), c->kept) != NULL,
			      "%s:\n%s", c->name, bridge.body);
		plan_keep_params(&params, &bridge, &live.v[0]);
		ck_assert(map_has(&params, "P") == str_starts(c->kept, "Parameters"));
		map_release(&params, NULL);
	}
	ck_assert(!plan_bridge(&bridge, &arena, &r, &live, 1));
}
END_TEST

/* Of a role's old policy only what the new one lacks; a queue's old redrive. */
START_TEST(a_bridge_is_no_wider_than_it_must)
{
	static const char *const templates[] = {
		"Resources:\n  R: {Type: AWS::IAM::Role, Properties: {Policies: "
		"[{PolicyName: "
		"p, PolicyDocument: {Statement: [{Sid: A, Resource: a}, {Sid: B, "
		"Resource: b}"
		"]}}]}}\n"
		"  D: {Type: AWS::SQS::Queue, Properties: {RedriveAllowPolicy: "
		"{redrivePermission: byQueue, sourceQueueArns: [q]}}}\n"
		"  Q: {Type: AWS::SQS::Queue}\nOutputs: {Old: {Value: 1}}\n",
		"Resources:\n  R: {Type: AWS::IAM::Role, Properties: {Policies: "
		"[{PolicyName: "
		"p, PolicyDocument: {Statement: [{Sid: A, Resource: a}]}}]}}\n"
		"  D: {Type: AWS::SQS::Queue, Properties: {RedriveAllowPolicy: "
		"{redrivePermission: denyAll}}}\n"
		"Outputs: {Old: {Value: 1}}\n",
	};
	FP_AUTO(arena_release) struct arena arena = ARENA_INIT;
	struct rendered_stack list[] = {
		{ .name = "a", .template = load_text(&arena, templates[1]) },
		{ .name = "b", .template = load_text(&arena, B("Other")) },
	};
	struct rendering r = { .arena = ARENA_INIT, .stacks = list, .nstacks = 2 };
	FP_AUTO(live_release)
	struct live live = { xcalloc(2, sizeof(struct live_stack)), 2 };
	struct rendered_stack bridge = { 0 };
	const struct node *made, *before;

	for (size_t i = 0; i < 2; i++) {
		live.v[i].exists = true;
		live.v[i].template = load_text(&live.v[i].arena,
					       i ? B("Old") : templates[0]);
		live.v[i].outputs = pairs(i ? "" : "Old=1");
		live.v[i].parameters = pairs(i ? "Old=1" : "");
	}
	ck_assert(plan_bridge(&bridge, &arena, &r, &live, 0));
	made = load_text(&arena, bridge.body);
	ck_assert_ptr_nonnull(node_at(made, "Resources.Q"));
	ck_assert(node_is(node_at(made, "Resources.D.Properties.RedriveAllowPolicy."
					"redrivePermission"),
			  "byQueue"));
	before = node_at(made, "Resources.R.Properties.Policies.1.PolicyDocument."
			       "Statement");
	ck_assert_uint_eq(before->seq.n, 1);
	ck_assert(node_is(node_get(before->seq.v[0], "Sid"), "B"));
	/* What is deployed, and the rendering, are as they were. */
	ck_assert_ptr_nonnull(node_at(live.v[0].template,
				      "Resources.R.Properties.Policies.0.PolicyDocument."
				      "Statement.1"));
	ck_assert(node_is(node_at(list[0].template, "Resources.D.Properties."
						    "RedriveAllowPolicy."
						    "redrivePermission"),
			  "denyAll"));
}
END_TEST

/* Protection alone is no reason for a change set; nobody's wish leaves it alone. */
static const struct {
	const char *environment;
	bool wanted, is;
	const char *tags;
	enum plan_action action;
} protections[] = {
	{ NULL, false, true, "fpctl:project=p", PLAN_NONE },
	{ "prod", true, true, "fpctl:project=p fpctl:environment=prod", PLAN_NONE },
	{ "prod", true, false, "fpctl:project=p fpctl:environment=prod", PLAN_PROTECT },
	{ "prod", false, true, "fpctl:project=p fpctl:environment=prod", PLAN_PROTECT },
	{ "prod", true, false, "fpctl:project=p", PLAN_UPDATE },
};

START_TEST(protection_is_planned)
{
	const __typeof__(protections[0]) *c = &protections[_i];
	FP_AUTO(arena_release) struct arena arena = ARENA_INIT;
	FP_AUTO(live_stack_release)
	struct live_stack live = { .arena = ARENA_INIT,
				   .exists = true,
				   .protect = c->is,
				   .status = xstrdup("CREATE_COMPLETE"),
				   .tags = pairs(c->tags) };
	struct rendered_stack s = { .template = load_text(&arena, "Resources: {}\n") };
	struct manifest m = { .project = "p",
			      .environment = c->environment,
			      .protect = c->wanted };
	FP_AUTO(freep) char *reason = NULL;
	struct map none = MAP_INIT;

	live.template = load_text(&live.arena, "Resources: {}\n");
	ck_assert_int_eq(plan_stack_action(&reason, &s, &live, &none, &m), c->action);
	ck_assert_ptr_eq(reason ? &m : NULL, c->action == PLAN_NONE ? NULL : &m);
	ck_assert(plan_is_ours(&live, &m) == (c->action != PLAN_UPDATE));
}
END_TEST

/* As it is after a bridge whose user failed, and the manifest was changed again. */
START_TEST(policies_of_a_bridge_keep_names_of_their_own)
{
	static const char *const names[] = { "p", "p-before", "p-before-before" };
	static const char template[] =
		"Resources: {R: {Type: AWS::IAM::Role, Properties: {Policies: [%s]}}}\n"
		"Outputs: {Old: {Value: 1}}\n";
	FP_AUTO(arena_release) struct arena arena = ARENA_INIT;
	FP_AUTO(freep)
	char *was = xasprintf(template, "{PolicyName: p, D: {b: 1}}, {PolicyName: "
					"p-before, D: {a: 1}}");
	FP_AUTO(freep) char *is = xasprintf(template, "{PolicyName: p, D: {c: 1}}");
	struct rendered_stack list[] = {
		{ .name = "a", .template = load_text(&arena, is) },
		{ .name = "b", .template = load_text(&arena, B("Other")) },
	};
	struct rendering r = { .arena = ARENA_INIT, .stacks = list, .nstacks = 2 };
	FP_AUTO(live_release)
	struct live live = { xcalloc(2, sizeof(struct live_stack)), 2 };
	struct rendered_stack bridge = { 0 };
	const struct node *policies;

	live.v[0].template = load_text(&live.v[0].arena, was);
	live.v[0].outputs = pairs("Old=1");
	live.v[1].template = load_text(&live.v[1].arena, B("Old"));
	live.v[1].parameters = pairs("Old=1");
	ck_assert(plan_bridge(&bridge, &arena, &r, &live, 0));
	policies = node_at(bridge.template, "Resources.R.Properties.Policies");
	ck_assert_uint_eq(policies->seq.n, ARRAY_SIZE(names));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		ck_assert_str_eq(node_text(node_get(policies->seq.v[i], "PolicyName")),
				 names[i]);
	ck_assert(node_equal(list[0].template, load_text(&arena, is)));
}
END_TEST

static Suite *plan_suite(void)
{
	Suite *s = suite_create("plan");
	TCase *tc = tcase_create("plan");

	tcase_add_loop_test(tc, action_of_a_stack, 0, ARRAY_SIZE(stacks));
	tcase_add_loop_test(tc, actions_along_the_graph, 0, ARRAY_SIZE(graphs));
	tcase_add_loop_test(tc, busy_stacks_are_told, 0, ARRAY_SIZE(states));
	tcase_add_loop_test(tc, what_is_used_goes_last, 0, ARRAY_SIZE(bridges));
	tcase_add_test(tc, a_bridge_is_no_wider_than_it_must);
	tcase_add_loop_test(tc, protection_is_planned, 0, ARRAY_SIZE(protections));
	tcase_add_test(tc, policies_of_a_bridge_keep_names_of_their_own);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(plan_suite)
