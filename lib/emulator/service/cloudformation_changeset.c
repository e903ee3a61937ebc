#include "emulator/service/cloudformation.h"

#include "base/digest.h"
#include "base/json.h"
#include "emulator/bus.h"
#include "emulator/common.h"
#include "emulator/service/cloudformation_changeset.h"

#define REFUSED "ValidationError"
#define NO_CHANGES                                                            \
	"The submitted information didn't contain changes. Submit different " \
	"information to "                                                     \
	"create a change set."
#define EARLY_VALIDATION "AWS::EarlyValidation::PropertyValidation"
#define PLAN_RETRIES	 10

static bool is_create(const cJSON *in)
{
	return str_eq(json_str(in, "ChangeSetType", "UPDATE"), "CREATE");
}

static int check_stack(struct call *c, const cJSON *in, const struct engine_stack *s,
		       int found)
{
	const char *name = json_str(in, "StackName", "");
	bool review = found && str_eq(engine_status(s), "REVIEW_IN_PROGRESS");

	if (str_eq(json_str(in, "ChangeSetType", "UPDATE"), "IMPORT"))
		return fault_set(&c->fault, 501, "NotImplemented",
				 "the emulator has no change sets of type IMPORT");
	if (is_create(in) && found && !review)
		return fault_set(
			&c->fault, 400, REFUSED,
			"Stack [%s] already exists and cannot be created again with the "
			"changeSet [%s].",
			s->name, json_str(in, "ChangeSetName", ""));
	if (is_create(in))
		return str_starts(name, "arn:") && !found
			       ? fault_set(&c->fault, 400, REFUSED,
					   "Stack [%s] does not exist", name)
			       : 0;
	if (!found || str_eq(engine_status(s), "DELETE_COMPLETE"))
		return fault_set(&c->fault, 400, REFUSED, "Stack [%s] does not exist",
				 name);
	return engine_may_update(c, s);
}

static cJSON *new_doc(struct call *c, const cJSON *in, const struct engine_stack *s,
		      const cJSON *desired, const struct node *source)
{
	static const char *const lists[] = { "Tags", "Capabilities", "NotificationARNs" };
	const char *name = json_str(in, "ChangeSetName", "");
	FP_AUTO(freep) char *now = engine_now();
	FP_AUTO(freep) char *resource = NULL;
	FP_AUTO(freep) char *id = NULL;
	cJSON *doc = cJSON_CreateObject();
	char uuid[37];

	random_uuid(uuid);
	resource = xasprintf("changeSet/%s/%s", name, uuid);
	id = service_arn(c, "cloudformation", c->region, resource);
	json_set_str(doc, "ChangeSetName", name);
	json_set_str(doc, "ChangeSetId", id);
	json_set_str(doc, "StackId", s->id);
	json_set_str(doc, "StackName", s->name);
	json_set_str(doc, "Description", json_str(in, "Description", NULL));
	json_set_str(doc, "CreationTime", now);
	json_set_str(doc, "ExecutionStatus", "UNAVAILABLE");
	json_set_str(doc, "Status", "CREATE_PENDING");
	json_set_str(doc, "OnStackFailure", json_str(in, "OnStackFailure", NULL));
	json_set_bool(doc, "IncludeNestedStacks", false);
	(void)json_set_object(doc, "RollbackConfiguration");
	json_set_bool(doc, "ImportExistingResources",
		      json_bool(in, "ImportExistingResources", false));
	if (json_get(in, "DeploymentConfig"))
		json_set(doc, "DeploymentConfig",
			 cJSON_Duplicate(json_get(in, "DeploymentConfig"), true));
	json_set(doc, "Parameters",
		 engine_parameters_shown(source, json_get(desired, "Parameters")));
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		if (json_get(desired, lists[i]))
			json_set(doc, lists[i],
				 cJSON_Duplicate(json_get(desired, lists[i]), true));
	return doc;
}

static int store_new(struct call *c, struct engine_stack *s, struct change_set *set)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	if (!s->seq) {
		FP_AUTO(engine_stack_release) struct engine_stack other = { 0 };
		int rc = engine_stack_find(&other, c, s->name);

		if (rc == 1)
			(void)fault_set(&c->fault, 400, "AlreadyExistsException",
					"Stack [%s] already exists", s->name);
		if (rc != 0 || engine_transition(c, s, "REVIEW_IN_PROGRESS",
						 ENGINE_USER_INITIATED) < 0)
			return -1;
	}
	if (change_set_save(c, set) < 0)
		return -1;
	json_set_str(in, "ChangeSetId", set->id);
	return bus_enqueue(c, "cloudformation", "FpctlChangeSet", in, PLAN_RETRIES, 0);
}

static int create(struct call *c, const cJSON *in, struct engine_stack *s,
		  struct change_set *set)
{
	FP_AUTO(engine_template_release) struct engine_template t = { 0 };
	const char *token = json_str(in, "ClientToken", NULL);

