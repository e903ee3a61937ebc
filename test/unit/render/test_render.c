#include "render/render.h"

#include "base/str.h"
#include "cfn/facts.h"
#include "cfn/template.h"
#include "check_main.h"
#include "manifest/rules.h"
#include "renders.h"
#include "yaml/load.h"

static void show(char *out, size_t size, const struct diags *d, const char *source)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;

	diags_format(&b, d, source, source ? strlen(source) : 0, 20);
	snprintf(out, size, "%s", buf_str(&b));
}

static const struct node *get(const struct rendering *r, const char *stack,
			      const char *path)
{
	const struct rendered_stack *s = rendering_find(r, stack);

	ck_assert_msg(s != NULL, "no stack '%s'", stack);
	return node_at(s->template, path);
}

static void is_text(const struct rendering *r, const char *stack, const char *path,
		    const char *want)
{
	const struct node *n = get(r, stack, path);

	ck_assert_msg(node_is(n, want), "%s %s: '%s', not '%s'", stack, path,
		      str_or(node_text(n), "(none)"), want);
}

#define UPLOADS "project: invoices\nbuckets: {uploads: {}}\n"

START_TEST(stacks_come_in_order_and_wired)
{
	static const char *const names[] = { "artifacts", "monitoring", "sns", "lambda",
					     "s3" };
	FP_AUTO(rendering_release) struct rendering r;
	const struct rendered_stack *lambda, *s3;

	render_text(&r, UPLOADS, NULL);
	ck_assert_uint_eq(r.nstacks, ARRAY_SIZE(names));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		ck_assert_str_eq(r.stacks[i].name, names[i]);
	ck_assert_str_eq(r.stacks[0].stack_name, "invoices-artifacts");
	ck_assert_uint_eq(r.stacks[0].nneeds, 0);
	ck_assert_uint_eq(r.stacks[0].nparameters, 0);
	ck_assert_ptr_null(r.stacks[0].capability);

	lambda = rendering_find(&r, "lambda");
	ck_assert_uint_eq(lambda->nneeds, 2);
	ck_assert_str_eq(lambda->needs[0], "artifacts");
	ck_assert_str_eq(lambda->needs[1], "sns");
	ck_assert_uint_eq(lambda->nparameters, 3);
	ck_assert_str_eq(lambda->parameters[0].name, "ArtifactBucketName");
	ck_assert_int_eq(lambda->parameters[0].from, PARAM_FROM_OUTPUT);
	ck_assert_str_eq(lambda->parameters[0].stack, "artifacts");
	ck_assert_str_eq(lambda->parameters[2].name, "ProcessorDefaultCodeKey");
	ck_assert_int_eq(lambda->parameters[2].from, PARAM_FROM_CODE);
	ck_assert_str_eq(lambda->parameters[2].processor, "default");
	ck_assert_str_eq(lambda->capability, "CAPABILITY_IAM");

	s3 = rendering_find(&r, "s3");
	ck_assert_uint_eq(s3->nparameters, 1);
	ck_assert_str_eq(s3->parameters[0].name, "LambdaDefaultArn");
	ck_assert_str_eq(s3->parameters[0].stack, "lambda");
	ck_assert_ptr_null(rendering_find(&r, "pipeline"));
}
END_TEST

START_TEST(without_buckets_there_is_no_s3_stack)
{
	FP_AUTO(rendering_release) struct rendering r;

	render_text(&r, "project: a\n", NULL);
	ck_assert_uint_eq(r.nstacks, 4);
	ck_assert_ptr_null(rendering_find(&r, "s3"));
	/* A permission for S3 is, for the one that just left; no statement about it. */
	ck_assert_ptr_nonnull(get(&r, "lambda", "Resources.DefaultPermission"));
	ck_assert_uint_eq(get(&r, "lambda",
			      "Resources.DefaultRole.Properties.Policies.0."
			      "PolicyDocument.Statement")
				  ->seq.n,
			  3);
	ck_assert_ptr_null(get(&r, "lambda", "Resources.DefaultQueue"));
}
END_TEST

#define CONFIGURATIONS                                                  \
	"Resources.UploadsBucket.Properties.NotificationConfiguration." \
	"LambdaConfigurations"

