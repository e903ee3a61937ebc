#include "yaml/load.h"

#include "base/str.h"
#include "check_main.h"
#include "yaml/emit.h"

/* What is read, as compact JSON, or the findings ("line:column: message; hint"). */
static void read_text(struct buf *out, const char *text, size_t n,
		      const struct load_limits *limits)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	struct node *node;

	if (node_load(&node, &a, text, n, "f.yaml", limits, &d) == 0)
		node_emit_json(out, node, 0);
	for (size_t i = 0; i < d.n; i++)
		buf_printf(out, "%s%u:%u: %s%s%s", i ? "\n" : "", d.v[i].pos.line,
			   d.v[i].pos.column, d.v[i].message, d.v[i].hint ? "; " : "",
			   str_or(d.v[i].hint, ""));
}

static const struct {
	const char *name, *in, *want;
} cases[] = {
	{ "empty document", "", "null" },
	{ "only a comment", "# nothing\n", "null" },
	{ "byte order mark",
	  "\xef\xbb\xbf"
	  "a: 1",
	  "{\"a\":1}" },
	{ "block and flow", "a:\n  - 1\n  - {b: c}\n", "{\"a\":[1,{\"b\":\"c\"}]}" },
	{ "types of plain scalars",
	  "[1, -2.5, true, False, ~, null, x, 'y', 0x1f, 0o17, .5]",
	  "[1,-2.5,true,false,null,null,\"x\",\"y\",31,15,0.5]" },
	{ "what YAML 1.1 takes for something else",
	  "[on, off, yes, No, y, 1_000, 2012-10-17, 1:30, 0777, 012345678901]",
	  "[\"on\",\"off\",\"yes\",\"No\",\"y\",\"1_000\",\"2012-10-17\",\"1:30\","
	  "\"0777\","
	  "\"012345678901\"]" },
	{ "exponents are numbers", "[1e3, 1.5E-7]", "[1.0e+3,1.5e-7]" },
	{ "no number in JSON", "[.inf, .nan]", "[\".inf\",\".nan\"]" },
	{ "quoted is a string", "['1', \"true\", !!str 2]", "[\"1\",\"true\",\"2\"]" },
	{ "literal and folded", "a: |\n  x\n  y\nb: >-\n  x\n  y\n",
	  "{\"a\":\"x\\ny\\n\",\"b\":\"x y\"}" },
	{ "anchor and alias", "a: &x [1]\nb: *x\n", "{\"a\":[1],\"b\":[1]}" },
	{ "merge key", "a: &x {b: 1, c: 2}\nd: {<<: *x, b: 3}\n",
	  "{\"a\":{\"b\":1,\"c\":2},\"d\":{\"b\":3,\"c\":2}}" },
	{ "merge list: the first wins", "{<<: [{a: 1}, {a: 2, b: 3}], c: 4}",
	  "{\"c\":4,\"a\":1,\"b\":3}" },
	{ "a quoted << is a key", "{'<<': {a: 1}}", "{\"<<\":{\"a\":1}}" },
	{ "short forms",
	  "[!Ref A, !GetAtt A.B.C, !Sub '${A}', !Condition X, !If [a, b, c]]",
	  "[{\"Ref\":\"A\"},{\"Fn::GetAtt\":[\"A\",\"B.C\"]},{\"Fn::Sub\":\"${A}\"},"
	  "{\"Condition\":\"X\"},{\"Fn::If\":[\"a\",\"b\",\"c\"]}]" },
	{ "a tag on a map", "!Transform {Name: X}",
	  "{\"Fn::Transform\":{\"Name\":\"X\"}}" },

	{ "JSON", "{\"a\": [1, -2.5e3, true, null, \"\\u00e9\\n\"]}",
	  "{\"a\":[1,-2.5e+3,true,null,\"\xc3\xa9\\n\"]}" },
	{ "JSON with tabs", "{\n\t\"a\":\t1\n}", "{\"a\":1}" },
	{ "JSON with a surrogate pair", "[\"\\ud83d\\ude00\"]",
	  "[\"\xf0\x9f\x98\x80\"]" },
	{ "JSON strings stay strings", "[\"on\", \"1\", \"null\"]",
	  "[\"on\",\"1\",\"null\"]" },
	{ "braces that are YAML", "{a: 1, 'b': [c]}", "{\"a\":1,\"b\":[\"c\"]}" },

	{ "duplicate key", "a: 1\nb: 2\na: 3\n",
	  "3:1: duplicate key 'a': it is already at line 1, column 1; "
	  "remove or rename one of them" },
	{ "duplicate keys are all found", "{a: 1, a: 2, b: {c: 1, 'c': 2}}",
	  "1:8: duplicate key 'a': it is already at line 1, column 2; "
	  "remove or rename one of them\n"
	  "1:24: duplicate key 'c': it is already at line 1, column 18; "
	  "remove or rename one of them" },
	{ "duplicate key in JSON", "{\"a\": 1,\n \"a\": 2}",
	  "2:2: duplicate key 'a': it is already at line 1, column 2; "
	  "remove or rename one of them" },
	{ "second document", "a: 1\n---\nb: 2\n",
	  "2:1: a second document begins; keep one document a file" },
	{ "a list as a key", "? [a]\n: b\n",
	  "1:3: a key must be a text, not a list or a map; quote it if it begins with [ "
	  "or {" },
	{ "a function as a key", "? !Ref a\n: b\n",
	  "1:3: a key must be a text, not a function" },
	{ "unknown alias", "a: *b\n",
	  "1:4: unknown alias '*b'; a plain '*' at the beginning needs quotes" },
	{ "an alias inside what it names", "a: &x [1, *x]\n",
	  "1:11: the alias '*x' stands inside what it names" },
	{ "merge of no map", "{<<: 1}",
	  "1:6: the merge key '<<' takes a map or a list of maps" },
	{ "two merge keys", "{<<: {}, <<: {}}",
	  "1:10: a second merge key '<<'; give one '<<' a list of maps" },
	{ "unknown tag", "!<tag:example.com,2000:x> a",
	  "1:1: the tag 'tag:example.com,2000:x' means nothing here" },
	{ "wrong core tag", "!!int abc", "1:1: 'abc' is not of the type !!int" },
	{ "invalid UTF-8", "a: \xc3\xa9\nb: \xff\n",
	  "2:4: byte 0xff is not valid UTF-8; save the file as UTF-8" },
	{ "columns count characters", "\xc3\xa9: {a: 1, a: 2}",
	  "1:11: duplicate key 'a': it is already at line 1, column 5; "
	  "remove or rename one of them" },
	{ "bad indentation", "a:\n  b: 1\n c: 2\n",
	  "3:2: did not find expected key while parsing a block mapping (from line 1); "
	  "indent the names of a map alike, and quote what begins with a sign" },
	{ "unclosed list", "a: [1, 2\n",
	  "2:1: did not find expected ',' or ']' while parsing a flow sequence (from "
	  "line 1); close the bracket, or put commas between the items" },
	{ "JSON cut off", "{\"a\": [1, 2",
	  "2:1: did not find expected ',' or ']' while parsing a flow sequence (from "
	  "line 1); close the bracket, or put commas between the items" },
	{ "a value that is like an alias", "a: *.csv",
	  "1:5: did not find expected alphabetic or numeric character while scanning an "
	  "alias; quote a value that begins with * or &" },
	{ "a value with a reserved sign", "a: @b",
	  "1:4: found character that cannot start any token while scanning for the next "
	  "token; quote a value that begins with this sign" },
	{ "an item without its dash", "a:\n  - b\n  c: 1\n",
	  "3:3: did not find expected '-' indicator while parsing a block collection "
	  "(from line 2); begin each item of a list with '- '" },
	{ "JSON with a wrong escape", "[\"a\\x\"]",
	  "1:6: did not find expected hexdecimal number while parsing a quoted scalar" },
};

