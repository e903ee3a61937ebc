#include <arpa/inet.h>
#include <math.h>

#include "base/json.h"
#include "base/str.h"
#include "emulator/service/sns.h"

#define MAX_DEPTH	 16
#define MAX_KEYS	 5
#define MAX_COMBINATIONS 150

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

/* An address as bytes; their number, 0 when it is none. */
static size_t read_address(uint8_t out[16], const char *text)
{
	if (inet_pton(AF_INET, text, out) == 1)
		return 4;
	return inet_pton(AF_INET6, text, out) == 1 ? 16 : 0;
}

/* "10.0.0.0/24": its address and the bits that count; false when it is none. */
static bool read_range(uint8_t out[16], size_t *n, int64_t *bits, const char *text)
{
	FP_AUTO(freep) char *address = xstrdup(text);
	char *slash = strchr(address, '/');

	if (!slash)
		return false;
	*slash = '\0';
	*n = read_address(out, address);
	return *n && str_to_i64(slash + 1, 0, (int64_t)*n * 8, bits);
}

static bool matches_cidr(const char *range, const char *text)
{
	uint8_t net[16], address[16];
	int64_t bits = 0;
	size_t n = 0;

	if (!read_range(net, &n, &bits, range) || read_address(address, text) != n)
		return false;
	for (size_t k = 0; k < n; k++, bits -= 8) {
		uint8_t mask = bits >= 8 ? 0xff
					 : (uint8_t)(bits > 0 ? 0xff << (8 - bits) : 0);

		if ((net[k] ^ address[k]) & mask)
			return false;
	}
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
	if (str_eq(x->string, "cidr"))
		return matches_cidr(s, text);
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

static bool is_reserved(const char *name)
{
	static const char *const names[] = { "prefix",	"suffix", "anything-but",
					     "numeric", "exists", "equals-ignore-case",
					     "cidr",	"$or" };

	for (size_t k = 0; k < ARRAY_SIZE(names); k++)
		if (str_eq(names[k], name))
			return true;
	return false;
}

/* As SNS recognises it; else "$or" is a name like any other. */
static bool is_or(const cJSON *key)
{
	if (!str_eq(key->string, "$or") || !cJSON_IsArray(key) ||
	    cJSON_GetArraySize(key) < 2)
		return false;
	json_each (branch, key) {
		if (!cJSON_IsObject(branch) || !branch->child)
			return false;
		json_each_member (name, branch)
			if (is_reserved(name->string))
				return false;
	}
	return true;
}

static bool matches_branch(const cJSON *branches, const cJSON *values)
{
	json_each (branch, branches)
		if (sns_filter_matches(branch, values))
			return true;
	return false;
}

/* Of a list of objects, one that matches is enough. */
static bool matches_nested(const cJSON *policy, const cJSON *value)
{
	if (!cJSON_IsArray(value))
		return sns_filter_matches(policy, value);
	json_each (element, value)
		if (sns_filter_matches(policy, element))
			return true;
	return false;
}

static bool matches_key(const cJSON *key, const cJSON *values)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(values, key->string);

	if (is_or(key))
		return matches_branch(key, values);
	return cJSON_IsObject(key) ? matches_nested(key, value) : matches_any(key, value);
}

bool sns_filter_matches(const cJSON *policy, const cJSON *values)
{
	json_each (key, policy)
		if (!matches_key(key, values))
			return false;
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

static bool is_range(const char *text)
{
	uint8_t address[16];
	int64_t bits;
	size_t n;

	return text && read_range(address, &n, &bits, text);
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
	if (str_eq(x->string, "cidr"))
		return is_range(cJSON_GetStringValue(x));
	return cJSON_IsString(x) &&
	       (str_eq(x->string, "prefix") || str_eq(x->string, "suffix") ||
		str_eq(x->string, "equals-ignore-case"));
}

/* What SNS counts: names with values, and the product of their numbers of values. */
struct complexity {
	int keys, combinations;
};

static int check_rules(struct call *c, const cJSON *policy, int depth,
		       struct complexity *x);

static int check_branches(struct call *c, const cJSON *branches, int depth,
			  struct complexity *x)
{
	json_each (branch, branches)
		if (check_rules(c, branch, depth + 1, x) < 0)
			return -1;
	return 0;
}

static int check_rules(struct call *c, const cJSON *policy, int depth,
		       struct complexity *x)
{
	json_each_member (key, policy) {
		bool branches = is_or(key);

		if ((branches || cJSON_IsObject(key)) && depth < MAX_DEPTH) {
			if ((branches ? check_branches(c, key, depth, x)
				      : check_rules(c, key, depth + 1, x)) < 0)
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
		x->keys++;
		x->combinations = FP_MIN(x->combinations * cJSON_GetArraySize(key),
					 MAX_COMBINATIONS + 1);
	}
	return 0;
}

int sns_filter_check(struct call *c, const char *policy)
{
	FP_AUTO(json_freep)
	cJSON *j = json_parse(policy, strlen(policy), "the policy", NULL);
	struct complexity x = { 0, 1 };

	if (!cJSON_IsObject(j))
		return sns_invalid(c, "FilterPolicy: failed to parse JSON");
	if (check_rules(c, j, 0, &x) < 0)
		return -1;
	if (x.keys > MAX_KEYS)
		return sns_invalid(c,
				   "FilterPolicy: Filter policy can not have more than "
				   "5 keys");
	return x.combinations > MAX_COMBINATIONS
		       ? sns_invalid(c, "FilterPolicy: Filter policy is too complex")
		       : 0;
}
