#include "setting.h"

/* A bucket comes by the queue, or straight to the function. */
#define DELIVERED(how)                                                      \
	"project: p\nregion: eu-west-1\nbuckets: {a: {delivery: " how "}, " \
	"b: {processor: other}}\nprocessors: {other: {}}\n" WITHOUT_MONITORING

START_TEST(a_queue_goes_after_its_last_bucket)
{
	struct deploy_code code[2];
	struct setting s = { 0 };
	FP_AUTO(freep) char *log = NULL;
	const char *first, *users;

	begin(&s, DELIVERED("queue"));
	use_code(&s, code, "default", "other");
	ck_assert_msg(run(&s) == 0, "%s", s.err.message);
	render_anew(&s, DELIVERED("direct"));
	ck_assert_msg(run(&s) == 0, "%s", s.err.message);
	log = joined(&s.fake.log);
	first = strstr(log, "ExecuteChangeSet p-lambda");
	users = first ? strstr(first, "ExecuteChangeSet p-s3") : NULL;
	ck_assert_msg(users && strstr(users, "ExecuteChangeSet p-lambda"), "%s", log);
	end(&s);
}
END_TEST

/* What still waits in a queue is processed before the queue goes. */
START_TEST(a_queue_goes_when_it_is_empty)
{
	struct deploy_code code[2];
	struct setting s = { 0 };
	const struct strs *log = &s.fake.log;
	size_t looked;

	begin(&s, DELIVERED("queue"));
	use_code(&s, code, "default", "other");
	ck_assert_msg(run(&s) == 0, "%s", s.err.message);
	ck_assert(!logged(log, "GetQueueAttributes"));
	render_anew(&s, DELIVERED("direct"));
	s.fake.queues[0] = (struct fake_queue){ "/p-default", 5, 1 };
	ck_assert_msg(run(&s) == 0, "%s", s.err.message);
	looked = last_position(log, "GetQueueAttributes https://sqs/1/p-default");
	ck_assert_uint_ge(count_of(log, "GetQueueAttributes"), 6);
	ck_assert_uint_gt(looked, position(log, "ExecuteChangeSet p-s3"));
	ck_assert_uint_lt(looked, last_position(log, "ExecuteChangeSet p-lambda"));
	ck_assert(logged(&s.reports, "queue p-lambda p-default"));
	/* Nothing is looked at where no queue goes, and a queue that somebody deleted
	 * holds nothing. */
	render_anew(&s, DELIVERED("queue"));
	ck_assert_msg(run(&s) == 0, "%s", s.err.message);
	ck_assert(!logged(log, "GetQueueAttributes"));
	render_anew(&s, DELIVERED("direct"));
	s.fake.queues[0] = (struct fake_queue){ "/p-default", -1, 0 };
	ck_assert_msg(run(&s) == 0, "%s", s.err.message);
	end(&s);
}
END_TEST

START_TEST(a_queue_that_does_not_empty_stays)
{
	struct deploy_code code[2];
	struct setting s = { 0 };
	const struct strs *log = &s.fake.log;

	begin(&s, DELIVERED("queue"));
	use_code(&s, code, "default", "other");
	ck_assert_msg(run(&s) == 0, "%s", s.err.message);
	render_anew(&s, DELIVERED("direct"));
	s.fake.queues[0] = (struct fake_queue){ "/p-default", 1, 0 };
	s.d.timeout_ms = 1500;
	ck_assert_int_eq(run(&s), -1);
	ck_assert_int_eq(s.err.code, FP_ERR_TIMEOUT);
	ck_assert_msg(strstr(s.err.message, "queue p-default has not become empty"), "%s",
		      s.err.message);
	ck_assert_uint_eq(s.sum.failed, 1);
	ck_assert_ptr_nonnull(
		strstr(deployed(&s, "p-lambda")->template, "DefaultQueue:"));
	/* The next one comes to the same place, and waits even though no bridge is left.
	 */
	forget(&s);
	ck_assert_int_eq(run(&s), -1);
	ck_assert(logged(log, "GetQueueAttributes") && !logged(log, "ChangeSet"));
	s.fake.queues[0].falls = 1;
	ck_assert_msg(run(&s) == 0, "%s", s.err.message);
	ck_assert_ptr_null(strstr(deployed(&s, "p-lambda")->template, "DefaultQueue:"));
	end(&s);
}
END_TEST

