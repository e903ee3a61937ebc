#include "cfn/facts.h"

#include <pthread.h>

#include "base/str.h"
#include "check_main.h"
#include "evaluate.h"

static const struct {
	const char *type, *path;
	enum cfn_update want;
} updates[] = {
	{ "AWS::S3::Bucket", "BucketName", CFN_UPDATE_REPLACE },
	{ "AWS::S3::Bucket", "Tags", CFN_UPDATE_IN_PLACE },
	{ "AWS::S3::Bucket", "Tags.0.Value", CFN_UPDATE_IN_PLACE },
	{ "AWS::S3::Bucket", "VersioningConfiguration.Status", CFN_UPDATE_IN_PLACE },
	{ "AWS::S3::Bucket", "ObjectLockEnabled", CFN_UPDATE_MAYBE },
	{ "AWS::S3::Bucket", "Unknown.Thing", CFN_UPDATE_IN_PLACE },
	{ "AWS::Lambda::Function", "FunctionName", CFN_UPDATE_REPLACE },
	{ "AWS::Lambda::Function", "Code.S3Key", CFN_UPDATE_IN_PLACE },
	{ "AWS::Lambda::Function", "Environment.Variables.X", CFN_UPDATE_IN_PLACE },
	{ "AWS::SNS::Topic", "TopicName", CFN_UPDATE_REPLACE },
	{ "AWS::Nothing::Such", "Name", CFN_UPDATE_IN_PLACE },
};

START_TEST(update)
{
	ck_assert_int_eq(cfn_property_update(updates[_i].type, updates[_i].path),
			 updates[_i].want);
}
END_TEST

static const struct {
	const char *type, *attribute;
	bool has;
} attributes[] = {
	{ "AWS::S3::Bucket", "Arn", true },
	{ "AWS::S3::Bucket", "arn", false },
	{ "AWS::S3::Bucket", "RegionalDomainName", true },
	{ "AWS::CloudFormation::Stack", "Outputs.Anything", true },
	{ "AWS::SNS::Topic", "TopicName", true },
	{ "AWS::SNS::Topic", "DisplayName", true },
	{ "AWS::Nothing::Such", "Arn", false },
};

START_TEST(attribute)
{
	ck_assert(cfn_type_has_attribute(attributes[_i].type, attributes[_i].attribute) ==
		  attributes[_i].has);
}
END_TEST

START_TEST(types)
{
	ck_assert(cfn_type_known("AWS::SQS::Queue"));
	ck_assert(!cfn_type_known("_source"));
	ck_assert(!cfn_type_known("Custom::Thing"));
	ck_assert(cfn_type_stateful("AWS::S3::Bucket"));
	ck_assert(!cfn_type_stateful("AWS::IAM::Role"));
}
END_TEST

static void *ask(void *known)
{
	*(bool *)known = cfn_type_known("AWS::S3::Bucket");
	return NULL;
}

START_TEST(loaded_once_by_many_threads)
{
	pthread_t threads[8];
	bool known[8] = { false };

	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, ask, &known[i]), 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
		ck_assert(known[i]);
	}
}
END_TEST

