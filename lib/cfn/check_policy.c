/*
 * Policy documents, as IAM refuses them.
 * Source: IAM User Guide, "IAM JSON policy elements reference" and "Grammar of the IAM
 * JSON policy language".
 */
#include <ctype.h>

#include "base/map.h"
#include "cfn/checker.h"
#include "yaml/json.h"

static const char *const document_keys[] = { "Id", "Statement", "Version" };

static const char *const statement_keys[] = { "Action",	   "Condition",	   "Effect",
					      "NotAction", "NotPrincipal", "NotResource",
					      "Principal", "Resource",	   "Sid" };

static const char *const principal_keys[] = { "AWS", "CanonicalUser", "Federated",
					      "Service" };

static const char *const operators[] = {
	"ArnEquals",
	"ArnLike",
	"ArnNotEquals",
	"ArnNotLike",
	"BinaryEquals",
	"Bool",
	"DateEquals",
	"DateGreaterThan",
	"DateGreaterThanEquals",
	"DateLessThan",
	"DateLessThanEquals",
	"DateNotEquals",
	"IpAddress",
	"NotIpAddress",
	"Null",
	"NumericEquals",
	"NumericGreaterThan",
	"NumericGreaterThanEquals",
	"NumericLessThan",
	"NumericLessThanEquals",
	"NumericNotEquals",
	"StringEquals",
	"StringEqualsIgnoreCase",
	"StringLike",
	"StringNotEquals",
	"StringNotEqualsIgnoreCase",
	"StringNotLike",
};

typedef void text_fn(const struct checker *c, enum fact_policy kind,
		     const struct step *at, const struct node *text);

/* One text or a list of them; what is not known yet is passed over. */
static void each_text(const struct checker *c, enum fact_policy kind,
		      const struct step *at, const struct node *value, text_fn *fn)
{
	if (check_is_function(value) || (c->tmpl && node_is_null(value)))
		return;
	if (value->kind == NODE_SCALAR && !node_is_null(value)) {
		fn(c, kind, at, value);
		return;
	}
	if (value->kind != NODE_SEQUENCE) {
		check_fail(c, at, value->pos, NULL,
			   "must be a string or a list, not a %s", node_kind_name(value));
		return;
	}
	for (size_t i = 0; i < value->seq.n; i++) {
		struct step item = { at, NULL, i };

		if (value->seq.v[i]->kind == NODE_SEQUENCE && !value->seq.v[i]->tag)
			check_fail(c, &item, value->seq.v[i]->pos, NULL,
				   "must be a string, not a list");
		else
			each_text(c, kind, &item, value->seq.v[i], fn);
	}
}

static void check_action(const struct checker *c, enum fact_policy kind,
			 const struct step *at, const struct node *text)
{
	const char *s = text->scalar.text, *colon = strchr(s, ':');
	bool ok = str_eq(s, "*") || (colon && colon > s && colon[1]);

	for (; ok && *s; s++)
		ok = isalnum((unsigned char)*s) || strchr("-*?:", *s);
	if (!ok)
		check_fail(c, at, text->pos, "such as s3:GetObject", "'%s' is no action",
			   text->scalar.text);
	else if (kind == POLICY_TRUST && strncasecmp(text->scalar.text, "sts:", 4) != 0 &&
		 !str_eq(text->scalar.text, "*"))
		check_fail(c, at, text->pos, "such as sts:AssumeRole",
			   "a trust policy's actions are those of sts, not '%s'",
			   text->scalar.text);
}

static void check_resource(const struct checker *c, enum fact_policy kind,
			   const struct step *at, const struct node *text)
{
	if (kind != POLICY_TRUST && !str_eq(text->scalar.text, "*") &&
	    !str_starts(text->scalar.text, "arn:"))
		check_fail(c, at, text->pos, NULL, "'%s' is neither an ARN nor *",
			   text->scalar.text);
}

static void accept(const struct checker *c FP_UNUSED, enum fact_policy kind FP_UNUSED,
		   const struct step *at FP_UNUSED, const struct node *text FP_UNUSED)
{
}

