#include "emulator/service/cloudformation.h"

#include <stdatomic.h>

#include "base/json.h"

/* A stack's status, and what carries it on to the next one. */
struct phase {
	const char *status;
	int (*run)(struct engine_run *run);
};

static atomic_bool stopping;

void engine_stop(bool stop)
{
	atomic_store(&stopping, stop);
}

int engine_stopping(struct call *c)
{
	if (!atomic_load(&stopping))
		return 0;
	return fault_set(&c->fault, 503, "ServiceUnavailable", "the emulator stops");
}

static void run_release(struct engine_run *run)
{
	engine_stack_release(&run->stack);
	engine_template_release(&run->template);
	engine_resources_release(&run->resources);
	engine_scope_release(&run->scope);
	strs_release(&run->failed);
}

/* "The following resource(s) failed to create: [A, B]. " */
static char *failed_text(const struct engine_run *run, const char *what)
{
	struct buf text = BUF_INIT;

	buf_printf(&text, "The following resource(s) failed to %s: [", what);
	for (size_t i = 0; i < run->failed.n; i++)
		buf_printf(&text, "%s%s", i ? ", " : "", run->failed.v[i]);
	buf_puts(&text, "]. ");
	return buf_detach(&text);
}

/* The last step of an operation: nothing goes on any more. */
static int end_operation(struct engine_run *run, const char *status, const char *reason)
{
	const char *change_set = json_str(run->stack.operation, "ChangeSetId", NULL);
	bool good = str_eq(status, "CREATE_COMPLETE") ||
		    str_eq(status, "UPDATE_COMPLETE");

	if (change_set && engine_change_set_ended(run->call, change_set, good) < 0)
		return -1;
	if (engine_transition(run->call, &run->stack, status, reason) < 0)
		return -1;
	cJSON_Delete(run->stack.operation);
	run->stack.operation = NULL;
	run->desired = NULL;
	return engine_stack_save(run->call, &run->stack);
}

static int finish(struct engine_run *run, const char *status, const char *reason)
{
	if (engine_begin(run->call) < 0)
		return -1;
	if (end_operation(run, status, reason) < 0) {
		engine_rollback(run->call);
		return -1;
	}
	return engine_commit(run->call);
}

/* Template and scope for what is desired. */
static int prepare(struct engine_run *run)
{
	struct call *c = run->call;
	const char *text = json_str(run->desired, "Template", "");

	if (engine_template_load(&run->template, c, text) < 0)
		return -1;
	engine_scope_init(&run->scope, c, &run->stack, run->desired, &run->template);
	if (engine_fold(&run->template, c, &run->scope) < 0)
		return -1;
	run->scope.resources = &run->resources;
	return 0;
}

/* An export's name is unique, and what others import stays as it is. */
static int check_exports(struct engine_run *run, const cJSON *outputs, struct buf *reason)
{
	struct call *c = run->call;

	json_each (o, outputs) {
		const char *name = json_str(o, "ExportName", NULL);
		FP_AUTO(freep) char *owner = NULL;
		FP_AUTO(freep) char *value = name ? engine_export(c, name, &owner) : NULL;

		if (value && !str_eq(owner, run->stack.id)) {
			buf_printf(reason,
				   "Export with name %s is already exported by stack %s",
				   name, owner);
			return STEP_FAILED;
		}
	}
	json_each (old, json_get(run->stack.doc, "Outputs")) {
		const char *name = json_str(old, "ExportName", NULL), *now = NULL;
		FP_AUTO(freep)
		char *user = name ? engine_importer(c, &run->stack, name) : NULL;

		if (!user)
			continue;
		json_each (o, outputs)
			if (str_eq(json_str(o, "ExportName", NULL), name))
				now = json_str(o, "OutputValue", "");
		if (now && str_eq(now, json_str(old, "OutputValue", "")))
			continue;
		buf_printf(reason, "Export %s cannot be %s as it is in use by %s", name,
			   now ? "updated" : "deleted", user);
		return STEP_FAILED;
	}
	return 0;
}

/* The stack's outputs from what exists now; NULL with a reason. */
static cJSON *outputs_of(struct engine_run *run, struct buf *reason)
{
	struct fp_error err = { 0 };
	cJSON *outputs = engine_outputs(&run->template, &run->scope, true, &err);

	if (!outputs) {
		buf_printf(reason, "Template error: %s%s%s", err.message,
			   *err.where ? " at " : "", err.where);
		return NULL;
	}
	if (check_exports(run, outputs, reason) == 0)
		return outputs;
	cJSON_Delete(outputs);
	return NULL;
}

