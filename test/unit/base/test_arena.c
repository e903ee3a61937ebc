#include "check_main.h"

#include "base/arena.h"

static const size_t sizes[] = { 0, 1, 7, 16, 100, 4095, 4096, 4097, 100000, 3 << 20 };

START_TEST(memory_is_zeroed_aligned_and_apart)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	size_t n = sizes[_i];
	unsigned char *before = NULL;

	for (int i = 0; i < 50; i++) {
		unsigned char *p = arena_alloc(&a, n);

		ck_assert_uint_eq((uintptr_t)p % _Alignof(max_align_t), 0);
		ck_assert_ptr_ne(p, before);
		ck_assert(!n || (p[0] == 0 && memcmp(p, p + 1, n - 1) == 0));
		if (n)
			memset(p, 0xff, n);
		before = p;
	}
	ck_assert_uint_ge(a.used, 50 * n);
}
END_TEST

START_TEST(large_pieces_do_not_waste_the_small_ones)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	char *first = arena_alloc(&a, 16);

	(void)arena_alloc(&a, 1 << 20);
	ck_assert_ptr_eq(arena_alloc(&a, 16), first + 16);
}
END_TEST

START_TEST(texts)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	int *numbers = arena_array(&a, 1000, sizeof(*numbers));

	ck_assert_int_eq(numbers[999], 0);
	ck_assert_str_eq(arena_strdup(&a, "abc"), "abc");
	ck_assert_str_eq(arena_strndup(&a, "abcdef", 2), "ab");
	ck_assert_str_eq(arena_strndup(&a, "ab", 10), "ab");
	ck_assert_str_eq(arena_printf(&a, "%s/%05d", "x", 42), "x/00042");
	ck_assert_uint_eq(strlen(arena_printf(&a, "%9000d", 1)), 9000);
}
END_TEST

START_TEST(release_leaves_it_empty)
{
	struct arena a = ARENA_INIT;

	arena_release(&a);
	(void)arena_alloc(&a, 10);
	arena_release(&a);
	ck_assert_ptr_null(a.head);
	ck_assert_uint_eq(a.used, 0);
}
END_TEST

START_TEST(too_large_an_array_aborts)
{
	struct arena a = ARENA_INIT;

	(void)arena_array(&a, SIZE_MAX / 4, 8);
}
END_TEST

static Suite *arena_suite(void)
{
	Suite *s = suite_create("base/arena");
	TCase *tc = tcase_create("arena");

	tcase_add_loop_test(tc, memory_is_zeroed_aligned_and_apart, 0, ARRAY_SIZE(sizes));
	tcase_add_test(tc, large_pieces_do_not_waste_the_small_ones);
	tcase_add_test(tc, texts);
	tcase_add_test(tc, release_leaves_it_empty);
	tcase_add_test_raise_signal(tc, too_large_an_array_aborts, 6);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(arena_suite)
