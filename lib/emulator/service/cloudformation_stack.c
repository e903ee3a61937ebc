#include "emulator/service/cloudformation.h"

#include "base/json.h"
#include "emulator/common.h"

#define REFUSED "ValidationError"

static void answer(cJSON *out, const struct engine_stack *s)
{
	json_set_str(out, "StackId", s->id);
	json_set_str(out, "OperationId", json_str(s->operation, "Id", NULL));
}

/* The token of the last operation: the same call again. */
static bool is_repeated(struct call *c, const struct engine_stack *s, const cJSON *in)
{
	const char *token = json_str(in, "ClientRequestToken", NULL);
	FP_AUTO(freep) char *last = token ? engine_last_token(c, s) : NULL;

	return token && str_eq(token, last);
}

/* Early validation's findings as one ValidationError. */
static int refuse_properties(struct call *c, const struct engine_template *t)
{
	FP_AUTO(json_freep) cJSON *findings = engine_check_properties(t);
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	json_each (f, findings)
		buf_printf(&text, "%s%s: %s", text.len ? "; " : "",
			   json_str(f, "Path", ""), json_str(f, "Reason", ""));
	if (!text.len)
		return 0;
	return fault_set(&c->fault, 400, REFUSED, "Properties validation failed: %s",
			 buf_str(&text));
}

static int check_create(struct call *c, const cJSON *in, const char *name)
{
	if (engine_check_name(c, "stackName", name) < 0)
		return -1;
	if (json_get(in, "OnFailure") && json_get(in, "DisableRollback"))
		return fault_set(
			&c->fault, 400, REFUSED,
			"You can specify either DisableRollback or OnFailure, but not "
			"both.");
	return 0;
}

static int create_stack(struct call *c, const cJSON *in, cJSON *out,
			struct engine_stack *s)
{
	FP_AUTO(engine_template_release) struct engine_template t = { 0 };
	cJSON *desired = engine_desire(c, in, s, &t);

	if (!desired)
		return -1;
	s->deployed = desired;
	if (refuse_properties(c, &t) < 0)
		return -1;
	engine_show(s, desired, t.source);
	json_set_bool(s->doc, "EnableTerminationProtection",
		      json_bool(in, "EnableTerminationProtection", false));
	if (engine_start(c, s, engine_operation(in, "CREATE_STACK", NULL),
			 "CREATE_IN_PROGRESS") < 0)
		return -1;
	answer(out, s);
	return 0;
}

int engine_create_stack(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(engine_stack_release) struct engine_stack s = { 0 };
	const char *name = json_str(in, "StackName", "");
	int rc;

	if (check_create(c, in, name) < 0)
		return -1;
	rc = engine_stack_find(&s, c, name);
	if (rc < 0)
		return -1;
	if (rc == 1 && is_repeated(c, &s, in)) {
		answer(out, &s);
		return 0;
	}
	if (rc == 1)
		return fault_set(&c->fault, 400, "AlreadyExistsException",
				 "Stack [%s] already exists", name);
	engine_stack_new(&s, c, name);
	return create_stack(c, in, out, &s);
}

static int update_stack(struct call *c, const cJSON *in, cJSON *out,
			struct engine_stack *s)
{
	FP_AUTO(engine_template_release) struct engine_template t = { 0 };
	FP_AUTO(json_freep) cJSON *desired = engine_desire(c, in, s, &t);
	FP_AUTO(json_freep) cJSON *changes = cJSON_CreateArray();
	bool any = false;

	if (!desired || refuse_properties(c, &t) < 0 ||
	    engine_changes(c, s, desired, &t, changes, &any) < 0)
		return -1;
	if (!any)
		return fault_set(&c->fault, 400, REFUSED,
				 "No updates are to be performed.");
	if (engine_start(
		    c, s,
		    engine_operation(in, "UPDATE_STACK", cJSON_Duplicate(desired, true)),
		    "UPDATE_IN_PROGRESS") < 0)
		return -1;
	answer(out, s);
	return 0;
}

int engine_update_stack(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(engine_stack_release) struct engine_stack s = { 0 };
	const char *name = json_str(in, "StackName", "");
	int rc = engine_stack_find(&s, c, name);

	if (rc < 0)
		return -1;
	if (rc == 0 || str_eq(engine_status(&s), "DELETE_COMPLETE"))
		return fault_set(&c->fault, 400, REFUSED, "Stack [%s] does not exist",
				 name);
	if (is_repeated(c, &s, in)) {
		answer(out, &s);
		return 0;
	}
	return engine_may_update(c, &s) < 0 ? -1 : update_stack(c, in, out, &s);
}

