#include "emulator/common.h"

#include "base/json.h"
#include "base/str.h"
#include "emulator/bus.h"
#include "wire/arn.h"

#define STACK_ID_TAG   "aws:cloudformation:stack-id"
#define LOGICAL_ID_TAG "aws:cloudformation:logical-id"

int in_transaction(struct call *c, int (*run)(struct call *c, void *ctx), void *ctx)
{
	struct fp_error err = { 0 };

	if (store_begin(c->emu->store, &err) < 0)
		return fault_from(&c->fault, &err);
	if (run(c, ctx) < 0) {
		store_rollback(c->emu->store);
		return -1;
	}
	if (store_commit(c->emu->store, &err) < 0)
		return fault_from(&c->fault, &err);
	return 0;
}

char *service_arn(const struct call *c, const char *service, const char *region,
		  const char *resource)
{
	return xasprintf("arn:%s:%s:%s:%s:%s", arn_partition(c->region), service, region,
			 c->emu->account, resource);
}

const char *require_str(struct call *c, const cJSON *in, const char *name,
			const char *fault_code)
{
	const char *s = json_str(in, name, NULL);

	if (s && *s)
		return s;
	(void)fault_set(&c->fault, 400, fault_code, "the parameter '%s' is required",
			name);
	return NULL;
}

static bool is_empty(const cJSON *j)
{
	return cJSON_IsNull(j) || (cJSON_IsString(j) && !*j->valuestring) ||
	       ((cJSON_IsArray(j) || cJSON_IsObject(j)) && !j->child);
}

int refuse_unsupported(struct call *c, const char *what, const cJSON *object,
		       const char *const *supported)
{
	json_each_member (item, object) {
		size_t i = 0;

		if (is_empty(item))
			continue;
		while (supported[i] && !str_eq(supported[i], item->string))
			i++;
		if (!supported[i])
			return fault_set(
				&c->fault, 501, "NotImplemented",
				"the emulator does not support '%s' of %s; remove it "
				"to go on locally",
				item->string, what);
	}
	return 0;
}

cJSON *tags_from_list(const cJSON *list)
{
	cJSON *tags = cJSON_CreateObject();

	json_each (tag, list)
		if (json_str(tag, "Key", NULL))
			json_set_str(tags, json_str(tag, "Key", ""),
				     json_str(tag, "Value", ""));
	return tags;
}

cJSON *tags_to_list(const cJSON *object)
{
	cJSON *list = cJSON_CreateArray();

	json_each_member (tag, object) {
		cJSON *item = json_push_object(list);

		json_set_str(item, "Key", tag->string);
		json_set_str(item, "Value", tag->valuestring);
	}
	return list;
}

void tags_merge(cJSON *object, const cJSON *from)
{
	json_each_member (tag, from)
		json_set_str(object, tag->string, tag->valuestring);
}

cJSON *tags_of_resource(const struct resource_request *r)
{
	cJSON *tags = tags_from_list(r->tags);
	FP_AUTO(json_freep) cJSON *own = tags_from_list(json_get(r->properties, "Tags"));

	tags_merge(tags, own);
	json_set_str(tags, "aws:cloudformation:stack-name", r->stack_name);
	json_set_str(tags, STACK_ID_TAG, r->stack_id);
	json_set_str(tags, LOGICAL_ID_TAG, r->logical_id);
	return tags;
}

bool tags_are_of_resource(const cJSON *tags, const struct resource_request *r)
{
	const cJSON *stack = cJSON_GetObjectItemCaseSensitive(tags, STACK_ID_TAG);
	const cJSON *logical = cJSON_GetObjectItemCaseSensitive(tags, LOGICAL_ID_TAG);

	return stack && logical && str_eq(cJSON_GetStringValue(stack), r->stack_id) &&
	       str_eq(cJSON_GetStringValue(logical), r->logical_id);
}

int resource_is_foreign(const struct resource_request *r, const char *service,
			const char *member, const char *arn)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *out = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *tags = NULL;

	json_set_str(in, member, arn);
	if (bus_call(r->call, service, "ListTagsForResource", in, out) < 0)
		return resource_gone(r) ? 0 : -1;
	tags = tags_from_list(json_get(out, "Tags"));
	return !tags_are_of_resource(tags, r);
}

