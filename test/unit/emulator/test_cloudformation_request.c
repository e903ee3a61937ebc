/* What a request may say: templates, parameters, names and pages. */
#include "stacks.h"

/* What is refused at once, by its code and a part of the text. */
static const struct {
	const char *template, *code, *text;
} refusals[] = {
	{ "a: [", "ValidationError", "YAML not well-formed" },
	{ "{\"a\": ", "ValidationError", "JSON not well-formed" },
	{ "text", "ValidationError", "unsupported structure" },
	{ "Description: x\n", "ValidationError", "At least one Resources member" },
	{ "Resources:\n  A:\n    Type: AWS::Nobody::Knows\n", "ValidationError",
	  "Unrecognized resource types: [AWS::Nobody::Knows] (template line 3" },
	{ "Resources:\n  A:\n    Type: AWS::SNS::Topic\n    Properties:\n      "
	  "DisplayNam: x\n",
	  "ValidationError", "(line 5, column 7)" },
	{ "Resources:\n" USER("A", "Missing"), "ValidationError", "Missing" },
	{ "Resources:\n" USER("A", "B") USER("B", "A"), "ValidationError",
	  "wait for one another" },
	{ "Resources:\n  R: {Type: AWS::IAM::Role, Properties: {RoleName: x, "
	  "AssumeRolePolicyDocument: {}}}\n",
	  "InsufficientCapabilitiesException", "[CAPABILITY_NAMED_IAM]" },
	{ "Transform: AWS::Serverless-2016-10-31\nResources:\n" TOPIC("A", "a"),
	  "NotImplemented", "AWS::Serverless" },
	{ "Rules: {}\nResources:\n" TOPIC("A", "a"), "NotImplemented",
	  "template line 1" },
	{ "Resources:\n  A:\n    Type: AWS::SNS::Topic\n    CreationPolicy: {}\n",
	  "NotImplemented", "CreationPolicy of 'A' (template line 4)" },
	{ "Resources:\n  A: {Type: AWS::SNS::Topic, UpdatePolicy: {}}\n",
	  "NotImplemented", "UpdatePolicy of 'A'" },
	{ "Resources:\n  A: {Type: AWS::SNS::Topic, DeletionPolicy: Snapshot}\n",
	  "ValidationError", "AWS::SNS::Topic does not support the DeletionPolicy" },
	{ "Resources:\n" TOPIC("A", "'{{resolve:ssm:x}}'"), "NotImplemented", "dynamic" },
	{ "Resources:\n  A: {Type: AWS::SNS::Topic, Properties: {DisplayName: "
	  "!ImportValue "
	  "nothing}}\n",
	  "ValidationError", "No export named nothing found." },
};

START_TEST(template_is_refused)
{
	const __typeof__(refusals[0]) *c = &refusals[_i];
	FP_AUTO(freep) char *body = xasprintf("TemplateBody=%s", c->template);

	REFUSED(c->code, c->text, "CreateStack", "StackName=s", body);
	ck_assert_ptr_null(stack_named("s"));
}
END_TEST

#define DECLARED(type) \
	"TemplateBody=Parameters: {P: {" type "}}\nResources:\n" USER("A", "P")
#define GIVEN(value) \
	"Parameters=[{\"ParameterKey\":\"P\",\"ParameterValue\":\"" value "\"}]"

/* `text`: what is said when it is refused, else NULL. */
static const struct {
	const char *template, *given, *text;
} parameters[] = {
	{ DECLARED("Type: String"), GIVEN("x"), NULL },
	{ DECLARED("Type: String"), "Parameters=[]", "Parameters: [P] must have values" },
	{ DECLARED("Type: String, Default: x"), "Parameters=[]", NULL },
	{ "TemplateBody=Resources:\n" TOPIC("A", "a"), GIVEN("x"),
	  "Parameters: [P] do not exist in the template" },
	{ DECLARED("Type: Number, MinValue: 2, MaxValue: 10"), GIVEN("9.5"), NULL },
	{ DECLARED("Type: Number, MinValue: 2, MaxValue: 10"), GIVEN("1"),
	  "not less than 2" },
	{ DECLARED("Type: Number, MinValue: 2, MaxValue: 10"), GIVEN("11"),
	  "not greater than 10" },
	{ DECLARED("Type: Number"), GIVEN("0x10"), "must be a number" },
	{ DECLARED("Type: String, AllowedValues: [a, b]"), GIVEN("b"), NULL },
	{ DECLARED("Type: String, AllowedValues: [a, b]"), GIVEN("c"), "AllowedValues" },
	{ DECLARED("Type: String, AllowedPattern: '\\d{2}-[\\w.\\-]+'"),
	  GIVEN("12-a.b-c"), NULL },
	{ DECLARED("Type: String, AllowedPattern: '\\d{2}'"), GIVEN("123"),
	  "match pattern" },
	{ DECLARED("Type: String, AllowedPattern: '(?:a|b)*'"), GIVEN("abba"), NULL },
	{ DECLARED("Type: String, AllowedPattern: '[a', ConstraintDescription: w"),
	  GIVEN("a"), "is no regular expression" },
	{ DECLARED("Type: String, MinLength: 2, ConstraintDescription: two letters"),
	  GIVEN("a"), "two letters" },
	{ DECLARED("Type: String, MaxLength: 2"), GIVEN("abc"), "at most this many" },
	{ DECLARED("Type: 'AWS::SSM::Parameter::Value<String>'"), GIVEN("/x"),
	  "Systems Manager" },
	{ DECLARED("Type: 'AWS::EC2::KeyPair::KeyName'"), GIVEN("k"), NULL },
	{ DECLARED("Type: String"),
	  "Parameters=[{\"ParameterKey\":\"P\",\"UsePreviousValue\":"
	  "\"true\"}]",
	  "not in the previous template" },
};

