#include <ctype.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/common.h"
#include "emulator/service/iam.h"
#include "wire/arn.h"

struct role {
	cJSON *role; /* as GetRole answers it, without documents and tags */
	cJSON *tags;
	char *trust;
};

static void role_release(struct role *r)
{
	cJSON_Delete(r->role);
	cJSON_Delete(r->tags);
	free(r->trust);
}

static const char *role_name(struct call *c, const cJSON *in)
{
	return require_str(c, in, "RoleName", "ValidationError");
}

static int load(struct call *c, const char *name, struct role *out)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };

	memset(out, 0, sizeof(*out));
	if (!name)
		return -1;
	if (store_query(&r, c->emu->store, &err,
			"SELECT role, tags, trust FROM iam_roles WHERE name = ?", "s",
			name) < 0)
		return fault_from(&c->fault, &err);
	if (!store_next(&r))
		return iam_no_entity(c, "role", name);
	out->role = cJSON_Parse(store_text(&r, 0));
	out->tags = cJSON_Parse(store_text(&r, 1));
	out->trust = xstrdup(store_text(&r, 2));
	return 0;
}

static int save(struct call *c, const struct role *role)
{
	FP_AUTO(freep) char *text = json_text(role->role), *tags = json_text(role->tags);
	struct fp_error err = { 0 };

	if (store_exec(
		    c->emu->store, &err,
		    "INSERT INTO iam_roles (name, role, trust, tags) VALUES (?, ?, ?, ?)"
		    " ON CONFLICT (name) DO UPDATE SET role = excluded.role,"
		    " trust = excluded.trust, tags = excluded.tags",
		    "ssss", json_str(role->role, "RoleName", ""), text, role->trust,
		    tags) < 0)
		return fault_from(&c->fault, &err);
	return 0;
}

/* The members in the order in which they were set; tags last. */
static cJSON *role_answer(const struct role *role)
{
	cJSON *answer = cJSON_Duplicate(role->role, true);

	iam_set_document(answer, "AssumeRolePolicyDocument", role->trust);
	if (cJSON_GetArraySize(role->tags) > 0)
		json_set(answer, "Tags", tags_to_list(role->tags));
	return answer;
}

static bool is_name(const char *s, size_t max)
{
	size_t n = strlen(s);

	for (size_t k = 0; k < n; k++)
		if (!isalnum((unsigned char)s[k]) && !strchr("_+=,.@-", s[k]))
			return false;
	return n > 0 && n <= max;
}

static int check_new_role(struct call *c, const cJSON *in)
{
	const char *name = role_name(c, in), *path = json_str(in, "Path", "/");
	const char *trust = json_str(in, "AssumeRolePolicyDocument", "");
	struct role other;

	if (!name)
		return -1;
	if (!is_name(name, 64))
		return fault_set(
			&c->fault, 400, "ValidationError",
			"The specified value for roleName is invalid. It must contain "
			"only alphanumeric characters and/or the following: +=,.@_- and "
			"at most 64 of them");
	if (path[0] != '/' || !str_ends(path, "/"))
		return fault_set(
			&c->fault, 400, "ValidationError",
			"The specified value for path is invalid. It must begin and end "
			"with /");
	if (iam_check_document(c, trust, IAM_TRUST) < 0)
		return -1;
	if (load(c, name, &other) == 0) {
		role_release(&other);
		return fault_set(&c->fault, 409, "EntityAlreadyExists",
				 "Role with name %s already exists.", name);
	}
	if (c->fault.status != 404)
		return -1;
	memset(&c->fault, 0, sizeof(c->fault));
	return 0;
}

static void fill_new_role(struct role *role, const struct call *c, const cJSON *in)
{
	const char *name = json_str(in, "RoleName", ""),
		   *path = json_str(in, "Path", "/");
	char id[22], now[25];

	iam_new_id(id, "AROA");
	time_iso(now, clock_now_ms());
	role->role = cJSON_CreateObject();
	role->tags = tags_from_list(json_get(in, "Tags"));
	role->trust = xstrdup(json_str(in, "AssumeRolePolicyDocument", ""));
	json_set_str(role->role, "Path", path);
	json_set_str(role->role, "RoleName", name);
	json_set_str(role->role, "RoleId", id);
	json_set_fmt(role->role, "Arn", "arn:%s:iam::%s:role%s%s",
		     arn_partition(c->region), c->emu->account, path, name);
	json_set_str(role->role, "CreateDate", now);
	json_set_str(role->role, "Description", json_str(in, "Description", NULL));
	json_set_int(role->role, "MaxSessionDuration",
		     json_int(in, "MaxSessionDuration", 3600));
	if (json_str(in, "PermissionsBoundary", NULL)) {
		cJSON *b = json_set_object(role->role, "PermissionsBoundary");

		json_set_str(b, "PermissionsBoundaryType", "Policy");
		json_set_str(b, "PermissionsBoundaryArn",
			     json_str(in, "PermissionsBoundary", NULL));
	}
}

struct role_ctx {
	const cJSON *in;
	cJSON *out;
};

static int create_role(struct call *c, void *arg)
{
	struct role_ctx *x = arg;
	FP_AUTO(role_release) struct role role = { 0 };

	if (check_new_role(c, x->in) < 0)
		return -1;
	fill_new_role(&role, c, x->in);
	json_set(x->out, "Role", role_answer(&role));
	return save(c, &role);
}

int iam_CreateRole(struct call *c, const cJSON *in, cJSON *out)
{
	struct role_ctx x = { in, out };

	return in_transaction(c, create_role, &x);
}

