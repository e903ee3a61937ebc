/*
 * The pipeline's stages. Source of the limits: CodePipeline User Guide, "Quotas in AWS
 * CodePipeline", "CodePipeline pipeline structure reference", and its API's model.
 */
#include "base/json.h"
#include "renders.h"

#define MAX_STAGES	 50
#define MAX_ACTIONS	 50
#define MAX_RUN_ORDER	 999
#define MAX_NAME	 100
#define MAX_CONFIG_VALUE 1000

#define STAGES		 "Resources.Pipeline.Properties.Stages"

static const struct node *stages_of(const struct rendering *r)
{
	const struct node *stages = stack_node(r, "pipeline", STAGES);

	ck_assert_ptr_nonnull(stages);
	return stages;
}

static const struct node *named(const struct node *list, const char *name)
{
	for (size_t i = 0; i < list->seq.n; i++)
		if (node_is(node_get(list->seq.v[i], "Name"), name))
			return list->seq.v[i];
	return NULL;
}

/* The action, by "stage/action". */
static const struct node *action_of(const struct rendering *r, const char *path)
{
	FP_AUTO(freep) char *stage = xstrndup(path, strcspn(path, "/"));
	const struct node *it = named(stages_of(r), stage);

	return it ? named(node_get(it, "Actions"), strchr(path, '/') + 1) : NULL;
}

static bool is_name(const char *s)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789.@-_";

	return *s && strlen(s) <= MAX_NAME && strspn(s, allowed) == strlen(s);
}

/* CodeBuild wants a name and a value of each variable of an action. */
static void check_variables(const char *text)
{
	FP_AUTO(json_freep) cJSON *list = cJSON_Parse(text);
	const cJSON *it;

	ck_assert_msg(cJSON_IsArray(list), "%s", text);
	cJSON_ArrayForEach (it, list) {
		const char *name = json_str(it, "name", NULL);
		const char *value = json_str(it, "value", NULL);

		ck_assert_msg(name && *name && value && *value, "%s", text);
	}
}

static void check_action(const struct node *action, const struct node *others, size_t i)
{
	const struct node *configuration = node_get(action, "Configuration");
	const char *name = node_text(node_get(action, "Name"));
	const char *namespace = node_text(node_get(action, "Namespace"));
	int64_t order = 1;

	ck_assert_msg(is_name(name), "'%s'", name);
	ck_assert_msg(!namespace || (is_name(namespace) && !strchr(namespace, '.')),
		      "namespace '%s'", namespace);
	(void)!node_as_int(node_get(action, "RunOrder"), &order);
	ck_assert(order >= 1 && order <= MAX_RUN_ORDER);
	for (size_t k = 0; k < i; k++)
		ck_assert_msg(!node_is(node_get(others->seq.v[k], "Name"), name),
			      "two actions '%s'", name);
	for (size_t k = 0; k < configuration->map.n; k++) {
		const char *text = node_text(configuration->map.v[k].value);

		ck_assert_msg(text && strlen(text) <= MAX_CONFIG_VALUE, "%s: %s", name,
			      text);
		if (node_is(configuration->map.v[k].key, "EnvironmentVariables"))
			check_variables(text);
	}
}

/* What CodePipeline takes of any pipeline. */
static void check_structure(const struct rendering *r)
{
	const struct node *stages = stages_of(r);

	ck_assert_uint_le(stages->seq.n, MAX_STAGES);
	for (size_t i = 0; i < stages->seq.n; i++) {
		const struct node *stage = stages->seq.v[i];
		const char *name = node_text(node_get(stage, "Name"));
		const struct node *actions = node_get(stage, "Actions");

		ck_assert_msg(is_name(name), "'%s'", name);
		for (size_t k = 0; k < i; k++)
			ck_assert(!node_is(node_get(stages->seq.v[k], "Name"), name));
		ck_assert_msg(actions && actions->seq.n >= 1 &&
				      actions->seq.n <= MAX_ACTIONS,
			      "stage %s", name);
		for (size_t k = 0; k < actions->seq.n; k++)
			check_action(actions->seq.v[k], actions, k);
	}
}

#define PROJECT "project: inv\nbuckets: {uploads: {}}\npipeline: {github: o/r}\n"
#define TWO                                                                 \
	"project: inv\nbuckets: {uploads: {}}\n"                            \
	"pipeline: {github: o/r, approve: [prod]}\n"                        \
	"environments: {dev: {account: \"111111111111\"}, prod: {account: " \
	"\"222222222222\"}}\n"
#define FAR                                                         \
	"project: inv\nregion: eu-west-1\nbuckets: {uploads: {}}\n" \
	"pipeline: {github: o/r, approve: [prod]}\n"                \
	"environments: {dev: {}, prod: {region: us-east-1}}\n"

