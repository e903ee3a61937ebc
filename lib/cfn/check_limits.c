/* Allowed values, forms, lengths, ranges, and the rules between properties. */
#include <cjson/cJSON.h>
#include <math.h>

#include "base/map.h"
#include "cfn/checker.h"
#include "cfn/pattern.h"

#define MAX_SHOWN 100 /* bytes of a value in a message */

/* What the schema's own formats mean. */
static const struct {
	const char *format, *pattern;
} formats[] = {
	{ "AWS::IAM::Role.Arn", "^arn:aws[a-z-]*:iam::\\d{12}:role/[\\w+=,.@/-]+$" },
	{ "AWS::KMS::Key.Arn", "^arn:aws[a-z-]*:kms:[a-z0-9-]+:\\d{12}:(key|alias)/.+$" },
	{ "AWS::SNS::Topic.Arn", "^arn:aws[a-z-]*:sns:[a-z0-9-]+:\\d{12}:.+$" },
	{ "AWS::EC2::SecurityGroup.Id", "^sg-([0-9a-f]{8}|[0-9a-f]{17})$" },
	{ "AWS::EC2::Subnet.Id", "^subnet-([0-9a-f]{8}|[0-9a-f]{17})$" },
	{ "AWS::EC2::VPC.Id", "^vpc-([0-9a-f]{8}|[0-9a-f]{17})$" },
	{ "date-time", "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d+)?)?"
		       "(Z|[+-]\\d\\d:?\\d\\d)?$" },
};

static const char *format_pattern(const struct fact *fact)
{
	for (size_t i = 0; fact->format && i < ARRAY_SIZE(formats); i++)
		if (str_eq(formats[i].format, fact->format))
			return formats[i].pattern;
	return NULL;
}

bool check_form_allows(const struct fact *fact, const char *text)
{
	const char *format = format_pattern(fact);
	size_t n = strlen(text);

	return (!fact->pattern ||
		pattern_match(fact->pattern, text, n) != PATTERN_DIFFERS) &&
	       (!format || pattern_match(format, text, n) != PATTERN_DIFFERS);
}

/* Of numbers the nearest by value. */
static const char *nearest_number(const struct fact *fact, const struct node *value)
{
	double wanted = strtod(value->scalar.text, NULL), least = INFINITY;
	const char *nearest = NULL;

	for (size_t i = 0; i < fact->allowed->seq.n; i++) {
		const char *text = node_text(fact->allowed->seq.v[i]);
		double distance = fabs(strtod(text, NULL) - wanted);

		if (distance < least) {
			least = distance;
			nearest = text;
		}
	}
	return nearest;
}

static void check_enum(const struct checker *c, const struct fact *fact,
		       const struct step *at, const struct node *value)
{
	FP_AUTO(strs_release) struct strs names = STRS_INIT;
	FP_AUTO(freep) char *hint = NULL;

	for (size_t i = 0; i < fact->allowed->seq.n; i++)
		if (node_is(value, node_text(fact->allowed->seq.v[i])))
			return;
	if (fact->kinds & (FACT_INTEGER | FACT_NUMBER)) {
		hint = xasprintf("the nearest is %s", nearest_number(fact, value));
		check_fail(c, at, value->pos, hint, "cannot be %s", value->scalar.text);
		return;
	}
	for (size_t i = 0; i < fact->allowed->seq.n; i++)
		strs_add(&names, node_text(fact->allowed->seq.v[i]));
	check_fail_near(c, at, value->pos, value->scalar.text,
			(const char *const *)names.v, names.n, "cannot be '%s'",
			value->scalar.text);
}

/* As much of a text as a message shows, in whole characters. */
static size_t shown_length(const struct node *text)
{
	size_t n = FP_MIN(text->scalar.len, (size_t)MAX_SHOWN);

	while (n < text->scalar.len && n &&
	       ((unsigned char)text->scalar.text[n] & 0xc0) == 0x80)
		n--;
	return n;
}

