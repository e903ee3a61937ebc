#include "emulator/service/cloudformation.h"

#include "base/json.h"
#include "cfn/facts.h"
#include "cfn/template.h"

#define LONGEST_PATH 512

struct diff {
	const char *type;
	const struct resource_type *provider;
	enum engine_change change;
	cJSON *details;
};

/* Only functions that AWS alone could answer are left in evaluated values. */
static bool is_dynamic(const cJSON *v)
{
	if (cJSON_IsObject(v) && v->child && !v->child->next &&
	    (str_eq(v->child->string, "Ref") || str_starts(v->child->string, "Fn::")))
		return true;
	if (cJSON_IsObject(v) || cJSON_IsArray(v))
		json_each (item, v)
			if (is_dynamic(item))
				return true;
	return false;
}

static const char *recreation(enum engine_change change)
{
	if (change == CHANGE_REPLACE)
		return "Always";
	return change == CHANGE_MAYBE ? "Conditionally" : "Never";
}

static void put_target_value(cJSON *target, const char *key, const cJSON *v)
{
	FP_AUTO(freep) char *text = v && !cJSON_IsString(v) ? json_text(v) : NULL;

	if (v)
		json_set_str(target, key, text ? text : v->valuestring);
}

static void put_detail(cJSON *details, const char *attribute, const char *path,
		       enum engine_change change, const cJSON *before, const cJSON *after)
{
	cJSON *detail, *target;

	if (!details)
		return;
	detail = json_push_object(details);
	target = json_set_object(detail, "Target");
	json_set_str(target, "Attribute", attribute);
	if (path) {
		FP_AUTO(freep) char *name = xstrndup(path, strcspn(path, "."));
		FP_AUTO(freep) char *pointer = xasprintf("/Properties/%s", path);

		for (char *p = pointer; (p = strchr(p, '.')) != NULL;)
			*p = '/';
		json_set_str(target, "Name", name);
		json_set_str(target, "Path", pointer);
	}
	json_set_str(target, "RequiresRecreation", recreation(change));
	json_set_str(target, "AttributeChangeType",
		     !before ? "Add" : (after ? "Modify" : "Remove"));
	put_target_value(target, "BeforeValue", before);
	put_target_value(target, "AfterValue", after);
	json_set_str(detail, "Evaluation", is_dynamic(after) ? "Dynamic" : "Static");
	json_set_str(detail, "ChangeSource",
		     is_dynamic(after) ? "ResourceReference" : "DirectModification");
}

/* What a provider cannot change in place replaces, whatever the facts say. */
static enum engine_change change_of(const struct diff *d, const char *path,
				    const cJSON *after)
{
	if (d->provider && !d->provider->update)
		return CHANGE_REPLACE;
	switch (cfn_property_update(d->type, path)) {
	case CFN_UPDATE_REPLACE:
		return is_dynamic(after) ? CHANGE_MAYBE : CHANGE_REPLACE;
	case CFN_UPDATE_MAYBE:
		return CHANGE_MAYBE;
	case CFN_UPDATE_IN_PLACE:
		break;
	}
	return CHANGE_IN_PLACE;
}

static void compare(struct diff *d, const char *path, const cJSON *before,
		    const cJSON *after)
{
	enum engine_change change;
	char inner[LONGEST_PATH];

	if (before && after && cJSON_Compare(before, after, true))
		return;
	if (cJSON_IsObject(before) && cJSON_IsObject(after) && !is_dynamic(after)) {
		json_each_member (b, before) {
			(void)snprintf(inner, sizeof(inner), "%s%s%s", path,
				       *path ? "." : "", b->string);
			compare(d, inner, b,
				cJSON_GetObjectItemCaseSensitive(after, b->string));
		}
		json_each_member (a, after) {
			if (cJSON_GetObjectItemCaseSensitive(before, a->string))
				continue;
			(void)snprintf(inner, sizeof(inner), "%s%s%s", path,
				       *path ? "." : "", a->string);
			compare(d, inner, NULL, a);
		}
		return;
	}
	change = change_of(d, path, after);
	d->change = FP_MAX(d->change, change);
	put_detail(d->details, "Properties", path, change, before, after);
}

