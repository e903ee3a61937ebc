#include "emulator/service/cloudformation.h"

#include "base/json.h"
#include "cfn/template.h"
#include "wire/arn.h"
#include "yaml/json.h"

static bool is_unknown(const struct engine_scope *s, const char *logical_id)
{
	return strs_has(&s->unknown, logical_id);
}

static const struct node *scope_ref(void *ctx, const char *name)
{
	struct engine_scope *s = ctx;
	const struct node *value = map_get(&s->values, name);
	const struct engine_resource *r;

	if (value || is_unknown(s, name))
		return value;
	r = engine_live(s->resources, name);
	return r && r->physical_id ? node_string(s->arena, r->physical_id) : NULL;
}

static const struct node *scope_get_att(void *ctx, const char *logical_id,
					const char *attribute)
{
	struct engine_scope *s = ctx;
	const struct engine_resource *r = engine_live(s->resources, logical_id);
	const cJSON *value;

	if (!r || !r->physical_id || is_unknown(s, logical_id))
		return NULL;
	value = cJSON_GetObjectItemCaseSensitive(r->attributes, attribute);
	return value ? node_from_json(s->arena, value) : NULL;
}

static const struct node *scope_import(void *ctx, const char *name)
{
	struct engine_scope *s = ctx;
	FP_AUTO(freep) char *value = engine_export(s->call, name, NULL);

	if (!value) {
		if (!strs_has(&s->missing, name))
			strs_add(&s->missing, name);
		return NULL;
	}
	if (!strs_has(&s->imports, name))
		strs_add(&s->imports, name);
	return node_string(s->arena, value);
}

static void put(struct engine_scope *s, const char *name, const char *value)
{
	(void)map_put(&s->values, name, node_string(s->arena, value));
}

static void put_pseudo(struct engine_scope *s, const struct engine_stack *st,
		       const cJSON *desired)
{
	const char *region = s->call->region;
	const cJSON *arns = json_get(desired, "NotificationARNs");

	put(s, "AWS::AccountId", s->call->emu->account);
	put(s, "AWS::Region", region);
	put(s, "AWS::Partition", arn_partition(region));
	put(s, "AWS::URLSuffix", arn_dns_suffix(region));
	put(s, "AWS::StackName", st->name);
	put(s, "AWS::StackId", st->id);
	(void)map_put(&s->values, "AWS::NotificationARNs",
		      arns ? node_from_json(s->arena, arns) : node_sequence(s->arena));
}

void engine_scope_init(struct engine_scope *s, struct call *c,
		       const struct engine_stack *st, const cJSON *desired,
		       struct engine_template *t)
{
	*s = (struct engine_scope){ .call = c, .arena = &t->arena };
	s->cfn = (struct cfn_scope){ .ref = scope_ref,
				     .get_att = scope_get_att,
				     .import = scope_import,
				     .ctx = s };
	put_pseudo(s, st, desired);
	json_each (p, json_get(desired, "Parameters")) {
		const char *name = json_str(p, "ParameterKey", "");
		const char *value = json_str(p, "ParameterValue", "");

		(void)map_put(&s->values, name,
			      engine_parameter_node(s->arena, t->source, name, value));
	}
}

void engine_scope_release(struct engine_scope *s)
{
	map_release(&s->values, NULL);
	strs_release(&s->unknown);
	strs_release(&s->imports);
	strs_release(&s->missing);
}

/* The value of a key, evaluated, put into `out`; what is not there is left out. */
static int put_value(cJSON *out, const char *key, const struct node *value,
		     const struct engine_template *t, struct engine_scope *s,
		     struct fp_error *err)
{
	struct node *v;

	if (!value)
		return 0;
	if (cfn_eval_value(&v, s->arena, value, t->folded, &s->cfn, err) < 0)
		return -1;
	if (v)
		json_set(out, key, node_to_json(v));
	return 0;
}

cJSON *engine_definition(const struct engine_template *t, struct engine_scope *s,
			 const char *logical_id, bool complete, struct fp_error *err)
{
	static const char *const keys[] = { "DeletionPolicy", "UpdateReplacePolicy",
					    "Metadata" };
	const struct node *r = node_get(node_get(t->folded, "Resources"), logical_id);
	FP_AUTO(strs_release) struct strs needs = STRS_INIT;
	cJSON *def = cJSON_CreateObject(), *depends;
	int rc;

	s->cfn.complete = complete;
	json_set_str(def, "Type", node_text(node_get(r, "Type")));
	rc = put_value(def, "Properties", node_get(r, "Properties"), t, s, err);
	for (size_t i = 0; rc == 0 && i < ARRAY_SIZE(keys); i++)
		rc = put_value(def, keys[i], node_get(r, keys[i]), t, s, err);
	if (rc < 0) {
		cJSON_Delete(def);
		return NULL;
	}
	if (!cJSON_IsObject(json_get(def, "Properties")))
		(void)json_set_object(def, "Properties");
	cfn_dependencies(&needs, t->folded, logical_id);
	depends = json_set_array(def, "Depends");
	for (size_t i = 0; i < needs.n; i++)
		json_push_str(depends, needs.v[i]);
	return def;
}

static int put_text(cJSON *out, const char *key, const struct node *value,
		    const struct engine_template *t, struct engine_scope *s,
		    struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *holder = cJSON_CreateObject();
	const cJSON *v;

	if (put_value(holder, "v", value, t, s, err) < 0)
		return -1;
	v = json_get(holder, "v");
	if (cJSON_IsString(v)) {
		json_set_str(out, key, v->valuestring);
	} else if (v && !cJSON_IsNull(v)) {
		FP_AUTO(freep) char *text = json_text(v);

		json_set_str(out, key, text);
	}
	return 0;
}

static int put_output(cJSON *outputs, const struct node_pair *o,
		      const struct engine_template *t, struct engine_scope *s,
		      struct fp_error *err)
{
	cJSON *out = json_push_object(outputs);

	json_set_str(out, "OutputKey", o->key->scalar.text);
	if (put_text(out, "OutputValue", node_get(o->value, "Value"), t, s, err) < 0 ||
	    put_text(out, "Description", node_get(o->value, "Description"), t, s, err) <
		    0 ||
	    put_text(out, "ExportName", node_get(node_get(o->value, "Export"), "Name"), t,
		     s, err) < 0)
		return fp_wrap(err, "output '%s'", o->key->scalar.text);
	return 0;
}

cJSON *engine_outputs(const struct engine_template *t, struct engine_scope *s,
		      bool complete, struct fp_error *err)
{
	const struct node *section = node_get(t->folded, "Outputs");
	cJSON *outputs = cJSON_CreateArray();

	s->cfn.complete = complete;
	for (size_t i = 0; section && i < section->map.n; i++)
		if (put_output(outputs, &section->map.v[i], t, s, err) < 0) {
			cJSON_Delete(outputs);
			return NULL;
		}
	return outputs;
}
