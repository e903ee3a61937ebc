#include "base/buf.h"
#include "base/error.h"
#include "check_main.h"
#include "processor/json_check.h"

static const struct {
	const char *name, *in;
	bool lines, is_lines; /* asked for; what it is in the end */
	int64_t records, bad, row, column;
	const char *text;
} cases[] = {
	{ "an object", "{\"a\": [1, 2.5e-3, true, null]}\n", 0, 0, 1, 0, 0, 0, "" },
	{ "an array", "[{}, {\"b\": []}, 3, \"x\"]", 0, 0, 4, 0, 0, 0, "" },
	{ "an empty array", "[ ]", 0, 0, 0, 0, 0, 0, "" },
	{ "inner arrays do not count", "[[1,2,3],[[4]]]", 0, 0, 2, 0, 0, 0, "" },
	{ "a scalar", " \"x\" ", 0, 0, 1, 0, 0, 0, "" },
	{ "a number at the end", "-0.5E+12", 0, 0, 1, 0, 0, 0, "" },
	{ "escapes", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\"", 0, 0, 1, 0, 0,
	  0, "" },
	{ "UTF-8", "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \x7f\"", 0, 0, 1, 0, 0, 0,
	  "" },
	{ "a long string", "\"0123456789abcdef0123456789abcdef\\n0123456789abcdef\"", 0,
	  0, 1, 0, 0, 0, "" },
	{ "a comma too many", "{\"a\": 1,\n \"b\": 2,}", 0, 0, 1, 1, 2, 9,
	  "expected a name in quotes, found '}'" },
	{ "a comma too many in a list", "[1,]", 0, 0, 2, 1, 1, 4,
	  "expected a value, found ']'" },
	{ "no comma", "[1 2]", 0, 0, 1, 1, 1, 4, "expected ',' or ']', found '2'" },
	{ "no colon", "{\"a\" 1}", 0, 0, 1, 1, 1, 6, "expected ':', found '1'" },
	{ "the wrong end", "{\"a\":1]", 0, 0, 1, 1, 1, 7,
	  "expected ',' or '}', found ']'" },
	{ "a name without quotes", "{a:1}", 0, 0, 1, 1, 1, 2,
	  "expected a name in quotes, found 'a'" },
	{ "a leading zero", "[01]", 0, 0, 1, 1, 1, 3,
	  "expected the rest of a number, found '1'" },
	{ "a bare minus", "[-]", 0, 0, 1, 1, 1, 3,
	  "expected the rest of a number, found ']'" },
	{ "a point and nothing", "[1.]", 0, 0, 1, 1, 1, 4,
	  "expected the rest of a number, found ']'" },
	{ "a plus", "[+1]", 0, 0, 1, 1, 1, 2, "expected a value, found '+'" },
	{ "a wrong word", "[trye]", 0, 0, 1, 1, 1, 4,
	  "a word that is neither true, false nor null" },
	{ "single quotes", "{'a':1}", 0, 0, 1, 1, 1, 2,
	  "expected a name in quotes, found '''" },
	{ "a wrong escape", "\"\\x\"", 0, 0, 1, 1, 1, 3,
	  "an unknown escape in a string" },
	{ "a short \\u", "\"\\u12g4\"", 0, 0, 1, 1, 1, 6,
	  "\\u without four hexadecimal digits" },
	{ "a line end in a string", "[\"a\nb\"]", 0, 0, 1, 1, 1, 4,
	  "a line end inside a string" },
	{ "a tab in a string", "[\"a\tb\"]", 0, 0, 1, 1, 1, 4,
	  "a control character inside a string" },
	{ "Latin-1", "[\"caf\xe9\"]", 0, 0, 1, 1, 1, 7, "a byte that is not UTF-8" },
	{ "an overlong character", "\"\xc0\xaf\"", 0, 0, 1, 1, 1, 2,
	  "a byte that is not UTF-8" },
	{ "a surrogate in UTF-8", "\"\xed\xa0\x80\"", 0, 0, 1, 1, 1, 3,
	  "a byte that is not UTF-8" },
	{ "cut short", "{\"a\": [1, 2", 0, 0, 1, 1, 1, 12,
	  "the file ends inside a value" },
	{ "a string cut short", "[\"abc", 0, 0, 1, 1, 1, 6,
	  "the file ends inside a value" },
	{ "text behind", "{\"a\":1} x", 0, 0, 1, 1, 1, 9,
	  "text behind the end of the document" },
	{ "text below", "{\"a\":1}\nx", 0, 0, 1, 1, 2, 1,
	  "text behind the end of the document" },
	{ "a control character", "[\x01]", 0, 0, 1, 1, 1, 2,
	  "expected a value, found the byte 0x01" },

	{ "lines", "{\"a\":1}\n{\"a\":2}\r\n\n{\"a\":3}", 1, 1, 3, 0, 0, 0, "" },
	{ "lines that nobody announced", "{\"a\":1}\n{\"a\":2}\n[3]\n4\n", 0, 1, 4, 0, 0,
	  0, "" },
	{ "lines of one", "{\"a\":1}\n", 1, 1, 1, 0, 0, 0, "" },
	{ "scalars in lines", "1\ntrue\n\"x\"\n", 1, 1, 3, 0, 0, 0, "" },
	{ "one bad line", "{\"a\":1}\n{\"a\":}\n{\"a\":3}\n", 1, 1, 3, 1, 2, 6,
	  "expected a value, found '}'" },
	{ "two bad lines", "{\n{\"a\":2}\nnope\n", 1, 1, 3, 2, 1, 2,
	  "the line ends inside a value" },
	{ "a line cut in a string", "{\"a\n{\"a\":2}\n", 1, 1, 2, 1, 1, 4,
	  "a line end inside a string" },
	{ "two documents on a line", "{} {}\n{}\n", 1, 1, 2, 1, 1, 4,
	  "text behind the end of the document" },
	{ "the last line cut short", "{}\n{\"a\":", 1, 1, 2, 1, 2, 6,
	  "the file ends inside a value" },
	{ "a pretty document is no line", "{\n\"a\":1}\n{}\n", 0, 0, 1, 1, 3, 1,
	  "text behind the end of the document" },
};