/* From now on nothing of it is rolled back. */
static int settle_resources(struct engine_run *run, bool good)
{
	const struct node *wanted = node_get(run->template.folded, "Resources");

	for (size_t i = 0; i < run->resources.n; i++) {
		struct engine_resource *r = run->resources.v[i];

		r->fresh = false;
		cJSON_Delete(r->before);
		r->before = NULL;
		if (good && r->place == PLACE_LIVE && !node_get(wanted, r->logical_id))
			r->place = PLACE_OLD;
		if (!good && r->place == PLACE_OLD)
			r->place = PLACE_DROP;
		if (engine_resource_save(run->call, run->stack.id, r) < 0)
			return -1;
	}
	return 0;
}

static void adopt_desired(struct engine_run *run)
{
	cJSON *desired = cJSON_DetachItemFromObjectCaseSensitive(run->stack.operation,
								 "Desired");

	if (!desired)
		return;
	cJSON_Delete(run->stack.deployed);
	run->stack.deployed = desired;
	engine_show(&run->stack, desired, run->template.source);
}

/* All resources are as desired: takes `outputs`. */
static int succeed(struct engine_run *run, cJSON *outputs)
{
	bool create = str_eq(engine_status(&run->stack), "CREATE_IN_PROGRESS");

	if (settle_resources(run, true) < 0) {
		cJSON_Delete(outputs);
		return -1;
	}
	adopt_desired(run);
	json_set(run->stack.doc, "Outputs", outputs);
	if (engine_exports_save(run->call, &run->stack, outputs, &run->scope.imports) < 0)
		return -1;
	if (create)
		return end_operation(run, "CREATE_COMPLETE", NULL);
	return engine_transition(run->call, &run->stack,
				 "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", NULL);
}

/* What was reached stays, and can be updated. */
static int stay(struct engine_run *run, const char *status, const char *reason)
{
	if (settle_resources(run, false) < 0)
		return -1;
	adopt_desired(run);
	return end_operation(run, status, reason);
}

static int in_one_transaction(struct engine_run *run, int rc)
{
	if (rc == 0)
		return engine_commit(run->call);
	engine_rollback(run->call);
	return -1;
}

/* Turn back, as far as the caller wants that. */
static int fail(struct engine_run *run, const char *reason)
{
	bool create = str_eq(engine_status(&run->stack), "CREATE_IN_PROGRESS");
	const char *wish = json_str(run->stack.operation, "OnFailure", "");

	if (engine_begin(run->call) < 0)
		return -1;
	if (json_bool(run->stack.operation, "DisableRollback", false) ||
	    str_eq(wish, "DO_NOTHING"))
		return in_one_transaction(
			run,
			stay(run, create ? "CREATE_FAILED" : "UPDATE_FAILED", reason));
	if (!create)
		return in_one_transaction(
			run, engine_transition(run->call, &run->stack,
					       "UPDATE_ROLLBACK_IN_PROGRESS", reason));
	return in_one_transaction(run, engine_transition(run->call, &run->stack,
							 str_eq(wish, "DELETE")
								 ? "DELETE_IN_PROGRESS"
								 : "ROLLBACK_IN_PROGRESS",
							 reason));
}

static int fail_resources(struct engine_run *run)
{
	bool create = str_eq(engine_status(&run->stack), "CREATE_IN_PROGRESS");
	FP_AUTO(freep) char *reason = failed_text(run, create ? "create" : "update");

	return fail(run, reason);
}

/* CREATE_IN_PROGRESS and UPDATE_IN_PROGRESS. */
static int apply_phase(struct engine_run *run)
{
	FP_AUTO(buf_release) struct buf reason = BUF_INIT;
	cJSON *outputs;
	int rc;

	if (prepare(run) < 0)
		return run->call->fault.status >= 500
			       ? -1
			       : fail(run, run->call->fault.message);
	rc = engine_apply(run);
	if (rc == STEP_FAILED)
		return fail_resources(run);
	if (rc < 0)
		return -1;
	outputs = outputs_of(run, &reason);
	if (!outputs)
		return fail(run, buf_str(&reason));
	if (engine_begin(run->call) < 0) {
		cJSON_Delete(outputs);
		return -1;
	}
	return in_one_transaction(run, succeed(run, outputs));
}

static int rollback_phase(struct engine_run *run)
{
	FP_AUTO(freep) char *reason = NULL;

	if (engine_remove(run, REMOVE_ALL) < 0)
		return -1;
	if (!run->failed.n)
		return finish(run, "ROLLBACK_COMPLETE", NULL);
	reason = failed_text(run, "delete");
	return finish(run, "ROLLBACK_FAILED", reason);
}

