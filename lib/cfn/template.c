#include "cfn/template.h"

#include "base/map.h"
#include "cfn/facts.h"
#include "cfn/order.h"
#include "cfn/refs.h"

#define MAX_LOGICAL_ID 255

struct check {
	struct diags *diags;
	const struct node *tmpl, *parameters, *resources, *conditions, *mappings;
	/* A loop or a macro may still make what seems to be missing. */
	bool open;
};

static const char *const sections[] = {
	"AWSTemplateFormatVersion",
	"Conditions",
	"Description",
	"Hooks",
	"Mappings",
	"Metadata",
	"Outputs",
	"Parameters",
	"Resources",
	"Rules",
	"Transform",
};

static const char *const attributes[] = {
	"Type",		  "Properties",	    "DependsOn",	   "Condition",
	"CreationPolicy", "DeletionPolicy", "UpdateReplacePolicy", "UpdatePolicy",
	"Metadata",
};

static bool is_listed(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(names[i], name))
			return true;
	return false;
}

static void add_near(struct check *c, struct fp_pos pos, const char *near,
		     const char *what, const char *name)
{
	FP_AUTO(freep) char *hint = near ? xasprintf("did you mean '%s'?", near) : NULL;

	diags_add(c->diags, pos, hint, "%s '%s'", what, name);
}

static void add_keys(struct strs *names, const struct node *section)
{
	for (size_t i = 0; section && i < section->map.n; i++)
		strs_add(names, section->map.v[i].key->scalar.text);
}

/* A name that neither section has, with the nearest of both. */
static void not_found(struct check *c, struct fp_pos pos, const struct node *a,
		      const struct node *b, const char *what, const char *name)
{
	FP_AUTO(strs_release) struct strs names = STRS_INIT;

	add_keys(&names, a);
	add_keys(&names, b);
	add_near(c, pos, str_nearest(name, (const char *const *)names.v, names.n), what,
		 name);
}

static bool is_macro_key(const char *key)
{
	return is_foreach_key(key) || str_eq(key, "Fn::Transform");
}

static bool has_macro(const struct node *section)
{
	for (size_t i = 0; section && i < section->map.n; i++)
		if (is_macro_key(section->map.v[i].key->scalar.text))
			return true;
	return false;
}

/* A section that is a map, or NULL (after a finding when it is something else). */
static const struct node *section_map(struct check *c, const char *name)
{
	const struct node *section = node_get(c->tmpl, name);

	if (!section || (section->kind == NODE_MAPPING && !section->tag))
		return section;
	diags_add(c->diags, section->pos, NULL, "%s must be a map, not a %s", name,
		  node_kind_name(section));
	return NULL;
}

static void check_id(struct check *c, const struct node *key, const char *what)
{
	const char *s = key->scalar.text;
	bool ok = *s && key->scalar.len <= MAX_LOGICAL_ID;

	for (; *s; s++)
		ok &= (*s >= '0' && *s <= '9') || (*s >= 'A' && *s <= 'Z') ||
		      (*s >= 'a' && *s <= 'z');
	if (!ok)
		diags_add(c->diags, key->pos, "use letters and digits, at most 255",
			  "the %s '%s' is no logical ID", what, key->scalar.text);
}

/* Every entry is a map that has `required`; loops are passed over. */
static void check_entries(struct check *c, const struct node *section, const char *what,
			  const char *required)
{
	for (size_t i = 0; section && i < section->map.n; i++) {
		const struct node_pair *p = &section->map.v[i];

		if (is_macro_key(p->key->scalar.text))
			continue;
		check_id(c, p->key, what);
		if (!required)
			continue;
		if (p->value->kind != NODE_MAPPING || p->value->tag)
			diags_add(c->diags, p->value->pos, NULL,
				  "the %s '%s' must be a map, not a %s", what,
				  p->key->scalar.text, node_kind_name(p->value));
		else if (!node_get(p->value, required))
			diags_add(c->diags, p->key->pos, NULL, "the %s '%s' has no %s",
				  what, p->key->scalar.text, required);
	}
}

static void check_policy(struct check *c, const struct node *value)
{
	static const char *const policies[] = { "Delete", "Retain",
						"RetainExceptOnCreate", "Snapshot" };
	const char *text = node_text(value);

	if (!text || value->tag || is_listed(policies, ARRAY_SIZE(policies), text))
		return;
	add_near(c, value->pos, str_nearest(text, policies, ARRAY_SIZE(policies)),
		 "there is no deletion policy", text);
}

