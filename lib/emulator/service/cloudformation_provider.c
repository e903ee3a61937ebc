#include "emulator/service/cloudformation.h"

#include "base/json.h"
#include "base/log.h"

/* The word that CloudFormation's handlers have for it. */
static const char *handler_code(const struct fault *f)
{
	if (strstr(f->code, "AlreadyExist") || strstr(f->code, "AlreadyOwned") ||
	    strstr(f->code, "ResourceConflict"))
		return "AlreadyExists";
	if (f->status == 404 || strstr(f->code, "NotFound") ||
	    str_starts(f->code, "NoSuch"))
		return "NotFound";
	if (f->status == 403 || strstr(f->code, "AccessDenied"))
		return "AccessDenied";
	if (f->status == 429 || strstr(f->code, "Throttl"))
		return "Throttling";
	return f->status >= 500 ? "ServiceInternalError" : "InvalidRequest";
}

/* "S3" of "AWS::S3::Bucket". */
static void put_reason(struct buf *reason, const char *type, const struct fault *f)
{
	const char *service = strstr(type, "::") ? strstr(type, "::") + 2 : type;

	buf_printf(reason,
		   "Resource handler returned message: \"%s (Service: %.*s, Status Code: "
		   "%d, "
		   "Error Code: %s)\" (HandlerErrorCode: %s)",
		   f->message, (int)strcspn(service, ":"), service, f->status, f->code,
		   handler_code(f));
}

struct ask {
	struct call call;
	const struct resource_type *type;
	struct resource_request request;
};

static int ask_init(struct ask *a, struct engine_run *run,
		    const struct engine_resource *r, struct buf *reason)
{
	const char *service = NULL;

	*a = (struct ask){ .call = *run->call, .type = engine_type(r->type, &service) };
	a->request = (struct resource_request){ .stack_name = run->stack.name,
						.stack_id = run->stack.id,
						.logical_id = r->logical_id,
						.suffix = r->suffix,
						.properties = json_get(r->def,
								       "Properties"),
						.tags = run->tags };
	a->call.service = service;
	a->call.action = r->type;
	memset(&a->call.fault, 0, sizeof(a->call.fault));
	if (a->type)
		return 0;
	buf_printf(reason, "the emulator has no resource type %s", r->type);
	return STEP_FAILED;
}

/* A failure while the emulator stops is none of the resource's. */
static int told(struct engine_run *run, const struct engine_resource *r,
		const struct ask *a, const char *what, struct buf *reason)
{
	if (engine_stopping(run->call) < 0)
		return -1;
	log_msg(LOG_INFO, "stack %s: cannot %s %s (%s): %s: %s", run->stack.name, what,
		r->logical_id, r->type, a->call.fault.code, a->call.fault.message);
	put_reason(reason, r->type, &a->call.fault);
	return STEP_FAILED;
}

static void keep(struct engine_resource *r, struct resource *made)
{
	if (made->physical_id) {
		free(r->physical_id);
		r->physical_id = made->physical_id;
	}
	if (made->attributes) {
		cJSON_Delete(r->attributes);
		r->attributes = made->attributes;
	}
}

int engine_provider_update(struct engine_run *run, struct engine_resource *r,
			   const cJSON *properties, const cJSON *previous,
			   struct buf *reason)
{
	struct resource inout = {
		.physical_id = xstrdup(r->physical_id),
		.attributes = r->attributes ? cJSON_Duplicate(r->attributes, true)
					    : cJSON_CreateObject()
	};
	struct ask a;
	int rc = ask_init(&a, run, r, reason);

	a.request.call = &a.call;
	a.request.properties = properties;
	a.request.previous = previous;
	/* Without a way to update, only what no service sees has changed. */
	if (rc == 0 && a.type->update && a.type->update(&a.request, &inout) < 0)
		rc = told(run, r, &a, "update", reason);
	if (rc == 0) {
		keep(r, &inout);
		return 0;
	}
	free(inout.physical_id);
	cJSON_Delete(inout.attributes);
	return rc;
}

/* The fixed name of what the template keeps in any case, as "BucketName" of a Bucket. */
static const char *kept_name(const struct engine_run *run,
			     const struct engine_resource *r)
{
	const char *type = strrchr(r->type, ':');
	FP_AUTO(freep) char *key = xasprintf("%sName", type ? type + 1 : r->type);

	if (!json_bool(run->stack.operation, "Import", false) ||
	    !str_starts(json_str(r->def, "DeletionPolicy", ""), "Retain"))
		return NULL;
	return json_str(json_get(r->def, "Properties"), key, NULL);
}

/* Take in what exists already and belongs to no stack. */
static int import(struct engine_run *run, struct engine_resource *r, struct buf *reason)
{
	FP_AUTO(json_freep) cJSON *nothing = cJSON_CreateObject();
	const char *name = kept_name(run, r);
	FP_AUTO(freep) char *owner = name ? engine_owner(run->call, name) : NULL;
	int rc;

	if (!name || owner)
		return STEP_FAILED;
	r->physical_id = xstrdup(name);
	buf_clear(reason);
	rc = engine_provider_update(run, r, json_get(r->def, "Properties"), nothing,
				    reason);
	if (rc == 0)
		r->fresh = false;
	else
		freep(&r->physical_id);
	return rc;
}

int engine_provider_create(struct engine_run *run, struct engine_resource *r,
			   struct buf *reason)
{
	struct resource made = { 0 };
	struct ask a;
	int rc;

	if (ask_init(&a, run, r, reason) != 0)
		return STEP_FAILED;
	a.request.call = &a.call;
	if (a.type->create(&a.request, &made) == 0) {
		keep(r, &made);
		return 0;
	}
	rc = told(run, r, &a, "create", reason);
	if (rc == STEP_FAILED && str_eq(handler_code(&a.call.fault), "AlreadyExists"))
		return import(run, r, reason);
	return rc;
}

int engine_provider_remove(struct engine_run *run, const struct engine_resource *r,
			   struct buf *reason)
{
	struct resource old = { r->physical_id, r->attributes };
	struct ask a;

	if (!r->physical_id)
		return 0;
	if (ask_init(&a, run, r, reason) != 0)
		return STEP_FAILED;
	a.request.call = &a.call;
	if (a.type->remove(&a.request, &old) < 0)
		return told(run, r, &a, "delete", reason);
	return 0;
}
