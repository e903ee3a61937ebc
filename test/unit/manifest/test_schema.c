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
	{ "a document of another kind", "[1]", "{}",
	  "the manifest must be a map of fields, not a list" },
};

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
		ck_assert_str_eq(d.v[0].message, c->error);
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

/* Every default is checked when it is first used, and one that fails would stay
 * unseen until then. */
START_TEST(defaults_are_valid)
{
	static const char text[] = "{project: a, buckets: {b: {}}, processors: {p: {}}}";
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	struct node *doc = load_text(&a, text), *root;

	root = schema_check(&manifest_schema, &a, doc, &d);
	ck_assert_uint_eq(d.n, 0);
	for (size_t i = 1; i < manifest_schema.n; i++) {
		const struct field *f = &manifest_schema.fields[i];
		bool in_bucket = str_starts(f->path, "buckets.*.");
		bool in_processor = str_starts(f->path, "processors.*.");
		const struct node *at = in_bucket      ? node_at(root, "buckets.b")
					: in_processor ? node_at(root, "processors.p")
						       : root;
		const char *name = strrchr(f->path, '.');

		if (f->fallback)
			ck_assert_msg(node_get(at, name ? name + 1 : f->path) != NULL,
				      "no default for '%s'", f->path);
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
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
