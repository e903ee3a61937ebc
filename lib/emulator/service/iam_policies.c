/* Policies in roles, attached to them, and customer managed ones. */
#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/common.h"
#include "emulator/service/iam.h"
#include "wire/arn.h"

static int check_role(struct call *c, const char *name)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };

	if (!name)
		return -1;
	if (store_query(&r, c->emu->store, &err, "SELECT 1 FROM iam_roles WHERE name = ?",
			"s", name) < 0)
		return fault_from(&c->fault, &err);
	return store_next(&r) ? 0 : iam_no_entity(c, "role", name);
}

static int check_sum(struct call *c, const char *role)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };
	size_t sum = 0;

	if (store_query(&r, c->emu->store, &err,
			"SELECT document FROM iam_inline WHERE role = ?", "s", role) < 0)
		return fault_from(&c->fault, &err);
	/* White space does not count. */
	while (store_next(&r))
		for (const char *s = store_text(&r, 0); *s; s++)
			sum += !strchr(" \t\r\n", *s);
	if (sum > IAM_MAX_INLINE)
		return fault_set(&c->fault, 409, "LimitExceeded",
				 "Maximum policy size of %d bytes exceeded for role %s",
				 IAM_MAX_INLINE, role);
	return 0;
}

static int put_role_policy(struct call *c, void *arg)
{
	const cJSON *in = arg;
	const char *role = require_str(c, in, "RoleName", "ValidationError");
	const char *document = json_str(in, "PolicyDocument", "");
	struct fp_error err = { 0 };

	if (check_role(c, role) < 0 ||
	    !require_str(c, in, "PolicyName", "ValidationError") ||
	    iam_check_document(c, document, IAM_IDENTITY) < 0)
		return -1;
	if (store_exec(c->emu->store, &err,
		       "INSERT OR REPLACE INTO iam_inline (role, name, document)"
		       " VALUES (?, ?, ?)",
		       "sss", role, json_str(in, "PolicyName", ""), document) < 0)
		return fault_from(&c->fault, &err);
	return check_sum(c, role);
}

int iam_PutRolePolicy(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return in_transaction(c, put_role_policy, (void *)(uintptr_t)in);
}

int iam_GetRolePolicy(struct call *c, const cJSON *in, cJSON *out)
{
	const char *role = require_str(c, in, "RoleName", "ValidationError");
	const char *name = json_str(in, "PolicyName", "");
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };

	if (check_role(c, role) < 0)
		return -1;
	if (store_query(&r, c->emu->store, &err,
			"SELECT document FROM iam_inline WHERE role = ? AND name = ?",
			"ss", role, name) < 0)
		return fault_from(&c->fault, &err);
	if (!store_next(&r))
		return iam_no_entity(c, "role policy", name);
	json_set_str(out, "RoleName", role);
	json_set_str(out, "PolicyName", name);
	iam_set_document(out, "PolicyDocument", store_text(&r, 0));
	return 0;
}

int iam_ListRolePolicies(struct call *c, const cJSON *in, cJSON *out)
{
	const char *role = require_str(c, in, "RoleName", "ValidationError");
	FP_AUTO(store_done) struct store_rows r = { 0 };
	cJSON *list = json_set_array(out, "PolicyNames");
	struct fp_error err = { 0 };

	if (check_role(c, role) < 0)
		return -1;
	if (store_query(&r, c->emu->store, &err,
			"SELECT name FROM iam_inline WHERE role = ? ORDER BY name", "s",
			role) < 0)
		return fault_from(&c->fault, &err);
	while (store_next(&r))
		json_push_str(list, store_text(&r, 0));
	return iam_page(c, in, out, "PolicyNames", NULL);
}

/* `sql` changes or removes one row of a role's; `what` is missing when there is none. */
static int change_one(struct call *c, const cJSON *in, const char *sql, const char *what,
		      const char *member)
{
	const char *role = require_str(c, in, "RoleName", "ValidationError");
	const char *name = require_str(c, in, member, "ValidationError");
	struct fp_error err = { 0 };
	int n;

	if (!role || !name || check_role(c, role) < 0)
		return -1;
	n = store_exec(c->emu->store, &err, sql, "ss", role, name);
	if (n < 0)
		return fault_from(&c->fault, &err);
	return n ? 0 : iam_no_entity(c, what, name);
}

static int delete_role_policy(struct call *c, void *in)
{
	return change_one(c, in, "DELETE FROM iam_inline WHERE role = ? AND name = ?",
			  "role policy", "PolicyName");
}

int iam_DeleteRolePolicy(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return in_transaction(c, delete_role_policy, (void *)(uintptr_t)in);
}

