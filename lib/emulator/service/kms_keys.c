#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/common.h"
#include "emulator/service/kms.h"
#include "wire/arn.h"

#define DAY_S	     86400
#define POLICY_LIMIT 32768
#define MAX_PAGE     1000
#define PAGE	     100
#define ROTATION     365

static const char default_policy[] =
	"{\n  \"Version\" : \"2012-10-17\",\n  \"Id\" : \"key-default-1\",\n"
	"  \"Statement\" : [ {\n    \"Sid\" : \"Enable IAM User Permissions\",\n"
	"    \"Effect\" : \"Allow\",\n    \"Principal\" : {\n"
	"      \"AWS\" : \"arn:%s:iam::%s:root\"\n    },\n"
	"    \"Action\" : \"kms:*\",\n    \"Resource\" : \"*\"\n  } ]\n}";

static int64_t now_s(void)
{
	return clock_now_ms() / 1000;
}

/* A text or one of a list of texts, as patterns. */
static bool covers(const cJSON *patterns, const char *value)
{
	if (cJSON_IsString(patterns))
		return str_glob(patterns->valuestring, value);
	json_each (p, patterns)
		if (cJSON_IsString(p) && str_glob(p->valuestring, value))
			return true;
	return false;
}

static bool lets_change_it(const struct call *c, const cJSON *statement)
{
	const cJSON *principal = json_get(statement, "Principal");
	const cJSON *who = cJSON_IsObject(principal) ? json_get(principal, "AWS")
						     : principal;
	FP_AUTO(freep)
	char *root = xasprintf("arn:%s:iam::%s:root", arn_partition(c->region),
			       c->emu->account);

	return str_eq(json_str(statement, "Effect", ""), "Allow") &&
	       (covers(who, root) || covers(who, c->emu->account) ||
		covers(who, c->caller_arn)) &&
	       covers(json_get(statement, "Action"), "kms:PutKeyPolicy");
}

static int check_policy(struct call *c, const char *text, bool safe)
{
	FP_AUTO(json_freep) cJSON *policy = json_parse(text, strlen(text), "it", NULL);
	const cJSON *statements = json_get(policy, "Statement");
	bool lets = !safe ||
		    (cJSON_IsObject(statements) && lets_change_it(c, statements));

	if (strlen(text) > POLICY_LIMIT)
		return fault_set(&c->fault, 400, "LimitExceededException",
				 "a key policy has at most %d bytes", POLICY_LIMIT);
	if (!cJSON_IsObject(policy) || !statements)
		return fault_set(&c->fault, 400, "MalformedPolicyDocumentException",
				 "Policy contains a statement that is no policy "
				 "document");
	if (cJSON_IsArray(statements))
		json_each (s, statements)
			lets = lets || lets_change_it(c, s);
	if (lets)
		return 0;
	return fault_set(&c->fault, 400, "MalformedPolicyDocumentException",
			 "The new key policy will not allow you to update the key "
			 "policy in the future.");
}

static int check_tags(struct call *c, const cJSON *list)
{
	json_each (tag, list) {
		const char *key = json_str(tag, "TagKey", "");

		if (!*key || strlen(key) > 128)
			return fault_set(&c->fault, 400, "TagException",
					 "a tag's key has 1 to 128 characters");
	}
	return 0;
}

/* KMS calls them TagKey and TagValue. */
static void merge_tags(cJSON *tags, const cJSON *list)
{
	json_each (tag, list)
		json_set_str(tags, json_str(tag, "TagKey", ""),
			     json_str(tag, "TagValue", ""));
}

