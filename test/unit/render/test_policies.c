/*
 * Every policy of every stack: what nobody may be allowed, and what IAM's quotas leave.
 * Source: IAM User Guide, "IAM and AWS STS quotas": 10,240 characters of inline policies
 * a role, 2,048 of its trust policy, white space not counted; S3: 20 KB a bucket policy;
 * KMS: 32 KB a key policy; SNS: 30 KB; SQS: 8 KB.
 */
#include "renders.h"

#define ROLE_MAX  10240
#define TRUST_MAX 2048

/* What a value known only to AWS may be long: an ARN of the longest names. */
#define UNKNOWN_CHARACTERS 110

/* "*" as a resource: where AWS offers nothing else. The templates say why beside each. */
static const struct {
	const char *stack, *sid;
} wild[] = {
	{ "artifacts", "CreateKey" },	  { "artifacts", "EventSources" },
	{ "artifacts", "Subscriptions" }, { "lambda", "Trace" },
	{ "pipeline", "CreateKey" },
};

/* Quotas of the policies that are resources' own. */
static const struct {
	const char *type, *path;
	size_t max;
} own[] = {
	{ "AWS::KMS::Key", "KeyPolicy", 32768 },
	{ "AWS::S3::BucketPolicy", "PolicyDocument", 20480 },
	{ "AWS::SNS::TopicPolicy", "PolicyDocument", 30720 },
	{ "AWS::SQS::QueuePolicy", "PolicyDocument", 8192 },
};

static const struct {
	const char *name, *value;
} pseudo[] = {
	{ "${AWS::Partition}", "aws-us-gov" },
	{ "${AWS::AccountId}", "111122223333" },
	{ "${AWS::Region}", "ap-southeast-1" },
	{ "${AWS::URLSuffix}", "amazonaws.com" },
};

/* Characters of a text whose variables are known, in a policy. */
static size_t sub_size(const char *s)
{
	size_t n = 0;

	while (*s) {
		size_t i = 0;

		while (i < ARRAY_SIZE(pseudo) && !str_starts(s, pseudo[i].name))
			i++;
		if (i < ARRAY_SIZE(pseudo)) {
			n += strlen(pseudo[i].value);
			s += strlen(pseudo[i].name);
		} else if (str_starts(s, "${")) {
			n += UNKNOWN_CHARACTERS;
			s = strchr(s, '}') + 1;
		} else {
			n += *s != ' ';
			s++;
		}
	}
	return n;
}

/* Characters of it as JSON, without white space. */
static size_t json_size(const struct node *n)
{
	size_t size = 2;

	if (n->kind == NODE_SCALAR) {
		const char *text = node_text(n);

		if (!n->tag)
			return strlen(text) + 2;
		return (str_eq(n->tag, "!Sub") ? sub_size(text) : UNKNOWN_CHARACTERS) + 2;
	}
	ck_assert_msg(!n->tag, "%s in a policy", n->tag);
	for (size_t i = 0; n->kind == NODE_SEQUENCE && i < n->seq.n; i++)
		size += json_size(n->seq.v[i]) + 1;
	for (size_t i = 0; n->kind == NODE_MAPPING && i < n->map.n; i++)
		size += json_size(n->map.v[i].key) + json_size(n->map.v[i].value) + 2;
	return size;
}

static const struct node *item(const struct node *n, size_t i)
{
	if (n->kind != NODE_SEQUENCE)
		return i ? NULL : n;
	return i < n->seq.n ? n->seq.v[i] : NULL;
}

static bool may_be_wild(const char *stack, const struct node *statement)
{
	for (size_t i = 0; i < ARRAY_SIZE(wild); i++)
		if (str_eq(wild[i].stack, stack) &&
		    node_is(node_get(statement, "Sid"), wild[i].sid))
			return true;
	return false;
}

