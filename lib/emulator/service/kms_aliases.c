#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/common.h"
#include "emulator/service/kms.h"

#define LETTERS	 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:/_-"
#define PREFIX	 "alias/"
#define MAX_NAME 256
#define MAX_PAGE 100
#define PAGE	 50

static int check_name(struct call *c, const char *name)
{
	if (!str_starts(name, PREFIX))
		return fault_set(
			&c->fault, 400, "InvalidAliasNameException",
			"Alias must start with the prefix \"alias/\". Please see "
			"the KMS documentation");
	if (str_starts(name, PREFIX "aws/"))
		return fault_set(&c->fault, 400, "NotAuthorizedException",
				 "an alias of your own does not begin with alias/aws/");
	if (!name[strlen(PREFIX)] || name[strspn(name, LETTERS)] ||
	    strlen(name) > MAX_NAME)
		return fault_set(&c->fault, 400, "InvalidAliasNameException",
				 "'%.300s' is no alias: letters, digits and :/_- stand "
				 "behind alias/",
				 name);
	return 0;
}

int kms_set_alias(struct call *c, const char *name, const char *key_id)
{
	int64_t now = clock_now_ms() / 1000;
	struct fp_error err = { 0 };

	if (store_exec(c->emu->store, &err,
		       "INSERT INTO kms_aliases (region, name, key, created, updated)"
		       " VALUES (?, ?, ?, ?, ?) ON CONFLICT (region, name) DO UPDATE"
		       " SET key = excluded.key, updated = excluded.updated",
		       "sssii", c->region, name, key_id, now, now) < 0)
		return fault_from(&c->fault, &err);
	return 0;
}

/* 1 there, 0 not, -1 with a fault. */
static int exists(struct call *c, const char *name)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };

	if (store_query(&r, c->emu->store, &err,
			"SELECT 1 FROM kms_aliases WHERE region = ? AND name = ?", "ss",
			c->region, name) < 0)
		return fault_from(&c->fault, &err);
	return store_next(&r);
}

static int no_alias(struct call *c, const char *name)
{
	FP_AUTO(freep) char *arn = service_arn(c, "kms", c->region, name);

	return fault_set(&c->fault, 400, "NotFoundException", "Alias %s is not found.",
			 arn);
}

static int put_alias(struct call *c, void *arg)
{
	const cJSON *in = arg;
	const char *name = json_str(in, "AliasName", "");
	const char *target = json_str(in, "TargetKeyId", "");
	FP_AUTO(kms_key_release) struct kms_key k = { 0 };
	bool new = str_eq(c->action, "CreateAlias");
	int there = exists(c, name);

	if (there < 0)
		return -1;
	if (new &&there) {
		FP_AUTO(freep) char *arn = service_arn(c, "kms", c->region, name);

		return fault_set(&c->fault, 400, "AlreadyExistsException",
				 "An alias with the name %s already exists", arn);
	}
	if (!new && !there)
		return no_alias(c, name);
	if (str_starts(target, PREFIX) || strstr(target, ":alias/"))
		return kms_invalid(c, "Aliases must refer to keys. Not aliases");
	if (kms_load_key(c, target, &k) < 0)
		return -1;
	if (str_eq(json_str(k.doc, "KeyState", ""), "PendingDeletion"))
		return fault_set(&c->fault, 400, "KMSInvalidStateException",
				 "%s is pending deletion.", kms_arn(&k));
	return kms_set_alias(c, name, k.id);
}

int kms_CreateAlias(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	if (check_name(c, json_str(in, "AliasName", "")) < 0)
		return -1;
	return in_transaction(c, put_alias, (void *)(uintptr_t)in);
}

int kms_UpdateAlias(struct call *c, const cJSON *in, cJSON *out)
{
	return kms_CreateAlias(c, in, out);
}

static int delete_alias(struct call *c, void *arg)
{
	const char *name = json_str(arg, "AliasName", "");
	struct fp_error err = { 0 };
	int n = store_exec(c->emu->store, &err,
			   "DELETE FROM kms_aliases WHERE region = ? AND name = ?", "ss",
			   c->region, name);

	if (n < 0)
		return fault_from(&c->fault, &err);
	return n ? 0 : no_alias(c, name);
}

int kms_DeleteAlias(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return in_transaction(c, delete_alias, (void *)(uintptr_t)in);
}

int kms_ListAliases(struct call *c, const cJSON *in, cJSON *out)
{
	const char *wanted = json_str(in, "KeyId", NULL);
	FP_AUTO(kms_key_release) struct kms_key k = { 0 };
	FP_AUTO(store_done) struct store_rows r = { 0 };
	cJSON *list = json_set_array(out, "Aliases");
	struct fp_error err = { 0 };
	struct kms_page page;

	if (kms_page(c, in, PAGE, MAX_PAGE, &page) < 0 ||
	    (wanted && kms_load_key(c, wanted, &k) < 0))
		return -1;
	if (store_query(&r, c->emu->store, &err,
			"SELECT name, key, created, updated FROM kms_aliases"
			" WHERE region = ? AND name > ? ORDER BY name",
			"ss", c->region, page.marker) < 0)
		return fault_from(&c->fault, &err);
	json_set_bool(out, "Truncated", false);
	while (store_next(&r)) {
		FP_AUTO(freep)
		char *arn = service_arn(c, "kms", c->region, store_text(&r, 0));
		cJSON *item;

		if (wanted && !str_eq(store_text(&r, 1), k.id))
			continue;
		if (page.left-- == 0) {
			json_set_bool(out, "Truncated", true);
			json_set_str(out, "NextMarker",
				     json_str(list->child->prev, "AliasName", ""));
			break;
		}
		item = json_push_object(list);
		json_set_str(item, "AliasName", store_text(&r, 0));
		json_set_str(item, "AliasArn", arn);
		json_set_str(item, "TargetKeyId", store_text(&r, 1));
		json_set_int(item, "CreationDate", store_int(&r, 2));
		json_set_int(item, "LastUpdatedDate", store_int(&r, 3));
	}
	return 0;
}