/* The policy exists, or is one of AWS's own. */
static int check_policy_arn(struct call *c, const char *text)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };
	struct arn arn;

	if (!arn_parse(&arn, text) || !str_eq(arn.service, "iam") ||
	    !str_starts(arn.resource, "policy/"))
		return fault_set(&c->fault, 400, "ValidationError",
				 "ARN %s is not valid.", text);
	if (str_eq(arn.account, "aws"))
		return 0;
	if (store_query(&r, c->emu->store, &err,
			"SELECT 1 FROM iam_policies WHERE arn = ?", "s", text) < 0)
		return fault_from(&c->fault, &err);
	if (store_next(&r))
		return 0;
	return fault_set(&c->fault, 404, "NoSuchEntity",
			 "Policy %s does not exist or is not attachable.", text);
}

static int attach(struct call *c, void *in)
{
	const char *arn = require_str(c, in, "PolicyArn", "ValidationError");

	if (!arn || check_policy_arn(c, arn) < 0)
		return -1;
	/* Attaching twice is no error: the row is written again. */
	return change_one(c, in,
			  "INSERT OR REPLACE INTO iam_attached (role, arn) VALUES (?, ?)",
			  "policy", "PolicyArn");
}

int iam_AttachRolePolicy(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return in_transaction(c, attach, (void *)(uintptr_t)in);
}

static int detach(struct call *c, void *in)
{
	return change_one(c, in, "DELETE FROM iam_attached WHERE role = ? AND arn = ?",
			  "policy", "PolicyArn");
}

int iam_DetachRolePolicy(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return in_transaction(c, detach, (void *)(uintptr_t)in);
}

int iam_ListAttachedRolePolicies(struct call *c, const cJSON *in, cJSON *out)
{
	const char *role = require_str(c, in, "RoleName", "ValidationError");
	FP_AUTO(store_done) struct store_rows r = { 0 };
	cJSON *list = json_set_array(out, "AttachedPolicies");
	struct fp_error err = { 0 };

	if (check_role(c, role) < 0)
		return -1;
	if (store_query(&r, c->emu->store, &err,
			"SELECT arn FROM iam_attached WHERE role = ? ORDER BY arn", "s",
			role) < 0)
		return fault_from(&c->fault, &err);
	while (store_next(&r)) {
		const char *arn = store_text(&r, 0);
		cJSON *item = json_push_object(list);

		json_set_str(item, "PolicyName", strrchr(arn, '/') + 1);
		json_set_str(item, "PolicyArn", arn);
	}
	return iam_page(c, in, out, "AttachedPolicies", "PolicyArn");
}

struct policy_ctx {
	const cJSON *in;
	cJSON *out;
};

static int create_policy(struct call *c, void *arg)
{
	struct policy_ctx *x = arg;
	const char *name = require_str(c, x->in, "PolicyName", "ValidationError");
	const char *path = json_str(x->in, "Path", "/");
	const char *document = json_str(x->in, "PolicyDocument", "");
	FP_AUTO(json_freep) cJSON *p = cJSON_CreateObject();
	FP_AUTO(freep) char *text = NULL;
	struct fp_error err = { 0 };
	char id[22], now[25];
	int n;

	if (!name || iam_check_document(c, document, IAM_IDENTITY) < 0)
		return -1;
	iam_new_id(id, "ANPA");
	time_iso(now, clock_now_ms());
	json_set_str(p, "PolicyName", name);
	json_set_str(p, "PolicyId", id);
	json_set_fmt(p, "Arn", "arn:%s:iam::%s:policy%s%s", arn_partition(c->region),
		     c->emu->account, path, name);
	json_set_str(p, "Path", path);
	json_set_str(p, "DefaultVersionId", "v1");
	json_set_bool(p, "IsAttachable", true);
	json_set_int(p, "AttachmentCount", 0);
	json_set_str(p, "Description", json_str(x->in, "Description", NULL));
	json_set_str(p, "CreateDate", now);
	json_set_str(p, "UpdateDate", now);
	if (json_get(x->in, "Tags"))
		json_set(p, "Tags", cJSON_Duplicate(json_get(x->in, "Tags"), true));
	text = json_text(p);
	n = store_exec(c->emu->store, &err,
		       "INSERT OR IGNORE INTO iam_policies (arn, policy, document)"
		       " VALUES (?, ?, ?)",
		       "sss", json_str(p, "Arn", ""), text, document);
	if (n < 0)
		return fault_from(&c->fault, &err);
	if (n == 0)
		return fault_set(
			&c->fault, 409, "EntityAlreadyExists",
			"A policy called %s already exists. Duplicate names are not "
			"allowed.",
			name);
	json_set(x->out, "Policy", cJSON_Duplicate(p, true));
	return 0;
}

int iam_CreatePolicy(struct call *c, const cJSON *in, cJSON *out)
{
	struct policy_ctx x = { in, out };

	return in_transaction(c, create_policy, &x);
}

