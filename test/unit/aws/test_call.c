/* Which calls are made again when nobody knows whether they were done; pages; members. */
#include "check_main.h"

#include "aws/members.h"
#include "aws/paginate.h"
#include "aws/service/cloudformation.h"
#include "aws/service/codepipeline.h"
#include "aws/service/lambda.h"
#include "aws/service/sqs.h"
#include "base/json.h"
#include "script.h"

static int delete_stack(struct aws_client *c, struct fp_error *err)
{
	return cloudformation_delete(c, "x", NULL, err);
}

static int execute(struct aws_client *c, struct fp_error *err)
{
	return cloudformation_execute(c, "x", "y", NULL, false, err);
}

static int protect(struct aws_client *c, struct fp_error *err)
{
	return cloudformation_protect(c, "x", true, err);
}

static int start(struct aws_client *c, struct fp_error *err)
{
	struct pipeline_start s = { .pipeline = "x" };
	FP_AUTO(freep) char *id = NULL;

	return codepipeline_start(c, &s, &id, err);
}

static int stop(struct aws_client *c, struct fp_error *err)
{
	return codepipeline_stop(c, "x", "y", true, NULL, err);
}

static int send_plain(struct aws_client *c, struct fp_error *err)
{
	struct sqs_message m = { .queue_url = "http://x/", .body = "b" };

	return sqs_send(c, &m, NULL, err);
}

static int send_same(struct aws_client *c, struct fp_error *err)
{
	struct sqs_message m = {
		.queue_url = "http://x/", .body = "b", .group = "g", .deduplication = "d"
	};

	return sqs_send(c, &m, NULL, err);
}

static int receive(struct aws_client *c, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *out = NULL;

	return sqs_receive(c, "http://x/", 0, 0, &out, err);
}

static int read_function(struct aws_client *c, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *out = NULL;

	return lambda_function(c, "f", &out, err);
}

static int update_code(struct aws_client *c, struct fp_error *err)
{
	struct lambda_code code = { .function = "f", .bucket = "b", .key = "k" };
	FP_AUTO(json_freep) cJSON *out = NULL;

	return lambda_update_code(c, &code, &out, err);
}

static int invoke(struct aws_client *c, struct fp_error *err)
{
	struct lambda_invocation i = { .function = "f" };
	FP_AUTO(lambda_result_release) struct lambda_result r = { 0 };

	return lambda_invoke(c, &i, &r, err);
}

static const struct {
	const char *name;
	int (*call)(struct aws_client *c, struct fp_error *err);
	int status; /* as in struct script */
	size_t calls;
} repeats[] = {
	{ "a token of our own makes it repeatable", delete_stack, 500, 3 },
	{ "no answer, with a token", delete_stack, -1, 3 },
	{ "ClientRequestToken", execute, 500, 3 },
	{ "what is set stays set", protect, 500, 3 },
	{ "clientRequestToken", start, 500, 3 },
	{ "unknown whether it was done: not again", stop, 500, 1 },
	{ "no answer without a token: not again", stop, -1, 1 },
	{ "refused: not done, so again", stop, 429, 3 },
	{ "a message might come twice", send_plain, 500, 1 },
	{ "SQS knows it to be the same", send_same, 500, 3 },
	{ "hidden again", receive, 500, 3 },
	{ "GET", read_function, 500, 3 },
	{ "PUT", update_code, 500, 3 },
	{ "POST", invoke, 500, 1 },
};

START_TEST(only_what_may_be_done_twice_is_repeated)
{
	struct script s = { .status = repeats[_i].status };
	struct fp_error err = { 0 };

	script_begin(&s);
	ck_assert_int_eq(repeats[_i].call(s.client, &err), -1);
	ck_assert_msg(s.calls == repeats[_i].calls, "%s: %zu calls: %s", repeats[_i].name,
		      s.calls, err.message);
	/* All attempts say the same: the token too. */
	for (size_t i = 1; i < s.calls; i++)
		ck_assert_str_eq(s.asked[i], s.asked[0]);
	script_end(&s);
}
END_TEST