	set->desired = engine_desire(c, in, s, &t);
	if (!set->desired)
		return -1;
	set->doc = new_doc(c, in, s, set->desired, t.source);
	set->id = xstrdup(json_str(set->doc, "ChangeSetId", ""));
	set->stack_id = xstrdup(s->id);
	set->name = xstrdup(json_str(in, "ChangeSetName", ""));
	set->token = token ? xstrdup(token) : NULL;
	if (engine_begin(c) < 0)
		return -1;
	if (store_new(c, s, set) < 0) {
		engine_rollback(c);
		return -1;
	}
	return engine_commit(c);
}

static void answer(cJSON *out, const struct change_set *set)
{
	json_set_str(out, "Id", set->id);
	json_set_str(out, "StackId", set->stack_id);
}

/* 1 when the same request made it before. */
static int find_repeated(struct call *c, const cJSON *in, const struct engine_stack *s,
			 struct change_set *set)
{
	const char *name = json_str(in, "ChangeSetName", "");
	const char *token = json_str(in, "ClientToken", NULL);
	int rc = change_set_find(set, c, s->id, name);

	if (rc != 1 || (token && str_eq(token, set->token)))
		return rc;
	return fault_set(
		&c->fault, 400, "AlreadyExistsException",
		"ChangeSet %s cannot be created due to a name conflict: stack %s has one "
		"of that name",
		name, s->name);
}

int engine_create_change_set(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(engine_stack_release) struct engine_stack s = { 0 };
	FP_AUTO(change_set_release) struct change_set set = { 0 };
	const char *name = json_str(in, "StackName", "");
	int rc, repeated = 0;

	if ((!str_starts(name, "arn:") && engine_check_name(c, "stackName", name) < 0) ||
	    engine_check_name(c, "changeSetName", json_str(in, "ChangeSetName", "")) < 0)
		return -1;
	rc = engine_stack_find(&s, c, name);
	if (rc == 1)
		repeated = find_repeated(c, in, &s, &set);
	if (rc < 0 || repeated < 0)
		return -1;
	if (!repeated) {
		if (check_stack(c, in, &s, rc) < 0)
			return -1;
		if (!rc)
			engine_stack_new(&s, c, name);
		if (create(c, in, &s, &set) < 0)
			return -1;
	}
	answer(out, &set);
	return 0;
}

static void fail(struct change_set *set, const char *reason)
{
	json_set_str(set->doc, "Status", "FAILED");
	json_set_str(set->doc, "StatusReason", reason);
	json_set_str(set->doc, "ExecutionStatus", "UNAVAILABLE");
}

/* What early validation found: the reason names it, DescribeEvents tells it all. */
static void fail_validation(struct change_set *set)
{
	const cJSON *first = set->findings->child;
	FP_AUTO(freep)
	char *reason = xasprintf(
		"The following hook(s)/validation failed: [" EARLY_VALIDATION
		"]. %s: %s. To troubleshoot Early Validation errors, use the "
		"DescribeEvents API "
		"for detailed failure information.",
		json_str(first, "Path", ""), json_str(first, "Reason", ""));

	fail(set, reason);
}

static int plan(struct call *c, const struct engine_stack *s, struct change_set *set)
{
	FP_AUTO(engine_template_release) struct engine_template t = { 0 };
	cJSON *changes = json_set_array(set->doc, "Changes");
	bool any = false;

	if (engine_template_load(&t, c, json_str(set->desired, "Template", "")) < 0 ||
	    engine_changes(c, s, set->desired, &t, changes, &any) < 0) {
		if (c->fault.status >= 500)
			return -1;
		fail(set, c->fault.message);
		memset(&c->fault, 0, sizeof(c->fault));
		return 0;
	}
	cJSON_Delete(set->findings);
	set->findings = engine_check_properties(&t);
	if (set->findings->child) {
		fail_validation(set);
	} else if (!any) {
		fail(set, NO_CHANGES);
	} else {
		json_set_str(set->doc, "Status", "CREATE_COMPLETE");
		json_set_str(set->doc, "ExecutionStatus", "AVAILABLE");
	}
	return 0;
}

int engine_plan_change_set(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	FP_AUTO(change_set_release) struct change_set set = { 0 };
	FP_AUTO(engine_stack_release) struct engine_stack s = { 0 };
	int rc = change_set_find(&set, c, NULL, json_str(in, "ChangeSetId", ""));

	/* It was deleted meanwhile. */
	if (rc <= 0 || !str_eq(json_str(set.doc, "Status", ""), "CREATE_PENDING"))
		return rc < 0 ? -1 : 0;
	rc = engine_stack_find(&s, c, set.stack_id);
	if (rc <= 0)
		return rc;
	if (plan(c, &s, &set) < 0 || engine_begin(c) < 0)
		return -1;
	if (change_set_save(c, &set) < 0) {
		engine_rollback(c);
		return -1;
	}
	return engine_commit(c);
}