/* However the bytes are cut into pieces, the result is the same. */
START_TEST(documents_are_checked)
{
	const __typeof__(cases[0]) *c = &cases[_i];
	size_t n = strlen(c->in);

	for (size_t step = 1; step <= n; step++) {
		struct json_check j;

		json_check_init(&j, c->lines);
		for (size_t at = 0; at < n; at += step) {
			/* A copy of its own: reading beyond a piece is then seen. */
			size_t size = FP_MIN(step, n - at);
			FP_AUTO(freep) char *piece = xmalloc(size);

			memcpy(piece, c->in + at, size);
			json_check_feed(&j, piece, size);
		}
		json_check_finish(&j);
		ck_assert_msg(strcmp(j.first.text, c->text) == 0,
			      "%s, by %zu: '%s' at %d:%d", c->name, step, j.first.text,
			      (int)j.first.row, (int)j.first.column);
		ck_assert_msg(j.first.row == c->row && j.first.column == c->column,
			      "%s, by %zu: at %d:%d", c->name, step, (int)j.first.row,
			      (int)j.first.column);
		ck_assert_msg(json_check_records(&j) == c->records, "%s: %d records",
			      c->name, (int)json_check_records(&j));
		ck_assert_int_eq(j.bad, c->bad);
		ck_assert_int_eq(j.lines, c->is_lines);
	}
}
END_TEST

START_TEST(depth_is_capped)
{
	FP_AUTO(buf_release) struct buf in = BUF_INIT;
	struct json_check j;
	size_t depth = JSON_MAX_DEPTH + (size_t)_i;

	buf_fill(&in, '[', depth);
	buf_fill(&in, ']', depth);
	json_check_init(&j, false);
	json_check_feed(&j, in.data, in.len);
	json_check_finish(&j);
	ck_assert_str_eq(j.first.text, _i ? "nested more than 512 deep" : "");
}
END_TEST

static Suite *json_check_suite(void)
{
	Suite *s = suite_create("processor/json_check");
	TCase *tc = tcase_create("json_check");

	tcase_add_loop_test(tc, documents_are_checked, 0, ARRAY_SIZE(cases));
	tcase_add_loop_test(tc, depth_is_capped, 0, 2);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(json_check_suite)
