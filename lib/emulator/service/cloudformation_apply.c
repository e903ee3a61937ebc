#include "emulator/service/cloudformation.h"

#include "base/json.h"
#include "cfn/template.h"

#define REPLACING                                                                   \
	"Requested update requires the creation of a new physical resource; hence " \
	"creating one."

/* A failure that stops the stack's way forward, told in an event. */
static int failed(struct engine_run *run, struct engine_resource *r, const char *status,
		  const char *reason)
{
	strs_add(&run->failed, r->logical_id);
	return engine_resource_set(run->call, &run->stack, r, status, reason) < 0
		       ? -1
		       : STEP_FAILED;
}

static int make(struct engine_run *run, struct engine_resource *r)
{
	FP_AUTO(buf_release) struct buf reason = BUF_INIT;
	bool replacing = str_starts(r->status, "UPDATE");
	int rc = engine_provider_create(run, r, &reason);

	if (rc < 0)
		return -1;
	if (rc == STEP_FAILED)
		return failed(run, r, replacing ? "UPDATE_FAILED" : "CREATE_FAILED",
			      buf_str(&reason));
	if (!r->fresh)
		return engine_resource_set(run->call, &run->stack, r, "IMPORT_COMPLETE",
					   NULL);
	return engine_resource_set(run->call, &run->stack, r,
				   replacing ? "UPDATE_COMPLETE" : "CREATE_COMPLETE",
				   NULL);
}

/* Takes `def`. */
static int create(struct engine_run *run, const char *logical_id, cJSON *def)
{
	struct engine_resource *r = engine_resources_add(&run->resources, logical_id,
							 def);

	if (engine_resource_set(run->call, &run->stack, r, "CREATE_IN_PROGRESS", NULL) <
	    0)
		return -1;
	return make(run, r);
}

static bool is_tail(const char *id, const char *name)
{
	size_t n = strlen(id), m = strlen(name);

	return m && n >= m && str_eq(id + n - m, name) &&
	       (n == m || id[n - m - 1] == ':' || id[n - m - 1] == '/');
}

/* A name that the template gives and keeps: two cannot have it. */
static bool has_fixed_name(const struct engine_resource *r, const cJSON *def)
{
	json_each_member (p, json_get(def, "Properties"))
		if (cJSON_IsString(p) && str_ends(p->string, "Name") &&
		    is_tail(r->physical_id, p->valuestring))
			return true;
	return false;
}

static int begin_replacing(struct engine_run *run, struct engine_resource *old,
			   struct engine_resource *r)
{
	old->place = PLACE_OLD;
	if (engine_resource_save(run->call, run->stack.id, old) < 0)
		return -1;
	return engine_resource_set(run->call, &run->stack, r, "UPDATE_IN_PROGRESS",
				   REPLACING);
}

/* The new one first; the old one goes when all is done. Takes `def`. */
static int replace(struct engine_run *run, struct engine_resource *old, cJSON *def)
{
	struct engine_resource *r;

	if (str_eq(old->type, json_str(def, "Type", "")) && has_fixed_name(old, def)) {
		cJSON_Delete(def);
		return failed(
			run, old, "UPDATE_FAILED",
			"CloudFormation cannot update a stack when a custom-named "
			"resource requires replacing. Rename the resource and update the "
			"stack again.");
	}
	r = engine_resources_add(&run->resources, old->logical_id, def);
	if (engine_begin(run->call) < 0)
		return -1;
	if (begin_replacing(run, old, r) < 0) {
		engine_rollback(run->call);
		return -1;
	}
	if (engine_commit(run->call) < 0)
		return -1;
	return make(run, r);
}

