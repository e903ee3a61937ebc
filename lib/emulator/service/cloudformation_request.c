#include "emulator/service/cloudformation.h"

#include "base/digest.h"
#include "base/json.h"
#include "emulator/bus.h"
#include "emulator/common.h"

#define NAME_MAX_LEN 128
#define MAX_TAGS     50
/* Only the store can make a delivery fail, and the operation must not be lost. */
#define RETRIES UINT32_MAX

int engine_check_name(struct call *c, const char *member, const char *name)
{
	size_t n = strlen(name);

	if (!n || n > NAME_MAX_LEN ||
	    !strchr("abcdefghijklmnopqrstuvwxyz", name[0] | 0x20) ||
	    strspn(name,
		   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") !=
		    n)
		return fault_set(
			&c->fault, 400, "ValidationError",
			"1 validation error detected: Value '%.200s' at '%s' failed to "
			"satisfy constraint: Member must satisfy regular expression "
			"pattern: [a-zA-Z][-a-zA-Z0-9]*, of at most %d characters",
			name, member, NAME_MAX_LEN);
	return 0;
}

void engine_stack_new(struct engine_stack *s, struct call *c, const char *name)
{
	FP_AUTO(freep) char *resource = NULL;
	FP_AUTO(freep) char *now = engine_now();
	char uuid[37];

	random_uuid(uuid);
	resource = xasprintf("stack/%s/%s", name, uuid);
	*s = (struct engine_stack){ .name = xstrdup(name), .doc = cJSON_CreateObject() };
	s->id = service_arn(c, "cloudformation", c->region, resource);
	json_set_str(s->doc, "StackId", s->id);
	json_set_str(s->doc, "StackName", name);
	json_set_str(s->doc, "CreationTime", now);
	json_set_bool(s->doc, "DisableRollback", false);
	json_set_bool(s->doc, "EnableTerminationProtection", false);
	json_set_str(json_set_object(s->doc, "DriftInformation"), "StackDriftStatus",
		     "NOT_CHECKED");
	(void)json_set_object(s->doc, "RollbackConfiguration");
	(void)json_set_array(s->doc, "NotificationARNs");
}

static int compare_tags(const void *a, const void *b)
{
	return strcmp(json_str(*(cJSON *const *)a, "Key", ""),
		      json_str(*(cJSON *const *)b, "Key", ""));
}

/* By key, so that the same tags in another order are the same. */
static cJSON *sorted_tags(const cJSON *tags)
{
	cJSON *v[MAX_TAGS] = { NULL }, *sorted = cJSON_CreateArray();
	size_t n = 0;

	json_each (tag, tags)
		v[n++] = tag;
	qsort(v, n, sizeof(*v), compare_tags);
	for (size_t i = 0; i < n; i++) {
		cJSON *tag = json_push_object(sorted);

		json_set_str(tag, "Key", json_str(v[i], "Key", ""));
		json_set_str(tag, "Value", json_str(v[i], "Value", ""));
	}
	return sorted;
}

static int check_tags(struct call *c, const cJSON *tags)
{
	size_t n = 0;

	json_each (tag, tags) {
		const char *key = json_str(tag, "Key", "");

		if (!*key || str_starts(key, "aws:"))
			return fault_set(
				&c->fault, 400, "ValidationError",
				"tag key '%.200s' is not allowed: it is empty or has the "
				"reserved prefix aws:",
				key);
		if (++n > MAX_TAGS)
			return fault_set(&c->fault, 400, "ValidationError",
					 "a stack has at most %d tags", MAX_TAGS);
	}
	return 0;
}

/* Lists that are not given stay as they were. */
static int put_lists(struct call *c, cJSON *desired, const cJSON *in,
		     const struct engine_stack *s)
{
	const cJSON *tags = json_get(in, "Tags"),
		    *arns = json_get(in, "NotificationARNs");
	const cJSON *given = json_get(in, "Capabilities");

	if (!tags)
		tags = json_get(s->deployed, "Tags");
	if (!arns)
		arns = json_get(s->deployed, "NotificationARNs");
	if (check_tags(c, tags) < 0)
		return -1;
	json_set(desired, "Tags", sorted_tags(tags));
	if (cJSON_IsArray(arns))
		json_set(desired, "NotificationARNs", cJSON_Duplicate(arns, true));
	if (cJSON_IsArray(given))
		json_set(desired, "Capabilities", cJSON_Duplicate(given, true));
	json_set_str(desired, "RoleARN",
		     json_str(in, "RoleARN", json_str(s->deployed, "RoleARN", NULL)));
	return 0;
}

static int fill(struct call *c, cJSON *desired, const cJSON *in,
		const struct engine_stack *s, struct engine_template *t)
{
	FP_AUTO(engine_scope_release) struct engine_scope scope = { 0 };
	const char *text = json_str(desired, "Template", "");

	if (put_lists(c, desired, in, s) < 0 || engine_template_load(t, c, text) < 0)
		return -1;
	if (strstr(text, "{{resolve:"))
		return fault_set(
			&c->fault, 501, "NotImplemented",
			"the emulator does not resolve dynamic references such as "
			"{{resolve:ssm:...}}");
	if (engine_parameters(c, t->source, json_get(in, "Parameters"),
			      json_get(s->deployed, "Parameters"),
			      json_set_array(desired, "Parameters")) < 0)
		return -1;
	engine_scope_init(&scope, c, s, desired, t);
	if (engine_fold(t, c, &scope) < 0)
		return -1;
	return engine_capabilities(c, t, json_get(in, "Capabilities"));
}

/* What is asked for and would not be done is refused. Of these, IAM is not enforced
 * (RoleARN), and nothing takes so long that it had to be stopped (TimeoutInMinutes). */
static int check_members(struct call *c, const cJSON *in)
{
	static const char *const supported[] = {
		"Action",
		"Version",
		"StackName",
		"TemplateBody",
		"TemplateURL",
		"UsePreviousTemplate",
		"Parameters",
		"Capabilities",
		"Tags",
		"NotificationARNs",
		"RoleARN",
		"TimeoutInMinutes",
		"DisableRollback",
		"OnFailure",
		"OnStackFailure",
		"RetainExceptOnCreate",
		"EnableTerminationProtection",
		"DeploymentConfig",
		"ClientRequestToken",
		"ClientToken",
		"ChangeSetName",
		"ChangeSetType",
		"Description",
		"IncludeNestedStacks",
		"ImportExistingResources",
		NULL,
	};

	if (json_bool(in, "IncludeNestedStacks", false))
		return fault_set(&c->fault, 501, "NotImplemented",
				 "the emulator has no nested stacks");
	if (json_bool(in, "ImportExistingResources", false) &&
	    !str_eq(json_str(in, "ChangeSetType", ""), "CREATE"))
		return fault_set(
			&c->fault, 501, "NotImplemented",
			"the emulator imports existing resources into new stacks only");
	return refuse_unsupported(c, c->action, in, supported);
}

cJSON *engine_desire(struct call *c, const cJSON *in, const struct engine_stack *s,
		     struct engine_template *t)
{
	FP_AUTO(freep) char *text = NULL;
	cJSON *desired;

	if (check_members(c, in) < 0)
		return NULL;
	text = engine_template_text(c, in, s);
	if (!text)
		return NULL;
	desired = cJSON_CreateObject();
	json_set_str(desired, "Template", text);
	if (fill(c, desired, in, s, t) == 0)
		return desired;
	cJSON_Delete(desired);
	return NULL;
}

int engine_may_update(struct call *c, const struct engine_stack *s)
{
	static const char *const fit[] = {
		"CREATE_COMPLETE",	    "CREATE_FAILED",
		"UPDATE_COMPLETE",	    "UPDATE_FAILED",
		"UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE",
	};

	for (size_t i = 0; i < ARRAY_SIZE(fit) && !engine_busy(s); i++)
		if (str_eq(engine_status(s), fit[i]))
			return 0;
	return fault_set(&c->fault, 400, "ValidationError",
			 "Stack:%s is in %s state and can not be updated.", s->id,
			 engine_status(s));
}

void engine_show(struct engine_stack *s, const cJSON *desired, const struct node *source)
{
	static const char *const names[] = { "Tags", "Capabilities", "NotificationARNs",
					     "RoleARN" };
	const char *description = node_text(node_get(source, "Description"));

	cJSON_DeleteItemFromObjectCaseSensitive(s->doc, "Description");
	json_set_str(s->doc, "Description", description);
	json_set(s->doc, "Parameters",
		 engine_parameters_shown(source, json_get(desired, "Parameters")));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const cJSON *value = json_get(desired, names[i]);

		cJSON_DeleteItemFromObjectCaseSensitive(s->doc, names[i]);
		if (value)
			json_set(s->doc, names[i], cJSON_Duplicate(value, true));
	}
}