/* Others must not lose what they import. */
static int check_unused(struct call *c, const struct engine_stack *s)
{
	json_each (o, json_get(s->doc, "Outputs")) {
		const char *name = json_str(o, "ExportName", NULL);
		FP_AUTO(freep) char *user = name ? engine_importer(c, s, name) : NULL;

		if (user)
			return fault_set(
				&c->fault, 400, REFUSED,
				"Export %s cannot be deleted as it is in use by %s", name,
				user);
	}
	return 0;
}

static int check_delete(struct call *c, const cJSON *in, const struct engine_stack *s)
{
	const cJSON *retain = json_get(in, "RetainResources");

	if (engine_busy(s))
		return fault_set(&c->fault, 400, REFUSED,
				 "Stack [%s] cannot be deleted while in status %s",
				 s->name, engine_status(s));
	if (json_bool(s->doc, "EnableTerminationProtection", false))
		return fault_set(
			&c->fault, 400, REFUSED,
			"Stack [%s] cannot be deleted while TerminationProtection is "
			"enabled",
			s->name);
	if (cJSON_IsArray(retain) && retain->child &&
	    !str_eq(engine_status(s), "DELETE_FAILED"))
		return fault_set(
			&c->fault, 400, REFUSED,
			"Invalid operation on stack [%s]. RetainResources is only valid "
			"for stacks in the DELETE_FAILED state",
			s->name);
	return check_unused(c, s);
}

int engine_delete_stack(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	FP_AUTO(engine_stack_release) struct engine_stack s = { 0 };
	const char *name = json_str(in, "StackName", "");
	const cJSON *retain = json_get(in, "RetainResources");
	cJSON *operation;
	int rc;

	if (!*name)
		return engine_check_name(c, "stackName", name);
	rc = engine_stack_find(&s, c, name);
	/* What is gone is deleted already. */
	if (rc <= 0 || str_starts(engine_status(&s), "DELETE_COMPLETE") ||
	    str_eq(engine_status(&s), "DELETE_IN_PROGRESS"))
		return rc < 0 ? -1 : 0;
	if (check_delete(c, in, &s) < 0)
		return -1;
	operation = engine_operation(in, "DELETE_STACK", NULL);
	if (cJSON_IsArray(retain))
		json_set(operation, "Retain", cJSON_Duplicate(retain, true));
	json_set_bool(operation, "Force",
		      str_eq(json_str(in, "DeletionMode", ""), "FORCE_DELETE_STACK"));
	return engine_start(c, &s, operation, "DELETE_IN_PROGRESS");
}

int engine_continue_rollback(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	FP_AUTO(engine_stack_release) struct engine_stack s = { 0 };
	const cJSON *skip = json_get(in, "ResourcesToSkip");
	cJSON *operation;

	if (engine_stack_get(&s, c, json_str(in, "StackName", "")) < 0)
		return -1;
	if (engine_busy(&s) || !str_eq(engine_status(&s), "UPDATE_ROLLBACK_FAILED"))
		return fault_set(
			&c->fault, 400, REFUSED,
			"Stack:%s is in %s state and can not continue its rollback.",
			s.id, engine_status(&s));
	operation = engine_operation(in, "CONTINUE_ROLLBACK", NULL);
	if (cJSON_IsArray(skip))
		json_set(operation, "Skip", cJSON_Duplicate(skip, true));
	return engine_start(c, &s, operation, "UPDATE_ROLLBACK_IN_PROGRESS");
}

int engine_protect_stack(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(engine_stack_release) struct engine_stack s = { 0 };
	const char *name = json_str(in, "StackName", "");
	int rc = engine_begin(c);

	if (rc < 0)
		return -1;
	rc = engine_stack_get(&s, c, name);
	if (rc == 0) {
		json_set_bool(s.doc, "EnableTerminationProtection",
			      json_bool(in, "EnableTerminationProtection", false));
		rc = engine_stack_save(c, &s);
	}
	if (rc < 0) {
		engine_rollback(c);
		return -1;
	}
	json_set_str(out, "StackId", s.id);
	return engine_commit(c);
}
