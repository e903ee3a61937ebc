#include "base/json.h"
#include "emulator/service/cloudformation_changeset.h"

#define PAGE 100

void change_set_release(struct change_set *s)
{
	free(s->id);
	free(s->stack_id);
	free(s->name);
	free(s->token);
	cJSON_Delete(s->doc);
	cJSON_Delete(s->desired);
	cJSON_Delete(s->findings);
	*s = (struct change_set){ 0 };
}

int change_set_find(struct change_set *out, struct call *c, const char *stack_id,
		    const char *name)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };

	*out = (struct change_set){ 0 };
	if (store_query(
		    &r, c->emu->store, &err,
		    "SELECT seq, id, stack_id, name, token, doc, desired, findings"
		    " FROM cfn_change_sets WHERE id = ? OR (stack_id = ? AND name = ?)",
		    "sss", name, stack_id, name) < 0)
		return fault_from(&c->fault, &err);
	if (!store_next(&r))
		return 0;
	out->seq = store_int(&r, 0);
	out->id = xstrdup(store_text(&r, 1));
	out->stack_id = xstrdup(store_text(&r, 2));
	out->name = xstrdup(store_text(&r, 3));
	out->token = store_text(&r, 4) ? xstrdup(store_text(&r, 4)) : NULL;
	out->doc = cJSON_Parse(store_text(&r, 5));
	out->desired = cJSON_Parse(store_text(&r, 6));
	out->findings = store_text(&r, 7) ? cJSON_Parse(store_text(&r, 7)) : NULL;
	return 1;
}

int change_set_get(struct change_set *out, struct call *c, const cJSON *in)
{
	FP_AUTO(engine_stack_release) struct engine_stack s = { 0 };
	const char *name = json_str(in, "ChangeSetName", "");
	const char *stack = json_str(in, "StackName", NULL);
	int rc;

	if (!stack && !str_starts(name, "arn:"))
		return fault_set(
			&c->fault, 400, "ValidationError",
			"StackName must be specified if ChangeSetName is not specified "
			"as an ARN.");
	if (stack && !str_starts(name, "arn:")) {
		rc = engine_stack_find(&s, c, stack);
		if (rc < 0)
			return -1;
		if (rc == 0)
			return fault_set(&c->fault, 400, "ValidationError",
					 "Stack [%s] does not exist", stack);
	}
	rc = change_set_find(out, c, s.id, name);
	if (rc == 0)
		return fault_set(&c->fault, 404, "ChangeSetNotFound",
				 "ChangeSet [%s] does not exist", name);
	return rc < 0 ? -1 : 0;
}

int change_set_save(struct call *c, struct change_set *s)
{
	FP_AUTO(freep) char *doc = json_text(s->doc);
	FP_AUTO(freep) char *desired = json_text(s->desired);
	FP_AUTO(freep) char *findings = s->findings ? json_text(s->findings) : NULL;
	struct fp_error err = { 0 };
	int rc;

	if (s->seq)
		rc = store_exec(
			c->emu->store, &err,
			"UPDATE cfn_change_sets SET doc = ?, findings = ? WHERE seq = ?",
			"ssi", doc, findings, s->seq);
	else
		rc = store_exec(
			c->emu->store, &err,
			"INSERT INTO cfn_change_sets (id, stack_id, name, token, doc,"
			" desired, findings) VALUES (?, ?, ?, ?, ?, ?, ?)",
			"sssssss", s->id, s->stack_id, s->name, s->token, doc, desired,
			findings);
	return rc < 0 ? fault_from(&c->fault, &err) : 0;
}

int change_sets_forget(struct call *c, const char *stack_id, const char *but)
{
	struct fp_error err = { 0 };

	if (store_exec(c->emu->store, &err,
		       "DELETE FROM cfn_change_sets WHERE stack_id = ? AND id <> ?", "ss",
		       stack_id, str_or(but, "")) < 0)
		return fault_from(&c->fault, &err);
	return 0;
}

int engine_change_sets_erase(struct call *c, const struct engine_stack *s)
{
	return change_sets_forget(c, s->id, NULL);
}

int engine_change_set_ended(struct call *c, const char *id, bool good)
{
	FP_AUTO(change_set_release) struct change_set set = { 0 };
	int rc = change_set_find(&set, c, NULL, id);

	if (rc <= 0)
		return rc;
	json_set_str(set.doc, "ExecutionStatus",
		     good ? "EXECUTE_COMPLETE" : "EXECUTE_FAILED");
	return change_set_save(c, &set);
}

char *engine_change_set_template(struct call *c, const cJSON *in)
{
	FP_AUTO(change_set_release) struct change_set set = { 0 };

	if (change_set_get(&set, c, in) < 0)
		return NULL;
	return xstrdup(json_str(set.desired, "Template", ""));
}

