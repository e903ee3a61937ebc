#include "manifest/schema_json.h"

#include "base/str.h"
#include "manifest/checker.h"
#include "yaml/json.h"
#include "yaml/load.h"

struct writer {
	struct arena arena;
	const struct schema *schema;
	const struct children *children; /* by row */
};

/* `partial`: within an environment nothing is required and null resets. */
static cJSON *field_schema(struct writer *w, const struct field *f, bool partial);

static const struct children *below(const struct writer *w, const struct field *f)
{
	return &w->children[f - w->schema->fields];
}

/* A value of the table, which is written as YAML. */
static cJSON *value_of(struct writer *w, const struct field *f, const char *yaml)
{
	struct fp_error err = { 0 };
	struct node *n;

	if (node_load_one(&n, &w->arena, yaml, strlen(yaml), "the schema", &err) < 0)
		fp_die("a value of '%s' is no YAML: %s", f->path, err.message);
	return node_to_json(n);
}

static cJSON *typed(const char *type)
{
	cJSON *j = cJSON_CreateObject();

	json_set_str(j, "type", type);
	return j;
}

static cJSON *types(const char *const *names, size_t n)
{
	cJSON *j = cJSON_CreateObject(), *list = json_set_array(j, "type");

	for (size_t i = 0; i < n; i++)
		json_push_str(list, names[i]);
	return j;
}

static void put_words(cJSON *j, const struct field *f)
{
	FP_AUTO(strs_release) struct strs words = STRS_INIT;
	cJSON *list = json_set_array(j, "enum");

	strs_split(&words, f->words, ' ');
	for (size_t i = 0; i < words.n; i++)
		json_push_str(list, words.v[i]);
}

static void put_text_rules(cJSON *j, const struct field *f)
{
	if (f->min)
		json_set_int(j, "minLength", f->min);
	if (f->max)
		json_set_int(j, "maxLength", f->max);
	json_set_str(j, "pattern", f->pattern);
}

static cJSON *choice(cJSON *a, cJSON *b)
{
	cJSON *j = cJSON_CreateObject(), *list = json_set_array(j, "anyOf");

	cJSON_AddItemToArray(list, a);
	cJSON_AddItemToArray(list, b);
	return j;
}

static cJSON *words_schema(const struct field *f)
{
	cJSON *j = cJSON_CreateObject();

	put_words(j, f);
	return j;
}

static cJSON *text_schema(const struct field *f)
{
	static const char *const any[] = { "string", "number", "boolean" };
	cJSON *j = f->type == FIELD_TEXT ? types(any, ARRAY_SIZE(any)) : typed("string");

	put_text_rules(j, f);
	return j;
}

static cJSON *string_schema(const struct field *f)
{
	if (f->words && f->pattern)
		return choice(words_schema(f), text_schema(f));
	return f->words ? words_schema(f) : text_schema(f);
}

static cJSON *pattern_schema(const char *pattern)
{
	cJSON *j = typed("string");

	json_set_str(j, "pattern", pattern);
	return j;
}

static cJSON *zero_schema(void)
{
	cJSON *j = cJSON_CreateObject();

	json_set_int(j, "const", 0);
	return j;
}

static cJSON *int_schema(const struct field *f)
{
	cJSON *j = typed("integer");

	json_set_int(j, "minimum", f->min);
	json_set_int(j, "maximum", f->max);
	return j;
}

static cJSON *scalar_schema(const struct field *f)
{
	switch (f->type) {
	case FIELD_BOOL:
		return typed("boolean");
	case FIELD_INT:
		return int_schema(f);
	case FIELD_DURATION:
		return pattern_schema("^[0-9]+[smhd]$");
	case FIELD_DAYS:
		if (f->words)
			return words_schema(f);
		return pattern_schema(f->min ? "^0*[1-9][0-9]*d$" : "^[0-9]+d$");
	case FIELD_PERCENT:
		return choice(pattern_schema("^0*(100|[0-9]{1,2})%$"), zero_schema());
	default:
		return string_schema(f);
	}
}