/* `itself`: the policy of a key, in which "*" is that key. */
static void check_statement(const char *where, const char *stack,
			    const struct node *statement, bool itself)
{
	const struct node *actions = node_get(statement, "Action"), *one;
	const struct node *resources = node_get(statement, "Resource");

	ck_assert_msg(!node_get(statement, "NotAction") &&
			      !node_get(statement, "NotResource") &&
			      !node_get(statement, "NotPrincipal"),
		      "%s: a negation", where);
	if (node_is(node_get(statement, "Effect"), "Deny"))
		return;
	ck_assert_msg(node_is(node_get(statement, "Effect"), "Allow"), "%s", where);
	ck_assert_msg(!node_is(node_get(statement, "Principal"), "*") &&
			      !node_is(node_at(statement, "Principal.AWS"), "*"),
		      "%s: everybody", where);
	for (size_t i = 0; (one = item(actions, i)); i++)
		ck_assert_msg(node_text(one) && !strchr(node_text(one), '*'),
			      "%s: action '%s'", where, node_text(one));
	for (size_t i = 0; resources && (one = item(resources, i)); i++)
		ck_assert_msg(!node_is(one, "*") || itself ||
				      may_be_wild(stack, statement),
			      "%s: resource '*'", where);
}

static size_t check_document(const char *where, const char *stack,
			     const struct node *document, bool itself)
{
	const struct node *statements = node_get(document, "Statement"), *one;

	ck_assert_msg(statements != NULL, "%s: no statement", where);
	for (size_t i = 0; (one = item(statements, i)); i++)
		check_statement(where, stack, one, itself);
	return json_size(document);
}

static void check_role(const char *where, const char *stack, const struct node *p)
{
	const struct node *policies = node_get(p, "Policies"), *one;
	size_t size = 0;

	for (size_t i = 0; policies && (one = item(policies, i)); i++)
		size += check_document(where, stack, node_get(one, "PolicyDocument"),
				       false);
	ck_assert_msg(size <= ROLE_MAX, "%s: %zu characters", where, size);
	size = check_document(where, stack, node_get(p, "AssumeRolePolicyDocument"),
			      false);
	ck_assert_msg(size <= TRUST_MAX, "%s: trust of %zu characters", where, size);
	ck_assert_ptr_null(node_get(p, "ManagedPolicyArns"));
}

static void check_stack(const struct rendered_stack *s)
{
	const struct node *resources = node_get(s->template, "Resources");

	for (size_t i = 0; i < resources->map.n; i++) {
		const struct node *it = resources->map.v[i].value;
		const struct node *type = node_get(it, "Type"),
				  *p = node_get(it, "Properties");
		char where[128];

		snprintf(where, sizeof(where), "%s %s", s->name,
			 node_text(resources->map.v[i].key));
		if (node_is(type, "AWS::IAM::Role"))
			check_role(where, s->name, p);
		ck_assert_msg(!node_is(type, "AWS::IAM::Policy") &&
				      !node_is(type, "AWS::IAM::ManagedPolicy"),
			      "%s is not looked at", where);
		for (size_t k = 0; k < ARRAY_SIZE(own); k++) {
			size_t size;

			if (!node_is(type, own[k].type))
				continue;
			size = check_document(where, s->name, node_get(p, own[k].path),
					      str_eq(own[k].path, "KeyPolicy"));
			ck_assert_msg(size <= own[k].max, "%s: %zu bytes", where, size);
		}
	}
}

/* A name of that length, such as no other. */
#define X10 "xxxxxxxxxx"

#define EVERYTHING                                                                    \
	"processors:\n"                                                               \
	"  default:\n"                                                                \
	"    tracing: true\n"                                                         \
	"    concurrency: 5\n"                                                        \
	"    on_success: {move: processed/}\n"                                        \
	"    on_failure: {move: quarantine/}\n"                                       \
	"    report: true\n"                                                          \
	"    secrets: {KEY_A: \"ssm:/a/b\", KEY_B: \"secretsmanager:db:password\"}\n" \
	"  tagger: {on_success: tag, on_failure: tag}\n"                              \
	"notify: {results: {email: [a@example.com]}, other: {}}\n"                    \
	"monitoring: {alert: a@example.com}\n"

