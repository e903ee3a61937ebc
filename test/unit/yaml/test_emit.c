#include "yaml/emit.h"

#include "base/fs.h"
#include "base/proc.h"
#include "base/str.h"
#include "load_text.h"
#include "yaml/json.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
	const char *name, *in, *yaml;
} cases[] = {
	{ "a map", "{a: 1, b: [x, {c: d, e: f}, [g]]}",
	  "a: 1\nb:\n  - x\n  - c: d\n    e: f\n  - - g\n" },
	{ "empty collections", "{a: {}, b: [], c: [{}, []]}",
	  "a: {}\nb: []\nc:\n  - {}\n  - []\n" },
	{ "a scalar alone", "x", "x\n" },
	{ "null, true, false", "[~, True, FALSE]", "- null\n- true\n- false\n" },
	{ "numbers", "[+1, 0x1f, 0o17, 1e3, .5, 5., -1.5E2, .inf]",
	  "- 1\n- 31\n- 15\n- 1.0e+3\n- 0.5\n- 5.0\n- -1.5e+2\n- .inf\n" },
	{ "quotes where a reader would be mistaken",
	  "['on', 'Yes', '012345678901', '1e3', '2012-10-17', '1:30', '~', 'null', "
	  "'.inf', "
	  "'0x1f', '0o17', '1_000', '', '=', '<<']",
	  "- \"on\"\n- \"Yes\"\n- \"012345678901\"\n- \"1e3\"\n- \"2012-10-17\"\n- "
	  "\"1:30\"\n"
	  "- \"~\"\n- \"null\"\n- \".inf\"\n- \"0x1f\"\n- \"0o17\"\n- \"1_000\"\n- \"\"\n"
	  "- \"=\"\n- \"<<\"\n" },
	{ "quotes where YAML would",
	  "[' a', 'a ', '- x', 'a: b', 'a #b', '*a', '&a', '!a', '%a']",
	  "- \" a\"\n- \"a \"\n- \"- x\"\n- \"a: b\"\n- \"a #b\"\n- \"*a\"\n- \"&a\"\n"
	  "- \"!a\"\n- \"%a\"\n" },
	{ "words of any case, and only whole ones",
	  "['NULL', 'falsE', 'tRue', 'Off', 'N', 'falsey', 'Nulls', 'truE1', 'none', "
	  "'Z']",
	  "- \"NULL\"\n- \"falsE\"\n- \"tRue\"\n- \"Off\"\n- \"N\"\n- falsey\n- Nulls\n"
	  "- truE1\n- none\n- Z\n" },
	{ "plain where all agree",
	  "['s3:ObjectCreated:*', 'arn:aws:s3:::b/*', '-x', 'a#b', '${a}', "
	  "'10.0.0.0/16', 'a,b']",
	  "- s3:ObjectCreated:*\n- arn:aws:s3:::b/*\n- -x\n- a#b\n- ${a}\n- 10.0.0.0/16\n"
	  "- a,b\n" },
	{ "single quotes spare escapes", "['{\"a\": 1}', '\\d+: x', \"it's: \\\"x\\\"\"]",
	  "- '{\"a\": 1}'\n- '\\d+: x'\n- 'it''s: \"x\"'\n" },
	{ "escapes", "[\"a\\tb\", \"\\e\", \"\\u2028\", \"\\x85\", \"\\uFEFF\"]",
	  "- \"a\\tb\"\n- \"\\x1b\"\n- \"\\u2028\"\n- \"\\x85\"\n- \"\\ufeff\"\n" },
	{ "literal blocks", "{a: \"x\\ny\\n\", b: \"x\\n\\n y\", c: \"x\\n\\n\", d: z}",
	  "a: |\n  x\n  y\nb: |-\n  x\n\n   y\nc: |+\n  x\n\nd: z\n" },
	{ "no literal block", "[\"\\nx\", \" x\\ny\", \"x\\r\\ny\"]",
	  "- \"\\nx\"\n- \" x\\ny\"\n- \"x\\x0d\\ny\"\n" },
	{ "keys are texts", "{on: 1, 80: 2, 'a b': 3, '': 4}",
	  "\"on\": 1\n\"80\": 2\na b: 3\n\"\": 4\n" },
	{ "short forms",
	  "{a: !Ref X, b: !If [c, !Sub '${d}', {e: !GetAtt F.G}], h: [!If [i]]}",
	  "a: !Ref X\nb: !If\n  - c\n  - !Sub ${d}\n  - e: !GetAtt F.G\nh:\n  - !If\n    "
	  "- i\n" },
	{ "a short form of digits", "[!Ref '1', !Sub 'a: b']",
	  "- !Ref \"1\"\n- !Sub \"a: b\"\n" },
	{ "a short form alone", "!If [a, b]", "!If\n- a\n- b\n" },
	{ "a short form of many lines", "a: !Sub |\n  x\n  y\n",
	  "a: !Sub |\n  x\n  y\n" },
	{ "a short form of nothing", "[!A {}, !B [], !C '']",
	  "- !A {}\n- !B []\n- !C \"\"\n" },
};

