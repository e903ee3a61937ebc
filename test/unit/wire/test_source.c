#include "wire/source.h"

#include <stdio.h>
#include <unistd.h>

#include "check_main.h"

/* A file without a name that holds the digits. */
static int digits_file(void)
{
	FILE *f = tmpfile();
	int fd;

	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs("0123456789", f), 0);
	ck_assert_int_eq(fflush(f), 0);
	fd = dup(fileno(f));
	(void)fclose(f);
	return fd;
}

START_TEST(a_range_of_a_file)
{
	struct source_range r = { .fd = digits_file(), .offset = 3, .size = 5, .at = 2 };
	struct http_source s = source_file(&r);
	struct fp_error err = { 0 };
	char out[10] = "";

	ck_assert_int_eq(s.size, 5);
	ck_assert_int_eq(s.read(s.ctx, out, 2, &err), 2);
	ck_assert_int_eq(s.read(s.ctx, out + 2, 8, &err), 3);
	ck_assert_str_eq(out, "34567");
	ck_assert_int_eq(s.read(s.ctx, out, 8, &err), 0);
	ck_assert_int_eq(s.rewind(s.ctx, &err), 0);
	ck_assert_int_eq(source_read_all(&s, out, 5, &err), 0);
	ck_assert_str_eq(out, "34567");
	ck_assert_int_lt(source_read_all(&s, out, 1, &err), 0);
	ck_assert_str_eq(err.message, "what is being sent ended 1 bytes too early");
	(void)close(r.fd);
}
END_TEST

START_TEST(a_file_that_fails)
{
	struct source_range r = { .fd = digits_file(), .offset = 8, .size = 5 };
	struct http_source s = source_file(&r);
	struct fp_error err = { 0 };
	char out[10];

	ck_assert_int_lt(source_read_all(&s, out, 5, &err), 0);
	ck_assert_str_eq(err.message, "the file that is being sent became shorter");
	ck_assert_int_eq(err.code, FP_ERR_IO);
	(void)close(r.fd);
	ck_assert_int_eq(s.rewind(s.ctx, &err), 0);
	ck_assert_int_lt(s.read(s.ctx, out, 5, &err), 0);
	ck_assert_str_eq(err.message,
			 "cannot read the file that is being sent: Bad file descriptor");
}
END_TEST

START_TEST(bytes_in_memory)
{
	struct source_bytes b = { .data = "abc", .size = 3 };
	struct http_source s = source_memory(&b);
	struct fp_error err = { 0 };
	char out[4] = "";

	ck_assert_int_eq(s.read(s.ctx, out, 2, &err), 2);
	ck_assert_int_eq(s.read(s.ctx, out + 2, 2, &err), 1);
	ck_assert_str_eq(out, "abc");
	ck_assert_int_eq(s.read(s.ctx, out, 2, &err), 0);
	ck_assert_int_eq(s.rewind(s.ctx, &err), 0);
	ck_assert_int_eq(s.read(s.ctx, out, 4, &err), 3);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("source");
	TCase *tc = tcase_create("source");

	tcase_add_test(tc, a_range_of_a_file);
	tcase_add_test(tc, a_file_that_fails);
	tcase_add_test(tc, bytes_in_memory);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(make_suite)
