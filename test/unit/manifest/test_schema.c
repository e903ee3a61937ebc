#include "manifest/schema.h"

#include "base/str.h"
#include "load_text.h"
#include "yaml/emit.h"

/* A language of its own: the walk must not know the manifest's. */
static const struct field fields[] = {
	{ .path = "", .type = FIELD_OBJECT },
	{ .path = "flag", .type = FIELD_BOOL, .fallback = "false" },
	{ .path = "keep", .type = FIELD_DURATION, .min = 60, .max = 31536000 },
	{ .path = "inner", .type = FIELD_OBJECT, .fallback = "{}" },
	{ .path = "inner.deep", .type = FIELD_OBJECT },
	{ .path = "inner.deep.n",
	  .type = FIELD_INT,
	  .min = -5,
	  .max = 5,
	  .flags = FIELD_REQUIRED,
	  .doc = "a number" },
	{ .path = "inner.mode",
	  .type = FIELD_STRING,
	  .words = "on off",
	  .fallback = "\"off\"" },
	{ .path = "days", .type = FIELD_DAYS, .words = "1d 7d 30d", .min = 1, .max = 30 },
	{ .path = "part", .type = FIELD_PERCENT, .min = 0, .max = 100 },
	{ .path = "either",
	  .type = FIELD_STRING,
	  .words = "s3 kms",
	  .pattern = "^arn:[a-z]+$",
	  .allowed = "an ARN" },
	{ .path = "then",
	  .type = FIELD_OBJECT,
	  .words = "leave tag",
	  .example = "{move: x}" },
	{ .path = "then.move",
	  .type = FIELD_STRING,
	  .flags = FIELD_REQUIRED,
	  .doc = "to" },
	{ .path = "topics", .type = FIELD_MAP, .shorthand = "main.email", .most = 2 },
	{ .path = "topics.*", .type = FIELD_OBJECT },
	{ .path = "topics.*.email",
	  .type = FIELD_STRING,
	  .flags = FIELD_LIST,
	  .pattern = "@",
	  .allowed = "an address",
	  .most = 2,
	  .fallback = "[]" },
	{ .path = "items",
	  .type = FIELD_MAP,
	  .pattern = "^[a-z]+$",
	  .allowed = "letters" },
	{ .path = "items.*", .type = FIELD_OBJECT },
	{ .path = "items.*.ports",
	  .type = FIELD_INT,
	  .flags = FIELD_LIST,
	  .min = 1,
	  .max = 9 },
};
static const struct schema schema = { fields, ARRAY_SIZE(fields) };

/* The normal form with only that given. */
#define PLAIN(s) "{\"flag\":false,\"inner\":{\"mode\":\"off\"}," s "}"
#define PLAIN0	 "{\"flag\":false,\"inner\":{\"mode\":\"off\"}}"

