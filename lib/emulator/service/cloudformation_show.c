#include "emulator/service/cloudformation.h"

#include "base/clock.h"
#include "base/json.h"

#define PAGE 100

/* Rows after the one that NextToken names. */
static int read_token(struct call *c, const cJSON *in, int64_t *after, int64_t first)
{
	const char *token = json_str(in, "NextToken", "");

	*after = first;
	if (*token && !str_to_i64(token, 0, INT64_MAX, after))
		return fault_set(&c->fault, 400, "ValidationError", "Invalid NextToken");
	return 0;
}

static bool page_full(cJSON *out, const cJSON *list, int64_t last)
{
	if (cJSON_GetArraySize(list) < PAGE)
		return false;
	json_set_fmt(out, "NextToken", "%lld", (long long)last);
	return true;
}

/* An empty list or text says nothing; clients want the members of a list that has any. */
static cJSON *shown(const char *doc)
{
	cJSON *s = cJSON_Parse(doc), *next;

	for (cJSON *m = s ? s->child : NULL; m; m = next) {
		next = m->next;
		if (cJSON_IsArray(m) && !m->child && !str_eq(m->string, "Tags") &&
		    !str_eq(m->string, "NotificationARNs"))
			cJSON_Delete(cJSON_DetachItemViaPointer(s, m));
	}
	return s;
}

static int all_stacks(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	cJSON *list = json_set_array(out, "Stacks");
	struct fp_error err = { 0 };
	int64_t before, last = 0;

	if (read_token(c, in, &before, INT64_MAX) < 0)
		return -1;
	if (store_query(&r, c->emu->store, &err,
			"SELECT seq, doc FROM cfn_stacks WHERE region = ? AND deleted = 0"
			" AND seq < ? ORDER BY seq DESC",
			"si", c->region, before) < 0)
		return fault_from(&c->fault, &err);
	while (store_next(&r) && !page_full(out, list, last)) {
		last = store_int(&r, 0);
		cJSON_AddItemToArray(list, shown(store_text(&r, 1)));
	}
	return 0;
}

int engine_describe_stacks(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(engine_stack_release) struct engine_stack s = { 0 };
	FP_AUTO(freep) char *doc = NULL;
	const char *name = json_str(in, "StackName", NULL);

	if (!name)
		return all_stacks(c, in, out);
	if (engine_stack_get(&s, c, name) < 0)
		return -1;
	doc = json_text(s.doc);
	cJSON_AddItemToArray(json_set_array(out, "Stacks"), shown(doc));
	return 0;
}

static bool is_wanted(const cJSON *filter, const char *status)
{
	if (!cJSON_IsArray(filter) || !filter->child)
		return true;
	json_each (f, filter)
		if (cJSON_IsString(f) && str_eq(f->valuestring, status))
			return true;
	return false;
}

static cJSON *summary_of(const cJSON *doc)
{
	static const char *const names[] = { "StackId",		  "StackName",
					     "CreationTime",	  "LastUpdatedTime",
					     "DeletionTime",	  "StackStatus",
					     "StackStatusReason", "DriftInformation",
					     "LastOperations" };
	cJSON *s = cJSON_CreateObject();

	json_set_str(s, "TemplateDescription", json_str(doc, "Description", NULL));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (json_get(doc, names[i]))
			json_set(s, names[i],
				 cJSON_Duplicate(json_get(doc, names[i]), true));
	return s;
}

int engine_list_stacks(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	cJSON *list = json_set_array(out, "StackSummaries");
	const cJSON *filter = json_get(in, "StackStatusFilter");
	struct fp_error err = { 0 };
	int64_t before, last = 0;

	if (read_token(c, in, &before, INT64_MAX) < 0)
		return -1;
	if (store_query(
		    &r, c->emu->store, &err,
		    "SELECT seq, status, doc FROM cfn_stacks WHERE region = ? AND seq < ?"
		    " ORDER BY seq DESC",
		    "si", c->region, before) < 0)
		return fault_from(&c->fault, &err);
	while (store_next(&r) && !page_full(out, list, last)) {
		FP_AUTO(json_freep) cJSON *doc = NULL;

		last = store_int(&r, 0);
		if (!is_wanted(filter, store_text(&r, 1)))
			continue;
		doc = cJSON_Parse(store_text(&r, 2));
		cJSON_AddItemToArray(list, summary_of(doc));
	}
	return 0;
}

/* A stack that is gone shows what it had. */
static bool is_shown(const struct engine_stack *s, const struct engine_resource *r)
{
	const char *status = engine_status(s);

	if (r->place == PLACE_GONE)
		return str_starts(status, "DELETE_") || str_starts(status, "ROLLBACK_");
	return r->place == PLACE_LIVE;
}

static cJSON *resource_doc(const struct engine_resource *r, const char *time_member)
{
	cJSON *doc = cJSON_CreateObject();
	char time[25];

	time_iso(time, r->updated_ms);
	json_set_str(doc, "LogicalResourceId", r->logical_id);
	json_set_str(doc, "PhysicalResourceId", r->physical_id);
	json_set_str(doc, "ResourceType", r->type);
	json_set_str(doc, time_member, time);
	json_set_str(doc, "ResourceStatus", r->status);
	json_set_str(doc, "ResourceStatusReason", r->reason);
	json_set_str(json_set_object(doc, "DriftInformation"), "StackResourceDriftStatus",
		     "NOT_CHECKED");
	return doc;
}

