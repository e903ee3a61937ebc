#include "emulator/service/kms.h"

#include <stdarg.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/common.h"
#include "wire/arn.h"

static const char schema[] =
	"CREATE TABLE IF NOT EXISTS kms_keys ("
	" region TEXT NOT NULL, id TEXT NOT NULL, doc TEXT NOT NULL, tags TEXT NOT NULL,"
	" policy TEXT NOT NULL, rotation INTEGER NOT NULL, material TEXT NOT NULL,"
	" delete_ms INTEGER, PRIMARY KEY (region, id)) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS kms_aliases ("
	" region TEXT NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL,"
	" created INTEGER NOT NULL, updated INTEGER NOT NULL,"
	" PRIMARY KEY (region, name)) WITHOUT ROWID";

int kms_invalid(struct call *c, const char *fmt, ...)
{
	char text[900];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return fault_set(&c->fault, 400, "ValidationException", "%s", text);
}

void kms_key_release(struct kms_key *k)
{
	cJSON_Delete(k->doc);
	cJSON_Delete(k->tags);
	free(k->policy);
	mem_wipe(k->material, sizeof(k->material));
}

const char *kms_arn(const struct kms_key *k)
{
	return json_str(k->doc, "Arn", "");
}

/* The id behind an alias, owned; NULL when there is none, or with a fault. */
static char *id_of_alias(struct call *c, const char *name)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	FP_AUTO(freep) char *arn = service_arn(c, "kms", c->region, name);
	struct fp_error err = { 0 };

	if (store_query(&r, c->emu->store, &err,
			"SELECT key FROM kms_aliases WHERE region = ? AND name = ?", "ss",
			c->region, name) < 0)
		(void)fault_from(&c->fault, &err);
	else if (store_next(&r))
		return xstrdup(store_text(&r, 0));
	else
		(void)fault_set(&c->fault, 400, "NotFoundException",
				"Alias %s is not found.", arn);
	return NULL;
}

static char *key_id(struct call *c, const char *name)
{
	struct arn arn;

	if (str_starts(name, "arn:")) {
		if (!arn_parse(&arn, name) || !str_eq(arn.service, "kms") ||
		    !str_eq(arn.region, c->region)) {
			(void)fault_set(&c->fault, 400, "InvalidArnException",
					"Invalid arn %s", name);
			return NULL;
		}
		name = arn.resource;
	}
	if (str_starts(name, "alias/"))
		return id_of_alias(c, name);
	return xstrdup(str_starts(name, "key/") ? name + strlen("key/") : name);
}

int kms_load_key(struct call *c, const char *name, struct kms_key *out)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	FP_AUTO(buf_wipe) struct buf material = BUF_INIT;
	FP_AUTO(freep) char *id = NULL;
	FP_AUTO(freep) char *resource = NULL;
	FP_AUTO(freep) char *arn = NULL;
	struct fp_error err = { 0 };
	const char *text;

	*out = (struct kms_key){ 0 };
	if (!name || !*name)
		return kms_invalid(c, "the parameter 'KeyId' is required");
	id = key_id(c, name);
	if (!id)
		return -1;
	resource = xasprintf("key/%s", id);
	arn = service_arn(c, "kms", c->region, resource);
	if (store_query(&r, c->emu->store, &err,
			"SELECT doc, tags, policy, rotation, material FROM kms_keys"
			" WHERE region = ? AND id = ?",
			"ss", c->region, id) < 0)
		return fault_from(&c->fault, &err);
	if (!store_next(&r))
		return fault_set(&c->fault, 400, "NotFoundException",
				 "Key '%s' does not exist", arn);
	(void)snprintf(out->id, sizeof(out->id), "%s", id);
	out->doc = cJSON_Parse(store_text(&r, 0));
	out->tags = cJSON_Parse(store_text(&r, 1));
	out->policy = xstrdup(store_text(&r, 2));
	out->rotation = store_int(&r, 3);
	text = store_text(&r, 4);
	if (!base64_decode(&material, text, strlen(text)) ||
	    material.len != sizeof(out->material))
		return fault_set(&c->fault, 500, "KMSInternalException",
				 "the key's material is damaged");
	memcpy(out->material, material.data, sizeof(out->material));
	return 0;
}

