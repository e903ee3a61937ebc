#include "base/json.h"
#include "base/str.h"
#include "emulator/bus.h"
#include "emulator/common.h"
#include "emulator/service/kms.h"

static int run(const struct resource_request *r, const char *action, const cJSON *in,
	       cJSON *out)
{
	return bus_call(r->call, "kms", action, in, out);
}

static int run_on(const struct resource_request *r, const char *action, const char *key)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	json_set_str(in, "KeyId", key);
	return run(r, action, in, NULL);
}

static bool is_gone(const struct resource_request *r)
{
	if (!str_eq(r->call->fault.code, "NotFoundException"))
		return false;
	memset(&r->call->fault, 0, sizeof(r->call->fault));
	return true;
}

static cJSON *tag_list(const cJSON *tags)
{
	cJSON *list = cJSON_CreateArray();

	json_each_member (tag, tags) {
		cJSON *item = json_push_object(list);

		json_set_str(item, "TagKey", tag->string);
		json_set_str(item, "TagValue", tag->valuestring);
	}
	return list;
}

static int check_key(const struct resource_request *r)
{
	static const char *const known[] = { "Description",
					     "Enabled",
					     "EnableKeyRotation",
					     "RotationPeriodInDays",
					     "KeyPolicy",
					     "KeySpec",
					     "KeyUsage",
					     "MultiRegion",
					     "Origin",
					     "PendingWindowInDays",
					     "BypassPolicyLockoutSafetyCheck",
					     "Tags",
					     NULL };

	return refuse_unsupported(r->call, "AWS::KMS::Key", r->properties, known);
}

/* A key that an earlier, cut off create made for this very resource; NULL: none. */
static char *find_own(const struct resource_request *r)
{
	FP_AUTO(store_done) struct store_rows rows = { 0 };

	if (store_query(&rows, r->call->emu->store, NULL,
			"SELECT id, tags FROM kms_keys WHERE region = ? AND delete_ms = "
			"0",
			"s", r->call->region) < 0)
		return NULL;
	while (store_next(&rows)) {
		FP_AUTO(json_freep) cJSON *tags = cJSON_Parse(store_text(&rows, 1));

		if (tags_are_of_resource(tags, r))
			return xstrdup(store_text(&rows, 0));
	}
	return NULL;
}

static int set_rotation(const struct resource_request *r, const char *key)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	json_set_str(in, "KeyId", key);
	if (!json_bool(r->properties, "EnableKeyRotation", false))
		return run(r, "DisableKeyRotation", in, NULL);
	if (json_get(r->properties, "RotationPeriodInDays"))
		json_set_int(in, "RotationPeriodInDays",
			     json_int(r->properties, "RotationPeriodInDays", 0));
	return run(r, "EnableKeyRotation", in, NULL);
}

static int key_remove(const struct resource_request *r, const struct resource *old)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	json_set_str(in, "KeyId", old->physical_id);
	json_set_int(in, "PendingWindowInDays",
		     json_int(r->properties, "PendingWindowInDays", 30));
	if (run(r, "ScheduleKeyDeletion", in, NULL) == 0 || is_gone(r))
		return 0;
	/* It waits for its end already. */
	if (!str_eq(r->call->fault.code, "KMSInvalidStateException"))
		return -1;
	memset(&r->call->fault, 0, sizeof(r->call->fault));
	return 0;
}

static cJSON *creation(const struct resource_request *r)
{
	static const char *const same[] = { "Description", "KeySpec", "KeyUsage",
					    "Origin" };
	static const char *const flags[] = { "MultiRegion",
					     "BypassPolicyLockoutSafetyCheck" };
	FP_AUTO(json_freep) cJSON *tags = tags_of_resource(r);
	FP_AUTO(freep) char *policy = json_or_text(r->properties, "KeyPolicy");
	cJSON *in = cJSON_CreateObject();

	for (size_t i = 0; i < ARRAY_SIZE(same); i++)
		json_set_str(in, same[i], json_str(r->properties, same[i], NULL));
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (json_bool(r->properties, flags[i], false))
			json_set_bool(in, flags[i], true);
	json_set_str(in, "Policy", policy);
	json_set(in, "Tags", tag_list(tags));
	return in;
}

