/* What services answer that is no list and no success: what is absent, what is odd. */
#include "check_main.h"

#include "aws/service/cloudformation.h"
#include "aws/service/cloudwatch.h"
#include "aws/service/codeconnections.h"
#include "aws/service/iam.h"
#include "aws/service/lambda.h"
#include "aws/service/logs.h"
#include "aws/service/sns.h"
#include "aws/service/sqs.h"
#include "aws/service/ssm.h"
#include "base/json.h"
#include "script.h"

#define QUERY_ERROR(code, message)                                                  \
	"<ErrorResponse><Error><Code>" code "</Code><Message>" message "</Message>" \
	"</Error></ErrorResponse>"
#define JSON_ERROR(code) "{\"__type\":\"" code "\",\"message\":\"m\"}"

static int get_stack(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return cloudformation_stack(c, "s", out, err);
}

static int get_events(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return cloudformation_events(c, "s", NULL, out, err);
}

static int get_imports(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return cloudformation_imports(c, "e", out, err);
}

static int get_function(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return lambda_function(c, "f", out, err);
}

static int get_role(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return iam_role(c, "r", out, err);
}

static int get_topic(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return sns_attributes(c, "arn:aws:sns:eu-west-1:1:t", out, err);
}

static int get_queue(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return sqs_attributes(c, "http://x/1/q", out, err);
}

static int get_parameter(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	FP_AUTO(freep) char *value = NULL;
	int rc = ssm_parameter(c, "/p", &value, err);

	*out = value ? cJSON_CreateString(value) : NULL;
	return rc;
}

static int wait_function(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return lambda_wait_active(c, "f", NULL, out, err);
}

static int get_tail(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	return logs_tail(c, "g", "s", 1, out, err);
}

static const struct {
	const char *name;
	int (*call)(struct aws_client *c, cJSON **out, struct fp_error *err);
	int status;
	const char *body;
	const char *want, *error; /* want NULL: nothing; error: refused with it */
} absences[] = {
	{ "a stack", get_stack, 400,
	  QUERY_ERROR("ValidationError", "Stack with id s does not exist"), NULL, NULL },
	{ "a wrong name is another matter", get_stack, 400,
	  QUERY_ERROR("ValidationError", "1 validation error detected"), NULL,
	  "validation error" },
	{ "a stack without a status", get_stack, 200,
	  "<R><DescribeStacksResult><Stacks/></DescribeStacksResult></R>", NULL,
	  "has no status of 's'" },
	{ "events of no stack", get_events, 400,
	  QUERY_ERROR("ValidationError", "Stack [s] does not exist"), NULL, NULL },
	{ "an export that nobody imports", get_imports, 400,
	  QUERY_ERROR("ValidationError", "Export 'e' is not imported by any stack."),
	  "[]", NULL },
	{ "an export that is none", get_imports, 400,
	  QUERY_ERROR("ValidationError", "Export 'e' is unknown"), NULL, "is unknown" },
	{ "a function", get_function, 404,
	  "{\"Type\":\"User\",\"Code\":\"ResourceNotFoundException\",\"Message\":\"m\"}",
	  NULL, NULL },
	{ "a function that one may not see", get_function, 403,
	  JSON_ERROR("AccessDeniedException"), NULL, "lambda GetFunction" },
	{ "a function that is waited for", wait_function, 404,
	  "{\"Code\":\"ResourceNotFoundException\",\"Message\":\"m\"}", NULL,
	  "there is no function 'f'" },
	{ "a role", get_role, 404, QUERY_ERROR("NoSuchEntity", "m"), NULL, NULL },
	{ "a role without a policy", get_role, 200,
	  "<R><GetRoleResult><Role><RoleName>r</RoleName></Role></GetRoleResult></R>",
	  "{\"RoleName\":\"r\"}", NULL },
	{ "a policy that is encoded badly", get_role, 200,
	  "<R><GetRoleResult><Role><AssumeRolePolicyDocument>%7B%2</"
	  "AssumeRolePolicyDocument></Role></GetRoleResult></R>",
	  "{\"AssumeRolePolicyDocument\":\"{%2\"}", NULL },
	{ "no role in the answer", get_role, 200, "<R><GetRoleResult/></R>", NULL,
	  "iam GetRole: the answer has no Role" },
	{ "a topic", get_topic, 404, QUERY_ERROR("NotFound", "m"), NULL, NULL },
	{ "a queue", get_queue, 400, JSON_ERROR("com.amazonaws.sqs#QueueDoesNotExist"),
	  NULL, NULL },
	{ "a queue, in the older words", get_queue, 400,
	  JSON_ERROR("AWS.SimpleQueueService.NonExistentQueue"), NULL, NULL },
	{ "a parameter", get_parameter, 400, JSON_ERROR("ParameterNotFound"), NULL,
	  NULL },
	{ "a parameter's value", get_parameter, 200, "{\"Parameter\":{\"Value\":\"v\"}}",
	  "\"v\"", NULL },
	{ "a parameter without one", get_parameter, 200, "{\"Parameter\":{}}", NULL,
	  "ssm GetParameter: the answer has no Parameter.Value" },
	{ "a log group", get_tail, 400, JSON_ERROR("ResourceNotFoundException"), NULL,
	  "logs GetLogEvents" },
};