int engine_list_resources(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(engine_stack_release) struct engine_stack s = { 0 };
	FP_AUTO(engine_resources_release) struct engine_resources l = { 0 };
	cJSON *list = json_set_array(out, "StackResourceSummaries");
	int64_t after;

	if (read_token(c, in, &after, 0) < 0 ||
	    engine_stack_get(&s, c, json_str(in, "StackName", "")) < 0 ||
	    engine_resources_load(&l, c, s.id) < 0)
		return -1;
	for (size_t i = (size_t)after; i < l.n && !page_full(out, list, (int64_t)i); i++)
		if (is_shown(&s, l.v[i]))
			cJSON_AddItemToArray(
				list, resource_doc(l.v[i], "LastUpdatedTimestamp"));
	return 0;
}

static cJSON *resource_of(const struct engine_stack *s, const struct engine_resource *r,
			  const char *time_member)
{
	cJSON *doc = resource_doc(r, time_member);

	json_set_str(doc, "StackName", s->name);
	json_set_str(doc, "StackId", s->id);
	return doc;
}

int engine_describe_resource(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(engine_stack_release) struct engine_stack s = { 0 };
	FP_AUTO(engine_resources_release) struct engine_resources l = { 0 };
	const char *id = json_str(in, "LogicalResourceId", "");
	const char *name = json_str(in, "StackName", "");

	if (engine_stack_get(&s, c, name) < 0 || engine_resources_load(&l, c, s.id) < 0)
		return -1;
	for (size_t i = 0; i < l.n; i++) {
		const cJSON *metadata = json_get(l.v[i]->def, "Metadata");
		cJSON *doc;

		if (!is_shown(&s, l.v[i]) || !str_eq(l.v[i]->logical_id, id))
			continue;
		doc = resource_of(&s, l.v[i], "LastUpdatedTimestamp");
		json_set(out, "StackResourceDetail", doc);
		if (metadata) {
			FP_AUTO(freep) char *text = json_text(metadata);

			json_set_str(doc, "Metadata", text);
		}
		return 0;
	}
	return fault_set(&c->fault, 400, "ValidationError",
			 "Resource %s does not exist for stack %s", id, name);
}

int engine_describe_resources(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(engine_stack_release) struct engine_stack s = { 0 };
	FP_AUTO(engine_resources_release) struct engine_resources l = { 0 };
	cJSON *list = json_set_array(out, "StackResources");
	const char *name = json_str(in, "StackName", NULL);
	const char *physical = json_str(in, "PhysicalResourceId", NULL);
	const char *logical = json_str(in, "LogicalResourceId", NULL);
	FP_AUTO(freep) char *owner = physical && !name ? engine_owner(c, physical) : NULL;

	if ((name != NULL) + (physical != NULL) != 1)
		return fault_set(
			&c->fault, 400, "ValidationError",
			"You must specify either StackName or PhysicalResourceId, but "
			"not both.");
	if (!name && !owner)
		return fault_set(&c->fault, 400, "ValidationError",
				 "Stack for %s does not exist", physical);
	if (engine_stack_get(&s, c, name ? name : owner) < 0 ||
	    engine_resources_load(&l, c, s.id) < 0)
		return -1;
	for (size_t i = 0; i < l.n; i++)
		if (is_shown(&s, l.v[i]) &&
		    (!logical || str_eq(logical, l.v[i]->logical_id)))
			cJSON_AddItemToArray(list, resource_of(&s, l.v[i], "Timestamp"));
	return 0;
}

int engine_list_exports(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	cJSON *list = json_set_array(out, "Exports");
	struct fp_error err = { 0 };
	int64_t after, last = 0;

	if (read_token(c, in, &after, 0) < 0)
		return -1;
	if (store_query(&r, c->emu->store, &err,
			"SELECT rowid, stack_id, name, value FROM cfn_exports"
			" WHERE region = ? AND rowid > ? ORDER BY rowid",
			"si", c->region, after) < 0)
		return fault_from(&c->fault, &err);
	while (store_next(&r) && !page_full(out, list, last)) {
		cJSON *e = json_push_object(list);

		last = store_int(&r, 0);
		json_set_str(e, "ExportingStackId", store_text(&r, 1));
		json_set_str(e, "Name", store_text(&r, 2));
		json_set_str(e, "Value", store_text(&r, 3));
	}
	return 0;
}

int engine_list_imports(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	const char *name = json_str(in, "ExportName", "");
	cJSON *list = json_set_array(out, "Imports");
	struct fp_error err = { 0 };

	if (store_query(&r, c->emu->store, &err,
			"SELECT s.name FROM cfn_imports i"
			" JOIN cfn_stacks s ON s.id = i.stack_id"
			" WHERE i.region = ? AND i.name = ? ORDER BY s.name",
			"ss", c->region, name) < 0)
		return fault_from(&c->fault, &err);
	while (store_next(&r))
		json_push_str(list, store_text(&r, 0));
	if (!list->child)
		return fault_set(&c->fault, 400, "ValidationError",
				 "Export '%s' is not imported by any stack.", name);
	return 0;
}
