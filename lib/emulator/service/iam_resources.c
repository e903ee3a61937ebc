#include "base/json.h"
#include "base/str.h"
#include "emulator/bus.h"
#include "emulator/common.h"
#include "emulator/service/iam.h"
#include "wire/arn.h"

static int run(const struct resource_request *r, const char *action, const cJSON *in,
	       cJSON *out)
{
	return bus_call(r->call, "iam", action, in, out);
}

static void set_text(cJSON *in, const char *member, const cJSON *from, const char *name)
{
	FP_AUTO(freep) char *text = json_or_text(from, name);

	json_set_str(in, member, text);
}

static bool lists_name(const cJSON *policies, const char *name)
{
	json_each (p, policies)
		if (str_eq(json_str(p, "PolicyName", NULL), name))
			return true;
	return false;
}

static bool lists_text(const cJSON *list, const char *text)
{
	json_each (item, list)
		if (str_eq(cJSON_GetStringValue(item), text))
			return true;
	return false;
}

/* Put the wanted inline policies, and delete those that only the template before had. */
static int set_inline(const struct resource_request *r, const char *role)
{
	const cJSON *wanted = json_get(r->properties, "Policies");
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	json_set_str(in, "RoleName", role);
	json_each (p, json_get(r->previous, "Policies")) {
		json_set_str(in, "PolicyName", json_str(p, "PolicyName", ""));
		if (!lists_name(wanted, json_str(p, "PolicyName", "")) &&
		    run(r, "DeleteRolePolicy", in, NULL) < 0 && !resource_gone(r))
			return -1;
	}
	json_each (p, wanted) {
		json_set_str(in, "PolicyName", json_str(p, "PolicyName", ""));
		set_text(in, "PolicyDocument", p, "PolicyDocument");
		if (run(r, "PutRolePolicy", in, NULL) < 0)
			return -1;
	}
	return 0;
}

static int set_attached(const struct resource_request *r, const char *role)
{
	const cJSON *wanted = json_get(r->properties, "ManagedPolicyArns");
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	json_set_str(in, "RoleName", role);
	json_each (arn, json_get(r->previous, "ManagedPolicyArns")) {
		json_set_str(in, "PolicyArn", cJSON_GetStringValue(arn));
		if (!lists_text(wanted, cJSON_GetStringValue(arn)) &&
		    run(r, "DetachRolePolicy", in, NULL) < 0 && !resource_gone(r))
			return -1;
	}
	json_each (arn, wanted) {
		json_set_str(in, "PolicyArn", cJSON_GetStringValue(arn));
		if (run(r, "AttachRolePolicy", in, NULL) < 0)
			return -1;
	}
	return 0;
}

static int role_answer(const struct resource_request *r, struct resource *out,
		       const char *name)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *found = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *tags = NULL;

	json_set_str(in, "RoleName", name);
	if (run(r, "GetRole", in, found) < 0)
		return -1;
	tags = tags_from_list(json_get(found, "Role.Tags"));
	if (!tags_are_of_resource(tags, r))
		return fault_set(&r->call->fault, 409, "EntityAlreadyExists",
				 "Role with name %s already exists.", name);
	cJSON_Delete(out->attributes);
	out->attributes = cJSON_CreateObject();
	json_set_str(out->attributes, "Arn", json_str(found, "Role.Arn", ""));
	json_set_str(out->attributes, "RoleId", json_str(found, "Role.RoleId", ""));
	if (!out->physical_id)
		out->physical_id = xstrdup(name);
	return 0;
}

static int role_update(const struct resource_request *r, struct resource *inout)
{
	const char *name = inout->physical_id;
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *tags = tags_of_resource(r);

	if (!cJSON_Compare(json_get(r->properties, "PermissionsBoundary"),
			   json_get(r->previous, "PermissionsBoundary"), true) &&
	    (json_get(r->properties, "PermissionsBoundary") ||
	     json_get(r->previous, "PermissionsBoundary")))
		return fault_set(
			&r->call->fault, 501, "NotImplemented",
			"the emulator does not change PermissionsBoundary of a role");
	json_set_str(in, "RoleName", name);
	json_set_str(in, "Description", json_str(r->properties, "Description", ""));
	json_set_int(in, "MaxSessionDuration",
		     json_int(r->properties, "MaxSessionDuration", 3600));
	set_text(in, "PolicyDocument", r->properties, "AssumeRolePolicyDocument");
	json_set(in, "Tags", tags_to_list(tags));
	if (run(r, "UpdateRole", in, NULL) < 0 ||
	    run(r, "UpdateAssumeRolePolicy", in, NULL) < 0 ||
	    run(r, "TagRole", in, NULL) < 0)
		return -1;
	return set_inline(r, name) < 0 || set_attached(r, name) < 0 ? -1 : 0;
}

