#include "emulator/service/cloudformation.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "emulator/bus.h"

#define PAGE	       100
#define NOTIFY_RETRIES 3

struct event {
	const char *logical_id, *physical_id, *type, *status, *reason;
	const cJSON *properties;
};

char *engine_now(void)
{
	char *text = xmalloc(25);

	time_iso(text, clock_now_ms());
	return text;
}

/* No event of a stack is earlier than the one before, whatever the clock does. */
static int next_time(struct call *c, const char *stack_id, int64_t *ms)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };
	int64_t now = clock_now_ms(), last = 0;

	if (store_query(&r, c->emu->store, &err,
			"SELECT time_ms FROM cfn_events WHERE stack_id = ?"
			" ORDER BY seq DESC LIMIT 1",
			"s", stack_id) < 0)
		return fault_from(&c->fault, &err);
	if (store_next(&r))
		last = store_int(&r, 0);
	*ms = FP_MAX(now, last);
	return 0;
}

static cJSON *event_doc(const struct engine_stack *s, const struct event *e,
			int64_t time_ms)
{
	cJSON *doc = cJSON_CreateObject();
	char uuid[37], time[25];

	time_iso(time, time_ms);
	random_uuid(uuid);
	json_set_str(doc, "StackId", s->id);
	json_set_str(doc, "EventId", uuid);
	if (!str_eq(e->type, ENGINE_STACK_TYPE))
		json_set_fmt(doc, "EventId", "%s-%s-%s", e->logical_id, e->status, uuid);
	json_set_str(doc, "StackName", s->name);
	json_set_str(doc, "OperationId", json_str(s->operation, "Id", NULL));
	json_set_str(doc, "LogicalResourceId", e->logical_id);
	json_set_str(doc, "PhysicalResourceId", str_or(e->physical_id, ""));
	json_set_str(doc, "ResourceType", e->type);
	json_set_str(doc, "Timestamp", time);
	json_set_str(doc, "ResourceStatus", e->status);
	json_set_str(doc, "ResourceStatusReason", e->reason);
	json_set_str(doc, "ClientRequestToken", json_str(s->operation, "Token", NULL));
	if (e->properties) {
		FP_AUTO(freep) char *text = json_text(e->properties);

		json_set_str(doc, "ResourceProperties", text);
	}
	return doc;
}

/* To the stack's topics, in the form that CloudFormation's notifications have. */
static int notify(struct call *c, const struct engine_stack *s, const cJSON *doc)
{
	FP_AUTO(json_freep) cJSON *in = NULL;
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	const cJSON *arns = json_get(s->doc, "NotificationARNs");

	if (!cJSON_IsArray(arns) || !arns->child)
		return 0;
	json_each_member (m, doc)
		if (cJSON_IsString(m))
			buf_printf(&text, "%s='%s'\n", m->string, m->valuestring);
	json_each (arn, arns) {
		json_freep(&in);
		in = cJSON_CreateObject();
		json_set_str(in, "TopicArn", arn->valuestring);
		json_set_str(in, "Subject", "AWS CloudFormation Notification");
		json_set_str(in, "Message", buf_str(&text));
		if (bus_enqueue(c, "sns", "Publish", in, NOTIFY_RETRIES, 0) < 0)
			return -1;
	}
	return 0;
}

static int add_event(struct call *c, const struct engine_stack *s, const struct event *e)
{
	FP_AUTO(json_freep) cJSON *doc = NULL;
	FP_AUTO(freep) char *text = NULL;
	struct fp_error err = { 0 };
	int64_t ms = 0;

	if (next_time(c, s->id, &ms) < 0)
		return -1;
	doc = event_doc(s, e, ms);
	text = json_text(doc);
	if (store_exec(c->emu->store, &err,
		       "INSERT INTO cfn_events (stack_id, time_ms, doc) VALUES (?, ?, ?)",
		       "sis", s->id, ms, text) < 0)
		return fault_from(&c->fault, &err);
	return notify(c, s, doc);
}

static int transition(struct call *c, struct engine_stack *s, const char *reason)
{
	struct event e = { .logical_id = s->name,
			   .physical_id = s->id,
			   .type = ENGINE_STACK_TYPE,
			   .status = engine_status(s),
			   .reason = reason };

	return engine_stack_save(c, s) < 0 ? -1 : add_event(c, s, &e);
}

int engine_transition(struct call *c, struct engine_stack *s, const char *status,
		      const char *reason)
{
	json_set_str(s->doc, "StackStatus", status);
	cJSON_DeleteItemFromObjectCaseSensitive(s->doc, "StackStatusReason");
	json_set_str(s->doc, "StackStatusReason", reason);
	if (engine_begin(c) < 0)
		return -1;
	if (transition(c, s, reason) < 0) {
		engine_rollback(c);
		return -1;
	}
	return engine_commit(c);
}

static int resource_set(struct call *c, const struct engine_stack *s,
			struct engine_resource *r)
{
	struct event e = { .logical_id = r->logical_id,
			   .physical_id = r->physical_id,
			   .type = r->type,
			   .status = r->status,
			   .reason = r->reason,
			   .properties = json_get(r->def, "Properties") };

	return engine_resource_save(c, s->id, r) < 0 ? -1 : add_event(c, s, &e);
}