cJSON *engine_operation(const cJSON *in, const char *type, cJSON *desired)
{
	cJSON *o = cJSON_CreateObject();
	const char *token = json_str(in, "ClientRequestToken", NULL);
	char id[37];

	random_uuid(id);
	json_set_str(o, "Id", id);
	json_set_str(o, "Type", type);
	json_set_str(o, "Token", token);
	json_set_bool(o, "DisableRollback",
		      json_bool(in, "DisableRollback", false) ||
			      json_bool(in, "DeploymentConfig.DisableRollback", false));
	json_set_bool(o, "RetainExceptOnCreate",
		      json_bool(in, "RetainExceptOnCreate", false));
	json_set_str(o, "OnFailure", json_str(in, "OnFailure", NULL));
	if (desired)
		json_set(o, "Desired", desired);
	return o;
}

static void note_operation(struct engine_stack *s)
{
	cJSON *last = json_push_object(json_set_array(s->doc, "LastOperations"));

	json_set_str(last, "OperationType", json_str(s->operation, "Type", ""));
	json_set_str(last, "OperationId", json_str(s->operation, "Id", ""));
	if (str_eq(json_str(s->operation, "Type", ""), "UPDATE_STACK")) {
		FP_AUTO(freep) char *now = engine_now();

		json_set_str(s->doc, "LastUpdatedTime", now);
	}
}

