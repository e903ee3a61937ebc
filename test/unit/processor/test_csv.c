#include "base/buf.h"
#include "base/error.h"
#include "check_main.h"
#include "processor/csv.h"

#define LONG_FIELD "0123456789012345678901234567890123456789"

static const struct {
	const char *name, *in;
	int64_t records, bad, row, column;
	const char *text;
} cases[] = {
	{ "nothing", "", 0, 0, 0, 0, "" },
	{ "a header alone", "a,b\n", 0, 0, 0, 0, "" },
	{ "rows", "a,b\n1,2\n3,4\n", 2, 0, 0, 0, "" },
	{ "no last line end", "a,b\n1,2\n3,4", 2, 0, 0, 0, "" },
	{ "CRLF", "a,b\r\n1,2\r\n", 1, 0, 0, 0, "" },
	{ "blank lines", "a,b\n\n1,2\n\r\n3,4\n\n", 2, 0, 0, 0, "" },
	{ "one column", "a\n1\n2\n", 2, 0, 0, 0, "" },
	{ "empty fields", ",\n,\n,", 2, 0, 0, 0, "" },
	{ "quotes", "\"a\",\"b\"\n\"1\",\"2\"\n", 1, 0, 0, 0, "" },
	{ "quotes and CRLF", "\"a\",\"b\"\r\n\"1\",\"2\"\r\n", 1, 0, 0, 0, "" },
	{ "separators and line ends in quotes", "a,b\n\"1,\n,\",\"\"\n2,3\n", 2, 0, 0, 0,
	  "" },
	{ "doubled quotes", "a,b\n\"say \"\"hi\"\"\",2\n", 1, 0, 0, 0, "" },
	{ "a quoted end", "a,b\n1,\"2\"", 1, 0, 0, 0, "" },
	{ "too few columns", "a,b,c\n1,2,3\n1,2\n", 2, 1, 3, 3,
	  "2 columns where the header has 3" },
	{ "one column of three", "a,b,c\n1\n", 1, 1, 2, 2,
	  "1 column where the header has 3" },
	{ "too many columns", "a,b\n1,2,3\n", 1, 1, 2, 3,
	  "3 columns where the header has 2" },
	{ "too many at the end", "a,b\n1,2,", 1, 1, 2, 3,
	  "3 columns where the header has 2" },
	{ "several bad rows", "a,b\n1\n1,2\n1,2,3\n1\n", 4, 3, 2, 2,
	  "1 column where the header has 2" },
	{ "a quote in the middle", "a,b\n1,x\"y\"\n1,2\n", 2, 1, 2, 2,
	  "a quote inside a field that does not begin with one" },
	{ "text behind a quote", "a,b\n\"1\"x,2\n1,2\n", 2, 1, 2, 1,
	  "text behind a closing quote" },
	{ "CR behind a quote, then text", "a,b\n1,\"2\"\rx\n1,2\n", 2, 1, 2, 2,
	  "text behind a closing quote" },
	{ "a quote that never ends", "a,b\n1,2\n\"1,2\n3,4\n", 2, 1, 3, 1,
	  "a quoted field that never ends" },
	{ "the row and its line", "a,b\n\"1\n\n\",2\n3\n", 2, 1, 3, 2,
	  "1 column where the header has 2 (line 5)" },
	{ "a blank line is a row of the sheet", "a,b\n\n1\n", 1, 1, 3, 2,
	  "1 column where the header has 2" },
	{ "a wrong header", "a\"b,c\n1,2\n", 1, 1, 1, 1,
	  "a quote inside a field that does not begin with one" },
	{ "long fields",
	  LONG_FIELD "," LONG_FIELD "\n" LONG_FIELD LONG_FIELD "," LONG_FIELD
		     "\n" LONG_FIELD ",,,," LONG_FIELD "\n",
	  2, 1, 3, 3, "5 columns where the header has 2" },
};

static void check(const struct csv *c, int i, size_t step)
{
	ck_assert_msg(strcmp(c->first.text, cases[i].text) == 0, "%s, by %zu: '%s'",
		      cases[i].name, step, c->first.text);
	ck_assert_msg(c->records == cases[i].records, "%s, by %zu: %d records",
		      cases[i].name, step, (int)c->records);
	ck_assert_int_eq(c->bad, cases[i].bad);
	ck_assert_int_eq(c->first.row, cases[i].row);
	ck_assert_int_eq(c->first.column, cases[i].column);
}

/* However the bytes are cut into pieces, the result is the same. */
START_TEST(rows_are_checked)
{
	size_t n = strlen(cases[_i].in);

	for (size_t step = 1; step <= n + 1; step++) {
		struct csv c;

		csv_init(&c, ',');
		for (size_t at = 0; at < n; at += step) {
			/* A copy of its own: reading beyond a piece is then seen. */
			size_t size = FP_MIN(step, n - at);
			FP_AUTO(freep) char *piece = xmalloc(size);

			memcpy(piece, cases[_i].in + at, size);
			csv_feed(&c, piece, size);
		}
		csv_finish(&c);
		check(&c, _i, step);
	}
}
END_TEST

START_TEST(nul_is_found)
{
	static const char in[] = "a,b\n1,2\n3,\0 4\n5,6\n";

	for (size_t step = 1; step < sizeof(in); step++) {
		struct csv c;

		csv_init(&c, ',');
		for (size_t at = 0; at < sizeof(in) - 1; at += step)
			csv_feed(&c, in + at, FP_MIN(step, sizeof(in) - 1 - at));
		csv_finish(&c);
		ck_assert_str_eq(c.first.text, "a NUL byte");
		ck_assert_int_eq(c.first.row, 3);
		ck_assert_int_eq(c.first.column, 2);
		ck_assert_int_eq(c.records, 3);
		ck_assert_int_eq(c.bad, 1);
	}
}
END_TEST

START_TEST(many_rows_are_counted)
{
	FP_AUTO(buf_release) struct buf in = BUF_INIT;
	struct csv c;

	buf_puts(&in, "id;name;amount\n");
	for (int i = 0; i < 20000; i++)
		buf_printf(&in, "%d;name, of %d;\"%d.00\"\n", i, i, i);
	buf_puts(&in, "1;2\n");
	csv_init(&c, ';');
	csv_feed(&c, in.data, in.len);
	csv_finish(&c);
	ck_assert_int_eq(c.records, 20001);
	ck_assert_int_eq(c.first.row, 20002);
	ck_assert_int_eq(c.bad, 1);
}
END_TEST

static Suite *csv_suite(void)
{
	Suite *s = suite_create("processor/csv");
	TCase *tc = tcase_create("csv");

	tcase_add_loop_test(tc, rows_are_checked, 0, ARRAY_SIZE(cases));
	tcase_add_test(tc, nul_is_found);
	tcase_add_test(tc, many_rows_are_counted);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(csv_suite)