int engine_resource_set(struct call *c, const struct engine_stack *s,
			struct engine_resource *r, const char *status, const char *reason)
{
	free(r->status);
	free(r->reason);
	r->status = xstrdup(status);
	r->reason = reason ? xstrdup(reason) : NULL;
	r->updated_ms = clock_now_ms();
	if (engine_begin(c) < 0)
		return -1;
	if (resource_set(c, s, r) < 0) {
		engine_rollback(c);
		return -1;
	}
	return engine_commit(c);
}

char *engine_last_token(struct call *c, const struct engine_stack *s)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	FP_AUTO(json_freep) cJSON *doc = NULL;
	const char *token;

	if (store_query(&r, c->emu->store, NULL,
			"SELECT doc FROM cfn_events WHERE stack_id = ?"
			" AND doc LIKE '%\"" ENGINE_USER_INITIATED "\"%'"
			" ORDER BY seq DESC LIMIT 1",
			"s", s->id) < 0 ||
	    !store_next(&r))
		return NULL;
	doc = cJSON_Parse(store_text(&r, 0));
	token = json_str(doc, "ClientRequestToken", NULL);
	return token ? xstrdup(token) : NULL;
}

/* Newest first; the next token is the number of the last one shown. */
static int read_events(struct call *c, const cJSON *in, const char *stack_id, cJSON *list,
		       cJSON *out)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };
	int64_t before = INT64_MAX, last = 0;
	const char *token = json_str(in, "NextToken", "");
	size_t n = 0;

	if (*token && !str_to_i64(token, 1, INT64_MAX, &before))
		return fault_set(&c->fault, 400, "ValidationError", "Invalid NextToken");
	if (store_query(&r, c->emu->store, &err,
			"SELECT seq, doc FROM cfn_events WHERE stack_id = ? AND seq < ?"
			" ORDER BY seq DESC LIMIT ?",
			"sii", stack_id, before, (int64_t)PAGE + 1) < 0)
		return fault_from(&c->fault, &err);
	while (store_next(&r)) {
		if (++n > PAGE) {
			json_set_fmt(out, "NextToken", "%lld", (long long)last);
			break;
		}
		last = store_int(&r, 0);
		cJSON_AddItemToArray(list, cJSON_Parse(store_text(&r, 1)));
	}
	return 0;
}

int engine_describe_events(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(engine_stack_release) struct engine_stack s = { 0 };
	const char *name = json_str(in, "StackName", "");
	int rc = engine_stack_find(&s, c, name);

	if (rc == 0)
		return fault_set(&c->fault, 400, "ValidationError",
				 "Stack [%s] does not exist", name);
	if (rc < 0)
		return -1;
	return read_events(c, in, s.id, json_set_array(out, "StackEvents"), out);
}

static const char *outcome(const char *status)
{
	if (str_ends(status, "_IN_PROGRESS"))
		return "IN_PROGRESS";
	return str_ends(status, "_FAILED") || strstr(status, "ROLLBACK") ? "FAILED"
									 : "SUCCEEDED";
}

/* Stack events as DescribeEvents has them; those that tell no failure go if asked. */
static void to_operation_events(cJSON *list, bool failed_only, const char *operation)
{
	cJSON *next;

	for (cJSON *e = list->child; e; e = next) {
		const char *status = json_str(e, "ResourceStatus", "");
		bool failed = str_ends(status, "_FAILED");

		next = e->next;
		if ((failed_only && !failed) ||
		    (operation && !str_eq(operation, json_str(e, "OperationId", NULL)))) {
			cJSON_Delete(cJSON_DetachItemViaPointer(list, e));
			continue;
		}
		json_set_str(e, "EventType",
			     failed ? "PROVISIONING_ERROR" : "STACK_EVENT");
		if (str_eq(json_str(e, "ResourceType", ""), ENGINE_STACK_TYPE))
			json_set_str(e, "OperationStatus", outcome(status));
		cJSON_DeleteItemFromObjectCaseSensitive(e, "StackName");
	}
}

/* The stack that an operation belongs to; owned by the caller. */
static char *stack_of_operation(struct call *c, const char *operation)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };

	if (store_query(&r, c->emu->store, NULL,
			"SELECT stack_id FROM cfn_events WHERE instr(doc, ?) LIMIT 1",
			"s", operation) < 0 ||
	    !store_next(&r))
		return NULL;
	return xstrdup(store_text(&r, 0));
}

int engine_describe_operation_events(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(engine_stack_release) struct engine_stack s = { 0 };
	cJSON *list = json_set_array(out, "OperationEvents");
	const char *name = json_str(in, "StackName", NULL);
	const char *operation = json_str(in, "OperationId", NULL);
	FP_AUTO(freep) char *owner = operation ? stack_of_operation(c, operation) : NULL;

	if (json_str(in, "ChangeSetName", NULL))
		return engine_change_set_findings(c, in, list);
	if (operation && !owner)
		return fault_set(&c->fault, 400, "ValidationError",
				 "Operation [%s] does not exist", operation);
	if (!name && !owner)
		return fault_set(
			&c->fault, 400, "ValidationError",
			"StackName, ChangeSetName or OperationId must be specified");
	if (engine_stack_get(&s, c, owner ? owner : name) < 0 ||
	    read_events(c, in, s.id, list, out) < 0)
		return -1;
	to_operation_events(list, json_bool(in, "Filters.FailedEvents", false),
			    operation);
	return 0;
}