START_TEST(every_filter_is_a_configuration)
{
	FP_AUTO(rendering_release) struct rendering r;
	const char *first = CONFIGURATIONS ".0.Filter.S3Key.Rules";

	render_text(
		&r,
		"project: a\nbuckets:\n"
		"  uploads: {on: [created, removed], prefix: [a/, b/], suffix: .csv}\n",
		NULL);
	ck_assert_uint_eq(get(&r, "s3", CONFIGURATIONS)->seq.n, 4);
	is_text(&r, "s3", CONFIGURATIONS ".0.Event", "s3:ObjectCreated:*");
	is_text(&r, "s3", CONFIGURATIONS ".3.Event", "s3:ObjectRemoved:*");
	ck_assert_uint_eq(get(&r, "s3", first)->seq.n, 2);
	is_text(&r, "s3", CONFIGURATIONS ".0.Filter.S3Key.Rules.0.Name", "prefix");
	is_text(&r, "s3", CONFIGURATIONS ".0.Filter.S3Key.Rules.0.Value", "a/");
	is_text(&r, "s3", CONFIGURATIONS ".0.Filter.S3Key.Rules.1.Name", "suffix");
	is_text(&r, "s3", CONFIGURATIONS ".1.Filter.S3Key.Rules.0.Value", "b/");
}
END_TEST

START_TEST(a_bucket_without_filters_has_none)
{
	FP_AUTO(rendering_release) struct rendering r;

	render_text(&r, UPLOADS, NULL);
	ck_assert_uint_eq(get(&r, "s3", CONFIGURATIONS)->seq.n, 1);
	ck_assert_ptr_null(get(&r, "s3", CONFIGURATIONS ".0.Filter"));
}
END_TEST

START_TEST(values_of_the_environment_are_not_evaluated)
{
	static const char variables[] =
		"Resources.DefaultFunction.Properties.Environment.Variables";
	FP_AUTO(rendering_release) struct rendering r;
	const struct node *v;

	render_text(&r,
		    "project: a\nprocessors: {default: {environment: {\n"
		    "  A1: '${manifest.project}', A2: 012, A3: '${processor.name}',\n"
		    "  A4: '${variable.value}'}}}\n",
		    NULL);
	v = get(&r, "lambda", variables);
	ck_assert_uint_eq(v->map.n, 7);
	ck_assert(node_is(node_get(v, "A1"), "${manifest.project}"));
	ck_assert(node_is(node_get(v, "A2"), "012"));
	ck_assert_int_eq(node_get(v, "A2")->scalar.type, SCALAR_STRING);
	ck_assert(node_is(node_get(v, "A3"), "${processor.name}"));
	ck_assert(node_is(node_get(v, "A4"), "${variable.value}"));
}
END_TEST

static const struct {
	size_t buckets, named;
} reads[] = { { 1, 1 }, { 20, 20 }, { 21, 1 }, { 200, 1 } };

static void many(struct buf *out, size_t buckets, size_t processors)
{
	buf_puts(out,
		 "project: many\nnotify: [a@example.com, b@example.com]\nbuckets:\n");
	for (size_t i = 0; i < buckets; i++)
		buf_printf(out,
			   "  bucket-%zu: {prefix: in/, suffix: [.a, .b], processor: "
			   "p%zu}\n",
			   i, i % processors);
	buf_puts(out, "processors:\n");
	for (size_t i = 0; i < processors; i++)
		buf_printf(out, "  p%zu: {environment: {NUMBER: %zu}}\n", i, i);
}

START_TEST(roles_name_their_buckets)
{
	static const char resource[] = "Resources.P0Role.Properties.Policies.0."
				       "PolicyDocument.Statement.3.Resource";
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(rendering_release) struct rendering r;
	const struct node *list;

	many(&text, reads[_i].buckets, 1);
	render_text(&r, text.data, NULL);
	list = get(&r, "lambda", resource);
	ck_assert_uint_eq(list->seq.n, reads[_i].named);
	ck_assert_str_eq(list->seq.v[0]->tag, "!Sub");
	ck_assert_str_eq(node_text(list->seq.v[0]),
			 reads[_i].named < reads[_i].buckets
				 ? "arn:${AWS::Partition}:s3:::many-*-${AWS::AccountId}-"
				   "${AWS::Region}/*"
				 : "arn:${AWS::Partition}:s3:::many-bucket-0-"
				   "${AWS::AccountId}-${AWS::Region}/*");
}
END_TEST

