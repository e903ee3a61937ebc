/*
 * The Parameters section.
 * Source: CloudFormation User Guide, "Parameters" and "CloudFormation-supplied
 * parameter types"; that AllowedPattern matches the entire value: Service Catalog API,
 * "ParameterConstraints".
 */
#include "cfn/checker.h"
#include "cfn/pattern.h"
#include "cfn/template.h"

#define MAX_DESCRIPTION 4000 /* bytes */
#define MAX_VALUE	4096

static const char *const keys[] = {
	"AllowedPattern", "AllowedValues", "ConstraintDescription",
	"Default",	  "Description",   "MaxLength",
	"MaxValue",	  "MinLength",	   "MinValue",
	"NoEcho",	  "Type"
};

static const char *const plain_types[] = {
	"String", "Number", "CommaDelimitedList", "List<Number>", "List<String>",
};

static const char *const resource_types[] = {
	"AWS::EC2::AvailabilityZone::Name",
	"AWS::EC2::Image::Id",
	"AWS::EC2::Instance::Id",
	"AWS::EC2::KeyPair::KeyName",
	"AWS::EC2::SecurityGroup::GroupName",
	"AWS::EC2::SecurityGroup::Id",
	"AWS::EC2::Subnet::Id",
	"AWS::EC2::Volume::Id",
	"AWS::EC2::VPC::Id",
	"AWS::Route53::HostedZone::Id",
};

struct parameter {
	const struct checker *c;
	const struct step *at;
	const struct node *node;
	const char *type;
	const struct node *allowed, *pattern;
};

/* "Wrapper<Inner>" -> "Inner" in `inner`; false for anything else. */
static bool unwrap(const char *type, const char *wrapper, char *inner, size_t size)
{
	size_t n = strlen(wrapper);

	return strncmp(type, wrapper, n) == 0 && type[n] == '<' && str_ends(type, ">") &&
	       snprintf(inner, size, "%.*s", (int)(strlen(type) - n - 2), type + n + 1) <
		       (int)size;
}

static bool is_listed_type(const char *type)
{
	char inner[100];

	if (check_is_listed(plain_types, ARRAY_SIZE(plain_types), type) ||
	    check_is_listed(resource_types, ARRAY_SIZE(resource_types), type))
		return true;
	return unwrap(type, "List", inner, sizeof(inner)) &&
	       check_is_listed(resource_types, ARRAY_SIZE(resource_types), inner);
}

static bool is_type(const char *type)
{
	char inner[100];

	if (unwrap(type, "AWS::SSM::Parameter::Value", inner, sizeof(inner)))
		return is_listed_type(inner) && !str_eq(inner, "Number") &&
		       !str_eq(inner, "List<Number>");
	return is_listed_type(type) || str_eq(type, "AWS::SSM::Parameter::Name");
}

static bool is_list_type(const char *type)
{
	return type && (strstr(type, "List<") || strstr(type, "CommaDelimitedList"));
}

bool check_is_list_parameter(const struct checker *c, const char *name)
{
	return is_list_type(node_text(node_get(node_get(c->parameters, name), "Type")));
}

static void check_type(const struct parameter *p)
{
	const struct node *type = node_get(p->node, "Type");
	struct step here = { p->at, "Type", 0 };
	const char *names[ARRAY_SIZE(plain_types) + ARRAY_SIZE(resource_types) + 1];
	size_t n = 0;

	if (!p->type) {
		check_fail(p->c, &here, type->pos, NULL, "must be a string, not a %s",
			   node_kind_name(type));
		return;
	}
	if (is_type(p->type))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(plain_types); i++)
		names[n++] = plain_types[i];
	for (size_t i = 0; i < ARRAY_SIZE(resource_types); i++)
		names[n++] = resource_types[i];
	names[n++] = "AWS::SSM::Parameter::Value<String>";
	check_fail_near(p->c, &here, type->pos, p->type, names, n,
			"there is no parameter type '%s'", p->type);
}

/* As YAML has it, or with zeros before it. */
static bool is_number(const char *text, size_t n, bool whole)
{
	enum scalar_type type;

	while (n > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9') {
		text++;
		n--;
	}
	type = node_scalar_type(text, n);
	return type == SCALAR_INT || (type == SCALAR_FLOAT && !whole);
}

/* The number under `key`; false when there is none. */
static bool number_of(const struct parameter *p, const char *key, bool whole, double *out)
{
	const struct node *n = node_get(p->node, key);

	if (!n || n->kind != NODE_SCALAR || n->tag ||
	    !is_number(n->scalar.text, n->scalar.len, whole))
		return false;
	*out = strtod(n->scalar.text, NULL);
	return true;
}