#define FIXED "Source: Source; Build: Build; Pipeline: changes > pipeline; "
#define DEPLOYED                                                                       \
	"monitoring.changes sns.changes > monitoring sns > lambda.changes > lambda > " \
	"s3.changes > s3; "

#define MAYBE                                                             \
	"project: inv\nbuckets: {uploads: {}}\npipeline: {github: o/r}\n" \
	"environments: {dev: {}, prod: {account: \"222222222222\"}}\n"
#define CONNECTED                                                                    \
	"project: inv\nbuckets: {uploads: {}}\npipeline: {github: o/r, connection: " \
	"\"arn:aws:codeconnections:eu-west-1:111111111111:connection/"               \
	"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee\"}\n"                                  \
	"environments: {dev: {}, prod: {account: \"222222222222\"}}\n"

/* Names of the stages and their actions: "a b > c" are a and b at once, then c. */
static const struct {
	const char *name, *text, *want;
} shapes[] = {
	{ "without environments", PROJECT "monitoring: {alert: a@example.com}\n",
	  FIXED "inv.plan: artifacts.changes > artifacts > plan; "
		"inv: sns.changes > sns > lambda.changes monitoring.changes > "
		"lambda monitoring > s3.changes > s3; " },
	{ "two accounts", TWO,
	  FIXED "dev.plan: artifacts.changes > artifacts > plan; dev: " DEPLOYED
		"prod.plan: artifacts.changes > artifacts > plan > approval; "
		"prod: " DEPLOYED },
	{ "another region is deployed by the build", FAR,
	  FIXED "dev.plan: artifacts.changes > artifacts > plan; dev: " DEPLOYED
		"prod.plan: plan > approval; prod: deploy; " },
};

static void put_shape(struct buf *out, const struct node *stage)
{
	const struct node *actions = node_get(stage, "Actions");
	bool first = true;

	buf_printf(out, "%s:", node_text(node_get(stage, "Name")));
	for (int64_t order = 1; order <= MAX_RUN_ORDER; order++) {
		bool any = false;

		for (size_t i = 0; i < actions->seq.n; i++) {
			int64_t its = 1;

			(void)!node_as_int(node_get(actions->seq.v[i], "RunOrder"), &its);
			if (its != order)
				continue;
			buf_printf(out, "%s %s", any || first ? "" : " >",
				   node_text(node_get(actions->seq.v[i], "Name")));
			any = true;
			first = false;
		}
	}
	buf_puts(out, "; ");
}

START_TEST(stages_follow_the_graph)
{
	FP_AUTO(rendering_release) struct rendering r;
	FP_AUTO(buf_release) struct buf got = BUF_INIT;
	const struct node *stages;

	render_text(&r, shapes[_i].text, NULL);
	check_structure(&r);
	stages = stages_of(&r);
	for (size_t i = 0; i < stages->seq.n; i++)
		put_shape(&got, stages->seq.v[i]);
	ck_assert_str_eq(buf_str(&got), shapes[_i].want);
}
END_TEST

/* What an action says; "stage/action" and a path in it. NULL: nothing. */
static const struct {
	const char *name, *text, *action, *path, *want;
} values[] = {
	{ "outputs are handed on", PROJECT, "inv/s3.changes",
	  "Configuration.ParameterOverrides",
	  "{\"LambdaDefaultArn\":\"#{inv_lambda.LambdaDefaultArn}\"}" },
	{ "under that name", PROJECT, "inv/lambda", "Namespace", "inv_lambda" },
	{ "nobody asks the last ones", PROJECT, "inv/s3", "Namespace", NULL },
	{ "templates are the build's", PROJECT, "inv/s3.changes",
	  "Configuration.TemplatePath", "Build::inv/s3.yaml" },
	{ "their tags and code keys, too", TWO, "prod/lambda.changes",
	  "Configuration.TemplateConfiguration", "Build::prod/lambda.json" },
	{ "roles are acknowledged", PROJECT, "inv/lambda.changes",
	  "Configuration.Capabilities", "CAPABILITY_IAM" },
	{ "where there are some", PROJECT, "inv/s3.changes", "Configuration.Capabilities",
	  NULL },
	{ "this account's role", TWO, "dev/sns.changes", "RoleArn",
	  "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/inv-dev-pipeline-access" },
	{ "another account's role", TWO, "prod/sns.changes", "RoleArn",
	  "arn:${AWS::Partition}:iam::222222222222:role/inv-prod-pipeline-access" },
	{ "and CloudFormation's there", TWO, "prod/sns.changes", "Configuration.RoleArn",
	  "arn:${AWS::Partition}:iam::222222222222:role/inv-prod-deployment" },
	{ "an account that may be another", MAYBE, "prod/sns.changes", "RoleArn",
	  "arn:${AWS::Partition}:iam::222222222222:role/inv-prod-pipeline-access" },
	{ "a plan to approve", TWO, "prod.plan/approval",
	  "Configuration.ExternalEntityLink", "https://#{prod_plan.PLAN_LINK}" },
	{ "no approval unasked", TWO, "dev.plan/approval", "Name", NULL },
};