START_TEST(what_is_absent_is_told_from_failure)
{
	const char *const bodies[] = { absences[_i].body, NULL };
	struct script s = { .status = absences[_i].status, .bodies = bodies };
	FP_AUTO(json_freep) cJSON *out = NULL;
	FP_AUTO(freep) char *text = NULL;
	struct fp_error err = { 0 };
	int rc;

	script_begin(&s);
	rc = absences[_i].call(s.client, &out, &err);
	text = out ? json_text(out) : NULL;
	ck_assert_msg((rc < 0) == (absences[_i].error != NULL) &&
			      str_eq(text, absences[_i].want),
		      "%s: %s%s", absences[_i].name, str_or(text, ""), err.message);
	if (rc < 0)
		ck_assert_msg(strstr(err.message, absences[_i].error), "%s: %s",
			      absences[_i].name, err.message);
	ck_assert_uint_eq(s.calls, 1);
	script_end(&s);
}
END_TEST

static const struct {
	const char *function, *qualifier, *target;
} paths[] = {
	{ "f", NULL, "GET /2015-03-31/functions/f/configuration" },
	{ "a-b_c", "$LATEST",
	  "GET /2015-03-31/functions/a-b_c/configuration?Qualifier=%24LATEST" },
	{ "arn:aws:lambda:eu-west-1:1:function:f", "1",
	  "GET /2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A1%3Afunction%3Af/"
	  "configuration?Qualifier=1" },
	{ "../x?y#z", NULL, "GET /2015-03-31/functions/..%2Fx%3Fy%23z/configuration" },
};

START_TEST(names_stay_inside_the_path)
{
	struct script s = { .bodies = (const char *const[]){ "{}", NULL } };
	FP_AUTO(json_freep) cJSON *out = NULL;

	script_begin(&s);
	ck_assert_int_eq(lambda_configuration(s.client, paths[_i].function,
					      paths[_i].qualifier, &out, NULL),
			 0);
	ck_assert_msg(str_starts(s.asked[0], paths[_i].target), "%s", s.asked[0]);
	script_end(&s);
}
END_TEST

static const struct {
	const char *arn;
	const char *why; /* NULL: it is one */
} arns[] = {
	{ "arn:aws:codeconnections:eu-west-1:1:connection/u", NULL },
	{ "arn:aws:codestar-connections:eu-west-1:1:connection/u", NULL },
	{ "arn:aws-cn:codeconnections:cn-north-1:1:connection/u", NULL },
	{ "arn:aws:codeconnections:eu-west-1:1:host/u", "no ARN of a connection" },
	{ "arn:aws:codepipeline:eu-west-1:1:connection/u", "no ARN of a connection" },
	{ "connection/u", "no ARN of a connection" },
	{ "", "no ARN of a connection" },
};

START_TEST(connections_are_known_by_their_arn)
{
	struct script s = { .bodies = (const char *const[]){
				    "{\"Connection\":{\"ConnectionStatus\":\"PENDING\"}}",
				    NULL } };
	FP_AUTO(json_freep) cJSON *out = NULL;
	struct fp_error err = { 0 };
	int rc;

	script_begin(&s);
	rc = codeconnections_get(s.client, arns[_i].arn, &out, &err);
	ck_assert_msg((rc < 0) == (arns[_i].why != NULL), "%s: %s", arns[_i].arn,
		      err.message);
	ck_assert_uint_eq(s.calls, rc == 0);
	if (rc < 0)
		ck_assert_ptr_nonnull(strstr(err.message, arns[_i].why));
	script_end(&s);
}
END_TEST

static bool count_pages(void *ctx, const cJSON *events)
{
	ck_assert_int_gt(cJSON_GetArraySize(events), 0);
	return ++*(int *)ctx < 2;
}

START_TEST(log_events_come_in_portions)
{
	static const char *const bodies[] = {
		"{\"events\":[{},{}],\"nextToken\":\"a\"}",
		"{\"events\":[],\"nextToken\":\"b\"}",
		"{\"events\":[{},{},{}],\"nextToken\":\"c\"}", "{\"events\":[{}]}", NULL
	};
	struct script s = { .bodies = bodies }, capped = { .bodies = bodies };
	struct log_filter f = { .group = "g" };
	int portions = 0;

	/* Until the caller has enough. */
	script_begin(&s);
	ck_assert_int_eq(logs_filter(s.client, &f, count_pages, &portions, NULL), 0);
	ck_assert_int_eq(portions, 2);
	ck_assert_uint_eq(s.calls, 3);
	script_end(&s);
	/* Or until so many came. */
	f.max = 2;
	portions = 0;
	script_begin(&capped);
	ck_assert_int_eq(logs_filter(capped.client, &f, count_pages, &portions, NULL), 0);
	ck_assert_int_eq(portions, 1);
	ck_assert_uint_eq(capped.calls, 1);
	script_end(&capped);
}
END_TEST