static const struct {
	const char *name, *in;
	const char *want;  /* the normal form as JSON */
	const char *error; /* the only finding */
} cases[] = {
	{ "defaults, also of objects", "{}",
	  "{\"flag\":false,\"inner\":{\"mode\":\"off\"}}", NULL },
	{ "fields come in the table's order", "{inner: {mode: on}, flag: true}",
	  "{\"flag\":true,\"inner\":{\"mode\":\"on\"}}", NULL },
	{ "durations in all units", "{keep: 30d}",
	  "{\"flag\":false,\"keep\":2592000,\"inner\":{\"mode\":\"off\"}}", NULL },
	{ "one or a list of numbers", "{items: {a: {ports: 1}, b: {ports: [2, 3]}}}",
	  "{\"flag\":false,\"inner\":{\"mode\":\"off\"},\"items\":{\"a\":{\"ports\":[1]},"
	  "\"b\":{\"ports\":[2,3]}}}",
	  NULL },
	{ "numbers in other bases", "{inner: {deep: {n: 0x5}}}",
	  "{\"flag\":false,\"inner\":{\"deep\":{\"n\":5},\"mode\":\"off\"}}", NULL },
	{ "a boolean", "{flag: yes}", "{\"inner\":{\"mode\":\"off\"}}",
	  "'flag' must be true or false, not the string 'yes'" },
	{ "a required field of an object that is there", "{inner: {deep: {}}}",
	  "{\"flag\":false,\"inner\":{\"deep\":{},\"mode\":\"off\"}}",
	  "'inner.deep.n' is missing: a number" },
	{ "a negative number", "{inner: {deep: {n: -6}}}",
	  "{\"flag\":false,\"inner\":{\"deep\":{},\"mode\":\"off\"}}",
	  "'inner.deep.n' cannot be -6" },
	{ "a number with a fraction", "{inner: {deep: {n: 1.5}}}",
	  "{\"flag\":false,\"inner\":{\"deep\":{},\"mode\":\"off\"}}",
	  "'inner.deep.n' must be a whole number, not '1.5'" },
	{ "a duration that is too long", "{keep: 366d}",
	  "{\"flag\":false,\"inner\":{\"mode\":\"off\"}}", "'keep' cannot be 366d" },
	{ "a name in a map", "{items: {A: {}}}",
	  "{\"flag\":false,\"inner\":{\"mode\":\"off\"},\"items\":{\"A\":{}}}",
	  "a name in 'items' cannot be 'A'" },
	{ "what is wrong is left out", "{items: {a: {ports: [1, x, 2]}}}",
	  "{\"flag\":false,\"inner\":{\"mode\":\"off\"},\"items\":{\"a\":{\"ports\":[1,2]"
	  "}}}",
	  "'items.a.ports' must be a whole number, not the string 'x'" },
	{ "days", "{days: 7d}", PLAIN("\"days\":7"), NULL },
	{ "days of another number", "{days: 8d}", PLAIN0,
	  "'days' cannot be 8d; did you mean 30d? allowed: 1d, 7d, 30d" },
	{ "more days than there are", "{days: 99d}", PLAIN0,
	  "'days' cannot be 99d; did you mean 30d? allowed: 1d, 7d, 30d" },
	{ "hours for days", "{days: 36h}", PLAIN0,
	  "'days' must be in whole days, not 36h; write 2d" },
	{ "days without a unit", "{days: 7}", PLAIN0, "'days' needs a unit; write 7d" },
	{ "days of a word", "{days: week}", PLAIN0,
	  "'days' must be a number of days such as 30d, not the string 'week'; allowed: "
	  "1d, 7d, 30d" },
	{ "a percentage", "{part: 80%}", PLAIN("\"part\":80"), NULL },
	{ "no percentage", "{part: 0}", PLAIN("\"part\":0"), NULL },
	{ "a percentage without its sign", "{part: 80}", PLAIN0,
	  "'part' needs a unit; write 80%" },
	{ "a percentage beyond all", "{part: 101%}", PLAIN0,
	  "'part' cannot be 101%; allowed: 0% to 100%" },
	{ "a word where a pattern may be", "{either: kms}", PLAIN("\"either\":\"kms\""),
	  NULL },
	{ "a pattern where a word may be", "{either: 'arn:x'}",
	  PLAIN("\"either\":\"arn:x\""), NULL },
	{ "neither", "{either: kns}", PLAIN0,
	  "'either' cannot be 'kns'; did you mean 'kms'? allowed: s3, kms, or an ARN" },
	{ "a word where a map may be", "{then: tag}", PLAIN("\"then\":\"tag\""), NULL },
	{ "a map where a word may be", "{then: {move: a}}",
	  PLAIN("\"then\":{\"move\":\"a\"}"), NULL },
	{ "another word where a map may be", "{then: move}", PLAIN0,
	  "'then' cannot be 'move'; allowed: leave, tag, or a map such as {move: x}" },
	{ "a list where a map may be", "{then: [tag]}", PLAIN0,
	  "'then' must be a word or a map, not a list; allowed: leave, tag, or a map "
	  "such as "
	  "{move: x}" },
	{ "shorthand", "{topics: a@b}",
	  PLAIN("\"topics\":{\"main\":{\"email\":[\"a@b\"]}}"), NULL },
	{ "shorthand of a list", "{topics: [a@b, c@d]}",
	  PLAIN("\"topics\":{\"main\":{\"email\":[\"a@b\",\"c@d\"]}}"), NULL },
	{ "what shorthand is for", "{topics: {x: }}",
	  PLAIN("\"topics\":{\"x\":{\"email\":[]}}"), NULL },
	{ "wrong shorthand", "{topics: a}", PLAIN("\"topics\":{\"main\":{\"email\":[]}}"),
	  "'topics' cannot be 'a'; allowed: an address" },
	{ "more items than are allowed", "{topics: {a: , b: , c: }}",
	  PLAIN("\"topics\":{\"a\":{\"email\":[]},\"b\":{\"email\":[]},\"c\":{"
		"\"email\":[]}}"),
	  "'topics' has 3 entries; at most 2 are allowed" },
	{ "a longer list than is allowed", "{topics: [a@, b@, c@]}",
	  PLAIN("\"topics\":{\"main\":{\"email\":[\"a@\",\"b@\",\"c@\"]}}"),
	  "'topics' has 3 entries; at most 2 are allowed" },
	{ "a document of another kind", "[1]", "{}",
	  "the manifest must be a map of fields, not a list" },
};

/* Whether the finding is "MESSAGE", or "MESSAGE; HINT". */
static bool said(const char *want, const struct diag *d)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;

	buf_printf(&b, "%s; %s", d->message, str_or(d->hint, ""));
	return str_eq(want, d->message) || str_eq(want, buf_str(&b));
}