START_TEST(actions_say)
{
	FP_AUTO(rendering_release) struct rendering r;
	const struct node *action, *n;

	render_text(&r, values[_i].text, NULL);
	action = action_of(&r, values[_i].action);
	n = node_at(action, values[_i].path);
	if (values[_i].want)
		ck_assert_msg(node_is(n, values[_i].want), "'%s'",
			      str_or(node_text(n), "(none)"));
	else
		ck_assert_ptr_null(n);
}
END_TEST

static const struct {
	const char *name, *text, *path, *want;
} resources[] = {
	{ "no key for one account", PROJECT, "Resources.Key.Type", NULL },
	{ "a key for two", TWO, "Resources.Key.Type", "AWS::KMS::Key" },
	{ "topics hear of failures", PROJECT, "Resources.Rule1.Properties.Targets.0.Arn",
	  "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:inv-"
	  "notifications" },
	{ "without an alert only they", PROJECT, "Resources.Rule2.Type", NULL },
	{ "alerts, too", PROJECT "monitoring: {alert: a@example.com}\n",
	  "Resources.Rule2.Properties.Targets.0.Arn",
	  "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:inv-alerts" },
	{ "a key where there may be two", MAYBE, "Resources.Key.Type", "AWS::KMS::Key" },
	{ "a connection is made", PROJECT,
	  "Resources.Connection.Properties.ConnectionName", "inv" },
	{ "or given",
	  "project: inv\npipeline: {github: o/r, connection: "
	  "\"arn:aws:codeconnections:eu-west-1:111111111111:connection/"
	  "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee\"}\n",
	  "Resources.Connection.Type", NULL },
	{ "not every push",
	  "project: inv\npipeline: {github: o/r, branch: live, paths: [\"lambda/**\"]}\n",
	  "Resources.Pipeline.Properties.Triggers.0.GitConfiguration.Push.0.FilePaths."
	  "Includes.0",
	  "lambda/**" },
	{ "on that branch", "project: inv\npipeline: {github: o/r, branch: live}\n",
	  "Resources.Pipeline.Properties.Triggers.0.GitConfiguration.Push.0.Branches."
	  "Includes.0",
	  "live" },
	{ "every path", PROJECT,
	  "Resources.Pipeline.Properties.Triggers.0.GitConfiguration.Push.0.FilePaths",
	  NULL },
	{ "Lambda compute has no timeout of ours", PROJECT,
	  "Resources.Build.Properties.TimeoutInMinutes", NULL },
	{ "containers have", "project: inv\npipeline: {github: o/r, compute: medium}\n",
	  "Resources.Build.Properties.TimeoutInMinutes", "30" },
	{ "logs are kept as long as the others",
	  "project: inv\npipeline: {github: o/r}\nmonitoring: {retention: 90d}\n",
	  "Resources.BuildLogGroup.Properties.RetentionInDays", "90" },
	{ "no pipeline, no stack", "project: inv\n", "Resources", NULL },
};

START_TEST(the_stack_holds)
{
	FP_AUTO(rendering_release) struct rendering r;
	const struct node *n;

	render_text(&r, resources[_i].text, NULL);
	n = stack_node(&r, "pipeline", resources[_i].path);
	if (resources[_i].want)
		ck_assert_msg(node_is(n, resources[_i].want), "'%s'",
			      str_or(node_text(n), "(none)"));
	else
		ck_assert_ptr_null(n);
}
END_TEST

/* Whom another environment lets in. */
static const struct {
	const char *name, *text, *want;
} owners[] = {
	{ "the first one's account", TWO,
	  "arn:${AWS::Partition}:iam::111111111111:root" },
	{ "else the connection's", CONNECTED,
	  "arn:${AWS::Partition}:iam::111111111111:root" },
	{ "else its own", MAYBE, "arn:${AWS::Partition}:iam::${AWS::AccountId}:root" },
};

START_TEST(environments_let_in)
{
	FP_AUTO(rendering_release) struct rendering r;
	const struct node *n;

	render_text(&r, owners[_i].text, "prod");
	n = stack_node(&r, "artifacts",
		       "Resources.PipelineAccessRole.Properties.AssumeRolePolicyDocument."
		       "Statement.0.Principal.AWS");
	ck_assert_msg(node_is(n, owners[_i].want), "%s", str_or(node_text(n), "(none)"));
}
END_TEST