bool resource_gone(const struct resource_request *r)
{
	if (r->call->fault.status != 404)
		return false;
	memset(&r->call->fault, 0, sizeof(r->call->fault));
	return true;
}

int resource_undo(const struct resource_request *r,
		  int (*remove)(const struct resource_request *r,
				const struct resource *old),
		  struct resource *out)
{
	const struct fault why = r->call->fault;

	(void)remove(r, out);
	r->call->fault = why;
	free(out->physical_id);
	cJSON_Delete(out->attributes);
	*out = (struct resource){ NULL, NULL };
	return -1;
}

char *json_or_text(const cJSON *in, const char *name)
{
	const cJSON *j = json_get(in, name);

	if (!j || cJSON_IsNull(j))
		return NULL;
	return cJSON_IsString(j) ? xstrdup(j->valuestring) : json_text(j);
}

/* A text, or a list of texts, of which one matches as a glob. */
static bool any_matches(const cJSON *patterns, const char *value)
{
	const char *text = cJSON_GetStringValue(patterns);

	if (text)
		return str_glob(text, value);
	json_each (p, patterns)
		if (cJSON_IsString(p) && str_glob(p->valuestring, value))
			return true;
	return false;
}

/* IAM's actions are compared without case. */
static bool action_matches(const cJSON *actions, const char *action)
{
	FP_AUTO(freep) char *wanted = str_lower(xstrdup(action));
	FP_AUTO(freep) char *text = actions ? str_lower(json_text(actions)) : NULL;
	FP_AUTO(json_freep) cJSON *lower = text ? cJSON_Parse(text) : NULL;

	return any_matches(lower, wanted);
}

static bool condition_holds(const char *op, const cJSON *key, const char *source_arn,
			    const char *source_account)
{
	if (!str_eq(op, "StringEquals") && !str_eq(op, "StringLike") &&
	    !str_eq(op, "ArnEquals") && !str_eq(op, "ArnLike"))
		return false;
	if (str_ieq(key->string, "aws:SourceArn"))
		return any_matches(key, source_arn);
	if (str_ieq(key->string, "aws:SourceAccount"))
		return any_matches(key, source_account);
	return false;
}

static bool principal_is(const cJSON *principal, const char *service)
{
	if (cJSON_IsString(principal))
		return str_eq(principal->valuestring, "*");
	return any_matches(json_get(principal, "Service"), service) ||
	       str_eq(json_str(principal, "AWS", NULL), "*");
}

static bool statement_covers(const cJSON *s, const char *service, const char *action,
			     const char *source_arn, const char *source_account)
{
	if (!principal_is(json_get(s, "Principal"), service) ||
	    !action_matches(json_get(s, "Action"), action))
		return false;
	json_each_member (op, json_get(s, "Condition"))
		json_each (key, op)
			if (!condition_holds(op->string, key, source_arn, source_account))
				return false;
	return true;
}

/* 1: allowed; -1: denied; 0: it says nothing. */
static int effect_of(const cJSON *s, const char *service, const char *action,
		     const char *source_arn, const char *source_account)
{
	if (!statement_covers(s, service, action, source_arn, source_account))
		return 0;
	return str_eq(json_str(s, "Effect", ""), "Deny") ? -1 : 1;
}

bool policy_allows(const cJSON *policy, const char *service, const char *action,
		   const char *source_arn, const char *source_account)
{
	const cJSON *statements = json_get(policy, "Statement");
	bool allowed = false;

	if (cJSON_IsObject(statements))
		return effect_of(statements, service, action, source_arn,
				 source_account) > 0;
	json_each (s, statements) {
		int effect = effect_of(s, service, action, source_arn, source_account);

		if (effect < 0)
			return false;
		allowed = allowed || effect > 0;
	}
	return allowed;
}

bool json_has_nul(const struct buf *text)
{
	const char *s = buf_str(text);

	while ((s = strchr(s, '\\'))) {
		if (str_starts(s, "\\u0000"))
			return true;
		/* What follows belongs to it, also another backslash. */
		s += s[1] ? 2 : 1;
	}
	return false;
}
