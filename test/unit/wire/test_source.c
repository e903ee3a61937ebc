#include "wire/source.h"

#include "check_main.h"

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
	ck_assert_int_eq(s.rewind(s.ctx, &err), 0);
	ck_assert_int_eq(source_read_all(&s, out, 3, &err), 0);
	ck_assert_str_eq(out, "abc");
	ck_assert_int_lt(source_read_all(&s, out, 1, &err), 0);
	ck_assert_str_eq(err.message, "what is being sent ended 1 bytes too early");
	ck_assert_int_eq(err.code, FP_ERR_IO);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("source");
	TCase *tc = tcase_create("source");

	tcase_add_test(tc, bytes_in_memory);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(make_suite)