static int role_remove(const struct resource_request *r, const struct resource *old)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *found = cJSON_CreateObject();

	json_set_str(in, "RoleName", old->physical_id);
	if (run(r, "ListRolePolicies", in, found) < 0)
		return resource_gone(r) ? 0 : -1;
	/* Only what the stack put in; policies of other hands keep the role. */
	json_each (p, json_get(r->properties, "Policies")) {
		json_set_str(in, "PolicyName", json_str(p, "PolicyName", ""));
		if (run(r, "DeleteRolePolicy", in, NULL) < 0 && !resource_gone(r))
			return -1;
	}
	json_each (arn, json_get(r->properties, "ManagedPolicyArns")) {
		json_set_str(in, "PolicyArn", cJSON_GetStringValue(arn));
		if (run(r, "DetachRolePolicy", in, NULL) < 0 && !resource_gone(r))
			return -1;
	}
	return run(r, "DeleteRole", in, NULL) < 0 && !resource_gone(r) ? -1 : 0;
}

static int role_create(const struct resource_request *r, struct resource *out)
{
	static const char *const copied[] = { "Path", "Description", "MaxSessionDuration",
					      "PermissionsBoundary" };
	const char *given = json_str(r->properties, "RoleName", NULL);
	FP_AUTO(freep) char *name = given ? xstrdup(given) : resource_name(r, 64);
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *tags = tags_of_resource(r);

	json_set_str(in, "RoleName", name);
	set_text(in, "AssumeRolePolicyDocument", r->properties,
		 "AssumeRolePolicyDocument");
	for (size_t k = 0; k < ARRAY_SIZE(copied); k++)
		if (json_get(r->properties, copied[k]))
			json_set(in, copied[k],
				 cJSON_Duplicate(json_get(r->properties, copied[k]),
						 true));
	json_set(in, "Tags", tags_to_list(tags));
	if (run(r, "CreateRole", in, NULL) < 0 && r->call->fault.status != 409)
		return -1;
	memset(&r->call->fault, 0, sizeof(r->call->fault));
	if (role_answer(r, out, name) < 0)
		return -1;
	if (set_inline(r, name) == 0 && set_attached(r, name) == 0)
		return 0;
	return resource_undo(r, role_remove, out);
}

static int refuse_others(const struct resource_request *r, const char *type)
{
	static const char *const known[] = {
		"PolicyName",	     "PolicyDocument", "Roles", "Path",
		"ManagedPolicyName", "Description",    NULL
	};

	return refuse_unsupported(r->call, type, r->properties, known);
}

/* Each role of the list, but those in `except`. */
static int for_roles(const struct resource_request *r, const cJSON *roles,
		     const cJSON *except, const char *action, cJSON *in)
{
	json_each (role, roles) {
		if (lists_text(except, cJSON_GetStringValue(role)))
			continue;
		json_set_str(in, "RoleName", cJSON_GetStringValue(role));
		if (run(r, action, in, NULL) < 0 &&
		    !((str_starts(action, "De")) && resource_gone(r)))
			return -1;
	}
	return 0;
}

static int policy_put(const struct resource_request *r)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	const char *before = json_str(r->previous, "PolicyName", NULL);
	const char *name = json_str(r->properties, "PolicyName", "");
	const cJSON *roles = json_get(r->properties, "Roles");

	if (refuse_others(r, "AWS::IAM::Policy") < 0)
		return -1;
	json_set_str(in, "PolicyName", name);
	set_text(in, "PolicyDocument", r->properties, "PolicyDocument");
	if (for_roles(r, roles, NULL, "PutRolePolicy", in) < 0)
		return -1;
	if (!before)
		return 0;
	json_set_str(in, "PolicyName", before);
	return for_roles(r, json_get(r->previous, "Roles"),
			 str_eq(before, name) ? roles : NULL, "DeleteRolePolicy", in);
}