/* DeletionPolicy and the like concern CloudFormation alone. */
static void compare_attributes(struct diff *d, const cJSON *before, const cJSON *after)
{
	static const char *const names[] = { "DeletionPolicy", "UpdateReplacePolicy",
					     "Metadata" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const cJSON *b = json_get(before, names[i]),
			    *a = json_get(after, names[i]);

		if ((!b && !a) || (b && a && cJSON_Compare(b, a, true)))
			continue;
		d->change = FP_MAX(d->change, CHANGE_IN_PLACE);
		put_detail(d->details, names[i], NULL, CHANGE_IN_PLACE, b, a);
	}
}

enum engine_change engine_compare(const cJSON *before, const cJSON *after, bool tags,
				  cJSON *details)
{
	struct diff d = { .type = json_str(after, "Type", ""), .details = details };

	if (!str_eq(json_str(before, "Type", ""), d.type)) {
		put_detail(details, "Properties", NULL, CHANGE_REPLACE, NULL, NULL);
		return CHANGE_REPLACE;
	}
	d.provider = engine_type(d.type, NULL);
	compare(&d, "", json_get(before, "Properties"), json_get(after, "Properties"));
	compare_attributes(&d, before, after);
	if (tags && d.provider && d.provider->update) {
		d.change = FP_MAX(d.change, CHANGE_IN_PLACE);
		put_detail(details, "Tags", NULL, CHANGE_IN_PLACE, NULL, NULL);
	}
	return d.change;
}

static const char *replacement(enum engine_change change)
{
	if (change == CHANGE_REPLACE)
		return "True";
	return change == CHANGE_MAYBE ? "Conditional" : "False";
}

static cJSON *put_change(cJSON *changes, const char *action, const char *logical_id,
			 const char *type, const struct engine_resource *r)
{
	cJSON *change = json_push_object(changes), *rc;

	json_set_str(change, "Type", "Resource");
	rc = json_set_object(change, "ResourceChange");
	json_set_str(rc, "Action", action);
	json_set_str(rc, "LogicalResourceId", logical_id);
	json_set_str(rc, "PhysicalResourceId", r ? r->physical_id : NULL);
	json_set_str(rc, "ResourceType", type);
	return rc;
}

/* As texts of JSON, the way IncludePropertyValues shows them. */
static void put_context(cJSON *rc, const char *key, const cJSON *def)
{
	FP_AUTO(json_freep) cJSON *context = cJSON_Duplicate(def, true);
	FP_AUTO(freep) char *text = NULL;

	if (!def)
		return;
	cJSON_DeleteItemFromObjectCaseSensitive(context, "Depends");
	cJSON_DeleteItemFromObjectCaseSensitive(context, "Type");
	text = json_text(context);
	json_set_str(rc, key, text);
}

static void put_scope(cJSON *rc, const cJSON *details)
{
	cJSON *scope = json_set_array(rc, "Scope");

	json_each (d, details) {
		const char *attribute = json_str(d, "Target.Attribute", "");
		bool known = false;

		json_each (s, scope)
			known |= str_eq(s->valuestring, attribute);
		if (!known)
			json_push_str(scope, attribute);
	}
}

