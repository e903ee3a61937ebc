/* Waiting: what ends it, and what does not. */
#include "check_main.h"

#include "aws/service/cloudformation.h"
#include "aws/service/lambda.h"
#include "aws/waiter.h"
#include "base/json.h"
#include "base/str.h"
#include "http/client.h"
#include "script.h"

/* What each look finds: a letter is a status, '.' nothing; '!' fails for good, '~' by
 * what passes. The last one again and again. */
struct looks {
	const char *next;
	size_t count, reports;
	size_t stop_at; /* the report that answers false; 0: none */
	const char *statuses[8];
};

static int look(void *ctx, cJSON **found, struct fp_error *err)
{
	struct looks *l = ctx;
	char c = *l->next;

	l->count++;
	l->next += l->next[1] != 0;
	if (c == '!')
		return fp_fail(err, FP_ERR_AWS, "refused");
	if (c == '~')
		return fp_fail(err, FP_ERR_NETWORK, "no network");
	if (c == '.')
		return 0;
	*found = cJSON_CreateObject();
	json_set_fmt(*found, "s", "%c", c);
	return 0;
}

static bool is_done(const cJSON *found)
{
	return str_eq(json_str(found, "s", NULL), "D");
}

static bool is_gone(const cJSON *found)
{
	return !found;
}

static bool report(void *ctx, const char *status, int64_t waited_ms)
{
	struct looks *l = ctx;

	ck_assert_int_ge(waited_ms, 0);
	if (l->reports < ARRAY_SIZE(l->statuses))
		l->statuses[l->reports] = status ? (*status == 'A' ? "A" : "B") : "-";
	return ++l->reports != l->stop_at;
}

static const struct {
	const char *name, *looks;
	bool (*done)(const cJSON *found);
	int64_t timeout_ms;
	size_t stop_at, count; /* count 0: whatever */
	enum fp_errc code;
	const char *message, *out;
} waits[] = {
	{ "at once", "D", is_done, 10000, 0, 1, FP_OK, NULL, "D" },
	{ "in the end", "AABD", is_done, 10000, 0, 4, FP_OK, NULL, "D" },
	{ "gone", "AA.", is_gone, 10000, 0, 3, FP_OK, NULL, NULL },
	{ "nothing yet", "..AD", is_done, 10000, 0, 4, FP_OK, NULL, "D" },
	{ "a refusal ends it", "A!D", is_done, 10000, 0, 2, FP_ERR_AWS, "refused", NULL },
	{ "what passes does not", "A~~D", is_done, 10000, 0, 4, FP_OK, NULL, "D" },
	{ "never", "AB", is_done, 40, 0, 0, FP_ERR_TIMEOUT,
	  "thing 'x': not done after 0 s: B", NULL },
	{ "never, nothing known", ".", is_done, 40, 0, 0, FP_ERR_TIMEOUT,
	  "thing 'x': not done after 0 s", NULL },
	{ "never an answer", "~", is_done, 40, 0, 0, FP_ERR_NETWORK, "no network", NULL },
	{ "the caller has enough", "A", is_done, 10000, 2, 2, FP_ERR_INTERRUPTED,
	  "stopped waiting for thing 'x'", NULL },
};

START_TEST(waiting_ends)
{
	struct looks l = { .next = waits[_i].looks, .stop_at = waits[_i].stop_at };
	struct aws_waiter w = { .what = "thing 'x'",
				.look = look,
				.ctx = &l,
				.done = waits[_i].done,
				.status = "s",
				.min_ms = 3600000,
				.max_ms = 3600000,
				.timeout_ms = 3600000 };
	struct aws_patience p = { .min_ms = 1,
				  .max_ms = 5,
				  .timeout_ms = waits[_i].timeout_ms,
				  .progress = report,
				  .ctx = &l };
	FP_AUTO(json_freep) cJSON *out = NULL;
	struct fp_error err = { 0 };
	int rc = aws_wait(&w, &p, &out, &err);

	ck_assert_msg((rc == 0) == (waits[_i].code == FP_OK) &&
			      err.code == waits[_i].code,
		      "%s: %s", waits[_i].name, err.message);
	if (waits[_i].count)
		ck_assert_msg(l.count == waits[_i].count, "%s: %zu looks", waits[_i].name,
			      l.count);
	if (rc < 0)
		ck_assert_str_eq(err.message, waits[_i].message);
	ck_assert_pstr_eq(json_str(out, "s", NULL), waits[_i].out);
	/* While nothing new is known, the last status is told. */
	if (str_eq(waits[_i].looks, "A~~D"))
		ck_assert_str_eq(l.statuses[2], "A");
}
END_TEST

START_TEST(ctrl_c_ends_it)
{
	struct looks l = { .next = "A" };
	struct aws_waiter w = { .what = "it",
				.look = look,
				.ctx = &l,
				.done = is_done,
				.status = "s",
				.min_ms = 3600000,
				.max_ms = 3600000,
				.timeout_ms = 3600000 };
	struct fp_error err = { 0 };
	cJSON *out = NULL;

	http_interrupt();
	ck_assert_int_eq(aws_wait(&w, NULL, &out, &err), -1);
	ck_assert_int_eq(err.code, FP_ERR_INTERRUPTED);
}
END_TEST

#define STACK(status)                                                       \
	"<R><DescribeStacksResult><Stacks><member><StackName>s</StackName>" \
	"<StackStatus>" status                                              \
	"</StackStatus><StackStatusReason>why</StackStatusReason>"          \
	"</member></Stacks></DescribeStacksResult></R>"