static int check_new(struct call *c, const cJSON *in)
{
	static const char *const known[] = { "Description",
					     "KeyUsage",
					     "KeySpec",
					     "CustomerMasterKeySpec",
					     "Origin",
					     "Policy",
					     "Tags",
					     "MultiRegion",
					     "BypassPolicyLockoutSafetyCheck",
					     NULL };
	static const struct {
		const char *name, *only;
	} fixed[] = { { "KeyUsage", "ENCRYPT_DECRYPT" },
		      { "KeySpec", "SYMMETRIC_DEFAULT" },
		      { "CustomerMasterKeySpec", "SYMMETRIC_DEFAULT" },
		      { "Origin", "AWS_KMS" } };

	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		if (!str_eq(json_str(in, fixed[i].name, fixed[i].only), fixed[i].only))
			return fault_set(&c->fault, 501, "NotImplemented",
					 "the emulator has keys with %s %s only",
					 fixed[i].name, fixed[i].only);
	if (json_bool(in, "MultiRegion", false))
		return fault_set(&c->fault, 501, "NotImplemented",
				 "the emulator has no multi-Region keys");
	if (json_str(in, "Policy", NULL) &&
	    check_policy(c, json_str(in, "Policy", ""),
			 !json_bool(in, "BypassPolicyLockoutSafetyCheck", false)) < 0)
		return -1;
	return refuse_unsupported(c, "keys", in, known) < 0
		       ? -1
		       : check_tags(c, json_get(in, "Tags"));
}

static void describe(struct call *c, struct kms_key *k, const char *description,
		     const char *manager)
{
	FP_AUTO(freep) char *resource = xasprintf("key/%s", k->id);
	FP_AUTO(freep) char *arn = service_arn(c, "kms", c->region, resource);

	k->doc = cJSON_CreateObject();
	json_set_str(k->doc, "AWSAccountId", c->emu->account);
	json_set_str(k->doc, "KeyId", k->id);
	json_set_str(k->doc, "Arn", arn);
	json_set_int(k->doc, "CreationDate", now_s());
	json_set_bool(k->doc, "Enabled", true);
	json_set_str(k->doc, "Description", description);
	json_set_str(k->doc, "KeyUsage", "ENCRYPT_DECRYPT");
	json_set_str(k->doc, "KeyState", "Enabled");
	json_set_str(k->doc, "Origin", "AWS_KMS");
	json_set_str(k->doc, "KeyManager", manager);
	json_set_str(k->doc, "CustomerMasterKeySpec", "SYMMETRIC_DEFAULT");
	json_set_str(k->doc, "KeySpec", "SYMMETRIC_DEFAULT");
	json_push_str(json_set_array(k->doc, "EncryptionAlgorithms"),
		      "SYMMETRIC_DEFAULT");
	json_set_bool(k->doc, "MultiRegion", false);
}

static void make_key(struct call *c, struct kms_key *k, const char *description,
		     const char *manager)
{
	random_uuid(k->id);
	random_bytes(k->material, sizeof(k->material));
	k->tags = cJSON_CreateObject();
	k->policy = xasprintf(default_policy, arn_partition(c->region), c->emu->account);
	describe(c, k, description, manager);
}

struct creation {
	const cJSON *in;
	struct kms_key *key;
};

static int create_key(struct call *c, void *arg)
{
	const struct creation *x = arg;
	const char *policy = json_str(x->in, "Policy", NULL);

	make_key(c, x->key, json_str(x->in, "Description", ""), "CUSTOMER");
	merge_tags(x->key->tags, json_get(x->in, "Tags"));
	if (policy) {
		free(x->key->policy);
		x->key->policy = xstrdup(policy);
	}
	return kms_save_key(c, x->key);
}

int kms_CreateKey(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(kms_key_release) struct kms_key k = { 0 };
	struct creation x = { in, &k };

	if (check_new(c, in) < 0 || in_transaction(c, create_key, &x) < 0)
		return -1;
	json_set(out, "KeyMetadata", cJSON_Duplicate(k.doc, true));
	return 0;
}

int kms_make_managed(struct call *c, const char *alias, struct kms_key *out)
{
	*out = (struct kms_key){ 0 };
	make_key(c, out, "Default key that protects my data when no other key is defined",
		 "AWS");
	out->rotation = ROTATION;
	if (kms_save_key(c, out) < 0)
		return -1;
	return kms_set_alias(c, alias, out->id);
}

int kms_DescribeKey(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(kms_key_release) struct kms_key k = { 0 };

	if (kms_load_key(c, json_str(in, "KeyId", NULL), &k) < 0)
		return -1;
	json_set(out, "KeyMetadata", cJSON_Duplicate(k.doc, true));
	return 0;
}