/* The same stack may have another template in another environment. */
START_TEST(environments_have_their_own_templates)
{
	static const char text[] = "project: inv\nbuckets: {uploads: {}}\n"
				   "pipeline: {github: o/r}\n"
				   "stacks: {mine: {template: a.yaml}}\n"
				   "environments:\n  dev: {}\n"
				   "  prod: {stacks: {mine: {template: b.yaml}}}\n";
	static const char first[] = "Resources: {T: {Type: AWS::SNS::Topic}}";
	static const char second[] =
		"Parameters: {LambdaDefaultArn: {Type: String}}\n"
		"Resources: {T: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Ref "
		"LambdaDefaultArn}}}";
	const struct render_source sources[] = {
		{ "mine", "a.yaml", first, sizeof(first) - 1, "dev" },
		{ "mine", "b.yaml", second, sizeof(second) - 1, "prod" },
	};
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(rendering_release) struct rendering r;
	FP_AUTO(manifest_release) struct manifest m;
	const struct render_input in = { .manifest = &m,
					 .sources = sources,
					 .nsources = ARRAY_SIZE(sources) };

	ck_assert_int_eq(manifest_parse(&m, text, strlen(text), "f.yaml", NULL, &d), 0);
	ck_assert_int_eq(render_manifest(&r, &in, &d), 0);
	ck_assert_ptr_null(node_at(action_of(&r, "dev/mine.changes"),
				   "Configuration.ParameterOverrides"));
	ck_assert(node_is(node_at(action_of(&r, "prod/mine.changes"),
				  "Configuration.ParameterOverrides"),
			  "{\"LambdaDefaultArn\":\"#{prod_lambda.LambdaDefaultArn}\"}"));
}
END_TEST

/* 10,000 buckets lie in more stacks than a stage has actions. */
START_TEST(many_stacks_take_several_stages)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(rendering_release) struct rendering r;
	size_t placed = 0;

	buf_puts(&text, "project: inv\npipeline: {github: o/r}\nbuckets:\n");
	for (size_t i = 0; i < 10000; i++)
		buf_printf(&text, "  b%zu: {}\n", i);
	render_text(&r, buf_str(&text), NULL);
	check_structure(&r);
	ck_assert_ptr_nonnull(action_of(&r, "inv.2/s3-30.changes"));
	for (size_t i = 0; i < r.nstacks; i++)
		placed += str_starts(r.stacks[i].name, "s3");
	ck_assert_uint_ge(placed, 50);
}
END_TEST

/* Beyond 1,000 characters the build writes what follows from names. */
START_TEST(long_parameters_are_left_to_the_build)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(rendering_release) struct rendering r;

	buf_puts(&text, "project: inv\npipeline: {github: o/r}\nprocessors:\n");
	for (size_t i = 0; i < 30; i++)
		buf_printf(&text, "  processor%zu: {}\n", i);
	buf_puts(&text, "buckets:\n");
	for (size_t i = 0; i < 30; i++)
		buf_printf(&text, "  b%zu: {processor: processor%zu, encryption: kms}\n",
			   i, i);
	render_text(&r, buf_str(&text), NULL);
	check_structure(&r);
	ck_assert(node_is(node_at(action_of(&r, "inv/s3.changes"),
				  "Configuration.ParameterOverrides"),
			  "{\"EncryptionKeyArn\":\"#{inv_key.EncryptionKeyArn}\"}"));
}
END_TEST

START_TEST(too_many_environments_are_refused)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	buf_puts(&text, "project: inv\npipeline: {github: o/r}\nenvironments:\n");
	for (size_t i = 0; i < 24; i++)
		buf_printf(&text, "  e%zu: {}\n", i);
	refuses_text(buf_str(&text),
		     "the pipeline would have 51 stages, and CodePipeline takes 50");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("render/pipeline");
	TCase *tc = tcase_create("pipeline");

	tcase_add_loop_test(tc, stages_follow_the_graph, 0, ARRAY_SIZE(shapes));
	tcase_add_loop_test(tc, actions_say, 0, ARRAY_SIZE(values));
	tcase_add_loop_test(tc, the_stack_holds, 0, ARRAY_SIZE(resources));
	tcase_add_loop_test(tc, environments_let_in, 0, ARRAY_SIZE(owners));
	tcase_add_test(tc, environments_have_their_own_templates);
	tcase_add_test(tc, many_stacks_take_several_stages);
	tcase_add_test(tc, long_parameters_are_left_to_the_build);
	tcase_add_test(tc, too_many_environments_are_refused);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
