#include "check_main.h"

#include "base/diag.h"
#include "base/str.h"

static const char source[] = "project: demo\n"
			     "buckets:\n"
			     "\t- sufix: .csv\r\n"
			     "  \xc3\xa4\xc3\xb6: \x1b[2J\xff!\n"
			     "last";

static const struct {
	const char *name;
	struct fp_pos pos;
	const char *hint, *want;
} cases[] = {
	{ "line and caret",
	  { "f.yaml", 1, 10 },
	  NULL,
	  "f.yaml:1:10: bad\n  project: demo\n           ^\n" },
	{ "a hint",
	  { "f.yaml", 2, 1 },
	  "did you mean 'bucket'?",
	  "f.yaml:2:1: bad; did you mean 'bucket'?\n  buckets:\n  ^\n" },
	{ "tabs stay, returns go",
	  { "f.yaml", 3, 4 },
	  NULL,
	  "f.yaml:3:4: bad\n  \t- sufix: .csv\n  \t  ^\n" },
	{ "columns count characters, controls are masked",
	  { "f.yaml", 4, 5 },
	  NULL,
	  "f.yaml:4:5: bad\n  \x20 \xc3\xa4\xc3\xb6: ?[2J?!\n      ^\n" },
	{ "a line without an end",
	  { "f.yaml", 5, 99 },
	  NULL,
	  "f.yaml:5:99: bad\n  last\n      ^\n" },
	{ "no such line", { "f.yaml", 6, 1 }, NULL, "f.yaml:6:1: bad\n" },
	{ "no column", { "f.yaml", 2, 0 }, NULL, "f.yaml:2: bad\n  buckets:\n" },
	{ "no line", { "f.yaml", 0, 0 }, NULL, "f.yaml: bad\n" },
	{ "no place", { NULL, 0, 0 }, NULL, "bad\n" },
};

START_TEST(a_finding_shows_its_line)
{
	const __typeof__(cases[0]) *c = &cases[_i];
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(buf_release) struct buf out = BUF_INIT;

	diags_add(&d, c->pos, c->hint, "%s", "bad");
	diags_format(&out, &d, source, sizeof(source) - 1, 10);
	ck_assert_msg(str_eq(buf_str(&out), c->want), "%s:\n%s", c->name, buf_str(&out));
}
END_TEST

START_TEST(findings_are_sorted_and_counted)
{
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(buf_release) struct buf out = BUF_INIT;
	char file[] = "b";

	for (unsigned i = 0; i < 20; i++)
		diags_add(&d, (struct fp_pos){ file, 20 - i, 1 }, NULL, "m%u", i);
	diags_add(&d, (struct fp_pos){ "b", 1, 9 }, NULL, "late");
	diags_add(&d, (struct fp_pos){ "a", 7, 9 }, NULL, "other file");
	file[0] = '?';
	diags_sort(&d);
	diags_format(&out, &d, NULL, 0, 3);
	ck_assert_str_eq(buf_str(&out),
			 "a:7:9: other file\nb:1:1: m19\nb:1:9: late\nand 19 more\n");
}
END_TEST

START_TEST(no_findings_no_text)
{
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(buf_release) struct buf out = BUF_INIT;

	diags_sort(&d);
	diags_format(&out, &d, source, sizeof(source) - 1, 3);
	ck_assert_str_eq(buf_str(&out), "");
}
END_TEST

START_TEST(a_byte_order_mark_is_no_column)
{
	static const char marked[] = "\xef\xbb\xbf{projct: x}\n";
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(buf_release) struct buf out = BUF_INIT;

	diags_add(&d, (struct fp_pos){ "f", 1, 2 }, NULL, "bad");
	diags_format(&out, &d, marked, sizeof(marked) - 1, 1);
	ck_assert_str_eq(buf_str(&out), "f:1:2: bad\n  {projct: x}\n   ^\n");
}
END_TEST

/* Whatever a message quotes: a key may have megabytes. */
START_TEST(long_texts_are_cut_between_characters)
{
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	for (size_t i = 0; i < 10000; i++)
		buf_puts(&text, "\u20ac"); /* three bytes */
	diags_add(&d, (struct fp_pos){ "f", 1, 1 }, text.data, "%s", text.data);
	ck_assert_uint_eq(strlen(d.v[0].message), 3999 + strlen("..."));
	ck_assert_str_eq(d.v[0].message, d.v[0].hint);
	ck_assert(str_ends(d.v[0].hint, "\u20ac..."));
}
END_TEST

/* A minified document has one line: only what is near is shown. */
START_TEST(long_lines_are_cut_around_the_column)
{
	FP_AUTO(buf_release) struct buf line = BUF_INIT;

	buf_printf(&line, "%5000sX%5000s", "", "");
	for (unsigned column = 1; column <= 10001; column += 500) {
		FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
		FP_AUTO(buf_release) struct buf out = BUF_INIT;

		diags_add(&d, (struct fp_pos){ "f", 1, column }, NULL, "bad");
		diags_format(&out, &d, line.data, line.len, 1);
		ck_assert_uint_lt(out.len, 300);
		ck_assert_ptr_nonnull(strchr(out.data, '^'));
		ck_assert_int_eq(strchr(out.data, 'X') != NULL, column == 5001);
	}
}
END_TEST

static Suite *diag_suite(void)
{
	Suite *s = suite_create("base/diag");
	TCase *tc = tcase_create("diag");

	tcase_add_loop_test(tc, a_finding_shows_its_line, 0, ARRAY_SIZE(cases));
	tcase_add_test(tc, findings_are_sorted_and_counted);
	tcase_add_test(tc, no_findings_no_text);
	tcase_add_test(tc, a_byte_order_mark_is_no_column);
	tcase_add_test(tc, long_texts_are_cut_between_characters);
	tcase_add_test(tc, long_lines_are_cut_around_the_column);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(diag_suite)