int kms_load_usable(struct call *c, const char *name, struct kms_key *out)
{
	const char *state;

	if (kms_load_key(c, name, out) < 0)
		return -1;
	state = json_str(out->doc, "KeyState", "");
	if (str_eq(state, "Enabled"))
		return 0;
	if (str_eq(state, "Disabled"))
		return fault_set(&c->fault, 400, "DisabledException", "%s is disabled.",
				 kms_arn(out));
	return fault_set(&c->fault, 400, "KMSInvalidStateException",
			 "%s is pending deletion.", kms_arn(out));
}

int kms_save_key(struct call *c, const struct kms_key *k)
{
	FP_AUTO(freep) char *doc = json_text(k->doc);
	FP_AUTO(freep) char *tags = json_text(k->tags);
	FP_AUTO(buf_wipe) struct buf material = BUF_INIT;
	struct fp_error err = { 0 };
	int rc;

	base64_encode(&material, k->material, sizeof(k->material));
	rc = store_exec(c->emu->store, &err,
			"INSERT OR REPLACE INTO kms_keys (region, id, doc, tags, policy,"
			" rotation, material, delete_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			"sssssisi", c->region, k->id, doc, tags, k->policy, k->rotation,
			buf_str(&material), json_int(k->doc, "DeletionDate", 0) * 1000);
	return rc < 0 ? fault_from(&c->fault, &err) : 0;
}

struct changing {
	const cJSON *in;
	int (*change)(struct call *c, struct kms_key *k, const cJSON *in);
};

static int change_key(struct call *c, void *arg)
{
	const struct changing *x = arg;
	FP_AUTO(kms_key_release) struct kms_key k = { 0 };

	if (kms_load_key(c, json_str(x->in, "KeyId", NULL), &k) < 0)
		return -1;
	if (str_eq(json_str(k.doc, "KeyState", ""), "PendingDeletion") &&
	    !str_eq(c->action, "CancelKeyDeletion"))
		return fault_set(&c->fault, 400, "KMSInvalidStateException",
				 "%s is pending deletion.", kms_arn(&k));
	return x->change(c, &k, x->in) < 0 ? -1 : kms_save_key(c, &k);
}

int kms_change(struct call *c, const cJSON *in,
	       int (*change)(struct call *c, struct kms_key *k, const cJSON *in))
{
	struct changing x = { in, change };

	return in_transaction(c, change_key, &x);
}

int kms_page(struct call *c, const cJSON *in, int64_t usual, int64_t max,
	     struct kms_page *out)
{
	out->left = json_int(in, "Limit", usual);
	out->marker = json_str(in, "Marker", "");
	if (out->left < 1 || out->left > max)
		return kms_invalid(c, "Limit is between 1 and %lld", (long long)max);
	return 0;
}

/* Keys whose time has come. */
static int start(struct emulator *emu, struct fp_error *err)
{
	int64_t now = clock_now_ms();

	if (store_begin(emu->store, err) < 0)
		return -1;
	if (store_exec(emu->store, err,
		       "DELETE FROM kms_aliases WHERE EXISTS (SELECT 1 FROM kms_keys k"
		       " WHERE k.region = kms_aliases.region AND k.id = key"
		       " AND delete_ms > 0 AND delete_ms < ?)",
		       "i", now) < 0 ||
	    store_exec(emu->store, err,
		       "DELETE FROM kms_keys WHERE delete_ms > 0 AND delete_ms < ?", "i",
		       now) < 0) {
		store_rollback(emu->store);
		return -1;
	}
	return store_commit(emu->store, err);
}

static const struct operation operations[] = {
#define X(name) { #name, kms_##name },
	KMS_OPERATIONS(X)
#undef X
		{ NULL, NULL }
};

extern const struct service service_kms;
const struct service service_kms = {
	.name = "kms",
	.protocol = SERVICE_JSON_1_1,
	.target = "TrentService",
	.schema = schema,
	.operations = operations,
	.resources = kms_resources,
	.start = start,
};
