#include <ctype.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/common.h"
#include "emulator/service/logs.h"
#include "wire/arn.h"

#define MAX_PAGE 50

int logs_fault(struct call *c, const struct fp_error *err)
{
	return fault_from(&c->fault, err);
}

static int invalid(struct call *c, const char *what)
{
	return fault_set(&c->fault, 400, "InvalidParameterException", "%s", what);
}

/* "NAME" or "arn:...:log-group:NAME" with or without ":*" behind it. */
static void name_of(char out[513], const char *text)
{
	struct arn arn;
	size_t n;

	if (arn_parse(&arn, text) && str_starts(arn.resource, "log-group:"))
		text = arn.resource + strlen("log-group:");
	n = strcspn(text, ":");
	(void)snprintf(out, 513, "%.*s", (int)FP_MIN(n, (size_t)512), text);
}

static int check_name(struct call *c, const char *name, const char *what)
{
	size_t n = strlen(name);

	if (n < 1 || n > 512)
		return fault_set(&c->fault, 400, "InvalidParameterException",
				 "a %s's name has 1 to 512 letters", what);
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && !strchr(".-_/#", *name))
			return fault_set(
				&c->fault, 400, "InvalidParameterException",
				"1 validation error detected: the name of a %s must "
				"satisfy the pattern [\\.\\-_/#A-Za-z0-9]+",
				what);
	return 0;
}

static const char *given_name(const cJSON *in)
{
	return json_str(
		in, "logGroupName",
		json_str(in, "logGroupIdentifier", json_str(in, "resourceArn", "")));
}

int logs_find_group(struct call *c, const cJSON *in, struct log_group *out)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };

	name_of(out->name, given_name(in));
	if (store_query(&r, c->emu->store, &err,
			"SELECT id, created, retention FROM logs_groups"
			" WHERE region = ? AND name = ?",
			"ss", c->region, out->name) < 0)
		return logs_fault(c, &err);
	if (!store_next(&r))
		return fault_set(&c->fault, 400, "ResourceNotFoundException",
				 "The specified log group does not exist.");
	out->id = store_int(&r, 0);
	out->created = store_int(&r, 1);
	out->retention = store_int(&r, 2);
	return 0;
}

static int create_group(struct call *c, void *arg)
{
	const cJSON *in = arg;
	const cJSON *tags = json_get(in, "tags");
	const char *name = json_str(in, "logGroupName", "");
	FP_AUTO(freep) char *text = tags ? json_text(tags) : xstrdup("{}");
	struct fp_error err = { 0 };
	int n;

	if (check_name(c, name, "log group") < 0)
		return -1;
	n = store_exec(
		c->emu->store, &err,
		"INSERT OR IGNORE INTO logs_groups (region, name, created, retention,"
		" tags, kms) VALUES (?, ?, ?, 0, ?, ?)",
		"ssiss", c->region, name, clock_now_ms(), text,
		json_str(in, "kmsKeyId", NULL));
	if (n < 0)
		return logs_fault(c, &err);
	if (n == 0)
		return fault_set(&c->fault, 400, "ResourceAlreadyExistsException",
				 "The specified log group already exists");
	return 0;
}

int logs_CreateLogGroup(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	static const char *const known[] = { "logGroupClass", "logGroupName", "kmsKeyId",
					     "tags", NULL };
	bool standard = str_eq(json_str(in, "logGroupClass", "STANDARD"), "STANDARD");

	/* Without its first, when another class than the only one here is asked for. */
	if (refuse_unsupported(c, "log groups", in, known + !standard) < 0)
		return -1;
	return in_transaction(c, create_group, (void *)(uintptr_t)in);
}

static int delete_group(struct call *c, void *arg)
{
	static const char *const statements[] = {
		"DELETE FROM logs_events WHERE group_id = ?",
		"DELETE FROM logs_streams WHERE group_id = ?",
		"DELETE FROM logs_groups WHERE id = ?",
	};
	struct fp_error err = { 0 };
	struct log_group g;

	if (logs_find_group(c, arg, &g) < 0)
		return -1;
	for (size_t k = 0; k < ARRAY_SIZE(statements); k++)
		if (store_exec(c->emu->store, &err, statements[k], "i", g.id) < 0)
			return logs_fault(c, &err);
	return 0;
}

int logs_DeleteLogGroup(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return in_transaction(c, delete_group, (void *)(uintptr_t)in);
}

static void describe(const struct call *c, cJSON *item, const struct store_rows *r)
{
	FP_AUTO(freep) char *resource = xasprintf("log-group:%s", store_text(r, 0));
	FP_AUTO(freep) char *arn = service_arn(c, "logs", c->region, resource);

	json_set_str(item, "logGroupName", store_text(r, 0));
	json_set_int(item, "creationTime", store_int(r, 1));
	if (store_int(r, 2))
		json_set_int(item, "retentionInDays", store_int(r, 2));
	json_set_int(item, "metricFilterCount", 0);
	json_set_fmt(item, "arn", "%s:*", arn);
	json_set_int(item, "storedBytes", store_int(r, 3));
	json_set_str(item, "kmsKeyId", store_text(r, 4));
	json_set_str(item, "logGroupClass", "STANDARD");
	json_set_str(item, "logGroupArn", arn);
}

