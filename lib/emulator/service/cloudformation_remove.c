#include "emulator/service/cloudformation.h"

#include "base/json.h"

static bool is_listed(const cJSON *list, const char *text)
{
	json_each (item, list)
		if (cJSON_IsString(item) && str_eq(item->valuestring, text))
			return true;
	return false;
}

static bool is_chosen(const struct engine_resource *r, enum engine_removal which)
{
	if (which == REMOVE_ALL)
		return r->place != PLACE_GONE;
	return r->place == PLACE_OLD || r->place == PLACE_DROP;
}

static bool depends_on(const struct engine_resource *r, const struct engine_resource *on)
{
	return r != on && is_listed(json_get(r->def, "Depends"), on->logical_id);
}

static bool is_waited_for(const struct engine_resources *l,
			  const struct engine_resource *r)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i]->pending && depends_on(l->v[i], r))
			return true;
	return false;
}

/*
 * The last one that no other waits for; where old and new definitions disagree so
 * that all wait, the last one. NULL when none is pending.
 */
static struct engine_resource *next_of(const struct engine_resources *l)
{
	struct engine_resource *last = NULL;

	for (size_t i = l->n; i-- > 0;) {
		struct engine_resource *r = l->v[i];

		if (!r->pending)
			continue;
		if (!is_waited_for(l, r))
			return r;
		if (!last)
			last = r;
	}
	return last;
}

/* What one that failed depends on must stay as well. */
static void keep_needs(const struct engine_resources *l,
		       const struct engine_resource *failed)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i]->pending && depends_on(failed, l->v[i])) {
			l->v[i]->pending = false;
			keep_needs(l, l->v[i]);
		}
}

/* Whether the template or the caller wants it to outlive its stack. */
static bool is_retained(const struct engine_run *run, const struct engine_resource *r)
{
	const cJSON *operation = run->stack.operation;
	const char *policy = json_str(r->def, "DeletionPolicy", "Delete");
	bool replaced = r->place != PLACE_LIVE && !r->fresh &&
			engine_live(&run->resources, r->logical_id);
	bool rollback = r->fresh;

	if (is_listed(json_get(operation, "Retain"), r->logical_id))
		return true;
	if (replaced)
		policy = json_str(r->def, "UpdateReplacePolicy", "Delete");
	if (rollback && json_bool(operation, "RetainExceptOnCreate", false))
		return false;
	return str_eq(policy, "Retain") ||
	       (!rollback && str_eq(policy, "RetainExceptOnCreate"));
}

/* Its row goes too, unless the stack's end is still to be shown. */
static int put_away(struct engine_run *run, struct engine_resource *r,
		    enum engine_removal which, const char *status, const char *reason)
{
	struct call *c = run->call;
	int rc;

	if (which == REMOVE_ALL)
		r->place = PLACE_GONE;
	if (engine_begin(c) < 0)
		return -1;
	rc = engine_resource_set(c, &run->stack, r, status, reason);
	if (rc == 0 && which != REMOVE_ALL)
		rc = engine_resource_erase(c, &run->resources, r);
	if (rc == 0)
		return engine_commit(c);
	engine_rollback(c);
	return -1;
}

/* What a cleanup cannot delete is forgotten: its stack goes on without it. */
static int delete_failed(struct engine_run *run, struct engine_resource *r,
			 enum engine_removal which, const char *reason)
{
	strs_add(&run->failed, r->logical_id);
	keep_needs(&run->resources, r);
	if (which == REMOVE_ALL)
		return engine_resource_set(run->call, &run->stack, r, "DELETE_FAILED",
					   reason);
	return put_away(run, r, which, "DELETE_FAILED", reason);
}

static int remove_one(struct engine_run *run, struct engine_resource *r,
		      enum engine_removal which)
{
	FP_AUTO(buf_release) struct buf reason = BUF_INIT;
	int rc;