START_TEST(parameter_is_checked)
{
	const __typeof__(parameters[0]) *c = &parameters[_i];
	FP_AUTO(json_freep)
	cJSON *out = ASK("CreateStack", "StackName=s", c->template, c->given);

	ck_assert_msg((out == NULL) == (c->text != NULL), "row %d: %s", _i,
		      cloud.call.fault.message);
	if (c->text)
		ck_assert_msg(strstr(cloud.call.fault.message, c->text) != NULL,
			      "row %d: %s", _i, cloud.call.fault.message);
}
END_TEST

START_TEST(list_parameter_is_a_list)
{
	FP_AUTO(json_freep) cJSON *s = NULL;

	OK("CreateStack", "StackName=s",
	   "TemplateBody=Parameters: {P: {Type: CommaDelimitedList}, "
	   "S: {Type: String, NoEcho: true, Default: x}}\nResources:\n" TOPIC(
		   "A", "a") "Outputs: {O: {Value: !Join ['-', !Ref P]}}",
	   GIVEN("a, b ,c"));
	s = stack_named("s");
	ck_assert_str_eq(json_str(s->child ? json_get(s, "Outputs")->child : NULL,
				  "OutputValue", ""),
			 "a-b-c");
	ck_assert_str_eq(
		json_str(json_get(s, "Parameters")->child->next, "ParameterValue", ""),
		"****");
}
END_TEST

START_TEST(template_comes_from_s3)
{
	static const char text[] = "Resources:\n" TOPIC("A", "a");
	FP_AUTO(json_freep) cJSON *template = NULL;

	ck_assert(fs_write_atomic(object_path, text, sizeof(text) - 1, 0600, NULL) == 0);
	OK("CreateStack", "StackName=s",
	   "TemplateURL=https://templates.s3.eu-west-1.amazonaws.com/a/t.yaml");
	OK("CreateStack", "StackName=t",
	   "TemplateURL=http://127.0.0.1:4566/templates/a/t.yaml");
	REFUSED("ValidationError", "S3 error", "CreateStack", "StackName=u",
		"TemplateURL=http://127.0.0.1:4566/templates/b");
	template = ASK("GetTemplate", "StackName=t");
	ck_assert_str_eq(json_str(template, "TemplateBody", ""), text);
}
END_TEST

START_TEST(pages_follow_one_another)
{
	FP_AUTO(buf_release) struct buf body = BUF_INIT;
	FP_AUTO(json_freep) cJSON *first = NULL;
	FP_AUTO(json_freep) cJSON *second = NULL;
	FP_AUTO(freep) char *next = NULL;

	buf_puts(&body, "TemplateBody=Resources:\n");
	for (int i = 0; i < 130; i++)
		buf_printf(&body, "  T%d: {Type: AWS::SNS::Topic}\n", i);
	OK("CreateStack", "StackName=s", buf_str(&body));
	first = ASK("ListStackResources", "StackName=s");
	ck_assert_int_eq(cJSON_GetArraySize(json_get(first, "StackResourceSummaries")),
			 100);
	next = xasprintf("NextToken=%s", json_str(first, "NextToken", ""));
	second = ASK("ListStackResources", "StackName=s", next);
	ck_assert_int_eq(cJSON_GetArraySize(json_get(second, "StackResourceSummaries")),
			 30);
	ck_assert_ptr_null(json_get(second, "NextToken"));
	ck_assert_str_eq(json_str(json_get(second, "StackResourceSummaries")->child,
				  "LogicalResourceId", ""),
			 "T100");
}
END_TEST

START_TEST(unknown_things_are_refused)
{
	REFUSED("ValidationError", "Stack with id x does not exist", "DescribeStacks",
		"StackName=x");
	REFUSED("ValidationError", "Stack [x] does not exist", "UpdateStack",
		"StackName=x", "TemplateBody=x");
	REFUSED("ValidationError", "failed to satisfy constraint", "CreateStack",
		"StackName=1x", "TemplateBody=x");
	REFUSED("ValidationError", "failed to satisfy constraint", "CreateStack",
		"StackName=arn:aws:x", "TemplateBody=x");
	REFUSED("NotImplemented", "'StackPolicyBody' of CreateStack", "CreateStack",
		"StackName=x", "TemplateBody=x", "StackPolicyBody={}");
	REFUSED("ValidationError", "Template Body must be specified", "CreateStack",
		"StackName=x");
	OK("DeleteStack", "StackName=x");
}
END_TEST

static Suite *request_suite(void)
{
	Suite *s = suite_create("cloudformation requests");
	TCase *tc = tcase_create("requests");
	const TTest *const tests[] = {
		list_parameter_is_a_list,
		template_comes_from_s3,
		pages_follow_one_another,
		unknown_things_are_refused,
	};

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, template_is_refused, 0, ARRAY_SIZE(refusals));
	tcase_add_loop_test(tc, parameter_is_checked, 0, ARRAY_SIZE(parameters));
	for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(request_suite)