static void check_depends_on(struct check *c, const struct node *on)
{
	const char *id = node_text(on);

	for (size_t i = 0; on->kind == NODE_SEQUENCE && i < on->seq.n; i++)
		check_depends_on(c, on->seq.v[i]);
	if (id && !c->open && !node_get(c->resources, id))
		not_found(c, on->pos, c->resources, NULL,
			  "DependsOn names no resource:", id);
}

static void check_condition_name(struct check *c, const struct node *name)
{
	if (node_text(name) && !c->open && !node_get(c->conditions, name->scalar.text))
		not_found(c, name->pos, c->conditions, NULL, "there is no condition",
			  name->scalar.text);
}

static void check_resource(struct check *c, const struct node *resource)
{
	const struct node *type = node_get(resource, "Type");

	for (size_t i = 0; i < resource->map.n; i++) {
		const struct node_pair *p = &resource->map.v[i];
		const char *name = p->key->scalar.text;

		if (!is_listed(attributes, ARRAY_SIZE(attributes), name) &&
		    !is_macro_key(name))
			add_near(c, p->key->pos,
				 str_nearest(name, attributes, ARRAY_SIZE(attributes)),
				 "a resource has no attribute", name);
		if (str_eq(name, "DeletionPolicy") || str_eq(name, "UpdateReplacePolicy"))
			check_policy(c, p->value);
		else if (str_eq(name, "DependsOn"))
			check_depends_on(c, p->value);
		else if (str_eq(name, "Condition"))
			check_condition_name(c, p->value);
	}
	if (type && (!node_text(type) || !strstr(type->scalar.text, "::")))
		diags_add(c->diags, type->pos, "such as AWS::S3::Bucket",
			  "a resource's Type is a type's name");
}

static void check_resources(struct check *c)
{
	const struct node *own = node_get(c->tmpl, "Resources");

	if (!own || (c->resources && c->resources->map.n == 0))
		diags_add(c->diags, own ? own->pos : c->tmpl->pos, NULL,
			  "a template needs at least one resource");
	check_entries(c, c->resources, "resource", "Type");
	for (size_t i = 0; c->resources && i < c->resources->map.n; i++) {
		const struct node_pair *p = &c->resources->map.v[i];

		if (p->value->kind == NODE_MAPPING && !is_macro_key(p->key->scalar.text))
			check_resource(c, p->value);
		if (node_get(c->parameters, p->key->scalar.text))
			diags_add(c->diags, p->key->pos, NULL,
				  "'%s' names a parameter and a resource",
				  p->key->scalar.text);
	}
}

static bool is_pseudo_parameter(const char *name)
{
	static const char *const names[] = { "AWS::AccountId",	      "AWS::NoValue",
					     "AWS::NotificationARNs", "AWS::Partition",
					     "AWS::Region",	      "AWS::StackId",
					     "AWS::StackName",	      "AWS::URLSuffix" };

	return is_listed(names, ARRAY_SIZE(names), name);
}

static void check_attribute(struct check *c, const struct ref *ref)
{
	const char *type = node_text(node_get(node_get(c->resources, ref->name), "Type"));

	if (ref->attribute && type && cfn_type_known(type) &&
	    !cfn_type_has_attribute(type, ref->attribute))
		diags_add(c->diags, ref->pos, NULL, "%s '%s' has no attribute '%s'", type,
			  ref->name, ref->attribute);
}

static void check_ref(void *ctx, const struct ref *ref)
{
	struct check *c = ctx;

	if (!ref->name || c->open)
		return;
	if (ref->kind == REF_CONDITION && !node_get(c->conditions, ref->name)) {
		not_found(c, ref->pos, c->conditions, NULL, "there is no condition",
			  ref->name);
	} else if (ref->kind == REF_MAPPING && !node_get(c->mappings, ref->name)) {
		not_found(c, ref->pos, c->mappings, NULL, "there is no mapping",
			  ref->name);
	} else if (ref->kind == REF_ATTRIBUTE) {
		if (node_get(c->resources, ref->name))
			check_attribute(c, ref);
		else
			not_found(c, ref->pos, c->resources, NULL, "unresolved reference",
				  ref->name);
	} else if (ref->kind == REF_NAME && !is_pseudo_parameter(ref->name) &&
		   !node_get(c->resources, ref->name) &&
		   !node_get(c->parameters, ref->name)) {
		not_found(c, ref->pos, c->parameters, c->resources,
			  "unresolved reference", ref->name);
	}
}

