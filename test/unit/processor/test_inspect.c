#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "check_main.h"
#include "processor/inspect.h"
#include "processor/scan.h"

static const struct {
	const char *name, *key, *in;
	enum file_type type;
	int64_t records;
	bool sound;
} cases[] = {
	{ "empty", "a.csv", "", TYPE_EMPTY, 0, true },
	{ "white space", "a.json", " \r\n\t\n", TYPE_EMPTY, 0, true },
	{ "csv by name", "in/A.CSV", "a,b\n1,2\n", TYPE_CSV, 1, true },
	{ "csv with one column", "a.csv", "a\n1\n", TYPE_CSV, 1, true },
	{ "csv with semicolons", "a.csv", "a;b\n1,5;2\n", TYPE_CSV, 1, true },
	{ "tsv", "a.tsv", "a\tb\n1\t2,3\n", TYPE_CSV, 1, true },
	{ "csv by content", "data", "a|b|c\n1|2|3\n4|5|6\n", TYPE_CSV, 2, true },
	{ "csv with a byte order mark", "a.csv", "\xef\xbb\xbf\"a\",b\n1,2\n", TYPE_CSV,
	  1, true },
	{ "bad csv", "a.csv", "a,b\n1\n", TYPE_CSV, 1, false },
	{ "json by name", "a.json", "{\"a\": 1}", TYPE_JSON, 1, true },
	{ "json by content", "a.txt", " [1, 2]", TYPE_JSON, 2, true },
	{ "json that is named csv", "a.csv", "[{\"a\": 1}]", TYPE_JSON, 1, true },
	{ "json with a byte order mark", "a.json", "\xef\xbb\xbf{}", TYPE_JSON, 1, true },
	{ "no json", "a.json", "hello\n", TYPE_JSON, 1, false },
	{ "ndjson by name", "a.jsonl", "{}\n{}\n", TYPE_NDJSON, 2, true },
	{ "ndjson by content", "a.json", "{}\n{}\n", TYPE_NDJSON, 2, true },
	{ "text", "a.txt", "Dear reader,\nthis is a text, with commas.\nBye\n", TYPE_TEXT,
	  3, true },
	{ "text without a last line end", "notes", "one\ntwo", TYPE_TEXT, 2, true },
	{ "a bracket is no json", "a.txt", "[see below]\n", TYPE_TEXT, 1, true },
	{ "binary", "a.bin", "\x7f\x45\x4c\x46\x01\x02", TYPE_BINARY, -1, true },
	{ "binary that is named csv", "a.csv", "a,b\x01\n", TYPE_BINARY, -1, false },
};

START_TEST(kind_is_found)
{
	const __typeof__(cases[0]) *c = &cases[_i];
	size_t n = strlen(c->in);

	for (size_t step = 1; step <= n + 1; step++) {
		struct inspection got;
		struct inspect in;

		inspect_init(&in, c->key);
		for (size_t at = 0; at < n; at += step)
			inspect_feed(&in, c->in + at, FP_MIN(step, n - at));
		inspect_finish(&in, &got);
		ck_assert_msg(got.type == c->type, "%s: %s", c->name,
			      type_name(got.type));
		ck_assert_msg(got.records == c->records, "%s: %d records", c->name,
			      (int)got.records);
		ck_assert_msg((got.first.text[0] == 0) == c->sound, "%s: '%s'", c->name,
			      got.first.text);
		ck_assert_int_eq(got.size, (int64_t)n);
	}
}
END_TEST

/* What lies behind the head goes on where the head ended. */
START_TEST(head_and_rest_are_one)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	struct inspection got;
	struct inspect in;

	for (int i = 0; i < 3000; i++)
		buf_printf(&text, "%d,\"x%d\"\n", i, i);
	buf_puts(&text, "1\n");
	for (size_t step = 1000; step < text.len; step += 999) {
		inspect_init(&in, "x.csv");
		for (size_t at = 0; at < text.len; at += step)
			inspect_feed(&in, text.data + at, FP_MIN(step, text.len - at));
		inspect_finish(&in, &got);
		ck_assert_int_eq(got.records, 3000);
		ck_assert_int_eq(got.first.row, 3001);
		ck_assert_int_eq(got.size, (int64_t)text.len);
	}
}
END_TEST

START_TEST(much_white_space_is_empty)
{
	static const char *const keys[] = { "a.csv", "a.json", "a.jsonl" };
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	struct inspection got;
	struct inspect in;

	buf_fill(&text, '\n', 3 * INSPECT_HEAD);
	inspect_init(&in, keys[_i]);
	inspect_feed(&in, text.data, text.len);
	inspect_finish(&in, &got);
	ck_assert_int_eq(got.type, TYPE_EMPTY);
	ck_assert_str_eq(got.first.text, "");
}
END_TEST

START_TEST(bytes_are_counted)
{
	char text[1000];

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i % 7 == 3 ? ',' : 'x';
	for (size_t from = 0; from < 20; from++) {
		for (size_t n = 0; n + from < sizeof(text); n++) {
			FP_AUTO(freep) char *copy = xmalloc(n + 1);
			size_t want = 0;

			memcpy(copy, text + from, n);
			for (size_t i = 0; i < n; i++)
				want += copy[i] == ',';
			ck_assert_uint_eq(scan_count(copy, n, ','), want);
		}
	}
}
END_TEST

START_TEST(counts_do_not_overflow)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	buf_fill(&text, ',', 100001);
	ck_assert_uint_eq(scan_count(text.data, text.len, ','), 100001);
}
END_TEST

START_TEST(plain_ends_at_every_other_byte)
{
	char text[64];

	for (int c = 0; c < 256; c++) {
		bool plain = c >= 0x20 && c < 0x7f && c != '"' && c != '\\';

		for (size_t at = 0; at < sizeof(text); at++) {
			memset(text, 'x', sizeof(text));
			text[at] = (char)c;
			ck_assert_ptr_eq(scan_plain(text, text + sizeof(text)),
					 plain ? text + sizeof(text) : text + at);
		}
	}
}
END_TEST

static Suite *inspect_suite(void)
{
	Suite *s = suite_create("processor/inspect");
	TCase *tc = tcase_create("inspect");

	tcase_add_loop_test(tc, kind_is_found, 0, ARRAY_SIZE(cases));
	tcase_add_test(tc, head_and_rest_are_one);
	tcase_add_loop_test(tc, much_white_space_is_empty, 0, 3);
	tcase_add_test(tc, bytes_are_counted);
	tcase_add_test(tc, counts_do_not_overflow);
	tcase_add_test(tc, plain_ends_at_every_other_byte);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(inspect_suite)