static int load_policy(struct call *c, const cJSON *in, cJSON **policy, char **document)
{
	const char *arn = require_str(c, in, "PolicyArn", "ValidationError");
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };

	if (!arn)
		return -1;
	if (store_query(&r, c->emu->store, &err,
			"SELECT policy, document, (SELECT COUNT(*) FROM iam_attached a"
			" WHERE a.arn = p.arn) FROM iam_policies p WHERE arn = ?",
			"s", arn) < 0)
		return fault_from(&c->fault, &err);
	if (!store_next(&r))
		return fault_set(&c->fault, 404, "NoSuchEntity",
				 "Policy %s was not found.", arn);
	*policy = cJSON_Parse(store_text(&r, 0));
	*document = xstrdup(store_text(&r, 1));
	json_set_int(*policy, "AttachmentCount", store_int(&r, 2));
	return 0;
}

int iam_GetPolicy(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(freep) char *document = NULL;
	cJSON *policy = NULL;

	if (load_policy(c, in, &policy, &document) < 0)
		return -1;
	json_set(out, "Policy", policy);
	return 0;
}

int iam_GetPolicyVersion(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(json_freep) cJSON *policy = NULL;
	FP_AUTO(freep) char *document = NULL;
	const char *version = json_str(in, "VersionId", "");
	cJSON *v;

	if (load_policy(c, in, &policy, &document) < 0)
		return -1;
	if (!str_eq(version, "v1"))
		return fault_set(
			&c->fault, 404, "NoSuchEntity",
			"Policy version %s does not exist: the emulator keeps one, v1.",
			version);
	v = json_set_object(out, "PolicyVersion");
	iam_set_document(v, "Document", document);
	json_set_str(v, "VersionId", "v1");
	json_set_bool(v, "IsDefaultVersion", true);
	json_set_str(v, "CreateDate", json_str(policy, "UpdateDate", ""));
	return 0;
}

static bool is_listed(const cJSON *policy, const cJSON *in)
{
	return str_starts(json_str(policy, "Path", "/"),
			  json_str(in, "PathPrefix", "/")) &&
	       (!json_bool(in, "OnlyAttached", false) ||
		json_int(policy, "AttachmentCount", 0) > 0);
}

int iam_ListPolicies(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	cJSON *list = json_set_array(out, "Policies");
	struct fp_error err = { 0 };

	if (store_query(&r, c->emu->store, &err,
			"SELECT policy, (SELECT COUNT(*) FROM iam_attached a"
			" WHERE a.arn = p.arn) FROM iam_policies p ORDER BY arn",
			"") < 0)
		return fault_from(&c->fault, &err);
	/* Of AWS's own policies none is kept here. */
	while (!str_eq(json_str(in, "Scope", "All"), "AWS") && store_next(&r)) {
		cJSON *policy = cJSON_Parse(store_text(&r, 0));

		json_set_int(policy, "AttachmentCount", store_int(&r, 1));
		if (is_listed(policy, in))
			cJSON_AddItemToArray(list, policy);
		else
			cJSON_Delete(policy);
	}
	return iam_page(c, in, out, "Policies", "Arn");
}

static int delete_policy(struct call *c, void *arg)
{
	const cJSON *in = arg;
	FP_AUTO(json_freep) cJSON *policy = NULL;
	FP_AUTO(freep) char *document = NULL;
	struct fp_error err = { 0 };

	if (load_policy(c, in, &policy, &document) < 0)
		return -1;
	if (json_int(policy, "AttachmentCount", 0))
		return fault_set(&c->fault, 409, "DeleteConflict",
				 "Cannot delete a policy attached to entities.");
	if (store_exec(c->emu->store, &err, "DELETE FROM iam_policies WHERE arn = ?", "s",
		       json_str(in, "PolicyArn", "")) < 0)
		return fault_from(&c->fault, &err);
	return 0;
}

int iam_DeletePolicy(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return in_transaction(c, delete_policy, (void *)(uintptr_t)in);
}

static int replace_policy(struct call *c, void *arg)
{
	const cJSON *in = arg;
	FP_AUTO(json_freep) cJSON *policy = NULL;
	FP_AUTO(freep) char *before = NULL, *text = NULL;
	const char *document = json_str(in, "PolicyDocument", "");
	struct fp_error err = { 0 };
	char now[25];

	if (load_policy(c, in, &policy, &before) < 0 ||
	    iam_check_document(c, document, IAM_IDENTITY) < 0)
		return -1;
	time_iso(now, clock_now_ms());
	json_set_str(policy, "UpdateDate", now);
	text = json_text(policy);
	if (store_exec(c->emu->store, &err,
		       "UPDATE iam_policies SET policy = ?, document = ? WHERE arn = ?",
		       "sss", text, document, json_str(in, "PolicyArn", "")) < 0)
		return fault_from(&c->fault, &err);
	return 0;
}

/* For CloudFormation: one version is kept, and replaced. */
int iam_FpctlReplacePolicy(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return in_transaction(c, replace_policy, (void *)(uintptr_t)in);
}