int kms_ListKeys(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	cJSON *list = json_set_array(out, "Keys");
	struct fp_error err = { 0 };
	struct kms_page page;

	if (kms_page(c, in, PAGE, MAX_PAGE, &page) < 0)
		return -1;
	if (store_query(&r, c->emu->store, &err,
			"SELECT id FROM kms_keys WHERE region = ? AND id > ? ORDER BY id",
			"ss", c->region, page.marker) < 0)
		return fault_from(&c->fault, &err);
	json_set_bool(out, "Truncated", false);
	while (store_next(&r)) {
		FP_AUTO(freep) char *resource = xasprintf("key/%s", store_text(&r, 0));
		FP_AUTO(freep) char *arn = service_arn(c, "kms", c->region, resource);
		cJSON *item;

		if (page.left-- == 0) {
			json_set_bool(out, "Truncated", true);
			json_set_str(out, "NextMarker",
				     json_str(list->child->prev, "KeyId", ""));
			break;
		}
		item = json_push_object(list);
		json_set_str(item, "KeyId", store_text(&r, 0));
		json_set_str(item, "KeyArn", arn);
	}
	return 0;
}

static int change_description(struct call *c FP_UNUSED, struct kms_key *k,
			      const cJSON *in)
{
	json_set_str(k->doc, "Description", json_str(in, "Description", ""));
	return 0;
}

int kms_UpdateKeyDescription(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return kms_change(c, in, change_description);
}

static int check_policy_name(struct call *c, const cJSON *in)
{
	if (str_eq(json_str(in, "PolicyName", "default"), "default"))
		return 0;
	return fault_set(&c->fault, 400, "NotFoundException",
			 "No such policy exists: the only one is 'default'");
}

int kms_GetKeyPolicy(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(kms_key_release) struct kms_key k = { 0 };

	if (check_policy_name(c, in) < 0 ||
	    kms_load_key(c, json_str(in, "KeyId", NULL), &k) < 0)
		return -1;
	json_set_str(out, "Policy", k.policy);
	json_set_str(out, "PolicyName", "default");
	return 0;
}

static int change_policy(struct call *c, struct kms_key *k, const cJSON *in)
{
	const char *policy = json_str(in, "Policy", "");

	if (check_policy(c, policy,
			 !json_bool(in, "BypassPolicyLockoutSafetyCheck", false)) < 0)
		return -1;
	free(k->policy);
	k->policy = xstrdup(policy);
	return 0;
}

int kms_PutKeyPolicy(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return check_policy_name(c, in) < 0 ? -1 : kms_change(c, in, change_policy);
}

int kms_ListKeyPolicies(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(kms_key_release) struct kms_key k = { 0 };

	if (kms_load_key(c, json_str(in, "KeyId", NULL), &k) < 0)
		return -1;
	json_push_str(json_set_array(out, "PolicyNames"), "default");
	json_set_bool(out, "Truncated", false);
	return 0;
}

static void set_state(struct kms_key *k, const char *state)
{
	json_set_str(k->doc, "KeyState", state);
	json_set_bool(k->doc, "Enabled", str_eq(state, "Enabled"));
}

static int enable(struct call *c FP_UNUSED, struct kms_key *k, const cJSON *in FP_UNUSED)
{
	set_state(k, "Enabled");
	return 0;
}

static int disable(struct call *c FP_UNUSED, struct kms_key *k, const cJSON *in FP_UNUSED)
{
	set_state(k, "Disabled");
	return 0;
}

int kms_EnableKey(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return kms_change(c, in, enable);
}

int kms_DisableKey(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return kms_change(c, in, disable);
}

static int rotate(struct call *c, struct kms_key *k, const cJSON *in)
{
	int64_t days = json_int(in, "RotationPeriodInDays", ROTATION);

	if (days < 90 || days > 2560)
		return kms_invalid(c, "RotationPeriodInDays is between 90 and 2560");
	if (!json_bool(k->doc, "Enabled", false))
		return fault_set(&c->fault, 400, "DisabledException", "%s is disabled.",
				 kms_arn(k));
	k->rotation = days;
	return 0;
}