START_TEST(writes_yaml)
{
	const __typeof__(cases[0]) *c = &cases[_i];
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(buf_release) struct buf got = BUF_INIT;
	struct node *n = load_text(&a, c->in);

	node_emit_yaml(&got, n);
	ck_assert_msg(str_eq(got.data, c->yaml), "%s: got\n%s", c->name, got.data);
	ck_assert_msg(node_equal(load_text(&a, got.data), n), "%s: reads back otherwise",
		      c->name);
}
END_TEST

START_TEST(long_keys_read_back)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(buf_release) struct buf key = BUF_INIT, got = BUF_INIT;
	struct node *inner = node_mapping(&a), *n = node_mapping(&a);

	buf_fill(&key, 'k', 3000);
	node_put(&a, inner, key.data, load_text(&a, "[x, {y: z}]"));
	node_put(&a, inner, "short", node_int(&a, 1));
	node_put(&a, n, key.data, inner);
	node_emit_yaml(&got, n);
	ck_assert(node_equal(load_text(&a, got.data), n));
}
END_TEST

START_TEST(writes_indented_json)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(buf_release) struct buf got = BUF_INIT;

	node_emit_json(&got, load_text(&a, "{a: [1, !Ref X], b: {}, c: [], d: 012}"), 2);
	ck_assert_str_eq(got.data,
			 "{\n  \"a\": [\n    1,\n    {\n      \"Ref\": \"X\"\n    }\n"
			 "  ],\n  \"b\": {},\n  \"c\": [],\n  \"d\": \"012\"\n}");
}
END_TEST

/* Texts that some reader could take for something else, or for YAML's own signs. */
static const char *const texts[] = {
	"on",
	"off",
	"yes",
	"no",
	"y",
	"n",
	"Y",
	"ON",
	"True",
	"FALSE",
	"null",
	"Null",
	"~",
	"",
	" ",
	"  a",
	"a  ",
	"012",
	"0",
	"1",
	"-1",
	"+1",
	"1_000",
	"1,000",
	"0b11",
	"0x1f",
	"0X1F",
	"0o17",
	"017",
	"089",
	"1.5",
	".5",
	"5.",
	"1e3",
	"1.5e3",
	"1.5e+3",
	"1E-3",
	".inf",
	"-.INF",
	".NaN",
	"1:30",
	"1:30:00",
	"1:30.5",
	"190:20:30",
	"2012-10-17",
	"2012-10-17T00:00:00Z",
	"2012-10-17 10:00:00",
	"2001-1-1",
	"=",
	"<<",
	"-",
	"- x",
	"-x",
	"?",
	"? x",
	"?x",
	":",
	": x",
	":x",
	"a:",
	"a: b",
	"a:b",
	"a #b",
	"a# b",
	"#a",
	"*a",
	"&a",
	"!a",
	"!",
	"|",
	"|x",
	">",
	">-",
	"%a",
	"@a",
	"`a",
	"'",
	"\"",
	"'a'",
	"\"a\"",
	"{",
	"}",
	"{a}",
	"[",
	"]",
	"[a]",
	",",
	"a,b",
	"a]",
	"---",
	"--- a",
	"...",
	"a\tb",
	"\ta",
	"a\t",
	"a\n",
	"a\nb",
	"a\n\nb",
	"\na",
	"a\n\n",
	"a\n b",
	" a\nb",
	"a \nb",
	"a\n ",
	"a\n\tb",
	"a\rb",
	"a\r\n",
	"\x01",
	"\x7f",
	"\xc2\x85",
	"\xc2\xa0",
	"\xe2\x80\xa8",
	"\xe2\x80\xa9",
	"\xef\xbb\xbf",
	"\xef\xbf\xbd",
	"\xf0\x9f\x98\x80",
	"\xc3\xa9t\xc3\xa9",
	"a\\b",
	"\\n",
	"${a}",
	"1.2.3",
	"1-2",
	"10.0.0.0/8",
	"a'b",
	"it's",
	"e3",
	"x1",
	"_1",
	"1__",
	"0x",
	"0b",
	"0xg",
	"+",
	".",
	"..",
	"./a",
	"+.inf",
	"-0",
	"00",
	"1e",
	"1.e5",
	"12e03",
	"0.0",
	"#",
	"a\\",
	"!!str a",
	"{{resolve:ssm:/a}}",
	"s3:ObjectCreated:*",
	"AWS::Region",
};

