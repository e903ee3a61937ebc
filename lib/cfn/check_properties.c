/* A resource's properties against the facts of its type. */
#include <math.h>

#include "cfn/checker.h"

static void unknown_property(const struct checker *c, const struct fact *object,
			     const struct step *at, const struct node *key)
{
	const char *names[512];
	size_t n = 0;

	for (size_t i = 0; i < object->nof && n < ARRAY_SIZE(names); i++)
		names[n++] = object->of[i].name;
	check_fail_near(c, at, key->pos, key->scalar.text, names, n,
			"%s has no such property", c->type);
}

static void check_required(const struct checker *c, const struct fact *object,
			   const struct step *at, const struct node *value)
{
	for (size_t i = 0; i < object->nof; i++)
		if (object->of[i].required && !node_get(value, object->of[i].name))
			check_fail(c, at, value->pos, NULL,
				   "the required property '%s' is missing",
				   object->of[i].name);
}

static void check_object(const struct checker *c, const struct fact *object,
			 const struct step *at, const struct node *value)
{
	for (size_t i = 0; i < value->map.n; i++) {
		const struct node_pair *p = &value->map.v[i];
		const char *name = p->key->scalar.text;
		struct step here = { at, name, 0 };
		const struct fact *fact = fact_property(object, name, p->key->scalar.len);

		if (fact && fact->fixed)
			check_fail(c, &here, p->key->pos, NULL,
				   "%s gives this value; a template cannot set it",
				   c->type);
		else if (fact)
			check_value(c, fact, &here, p->value);
		else if (!str_starts(name, "Fn::"))
			unknown_property(c, object, &here, p->key);
	}
	/* Functions and loops may give any key. */
	if (!check_has_macro(value)) {
		check_required(c, object, at, value);
		check_object_rules(c, object, at, value);
	}
}

static bool is_number(const struct node *value)
{
	enum scalar_type type = node_scalar_type(value->scalar.text, value->scalar.len);

	return type == SCALAR_INT || type == SCALAR_FLOAT;
}

/* 300.0 is one, too. */
static bool is_whole(const struct node *value)
{
	double number = is_number(value) ? strtod(value->scalar.text, NULL) : 0.5;
	int64_t i;

	return node_as_int(value, &i) || number == floor(number);
}

static bool is_flag(const struct node *value)
{
	return str_ieq(value->scalar.text, "true") ||
	       str_ieq(value->scalar.text, "false");
}

/* Whether a scalar can be what the fact asks for; CloudFormation turns texts around. */
static bool scalar_fits(const struct fact *fact, const struct node *value)
{
	if (value->scalar.type == SCALAR_NULL)
		return false;
	return (fact->kinds & (FACT_STRING | FACT_JSON)) ||
	       ((fact->kinds & FACT_BOOLEAN) && is_flag(value)) ||
	       ((fact->kinds & FACT_INTEGER) && is_whole(value)) ||
	       ((fact->kinds & FACT_NUMBER) && is_number(value));
}

static bool kind_fits(const struct fact *fact, const struct node *value)
{
	if (value->kind == NODE_SCALAR)
		return scalar_fits(fact, value);
	if (fact->kinds & FACT_JSON)
		return true;
	if (value->kind == NODE_SEQUENCE)
		return fact->kinds & FACT_ARRAY;
	return fact->kinds & (FACT_OBJECT | FACT_MAP);
}

static const char *wanted(const struct fact *fact)
{
	static const struct {
		unsigned kind;
		const char *text;
	} words[] = { { FACT_JSON, "a JSON document" },	  { FACT_STRING, "a string" },
		      { FACT_INTEGER, "a whole number" }, { FACT_NUMBER, "a number" },
		      { FACT_BOOLEAN, "true or false" },  { FACT_ARRAY, "a list" },
		      { FACT_OBJECT | FACT_MAP, "a map" } };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (fact->kinds & words[i].kind)
			return words[i].text;
	return "a value";
}

/* Of an unknown value only what both branches of a condition would be. */
static void check_call(const struct checker *c, const struct fact *fact,
		       const struct step *at, const struct call *call)
{
	const struct node *arg = call->arg;

	if (call->fn != FN_IF) {
		check_fit(c, fact, at, call);
		return;
	}
	for (size_t i = 1; arg->kind == NODE_SEQUENCE && i < 3 && i < arg->seq.n; i++) {
		struct step branch = { at, "Fn::If", 0 }, here = { &branch, NULL, i };

		check_value(c, fact, &here, arg->seq.v[i]);
	}
}

static void check_kind(const struct checker *c, const struct fact *fact,
		       const struct step *at, const struct node *value)
{
	if (!kind_fits(fact, value)) {
		check_fail(c, at, value->pos, NULL, "must be %s, not a %s", wanted(fact),
			   node_kind_name(value));
		return;
	}
	if (value->kind == NODE_SCALAR) {
		check_scalar_limits(c, fact, at, value);
	} else if (value->kind == NODE_SEQUENCE) {
		for (size_t i = 0; fact->items && i < value->seq.n; i++) {
			struct step item = { at, NULL, i };

			check_value(c, fact->items, &item, value->seq.v[i]);
		}
		check_list_limits(c, fact, at, value);
	} else if (fact->of) {
		check_object(c, fact, at, value);
	} else {
		for (size_t i = 0; fact->values && i < value->map.n; i++) {
			struct step entry = { at, value->map.v[i].key->scalar.text, 0 };

			check_key(c, fact, &entry, value->map.v[i].key);
			check_value(c, fact->values, &entry, value->map.v[i].value);
		}
	}
}

void check_value(const struct checker *c, const struct fact *fact, const struct step *at,
		 const struct node *value)
{
	struct call call;
	enum call_status status = call_of(value, &call);

	/* Where a whole template is checked, nulls are a finding already. */
	if (c->tmpl && node_is_null(value))
		return;
	if (status == CALL_FOUND)
		check_call(c, fact, at, &call);
	else if (status == CALL_UNKNOWN || is_foreach_item(value) ||
		 check_is_dynamic(value))
		return;
	else if (!fact->policy)
		check_kind(c, fact, at, value);
	else if (c->tmpl) /* of a resource alone, IAM will say it */
		check_policy(c, fact->policy, at, value);
}

void check_properties(const struct checker *c, const struct step *at,
		      const struct node *resource)
{
	const struct type_facts *facts = factbook_type(c->type);
	const struct node *properties = node_get(resource, "Properties");
	struct node none = { .kind = NODE_MAPPING, .pos = { 0 } };
	struct step here = { at, "Properties", 0 };

	if (!facts)
		return;
	if (!properties) {
		if (resource)
			none.pos = resource->pos;
		properties = &none;
	}
	check_value(c, &facts->properties, &here, properties);
}

void cfn_check_properties(struct diags *diags, const char *type,
			  const struct node *resource)
{
	struct checker c = { .diags = diags, .type = type };

	check_properties(&c, NULL, resource);
}