static const char *operation_type(const struct engine_stack *s)
{
	return str_eq(engine_status(s), "REVIEW_IN_PROGRESS") ? "CREATE_STACK"
							      : "UPDATE_STACK";
}

/* The operation takes what is desired; the other change sets are void. */
static int execute(struct call *c, const cJSON *in, struct engine_stack *s,
		   struct change_set *set)
{
	bool create = str_eq(engine_status(s), "REVIEW_IN_PROGRESS");
	FP_AUTO(engine_template_release) struct engine_template t = { 0 };
	cJSON *desired = cJSON_Duplicate(set->desired, true), *operation;
	const char *wish = json_str(set->doc, "OnStackFailure", NULL);

	operation = engine_operation(in, operation_type(s), create ? NULL : desired);
	json_set_str(operation, "ChangeSetId", set->id);
	json_set_str(operation, "OnFailure", wish);
	json_set_bool(operation, "Import",
		      json_bool(set->doc, "ImportExistingResources", false));
	if (json_bool(set->doc, "DeploymentConfig.DisableRollback", false))
		json_set_bool(operation, "DisableRollback", true);
	if (create) {
		s->deployed = desired;
		if (engine_template_load(&t, c, json_str(desired, "Template", "")) < 0) {
			cJSON_Delete(operation);
			return -1;
		}
		engine_show(s, desired, t.source);
	}
	json_set_str(s->doc, "ChangeSetId", set->id);
	json_set_str(set->doc, "ExecutionStatus", "EXECUTE_IN_PROGRESS");
	if (change_set_save(c, set) < 0 || change_sets_forget(c, s->id, set->id) < 0) {
		cJSON_Delete(operation);
		return -1;
	}
	return engine_start(c, s, operation,
			    create ? "CREATE_IN_PROGRESS" : "UPDATE_IN_PROGRESS");
}

static int check_executable(struct call *c, const cJSON *in, const struct engine_stack *s,
			    const struct change_set *set, bool *repeated)
{
	const char *status = json_str(set->doc, "ExecutionStatus", "");
	const char *token = json_str(in, "ClientRequestToken", NULL);
	FP_AUTO(freep) char *last = token ? engine_last_token(c, s) : NULL;

	*repeated = str_starts(status, "EXECUTE_") && token && str_eq(token, last);
	if (*repeated)
		return 0;
	if (!str_eq(status, "AVAILABLE"))
		return fault_set(
			&c->fault, 400, "InvalidChangeSetStatus",
			"ChangeSet [%s] cannot be executed in its current status of [%s]",
			set->id,
			str_starts(status, "EXECUTE_")
				? status
				: json_str(set->doc, "Status", ""));
	return str_eq(engine_status(s), "REVIEW_IN_PROGRESS") && !engine_busy(s)
		       ? 0
		       : engine_may_update(c, s);
}

int engine_execute_change_set(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	FP_AUTO(engine_stack_release) struct engine_stack s = { 0 };
	FP_AUTO(change_set_release) struct change_set set = { 0 };
	bool repeated = false;

	if (change_set_get(&set, c, in) < 0 ||
	    engine_stack_get(&s, c, set.stack_id) < 0 ||
	    check_executable(c, in, &s, &set, &repeated) < 0)
		return -1;
	if (repeated)
		return 0;
	if (engine_begin(c) < 0)
		return -1;
	if (execute(c, in, &s, &set) < 0) {
		engine_rollback(c);
		return -1;
	}
	return engine_commit(c);
}

static int erase(struct call *c, void *arg)
{
	const struct change_set *set = arg;
	struct fp_error err = { 0 };

	if (store_exec(c->emu->store, &err, "DELETE FROM cfn_change_sets WHERE id = ?",
		       "s", set->id) < 0)
		return fault_from(&c->fault, &err);
	return 0;
}

int engine_delete_change_set(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	FP_AUTO(change_set_release) struct change_set set = { 0 };

	if (change_set_get(&set, c, in) < 0) {
		/* As with stacks: what is not there is deleted. */
		if (!str_eq(c->fault.code, "ChangeSetNotFound"))
			return -1;
		memset(&c->fault, 0, sizeof(c->fault));
		return 0;
	}
	if (str_eq(json_str(set.doc, "ExecutionStatus", ""), "EXECUTE_IN_PROGRESS"))
		return fault_set(
			&c->fault, 400, "InvalidChangeSetStatus",
			"ChangeSet [%s] cannot be deleted in its current status of "
			"[EXECUTE_IN_PROGRESS]",
			set.id);
	return in_transaction(c, erase, &set);
}
