#include "check_main.h"

#include "base/json.h"
#include "base/str.h"

static const struct {
	const char *name, *in;
	size_t n; /* 0: up to the NUL */
	const char *want;
} quotes[] = {
	{ "nothing", "", 0, "\"\"" },
	{ "plain", "abc", 0, "\"abc\"" },
	{ "quote and backslash", "a\"b\\c/", 0, "\"a\\\"b\\\\c/\"" },
	{ "named controls", "\b\t\n\f\r", 0, "\"\\b\\t\\n\\f\\r\"" },
	{ "other controls", "\x01\x0b\x1f\x7f", 0, "\"\\u0001\\u000b\\u001f\x7f\"" },
	{ "NUL", "a\0b", 3, "\"a\\u0000b\"" },
	{ "two bytes", "\xc3\xa4", 0, "\"\xc3\xa4\"" },
	{ "four bytes", "x\xf0\x9f\x98\x80y", 0, "\"x\xf0\x9f\x98\x80y\"" },
	{ "a stray byte",
	  "a\xff"
	  "b",
	  0,
	  "\"a\xef\xbf\xbd"
	  "b\"" },
	{ "cut within a character", "\xe2\x82", 0, "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ "a surrogate", "\xed\xa0\x80", 0, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
};

START_TEST(quote_makes_valid_json)
{
	const __typeof__(quotes[0]) *c = &quotes[_i];
	FP_AUTO(buf_release) struct buf b = BUF_INIT;

	json_quote(&b, c->in, c->n ? c->n : strlen(c->in));
	ck_assert_msg(str_eq(buf_str(&b), c->want), "%s: %s", c->name, buf_str(&b));
}
END_TEST

static const struct {
	const char *in, *want;
} prints[] = {
	{ "{}", "{}" },
	{ " [ ] ", "[]" },
	{ "null", "null" },
	{ "[true,false,null]", "[true,false,null]" },
	{ "[0,-1,1.5,1e3,1e300,0.1]", "[0,-1,1.5,1000,1e+300,0.1]" },
	{ "[1767323045678,9007199254740992]", "[1767323045678,9007199254740992]" },
	{ "[0.30000000000000004]", "[0.30000000000000004]" },
	{ "{\"a\" : {\"b\":[1,\"x\"]}}", "{\"a\":{\"b\":[1,\"x\"]}}" },
	{ "\"\\u00e4\\n\\/\"", "\"\xc3\xa4\\n/\"" },
};

START_TEST(parse_and_print)
{
	struct fp_error err = { 0 };
	const char *in = prints[_i].in;
	FP_AUTO(json_freep) cJSON *j = json_parse(in, strlen(in), "the text", &err);
	FP_AUTO(freep) char *text = json_text(j);

	ck_assert_msg(j != NULL, "%s", err.message);
	ck_assert_str_eq(text, prints[_i].want);
}
END_TEST

START_TEST(pretty_is_indented)
{
	static const char in[] = "{\"a\":[1,{\"b\":{}}],\"c\":[]}";
	FP_AUTO(buf_release) struct buf b = BUF_INIT;
	FP_AUTO(json_freep) cJSON *j = json_parse(in, strlen(in), "the text", NULL);

	json_print_pretty(&b, j);
	ck_assert_str_eq(buf_str(&b), "{\n  \"a\": [\n    1,\n    {\n      \"b\": {}\n"
				      "    }\n  ],\n  \"c\": []\n}");
}
END_TEST

static const struct {
	const char *in, *place;
} malformed[] = {
	{ "", "line 1, column 1" },
	{ "{", "line 1, column 1" },
	{ "[1,\n 2,\n x]", "line 3, column 2" },
	{ "{} {}", "line 1, column 4" },
	{ "[1]\n]", "line 2, column 1" },
	{ "nul", "line 1, column 1" },
	{ "\"abc", "line 1, column" },
};

START_TEST(malformed_text_is_located)
{
	FP_AUTO(freep)
	char *want = xasprintf("answer is not valid JSON: see %s", malformed[_i].place);
	struct fp_error err = { 0 };
	const char *in = malformed[_i].in;

	ck_assert_ptr_null(json_parse(in, strlen(in), "answer", &err));
	ck_assert_int_eq(err.code, FP_ERR_YAML);
	ck_assert_msg(str_starts(err.message, want), "%s: %s", in, err.message);
}
END_TEST

START_TEST(deep_nesting_is_refused)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;
	struct fp_error err = { 0 };

	buf_fill(&b, '[', 1000000);
	ck_assert_ptr_null(json_parse(b.data, b.len, "bomb", &err));
}
END_TEST

START_TEST(text_need_not_end_in_nul)
{
	FP_AUTO(json_freep) cJSON *j = json_parse("123456", 3, "the text", NULL);

	ck_assert_int_eq((int)cJSON_GetNumberValue(j), 123);
}
END_TEST