/* What was decided on must still be so: another request may have been faster. */
static int check_unchanged(struct call *c, const struct engine_stack *s)
{
	FP_AUTO(engine_stack_release) struct engine_stack now = { 0 };
	int rc = engine_stack_find(&now, c, s->seq ? s->id : s->name);

	if (rc < 0)
		return -1;
	if (!s->seq && rc == 1)
		return fault_set(&c->fault, 400, "AlreadyExistsException",
				 "Stack [%s] already exists", s->name);
	if (s->seq && (rc == 0 || engine_busy(&now) ||
		       !str_eq(engine_status(&now), engine_status(s))))
		return fault_set(&c->fault, 400, "ValidationError",
				 "Stack:%s is in %s state and can not be updated.", s->id,
				 rc ? engine_status(&now) : "DELETE_COMPLETE");
	return 0;
}

static int start(struct call *c, struct engine_stack *s, const char *status)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	if (check_unchanged(c, s) < 0)
		return -1;
	json_set_str(in, "StackId", s->id);
	json_set_str(in, "OperationId", json_str(s->operation, "Id", ""));
	if (engine_transition(c, s, status, ENGINE_USER_INITIATED) < 0)
		return -1;
	return bus_enqueue(c, "cloudformation", "FpctlExecute", in, RETRIES, 0);
}

int engine_start(struct call *c, struct engine_stack *s, cJSON *operation,
		 const char *status)
{
	s->operation = operation;
	note_operation(s);
	json_set_bool(s->doc, "DisableRollback",
		      json_bool(operation, "DisableRollback", false));
	if (engine_begin(c) < 0)
		return -1;
	if (start(c, s, status) < 0) {
		engine_rollback(c);
		return -1;
	}
	return engine_commit(c);
}