/* What a role with a wildcard is refused: the code's bucket and all that is in it, and
 * where the wildcard takes in the pipeline's, that one as well. */
static const struct {
	const char *more;
	size_t refused;
} refusals[] = {
	{ "", 2 },
	{ "pipeline: {github: o/r}\n", 4 },
	{ "pipeline: {github: o/r}\nenvironments: {dev: {}}\n", 2 },
};

START_TEST(wildcards_leave_out_what_holds_code)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(rendering_release) struct rendering r;
	const struct node *statement;

	many(&text, 21, 1);
	buf_puts(&text, refusals[_i].more);
	render_text(&r, text.data, NULL);
	statement = get(&r, "lambda",
			"Resources.P0Role.Properties.Policies.0.PolicyDocument."
			"Statement.5");
	ck_assert(node_is(node_get(statement, "Effect"), "Deny"));
	ck_assert(node_is(node_get(statement, "Action"), "s3:*"));
	ck_assert_uint_eq(node_get(statement, "Resource")->seq.n, refusals[_i].refused);
}
END_TEST

static const struct {
	size_t buckets, processors, stacks;
} sizes[] = { { 1, 1, 1 }, { 3, 2, 1 }, { 100, 7, 1 }, { 200, 70, 1 }, { 401, 3, 3 } };

/* The text reads back to the template, which CloudFormation would take. */
static void check_stack(const struct rendered_stack *s)
{
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	const struct node *resources = node_get(s->template, "Resources");
	struct node *back = NULL;
	char shown[4096];

	if (node_load(&back, &a, s->body, s->body_len, s->name, NULL, &d) == 0) {
		ck_assert_msg(node_equal(back, s->template), "%s", s->name);
		if (cfn_template_check(back, &d) == 0)
			for (size_t i = 0; i < resources->map.n; i++)
				cfn_check_properties(
					&d,
					node_text(node_get(resources->map.v[i].value,
							   "Type")),
					node_get(back, "Resources")->map.v[i].value);
	}
	show(shown, sizeof(shown), &d, s->body);
	ck_assert_msg(d.n == 0, "%s", shown);
}

START_TEST(templates_are_good_at_every_size)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(rendering_release) struct rendering r;
	size_t resources = 0, stacks = 0;

	many(&text, sizes[_i].buckets, sizes[_i].processors);
	render_text(&r, text.data, NULL);
	for (size_t i = 0; i < r.nstacks; i++) {
		check_stack(&r.stacks[i]);
		if (!spread_number(r.stacks[i].name))
			continue;
		stacks++;
		resources += node_get(r.stacks[i].template, "Resources")->map.n;
	}
	ck_assert_uint_eq(resources, 2 * sizes[_i].buckets);
	ck_assert_uint_eq(stacks, sizes[_i].stacks);
	ck_assert_uint_eq(get(&r, "s3", "Parameters")->map.n,
			  FP_MIN(sizes[_i].processors, sizes[_i].buckets));
}
END_TEST

START_TEST(the_same_manifest_gives_the_same_bytes)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(rendering_release) struct rendering x, y;

	many(&text, 30, 4);
	render_text(&x, text.data, NULL);
	render_text(&y, text.data, NULL);
	for (size_t i = 0; i < x.nstacks; i++)
		ck_assert_str_eq(x.stacks[i].body, y.stacks[i].body);
}
END_TEST

/* Nothing of our own language may reach CloudFormation. */
START_TEST(no_render_time_name_is_left)
{
	static const char *const ours[] = { "Fn::ForEach", "manifest.", "bucket.",
					    "processor.",  "Transform", "filter." };
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(rendering_release) struct rendering r;

	many(&text, 3, 2);
	render_text(&r, text.data, NULL);
	for (size_t i = 0; i < r.nstacks; i++)
		for (size_t k = 0; k < ARRAY_SIZE(ours); k++)
			ck_assert_msg(!strstr(r.stacks[i].body, ours[k]), "%s has '%s'",
				      r.stacks[i].name, ours[k]);
}
END_TEST