START_TEST(getters_take_what_comes)
{
	static const char in[] =
		"{\"s\":\"x\",\"n\":-5.7,\"t\":\"77\",\"b\":true,\"q\":\"false\","
		"\"o\":{\"p\":{\"q\":\"deep\"},\"k.l\":1},\"o.p\":\"dotted\","
		"\"z\":null,\"huge\":1e30,\"a\":[1]}";
	FP_AUTO(json_freep) cJSON *j = json_parse(in, strlen(in), "the text", NULL);

	ck_assert_str_eq(json_str(j, "s", "-"), "x");
	ck_assert_str_eq(json_str(j, "S", "-"), "-");
	ck_assert_str_eq(json_str(j, "n", "-"), "-");
	ck_assert_str_eq(json_str(j, "o.p.q", "-"), "deep");
	ck_assert_str_eq(json_str(j, "o.p", "-"), "dotted");
	ck_assert_int_eq(json_int(j, "o.k.l", 0), 1);
	ck_assert_ptr_null(json_get(j, "s.x"));
	ck_assert_ptr_null(json_get(j, "a.b"));
	ck_assert_ptr_null(json_get(j, "o."));
	ck_assert_ptr_null(json_get(j, NULL));
	ck_assert_ptr_null(json_get(NULL, "s"));
	ck_assert_int_eq(json_int(j, "n", 0), -5);
	ck_assert_int_eq(json_int(j, "t", 0), 77);
	ck_assert_int_eq(json_int(j, "s", 9), 9);
	ck_assert_int_eq(json_int(j, "huge", 9), 9);
	ck_assert(json_bool(j, "b", false));
	ck_assert(!json_bool(j, "q", true));
	ck_assert(json_bool(j, "s", true));
	ck_assert(json_bool(NULL, "s", true));
	ck_assert_ptr_null(json_str(j, "z", NULL));
}
END_TEST

START_TEST(setters_replace)
{
	FP_AUTO(json_freep) cJSON *j = cJSON_CreateObject();
	FP_AUTO(freep) char *text = NULL;

	json_set_str(j, "a", "old");
	json_set_str(j, "b", "b");
	json_set_str(j, "a", NULL);
	json_set_str(j, "a", "new");
	json_set_fmt(j, "A", "%d-%s", 1, "x");
	json_set_int(j, "n", 1767323045678);
	json_set_bool(j, "t", true);
	json_set_int(json_set_object(j, "o"), "in", 1);
	json_push_str(json_set_array(j, "l"), "first");
	json_set_bool(json_push_object(json_get(j, "l")), "second", false);
	text = json_text(j);
	ck_assert_str_eq(text,
			 "{\"a\":\"new\",\"b\":\"b\",\"A\":\"1-x\",\"n\":1767323045678,"
			 "\"t\":true,\"o\":{\"in\":1},"
			 "\"l\":[\"first\",{\"second\":false}]}");
}
END_TEST

START_TEST(each_visits_all)
{
	FP_AUTO(json_freep) cJSON *j = json_parse("[1,2,3]", 7, "the text", NULL);
	cJSON *none = NULL;
	int sum = 0;

	json_each (item, j)
		sum += (int)cJSON_GetNumberValue(item);
	json_each (item, none)
		sum += 100;
	ck_assert_int_eq(sum, 6);
}
END_TEST

/* A text of that many values; in the last string, nothing counts. */
static cJSON *parse_values(int n, struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	buf_puts(&text, "[\"\\\",[,[,[\"");
	for (int i = 2; i < n; i++)
		buf_puts(&text, ",1");
	buf_puts(&text, "]");
	return json_parse(text.data, text.len, "the text", err);
}

START_TEST(values_are_limited)
{
	struct fp_error err = { 0 };
	FP_AUTO(json_freep) cJSON *most = parse_values(JSON_MAX_VALUES, &err);

	ck_assert_msg(most != NULL, "%s", err.message);
	ck_assert_ptr_null(parse_values(JSON_MAX_VALUES + 1, &err));
	ck_assert_int_eq(err.code, FP_ERR_LIMIT);
	ck_assert_str_eq(err.message, "the text has more than 500000 values");
}
END_TEST

static Suite *json_suite(void)
{
	Suite *s = suite_create("base/json");
	TCase *tc = tcase_create("json");

	tcase_add_loop_test(tc, quote_makes_valid_json, 0, ARRAY_SIZE(quotes));
	tcase_add_loop_test(tc, parse_and_print, 0, ARRAY_SIZE(prints));
	tcase_add_test(tc, pretty_is_indented);
	tcase_add_loop_test(tc, malformed_text_is_located, 0, ARRAY_SIZE(malformed));
	tcase_add_test(tc, deep_nesting_is_refused);
	tcase_add_test(tc, text_need_not_end_in_nul);
	tcase_add_test(tc, getters_take_what_comes);
	tcase_add_test(tc, setters_replace);
	tcase_add_test(tc, each_visits_all);
	tcase_add_test(tc, values_are_limited);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(json_suite)
