/*
 * SQS's Query protocol flattens its lists and maps: Attribute.1.Name in place of
 * Attributes.entry.1.key, <Message> elements side by side in place of <member>s.
 * Source: botocore's Query model of SQS (2012-11-05), locationName and flattened.
 */
#include "base/json.h"
#include "base/str.h"
#include "emulator/service/sqs.h"

/* What one name in a form stands for: a list, or a map of {key, value} entries. */
static const struct flattened {
	const char *query, *json;
	const char *key, *value; /* NULL: a list */
} requests[] = {
	{ "Attribute", "Attributes", "Name", "Value" },
	{ "Tag", "Tags", "Key", "Value" },
	{ "MessageAttribute", "MessageAttributes", "Name", "Value" },
	{ "MessageSystemAttribute", "MessageSystemAttributes", "Name", "Value" },
	{ "AttributeName", "AttributeNames", NULL, NULL },
	{ "MessageSystemAttributeName", "MessageSystemAttributeNames", NULL, NULL },
	{ "MessageAttributeName", "MessageAttributeNames", NULL, NULL },
	{ "TagKey", "TagKeys", NULL, NULL },
	{ "SendMessageBatchRequestEntry", "Entries", NULL, NULL },
	{ "DeleteMessageBatchRequestEntry", "Entries", NULL, NULL },
	{ "ChangeMessageVisibilityBatchRequestEntry", "Entries", NULL, NULL },
};

static const struct flattened answers[] = {
	{ "Attribute", "Attributes", "Name", "Value" },
	{ "MessageAttribute", "MessageAttributes", "Name", "Value" },
	{ "Tag", "Tags", "Key", "Value" },
	{ "Message", "Messages", NULL, NULL },
	{ "QueueUrl", "QueueUrls", NULL, NULL },
	{ "QueueUrl", "queueUrls", NULL, NULL },
	{ "BatchResultErrorEntry", "Failed", NULL, NULL },
};

static cJSON *entries_to_map(const cJSON *list, const struct flattened *f)
{
	cJSON *map = cJSON_CreateObject();

	json_each (entry, list) {
		const char *name = json_str(entry, f->key, NULL);
		cJSON *value = json_get(entry, f->value);

		if (name)
			json_set(map, name,
				 value ? cJSON_Duplicate(value, true)
				       : cJSON_CreateString(""));
	}
	return map;
}

/* Some clients leave a list's only number out: AttributeName=All. */
static cJSON *as_list(cJSON *item)
{
	cJSON *list;

	if (!cJSON_IsString(item))
		return item;
	list = cJSON_CreateArray();
	if (*item->valuestring)
		cJSON_AddItemToArray(list, item);
	else
		cJSON_Delete(item);
	return list;
}

static void rename_members(cJSON *in)
{
	for (size_t k = 0; k < ARRAY_SIZE(requests); k++) {
		const struct flattened *f = &requests[k];
		cJSON *item = cJSON_DetachItemFromObjectCaseSensitive(in, f->query);

		if (!item)
			continue;
		item = as_list(item);
		if (f->key) {
			json_set(in, f->json, entries_to_map(item, f));
			cJSON_Delete(item);
		} else {
			json_set(in, f->json, item);
		}
	}
}

void sqs_from_query(const char *action FP_UNUSED, cJSON *in)
{
	rename_members(in);
	json_each (entry, json_get(in, "Entries"))
		if (cJSON_IsObject(entry))
			rename_members(entry);
}

static void flatten(cJSON *out);

/* Members of one name side by side, which the encoder writes as they stand. */
static void flatten_member(cJSON *out, cJSON *member, const char *name,
			   const struct flattened *f)
{
	cJSON *next;

	for (cJSON *item = member->child; item; item = next) {
		cJSON *entry = item;

		next = item->next;
		if (f && f->key) {
			entry = cJSON_CreateObject();
			json_set_str(entry, f->key, item->string);
			json_set(entry, f->value, cJSON_Duplicate(item, true));
		} else {
			(void)cJSON_DetachItemViaPointer(member, item);
			if (cJSON_IsObject(item))
				flatten(item);
		}
		cJSON_AddItemToObject(out, name, entry);
	}
}

static void flatten(cJSON *out)
{
	for (size_t k = 0; k < ARRAY_SIZE(answers); k++) {
		const struct flattened *f = &answers[k];
		cJSON *member = cJSON_DetachItemFromObjectCaseSensitive(out, f->json);

		if (!member)
			continue;
		flatten_member(out, member, f->query, f);
		cJSON_Delete(member);
	}
}

void sqs_to_query(const char *action, cJSON *out)
{
	FP_AUTO(freep) char *name = xasprintf("%sResultEntry", action);
	cJSON *done = cJSON_DetachItemFromObjectCaseSensitive(out, "Successful");

	if (done)
		flatten_member(out, done, name, NULL);
	cJSON_Delete(done);
	flatten(out);
}