int engine_change_set_findings(struct call *c, const cJSON *in, cJSON *list)
{
	FP_AUTO(change_set_release) struct change_set set = { 0 };
	size_t n = 0;

	if (change_set_get(&set, c, in) < 0)
		return -1;
	json_each (f, set.findings) {
		cJSON *e = json_push_object(list);

		json_set_fmt(e, "EventId", "%s/%zu", set.id, n++);
		json_set_str(e, "StackId", set.stack_id);
		json_set_str(e, "OperationType", "CREATE_CHANGESET");
		json_set_str(e, "OperationStatus", "FAILED");
		json_set_str(e, "EventType", "VALIDATION_ERROR");
		json_set_str(e, "Timestamp", json_str(set.doc, "CreationTime", NULL));
		json_set_str(e, "LogicalResourceId",
			     json_str(f, "LogicalResourceId", NULL));
		json_set_str(e, "ResourceType", json_str(f, "ResourceType", NULL));
		json_set_str(e, "ValidationName",
			     "AWS::EarlyValidation::PropertyValidation");
		json_set_str(e, "ValidationStatus", "FAILED");
		json_set_str(e, "ValidationFailureMode", "FAIL");
		json_set_str(e, "ValidationStatusReason", json_str(f, "Reason", NULL));
		json_set_str(e, "ValidationPath", json_str(f, "Path", NULL));
	}
	return 0;
}

/* A slice of the changes, without the values unless they are asked for. */
static int show_changes(struct call *c, const cJSON *in, const cJSON *doc, cJSON *out)
{
	bool values = json_bool(in, "IncludePropertyValues", false);
	const char *token = json_str(in, "NextToken", "");
	int64_t first = 0, i = 0, end;
	cJSON *list = json_set_array(out, "Changes");

	if (*token && !str_to_i64(token, 0, INT32_MAX, &first))
		return fault_set(&c->fault, 400, "ValidationError", "Invalid NextToken");
	end = first + PAGE;
	json_each (change, json_get(doc, "Changes")) {
		cJSON *copy, *rc;

		if (i++ < first)
			continue;
		if (i > end) {
			json_set_fmt(out, "NextToken", "%lld", (long long)end);
			break;
		}
		copy = cJSON_Duplicate(change, true);
		cJSON_AddItemToArray(list, copy);
		rc = json_get(copy, "ResourceChange");
		if (values)
			continue;
		cJSON_DeleteItemFromObjectCaseSensitive(rc, "BeforeContext");
		cJSON_DeleteItemFromObjectCaseSensitive(rc, "AfterContext");
		json_each (d, json_get(rc, "Details")) {
			cJSON *target = json_get(d, "Target");

			cJSON_DeleteItemFromObjectCaseSensitive(target, "BeforeValue");
			cJSON_DeleteItemFromObjectCaseSensitive(target, "AfterValue");
		}
	}
	return 0;
}

int engine_describe_change_set(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(change_set_release) struct change_set set = { 0 };

	if (change_set_get(&set, c, in) < 0)
		return -1;
	json_each_member (m, set.doc)
		if (!str_eq(m->string, "Changes"))
			json_set(out, m->string, cJSON_Duplicate(m, true));
	return show_changes(c, in, set.doc, out);
}

int engine_list_change_sets(struct call *c, const cJSON *in, cJSON *out)
{
	static const char *const shown[] = { "StackId",	     "StackName",
					     "ChangeSetId",  "ChangeSetName",
					     "Status",	     "ExecutionStatus",
					     "StatusReason", "Description",
					     "CreationTime", "IncludeNestedStacks" };
	FP_AUTO(engine_stack_release) struct engine_stack s = { 0 };
	FP_AUTO(store_done) struct store_rows r = { 0 };
	cJSON *list = json_set_array(out, "Summaries");
	struct fp_error err = { 0 };

	if (engine_stack_get(&s, c, json_str(in, "StackName", "")) < 0)
		return -1;
	if (store_query(&r, c->emu->store, &err,
			"SELECT doc FROM cfn_change_sets WHERE stack_id = ? ORDER BY seq",
			"s", s.id) < 0)
		return fault_from(&c->fault, &err);
	while (store_next(&r)) {
		FP_AUTO(json_freep) cJSON *doc = cJSON_Parse(store_text(&r, 0));
		cJSON *summary = json_push_object(list);

		for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
			if (json_get(doc, shown[i]))
				json_set(summary, shown[i],
					 cJSON_Duplicate(json_get(doc, shown[i]), true));
	}
	return 0;
}