/* One value (of a list parameter, one of its values) against the constraints. */
static void check_one(const struct parameter *p, const struct step *at,
		      const struct node *n, const char *text)
{
	bool found = !p->allowed || p->allowed->kind != NODE_SEQUENCE;
	FP_AUTO(strs_release) struct strs names = STRS_INIT;

	for (size_t i = 0; !found && i < p->allowed->seq.n; i++)
		found = node_is(p->allowed->seq.v[i], text);
	if (!found) {
		for (size_t i = 0; i < p->allowed->seq.n; i++)
			strs_add(&names, str_or(node_text(p->allowed->seq.v[i]), ""));
		check_fail_near(p->c, at, n->pos, text, (const char *const *)names.v,
				names.n, "'%s' is none of the AllowedValues", text);
	}
	if (p->pattern && node_text(p->pattern) &&
	    pattern_match_whole(node_text(p->pattern), text, strlen(text)) ==
		    PATTERN_DIFFERS)
		check_fail(p->c, at, n->pos, NULL,
			   "'%s' does not match the AllowedPattern %s", text,
			   node_text(p->pattern));
}

static void check_number_default(const struct parameter *p, const struct step *at,
				 const struct node *n)
{
	double value, limit;

	if (!is_number(n->scalar.text, n->scalar.len, false)) {
		check_fail(p->c, at, n->pos, NULL, "'%s' is no number", n->scalar.text);
		return;
	}
	value = strtod(n->scalar.text, NULL);
	if (number_of(p, "MinValue", false, &limit) && value < limit)
		check_fail(p->c, at, n->pos, NULL, "%s is below the MinValue %g",
			   n->scalar.text, limit);
	if (number_of(p, "MaxValue", false, &limit) && value > limit)
		check_fail(p->c, at, n->pos, NULL, "%s is above the MaxValue %g",
			   n->scalar.text, limit);
}

static void check_default(const struct parameter *p)
{
	const struct node *n = node_get(p->node, "Default");
	struct step here = { p->at, "Default", 0 };
	FP_AUTO(strs_release) struct strs parts = STRS_INIT;
	double limit;

	if (!n)
		return;
	if (n->kind != NODE_SCALAR || n->tag || node_is_null(n)) {
		check_fail(p->c, &here, n->pos,
			   n->kind == NODE_SEQUENCE ? "write the values with commas"
						    : NULL,
			   "must be a string, not a %s", node_kind_name(n));
		return;
	}
	if (n->scalar.len > MAX_VALUE)
		check_fail(p->c, &here, n->pos, NULL,
			   "a parameter holds at most %d bytes; these are %zu", MAX_VALUE,
			   n->scalar.len);
	if (str_eq(p->type, "Number"))
		check_number_default(p, &here, n);
	if (number_of(p, "MinLength", true, &limit) && (double)check_length(n) < limit)
		check_fail(p->c, &here, n->pos, NULL, "is shorter than the MinLength %g",
			   limit);
	if (number_of(p, "MaxLength", true, &limit) && (double)check_length(n) > limit)
		check_fail(p->c, &here, n->pos, NULL, "is longer than the MaxLength %g",
			   limit);
	if (!is_list_type(p->type) || str_starts(p->type, "AWS::SSM::")) {
		check_one(p, &here, n, n->scalar.text);
		return;
	}
	strs_split(&parts, n->scalar.text, ',');
	for (size_t i = 0; i < parts.n; i++)
		check_one(p, &here, n, parts.v[i] + strspn(parts.v[i], " "));
}

static void check_allowed(const struct parameter *p)
{
	struct step here = { p->at, "AllowedValues", 0 };

	if (!p->allowed)
		return;
	if (p->allowed->kind != NODE_SEQUENCE || p->allowed->tag) {
		check_fail(p->c, &here, p->allowed->pos, NULL, "must be a list, not a %s",
			   node_kind_name(p->allowed));
		return;
	}
	for (size_t i = 0; i < p->allowed->seq.n; i++) {
		const struct node *v = p->allowed->seq.v[i];
		struct step item = { &here, NULL, i };

		if (v->kind != NODE_SCALAR || v->tag || node_is_null(v))
			check_fail(p->c, &item, v->pos, NULL,
				   "must be a string, not a %s", node_kind_name(v));
	}
}