int kms_EnableKeyRotation(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return kms_change(c, in, rotate);
}

static int stop_rotation(struct call *c FP_UNUSED, struct kms_key *k,
			 const cJSON *in FP_UNUSED)
{
	k->rotation = 0;
	return 0;
}

int kms_DisableKeyRotation(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return kms_change(c, in, stop_rotation);
}

int kms_GetKeyRotationStatus(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(kms_key_release) struct kms_key k = { 0 };

	if (kms_load_key(c, json_str(in, "KeyId", NULL), &k) < 0)
		return -1;
	json_set_bool(out, "KeyRotationEnabled", k.rotation > 0);
	json_set_str(out, "KeyId", kms_arn(&k));
	if (!k.rotation)
		return 0;
	json_set_int(out, "RotationPeriodInDays", k.rotation);
	json_set_int(out, "NextRotationDate",
		     json_int(k.doc, "CreationDate", 0) + k.rotation * DAY_S);
	return 0;
}

static int schedule_deletion(struct call *c, struct kms_key *k, const cJSON *in)
{
	int64_t days = json_int(in, "PendingWindowInDays", 30);

	if (days < 7 || days > 30)
		return kms_invalid(c, "PendingWindowInDays is between 7 and 30");
	set_state(k, "PendingDeletion");
	json_set_int(k->doc, "DeletionDate", now_s() + days * DAY_S);
	json_set_int(k->doc, "PendingDeletionWindowInDays", days);
	return 0;
}

int kms_ScheduleKeyDeletion(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(kms_key_release) struct kms_key k = { 0 };

	if (kms_change(c, in, schedule_deletion) < 0 ||
	    kms_load_key(c, json_str(in, "KeyId", NULL), &k) < 0)
		return -1;
	json_set_str(out, "KeyId", kms_arn(&k));
	json_set_int(out, "DeletionDate", json_int(k.doc, "DeletionDate", 0));
	json_set_str(out, "KeyState", "PendingDeletion");
	json_set_int(out, "PendingWindowInDays",
		     json_int(k.doc, "PendingDeletionWindowInDays", 0));
	return 0;
}

static int cancel_deletion(struct call *c, struct kms_key *k, const cJSON *in FP_UNUSED)
{
	if (!str_eq(json_str(k->doc, "KeyState", ""), "PendingDeletion"))
		return fault_set(&c->fault, 400, "KMSInvalidStateException",
				 "%s is not pending deletion.", kms_arn(k));
	set_state(k, "Disabled");
	cJSON_DeleteItemFromObjectCaseSensitive(k->doc, "DeletionDate");
	cJSON_DeleteItemFromObjectCaseSensitive(k->doc, "PendingDeletionWindowInDays");
	return 0;
}

int kms_CancelKeyDeletion(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(kms_key_release) struct kms_key k = { 0 };

	if (kms_change(c, in, cancel_deletion) < 0 ||
	    kms_load_key(c, json_str(in, "KeyId", NULL), &k) < 0)
		return -1;
	json_set_str(out, "KeyId", kms_arn(&k));
	return 0;
}

static int change_tags(struct call *c, struct kms_key *k, const cJSON *in)
{
	if (check_tags(c, json_get(in, "Tags")) < 0)
		return -1;
	merge_tags(k->tags, json_get(in, "Tags"));
	json_each (key, json_get(in, "TagKeys"))
		cJSON_DeleteItemFromObjectCaseSensitive(k->tags,
							str_or(key->valuestring, ""));
	return 0;
}

int kms_TagResource(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return kms_change(c, in, change_tags);
}

int kms_UntagResource(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return kms_change(c, in, change_tags);
}

int kms_ListResourceTags(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(kms_key_release) struct kms_key k = { 0 };
	cJSON *list = json_set_array(out, "Tags");

	if (kms_load_key(c, json_str(in, "KeyId", NULL), &k) < 0)
		return -1;
	json_each_member (tag, k.tags) {
		cJSON *item = json_push_object(list);

		json_set_str(item, "TagKey", tag->string);
		json_set_str(item, "TagValue", tag->valuestring);
	}
	json_set_bool(out, "Truncated", false);
	return 0;
}