START_TEST(loads)
{
	const __typeof__(cases[0]) *c = &cases[_i];
	FP_AUTO(buf_release) struct buf got = BUF_INIT;

	read_text(&got, c->in, strlen(c->in), NULL);
	ck_assert_msg(str_eq(buf_str(&got), c->want), "%s:\n got %s\nwant %s", c->name,
		      buf_str(&got), c->want);
}
END_TEST

START_TEST(places_are_kept)
{
	static const char text[] = "a: x\nb:\n  - {c: !Ref d}\n";
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	struct fp_error err = { 0 };
	struct node *n;

	ck_assert_int_eq(node_load_one(&n, &a, text, strlen(text), "f.yaml", &err), 0);
	ck_assert_str_eq(node_at(n, "b.0.c")->pos.file, "f.yaml");
	ck_assert_uint_eq(node_at(n, "b.0.c")->pos.line, 3);
	ck_assert_uint_eq(node_at(n, "b.0.c")->pos.column, 9);
	ck_assert_uint_eq(node_find(n, "b")->key->pos.line, 2);
}
END_TEST

START_TEST(first_finding_becomes_the_error)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	struct fp_error err = { 0 };
	struct node *n;

	ck_assert_int_eq(node_load_one(&n, &a, "a: 1\na: 2", 9, "f.yaml", &err), -1);
	ck_assert_int_eq(err.code, FP_ERR_YAML);
	ck_assert_str_eq(err.where, "f.yaml:2:1");
	ck_assert_ptr_null(n);
}
END_TEST