START_TEST(document_is_brought_to_normal_form)
{
	const __typeof__(cases[0]) *c = &cases[_i];
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(buf_release) struct buf got = BUF_INIT;
	struct node *doc = load_text(&a, c->in);

	node_emit_json(&got, schema_check(&schema, &a, doc, &d), 0);
	while (got.len && got.data[got.len - 1] == '\n')
		buf_truncate(&got, got.len - 1);
	ck_assert_msg(str_eq(got.data, c->want), "%s: %s", c->name, got.data);
	ck_assert_msg(d.n == (c->error ? 1 : 0), "%s: %zu findings", c->name, d.n);
	if (c->error)
		ck_assert_msg(said(c->error, &d.v[0]), "%s: %s; %s", c->name,
			      d.v[0].message, str_or(d.v[0].hint, ""));
}
END_TEST

/* The table is read by position and by path: both must hold for every row. */
START_TEST(rows_follow_their_parents)
{
	const struct schema *s = &manifest_schema;

	ck_assert_str_eq(s->fields[0].path, "");
	for (size_t i = 1; i < s->n; i++) {
		size_t parents = 0;

		for (size_t k = 0; k < i; k++)
			parents += schema_child(&s->fields[k], &s->fields[i]) != NULL;
		ck_assert_msg(parents == 1, "'%s' has %zu parents before it",
			      s->fields[i].path, parents);
		ck_assert_msg(s->fields[i].doc && *s->fields[i].doc, "'%s' has no doc",
			      s->fields[i].path);
		ck_assert_msg(!s->fields[i].pattern || s->fields[i].allowed,
			      "'%s' does not say what is allowed", s->fields[i].path);
	}
}
END_TEST

/* A document in which every object is there, each item called xx. */
static const char everything[] =
	"project: a\n"
	"buckets: {xx: {}}\n"
	"processors: {xx: {inspect: {csv: {}, json: {}, ndjson: {}}}}\n"
	"notify: {xx: {}}\n"
	"pipeline: {github: a/b}\n"
	"stacks: {xx: {template: t}}\n";

/* The row's path with its items called xx. */
static const char *path_of(struct buf *out, const struct field *f)
{
	for (const char *p = f->path; *p; p++)
		buf_puts(out, *p == '*' ? "xx" : (char[]){ *p, '\0' });
	return buf_str(out);
}

/* Every default is checked when it is first used, and one that fails would stay
 * unseen until then. */
START_TEST(defaults_are_valid)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	struct node *doc = load_text(&a, everything), *root;

	root = schema_check(&manifest_schema, &a, doc, &d);
	ck_assert_uint_eq(d.n, 0);
	for (size_t i = 1; i < manifest_schema.n; i++) {
		const struct field *f = &manifest_schema.fields[i];
		FP_AUTO(buf_release) struct buf path = BUF_INIT;

		if (f->fallback && !str_starts(f->path, "environments."))
			ck_assert_msg(node_at(root, path_of(&path, f)) != NULL,
				      "no default for '%s'", f->path);
	}
}
END_TEST

/* Put `value` at the path into a document; maps on the way are made. */
static void put_at(struct arena *a, struct node *map, const char *path,
		   struct node *value)
{
	const char *dot = strchr(path, '.');
	FP_AUTO(buf_release) struct buf name = BUF_INIT;

	buf_add(&name, path, dot ? (size_t)(dot - path) : strlen(path));
	if (!dot) {
		node_set(a, map, buf_str(&name), value);
		return;
	}
	if (!node_get(map, buf_str(&name)) ||
	    node_get(map, buf_str(&name))->kind != NODE_MAPPING)
		node_set(a, map, buf_str(&name), node_mapping(a));
	put_at(a, node_get(map, buf_str(&name)), dot + 1, value);
}

/* The examples that people see must be right. */
START_TEST(examples_are_valid)
{
	for (size_t i = 1; i < manifest_schema.n; i++) {
		const struct field *f = &manifest_schema.fields[i];
		FP_AUTO(arena_release) struct arena a = ARENA_INIT;
		FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
		FP_AUTO(buf_release) struct buf path = BUF_INIT;
		struct node *doc = load_text(&a, everything);

		if (!f->example)
			continue;
		put_at(&a, doc, path_of(&path, f), load_text(&a, f->example));
		schema_check(&manifest_schema, &a, doc, &d);
		ck_assert_msg(!d.n, "'%s': %s", f->path, d.n ? d.v[0].message : "");
	}
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("schema");
	TCase *tc = tcase_create("schema");

	tcase_add_loop_test(tc, document_is_brought_to_normal_form, 0, ARRAY_SIZE(cases));
	tcase_add_test(tc, rows_follow_their_parents);
	tcase_add_test(tc, defaults_are_valid);
	tcase_add_test(tc, examples_are_valid);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
