#include "yaml/edit.h"

#include "check_main.h"
#include "yaml/load.h"

/* `value` NULL takes out. `want` and `error` exclude each other. */
static const struct {
	const char *name, *path, *value, *in, *want, *error;
} cases[] = {
	/* Setting what is there. */
	{ "a plain scalar", "a", "2", "a: 1\nb: 3\n", "a: 2\nb: 3\n", NULL },
	{ "a comment behind stays", "a", "2", "a:   1   # one\n", "a:   2   # one\n",
	  NULL },
	{ "double quotes stay", "a", "x y", "a: \"b\"\n", "a: \"x y\"\n", NULL },
	{ "single quotes stay", "a", "it's", "a: 'b'\n", "a: 'it''s'\n", NULL },
	{ "a number loses the quotes", "a", "5", "a: 'b'\n", "a: 5\n", NULL },
	{ "what 1.1 would misread gets quotes", "a", "'on'", "a: b\n", "a: \"on\"\n",
	  NULL },
	{ "the file's own quotes", "a", "'1e3'", "a: b\nc: 'd'\n", "a: '1e3'\nc: 'd'\n",
	  NULL },
	{ "an account number", "e.p.account", "\"111122223333\"", "e:\n  p: {}\n",
	  "e:\n  p: {account: \"111122223333\"}\n", NULL },
	{ "an empty value", "a", "1", "a:\nb: 2\n", "a: 1\nb: 2\n", NULL },
	{ "an empty value before a comment", "a", "1", "a:  # none\n", "a: 1  # none\n",
	  NULL },
	{ "an empty value at the end", "a", "1", "a:", "a: 1", NULL },
	{ "a list in one line", "a", "[x, 'b, c']", "a: 1\n", "a: [x, \"b, c\"]\n",
	  NULL },
	{ "a block list stays one", "a", "[x, w, z]", "a:\n- b # c\n- d\ne: f\n",
	  "a:\n- x\n- w\n- z\ne: f\n", NULL },
	{ "a block list becomes a scalar", "a", "x", "a: # why\n  - b\n  - d\ne: f\n",
	  "a: x # why\ne: f\n", NULL },
	{ "a block map becomes a scalar", "a.b", "x",
	  "a:\n    b:\n        c: d\n        e: f\n    g: h\n",
	  "a:\n    b: x\n    g: h\n", NULL },
	{ "a map of a map stays block", "a", "{x: 1, w: {z: 2}}", "a:\n  b:\n    c\n",
	  "a:\n  x: 1\n  w: {z: 2}\n", NULL },
	{ "a flow map stays flow", "a", "{x: 1}", "a: {b: c, d: e}\n", "a: {x: 1}\n",
	  NULL },
	{ "in a flow map", "a.b", "x,y", "a: {b: c, d: e}\n", "a: {b: \"x,y\", d: e}\n",
	  NULL },
	{ "an empty value in a flow map", "a.b", "x", "a: {b: , d: e}\n",
	  "a: {b: x , d: e}\n", NULL },
	{ "a key alone in a flow map", "a.b", "x", "a: {b, d: e}\n", "a: {b: x, d: e}\n",
	  NULL },
	{ "an item of a flow list", "a.1", "x", "a: [b, c, d]\n", "a: [b, x, d]\n",
	  NULL },
	{ "an item of a block list", "a.1", "x", "a:\n  - b\n  - c # see\n",
	  "a:\n  - b\n  - x # see\n", NULL },
	{ "a key of an item", "a.0.c", "x", "a:\n  - b: 1\n    c: 2\n",
	  "a:\n  - b: 1\n    c: x\n", NULL },
	{ "a literal block", "a", "x", "a: |\n  b\n  c\n\nd: e\n", "a: x\n\nd: e\n",
	  NULL },
	{ "a folded block with a comment", "a", "x", "a: >- # why\n  b\n  c\nd: e\n",
	  "a: x\nd: e\n", NULL },
	{ "text of several lines", "a", "\"b\\nc\"", "a: d\n", "a: \"b\\nc\"\n", NULL },
	{ "a plain scalar of several lines", "a", "x", "a: b\n  c\n  d\ne: f\n",
	  "a: x\ne: f\n", NULL },
	{ "the same value", "a", "1", "a: 1 # x\n", "a: 1 # x\n", NULL },
	{ "behind letters of several bytes", "b", "ö", "ä: \"日本\" # ü\nb: 1\n",
	  "ä: \"日本\" # ü\nb: ö\n", NULL },
	{ "a quoted key", "a.\"b.c\".d", "x", "a:\n  \"b.c\": {d: e}\n",
	  "a:\n  \"b.c\": {d: x}\n", NULL },

	/* Setting what is not there. */
	{ "a new key", "c", "3", "a: 1\nb: 2\n", "a: 1\nb: 2\nc: 3\n", NULL },
	{ "no last line break", "b", "2", "a: 1", "a: 1\nb: 2", NULL },
	{ "CRLF", "b.c", "2", "a: 1\r\nb:\r\n  d: 3\r\n",
	  "a: 1\r\nb:\r\n  d: 3\r\n  c: 2\r\n", NULL },
	{ "a byte order mark", "b", "2",
	  "\xef\xbb\xbf"
	  "a: 1\n",
	  "\xef\xbb\xbf"
	  "a: 1\nb: 2\n",
	  NULL },
	{ "before the next section's comment", "a.c", "2",
	  "a:\n  b: 1 # x\n\n# about d\nd: 3\n",
	  "a:\n  b: 1 # x\n  c: 2\n\n# about d\nd: 3\n", NULL },
	{ "behind the last one's own comments", "a.c", "2",
	  "a:\n  b:\n    x: 1\n    # y: 2\n  # end\n",
	  "a:\n  b:\n    x: 1\n    # y: 2\n  c: 2\n  # end\n", NULL },
	{ "the siblings' indentation", "a.c", "{x: 1}", "a:\n    b:\n       y: 1\n",
	  "a:\n    b:\n       y: 1\n    c:\n       x: 1\n", NULL },
	{ "block siblings", "a.c", "{x: 1, y: [p, q]}", "a:\n  b:\n    y: 1\n",
	  "a:\n  b:\n    y: 1\n  c:\n    x: 1\n    y: [p, q]\n", NULL },
	{ "flow siblings", "a.c", "{x: 1}", "a:\n  b: {y: 1}\n",
	  "a:\n  b: {y: 1}\n  c: {x: 1}\n", NULL },
	{ "an empty sibling says nothing", "a.c", "{x: 1}", "a:\n  b: {}\n",
	  "a:\n  b: {}\n  c: {x: 1}\n", NULL },
	{ "a new section", "b.c.d", "1", "a: 1\n", "a: 1\nb:\n  c: {d: 1}\n", NULL },
	{ "a new section, parted as the others", "c.d", "1", "a: 1\n\nb:\n    x: y\n",
	  "a: 1\n\nb:\n    x: y\n\nc:\n    d: 1\n", NULL },
	{ "into an empty value", "a.b", "{}", "a:\nc: 1\n", "a:\n  b: {}\nc: 1\n", NULL },
	{ "into an empty value with a comment", "a.b", "{}", "a: # none\n  # yet\nc: 1\n",
	  "a: # none\n  b: {}\n  # yet\nc: 1\n", NULL },
	{ "into {}", "a.b", "{}", "a: {}   # none\nc: 1\n",
	  "a:   # none\n  b: {}\nc: 1\n", NULL },
	{ "into null", "a.b", "1", "a: ~\n", "a:\n  b: 1\n", NULL },
	{ "into a flow map", "a.b", "1", "a: {c: 2}\n", "a: {c: 2, b: 1}\n", NULL },
	{ "into a padded flow map", "a.b", "1", "a: { c: 2 }\n", "a: { c: 2, b: 1 }\n",
	  NULL },
	{ "behind a last comma", "a.b", "1", "a: {c: 2,}\n", "a: {c: 2, b: 1,}\n", NULL },
	{ "behind an empty value in braces", "a.b", "1", "a: {c: }\n",
	  "a: {c: , b: 1 }\n", NULL },
	{ "into {} in braces", "a.b.c", "1", "a: {b: {}}\n", "a: {b: {c: 1}}\n", NULL },
	{ "into { } in braces", "a.b.c", "1", "a: {b: { }}\n", "a: {b: { c: 1 }}\n",
	  NULL },
	{ "into braces over lines", "a.b", "1",
	  "a: {\n  c: 2, # two\n  d: 3  # three\n}\n",
	  "a: {\n  c: 2, # two\n  d: 3,  # three\n  b: 1\n}\n", NULL },
	{ "into braces over lines with a last comma", "a.b", "1",
	  "a: {\n  c: 2,\n  d: 3,  # three\n}\n",
	  "a: {\n  c: 2,\n  d: 3,  # three\n  b: 1,\n}\n", NULL },
	{ "into braces with wrapped lines", "a.b", "1", "a: {c: 2,\n    d: 3}\n",
	  "a: {c: 2,\n    d: 3, b: 1}\n", NULL },
	{ "JSON", "a.b", "x", "{\"a\": {\"c\": 1}}\n",
	  "{\"a\": {\"c\": 1, \"b\": \"x\"}}\n", NULL },
	{ "JSON over lines", "b", "[x, {y: z}]", "{\n\t\"a\": 1\n}\n",
	  "{\n\t\"a\": 1,\n\t\"b\": [\"x\", {\"y\": \"z\"}]\n}\n", NULL },
	{ "JSON, empty", "b", "1", "{}\n", "{\"b\": 1}\n", NULL },
	{ "quoted keys", "b", "1", "'a': 1\n", "'a': 1\n'b': 1\n", NULL },
	{ "a key that 1.1 misreads", "b.on", "[x]", "b: {c: 1}\n",
	  "b: {c: 1, \"on\": [x]}\n", NULL },
	{ "a key that the file has plain", "b.on", "[x]", "a: {on: y}\nb: {c: 1}\n",
	  "a: {on: y}\nb: {c: 1, on: [x]}\n", NULL },
	{ "an item behind the last one", "a.1", "x", "a:\n- b\nc: d\n",
	  "a:\n- b\n- x\nc: d\n", NULL },
	{ "an item behind the last one in brackets", "a.1", "x", "a: [b]\n",
	  "a: [b, x]\n", NULL },
	{ "an empty document", "a.b", "1", "", "a:\n  b: 1\n", NULL },
	{ "a document of comments", "a", "1", "# c\n", "# c\na: 1\n", NULL },
	{ "a document of comments without a line break", "a", "1", "# c", "# c\na: 1",
	  NULL },
	{ "an empty document with a marker", "a", "1", "---\n", "---\na: 1\n", NULL },
	{ "a document with an end", "b", "2", "---\na: 1\n...\n",
	  "---\na: 1\nb: 2\n...\n", NULL },
	{ "behind a literal block", "b", "2", "a: |\n  x\n\n", "a: |\n  x\nb: 2\n\n",
	  NULL },
	{ "behind one that keeps its lines", "b", "2", "a: |+\n  x\n\n",
	  "a: |+\n  x\n\nb: 2\n", NULL },
	{ "before one that has no line break", "b", "2", "a: |\n  x", "b: 2\na: |\n  x",
	  NULL },
	{ "a key beside a merged one", "b.x", "2", "a: &a {x: 1}\nb:\n  <<: *a\n",
	  "a: &a {x: 1}\nb:\n  <<: *a\n  x: 2\n", NULL },
	{ "an alias gives way", "b", "2", "a: &a 1\nb: *a\n", "a: &a 1\nb: 2\n", NULL },
	{ "a long map gets lines", "a.b",
	  "{first: aaaaaaaaaaaaaaaaaaaaaaaaa, second: bbbbbbbbbbbbbbbbbbbbbbbbbbbb, "
	  "third: ccccc}",
	  "a:\n",
	  "a:\n  b:\n    first: aaaaaaaaaaaaaaaaaaaaaaaaa\n    second: "
	  "bbbbbbbbbbbbbbbbbbbbbbbbbbbb\n    third: ccccc\n",
	  NULL },

	{ "in the file's own steps", "a.c",
	  "{first: aaaaaaaaaaaaaaaaaaaaaaaaa, second: bbbbbbbbbbbbbbbbbbbbbbbbbbbb, "
	  "third: ccccc}",
	  "a:\n    b: x\n",
	  "a:\n    b: x\n    c:\n        first: aaaaaaaaaaaaaaaaaaaaaaaaa\n        "
	  "second: bbbbbbbbbbbbbbbbbbbbbbbbbbbb\n        third: ccccc\n",
	  NULL },

	/* Taking out. */
	{ "a key", "b", NULL, "a: 1\nb: 2 # two\nc: 3\n", "a: 1\nc: 3\n", NULL },
	{ "the last key", "b", NULL, "a: 1\nb: 2\n", "a: 1\n", NULL },
	{ "the last key without a line break", "b", NULL, "a: 1\nb: 2", "a: 1", NULL },
	{ "its own comment goes", "b", NULL,
	  "a: 1\n\n# about b\n# more\nb: 2\n# c\nc: 3\n", "a: 1\n\n# c\nc: 3\n", NULL },
	{ "a comment above a blank line stays", "b", NULL, "a: 1\n# part\n\nb: 2\nc: 3\n",
	  "a: 1\n# part\n\nc: 3\n", NULL },
	{ "the file's comment stays", "a", NULL, "# file\na: 1\nb: 2\n", "# file\nb: 2\n",
	  NULL },
	{ "one of two blank lines goes", "b", NULL, "a: 1\n\nb: 2\n\nc: 3\n",
	  "a: 1\n\nc: 3\n", NULL },
	{ "a block map", "a.b", NULL, "a:\n  b:\n    c: 1\n    # d: 2\n  e: {}\n",
	  "a:\n  e: {}\n", NULL },
	{ "the only key", "a.b", NULL, "a: # some\n  b: 1 # one\nc: 2\n",
	  "a: {} # some\nc: 2\n", NULL },
	{ "the only item", "a.0", NULL, "a:\n- b\nc: 2\n", "a: []\nc: 2\n", NULL },
	{ "the document's only key", "a", NULL, "a: 1\n", "{}\n", NULL },
	{ "an item", "a.1", NULL, "a:\n  - b\n  # c\n  - c\n  - d\n",
	  "a:\n  - b\n  - d\n", NULL },
	{ "the first key of an item", "a.0.b", NULL, "a:\n  - b: 1\n    c: 2\n",
	  "a:\n  - c: 2\n", NULL },
	{ "the only key of an item", "a.0.b", NULL, "a:\n  - b: 1\n  - c\n",
	  "a:\n  - {}\n  - c\n", NULL },
	{ "in braces", "a.b", NULL, "a: {b: 1, c: 2}\n", "a: {c: 2}\n", NULL },
	{ "the last one in braces", "a.c", NULL, "a: {b: 1, c: 2}\n", "a: {b: 1}\n",
	  NULL },
	{ "the middle one in braces", "a.c", NULL, "a: {b: 1, c: 2, d: 3}\n",
	  "a: {b: 1, d: 3}\n", NULL },
	{ "the only one in braces", "a.b", NULL, "a: {b: 1}\n", "a: {}\n", NULL },
	{ "the only one in padded braces", "a.b.c", NULL, "a: {b: { c: 1 }}\n",
	  "a: {b: { }}\n", NULL },
	{ "an item in brackets", "a.1", NULL, "a: [b, c]\n", "a: [b]\n", NULL },
	{ "a line of braces", "a.d", NULL, "a: {\n  c: 2, # two\n  d: 3  # three\n}\n",
	  "a: {\n  c: 2 # two\n}\n", NULL },
	{ "a first line of braces", "a.c", NULL,
	  "a: {\n  c: 2, # two\n  d: 3  # three\n}\n", "a: {\n  d: 3  # three\n}\n",
	  NULL },
	{ "a line of braces with its comment", "a.c", NULL,
	  "a: {\n  # one\n  b: 1,\n  # two\n  c: 2,\n}\n", "a: {\n  # one\n  b: 1,\n}\n",
	  NULL },
	{ "JSON without a line", "b", NULL, "{\n  \"a\": 1,\n  \"b\": 2\n}\n",
	  "{\n  \"a\": 1\n}\n", NULL },

	/* What is refused. */
	{ "through a scalar", "a.b", "1", "a: 5\n", NULL,
	  "'a' is neither a map nor a list: it has no 'b'" },
	{ "not there", "a.b", NULL, "a: {}\n", NULL, "f.yaml: there is no 'a.b'" },
	{ "a list by name", "a.b", "1", "a: [x]\n", NULL,
	  "'a' is a list: name an item by its number, from 0 to 1" },
	{ "a list beyond its end", "a.3", "1", "a: [x]\n", NULL,
	  "'a' has 1 item: the next one is 1" },
	{ "through an alias", "b.x", "2", "a: &a {x: 1}\nb: *a\n", NULL,
	  "'b' is the alias *a of line 1, which an edit here would change too: write it "
	  "out first, or edit the file by hand" },
	{ "in what an alias uses", "a.x", "2", "a: &a {x: 1}\nb: *a\n", NULL,
	  "'a.x' is shared: line 2 uses it as *a, and would change too; write it out "
	  "there first, or edit the file by hand" },
	{ "an anchor that is used", "a", NULL, "a: &a 1\nb: *a\n", NULL,
	  "'a' is shared: line 2 uses it as *a, and would change too; write it out "
	  "there first, or edit the file by hand" },
	{ "around an anchor that is used", "a", NULL, "a: {x: &a 1}\nb: *a\n", NULL,
	  "'a' is shared: line 2 uses it as *a, and would change too; write it out "
	  "there first, or edit the file by hand" },
	{ "what a merge key brought", "b.x", NULL, "a: &a {x: 1}\nb: {<<: *a}\n", NULL,
	  "'b.x' comes in through the merge key '<<' and is shared: edit the file by "
	  "hand" },
	{ "in what a merge key brought", "b.x.y", "2", "a: &a {x: {y: 1}}\nb: {<<: *a}\n",
	  NULL,
	  "'b.x' comes in through the merge key '<<' and is shared: edit the file by "
	  "hand" },
	{ "a tab", "a", "1", "a:\n\tb: 1\n", NULL,
	  "found character that cannot start any token while scanning for the next "
	  "token: indent with spaces, not with tabs" },
	{ "two documents", "a", "1", "a: 1\n---\nb: 2\n", NULL,
	  "a second document begins: keep one document a file" },
	{ "a duplicate key", "a", "1", "a: 1\na: 2\n", NULL,
	  "duplicate key 'a': it is already at line 1, column 1: remove or rename one of "
	  "them" },
	{ "an explicit key", "a", NULL, "? a\n: 1\nb: 2\n", NULL,
	  "the layout here cannot be edited in place: edit the file by hand" },
};