static const struct {
	const char *name;
	const char *bodies[4];
	const char *want, *error, *status;
	size_t calls;
} stacks[] = {
	{ "made",
	  { STACK("CREATE_IN_PROGRESS"), STACK("CREATE_COMPLETE") },
	  "CREATE_COMPLETE",
	  NULL,
	  "CREATE_COMPLETE",
	  2 },
	{ "cleaning up is not the end",
	  { STACK("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"), STACK("UPDATE_COMPLETE") },
	  "UPDATE_COMPLETE",
	  NULL,
	  "UPDATE_COMPLETE",
	  2 },
	{ "rolled back",
	  { STACK("ROLLBACK_IN_PROGRESS"), STACK("ROLLBACK_COMPLETE") },
	  "CREATE_COMPLETE",
	  "stack 's' is ROLLBACK_COMPLETE, not CREATE_COMPLETE: why",
	  NULL,
	  2 },
	{ "any end will do",
	  { STACK("UPDATE_ROLLBACK_FAILED") },
	  NULL,
	  NULL,
	  "UPDATE_ROLLBACK_FAILED",
	  1 },
	{ "an announced stack is idle",
	  { STACK("REVIEW_IN_PROGRESS") },
	  NULL,
	  NULL,
	  "REVIEW_IN_PROGRESS",
	  1 },
	{ "deleted",
	  { STACK("DELETE_IN_PROGRESS"), STACK("DELETE_COMPLETE") },
	  "DELETE_COMPLETE",
	  NULL,
	  "DELETE_COMPLETE",
	  2 },
};

START_TEST(stacks_come_to_rest)
{
	struct script s = { .bodies = stacks[_i].bodies };
	struct aws_patience p = { .min_ms = 1, .max_ms = 2, .timeout_ms = 10000 };
	FP_AUTO(json_freep) cJSON *out = NULL;
	struct fp_error err = { 0 };
	int rc;

	script_begin(&s);
	rc = cloudformation_wait(s.client, "s", stacks[_i].want, &p, &out, &err);
	ck_assert_msg((rc < 0) == (stacks[_i].error != NULL), "%s: %s", stacks[_i].name,
		      err.message);
	if (rc < 0)
		ck_assert_str_eq(err.message, stacks[_i].error);
	ck_assert_pstr_eq(json_str(out, "StackStatus", NULL), stacks[_i].status);
	ck_assert_uint_eq(s.calls, stacks[_i].calls);
	script_end(&s);
}
END_TEST

START_TEST(a_stack_that_is_gone_is_deleted)
{
	struct script s = { .status = 400,
			    .bodies = (const char *const[]){
				    "<ErrorResponse><Error><Code>ValidationError</"
				    "Code><Message>Stack "
				    "with id s does not "
				    "exist</Message></Error></ErrorResponse>",
				    NULL } };
	FP_AUTO(json_freep) cJSON *out = NULL;
	struct fp_error err = { 0 };

	script_begin(&s);
	ck_assert_msg(cloudformation_wait(s.client, "s", "DELETE_COMPLETE", NULL, &out,
					  &err) == 0 &&
			      !out,
		      "%s", err.message);
	script_end(&s);
}
END_TEST

static const struct {
	const char *name;
	const char *bodies[3];
	bool updated; /* lambda_wait_updated */
	const char *error;
	size_t calls;
} functions[] = {
	{ "active",
	  { "{\"State\":\"Pending\"}", "{\"State\":\"Active\"}" },
	  false,
	  NULL,
	  2 },
	{ "idle is fine", { "{\"State\":\"Inactive\"}" }, false, NULL, 1 },
	{ "never active",
	  { "{\"State\":\"Failed\",\"StateReason\":\"no role\"}" },
	  false,
	  "function 'f': it cannot be made active: no role",
	  1 },
	{ "updated",
	  { "{\"LastUpdateStatus\":\"InProgress\"}",
	    "{\"LastUpdateStatus\":\"Successful\"}" },
	  true,
	  NULL,
	  2 },
	{ "not updated",
	  { "{\"LastUpdateStatus\":\"Failed\"}" },
	  true,
	  "function 'f': its update failed: Lambda gives no reason",
	  1 },
};

START_TEST(functions_become_ready)
{
	struct script s = { .bodies = functions[_i].bodies };
	struct aws_patience p = { .min_ms = 1, .max_ms = 2, .timeout_ms = 10000 };
	FP_AUTO(json_freep) cJSON *out = NULL;
	struct fp_error err = { 0 };
	int rc;

	script_begin(&s);
	rc = functions[_i].updated ? lambda_wait_updated(s.client, "f", &p, &out, &err)
				   : lambda_wait_active(s.client, "f", &p, &out, &err);
	ck_assert_msg((rc < 0) == (functions[_i].error != NULL), "%s: %s",
		      functions[_i].name, err.message);
	if (rc < 0)
		ck_assert_str_eq(err.message, functions[_i].error);
	ck_assert_uint_eq(s.calls, functions[_i].calls);
	script_end(&s);
}
END_TEST

static Suite *waiter_suite(void)
{
	Suite *s = suite_create("waiter");
	TCase *tc = tcase_create("waiter");

	tcase_add_loop_test(tc, waiting_ends, 0, ARRAY_SIZE(waits));
	tcase_add_test(tc, ctrl_c_ends_it);
	tcase_add_loop_test(tc, stacks_come_to_rest, 0, ARRAY_SIZE(stacks));
	tcase_add_test(tc, a_stack_that_is_gone_is_deleted);
	tcase_add_loop_test(tc, functions_become_ready, 0, ARRAY_SIZE(functions));
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(waiter_suite)