static struct node *all_texts(struct arena *a)
{
	struct node *map = node_mapping(a), *list = node_sequence(a),
		    *keys = node_mapping(a);

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		node_push(a, list, node_string(a, texts[i]));
		node_put(a, keys, texts[i], node_string(a, texts[i]));
	}
	node_put(a, map, "list", list);
	node_put(a, map, "keys", keys);
	return map;
}

START_TEST(strings_stay_strings)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(buf_release) struct buf got = BUF_INIT;
	struct node *n = node_string(&a, texts[_i]);

	node_emit_yaml(&got, n);
	ck_assert_msg(node_equal(load_text(&a, got.data), n), "'%s' as\n%s", texts[_i],
		      got.data);
}
END_TEST

static const char python[] =
	"import sys, json\n"
	"try:\n"
	"    import yaml\n"
	"except ImportError:\n"
	"    sys.exit(77)\n"
	"y = yaml.safe_load(open(sys.argv[1], encoding='utf-8', newline=''))\n"
	"j = json.load(open(sys.argv[2], encoding='utf-8'))\n"
	"for a, b in zip(y['list'], j['list']):\n"
	"    assert type(a) is str and a == b, (a, b)\n"
	"for a, b in zip(y['keys'].items(), j['keys'].items()):\n"
	"    assert a == b, (a, b)\n"
	"assert y == j\n";

static int run_python(const char *yaml, const char *json)
{
	const char *argv[] = {
		"/usr/bin/env", "python3", "-c", python, yaml, json, NULL
	};
	struct proc_spec spec = { .argv = argv, .in = -1, .out = 1, .err = 2 };
	struct fp_error err = { 0 };
	pid_t pid;
	int status = 0;

	ck_assert_msg(proc_start(&pid, &spec, &err) == 0, "%s", err.message);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* A YAML 1.1 reader that we did not write. */
START_TEST(pyyaml_reads_the_same)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(buf_release) struct buf yaml = BUF_INIT, json = BUF_INIT;
	FP_AUTO(freep) char *y = NULL, *j = NULL;
	char folder[] = "/tmp/fpctl-test-XXXXXX";
	struct fp_error err = { 0 };
	int rc;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	y = fs_join(folder, "a.yaml");
	j = fs_join(folder, "a.json");
	node_emit_yaml(&yaml, all_texts(&a));
	node_emit_json(&json, all_texts(&a), 1);
	ck_assert_int_eq(fs_write_atomic(y, yaml.data, yaml.len, 0600, &err), 0);
	ck_assert_int_eq(fs_write_atomic(j, json.data, json.len, 0600, &err), 0);
	rc = run_python(y, j);
	ck_assert_int_eq(fs_remove_tree(folder, &err), 0);
	if (rc == 77 || rc == 127)
		printf("skipped: python3 with PyYAML is not here\n");
	else
		ck_assert_int_eq(rc, 0);
}
END_TEST

START_TEST(to_cjson_and_back)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	struct node *n = load_text(&a, "{a: [1, 2.5, true, null, x], b: !Ref Y, c: {}}");
	cJSON *j = node_to_json(n);
	struct node *back = node_from_json(&a, j);

	cJSON_Delete(j);
	ck_assert(node_equal(
		back, load_text(&a, "{a: [1, 2.5, true, null, x], b: {Ref: Y}, c: {}}")));
}
END_TEST

START_TEST(numbers_that_a_double_cannot_hold_become_strings)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(buf_release) struct buf out = BUF_INIT;
	cJSON *j = node_to_json(
		load_text(&a, "[9007199254740993, 9007199254740991, .inf]"));

	node_emit_json(&out, node_from_json(&a, j), 0);
	cJSON_Delete(j);
	ck_assert_str_eq(out.data, "[\"9007199254740993\",9007199254740991,\".inf\"]");
}
END_TEST

static Suite *emit_suite(void)
{
	Suite *s = suite_create("yaml/emit");
	TCase *tc = tcase_create("emit");

	tcase_add_loop_test(tc, writes_yaml, 0, ARRAY_SIZE(cases));
	tcase_add_loop_test(tc, strings_stay_strings, 0, ARRAY_SIZE(texts));
	tcase_add_test(tc, long_keys_read_back);
	tcase_add_test(tc, writes_indented_json);
	tcase_add_test(tc, pyyaml_reads_the_same);
	tcase_add_test(tc, to_cjson_and_back);
	tcase_add_test(tc, numbers_that_a_double_cannot_hold_become_strings);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(emit_suite)