static const struct {
	const char *name, *type, *in, *want;
} checks[] = {
	{ "good", "AWS::S3::Bucket",
	  "Properties:\n  BucketName: !Sub '${X}'\n  Tags: [{Key: a, Value: 1}, !If [a, "
	  "{Key: b, Value: c}, !Ref C]]\n"
	  "  VersioningConfiguration: {Status: Enabled}\n",
	  "" },
	{ "no properties at all", "AWS::S3::Bucket", "{}", "" },
	{ "an unknown type", "Custom::X", "Properties: {A: b}", "" },
	{ "functions may give anything", "AWS::SNS::Subscription",
	  "Properties: !Transform {Name: x}", "" },
	{ "macros may give any key", "AWS::S3::Bucket",
	  "Properties: {Fn::Transform: {Name: x}}", "" },
	{ "an unknown property", "AWS::S3::Bucket", "Properties: {BuketName: x}",
	  "1:14: Properties.BuketName: AWS::S3::Bucket has no such property; did you "
	  "mean 'BucketName'?\n" },
	{ "an unknown one inside", "AWS::S3::Bucket",
	  "Properties: {VersioningConfiguration: {Statos: Enabled, Status: Enabled}}",
	  "1:40: Properties.VersioningConfiguration.Statos: AWS::S3::Bucket has no such "
	  "property; did you mean 'Status'?\n" },
	{ "required ones", "AWS::SNS::Subscription", "Type: x",
	  "1:1: Properties: the required property 'Protocol' is missing\n"
	  "1:1: Properties: the required property 'TopicArn' is missing\n" },
	{ "a required one inside a list", "AWS::S3::Bucket",
	  "Properties: {Tags: [{Key: a}]}",
	  "1:21: Properties.Tags[0]: the required property 'Value' is missing\n" },
	{ "a list for a text", "AWS::S3::Bucket", "Properties: {BucketName: [a]}",
	  "1:26: Properties.BucketName: must be a string, not a list\n" },
	{ "a text for a list", "AWS::S3::Bucket", "Properties: {Tags: a}",
	  "1:20: Properties.Tags: must be a list, not a string\n" },
	{ "a text for a number", "AWS::Lambda::Function",
	  "Properties: {Role: 'arn:aws:iam::111122223333:role/r', Code: {}, Timeout: 3s}",
	  "1:75: Properties.Timeout: must be a whole number, not a string\n" },
	{ "a number in quotes is one", "AWS::Lambda::Function",
	  "Properties: {Role: 'arn:aws:iam::111122223333:role/r', Code: {}, Timeout: "
	  "'3'}",
	  "" },
	{ "a text for a flag", "AWS::SNS::Topic", "Properties: {FifoTopic: yes}",
	  "1:25: Properties.FifoTopic: must be true or false, not a string\n" },
	{ "a flag in quotes is one", "AWS::SNS::Topic", "Properties: {FifoTopic: 'true'}",
	  "" },
	{ "an enum", "AWS::S3::Bucket",
	  "Properties: {VersioningConfiguration: {Status: Enabeld}}",
	  "1:48: Properties.VersioningConfiguration.Status: cannot be 'Enabeld'; did you "
	  "mean 'Enabled'?\n" },
	{ "an enum by a dynamic reference", "AWS::S3::Bucket",
	  "Properties: {VersioningConfiguration: {Status: '{{resolve:ssm:/a}}'}}", "" },
	{ "a map's values", "AWS::Lambda::Function",
	  "Properties: {Role: 'arn:aws:iam::111122223333:role/r', Code: {}, Environment: "
	  "{Variables: {AB: 1, BB: [x]}}}",
	  "1:103: Properties.Environment.Variables.BB: must be a string, not a list\n" },
};

START_TEST(checked)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(buf_release) struct buf got = BUF_INIT;

	cfn_check_properties(&d, checks[_i].type, load_text(&a, checks[_i].in));
	for (size_t i = 0; i < d.n; i++)
		buf_printf(&got, "%u:%u: %s%s%s\n", d.v[i].pos.line, d.v[i].pos.column,
			   d.v[i].message, d.v[i].hint ? "; " : "",
			   str_or(d.v[i].hint, ""));
	ck_assert_msg(str_eq(buf_str(&got), checks[_i].want), "%s:\ngot\n%swant\n%s",
		      checks[_i].name, buf_str(&got), checks[_i].want);
}
END_TEST

static Suite *facts_suite(void)
{
	Suite *s = suite_create("cfn/facts");
	TCase *tc = tcase_create("facts");

	tcase_add_loop_test(tc, update, 0, ARRAY_SIZE(updates));
	tcase_add_loop_test(tc, attribute, 0, ARRAY_SIZE(attributes));
	tcase_add_loop_test(tc, checked, 0, ARRAY_SIZE(checks));
	tcase_add_test(tc, types);
	tcase_add_test(tc, loaded_once_by_many_threads);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(facts_suite)