int iam_GetRole(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(role_release) struct role role = { 0 };

	if (load(c, role_name(c, in), &role) < 0)
		return -1;
	json_set(out, "Role", role_answer(&role));
	(void)json_set_object(json_get(out, "Role"), "RoleLastUsed");
	return 0;
}

int iam_ListRoles(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	const char *prefix = json_str(in, "PathPrefix", "/");
	cJSON *list = json_set_array(out, "Roles");
	struct fp_error err = { 0 };

	if (store_query(&r, c->emu->store, &err,
			"SELECT role, tags, trust FROM iam_roles ORDER BY name", "") < 0)
		return fault_from(&c->fault, &err);
	while (store_next(&r)) {
		struct role role = { cJSON_Parse(store_text(&r, 0)),
				     cJSON_Parse(store_text(&r, 1)),
				     xstrdup(store_text(&r, 2)) };

		if (str_starts(json_str(role.role, "Path", ""), prefix))
			cJSON_AddItemToArray(list, role_answer(&role));
		role_release(&role);
	}
	return iam_page(c, in, out, "Roles", "RoleName");
}

/* Load the role, let `change` alter it, save it: in one transaction. */
struct role_change {
	const cJSON *in;
	int (*change)(struct call *c, struct role *role, const cJSON *in);
};

static int load_change_save(struct call *c, void *arg)
{
	const struct role_change *x = arg;
	FP_AUTO(role_release) struct role role = { 0 };

	if (load(c, role_name(c, x->in), &role) < 0 || x->change(c, &role, x->in) < 0)
		return -1;
	return save(c, &role);
}

static int change_role(struct call *c, const cJSON *in,
		       int (*change)(struct call *c, struct role *role, const cJSON *in))
{
	struct role_change x = { in, change };

	return in_transaction(c, load_change_save, &x);
}

static int set_details(struct call *c FP_UNUSED, struct role *role, const cJSON *in)
{
	if (json_get(in, "Description"))
		json_set_str(role->role, "Description", json_str(in, "Description", ""));
	json_set_int(role->role, "MaxSessionDuration",
		     json_int(in, "MaxSessionDuration", 3600));
	return 0;
}

int iam_UpdateRole(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return change_role(c, in, set_details);
}

static int set_trust(struct call *c, struct role *role, const cJSON *in)
{
	const char *document = json_str(in, "PolicyDocument", "");

	if (iam_check_document(c, document, IAM_TRUST) < 0)
		return -1;
	free(role->trust);
	role->trust = xstrdup(document);
	return 0;
}

int iam_UpdateAssumeRolePolicy(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return change_role(c, in, set_trust);
}

static int add_tags(struct call *c FP_UNUSED, struct role *role, const cJSON *in)
{
	FP_AUTO(json_freep) cJSON *tags = tags_from_list(json_get(in, "Tags"));

	tags_merge(role->tags, tags);
	return 0;
}

int iam_TagRole(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return change_role(c, in, add_tags);
}

static int remove_tags(struct call *c FP_UNUSED, struct role *role, const cJSON *in)
{
	json_each (key, json_get(in, "TagKeys"))
		cJSON_DeleteItemFromObjectCaseSensitive(role->tags,
							str_or(key->valuestring, ""));
	return 0;
}

int iam_UntagRole(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return change_role(c, in, remove_tags);
}

int iam_ListRoleTags(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(role_release) struct role role = { 0 };

	if (load(c, role_name(c, in), &role) < 0)
		return -1;
	json_set(out, "Tags", tags_to_list(role.tags));
	json_set_bool(out, "IsTruncated", false);
	return 0;
}

static int count(struct call *c, const char *sql, const char *role, int64_t *n)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };

	if (store_query(&r, c->emu->store, &err, sql, "s", role) < 0)
		return fault_from(&c->fault, &err);
	*n = store_next(&r) ? store_int(&r, 0) : 0;
	return 0;
}

static int delete_role(struct call *c, void *arg)
{
	const char *name = arg;
	FP_AUTO(role_release) struct role role = { 0 };
	struct fp_error err = { 0 };
	int64_t inlined = 0, attached = 0;

	if (load(c, name, &role) < 0 ||
	    count(c, "SELECT COUNT(*) FROM iam_inline WHERE role = ?", name, &inlined) <
		    0 ||
	    count(c, "SELECT COUNT(*) FROM iam_attached WHERE role = ?", name,
		  &attached) < 0)
		return -1;
	if (inlined || attached)
		return fault_set(&c->fault, 409, "DeleteConflict",
				 "Cannot delete entity, must %s first.",
				 inlined ? "delete policies" : "detach all policies");
	if (store_exec(c->emu->store, &err, "DELETE FROM iam_roles WHERE name = ?", "s",
		       name) < 0)
		return fault_from(&c->fault, &err);
	return 0;
}

int iam_DeleteRole(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	const char *name = role_name(c, in);

	return name ? in_transaction(c, delete_role, (void *)(uintptr_t)name) : -1;
}

/* For Lambda: whether a service may assume the role, by its trust policy. */
int iam_FpctlRoleTrusts(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(role_release) struct role role = { 0 };
	FP_AUTO(json_freep) cJSON *trust = NULL;
	const char *arn = json_str(in, "RoleArn", "");
	const char *name = strrchr(arn, '/');
	bool trusts = false;

	if (name && load(c, name + 1, &role) == 0) {
		trust = cJSON_Parse(role.trust);
		trusts = str_eq(json_str(role.role, "Arn", NULL), arn) &&
			 policy_allows(trust, json_str(in, "Service", ""),
				       "sts:AssumeRole", "", c->emu->account);
	} else if (name && c->fault.status != 404) {
		return -1;
	}
	memset(&c->fault, 0, sizeof(c->fault));
	json_set_bool(out, "Trusts", trusts);
	return 0;
}