/* r->before is set: carry it out, also again after a restart. */
static int change(struct engine_run *run, struct engine_resource *r)
{
	FP_AUTO(buf_release) struct buf reason = BUF_INIT;
	const cJSON *old = json_get(r->before, "def");
	const cJSON *before = json_get(old, "Properties");
	const cJSON *after = json_get(r->def, "Properties");
	bool ask = !cJSON_Compare(before, after, true) ||
		   engine_tags_differ(&run->stack, run->desired);
	int rc = ask ? engine_provider_update(run, r, after, before, &reason) : 0;

	if (rc < 0)
		return -1;
	if (rc == STEP_FAILED)
		return failed(run, r, "UPDATE_FAILED", buf_str(&reason));
	return engine_resource_set(run->call, &run->stack, r, "UPDATE_COMPLETE", NULL);
}

/* Takes `def`. */
static int update(struct engine_run *run, struct engine_resource *r, cJSON *def)
{
	r->before = cJSON_CreateObject();
	json_set(r->before, "def", r->def);
	if (r->attributes)
		json_set(r->before, "attributes", cJSON_Duplicate(r->attributes, true));
	r->def = def;
	if (engine_resource_set(run->call, &run->stack, r, "UPDATE_IN_PROGRESS", NULL) <
	    0)
		return -1;
	return change(run, r);
}

/* What an operation before this one could not make. */
static bool is_remnant(const struct engine_resource *r)
{
	return r && !r->physical_id && !r->fresh;
}

/* What this operation did to it already, before the emulator was killed. */
static int go_on(struct engine_run *run, struct engine_resource *r)
{
	if (str_ends(r->status, "_COMPLETE"))
		return 0;
	if (str_ends(r->status, "_FAILED")) {
		strs_add(&run->failed, r->logical_id);
		return STEP_FAILED;
	}
	return r->fresh ? make(run, r) : change(run, r);
}

static int fail_definition(struct engine_run *run, const char *logical_id,
			   const struct fp_error *err)
{
	struct engine_resource *r = engine_live(&run->resources, logical_id);
	FP_AUTO(freep)
	char *reason = xasprintf("Template error: %s%s%s", err->message,
				 *err->where ? " at " : "", err->where);
	const struct node *resource = node_get(
		node_get(run->template.folded, "Resources"), logical_id);
	cJSON *def;

	if (r)
		return failed(run, r, "UPDATE_FAILED", reason);
	def = cJSON_CreateObject();
	json_set_str(def, "Type", str_or(node_text(node_get(resource, "Type")), ""));
	r = engine_resources_add(&run->resources, logical_id, def);
	return failed(run, r, "CREATE_FAILED", reason);
}

static int apply_one(struct engine_run *run, const char *logical_id)
{
	struct engine_resource *r = engine_live(&run->resources, logical_id);
	bool tags = engine_tags_differ(&run->stack, run->desired);
	struct fp_error err = { 0 };
	cJSON *def;

	if (is_remnant(r)) {
		if (engine_resource_erase(run->call, &run->resources, r) < 0)
			return -1;
		r = NULL;
	}
	if (r && (r->fresh || r->before))
		return go_on(run, r);
	def = engine_definition(&run->template, &run->scope, logical_id, true, &err);
	if (!def)
		return fail_definition(run, logical_id, &err);
	if (!r)
		return create(run, logical_id, def);
	switch (engine_compare(r->def, def, tags, NULL)) {
	case CHANGE_NONE:
		cJSON_Delete(def);
		return 0;
	case CHANGE_REPLACE:
		return replace(run, r, def);
	default:
		return update(run, r, def);
	}
}

int engine_apply(struct engine_run *run)
{
	FP_AUTO(strs_release) struct strs order = STRS_INIT;
	struct fp_error err = { 0 };

	if (cfn_resource_order(&order, run->template.folded, &err) < 0)
		return fault_set(&run->call->fault, 500, "InternalFailure", "%s",
				 err.message);
	for (size_t i = 0; i < order.n; i++) {
		int rc = engine_stopping(run->call);

		if (rc == 0)
			rc = apply_one(run, order.v[i]);
		if (rc != 0)
			return rc;
	}
	return 0;
}