START_TEST(edit_gives)
{
	const __typeof__(cases[0]) *c = &cases[_i];
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(strs_release) struct strs path = STRS_INIT;
	FP_AUTO(buf_release) struct buf out = BUF_INIT;
	struct fp_error err = { 0 };
	struct node *value = NULL;
	size_t n = strlen(c->in);
	int rc;

	ck_assert_int_eq(edit_path_parse(&path, c->path, &err), 0);
	if (c->value)
		ck_assert_int_eq(node_load_one(&value, &a, c->value, strlen(c->value),
					       "value", &err),
				 0);
	rc = value ? edit_set(&out, c->in, n, "f.yaml", &path, value, &err)
		   : edit_unset(&out, c->in, n, "f.yaml", &path, &err);
	ck_assert_msg((rc < 0) == (c->error != NULL), "%s: %s", c->name, err.message);
	if (c->error)
		ck_assert_str_eq(err.message, c->error);
	else
		ck_assert_msg(str_eq(buf_str(&out), c->want), "%s: got\n%s", c->name,
			      buf_str(&out));
}
END_TEST

static const struct {
	const char *text, *parts, *again, *error;
} paths[] = {
	{ "a", "a", "a", NULL },
	{ "a.b.2", "a|b|2", "a.b.2", NULL },
	{ "a.\"b.c\".d", "a|b.c|d", "a.\"b.c\".d", NULL },
	{ "'b.c'", "b.c", "\"b.c\"", NULL },
	{ "\"a\"\"b\".c", "a\"b|c", "\"a\"\"b\".c", NULL },
	{ "\"\".a", "|a", "\"\".a", NULL },
	{ "", NULL, NULL, "the path '' has an empty part" },
	{ "a..b", NULL, NULL, "the path 'a..b' has an empty part" },
	{ "a.", NULL, NULL, "the path 'a.' has an empty part" },
	{ "\"a", NULL, NULL, "the path '\"a' has a quote that is not closed" },
	{ "\"a\"b", NULL, NULL, "the path '\"a\"b' has text behind a quote" },
};