START_TEST(nul_bytes_are_refused)
{
	FP_AUTO(buf_release) struct buf got = BUF_INIT;

	read_text(&got, "a: \0b", 5, NULL);
	ck_assert_str_eq(buf_str(&got), "1:4: a NUL byte: this is no text file");
}
END_TEST

/* Nine aliases of nine aliases of ...: a few hundred bytes that mean a billion. */
static void put_bomb(struct buf *text, const char *item)
{
	buf_printf(text, "l0: &l0 %s\n", item);
	for (int level = 1; level < 10; level++) {
		buf_printf(text, "l%d: &l%d [", level, level);
		for (int i = 0; i < 9; i++)
			buf_printf(text, "%s*l%d", i ? ", " : "", level - 1);
		buf_puts(text, "]\n");
	}
}

START_TEST(an_alias_bomb_is_refused)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT, got = BUF_INIT;

	put_bomb(&text, "x");
	read_text(&got, text.data, text.len, NULL);
	ck_assert_msg(strstr(got.data, "the document has more than 1000000 values"), "%s",
		      got.data);
}
END_TEST

static const struct {
	const char *name, *unit;
	size_t times;
	struct load_limits limits;
	const char *want;
} limits[] = {
	{ "depth", "[", 50, { 0, 0, 20 }, "nested deeper than 20 levels" },
	{ "depth by default", "[", 5000, { 0 }, "nested deeper than 100 levels" },
	{ "depth of blocks", "- ", 5000, { 0 }, "nested deeper than 100 levels" },
	{ "depth of JSON maps", "{\"a\":", 200, { 0 }, "nested deeper than 100 levels" },
	{ "values", "- 1\n", 50, { 0, 20, 0 }, "the document has more than 20 values" },
	{ "size",
	  "- 1\n",
	  50,
	  { 100, 0, 0 },
	  "the document has 200 bytes; at most 100 are read" },
	{ "garbage", "\x01\x02{[*&", 700000, { 0 }, "the document has 4200000 bytes" },
	{ "garbage that fits",
	  "}]*&!%@`",
	  100000,
	  { 0 },
	  "1:1: did not find expected node" },
};

START_TEST(limits_hold)
{
	const __typeof__(limits[0]) *c = &limits[_i];
	FP_AUTO(buf_release) struct buf text = BUF_INIT, got = BUF_INIT;

	for (size_t i = 0; i < c->times; i++)
		buf_puts(&text, c->unit);
	read_text(&got, text.data, text.len, &c->limits);
	if (str_eq(c->name, "garbage"))
		ck_assert_msg(strstr(buf_str(&got), "not") ||
				      strstr(buf_str(&got), "bytes"),
			      "%s", buf_str(&got));
	else
		ck_assert_msg(strstr(buf_str(&got), c->want), "%s: %s", c->name,
			      buf_str(&got));
}
END_TEST

START_TEST(alias_depth_is_counted)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT, got = BUF_INIT;
	static const struct load_limits ten = { 0, 0, 10 };

	buf_puts(&text, "a: &a [[[[1]]]]\nb: &b [[[[*a]]]]\nc: [[[[*b]]]]\n");
	read_text(&got, text.data, text.len, &ten);
	ck_assert_str_eq(buf_str(&got), "3:8: nested deeper than 10 levels");
}
END_TEST

START_TEST(large_maps_have_an_index)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	struct fp_error err = { 0 };
	struct node *n;
	char key[16];

	for (int i = 0; i < 20000; i++)
		buf_printf(&text, "k%d: %d\n", i, i);
	ck_assert_int_eq(node_load_one(&n, &a, text.data, text.len, "f", &err), 0);
	for (int i = 0; i < 20000; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		ck_assert_uint_eq(node_get(n, key)->pos.line, (unsigned)i + 1);
	}
	ck_assert_ptr_null(node_get(n, "k20000"));
	ck_assert(node_remove(&a, n, "k7"));
	ck_assert_ptr_null(node_get(n, "k7"));
	ck_assert_uint_eq(node_get(n, "k19999")->pos.line, 20000);
}
END_TEST

static Suite *load_suite(void)
{
	Suite *s = suite_create("yaml/load");
	TCase *tc = tcase_create("load");

	tcase_add_loop_test(tc, loads, 0, ARRAY_SIZE(cases));
	tcase_add_loop_test(tc, limits_hold, 0, ARRAY_SIZE(limits));
	tcase_add_test(tc, places_are_kept);
	tcase_add_test(tc, first_finding_becomes_the_error);
	tcase_add_test(tc, nul_bytes_are_refused);
	tcase_add_test(tc, an_alias_bomb_is_refused);
	tcase_add_test(tc, alias_depth_is_counted);
	tcase_add_test(tc, large_maps_have_an_index);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(load_suite)