/* A resource that the template wants; what will be new is unknown to those behind. */
static int change_one(const struct engine_template *t, struct engine_scope *s,
		      const char *logical_id, bool tags, cJSON *changes,
		      struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *def = engine_definition(t, s, logical_id, false, err);
	const struct engine_resource *r = engine_live(s->resources, logical_id);
	FP_AUTO(json_freep) cJSON *details = cJSON_CreateArray();
	const char *type = json_str(def, "Type", "");
	enum engine_change change;
	cJSON *rc;

	if (!def)
		return -1;
	if (!r || !r->physical_id) {
		rc = put_change(changes, "Add", logical_id, type, NULL);
		put_context(rc, "AfterContext", def);
		(void)json_set_array(rc, "Scope");
		(void)json_set_array(rc, "Details");
		strs_add(&s->unknown, logical_id);
		return 0;
	}
	change = engine_compare(r->def, def, tags, details);
	if (change == CHANGE_NONE)
		return 0;
	if (change == CHANGE_REPLACE)
		strs_add(&s->unknown, logical_id);
	rc = put_change(changes, "Modify", logical_id, type, r);
	json_set_str(rc, "Replacement", replacement(change));
	if (change >= CHANGE_MAYBE)
		json_set_str(rc, "PolicyAction",
			     str_eq(json_str(r->def, "UpdateReplacePolicy", ""), "Retain")
				     ? "ReplaceAndRetain"
				     : "ReplaceAndDelete");
	put_scope(rc, details);
	put_context(rc, "BeforeContext", r->def);
	put_context(rc, "AfterContext", def);
	json_set(rc, "Details", details);
	details = NULL;
	return 0;
}

static void put_removals(const struct engine_resources *l, const struct node *wanted,
			 cJSON *changes)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct engine_resource *r = l->v[i];
		cJSON *rc;

		if (r->place != PLACE_LIVE || node_get(wanted, r->logical_id))
			continue;
		rc = put_change(changes, "Remove", r->logical_id, r->type, r);
		json_set_str(rc, "PolicyAction",
			     str_eq(json_str(r->def, "DeletionPolicy", ""), "Retain")
				     ? "Retain"
				     : "Delete");
		put_context(rc, "BeforeContext", r->def);
		(void)json_set_array(rc, "Scope");
		(void)json_set_array(rc, "Details");
	}
}

bool engine_tags_differ(const struct engine_stack *s, const cJSON *desired)
{
	return s->deployed && !cJSON_Compare(json_get(s->deployed, "Tags"),
					     json_get(desired, "Tags"), true);
}

static int list_changes(struct engine_scope *scope, const struct engine_stack *s,
			const cJSON *desired, const struct engine_template *t,
			cJSON *changes, bool *any, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *outputs = NULL;
	FP_AUTO(strs_release) struct strs order = STRS_INIT;
	bool tags = engine_tags_differ(s, desired);

	if (cfn_resource_order(&order, t->folded, err) < 0)
		return -1;
	for (size_t i = 0; i < order.n; i++)
		if (change_one(t, scope, order.v[i], tags, changes, err) < 0)
			return -1;
	put_removals(scope->resources, node_get(t->folded, "Resources"), changes);
	outputs = engine_outputs(t, scope, false, err);
	if (!outputs)
		return -1;
	*any = changes->child || tags || !s->deployed ||
	       !cJSON_Compare(outputs, json_get(s->doc, "Outputs"), true);
	return 0;
}

int engine_changes(struct call *c, const struct engine_stack *s, const cJSON *desired,
		   struct engine_template *t, cJSON *changes, bool *any)
{
	FP_AUTO(engine_resources_release) struct engine_resources resources = { 0 };
	FP_AUTO(engine_scope_release) struct engine_scope scope;
	struct fp_error err = { 0 };

	engine_scope_init(&scope, c, s, desired, t);
	if (engine_resources_load(&resources, c, s->id) < 0)
		return -1;
	if (!t->folded && engine_fold(t, c, &scope) < 0)
		return -1;
	scope.resources = &resources;
	if (list_changes(&scope, s, desired, t, changes, any, &err) < 0)
		return fault_set(&c->fault, 400, "ValidationError",
				 "Template error: %s%s%s%s", err.message,
				 *err.where ? " (" : "", err.where,
				 *err.where ? ")" : "");
	return 0;
}