/* An ARN, an account, or the id that IAM puts for one who is deleted: AIDA... */
static void check_account(const struct checker *c, enum fact_policy kind FP_UNUSED,
			  const struct step *at, const struct node *text)
{
	const char *s = text->scalar.text;

	if (str_eq(s, "*") || str_starts(s, "arn:") ||
	    (strlen(s) == 12 && strspn(s, "0123456789") == 12) ||
	    (*s == 'A' && strlen(s) >= 16))
		return;
	check_fail(c, at, text->pos, "such as arn:aws:iam::111122223333:root",
		   "'%s' is neither an ARN nor an account", s);
}

static void check_principal(const struct checker *c, enum fact_policy kind,
			    const struct step *at, const struct node *value)
{
	if (check_is_function(value) || node_is(value, "*"))
		return;
	if (value->kind != NODE_MAPPING) {
		check_fail(c, at, value->pos, "such as {Service: lambda.amazonaws.com}",
			   "must be * or a map, not a %s", node_kind_name(value));
		return;
	}
	for (size_t i = 0; i < value->map.n; i++) {
		const struct node_pair *p = &value->map.v[i];
		const char *key = p->key->scalar.text;
		struct step here = { at, key, 0 };

		if (str_starts(key, "Fn::"))
			continue;
		if (!check_is_listed(principal_keys, ARRAY_SIZE(principal_keys), key))
			check_fail_near(c, &here, p->key->pos, key, principal_keys,
					ARRAY_SIZE(principal_keys),
					"there is no such kind of principal");
		else
			each_text(c, kind, &here, p->value,
				  str_eq(key, "AWS") ? check_account : accept);
	}
}

/* "ForAllValues:StringLikeIfExists" -> whether "StringLike" is an operator. */
static bool is_operator(const char *key)
{
	size_t n;

	if (str_starts(key, "ForAllValues:") || str_starts(key, "ForAnyValue:"))
		key = strchr(key, ':') + 1;
	n = strlen(key);
	if (str_ends(key, "IfExists"))
		n -= strlen("IfExists");
	for (size_t i = 0; i < ARRAY_SIZE(operators); i++)
		if (strlen(operators[i]) == n && strncasecmp(operators[i], key, n) == 0)
			return true;
	return false;
}

static void check_condition_values(const struct checker *c, const struct step *at,
				   const struct node *keys)
{
	for (size_t i = 0; i < keys->map.n; i++) {
		const struct node_pair *p = &keys->map.v[i];
		struct step here = { at, p->key->scalar.text, 0 };

		if (!str_starts(p->key->scalar.text, "Fn::"))
			each_text(c, POLICY_NONE, &here, p->value, accept);
	}
}

static void check_condition(const struct checker *c, const struct step *at,
			    const struct node *value)
{
	if (check_is_function(value) || !check_map(c, at, value))
		return;
	for (size_t i = 0; i < value->map.n; i++) {
		const struct node_pair *p = &value->map.v[i];
		const char *key = p->key->scalar.text;
		struct step here = { at, key, 0 };

		if (str_starts(key, "Fn::"))
			continue;
		if (!is_operator(key))
			check_fail_near(c, &here, p->key->pos, key, operators,
					ARRAY_SIZE(operators),
					"there is no such condition operator");
		else if (!check_is_function(p->value) && check_map(c, &here, p->value))
			check_condition_values(c, &here, p->value);
	}
}

static void check_sid(const struct checker *c, enum fact_policy kind,
		      const struct step *at, const struct node *value)
{
	bool ok = true;

	if (check_is_function(value))
		return;
	if (value->kind != NODE_SCALAR) {
		check_fail(c, at, value->pos, NULL, "must be a string, not a %s",
			   node_kind_name(value));
		return;
	}
	for (const char *s = value->scalar.text; *s; s++)
		ok = ok && isalnum((unsigned char)*s);
	if (!ok && kind != POLICY_RESOURCE)
		check_fail(c, at, value->pos, "use letters and digits",
			   "IAM refuses the Sid '%s'", value->scalar.text);
}

