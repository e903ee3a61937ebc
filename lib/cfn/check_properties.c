#include "base/str.h"
#include "cfn/call.h"
#include "cfn/factbook.h"
#include "cfn/facts.h"

struct check {
	struct diags *diags;
	const char *type;
};

static void check_value(const struct check *c, const struct node *fact, const char *name,
			const struct node *value);

static void unknown_property(const struct check *c, const struct node *known,
			     const char *name, const struct node *key)
{
	FP_AUTO(strs_release) struct strs names = STRS_INIT;
	FP_AUTO(freep) char *hint = NULL;
	const char *near;

	for (size_t i = 0; i < known->map.n; i++)
		strs_add(&names, known->map.v[i].key->scalar.text);
	near = str_nearest(key->scalar.text, (const char *const *)names.v, names.n);
	if (near)
		hint = xasprintf("did you mean '%s'?", near);
	diags_add(c->diags, key->pos, hint, "%s%s%s has no property '%s'", c->type,
		  *name ? "." : "", name, key->scalar.text);
}

/* Functions and loops may give any key. */
static bool is_settled(const struct node *map)
{
	for (size_t i = 0; i < map->map.n; i++)
		if (str_starts(map->map.v[i].key->scalar.text, "Fn::"))
			return false;
	return true;
}

static void check_object(const struct check *c, const struct node *known,
			 const char *name, const struct node *value)
{
	for (size_t i = 0; i < value->map.n; i++) {
		const struct node_pair *p = &value->map.v[i];
		const struct node *fact = node_get(known, p->key->scalar.text);
		FP_AUTO(freep)
		char *path = xasprintf("%s%s%s", name, *name ? "." : "",
				       p->key->scalar.text);

		if (fact)
			check_value(c, fact, path, p->value);
		else if (!str_starts(p->key->scalar.text, "Fn::"))
			unknown_property(c, known, name, p->key);
	}
	for (size_t i = 0; is_settled(value) && i < known->map.n; i++) {
		const struct node_pair *p = &known->map.v[i];

		if (factbook_says(p->value, "required") &&
		    !node_get(value, p->key->scalar.text))
			diags_add(c->diags, value->pos, NULL,
				  "%s%s%s needs the property '%s'", c->type,
				  *name ? "." : "", name, p->key->scalar.text);
	}
}

static bool is_number(const struct node *value)
{
	enum scalar_type type = node_scalar_type(value->scalar.text, value->scalar.len);

	return type == SCALAR_INT || type == SCALAR_FLOAT;
}

/* Whether a scalar can be what the fact's type asks for. */
static bool scalar_fits(const struct node *fact, const struct node *value)
{
	bool flag;
	int64_t i;

	if (factbook_says(fact, "string") || factbook_says(fact, "json"))
		return value->scalar.type != SCALAR_NULL;
	if (factbook_says(fact, "boolean"))
		return node_as_bool(value, &flag);
	if (factbook_says(fact, "integer"))
		return node_as_int(value, &i);
	if (factbook_says(fact, "number"))
		return is_number(value);
	return false;
}

static bool kind_fits(const struct node *fact, const struct node *value)
{
	if (factbook_says(fact, "json"))
		return value->kind != NODE_SCALAR || scalar_fits(fact, value);
	if (value->kind == NODE_SCALAR)
		return scalar_fits(fact, value);
	if (value->kind == NODE_SEQUENCE)
		return factbook_says(fact, "array");
	return factbook_says(fact, "object") || factbook_says(fact, "map") ||
	       factbook_says(fact, "tag");
}

static const char *wanted(const struct node *fact)
{
	static const struct {
		const char *word, *text;
	} words[] = { { "json", "a JSON document" },   { "string", "a string" },
		      { "integer", "a whole number" }, { "number", "a number" },
		      { "boolean", "true or false" },  { "array", "a list" } };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (factbook_says(fact, words[i].word))
			return words[i].text;
	return "a map";
}

static void check_enum(const struct check *c, const struct node *fact, const char *name,
		       const struct node *value)
{
	const struct node *allowed = node_get(fact, "enum");
	FP_AUTO(strs_release) struct strs names = STRS_INIT;
	FP_AUTO(freep) char *hint = NULL;
	const char *near;

	for (size_t i = 0; allowed && i < allowed->seq.n; i++) {
		if (node_is(value, node_text(allowed->seq.v[i])))
			return;
		strs_add(&names, node_text(allowed->seq.v[i]));
	}
	if (!allowed)
		return;
	near = str_nearest(value->scalar.text, (const char *const *)names.v, names.n);
	if (near)
		hint = xasprintf("did you mean '%s'?", near);
	diags_add(c->diags, value->pos, hint, "%s.%s cannot be '%s'", c->type, name,
		  value->scalar.text);
}

static void check_value(const struct check *c, const struct node *fact, const char *name,
			const struct node *value)
{
	const struct node *of = node_get(fact, "of"), *inner = node_get(fact, "items");
	struct call call;

	if (call_of(value, &call) != CALL_NONE || is_foreach_item(value) ||
	    str_starts(str_or(node_text(value), ""), "{{resolve:"))
		return;
	if (!kind_fits(fact, value)) {
		diags_add(c->diags, value->pos, NULL, "%s.%s must be %s, not a %s",
			  c->type, name, wanted(fact), node_kind_name(value));
		return;
	}
	if (value->kind == NODE_SCALAR)
		check_enum(c, fact, name, value);
	else if (value->kind == NODE_SEQUENCE)
		for (size_t i = 0; inner && i < value->seq.n; i++)
			check_value(c, inner, name, value->seq.v[i]);
	else if (of)
		check_object(c, of, name, value);
	else if ((inner = node_get(fact, "values")) != NULL)
		for (size_t i = 0; i < value->map.n; i++)
			check_value(c, inner, name, value->map.v[i].value);
}

void cfn_check_properties(struct diags *diags, const char *type,
			  const struct node *resource)
{
	const struct node *known = node_get(factbook_type(type), "properties");
	const struct node *properties = node_get(resource, "Properties");
	struct check c = { diags, type };
	struct node none = { .kind = NODE_MAPPING, .pos = { 0 } };
	struct call call;

	if (!known)
		return;
	if (!properties) {
		if (resource)
			none.pos = resource->pos;
		properties = &none;
	}
	if (call_of(properties, &call) != CALL_NONE)
		return;
	if (properties->kind != NODE_MAPPING)
		diags_add(diags, properties->pos, NULL,
			  "%s: Properties must be a map, not a %s", type,
			  node_kind_name(properties));
	else
		check_object(&c, known, "", properties);
}