static bool check_form(const struct checker *c, const struct step *at,
		       const struct node *value, const char *pattern)
{
	if (!pattern || pattern_match(pattern, value->scalar.text, value->scalar.len) !=
				PATTERN_DIFFERS)
		return true;
	check_fail(c, at, value->pos, NULL, "'%.*s%s' does not match %s",
		   (int)shown_length(value), value->scalar.text,
		   shown_length(value) < value->scalar.len ? "..." : "", pattern);
	return false;
}

static void check_json(const struct checker *c, const struct step *at,
		       const struct node *value)
{
	cJSON *json = cJSON_ParseWithOpts(value->scalar.text, NULL, true);

	if (!json)
		check_fail(c, at, value->pos, NULL, "the text is not JSON");
	cJSON_Delete(json);
}

static void check_range(const struct checker *c, const struct step *at,
			const struct node *value, const struct fact_range *range)
{
	double number = strtod(value->scalar.text, NULL);

	if (number < range->min)
		check_fail(c, at, value->pos, NULL, "must be at least %g, not %s",
			   range->min, value->scalar.text);
	else if (number > range->max)
		check_fail(c, at, value->pos, NULL, "must be at most %.15g, not %s",
			   range->max, value->scalar.text);
}

static void check_count(const struct checker *c, const struct step *at,
			const struct node *value, const struct fact_range *range,
			size_t count, const char *unit)
{
	bool few = (double)count < range->min;
	double limit = few ? range->min : range->max;

	if (few || (double)count > range->max)
		check_fail(c, at, value->pos, NULL,
			   "must have at %s %.0f %s%s; there %s %zu",
			   few ? "least" : "most", limit, unit, limit == 1 ? "" : "s",
			   count == 1 ? "is" : "are", count);
}

static bool has_limits(const struct fact_range *range)
{
	return isfinite(range->min) || isfinite(range->max);
}

void check_scalar_limits(const struct checker *c, const struct fact *fact,
			 const struct step *at, const struct node *value)
{
	if (fact->allowed)
		check_enum(c, fact, at, value);
	if ((fact->kinds & (FACT_INTEGER | FACT_NUMBER)) && has_limits(&fact->value))
		check_range(c, at, value, &fact->value);
	if (!(fact->kinds & FACT_STRING))
		return;
	if (has_limits(&fact->length))
		check_count(c, at, value, &fact->length, check_length(value),
			    "character");
	if (check_form(c, at, value, fact->pattern))
		check_form(c, at, value, format_pattern(fact));
	if (str_eq(fact->format, "json"))
		check_json(c, at, value);
}

static void check_unique(const struct checker *c, const struct step *at,
			 const struct node *list)
{
	for (size_t i = 1; i < list->seq.n; i++) {
		for (size_t k = 0; k < i && i < 100; k++) {
			struct step item = { at, NULL, i };

			if (!is_known(list->seq.v[i]) ||
			    !node_equal(list->seq.v[i], list->seq.v[k]))
				continue;
			check_fail(c, &item, list->seq.v[i]->pos, NULL,
				   "is the same as [%zu]; each may stand once", k);
			break;
		}
	}
}

/* Items are told apart by the text of this key. */
static void check_unique_key(const struct checker *c, const struct fact *fact,
			     const struct step *at, const struct node *list)
{
	struct map seen = MAP_INIT;

	for (size_t i = 0; i < list->seq.n; i++) {
		const struct node *name = node_get(list->seq.v[i], fact->key);
		struct step item = { at, NULL, i }, here = { &item, fact->key, 0 };

		if (!node_text(name) || check_is_function(name))
			continue;
		if (map_put(&seen, name->scalar.text, (void *)fact))
			check_fail(c, &here, name->pos, NULL, "'%s' is there twice",
				   name->scalar.text);
	}
	map_release(&seen, NULL);
}

/* How many items there are is known when none of them is a loop or a choice. */
static bool is_settled(const struct node *list)
{
	struct call call;

	for (size_t i = 0; i < list->seq.n; i++)
		if (is_foreach_item(list->seq.v[i]) ||
		    (call_of(list->seq.v[i], &call) == CALL_FOUND &&
		     (call.fn == FN_IF || call.fn == FN_TRANSFORM)))
			return false;
	return true;
}