/* What no spreading helps against. */
START_TEST(too_many_processors_for_a_stack)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(manifest_release) struct manifest m;
	FP_AUTO(rendering_release) struct rendering r;
	const struct render_input in = { .manifest = &m };

	many(&text, 72, 72);
	ck_assert_int_eq(manifest_parse(&m, text.data, text.len, "f", NULL, &d), 0);
	ck_assert_int_eq(render_manifest(&r, &in, &d), -1);
	ck_assert_uint_eq(d.n, 1);
	ck_assert_str_eq(d.v[0].message,
			 "the 72 processors have 504 resources, and their stack can hold "
			 "500");
	ck_assert_uint_gt(d.v[0].pos.line, 0);
}
END_TEST

/* Where templates of the project come from. */
static const struct {
	const char *name, *stack, *override; /* of the stack's template */
	const char *manifest;
	const char *path, *want; /* in that stack */
	const char *error;
} own[] = {
	{ "an override stands in for the built-in one", "sns",
	  "Resources: {A: {Type: AWS::SNS::Topic, Properties: {TopicName: !Sub "
	  "'${manifest.prefix}-x'}}}\nOutputs: {TopicNotificationsArn: {Value: !Ref A}}",
	  "project: p\n", "Resources.A.Properties.TopicName", "p-x", NULL },
	{ "a stack of the user's reads the manifest", "reports",
	  "Resources: {A: {Type: AWS::SNS::Topic, Properties: {TopicName: !Sub "
	  "'${manifest.prefix}-x'}}}",
	  "project: p\nstacks: {reports: {template: r.yaml}}\n",
	  "Resources.A.Properties.TopicName", "p-x", NULL },
	{ "a finding is in its file", "reports",
	  "Resources: {A: {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref "
	  "manifest.prefx}}}",
	  "project: p\nstacks: {reports: {template: r.yaml}}\n", NULL, NULL,
	  "mine.yaml" },
	{ "a value for no parameter", "reports",
	  "Resources: {A: {Type: AWS::SNS::Topic}}",
	  "project: p\nstacks: {reports: {template: r.yaml, parameters: {X: 1}}}\n", NULL,
	  NULL, "f.yaml" },
};

START_TEST(templates_of_the_project)
{
	const __typeof__(own[0]) *c = &own[_i];
	const struct render_source source = { .name = c->stack,
					      .path = "mine.yaml",
					      .text = c->override,
					      .n = strlen(c->override) };
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(manifest_release) struct manifest m;
	FP_AUTO(rendering_release) struct rendering r;
	const struct render_input in = { &m, &source, 1, NULL };
	char shown[4096];
	int rc;

	ck_assert_int_eq(
		manifest_parse(&m, c->manifest, strlen(c->manifest), "f.yaml", NULL, &d),
		0);
	rc = render_manifest(&r, &in, &d);
	show(shown, sizeof(shown), &d, NULL);
	ck_assert_msg((rc < 0) == (c->error != NULL), "%s: %s", c->name, shown);
	if (c->error)
		ck_assert_str_eq(d.v[0].pos.file, c->error);
	else
		is_text(&r, c->stack, c->path, c->want);
}
END_TEST

