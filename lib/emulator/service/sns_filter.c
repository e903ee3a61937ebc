#include <math.h>

#include "base/json.h"
#include "base/str.h"
#include "emulator/service/sns.h"

#define MAX_DEPTH 16

static bool compare_numbers(double v, const char *op, double limit)
{
	double d = v - limit;

	if (str_eq(op, "="))
		return fabs(d) == 0;
	if (str_eq(op, "<"))
		return d < 0;
	if (str_eq(op, "<="))
		return d <= 0;
	return str_eq(op, ">") ? d > 0 : str_eq(op, ">=") && d >= 0;
}

static bool matches_numeric(const cJSON *rule, const cJSON *value)
{
	if (!cJSON_IsNumber(value))
		return false;
	for (const cJSON *op = rule->child; op && op->next; op = op->next->next)
		if (!compare_numbers(value->valuedouble, str_or(op->valuestring, ""),
				     op->next->valuedouble))
			return false;
	return true;
}

static bool matches_rule(const cJSON *rule, const cJSON *value);

static bool matches_none(const cJSON *rule, const cJSON *value)
{
	if (!cJSON_IsArray(rule))
		return !matches_rule(rule, value);
	json_each (r, rule)
		if (matches_rule(r, value))
			return false;
	return true;
}

/* {"prefix": "a"} and its like. */
static bool matches_operator(const cJSON *rule, const cJSON *value)
{
	const cJSON *x = rule->child;
	const char *text = cJSON_GetStringValue(value), *s;

	if (!x)
		return false;
	s = cJSON_GetStringValue(x);
	if (str_eq(x->string, "anything-but"))
		return matches_none(x, value);
	if (str_eq(x->string, "numeric"))
		return matches_numeric(x, value);
	if (!text || !s)
		return false;
	if (str_eq(x->string, "prefix"))
		return str_starts(text, s);
	if (str_eq(x->string, "suffix"))
		return str_ends(text, s);
	return str_eq(x->string, "equals-ignore-case") && str_ieq(text, s);
}

static bool matches_rule(const cJSON *rule, const cJSON *value)
{
	return cJSON_IsObject(rule) ? matches_operator(rule, value)
				    : cJSON_Compare(rule, value, true);
}

/* One of the rules, for the value or one of its elements. */
static bool matches_any(const cJSON *rules, const cJSON *value)
{
	json_each (rule, rules) {
		const cJSON *exists = json_get(rule, "exists");

		if (exists) {
			if (cJSON_IsTrue(exists) == (value != NULL))
				return true;
			continue;
		}
		if (!value)
			continue;
		if (!cJSON_IsArray(value) && matches_rule(rule, value))
			return true;
		if (!cJSON_IsArray(value))
			continue;
		json_each (element, value)
			if (matches_rule(rule, element))
				return true;
	}
	return false;
}

bool sns_filter_matches(const cJSON *policy, const cJSON *values)
{
	json_each (key, policy) {
		const cJSON *value = cJSON_GetObjectItemCaseSensitive(values,
								      key->string);

		if (cJSON_IsObject(key) ? !sns_filter_matches(key, value)
					: !matches_any(key, value))
			return false;
	}
	return true;
}

static bool is_numeric(const cJSON *x)
{
	static const char *const ops[] = { "=", "<", "<=", ">", ">=" };
	int n = cJSON_GetArraySize(x);

	for (const cJSON *op = n % 2 ? NULL : x->child; op; op = op->next->next) {
		size_t k = 0;

		while (k < ARRAY_SIZE(ops) && !str_eq(ops[k], cJSON_GetStringValue(op)))
			k++;
		if (k == ARRAY_SIZE(ops) || !cJSON_IsNumber(op->next))
			return false;
	}
	return cJSON_IsArray(x) && (n == 2 || n == 4);
}

static bool is_operator(const cJSON *rule)
{
	const cJSON *x = rule->child;

	if (!x || x->next)
		return false;
	if (str_eq(x->string, "exists"))
		return cJSON_IsBool(x);
	if (str_eq(x->string, "numeric"))
		return is_numeric(x);
	if (str_eq(x->string, "anything-but"))
		return cJSON_IsObject(x) ? is_operator(x) : !cJSON_IsNull(x);
	return cJSON_IsString(x) &&
	       (str_eq(x->string, "prefix") || str_eq(x->string, "suffix") ||
		str_eq(x->string, "equals-ignore-case"));
}

static int check_rules(struct call *c, const cJSON *policy, int depth)
{
	json_each (key, policy) {
		if (str_eq(key->string, "$or"))
			return fault_set(
				&c->fault, 501, "NotImplemented",
				"the emulator does not support $or in filter policies");
		if (cJSON_IsObject(key) && depth < MAX_DEPTH) {
			if (check_rules(c, key, depth + 1) < 0)
				return -1;
			continue;
		}
		if (!cJSON_IsArray(key) || !key->child)
			return sns_invalid(
				c, "FilterPolicy: \"%s\" must be an object or an array",
				key->string);
		json_each (rule, key)
			if (cJSON_IsArray(rule) ||
			    (cJSON_IsObject(rule) && !is_operator(rule)))
				return sns_invalid(
					c,
					"FilterPolicy: Unrecognized match type in "
					"\"%s\"",
					key->string);
	}
	return 0;
}

int sns_filter_check(struct call *c, const char *policy)
{
	FP_AUTO(json_freep)
	cJSON *j = json_parse(policy, strlen(policy), "the policy", NULL);

	if (!cJSON_IsObject(j))
		return sns_invalid(c, "FilterPolicy: failed to parse JSON");
	return check_rules(c, j, 0);
}