START_TEST(path_splits)
{
	const __typeof__(paths[0]) *c = &paths[_i];
	FP_AUTO(strs_release) struct strs path = STRS_INIT;
	FP_AUTO(buf_release) struct buf parts = BUF_INIT;
	FP_AUTO(buf_release) struct buf again = BUF_INIT;
	struct fp_error err = { 0 };
	int rc = edit_path_parse(&path, c->text, &err);

	ck_assert_int_eq(rc, c->error ? -1 : 0);
	if (c->error) {
		ck_assert_msg(str_starts(err.message, c->error), "%s", err.message);
		return;
	}
	for (size_t i = 0; i < path.n; i++)
		buf_printf(&parts, "%s%s", i ? "|" : "", path.v[i]);
	ck_assert_str_eq(buf_str(&parts), c->parts);
	edit_path_put(&again, &path);
	ck_assert_str_eq(buf_str(&again), c->again);
}
END_TEST

static Suite *edit_suite(void)
{
	Suite *s = suite_create("yaml/edit");
	TCase *tc = tcase_create("edit");

	tcase_add_loop_test(tc, edit_gives, 0, ARRAY_SIZE(cases));
	tcase_add_loop_test(tc, path_splits, 0, ARRAY_SIZE(paths));
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(edit_suite)