START_TEST(tokens_are_fresh)
{
	struct script s = { .bodies = (const char *const[]){ "<a/>", NULL } };
	struct stack_deletion how = { .token = "mine" };

	script_begin(&s);
	ck_assert_int_eq(cloudformation_delete(s.client, "x", NULL, NULL), 0);
	ck_assert_int_eq(cloudformation_delete(s.client, "x", NULL, NULL), 0);
	ck_assert_int_eq(cloudformation_delete(s.client, "x", &how, NULL), 0);
	ck_assert_ptr_nonnull(strstr(s.asked[0], "ClientRequestToken="));
	ck_assert_str_ne(s.asked[0], s.asked[1]);
	ck_assert_ptr_nonnull(strstr(s.asked[2], "ClientRequestToken=mine"));
	script_end(&s);
}
END_TEST

static const struct aws_api json_api = { .service = "logs",
					 .version = "Logs",
					 .protocol = AWS_JSON_1_1 };

static const struct {
	const char *name;
	const char *bodies[5];
	bool repeat_ends;
	size_t max, calls;
	const char *want; /* the items; NULL: refused */
	const char *error;
} lists[] = {
	{ "one page", { "{\"L\":[1,2]}" }, false, 0, 1, "[1,2]", NULL },
	{ "no list", { "{}" }, false, 0, 1, "[]", NULL },
	{ "an empty token is none",
	  { "{\"L\":[1],\"T\":\"\"}" },
	  false,
	  0,
	  1,
	  "[1]",
	  NULL },
	{ "pages, an empty one among them",
	  { "{\"L\":[1],\"T\":\"a\"}", "{\"T\":\"b\"}", "{\"L\":[2,3]}" },
	  false,
	  0,
	  3,
	  "[1,2,3]",
	  NULL },
	{ "enough",
	  { "{\"L\":[1,2],\"T\":\"a\"}", "{\"L\":[3,4],\"T\":\"b\"}" },
	  false,
	  3,
	  2,
	  "[1,2,3]",
	  NULL },
	{ "enough at the end of a page",
	  { "{\"L\":[1,2],\"T\":\"a\"}" },
	  false,
	  2,
	  1,
	  "[1,2]",
	  NULL },
	{ "the same page for ever",
	  { "{\"L\":[1],\"T\":\"a\"}" },
	  false,
	  0,
	  2,
	  NULL,
	  "a page comes again" },
	{ "a circle of pages",
	  { "{\"T\":\"a\"}", "{\"T\":\"b\"}", "{\"T\":\"a\"}" },
	  false,
	  0,
	  3,
	  NULL,
	  "logs ListX: the list does not end" },
	{ "the last page repeats itself",
	  { "{\"L\":[1],\"T\":\"a\"}", "{\"L\":[2],\"T\":\"b\"}",
	    "{\"L\":[],\"T\":\"b\"}" },
	  true,
	  0,
	  3,
	  "[1,2]",
	  NULL },
	{ "a list that is a text", { "{\"L\":\"x\"}" }, false, 0, 1, "[]", NULL },
	{ "a token that is no text",
	  { "{\"L\":[1],\"T\":3}" },
	  false,
	  0,
	  1,
	  "[1]",
	  NULL },
	{ "no object", { "[1]" }, false, 0, 1, "[]", NULL },
	{ "no JSON", { "<html>" }, false, 0, 1, NULL, "logs ListX" },
};

START_TEST(lists_are_complete)
{
	struct aws_pages pages = { .api = &json_api,
				   .action = "ListX",
				   .list = "L",
				   .token = "In",
				   .next = "T",
				   .repeat_ends = lists[_i].repeat_ends };
	struct script s = { .bodies = lists[_i].bodies };
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject(), *out = NULL;
	FP_AUTO(freep) char *text = NULL;
	struct fp_error err = { 0 };
	int rc;

	script_begin(&s);
	rc = aws_collect(s.client, &pages, in, lists[_i].max, &out, &err);
	text = out ? json_text(out) : NULL;
	ck_assert_msg((rc == 0) == (lists[_i].want != NULL) &&
			      str_eq(text, lists[_i].want),
		      "%s: %s%s", lists[_i].name, str_or(text, ""), err.message);
	ck_assert_msg(s.calls == lists[_i].calls, "%s: %zu calls", lists[_i].name,
		      s.calls);
	if (rc < 0) {
		ck_assert_int_eq(err.code, FP_ERR_PROTOCOL);
		ck_assert_msg(strstr(err.message, lists[_i].error), "%s: %s",
			      lists[_i].name, err.message);
	}
	if (s.calls > 1)
		ck_assert_ptr_nonnull(strstr(s.asked[1], "\n{\"In\":\"a\"}"));
	script_end(&s);
}
END_TEST

