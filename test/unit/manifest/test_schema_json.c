#include "manifest/schema_json.h"

#include "base/str.h"
#include "check_main.h"
#include "manifest/manifest.h"
#include "manifest/reference.h"

#define SCALAR(...)                                        \
	{                                                  \
		.path = "a", .doc = "a thing", __VA_ARGS__ \
	}

/* A field named `a`, and what the schema says of it without its description. */
static const struct {
	const char *name;
	struct field field;
	const char *want;
} fields[] = {
	{ "a text", SCALAR(.type = FIELD_STRING), "{\"type\":\"string\"}" },
	{ "a pattern", SCALAR(.type = FIELD_STRING, .pattern = "^a$", .min = 1, .max = 9),
	  "{\"type\":\"string\",\"minLength\":1,\"maxLength\":9,\"pattern\":\"^a$\"}" },
	{ "words", SCALAR(.type = FIELD_STRING, .words = "x y"),
	  "{\"enum\":[\"x\",\"y\"]}" },
	{ "words or a pattern",
	  SCALAR(.type = FIELD_STRING, .words = "x", .pattern = "^a$"),
	  "{\"anyOf\":[{\"enum\":[\"x\"]},{\"type\":\"string\",\"pattern\":\"^a$\"}]}" },
	{ "any scalar", SCALAR(.type = FIELD_TEXT),
	  "{\"type\":[\"string\",\"number\",\"boolean\"]}" },
	{ "a boolean and its default", SCALAR(.type = FIELD_BOOL, .fallback = "true"),
	  "{\"type\":\"boolean\",\"default\":true}" },
	{ "a number", SCALAR(.type = FIELD_INT, .min = 2, .max = 5, .example = "3"),
	  "{\"type\":\"integer\",\"minimum\":2,\"maximum\":5,\"examples\":[3]}" },
	{ "a duration", SCALAR(.type = FIELD_DURATION, .min = 1, .max = 9),
	  "{\"type\":\"string\",\"pattern\":\"^[0-9]+[smhd]$\"}" },
	{ "days", SCALAR(.type = FIELD_DAYS, .min = 1, .max = 9),
	  "{\"type\":\"string\",\"pattern\":\"^0*[1-9][0-9]*d$\"}" },
	{ "certain days", SCALAR(.type = FIELD_DAYS, .words = "1d 3d"),
	  "{\"enum\":[\"1d\",\"3d\"]}" },
	{ "a part", SCALAR(.type = FIELD_PERCENT, .max = 100),
	  "{\"anyOf\":[{\"type\":\"string\",\"pattern\":\"^0*(100|[0-9]{1,2})%$\"},"
	  "{\"const\":0}]}" },
	{ "one or a list",
	  SCALAR(.type = FIELD_STRING, .flags = FIELD_LIST | FIELD_FILLED, .most = 3),
	  "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"array\",\"items\":{\"type\":"
	  "\"string\"},\"uniqueItems\":true,\"minItems\":1,\"maxItems\":3}]}" },
	{ "an object without fields", SCALAR(.type = FIELD_OBJECT),
	  "{\"type\":[\"object\",\"null\"],\"properties\":{},\"additionalProperties\":"
	  "false}" },
	{ "words or an object", SCALAR(.type = FIELD_OBJECT, .words = "x"),
	  "{\"anyOf\":[{\"enum\":[\"x\"]},{\"type\":\"object\",\"properties\":{},"
	  "\"additionalProperties\":false}]}" },
};

static char *print(cJSON *j)
{
	cJSON_DeleteItemFromObject(j, "description");
	return json_text(j);
}

START_TEST(a_row_is_a_schema)
{
	const struct field rows[] = { { .path = "", .type = FIELD_OBJECT, .doc = "all" },
				      fields[_i].field };
	const struct schema s = { rows, 2 };
	FP_AUTO(json_freep) cJSON *j = schema_json(&s);
	FP_AUTO(freep) char *got = print(json_get(json_get(j, "properties"), "a"));

	ck_assert_msg(str_eq(got, fields[_i].want), "%s: %s", fields[_i].name, got);
}
END_TEST

static const struct field rows[] = {
	{ .path = "", .type = FIELD_OBJECT, .doc = "all" },
	{ .path = "name",
	  .type = FIELD_STRING,
	  .flags = FIELD_REQUIRED | FIELD_ONCE,
	  .example = "x",
	  .doc = "what it is called" },
	{ .path = "tell",
	  .type = FIELD_MAP,
	  .shorthand = "default.mail",
	  .pattern = "^[a-z]+$",
	  .allowed = "letters",
	  .min = 1,
	  .max = 5,
	  .example = "me",
	  .doc = "who hears of it | or not" },
	{ .path = "tell.*", .type = FIELD_OBJECT, .doc = "one" },
	{ .path = "tell.*.mail",
	  .type = FIELD_STRING,
	  .flags = FIELD_LIST,
	  .fallback = "[]",
	  .example = "[me]",
	  .doc = "addresses" },
	{ .path = "places", .type = FIELD_MAP, .flags = FIELD_ONCE, .doc = "places" },
	{ .path = "places.*",
	  .type = FIELD_OBJECT,
	  .flags = FIELD_PARTIAL,
	  .doc = "what differs" },
	{ .path = "places.*.far",
	  .type = FIELD_BOOL,
	  .fallback = "false",
	  .example = "true",
	  .doc = "far away" },
};
static const struct schema schema = { rows, ARRAY_SIZE(rows) };

