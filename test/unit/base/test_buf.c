#include "check_main.h"

#include "base/buf.h"
#include "base/error.h"

START_TEST(an_empty_buffer_is_text)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;
	FP_AUTO(freep) char *s = NULL;

	ck_assert_str_eq(buf_str(&b), "");
	buf_clear(&b);
	buf_add(&b, NULL, 0);
	ck_assert_ptr_null(b.data);
	s = buf_detach(&b);
	ck_assert_str_eq(s, "");
}
END_TEST

START_TEST(pieces_add_up)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;

	buf_puts(&b, "a");
	buf_putc(&b, 'b');
	buf_add(&b, "cd", 1);
	buf_fill(&b, '-', 3);
	buf_printf(&b, "%03d", 7);
	ck_assert_str_eq(buf_str(&b), "abc---007");
	ck_assert_uint_eq(b.len, 9);
	buf_truncate(&b, 3);
	ck_assert_str_eq(buf_str(&b), "abc");
	buf_clear(&b);
	ck_assert_str_eq(buf_str(&b), "");
	ck_assert_ptr_nonnull(b.data);
}
END_TEST

START_TEST(nul_bytes_are_bytes)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;

	buf_add(&b, "a\0b", 3);
	ck_assert_uint_eq(b.len, 3);
	ck_assert_mem_eq(b.data, "a\0b", 4);
}
END_TEST

/* The lengths around the first sizes, where an off-by-one would show. */
START_TEST(printf_grows_as_needed)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;
	char want[400];

	for (int n = 0; n < 300; n++) {
		buf_clear(&b);
		buf_printf(&b, "%*d|", n, 5);
		(void)snprintf(want, sizeof(want), "%*d|", n, 5);
		ck_assert_str_eq(buf_str(&b), want);
		ck_assert_uint_eq(b.len, strlen(want));
	}
}
END_TEST

START_TEST(detach_gives_the_text_away)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;
	FP_AUTO(freep) char *s = NULL;

	buf_puts(&b, "mine");
	s = buf_detach(&b);
	ck_assert_str_eq(s, "mine");
	ck_assert_uint_eq(b.len, 0);
	ck_assert_uint_eq(b.cap, 0);
}
END_TEST

START_TEST(a_megabyte_by_bytes)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;

	for (int i = 0; i < 1 << 20; i++)
		buf_putc(&b, (char)i);
	ck_assert_uint_eq(b.len, 1 << 20);
	ck_assert_int_eq((unsigned char)b.data[0x54321], 0x21);
}
END_TEST

START_TEST(too_much_aborts)
{
	struct buf b = BUF_INIT;

	buf_puts(&b, "x");
	buf_reserve(&b, SIZE_MAX - 1);
}
END_TEST

static Suite *buf_suite(void)
{
	Suite *s = suite_create("base/buf");
	TCase *tc = tcase_create("buf");

	tcase_add_test(tc, an_empty_buffer_is_text);
	tcase_add_test(tc, pieces_add_up);
	tcase_add_test(tc, nul_bytes_are_bytes);
	tcase_add_test(tc, printf_grows_as_needed);
	tcase_add_test(tc, detach_gives_the_text_away);
	tcase_add_test(tc, a_megabyte_by_bytes);
	tcase_add_test_raise_signal(tc, too_much_aborts, 6);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(buf_suite)