static void check_sections(struct check *c)
{
	const struct node *version = node_get(c->tmpl, "AWSTemplateFormatVersion");

	for (size_t i = 0; i < c->tmpl->map.n; i++) {
		const struct node *key = c->tmpl->map.v[i].key;

		if (!is_listed(sections, ARRAY_SIZE(sections), key->scalar.text) &&
		    !is_macro_key(key->scalar.text))
			add_near(c, key->pos,
				 str_nearest(key->scalar.text, sections,
					     ARRAY_SIZE(sections)),
				 "a template has no section", key->scalar.text);
	}
	if (version && !node_is(version, "2010-09-09"))
		diags_add(c->diags, version->pos, "write \"2010-09-09\"",
			  "there is no such AWSTemplateFormatVersion");
}

static void check_quota(struct check *c, const struct node *section, const char *what,
			size_t most)
{
	if (section && section->map.n > most)
		diags_add(c->diags, section->pos, "spread them over several stacks",
			  "a stack holds at most %zu %s; these are %zu", most, what,
			  section->map.n);
}

static bool has_foreign_transform(const struct node *transform)
{
	static const char own[] = "AWS::LanguageExtensions";

	if (!transform)
		return false;
	for (size_t i = 0; transform->kind == NODE_SEQUENCE && i < transform->seq.n; i++)
		if (!node_is(transform->seq.v[i], own))
			return true;
	return transform->kind != NODE_SEQUENCE && !node_is(transform, own);
}

static void check_cycle(struct check *c)
{
	FP_AUTO(buf_release) struct buf cycle = BUF_INIT;
	FP_AUTO(strs_release) struct strs order = STRS_INIT;
	struct fp_pos pos;

	if (!order_find(&order, c->tmpl, &cycle, &pos))
		diags_add(c->diags, pos, NULL, "resources wait for one another: %s",
			  cycle.data);
}

static void check_outputs(struct check *c, const struct node *outputs)
{
	check_entries(c, outputs, "output", "Value");
	check_quota(c, outputs, "outputs", CFN_MAX_OUTPUTS);
	each_ref(outputs, false, check_ref, c);
	for (size_t i = 0; outputs && i < outputs->map.n; i++)
		check_condition_name(c, node_get(outputs->map.v[i].value, "Condition"));
}

int cfn_template_check(const struct node *tmpl, struct diags *diags)
{
	struct check c = { .diags = diags, .tmpl = tmpl };
	size_t before = diags->n;
	const struct node *outputs;

	if (tmpl->kind != NODE_MAPPING || tmpl->tag) {
		diags_add(diags, tmpl->pos, "it begins with 'Resources:'",
			  "a template is a map, not a %s", node_kind_name(tmpl));
		return -1;
	}
	c.parameters = section_map(&c, "Parameters");
	c.resources = section_map(&c, "Resources");
	c.conditions = section_map(&c, "Conditions");
	c.mappings = section_map(&c, "Mappings");
	outputs = section_map(&c, "Outputs");
	c.open = has_macro(tmpl) || has_macro(c.parameters) || has_macro(c.resources) ||
		 has_macro(c.conditions) || has_macro(c.mappings) ||
		 has_foreign_transform(node_get(tmpl, "Transform"));
	check_sections(&c);
	check_entries(&c, c.parameters, "parameter", "Type");
	check_entries(&c, c.conditions, "condition", NULL);
	check_entries(&c, c.mappings, "mapping", NULL);
	check_resources(&c);
	check_outputs(&c, outputs);
	each_ref(c.conditions, true, check_ref, &c);
	each_ref(c.resources, false, check_ref, &c);
	check_quota(&c, c.parameters, "parameters", CFN_MAX_PARAMETERS);
	check_quota(&c, c.resources, "resources", CFN_MAX_RESOURCES);
	check_cycle(&c);
	return diags->n > before ? -1 : 0;
}