static int cleanup_phase(struct engine_run *run)
{
	bool rolled_back = str_starts(engine_status(&run->stack), "UPDATE_ROLLBACK");

	if (engine_remove(run, REMOVE_OLD) < 0)
		return -1;
	return finish(run, rolled_back ? "UPDATE_ROLLBACK_COMPLETE" : "UPDATE_COMPLETE",
		      run->failed.n
			      ? "Update successful. One or more resources could not be "
				"deleted."
			      : NULL);
}

/* The new ones are the old ones now, and the other way round. */
static int swap_places(struct engine_run *run)
{
	for (size_t i = 0; i < run->resources.n; i++) {
		struct engine_resource *r = run->resources.v[i];
		enum engine_place place = r->fresh ? PLACE_OLD : PLACE_LIVE;

		if (r->place == place ||
		    (r->place != PLACE_LIVE && r->place != PLACE_OLD))
			continue;
		r->place = place;
		if (engine_resource_save(run->call, run->stack.id, r) < 0)
			return -1;
		if (place == PLACE_LIVE &&
		    engine_resource_set(run->call, &run->stack, r, "UPDATE_COMPLETE",
					NULL) < 0)
			return -1;
	}
	return engine_transition(run->call, &run->stack,
				 "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", NULL);
}

static int update_rollback_phase(struct engine_run *run)
{
	FP_AUTO(freep) char *reason = NULL;

	if (engine_restore(run) < 0)
		return -1;
	if (run->failed.n) {
		reason = failed_text(run, "update");
		return finish(run, "UPDATE_ROLLBACK_FAILED", reason);
	}
	if (engine_begin(run->call) < 0)
		return -1;
	return in_one_transaction(run, swap_places(run));
}

static int delete_phase(struct engine_run *run)
{
	FP_AUTO(freep) char *reason = NULL;
	FP_AUTO(freep) char *now = NULL;
	struct call *c = run->call;

	if (engine_remove(run, REMOVE_ALL) < 0)
		return -1;
	if (run->failed.n && !json_bool(run->stack.operation, "Force", false)) {
		reason = failed_text(run, "delete");
		return finish(run, "DELETE_FAILED", reason);
	}
	now = engine_now();
	json_set_str(run->stack.doc, "DeletionTime", now);
	if (engine_begin(c) < 0)
		return -1;
	if (engine_exports_save(c, &run->stack, NULL, NULL) < 0 ||
	    end_operation(run, "DELETE_COMPLETE", NULL) < 0 ||
	    engine_change_sets_erase(c, &run->stack) < 0) {
		engine_rollback(c);
		return -1;
	}
	return engine_commit(c);
}

static const struct phase phases[] = {
	{ "CREATE_IN_PROGRESS", apply_phase },
	{ "UPDATE_IN_PROGRESS", apply_phase },
	{ "ROLLBACK_IN_PROGRESS", rollback_phase },
	{ "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", cleanup_phase },
	{ "UPDATE_ROLLBACK_IN_PROGRESS", update_rollback_phase },
	{ "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", cleanup_phase },
	{ "DELETE_IN_PROGRESS", delete_phase },
};

static const struct phase *find_phase(const struct engine_stack *s)
{
	for (size_t i = 0; engine_busy(s) && i < ARRAY_SIZE(phases); i++)
		if (str_eq(phases[i].status, engine_status(s)))
			return &phases[i];
	return NULL;
}

/* One phase at a time, each from what the store says. 1: there is another. */
static int step(struct call *c, const cJSON *in)
{
	FP_AUTO(run_release) struct engine_run run = { .call = c };
	const struct phase *phase;
	int rc = engine_stack_find(&run.stack, c, json_str(in, "StackId", ""));

	if (rc <= 0)
		return rc;
	phase = find_phase(&run.stack);
	if (!phase || !str_eq(json_str(run.stack.operation, "Id", ""),
			      json_str(in, "OperationId", "")))
		return 0;
	run.desired = json_get(run.stack.operation, "Desired");
	if (!run.desired)
		run.desired = run.stack.deployed;
	run.tags = json_get(run.desired, "Tags");
	if (engine_stopping(c) < 0 ||
	    engine_resources_load(&run.resources, c, run.stack.id) < 0)
		return -1;
	return phase->run(&run) < 0 ? -1 : 1;
}

int engine_execute(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	int rc;

	while ((rc = step(c, in)) == 1)
		;
	return rc;
}
