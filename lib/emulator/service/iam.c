#include "emulator/service/iam.h"

#include "base/digest.h"
#include "base/json.h"
#include "base/str.h"
#include "wire/uri.h"

static const char schema[] =
	"CREATE TABLE IF NOT EXISTS iam_roles ("
	" name TEXT PRIMARY KEY, role TEXT NOT NULL, trust TEXT NOT NULL, tags TEXT NOT "
	"NULL"
	") WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS iam_inline ("
	" role TEXT NOT NULL, name TEXT NOT NULL, document TEXT NOT NULL,"
	" PRIMARY KEY (role, name)) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS iam_attached ("
	" role TEXT NOT NULL, arn TEXT NOT NULL, PRIMARY KEY (role, arn)) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS iam_policies ("
	" arn TEXT PRIMARY KEY, policy TEXT NOT NULL, document TEXT NOT NULL"
	") WITHOUT ROWID";

int iam_no_entity(struct call *c, const char *what, const char *name)
{
	return fault_set(&c->fault, 404, "NoSuchEntity",
			 "The %s with name %s cannot be found.", what, name);
}

static const char *sort_key(const cJSON *item, const char *key)
{
	return key ? json_str(item, key, "") : item->valuestring;
}

int iam_page(struct call *c, const cJSON *in, cJSON *out, const char *member,
	     const char *key)
{
	int64_t max = json_int(in, "MaxItems", IAM_ITEMS);
	const char *marker = json_str(in, "Marker", "");
	cJSON *list = json_get(out, member);
	int n;

	if (max < 1 || max > IAM_MAX_ITEMS)
		return fault_set(&c->fault, 400, "ValidationError",
				 "MaxItems is between 1 and %d", IAM_MAX_ITEMS);
	while (list->child && strcmp(sort_key(list->child, key), marker) <= 0)
		cJSON_DeleteItemFromArray(list, 0);
	n = cJSON_GetArraySize(list);
	json_set_bool(out, "IsTruncated", n > max);
	if (n <= max)
		return 0;
	for (; n > max; n--)
		cJSON_DeleteItemFromArray(list, n - 1);
	json_set_str(out, "Marker", sort_key(cJSON_GetArrayItem(list, n - 1), key));
	return 0;
}

void iam_set_document(cJSON *object, const char *member, const char *text)
{
	FP_AUTO(buf_release) struct buf encoded = BUF_INIT;

	uri_encode(&encoded, text, strlen(text), "");
	json_set_str(object, member, buf_str(&encoded));
}

void iam_new_id(char out[22], const char *prefix)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint8_t random[21];

	random_bytes(random, sizeof(random));
	for (size_t k = 0; k < sizeof(random); k++)
		out[k] = k < 4 ? prefix[k] : letters[random[k] % 32];
	out[21] = '\0';
}

static int malformed(struct call *c, const char *why)
{
	return fault_set(&c->fault, 400, "MalformedPolicyDocument", "%s", why);
}

static bool has(const cJSON *statement, const char *a, const char *b)
{
	return cJSON_GetObjectItemCaseSensitive(statement, a) ||
	       (b && cJSON_GetObjectItemCaseSensitive(statement, b));
}

static bool is_list_of_texts(const cJSON *j)
{
	if (cJSON_IsString(j))
		return true;
	json_each (item, j)
		if (!cJSON_IsString(item))
			return false;
	return cJSON_IsArray(j) && j->child;
}

static int check_actions(struct call *c, const cJSON *statement)
{
	const cJSON *actions = cJSON_GetObjectItemCaseSensitive(statement, "Action");
	const char *action = cJSON_GetStringValue(actions);

	if (!has(statement, "Action", "NotAction"))
		return malformed(c, "Policy statement must contain actions.");
	if (actions && !is_list_of_texts(actions))
		return malformed(
			c,
			"Syntax errors in policy: Action is a text or a list of texts.");
	if (action && !strchr(action, ':') && !str_eq(action, "*"))
		return malformed(c,
				 "Actions/Conditions must be prefaced by a vendor, e.g., "
				 "iam, sdb, ec2, etc.");
	return 0;
}

static int check_statement(struct call *c, const cJSON *s, enum iam_document kind)
{
	static const char *const known[] = { "Sid",	  "Effect",	  "Action",
					     "NotAction", "Resource",	  "NotResource",
					     "Principal", "NotPrincipal", "Condition" };
	const char *effect = json_str(s, "Effect", "");

	if (!cJSON_IsObject(s))
		return malformed(c, "Syntax errors in policy: a statement is an object.");
	json_each_member (m, s) {
		size_t k = 0;

		while (k < ARRAY_SIZE(known) && !str_eq(known[k], m->string))
			k++;
		if (k == ARRAY_SIZE(known))
			return fault_set(
				&c->fault, 400, "MalformedPolicyDocument",
				"Syntax errors in policy: a statement has no '%s'.",
				m->string);
	}
	if (!str_eq(effect, "Allow") && !str_eq(effect, "Deny"))
		return malformed(c, "Syntax errors in policy: Effect is Allow or Deny.");
	if (check_actions(c, s) < 0)
		return -1;
	if (kind == IAM_TRUST && has(s, "Resource", "NotResource"))
		return malformed(c, "Has prohibited field Resource");
	if (kind == IAM_TRUST && !has(s, "Principal", "NotPrincipal"))
		return malformed(c, "Missing required field Principal");
	if (kind == IAM_IDENTITY && has(s, "Principal", "NotPrincipal"))
		return malformed(c, "Policy document should not specify a principal.");
	if (kind == IAM_IDENTITY && !has(s, "Resource", "NotResource"))
		return malformed(c, "Policy statement must contain resources.");
	return 0;
}

int iam_check_document(struct call *c, const char *text, enum iam_document kind)
{
	FP_AUTO(json_freep) cJSON *j = json_parse(text, strlen(text), "the policy", NULL);
	const cJSON *statements = j ? cJSON_GetObjectItemCaseSensitive(j, "Statement")
				    : NULL;
	const char *version = json_str(j, "Version", "2012-10-17");

	if (!cJSON_IsObject(j))
		return malformed(c, "This policy contains invalid Json");
	if (!str_eq(version, "2012-10-17") && !str_eq(version, "2008-10-17"))
		return malformed(c, "The policy must contain a valid version string");
	if (cJSON_IsObject(statements))
		return check_statement(c, statements, kind);
	if (!cJSON_IsArray(statements) || cJSON_GetArraySize(statements) == 0)
		return malformed(c, "Syntax errors in policy: there is no Statement.");
	json_each (s, statements)
		if (check_statement(c, s, kind) < 0)
			return -1;
	return 0;
}

static const struct operation operations[] = {
#define X(name) { #name, iam_##name },
	IAM_OPERATIONS(X)
#undef X
		{ NULL, NULL }
};

extern const struct service service_iam;
const struct service service_iam = {
	.name = "iam",
	.protocol = SERVICE_QUERY,
	.xmlns = "https://iam.amazonaws.com/doc/2010-05-08/",
	.schema = schema,
	.operations = operations,
	.resources = iam_resources,
};