START_TEST(dead_letters_are_not_lost_unasked)
{
	struct deploy_code code[2];
	struct setting s = { 0 };
	const struct strs *log = &s.fake.log;

	begin(&s, DELIVERED("queue"));
	use_code(&s, code, "default", "other");
	ck_assert_msg(run(&s) == 0, "%s", s.err.message);
	render_anew(&s, "project: p\nregion: eu-west-1\nbuckets: {b: {processor: "
			"other}}\nprocessors: {other: {}}\n" WITHOUT_MONITORING);
	s.fake.queues[0] = (struct fake_queue){ "/p-default-dead-letters", 3, 0 };
	ck_assert_int_eq(run(&s), -1);
	ck_assert_int_eq(s.err.code, FP_ERR_INPUT);
	ck_assert_msg(strstr(s.err.message, "p-default-dead-letters would be deleted, "
					    "and holds 3 messages"),
		      "%s", s.err.message);
	ck_assert(!logged(log, "ChangeSet"));
	ck_assert_int_eq(deploy_destroy(&s.d, false, &s.sum, &s.err), -1);
	ck_assert_msg(strstr(s.err.message, "--delete-data"), "%s", s.err.message);
	ck_assert(!logged(log, "DeleteStack"));
	/* One that comes while the queue is emptied is found as well. */
	s.fake.queues[0] = (struct fake_queue){ "/p-default-dead-letters", 0, -1 };
	ck_assert_int_eq(run(&s), -1);
	ck_assert_int_eq(s.err.code, FP_ERR_INPUT);
	ck_assert_ptr_nonnull(
		strstr(deployed(&s, "p-lambda")->template, "DefaultDeadLetters:"));
	s.fake.queues[0] = (struct fake_queue){ 0 };
	ck_assert_msg(run(&s) == 0, "%s", s.err.message);
	end(&s);
}
END_TEST

START_TEST(destroying_waits_for_queues_too)
{
	struct deploy_code code[2];
	struct setting s = { 0 };
	const struct strs *log = &s.fake.log;

	begin(&s, DELIVERED("queue"));
	use_code(&s, code, "default", "other");
	ck_assert_msg(run(&s) == 0, "%s", s.err.message);
	forget(&s);
	s.fake.queues[0] = (struct fake_queue){ "/p-default", 4, 1 };
	ck_assert_msg(deploy_destroy(&s.d, false, &s.sum, &s.err) == 0, "%s",
		      s.err.message);
	ck_assert_uint_eq(s.fake.queues[0].messages, 0);
	ck_assert_uint_gt(last_position(log, "GetQueueAttributes"),
			  position(log, "DeleteStack p-s3"));
	ck_assert_uint_lt(last_position(log, "GetQueueAttributes"),
			  position(log, "DeleteStack p-lambda"));
	/* Who gives the data up does not wait for it. */
	ck_assert_msg(run(&s) == 0, "%s", s.err.message);
	s.fake.queues[0] = (struct fake_queue){ "/p-default", 4, 0 };
	s.fake.queues[1] = (struct fake_queue){ "/p-default-dead-letters", 4, 0 };
	ck_assert_msg(deploy_destroy(&s.d, true, &s.sum, &s.err) == 0, "%s",
		      s.err.message);
	end(&s);
}
END_TEST

static Suite *queues_suite(void)
{
	Suite *s = suite_create("queues");
	TCase *tc = tcase_create("queues");

	tcase_add_test(tc, a_queue_goes_after_its_last_bucket);
	tcase_add_test(tc, a_queue_goes_when_it_is_empty);
	tcase_add_test(tc, a_queue_that_does_not_empty_stays);
	tcase_add_test(tc, dead_letters_are_not_lost_unasked);
	tcase_add_test(tc, destroying_waits_for_queues_too);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(queues_suite)
