#include "check_main.h"

#include <errno.h>

#include "base/fault.h"

static const struct {
	const char *op;
	unsigned nth;
	unsigned fails_at; /* of the calls open, read, open, read; 0 is none */
	unsigned count;
} cases[] = {
	{ "open", 1, 1, 2 }, { "open", 2, 3, 2 },  { "read", 1, 2, 2 },
	{ "*", 1, 1, 4 },    { "*", 4, 4, 4 },	   { "*", 5, 0, 4 },
	{ "open", 3, 0, 2 }, { "fsync", 1, 0, 0 }, { "*", 0, 0, 4 },
};

START_TEST(the_nth_call_fails)
{
	static const char *const calls[] = { "open", "read", "open", "read" };
	const __typeof__(cases[0]) *c = &cases[_i];

	fault_arm(c->op, c->nth, ENOSPC);
	for (unsigned i = 0; i < 4; i++) {
		bool failed;

		errno = 0;
		failed = fault_point(calls[i]);
		ck_assert_int_eq(failed, i + 1 == c->fails_at);
		ck_assert_int_eq(errno, failed ? ENOSPC : 0);
	}
	ck_assert_uint_eq(fault_count(), c->count);
	fault_disarm();
	ck_assert(!fault_point("open"));
	ck_assert_uint_eq(fault_count(), c->count);
}
END_TEST

START_TEST(arming_again_starts_anew)
{
	fault_arm("*", 2, EIO);
	ck_assert(!fault_point("open"));
	fault_arm("*", 2, EIO);
	ck_assert(!fault_point("open"));
	ck_assert(fault_point("open"));
	ck_assert(!fault_point("open"));
}
END_TEST

static const struct {
	const char *text;
	bool good;
	unsigned first, last; /* of five calls */
	const char *kind;
} texts[] = {
	{ "http:2", true, 2, 2, "" },
	{ "http:2:cut", true, 2, 2, "cut" },
	{ "http:2-4:status=503", true, 2, 4, "status=503" },
	{ "*:1-1:a:b", true, 1, 1, "a:b" },
	{ "open:1", true, 0, 0, "" },
	{ "http", false, 0, 0, "" },
	{ "http:", false, 0, 0, "" },
	{ "http:0", false, 0, 0, "" },
	{ "http:3-2", false, 0, 0, "" },
	{ "http:1-:cut", false, 0, 0, "" },
	{ ":1:cut", false, 0, 0, "" },
	{ "", false, 0, 0, "" },
};

START_TEST(a_text_says_which_calls_fail_and_how)
{
	const __typeof__(texts[0]) *c = &texts[_i];

	ck_assert_int_eq(fault_arm_text(c->text), c->good);
	for (unsigned i = 1; i <= 5; i++) {
		char kind[FAULT_KIND_LEN] = "";
		bool fails = i >= c->first && i <= c->last;

		ck_assert_int_eq(fault_point_kind("http", kind), fails);
		ck_assert_str_eq(kind, fails ? c->kind : "");
	}
	fault_disarm();
}
END_TEST

static Suite *fault_suite(void)
{
	Suite *s = suite_create("base/fault");
	TCase *tc = tcase_create("fault");

	tcase_add_loop_test(tc, the_nth_call_fails, 0, ARRAY_SIZE(cases));
	tcase_add_test(tc, arming_again_starts_anew);
	tcase_add_loop_test(tc, a_text_says_which_calls_fail_and_how, 0,
			    ARRAY_SIZE(texts));
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(fault_suite)
