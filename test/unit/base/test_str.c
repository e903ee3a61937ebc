#include "check_main.h"

#include "base/error.h"
#include "base/str.h"

static const struct {
	const char *pattern, *s;
	bool want;
} globs[] = {
	{ "", "", true },
	{ "", "a", false },
	{ "*", "", true },
	{ "*", "anything", true },
	{ "a*", "abc", true },
	{ "a*", "b", false },
	{ "*c", "abc", true },
	{ "*c", "abcd", false },
	{ "a?c", "abc", true },
	{ "a?c", "ac", false },
	{ "a*b*c", "a-b-b-c", true },
	{ "a*b*c", "a-c-b", false },
	{ "**a", "ba", true },
	{ "arn:aws:s3:::*/in/*.csv", "arn:aws:s3:::b/in/x/y.csv", true },
	{ "arn:aws:s3:::*/in/*.csv", "arn:aws:s3:::b/out/y.csv", false },
	{ "*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false },
};

START_TEST(glob_matches)
{
	ck_assert_msg(str_glob(globs[_i].pattern, globs[_i].s) == globs[_i].want,
		      "'%s' and '%s'", globs[_i].pattern, globs[_i].s);
}
END_TEST

static const struct {
	const char *s;
	int64_t min, max;
	bool ok;
	int64_t want;
} numbers[] = {
	{ "0", 0, 9, true, 0 },
	{ "-7", -9, 9, true, -7 },
	{ "+7", -9, 9, true, 7 },
	{ "007", 0, 9, true, 7 },
	{ "9223372036854775807", 0, INT64_MAX, true, INT64_MAX },
	{ "-9223372036854775808", INT64_MIN, 0, true, INT64_MIN },
	{ "9223372036854775808", INT64_MIN, INT64_MAX, false, 0 },
	{ "10", 0, 9, false, 0 },
	{ "-1", 0, 9, false, 0 },
	{ "", 0, 9, false, 0 },
	{ NULL, 0, 9, false, 0 },
	{ " 1", 0, 9, false, 0 },
	{ "1 ", 0, 9, false, 0 },
	{ "-", -9, 9, false, 0 },
	{ "--1", -9, 9, false, 0 },
	{ "+-1", -9, 9, false, 0 },
	{ "0x1", 0, 9, false, 0 },
	{ "1.0", 0, 9, false, 0 },
};

START_TEST(numbers_are_whole_strings)
{
	const __typeof__(numbers[0]) *c = &numbers[_i];
	int64_t got = 42;

	ck_assert_msg(str_to_i64(c->s, c->min, c->max, &got) == c->ok, "'%s'", c->s);
	ck_assert_int_eq(got, c->ok ? c->want : 42);
}
END_TEST

static const struct {
	const char *s, *want;
} near[] = {
	{ "sufix", "suffix" },	 { "suffix", "suffix" },   { "Suffix", "suffix" },
	{ "SUFFIX", "suffix" },	 { "prefxi", "prefix" }, /* a swap is one */
	{ "timeot", "timeout" }, { "tiemuot", "timeout" }, { "buckets", "bucket" },
	{ "fix", NULL },	 { "zebra", NULL },	   { "", NULL },
	{ "v", NULL }, /* most of it would be wrong */
	{ "vp", "vpc" },	 { "vpx", "vpc" },
};

START_TEST(nearest_guesses)
{
	static const char *const names[] = { "bucket", "prefix", "suffix", "timeout",
					     "vpc" };
	const char *got = str_nearest(near[_i].s, names, ARRAY_SIZE(names));

	ck_assert_msg(str_eq(got, near[_i].want), "'%s' gives '%s'", near[_i].s,
		      got ? got : "nothing");
}
END_TEST

START_TEST(nearest_passes_over_long_names)
{
	char longer[300];
	const char *const names[] = { longer, "bucket" };

	memset(longer, 'b', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	ck_assert_str_eq(str_nearest("buckt", names, 2), "bucket");
	ck_assert_ptr_null(str_nearest(longer, names, 2));
	ck_assert_ptr_null(str_nearest("x", NULL, 0));
}
END_TEST

START_TEST(comparisons)
{
	ck_assert(str_eq(NULL, NULL) && !str_eq(NULL, "") && !str_eq("", NULL));
	ck_assert(str_eq("a", "a") && !str_eq("a", "A"));
	ck_assert(str_ieq("Content-Type", "content-type") && !str_ieq("a", "ab"));
	ck_assert(str_ieq(NULL, NULL) && !str_ieq(NULL, "") && !str_ieq("[", "{"));
	ck_assert(str_starts("abc", "ab") && str_starts("abc", "") &&
		  !str_starts("a", "ab"));
	ck_assert(str_ends("abc", "bc") && str_ends("abc", "") && !str_ends("c", "bc"));
	ck_assert_str_eq(str_or(NULL, "x"), "x");
	ck_assert_str_eq(str_or("", "x"), "x");
	ck_assert_str_eq(str_or("y", "x"), "y");
}
END_TEST

static const struct {
	const char *s;
	size_t n, want;
} characters[] = {
	{ "", 0, 0 },
	{ "a", 1, 1 },
	{ "\0", 1, 1 },
	{ "\xc3\xa4", 2, 2 },
	{ "\xc3\xa4", 1, 0 }, /* cut */
	{ "\xc3(", 2, 0 },
	{ "\xe2\x82\xac", 3, 3 },
	{ "\xf0\x9f\x98\x80", 4, 4 },
	{ "\x80", 1, 0 },
	{ "\xc0\x80", 2, 0 },	  /* overlong */
	{ "\xe0\x80\x80", 3, 0 }, /* overlong */
	{ "\xf0\x80\x80\x80", 4, 0 },
	{ "\xed\xa0\x80", 3, 0 },     /* a surrogate */
	{ "\xf4\x90\x80\x80", 4, 0 }, /* above U+10FFFF */
	{ "\xff", 1, 0 },
};

START_TEST(utf8_is_checked)
{
	ck_assert_uint_eq(str_utf8_len(characters[_i].s, characters[_i].n),
			  characters[_i].want);
}
END_TEST

START_TEST(bytes)
{
	char s[] = "ABC-xyz", hex[9], secret[] = "secret";

	ck_assert_str_eq(str_lower(s), "abc-xyz");
	hex_encode(hex, "\x00\x7f\x80\xff", 4);
	ck_assert_str_eq(hex, "007f80ff");
	ck_assert(mem_eq_secret("abc", "abd", 2) && !mem_eq_secret("abc", "abd", 3));
	ck_assert(mem_eq_secret("a", "b", 0));
	mem_wipe(secret, sizeof(secret));
	ck_assert_mem_eq(secret, "\0\0\0\0\0\0", 7);
}
END_TEST

static const struct {
	const char *s, *want; /* the parts, joined by '|' */
	size_t n;
} splits[] = {
	{ "", "", 1 },
	{ "a", "a", 1 },
	{ "a,b", "a|b", 2 },
	{ ",a,,b,", "|a||b|", 5 },
};

START_TEST(split_keeps_empty_parts)
{
	FP_AUTO(strs_release) struct strs l = STRS_INIT;
	char joined[64] = "";

	strs_split(&l, splits[_i].s, ',');
	ck_assert_uint_eq(l.n, splits[_i].n);
	for (size_t i = 0; i < l.n; i++) {
		size_t at = strlen(joined);

		(void)snprintf(joined + at, sizeof(joined) - at, "%s%s", i ? "|" : "",
			       l.v[i]);
	}
	ck_assert_str_eq(joined, splits[_i].want);
}
END_TEST

START_TEST(lists_grow_and_sort)
{
	FP_AUTO(strs_release) struct strs l = STRS_INIT;

	strs_sort(&l);
	for (int i = 99; i >= 0; i--)
		strs_add_owned(&l, xasprintf("%02d", i));
	strs_add(&l, "\xc3\xa4");
	strs_sort(&l);
	ck_assert_uint_eq(l.n, 101);
	ck_assert_str_eq(l.v[7], "07");
	ck_assert_str_eq(l.v[100], "\xc3\xa4");
	ck_assert(strs_has(&l, "42") && !strs_has(&l, "100"));
}
END_TEST

static Suite *str_suite(void)
{
	Suite *s = suite_create("base/str");
	TCase *tc = tcase_create("str");

	tcase_add_loop_test(tc, glob_matches, 0, ARRAY_SIZE(globs));
	tcase_add_loop_test(tc, numbers_are_whole_strings, 0, ARRAY_SIZE(numbers));
	tcase_add_loop_test(tc, nearest_guesses, 0, ARRAY_SIZE(near));
	tcase_add_test(tc, nearest_passes_over_long_names);
	tcase_add_test(tc, comparisons);
	tcase_add_loop_test(tc, utf8_is_checked, 0, ARRAY_SIZE(characters));
	tcase_add_test(tc, bytes);
	tcase_add_loop_test(tc, split_keeps_empty_parts, 0, ARRAY_SIZE(splits));
	tcase_add_test(tc, lists_grow_and_sort);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(str_suite)