static const struct {
	const char *json;
	int64_t ms;
	double number;
} values[] = {
	{ "{\"v\":1700000000.25}", 1700000000250, 1700000000.25 },
	{ "{\"v\":\"1700000000\"}", 1700000000000, 1700000000 },
	{ "{\"v\":\"2026-01-02T03:04:05Z\"}", 1767323045000, -1 },
	{ "{\"v\":\"2026-01-02T03:04:05.678Z\"}", 1767323045678, -1 },
	{ "{\"v\":\"0.5\"}", 500, 0.5 },
	{ "{\"v\":\"\"}", -1, -1 },
	{ "{\"v\":\"soon\"}", -1, -1 },
	{ "{\"v\":null}", -1, -1 },
	{ "{\"v\":{}}", -1, -1 },
	{ "{}", -1, -1 },
	{ "[]", -1, -1 },
};

START_TEST(values_of_every_protocol)
{
	FP_AUTO(json_freep)
	cJSON *j = json_parse(values[_i].json, strlen(values[_i].json), "row", NULL);

	ck_assert_int_eq(aws_time(j, "v", -1), values[_i].ms);
	ck_assert_double_eq(aws_number(j, "v", -1), values[_i].number);
	ck_assert_int_eq(aws_time(NULL, "v", -1), -1);
}
END_TEST

START_TEST(names_go_in_batches)
{
	static const struct aws_batch batch = { &json_api, "BatchGetX", "names", "xs",
						2 };
	struct script s = { .bodies = (const char *const[]){ "{\"xs\":[1,2]}",
							     "{\"xs\":[3]}",
							     "{\"missing\":[]}", NULL } };
	FP_AUTO(strs_release) struct strs names = STRS_INIT;
	FP_AUTO(json_freep) cJSON *in = aws_input("k", "v"), *out = NULL;
	FP_AUTO(freep) char *text = NULL;

	for (const char *n = "a\0b\0c\0d\0e\0"; *n; n += 2)
		strs_add(&names, n);
	script_begin(&s);
	ck_assert_int_eq(aws_call_batches(s.client, &batch, &names, in, &out, NULL), 0);
	text = json_text(out);
	ck_assert_str_eq(text, "[1,2,3]");
	ck_assert_uint_eq(s.calls, 3);
	ck_assert_str_eq(s.asked[1], "POST /\n{\"k\":\"v\",\"names\":[\"c\",\"d\"]}");
	ck_assert_str_eq(s.asked[2], "POST /\n{\"k\":\"v\",\"names\":[\"e\"]}");
	script_end(&s);
}
END_TEST

START_TEST(what_an_answer_lacks_is_named)
{
	struct script s = { .bodies = (const char *const[]){ "{\"other\":1}", NULL } };
	struct fp_error err = { 0 };
	cJSON *out = NULL;
	char *text = NULL;

	script_begin(&s);
	ck_assert_int_eq(
		aws_call_for(s.client, &json_api, "GetX", NULL, "thing", &out, &err), -1);
	ck_assert_int_eq(err.code, FP_ERR_PROTOCOL);
	ck_assert_str_eq(err.message, "logs GetX: the answer has no thing");
	ck_assert_int_eq(aws_call_for_text(s.client, &json_api, "GetX", NULL, "other",
					   &text, &err),
			 -1);
	ck_assert_str_eq(err.message, "logs GetX: the answer has no other");
	ck_assert(!out && !text);
	script_end(&s);
}
END_TEST

static Suite *call_suite(void)
{
	Suite *s = suite_create("call");
	TCase *tc = tcase_create("call");

	tcase_add_loop_test(tc, only_what_may_be_done_twice_is_repeated, 0,
			    ARRAY_SIZE(repeats));
	tcase_add_test(tc, tokens_are_fresh);
	tcase_add_loop_test(tc, lists_are_complete, 0, ARRAY_SIZE(lists));
	tcase_add_loop_test(tc, values_of_every_protocol, 0, ARRAY_SIZE(values));
	tcase_add_test(tc, names_go_in_batches);
	tcase_add_test(tc, what_an_answer_lacks_is_named);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(call_suite)