static void check_effect(const struct checker *c, const struct step *at,
			 const struct node *value)
{
	static const char *const effects[] = { "Allow", "Deny" };
	const char *text = node_text(value);

	if (!check_is_function(value) && !check_is_listed(effects, 2, text))
		check_fail_near(c, at, value->pos, text ? text : "", effects, 2,
				"cannot be '%s'", text ? text : node_kind_name(value));
}

/* One of both must be there, and not both. */
static void check_pair(const struct checker *c, const struct step *at,
		       const struct node *statement, const char *name,
		       const char *not_name)
{
	const struct node_pair *p = node_find(statement, not_name);

	if (!p && !node_get(statement, name))
		check_fail(c, at, statement->pos, NULL, "the statement has no %s", name);
	else if (p && node_get(statement, name))
		check_fail(c, at, p->key->pos, NULL, "%s and %s exclude each other", name,
			   not_name);
}

static void check_presence(const struct checker *c, enum fact_policy kind,
			   const struct step *at, const struct node *statement)
{
	static const char *const principals[] = { "Principal", "NotPrincipal" };
	static const char *const resources[] = { "Resource", "NotResource" };
	const char *const *refused = kind == POLICY_IDENTITY ? principals
				     : kind == POLICY_TRUST  ? resources
							     : NULL;

	if (!node_get(statement, "Effect"))
		check_fail(c, at, statement->pos, "Allow or Deny",
			   "the statement has no Effect");
	check_pair(c, at, statement, "Action", "NotAction");
	if (kind != POLICY_TRUST)
		check_pair(c, at, statement, "Resource", "NotResource");
	if (kind != POLICY_IDENTITY)
		check_pair(c, at, statement, "Principal", "NotPrincipal");
	for (size_t i = 0; refused && i < 2; i++) {
		const struct node_pair *p = node_find(statement, refused[i]);
		struct step here = { at, refused[i], 0 };

		if (p)
			check_fail(c, &here, p->key->pos, NULL,
				   kind == POLICY_IDENTITY
					   ? "a policy of IAM names no principal: it "
					     "belongs to whom it is attached to"
					   : "a role's trust policy names no resource");
	}
}

static void check_element(const struct checker *c, enum fact_policy kind,
			  const struct step *at, const struct node_pair *p)
{
	const char *key = p->key->scalar.text;
	struct step here = { at, key, 0 };

	if (str_starts(key, "Fn::"))
		return;
	if (!check_is_listed(statement_keys, ARRAY_SIZE(statement_keys), key))
		check_fail_near(c, &here, p->key->pos, key, statement_keys,
				ARRAY_SIZE(statement_keys),
				"a statement has no such element");
	else if (p->value->kind == NODE_SEQUENCE && !p->value->tag && !p->value->seq.n &&
		 (str_ends(key, "Action") || str_ends(key, "Resource")))
		check_fail(c, &here, p->value->pos, NULL, "must have at least one item");
	else if (str_ends(key, "Action"))
		each_text(c, kind, &here, p->value, check_action);
	else if (str_ends(key, "Resource"))
		each_text(c, kind, &here, p->value, check_resource);
	else if (str_ends(key, "Principal"))
		check_principal(c, kind, &here, p->value);
	else if (str_eq(key, "Condition"))
		check_condition(c, &here, p->value);
	else if (str_eq(key, "Effect"))
		check_effect(c, &here, p->value);
	else
		check_sid(c, kind, &here, p->value);
}