/* One, or a list of them. */
static cJSON *list_schema(const struct field *f)
{
	cJSON *list = typed("array");

	json_set(list, "items", scalar_schema(f));
	json_set_bool(list, "uniqueItems", true);
	if (f->flags & FIELD_FILLED)
		json_set_int(list, "minItems", 1);
	if (f->most)
		json_set_int(list, "maxItems", (int64_t)f->most);
	return choice(scalar_schema(f), list);
}

static const char *const map_or_null[] = { "object", "null" };

static cJSON *object_schema(struct writer *w, const struct field *f, bool partial)
{
	const struct children *c = below(w, f);
	cJSON *j, *fields, *required = cJSON_CreateArray();

	partial |= (f->flags & FIELD_PARTIAL) != 0;
	for (size_t i = 0; i < c->n && !partial; i++)
		if (c->v[i]->flags & FIELD_REQUIRED)
			json_push_str(required, field_name(c->v[i]));
	/* A map that must have something in it is not null, nor the word of a union. */
	j = required->child || f->words ? typed("object") : types(map_or_null, 2);
	fields = json_set_object(j, "properties");
	for (size_t i = 0; i < c->n; i++)
		json_set(fields, field_name(c->v[i]), field_schema(w, c->v[i], partial));
	json_set_bool(j, "additionalProperties", false);
	if (required->child)
		json_set(j, "required", required);
	else
		cJSON_Delete(required);
	return f->words ? choice(words_schema(f), j) : j;
}

/* The row that `shorthand` names: "*" stands for any item's name. */
static const struct field *shorthand_row(const struct writer *w, const struct field *f)
{
	FP_AUTO(strs_release) struct strs parts = STRS_INIT;

	strs_split(&parts, f->shorthand, '.');
	for (size_t i = 0; f && i < parts.n; i++)
		f = children_find(below(w, f), f->type == FIELD_MAP ? "*" : parts.v[i]);
	return f;
}

static cJSON *map_schema(struct writer *w, const struct field *f, bool partial)
{
	cJSON *j = types(map_or_null, 2), *names = json_set_object(j, "propertyNames");

	put_text_rules(names, f);
	json_set(j, "additionalProperties",
		 field_schema(w, children_find(below(w, f), "*"), partial));
	if (f->most)
		json_set_int(j, "maxProperties", (int64_t)f->most);
	return f->shorthand ? choice(list_schema(shorthand_row(w, f)), j) : j;
}

/* "memory, which the share of CPU follows; MiB" */
static void put_description(cJSON *j, const struct field *f)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	buf_puts(&text, f->doc);
	if (f->unit)
		buf_printf(&text, " (%s)", f->unit);
	if (f->allowed)
		buf_printf(&text, "; allowed: %s", f->allowed);
	json_set_str(j, "description", buf_str(&text));
}

static cJSON *field_schema(struct writer *w, const struct field *f, bool partial)
{
	cJSON *j;

	if (f->type == FIELD_OBJECT)
		j = object_schema(w, f, partial);
	else if (f->type == FIELD_MAP)
		j = map_schema(w, f, partial);
	else
		j = f->flags & FIELD_LIST ? list_schema(f) : scalar_schema(f);
	if (partial && f->type != FIELD_MAP && (f->type != FIELD_OBJECT || f->words))
		j = choice(j, typed("null"));
	put_description(j, f);
	if (f->fallback && !partial)
		json_set(j, "default", value_of(w, f, f->fallback));
	if (f->example)
		cJSON_AddItemToArray(json_set_array(j, "examples"),
				     value_of(w, f, f->example));
	return j;
}

cJSON *schema_json(const struct schema *s)
{
	struct writer w = { .schema = s };
	cJSON *root = cJSON_CreateObject(), *document;

	w.children = schema_children(s, &w.arena);
	json_set_str(root, "$schema", "https://json-schema.org/draft/2020-12/schema");
	json_set_str(root, "$id", "urn:fpctl:manifest");
	json_set_str(root, "title", "fpctl.yaml");
	document = field_schema(&w, s->fields, false);
	while (document->child) {
		cJSON *member = cJSON_DetachItemViaPointer(document, document->child);

		cJSON_AddItemToObject(root, member->string, member);
	}
	cJSON_Delete(document);
	arena_release(&w.arena);
	return root;
}