static const struct {
	const char *name, *text;
	const char *environment;
} manifests[] = {
	{ "the smallest", "project: p\nbuckets: {uploads: {}}\n", NULL },
	{ "everything",
	  "project: p\nbuckets:\n  a: {prefix: in/, encryption: kms, versioning: true}\n"
	  "  b: {prefix: in/, delivery: queue, encryption: "
	  "\"arn:aws:kms:eu-west-1:111122223333:key/k\"}\n"
	  "  c: {processor: tagger, delivery: queue, encryption: kms}\n" EVERYTHING
	  "pipeline: {github: o/r}\n",
	  NULL },
	{ "long names",
	  "project: p" X10 X10
	  "\nbuckets: {u: {prefix: in/, encryption: kms}}\n" EVERYTHING
	  "pipeline: {github: o/r}\n",
	  NULL },
	{ "another account's pipeline",
	  "project: p\nbuckets: {a: {prefix: in/, encryption: kms}}\n" EVERYTHING
	  "pipeline: {github: o/r, approve: [prod]}\n"
	  "environments: {dev: {account: \"111111111111\"}, "
	  "prod: {account: \"222222222222\"}}\n",
	  "prod" },
	{ "a pipeline for other accounts",
	  "project: p\nbuckets: {a: {prefix: in/, encryption: kms}}\n" EVERYTHING
	  "pipeline: {github: o/r, approve: [prod], connection: "
	  "\"arn:aws:codestar-connections:eu-west-1:111111111111:connection/"
	  "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee\"}\n"
	  "environments: {dev: {account: \"111111111111\"}, "
	  "prod: {account: \"222222222222\"}}\n",
	  NULL },
};

START_TEST(policies_allow_no_more_than_is_needed)
{
	FP_AUTO(rendering_release) struct rendering r;

	render_text(&r, manifests[_i].text, manifests[_i].environment);
	for (size_t i = 0; i < r.nstacks; i++)
		check_stack(&r.stacks[i]);
}
END_TEST

START_TEST(policies_stay_small_with_many_buckets)
{
	static const size_t counts[] = { 19, 20, 21, 150, 1000 };
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(rendering_release) struct rendering r;

	buf_puts(&text, "project: p" X10 "\nbuckets:\n");
	for (size_t i = 0; i < counts[_i]; i++)
		buf_printf(&text,
			   "  bucket" X10 "%zu: {prefix: in/, encryption: kms%s}\n", i,
			   i % 2 ? ", delivery: queue" : "");
	buf_puts(&text, EVERYTHING "pipeline: {github: o/r}\n");
	render_text(&r, buf_str(&text), NULL);
	for (size_t i = 0; i < r.nstacks; i++)
		check_stack(&r.stacks[i]);
}
END_TEST

START_TEST(policies_stay_small_with_many_environments)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(rendering_release) struct rendering r;

	buf_puts(&text, "project: p" X10 "\nbuckets: {a: {}}\npipeline: {github: o/r}\n"
			"environments:\n");
	for (size_t i = 0; i < 23; i++)
		buf_printf(&text, "  env%zu: {account: \"%012zu\"}\n", i, i + 1);
	render_text(&r, buf_str(&text), NULL);
	for (size_t i = 0; i < r.nstacks; i++)
		check_stack(&r.stacks[i]);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("render/policies");
	TCase *tc = tcase_create("policies");

	tcase_add_loop_test(tc, policies_allow_no_more_than_is_needed, 0,
			    ARRAY_SIZE(manifests));
	tcase_add_loop_test(tc, policies_stay_small_with_many_buckets, 0, 5);
	tcase_add_test(tc, policies_stay_small_with_many_environments);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