static void check_pattern(const struct parameter *p)
{
	struct step here = { p->at, "AllowedPattern", 0 };

	if (p->pattern && !node_text(p->pattern))
		check_fail(p->c, &here, p->pattern->pos, NULL,
			   "must be a string, not a %s", node_kind_name(p->pattern));
	else if (p->pattern &&
		 pattern_match(node_text(p->pattern), "", 0) == PATTERN_BROKEN)
		check_fail(p->c, &here, p->pattern->pos, NULL,
			   "'%s' is no regular expression", node_text(p->pattern));
}

/* A limit, which only some types have. */
static void check_limit(const struct parameter *p, const char *key, bool of_numbers)
{
	const struct node_pair *found = node_find(p->node, key);
	struct step here = { p->at, key, 0 };
	double value;

	if (!found)
		return;
	if (str_eq(p->type, "Number") != of_numbers)
		check_fail(p->c, &here, found->key->pos, NULL,
			   "a parameter of type %s has none", str_or(p->type, "String"));
	else if (!number_of(p, key, !of_numbers, &value))
		check_fail(p->c, &here, found->value->pos, NULL, "must be a %s, not a %s",
			   of_numbers ? "number" : "whole number",
			   node_kind_name(found->value));
}

static void check_limits(const struct parameter *p)
{
	static const struct {
		const char *min, *max;
		bool numbers;
	} pairs[] = { { "MinLength", "MaxLength", false },
		      { "MinValue", "MaxValue", true } };

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		struct step here = { p->at, pairs[i].min, 0 };
		double min, max;

		check_limit(p, pairs[i].min, pairs[i].numbers);
		check_limit(p, pairs[i].max, pairs[i].numbers);
		if (number_of(p, pairs[i].min, false, &min) &&
		    number_of(p, pairs[i].max, false, &max) && min > max)
			check_fail(p->c, &here, node_get(p->node, pairs[i].min)->pos,
				   NULL, "%g is more than the %s %g", min, pairs[i].max,
				   max);
	}
}

static void check_texts(const struct parameter *p)
{
	static const char *const texts[] = { "ConstraintDescription", "Description" };
	const struct node *no_echo = node_get(p->node, "NoEcho");
	struct step flag = { p->at, "NoEcho", 0 };
	bool yes;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const struct node *n = node_get(p->node, texts[i]);
		struct step here = { p->at, texts[i], 0 };

		if (n && (!node_text(n) || n->tag))
			check_fail(p->c, &here, n->pos, NULL,
				   "must be a string, not a %s", node_kind_name(n));
		else if (n && n->scalar.len > MAX_DESCRIPTION)
			check_fail(p->c, &here, n->pos, NULL,
				   "holds at most %d bytes; these are %zu",
				   MAX_DESCRIPTION, n->scalar.len);
	}
	if (no_echo && !node_as_bool(no_echo, &yes))
		check_fail(p->c, &flag, no_echo->pos, NULL,
			   "must be true or false, not a %s", node_kind_name(no_echo));
}

static void check_parameter(const struct checker *c, const struct step *at,
			    const struct node *node)
{
	struct parameter p = { .c = c,
			       .at = at,
			       .node = node,
			       .type = node_text(node_get(node, "Type")),
			       .allowed = node_get(node, "AllowedValues"),
			       .pattern = node_get(node, "AllowedPattern") };

	for (size_t i = 0; i < node->map.n; i++) {
		const struct node *key = node->map.v[i].key;
		struct step here = { at, key->scalar.text, 0 };

		if (!check_is_listed(keys, ARRAY_SIZE(keys), key->scalar.text))
			check_fail_near(c, &here, key->pos, key->scalar.text, keys,
					ARRAY_SIZE(keys), "a parameter has no such key");
	}
	if (!node_get(node, "Type"))
		return;
	check_type(&p);
	check_allowed(&p);
	check_pattern(&p);
	check_limits(&p);
	check_texts(&p);
	check_default(&p);
}

void check_parameters(const struct checker *c)
{
	struct step section = { NULL, "Parameters", 0 };

	check_ids(c, c->parameters, "Parameters");
	for (size_t i = 0; c->parameters && i < c->parameters->map.n; i++) {
		const struct node_pair *p = &c->parameters->map.v[i];
		struct step here = { &section, p->key->scalar.text, 0 };

		if (check_is_macro_key(p->key->scalar.text) ||
		    !check_map(c, &here, p->value))
			continue;
		if (!node_get(p->value, "Type"))
			check_fail(c, &here, p->key->pos, "such as String",
				   "the parameter has no Type");
		check_parameter(c, &here, p->value);
	}
}