START_TEST(odd_metrics_do_no_harm)
{
	struct script
		s = { .bodies = (const char *const[]){
			      "<R><GetMetricDataResult><MetricDataResults>"
			      "<member/><member><Id>a</Id><Timestamps><member>x</member>"
			      "<member>2026-01-02T03:04:05Z</member></Timestamps>"
			      "<Values><member>NaN</member></Values>"
			      "<StatusCode>InternalError</StatusCode></member>"
			      "</MetricDataResults></GetMetricDataResult></R>",
			      NULL } };
	static struct metric_query many[501];
	FP_AUTO(metric_data_release) struct metric_data data = { 0 };
	struct fp_error err = { 0 };

	script_begin(&s);
	ck_assert_int_eq(cloudwatch_metric_data(s.client, many, 1, 0, 0, &data, NULL), 0);
	ck_assert_uint_eq(data.n, 2);
	ck_assert_uint_eq(data.v[0].n, 0);
	ck_assert(data.v[1].partial);
	ck_assert_uint_eq(data.v[1].n, 1);
	metric_data_release(&data);
	ck_assert_int_eq(cloudwatch_metric_data(s.client, many, 501, 0, 0, &data, &err),
			 -1);
	ck_assert_int_eq(err.code, FP_ERR_INPUT);
	script_end(&s);
}
END_TEST

START_TEST(findings_are_gathered)
{
	struct script
		s = { .bodies = (const char *const[]){
			      "<R><DescribeEventsResult><OperationEvents>"
			      "<member><ValidationPath>/Resources/A/x</ValidationPath>"
			      "<ValidationStatusReason>is "
			      "wrong</ValidationStatusReason></member>"
			      "<member><LogicalResourceId>B</LogicalResourceId>"
			      "<ValidationStatusReason>exists</ValidationStatusReason></"
			      "member>"
			      "<member><LogicalResourceId>C</LogicalResourceId></member>"
			      "</OperationEvents></DescribeEventsResult></R>",
			      NULL } };
	FP_AUTO(buf_release) struct buf out = BUF_INIT;

	script_begin(&s);
	ck_assert_int_eq(cloudformation_findings(s.client, "s", "c", &out, NULL), 0);
	ck_assert_str_eq(buf_str(&out), "/Resources/A/x: is wrong; B exists");
	script_end(&s);
}
END_TEST

static const struct {
	const char *status, *reason;
	bool making, empty;
} sets[] = {
	{ "CREATE_PENDING", "", true, false },
	{ "CREATE_IN_PROGRESS", "", true, false },
	{ "CREATE_COMPLETE", "", false, false },
	{ "FAILED", "The submitted information didn't contain changes. Submit different",
	  false, true },
	{ "FAILED", "No updates are to be performed.", false, true },
	{ "FAILED", "Template error: no such resource", false, false },
	{ "CREATE_COMPLETE", "No updates are to be performed.", false, false },
	{ "DELETE_FAILED", "", false, false },
};

START_TEST(change_sets_are_judged)
{
	FP_AUTO(json_freep) cJSON *set = cJSON_CreateObject();

	json_set_str(set, "Status", sets[_i].status);
	json_set_str(set, "StatusReason", sets[_i].reason);
	ck_assert_int_eq(cloudformation_is_making(set), sets[_i].making);
	ck_assert_int_eq(cloudformation_is_empty(set), sets[_i].empty);
	ck_assert(!cloudformation_is_making(NULL) && !cloudformation_is_empty(NULL));
}
END_TEST

static Suite *services_suite(void)
{
	Suite *s = suite_create("services");
	TCase *tc = tcase_create("services");

	tcase_add_loop_test(tc, what_is_absent_is_told_from_failure, 0,
			    ARRAY_SIZE(absences));
	tcase_add_loop_test(tc, names_stay_inside_the_path, 0, ARRAY_SIZE(paths));
	tcase_add_loop_test(tc, connections_are_known_by_their_arn, 0, ARRAY_SIZE(arns));
	tcase_add_test(tc, log_events_come_in_portions);
	tcase_add_test(tc, odd_metrics_do_no_harm);
	tcase_add_test(tc, findings_are_gathered);
	tcase_add_loop_test(tc, change_sets_are_judged, 0, ARRAY_SIZE(sets));
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(services_suite)