static int policy_update(const struct resource_request *r,
			 struct resource *inout FP_UNUSED)
{
	return policy_put(r);
}

static int policy_remove(const struct resource_request *r,
			 const struct resource *old FP_UNUSED)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	json_set_str(in, "PolicyName", json_str(r->properties, "PolicyName", ""));
	return for_roles(r, json_get(r->properties, "Roles"), NULL, "DeleteRolePolicy",
			 in);
}

static int managed_update(const struct resource_request *r, struct resource *inout)
{
	const cJSON *wanted = json_get(r->properties, "Roles");
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	json_set_str(in, "PolicyArn", inout->physical_id);
	set_text(in, "PolicyDocument", r->properties, "PolicyDocument");
	if (refuse_others(r, "AWS::IAM::ManagedPolicy") < 0 ||
	    run(r, "FpctlReplacePolicy", in, NULL) < 0 ||
	    for_roles(r, wanted, NULL, "AttachRolePolicy", in) < 0)
		return -1;
	return for_roles(r, json_get(r->previous, "Roles"), wanted, "DetachRolePolicy",
			 in);
}

static int managed_remove(const struct resource_request *r, const struct resource *old)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	json_set_str(in, "PolicyArn", old->physical_id);
	if (for_roles(r, json_get(r->properties, "Roles"), NULL, "DetachRolePolicy", in) <
	    0)
		return -1;
	return run(r, "DeletePolicy", in, NULL) < 0 && !resource_gone(r) ? -1 : 0;
}

static int policy_create(const struct resource_request *r, struct resource *out)
{
	FP_AUTO(freep) char *id = resource_name(r, 128);

	out->physical_id = xstrdup(id);
	out->attributes = cJSON_CreateObject();
	json_set_str(out->attributes, "Id", id);
	return policy_put(r) < 0 ? resource_undo(r, policy_remove, out) : 0;
}

static int find_own_policy(const struct resource_request *r, const char *name,
			   cJSON *found)
{
	const struct fault conflict = r->call->fault;
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *tags = NULL;

	json_set_fmt(in, "PolicyArn", "arn:%s:iam::%s:policy%s%s",
		     arn_partition(r->call->region), r->call->emu->account,
		     json_str(r->properties, "Path", "/"), name);
	if (conflict.status != 409 || run(r, "GetPolicy", in, found) < 0)
		return -1;
	tags = tags_from_list(json_get(found, "Policy.Tags"));
	if (!tags_are_of_resource(tags, r)) {
		r->call->fault = conflict;
		return -1;
	}
	memset(&r->call->fault, 0, sizeof(r->call->fault));
	return 0;
}

static int managed_create(const struct resource_request *r, struct resource *out)
{
	const char *given = json_str(r->properties, "ManagedPolicyName", NULL);
	FP_AUTO(freep) char *name = given ? xstrdup(given) : resource_name(r, 128);
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *made = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *tags = tags_of_resource(r);
	const char *arn;

	if (refuse_others(r, "AWS::IAM::ManagedPolicy") < 0)
		return -1;
	json_set_str(in, "PolicyName", name);
	json_set_str(in, "Path", json_str(r->properties, "Path", "/"));
	json_set_str(in, "Description", json_str(r->properties, "Description", NULL));
	set_text(in, "PolicyDocument", r->properties, "PolicyDocument");
	json_set(in, "Tags", tags_to_list(tags));
	if (run(r, "CreatePolicy", in, made) < 0 && find_own_policy(r, name, made) < 0)
		return -1;
	arn = json_str(made, "Policy.Arn", "");
	json_set_str(in, "PolicyArn", arn);
	out->physical_id = xstrdup(arn);
	out->attributes = cJSON_CreateObject();
	json_set_str(out->attributes, "PolicyArn", arn);
	json_set_str(out->attributes, "PolicyId", json_str(made, "Policy.PolicyId", ""));
	if (for_roles(r, json_get(r->properties, "Roles"), NULL, "AttachRolePolicy",
		      in) == 0)
		return 0;
	return resource_undo(r, managed_remove, out);
}

const struct resource_type iam_resources[] = {
	{ "AWS::IAM::Role", role_create, role_update, role_remove },
	{ "AWS::IAM::Policy", policy_create, policy_update, policy_remove },
	{ "AWS::IAM::ManagedPolicy", managed_create, managed_update, managed_remove },
	{ NULL, NULL, NULL, NULL },
};