static void check_statement(const struct checker *c, enum fact_policy kind,
			    const struct step *at, const struct node *statement)
{
	struct call call;

	if (call_of(statement, &call) == CALL_FOUND && call.fn == FN_IF &&
	    call.arg->kind == NODE_SEQUENCE && call.arg->seq.n == 3) {
		struct step branch = { at, "Fn::If", 0 };

		for (size_t i = 1; i < 3; i++) {
			struct step here = { &branch, NULL, i };

			check_statement(c, kind, &here, call.arg->seq.v[i]);
		}
		return;
	}
	if (check_is_function(statement) || !check_map(c, at, statement))
		return;
	for (size_t i = 0; i < statement->map.n; i++)
		check_element(c, kind, at, &statement->map.v[i]);
	if (!check_has_macro(statement))
		check_presence(c, kind, at, statement);
}

static void check_statements(const struct checker *c, enum fact_policy kind,
			     const struct step *at, const struct node *value)
{
	struct map sids = MAP_INIT;

	if (value->kind != NODE_SEQUENCE || value->tag) {
		check_statement(c, kind, at, value);
		return;
	}
	for (size_t i = 0; i < value->seq.n; i++) {
		const struct node *sid = node_get(value->seq.v[i], "Sid");
		struct step item = { at, NULL, i }, here = { &item, "Sid", 0 };

		check_statement(c, kind, &item, value->seq.v[i]);
		if (node_text(sid) && *sid->scalar.text && !check_is_function(sid) &&
		    map_put(&sids, sid->scalar.text, (void *)sid))
			check_fail(c, &here, sid->pos, NULL,
				   "two statements have the Sid '%s'", sid->scalar.text);
	}
	map_release(&sids, NULL);
}

static void check_version(const struct checker *c, const struct step *at,
			  const struct node *value)
{
	static const char *const versions[] = { "2012-10-17", "2008-10-17" };
	struct step here = { at, "Version", 0 };

	if (value && !check_is_function(value) &&
	    !check_is_listed(versions, 2, node_text(value)))
		check_fail(c, &here, value->pos, "write \"2012-10-17\"",
			   "the policy language has no such version");
}

static void check_document(const struct checker *c, enum fact_policy kind,
			   const struct step *at, const struct node *value)
{
	const struct node *statement = node_get(value, "Statement");
	struct step here = { at, "Statement", 0 };

	if (!check_map(c, at, value))
		return;
	for (size_t i = 0; i < value->map.n; i++) {
		const struct node *key = value->map.v[i].key;
		struct step unknown = { at, key->scalar.text, 0 };

		if (!str_starts(key->scalar.text, "Fn::") &&
		    !check_is_listed(document_keys, ARRAY_SIZE(document_keys),
				     key->scalar.text))
			check_fail_near(c, &unknown, key->pos, key->scalar.text,
					document_keys, ARRAY_SIZE(document_keys),
					"a policy document has no such element");
	}
	check_version(c, at, node_get(value, "Version"));
	if (statement)
		check_statements(c, kind, &here, statement);
	else if (!check_has_macro(value))
		check_fail(c, at, value->pos, NULL, "the policy has no Statement");
}

/* All of it stands where its text does. */
static void set_place(struct node *n, struct fp_pos pos)
{
	n->pos = pos;
	for (size_t i = 0; n->kind == NODE_SEQUENCE && i < n->seq.n; i++)
		set_place(n->seq.v[i], pos);
	for (size_t i = 0; n->kind == NODE_MAPPING && i < n->map.n; i++) {
		n->map.v[i].key->pos = pos;
		set_place(n->map.v[i].value, pos);
	}
}

void check_policy(const struct checker *c, enum fact_policy kind, const struct step *at,
		  const struct node *value)
{
	FP_AUTO(arena_release) struct arena arena = ARENA_INIT;
	struct node *document;
	cJSON *json;

	if (value->kind != NODE_SCALAR) {
		check_document(c, kind, at, value);
		return;
	}
	json = cJSON_ParseWithOpts(value->scalar.text, NULL, true);
	if (!json) {
		check_fail(c, at, value->pos, NULL, "the text is not JSON");
		return;
	}
	document = node_from_json(&arena, json);
	cJSON_Delete(json);
	set_place(document, value->pos);
	check_document(c, kind, at, document);
}