START_TEST(user_stacks_are_wired_and_wait)
{
	static const char template[] =
		"Parameters: {LambdaDefaultArn: {Type: String}, Level: {Type: String}, "
		"List: {Type: CommaDelimitedList}}\n"
		"Resources: {A: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Sub "
		"'${LambdaDefaultArn} ${Level}', Tags: [{Key: a, Value: !Select [0, !Ref "
		"List]}]}}}\n";
	static const char text[] = "project: p\nbuckets: {b: {}}\nstacks: {reports: "
				   "{template: r.yaml, needs: "
				   "[s3], parameters: {Level: 3, List: \"a,b\"}}}\n";
	const struct render_source source = { .name = "reports",
					      .path = "r.yaml",
					      .text = template,
					      .n = sizeof(template) - 1 };
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(manifest_release) struct manifest m;
	FP_AUTO(rendering_release) struct rendering r;
	const struct render_input in = { &m, &source, 1, NULL };
	const struct rendered_stack *s;

	ck_assert_int_eq(manifest_parse(&m, text, strlen(text), "f.yaml", NULL, &d), 0);
	ck_assert_int_eq(render_manifest(&r, &in, &d), 0);
	s = rendering_find(&r, "reports");
	ck_assert_str_eq(s->stack_name, "p-reports");
	ck_assert_uint_eq(s->nneeds, 2);
	ck_assert_str_eq(s->needs[0], "lambda");
	ck_assert_str_eq(s->needs[1], "s3");
	ck_assert_int_eq(s->parameters[0].from, PARAM_FROM_OUTPUT);
	ck_assert_int_eq(s->parameters[1].from, PARAM_GIVEN);
	ck_assert_str_eq(s->parameters[1].value, "3");
	ck_assert_str_eq(s->parameters[2].value, "a,b");
}
END_TEST

static bool is_empty_one(const struct rendering *r, const char *name)
{
	for (size_t i = 0; i < r->nempty; i++)
		if (str_eq(r->empty[i].name, name))
			return true;
	return false;
}

/* Deployments look there for what an earlier manifest had. */
START_TEST(the_stack_behind_the_last_one_is_empty)
{
	FP_AUTO(spread_release) struct spread placed = SPREAD_INIT;
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(manifest_release) struct manifest m;
	FP_AUTO(rendering_release) struct rendering r, s;
	const struct render_input in = { &m, NULL, 0, &placed };
	const char *text = "project: p\nbuckets: {b: {}}\n";

	render_text(&r, text, NULL);
	ck_assert(is_empty_one(&r, "s3-2") && is_empty_one(&r, "key") &&
		  !is_empty_one(&r, "s3"));
	spread_put(&placed, "p", "b", 2);
	spread_put(&placed, "p", "", 3);
	ck_assert_int_eq(manifest_parse(&m, text, strlen(text), "f.yaml", NULL, &d), 0);
	ck_assert_int_eq(render_manifest(&s, &in, &d), 0);
	ck_assert_ptr_nonnull(rendering_find(&s, "s3-2"));
	ck_assert_str_eq(rendering_find(&s, "s3-2")->stack_name, "p-s3-2");
	ck_assert(is_empty_one(&s, "s3") && is_empty_one(&s, "s3-3") &&
		  is_empty_one(&s, "s3-4"));
}
END_TEST

/* The manifest keeps these names for fpctl, without knowing the templates. */
START_TEST(the_manifest_knows_the_names_of_the_templates)
{
	size_t n = 0;

	for (; render_builtin_name(n); n++)
		ck_assert_msg(rules_is_own_stack(render_builtin_name(n)), "%s",
			      render_builtin_name(n));
	ck_assert_uint_gt(n, 0);
	ck_assert(!rules_is_own_stack("reports"));
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("render");
	TCase *tc = tcase_create("render");

	tcase_add_test(tc, stacks_come_in_order_and_wired);
	tcase_add_test(tc, without_buckets_there_is_no_s3_stack);
	tcase_add_test(tc, every_filter_is_a_configuration);
	tcase_add_test(tc, a_bucket_without_filters_has_none);
	tcase_add_test(tc, values_of_the_environment_are_not_evaluated);
	tcase_add_test(tc, the_same_manifest_gives_the_same_bytes);
	tcase_add_test(tc, no_render_time_name_is_left);
	tcase_add_loop_test(tc, roles_name_their_buckets, 0, ARRAY_SIZE(reads));
	tcase_add_loop_test(tc, wildcards_leave_out_what_holds_code, 0,
			    ARRAY_SIZE(refusals));
	tcase_add_loop_test(tc, templates_are_good_at_every_size, 0, ARRAY_SIZE(sizes));
	tcase_add_test(tc, too_many_processors_for_a_stack);
	tcase_add_test(tc, user_stacks_are_wired_and_wait);
	tcase_add_test(tc, the_manifest_knows_the_names_of_the_templates);
	tcase_add_test(tc, the_stack_behind_the_last_one_is_empty);
	tcase_add_loop_test(tc, templates_of_the_project, 0, ARRAY_SIZE(own));
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