static int key_create(const struct resource_request *r, struct resource *out)
{
	FP_AUTO(json_freep) cJSON *in = creation(r);
	FP_AUTO(json_freep) cJSON *made = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *seen = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *which = cJSON_CreateObject();
	char *id;

	if (check_key(r) < 0)
		return -1;
	id = find_own(r);
	if (!id) {
		if (run(r, "CreateKey", in, made) < 0)
			return -1;
		id = xstrdup(json_str(made, "KeyMetadata.KeyId", ""));
	}
	out->physical_id = id;
	out->attributes = cJSON_CreateObject();
	json_set_str(which, "KeyId", id);
	if (run(r, "DescribeKey", which, seen) < 0 || set_rotation(r, id) < 0 ||
	    (!json_bool(r->properties, "Enabled", true) &&
	     run_on(r, "DisableKey", id) < 0))
		return resource_undo(r, key_remove, out);
	json_set_str(out->attributes, "Arn", json_str(seen, "KeyMetadata.Arn", ""));
	json_set_str(out->attributes, "KeyId", id);
	return 0;
}

static int update_tags(const struct resource_request *r, const char *key)
{
	FP_AUTO(json_freep) cJSON *before = tags_from_list(json_get(r->previous, "Tags"));
	FP_AUTO(json_freep) cJSON *tags = tags_of_resource(r);
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	cJSON *keys;

	json_set_str(in, "KeyId", key);
	keys = json_set_array(in, "TagKeys");
	json_each_member (tag, before)
		json_push_str(keys, tag->string);
	if (run(r, "UntagResource", in, NULL) < 0)
		return -1;
	cJSON_DeleteItemFromObjectCaseSensitive(in, "TagKeys");
	json_set(in, "Tags", tag_list(tags));
	return run(r, "TagResource", in, NULL);
}

static int key_update(const struct resource_request *r, struct resource *inout)
{
	const char *key = inout->physical_id;
	FP_AUTO(freep) char *policy = json_or_text(r->properties, "KeyPolicy");
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	bool enabled = json_bool(r->properties, "Enabled", true);

	json_set_str(in, "KeyId", key);
	json_set_str(in, "Description", json_str(r->properties, "Description", ""));
	if (check_key(r) < 0 || run(r, "UpdateKeyDescription", in, NULL) < 0)
		return -1;
	if (policy) {
		json_set_str(in, "Policy", policy);
		if (run(r, "PutKeyPolicy", in, NULL) < 0)
			return -1;
	}
	/* Rotation is changed while the key is enabled. */
	if (run_on(r, "EnableKey", key) < 0 || set_rotation(r, key) < 0 ||
	    (!enabled && run_on(r, "DisableKey", key) < 0))
		return -1;
	return update_tags(r, key);
}

static int alias_put(const struct resource_request *r, const char *action)
{
	static const char *const known[] = { "AliasName", "TargetKeyId", NULL };

	if (refuse_unsupported(r->call, "AWS::KMS::Alias", r->properties, known) < 0)
		return -1;
	return run(r, action, r->properties, NULL);
}

/* An alias has no tags: one that points to this very key may be of a create that was
 * cut off. */
static bool is_own_alias(const struct resource_request *r)
{
	const char *name = json_str(r->properties, "AliasName", "");
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *out = cJSON_CreateObject();
	const struct fault why = r->call->fault;

	json_set_str(in, "KeyId", json_str(r->properties, "TargetKeyId", ""));
	(void)run(r, "ListAliases", in, out);
	r->call->fault = why;
	json_each (a, json_get(out, "Aliases"))
		if (str_eq(json_str(a, "AliasName", ""), name)) {
			memset(&r->call->fault, 0, sizeof(r->call->fault));
			return true;
		}
	return false;
}

static int alias_create(const struct resource_request *r, struct resource *out)
{
	if (alias_put(r, "CreateAlias") < 0 &&
	    !(str_eq(r->call->fault.code, "AlreadyExistsException") && is_own_alias(r)))
		return -1;
	out->physical_id = xstrdup(json_str(r->properties, "AliasName", ""));
	out->attributes = cJSON_CreateObject();
	return 0;
}

static int alias_update(const struct resource_request *r,
			struct resource *inout FP_UNUSED)
{
	return alias_put(r, "UpdateAlias");
}

static int alias_remove(const struct resource_request *r, const struct resource *old)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	json_set_str(in, "AliasName", old->physical_id);
	return run(r, "DeleteAlias", in, NULL) < 0 && !is_gone(r) ? -1 : 0;
}

const struct resource_type kms_resources[] = {
	{ "AWS::KMS::Key", key_create, key_update, key_remove },
	{ "AWS::KMS::Alias", alias_create, alias_update, alias_remove },
	{ NULL, NULL, NULL, NULL },
};