static const struct {
	const char *path, *want;
} paths[] = {
	{ "required", "[\"name\"]" },
	{ "properties.tell.anyOf.0.anyOf.1.items", "{\"type\":\"string\"}" },
	{ "properties.tell.anyOf.1.propertyNames",
	  "{\"minLength\":1,\"maxLength\":5,\"pattern\":\"^[a-z]+$\"}" },
	{ "properties.tell.anyOf.1.additionalProperties.properties.mail.default", "[]" },
	/* A part of the document: the rows of the whole, nothing required, null resets.
	 */
	{ "properties.places.additionalProperties.type", "[\"object\",\"null\"]" },
	{ "properties.places.additionalProperties.required", NULL },
	{ "properties.places.additionalProperties.properties.name", NULL },
	{ "properties.places.additionalProperties.properties.places", NULL },
	{ "properties.places.additionalProperties.properties.far.anyOf",
	  "[{\"type\":\"boolean\"},{\"type\":\"null\"}]" },
	{ "properties.places.additionalProperties.properties.far.default", NULL },
	{ "properties.places.additionalProperties.properties.tell.anyOf.1.type",
	  "[\"object\",\"null\"]" },
};

static const cJSON *at(const cJSON *j, const char *path)
{
	FP_AUTO(strs_release) struct strs parts = STRS_INIT;

	strs_split(&parts, path, '.');
	for (size_t i = 0; j && i < parts.n; i++)
		j = cJSON_IsArray(j) ? cJSON_GetArrayItem(j, parts.v[i][0] - '0')
				     : cJSON_GetObjectItemCaseSensitive(j, parts.v[i]);
	return j;
}

START_TEST(rows_make_one_schema)
{
	FP_AUTO(json_freep) cJSON *j = schema_json(&schema);
	const cJSON *found = at(j, paths[_i].path);
	FP_AUTO(freep) char *got = found ? json_text(found) : NULL;

	ck_assert_msg(str_eq(got, paths[_i].want), "%s: %s", paths[_i].path,
		      str_or(got, "(none)"));
}
END_TEST

START_TEST(rows_make_a_reference)
{
	static const char want[] =
		"## The document\n\n"
		"| field | value | default | what it is |\n|---|---|---|---|\n"
		"| `name` | text | required | what it is called |\n"
		"| `tell` | a map of names, one value, or a list |  | who hears of it "
		"\\| "
		"or not |\n"
		"| `places` | a map of names |  | places |\n"
		"\n## tell\n\nWho hears of it | or not. A name has letters; at most 5 "
		"characters.\n\n"
		"| field | value | default | what it is |\n|---|---|---|---|\n"
		"| `mail` | one or a list: text | `[]` | addresses |\n"
		"\n```yaml\ntell:\n  results:\n    mail: [me]\n```\n";
	FP_AUTO(buf_release) struct buf b = BUF_INIT;

	schema_reference(&b, &schema);
	ck_assert_msg(strstr(b.data, want) != NULL, "%s", b.data);
	ck_assert_ptr_nonnull(strstr(b.data, "\n## places\n"));
}
END_TEST

static const struct {
	const char *region, *github;
} starts[] = {
	{ NULL, NULL }, { "eu-west-1", NULL }, { NULL, "a/b" }, { "us-east-1", "a/b" }
};

START_TEST(the_starter_is_a_manifest)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(manifest_release) struct manifest m;
	int rc;

	schema_starter(&b, &manifest_schema, "shop", starts[_i].region,
		       starts[_i].github);
	rc = manifest_parse(&m, b.data, b.len, "f.yaml", NULL, &d);
	ck_assert_msg(rc == 0, "%s", d.n ? d.v[0].message : "");
	ck_assert_str_eq(m.project, "shop");
	ck_assert(str_eq(m.region, starts[_i].region));
	ck_assert((m.pipeline != NULL) == (starts[_i].github != NULL));
	ck_assert_uint_eq(m.nbuckets, 1);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("schema_json");
	TCase *tc = tcase_create("schema_json");

	tcase_add_loop_test(tc, a_row_is_a_schema, 0, ARRAY_SIZE(fields));
	tcase_add_loop_test(tc, rows_make_one_schema, 0, ARRAY_SIZE(paths));
	tcase_add_test(tc, rows_make_a_reference);
	tcase_add_loop_test(tc, the_starter_is_a_manifest, 0, ARRAY_SIZE(starts));
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
