#include "check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/error.h"

static const struct {
	const char *name;
	struct fp_pos pos;
	const char *where;
} places[] = {
	{ "all is known", { "fpctl.yaml", 12, 7 }, "fpctl.yaml:12:7" },
	{ "no column", { "fpctl.yaml", 12, 0 }, "fpctl.yaml:12" },
	{ "no line", { "fpctl.yaml", 0, 7 }, "fpctl.yaml" },
	{ "no file", { NULL, 12, 7 }, "" },
};

START_TEST(fail_at_says_where)
{
	const __typeof__(places[0]) *c = &places[_i];
	struct fp_error err = { .where = "an old place" };

	ck_assert_int_eq(fp_fail_at(&err, FP_ERR_YAML, c->pos, "key %d", 3), -1);
	ck_assert_int_eq(err.code, FP_ERR_YAML);
	ck_assert_str_eq(err.where, c->where);
	ck_assert_str_eq(err.message, "key 3");
}
END_TEST

START_TEST(fail_clears_what_was_there)
{
	struct fp_error err = { .where = "x", .aws_code = "y", .http_status = 404 };

	ck_assert_int_eq(fp_fail(&err, FP_ERR_INPUT, "no '%s'", "name"), -1);
	ck_assert_str_eq(err.where, "");
	ck_assert_str_eq(err.aws_code, "");
	ck_assert_int_eq(err.http_status, 0);
	ck_assert_str_eq(err.message, "no 'name'");
}
END_TEST

START_TEST(fail_may_quote_the_old_message)
{
	struct fp_error err = { 0 };

	fp_fail(&err, FP_ERR_INPUT, "inner");
	fp_fail(&err, FP_ERR_STATE, "outer: %s", err.message);
	ck_assert_str_eq(err.message, "outer: inner");
}
END_TEST

START_TEST(fail_errno_explains_and_keeps_errno)
{
	struct fp_error err = { 0 };

	errno = ENOENT;
	ck_assert_int_eq(fp_fail_errno(&err, "cannot open '%s'", "x"), -1);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_int_eq(err.code, FP_ERR_IO);
	ck_assert_str_eq(err.message, "cannot open 'x': No such file or directory");
}
END_TEST

START_TEST(wrap_puts_context_first_and_keeps_the_rest)
{
	struct fp_error err = { 0 };
	struct fp_pos pos = { "a.yaml", 1, 2 };

	fp_fail_at(&err, FP_ERR_MANIFEST, pos, "bad");
	ck_assert_int_eq(fp_wrap(&err, "stack '%s'", "s3"), -1);
	ck_assert_str_eq(err.message, "stack 's3': bad");
	ck_assert_str_eq(err.where, "a.yaml:1:2");
	ck_assert_int_eq(err.code, FP_ERR_MANIFEST);
}
END_TEST

START_TEST(long_messages_are_cut)
{
	struct fp_error err = { 0 };

	for (int i = 0; i < 1000; i++)
		fp_wrap(&err, "context %d", i);
	ck_assert_uint_eq(strlen(err.message), sizeof(err.message) - 1);
	ck_assert_int_eq(strncmp(err.message, "context 999: context 998: ", 26), 0);
}
END_TEST

START_TEST(nobody_need_listen)
{
	struct fp_pos pos = { "a", 1, 1 };

	ck_assert_int_eq(fp_fail(NULL, FP_ERR_INPUT, "x"), -1);
	ck_assert_int_eq(fp_fail_at(NULL, FP_ERR_INPUT, pos, "x"), -1);
	ck_assert_int_eq(fp_fail_errno(NULL, "x"), -1);
	ck_assert_int_eq(fp_wrap(NULL, "x"), -1);
}
END_TEST

START_TEST(nothing_asked_is_still_memory)
{
	FP_AUTO(freep) char *a = xmalloc(0);
	FP_AUTO(freep) char *b = xcalloc(0, 8);
	FP_AUTO(freep) char *c = xrealloc(NULL, 0);
	FP_AUTO(freep) char *d = xstrndup("abcdef", 3);
	FP_AUTO(freep) char *e = xasprintf("%s-%d", d, 4);

	ck_assert_ptr_nonnull(a);
	ck_assert_ptr_nonnull(b);
	ck_assert_ptr_nonnull(c);
	ck_assert_str_eq(e, "abc-4");
}
END_TEST

START_TEST(freep_forgets_the_pointer)
{
	char *p = xstrdup("x");

	freep(&p);
	ck_assert_ptr_null(p);
	freep(&p);
}
END_TEST

START_TEST(closep_closes_once_and_keeps_errno)
{
	int fd = open("/dev/null", O_RDONLY), same = fd;

	errno = EAGAIN;
	closep(&fd);
	ck_assert_int_eq(fd, -1);
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_int_eq(fcntl(same, F_GETFD), -1);
	closep(&fd);
}
END_TEST

START_TEST(die_aborts)
{
	fp_die("this line is part of a test: %d", 1);
}
END_TEST

static Suite *error_suite(void)
{
	Suite *s = suite_create("base/error");
	TCase *tc = tcase_create("error");

	tcase_add_loop_test(tc, fail_at_says_where, 0, ARRAY_SIZE(places));
	tcase_add_test(tc, fail_clears_what_was_there);
	tcase_add_test(tc, fail_may_quote_the_old_message);
	tcase_add_test(tc, fail_errno_explains_and_keeps_errno);
	tcase_add_test(tc, wrap_puts_context_first_and_keeps_the_rest);
	tcase_add_test(tc, long_messages_are_cut);
	tcase_add_test(tc, nobody_need_listen);
	tcase_add_test(tc, nothing_asked_is_still_memory);
	tcase_add_test(tc, freep_forgets_the_pointer);
	tcase_add_test(tc, closep_closes_once_and_keeps_errno);
	tcase_add_test_raise_signal(tc, die_aborts, 6);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(error_suite)