void check_key(const struct checker *c, const struct fact *fact, const struct step *at,
	       const struct node *key)
{
	check_form(c, at, key, fact->keys);
}

void check_list_limits(const struct checker *c, const struct fact *fact,
		       const struct step *at, const struct node *value)
{
	if (is_settled(value) && has_limits(&fact->size))
		check_count(c, at, value, &fact->size, value->seq.n, "item");
	if (fact->key)
		check_unique_key(c, fact, at, value);
	else if (fact->unique)
		check_unique(c, at, value);
}

/* "'A', 'B' and 'C'" */
static void put_names(struct buf *out, const struct node *names, const char *last)
{
	for (size_t i = 0; i < names->seq.n; i++)
		buf_printf(out, "%s'%s'",
			   i == 0		   ? ""
			   : i + 1 == names->seq.n ? last
						   : ", ",
			   node_text(names->seq.v[i]->kind == NODE_SEQUENCE
					     ? names->seq.v[i]->seq.v[0]
					     : names->seq.v[i]));
}

enum presence { ABSENT, PERHAPS, PRESENT };

static bool is_no_value(const struct node *n)
{
	struct call call;

	return call_of(n, &call) == CALL_FOUND && call.fn == FN_REF &&
	       str_eq(node_text(call.arg), "AWS::NoValue");
}

/* Fn::If may take a property away again. */
static enum presence presence_of(const struct node *value, const char *name)
{
	const struct node *n = node_get(value, name);
	struct call call;

	if (!n || is_no_value(n))
		return ABSENT;
	if (call_of(n, &call) == CALL_FOUND && call.fn == FN_IF)
		return PERHAPS;
	return PRESENT;
}

static size_t count(const struct node *names, const struct node *value,
		    enum presence least)
{
	size_t n = 0;

	for (size_t i = 0; i < names->seq.n; i++)
		n += presence_of(value, node_text(names->seq.v[i])) >= least;
	return n;
}

static bool any_group(const struct node *groups, const struct node *value)
{
	for (size_t i = 0; i < groups->seq.n; i++)
		if (count(groups->seq.v[i], value, PERHAPS) == groups->seq.v[i]->seq.n)
			return true;
	return false;
}

static void check_excluded(const struct checker *c, const struct node *rules,
			   const struct step *at, const struct node *value)
{
	for (size_t i = 0; i < rules->map.n; i++) {
		const char *name = rules->map.v[i].key->scalar.text;
		const struct node *others = rules->map.v[i].value;

		if (presence_of(value, name) != PRESENT)
			continue;
		for (size_t k = 0; k < others->seq.n; k++) {
			const char *other = node_text(others->seq.v[k]);
			const struct node_pair *p = node_find(value, other);
			bool mutual = false;
			const struct node *back = node_get(rules, other);

			for (size_t m = 0; back && m < back->seq.n; m++)
				mutual |= node_is(back->seq.v[m], name);
			if (presence_of(value, other) == PRESENT &&
			    (!mutual || strcmp(name, other) < 0))
				check_fail(c, at, p->key->pos, NULL,
					   "'%s' cannot stand beside '%s'", other, name);
		}
	}
}

void check_object_rules(const struct checker *c, const struct fact *fact,
			const struct step *at, const struct node *value)
{
	FP_AUTO(buf_release) struct buf names = BUF_INIT;
	const struct node *one = node_get(fact->rules, "requiredXor");
	const struct node *some = node_get(fact->rules, "requiredOr");
	const struct node *groups = node_get(fact->rules, "anyOfRequired");
	const struct node *excluded = node_get(fact->rules, "dependentExcluded");

	if (one && (count(one, value, PRESENT) > 1 || !count(one, value, PERHAPS))) {
		put_names(&names, one, " and ");
		check_fail(c, at, value->pos, NULL, "needs exactly one of %s",
			   names.data);
	} else if ((some && !count(some, value, PERHAPS)) ||
		   (groups && !any_group(groups, value))) {
		put_names(&names, some ? some : groups, " and ");
		check_fail(c, at, value->pos, NULL, "needs at least one of %s",
			   names.data);
	}
	if (excluded)
		check_excluded(c, excluded, at, value);
}