int logs_DescribeLogGroups(struct call *c, const cJSON *in, cJSON *out)
{
	const char *prefix = json_str(in, "logGroupNamePrefix", "");
	const char *part = json_str(in, "logGroupNamePattern", "");
	FP_AUTO(store_done) struct store_rows r = { 0 };
	int64_t limit = json_int(in, "limit", MAX_PAGE);
	cJSON *list = json_set_array(out, "logGroups");
	struct fp_error err = { 0 };

	if (limit < 1 || limit > MAX_PAGE)
		return invalid(c, "limit is between 1 and 50");
	if (store_query(
		    &r, c->emu->store, &err,
		    "SELECT name, created, retention, (SELECT SUM(LENGTH(message)) FROM"
		    " logs_events e WHERE e.group_id = g.id), kms FROM logs_groups g"
		    " WHERE region = ? AND name > ? ORDER BY name",
		    "ss", c->region, json_str(in, "nextToken", "")) < 0)
		return logs_fault(c, &err);
	while (store_next(&r)) {
		if (!str_starts(store_text(&r, 0), prefix) ||
		    !strstr(store_text(&r, 0), part))
			continue;
		if (limit-- == 0) {
			const cJSON *last = cJSON_GetArrayItem(
				list, cJSON_GetArraySize(list) - 1);

			json_set_str(out, "nextToken",
				     json_str(last, "logGroupName", ""));
			break;
		}
		describe(c, json_push_object(list), &r);
	}
	return 0;
}

static int set_retention(struct call *c, void *arg)
{
	const cJSON *in = arg;
	struct fp_error err = { 0 };
	struct log_group g;

	if (logs_find_group(c, in, &g) < 0)
		return -1;
	if (store_exec(c->emu->store, &err,
		       "UPDATE logs_groups SET retention = ? WHERE id = ?", "ii",
		       json_int(in, "retentionInDays", 0), g.id) < 0)
		return logs_fault(c, &err);
	return 0;
}

int logs_PutRetentionPolicy(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	static const int days[] = { 1,	  3,	5,    7,    14,	  30,  60,  90,
				    120,  150,	180,  365,  400,  545, 731, 1096,
				    1827, 2192, 2557, 2922, 3288, 3653 };
	int64_t wanted = json_int(in, "retentionInDays", 0);

	for (size_t k = 0; k < ARRAY_SIZE(days); k++)
		if (wanted == days[k])
			return in_transaction(c, set_retention, (void *)(uintptr_t)in);
	return invalid(
		c, "retentionInDays is one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, "
		   "365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653");
}

int logs_DeleteRetentionPolicy(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	FP_AUTO(json_freep) cJSON *none = cJSON_CreateObject();

	json_set_str(none, "logGroupName", given_name(in));
	return in_transaction(c, set_retention, none);
}

/* Load the tags, merge or take away, save. */
struct tag_change {
	const cJSON *in, *tags, *keys;
};

static int load_tags(struct call *c, const cJSON *in, struct log_group *g, cJSON **tags)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };

	if (logs_find_group(c, in, g) < 0)
		return -1;
	if (store_query(&r, c->emu->store, &err,
			"SELECT tags FROM logs_groups WHERE id = ?", "i", g->id) < 0)
		return logs_fault(c, &err);
	*tags = store_next(&r) ? cJSON_Parse(store_text(&r, 0)) : cJSON_CreateObject();
	return 0;
}

static int change_tags(struct call *c, void *arg)
{
	const struct tag_change *x = arg;
	FP_AUTO(json_freep) cJSON *tags = NULL;
	FP_AUTO(freep) char *text = NULL;
	struct fp_error err = { 0 };
	struct log_group g;

	if (load_tags(c, x->in, &g, &tags) < 0)
		return -1;
	tags_merge(tags, x->tags);
	json_each (key, x->keys)
		cJSON_DeleteItemFromObjectCaseSensitive(tags,
							str_or(key->valuestring, ""));
	text = json_text(tags);
	if (store_exec(c->emu->store, &err,
		       "UPDATE logs_groups SET tags = ? WHERE id = ?", "si", text,
		       g.id) < 0)
		return logs_fault(c, &err);
	return 0;
}

int logs_TagLogGroup(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	struct tag_change x = { in, json_get(in, "tags"), NULL };

	return in_transaction(c, change_tags, &x);
}

int logs_TagResource(struct call *c, const cJSON *in, cJSON *out)
{
	return logs_TagLogGroup(c, in, out);
}

int logs_UntagLogGroup(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	struct tag_change x = { in, NULL, json_get(in, "tags") };

	return in_transaction(c, change_tags, &x);
}

int logs_UntagResource(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	struct tag_change x = { in, NULL, json_get(in, "tagKeys") };

	return in_transaction(c, change_tags, &x);
}

int logs_ListTagsLogGroup(struct call *c, const cJSON *in, cJSON *out)
{
	struct log_group g;
	cJSON *tags = NULL;

	if (load_tags(c, in, &g, &tags) < 0)
		return -1;
	json_set(out, "tags", tags);
	return 0;
}

int logs_ListTagsForResource(struct call *c, const cJSON *in, cJSON *out)
{
	return logs_ListTagsLogGroup(c, in, out);
}