	if (r->physical_id && is_retained(run, r))
		return put_away(run, r, which, "DELETE_SKIPPED", NULL);
	if (engine_resource_set(run->call, &run->stack, r, "DELETE_IN_PROGRESS", NULL) <
	    0)
		return -1;
	rc = engine_provider_remove(run, r, &reason);
	if (rc == 0)
		return put_away(run, r, which, "DELETE_COMPLETE", NULL);
	return rc < 0 ? -1 : delete_failed(run, r, which, buf_str(&reason));
}

int engine_remove(struct engine_run *run, enum engine_removal which)
{
	struct engine_resource *r;

	for (size_t i = 0; i < run->resources.n; i++)
		run->resources.v[i]->pending = is_chosen(run->resources.v[i], which);
	while ((r = next_of(&run->resources)) != NULL) {
		r->pending = false;
		if (engine_stopping(run->call) < 0 || remove_one(run, r, which) < 0)
			return -1;
	}
	return 0;
}

/* Back to `before`, as long as that is there. */
static int restore_definition(struct engine_run *run, struct engine_resource *r)
{
	cJSON_Delete(r->def);
	r->def = cJSON_DetachItemFromObjectCaseSensitive(r->before, "def");
	cJSON_Delete(r->before);
	r->before = NULL;
	return engine_resource_set(run->call, &run->stack, r, "UPDATE_COMPLETE", NULL);
}

static int restore_one(struct engine_run *run, struct engine_resource *r)
{
	const cJSON *now = json_get(r->def, "Properties");
	const cJSON *before = json_get(json_get(r->before, "def"), "Properties");
	FP_AUTO(buf_release) struct buf reason = BUF_INIT;
	int rc;

	if (is_listed(json_get(run->stack.operation, "Skip"), r->logical_id))
		return restore_definition(run, r);
	if (engine_resource_set(run->call, &run->stack, r, "UPDATE_IN_PROGRESS", NULL) <
	    0)
		return -1;
	rc = engine_provider_update(run, r, before, now, &reason);
	if (rc < 0)
		return -1;
	if (rc == 0)
		return restore_definition(run, r);
	strs_add(&run->failed, r->logical_id);
	return engine_resource_set(run->call, &run->stack, r, "UPDATE_FAILED",
				   buf_str(&reason));
}

static bool needs_pending(const struct engine_resources *l,
			  const struct engine_resource *r)
{
	const cJSON *needs = json_get(r->before, "def.Depends");

	for (size_t i = 0; i < l->n; i++)
		if (l->v[i]->pending && l->v[i] != r &&
		    is_listed(needs, l->v[i]->logical_id))
			return true;
	return false;
}

/*
 * A way back is an update to what was before, in the order of that: the first one
 * that needs no other that is pending; where all do, the first one. A bucket that
 * tells the old queue again is behind the queue's policy that lets it.
 */
static struct engine_resource *next_to_restore(const struct engine_resources *l)
{
	struct engine_resource *first = NULL;

	for (size_t i = 0; i < l->n; i++) {
		struct engine_resource *r = l->v[i];

		if (!r->pending)
			continue;
		if (!needs_pending(l, r))
			return r;
		if (!first)
			first = r;
	}
	return first;
}

int engine_restore(struct engine_run *run)
{
	struct engine_resource *r;

	run->tags = json_get(run->stack.deployed, "Tags");
	for (size_t i = 0; i < run->resources.n; i++)
		run->resources.v[i]->pending = run->resources.v[i]->before != NULL;
	while ((r = next_to_restore(&run->resources)) != NULL) {
		r->pending = false;
		if (engine_stopping(run->call) < 0 || restore_one(run, r) < 0)
			return -1;
	}
	/* Those that refused to change are as they were. */
	for (size_t i = 0; i < run->resources.n; i++) {
		r = run->resources.v[i];
		if (r->place == PLACE_LIVE && !r->fresh && !r->before &&
		    str_eq(r->status, "UPDATE_FAILED") &&
		    engine_resource_set(run->call, &run->stack, r, "UPDATE_COMPLETE",
					NULL) < 0)
			return -1;
	}
	return 0;
}
