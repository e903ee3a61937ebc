/*
 * The Resources section: the attributes that every resource has.
 * Source: CloudFormation User Guide, "Resource attribute reference".
 */
#include "cfn/checker.h"

static const char *const attributes[] = {
	"Type",		  "Properties",	    "DependsOn",	   "Condition",
	"CreationPolicy", "DeletionPolicy", "UpdateReplacePolicy", "UpdatePolicy",
	"Metadata",	  "Version",
};

/* The types whose data AWS can keep as a snapshot. */
static const char *const with_snapshots[] = {
	"AWS::DocDB::DBCluster",	  "AWS::EC2::Volume",
	"AWS::ElastiCache::CacheCluster", "AWS::ElastiCache::ReplicationGroup",
	"AWS::Neptune::DBCluster",	  "AWS::RDS::DBCluster",
	"AWS::RDS::DBInstance",		  "AWS::Redshift::Cluster",
};

static const char *const creation_keys[] = { "AutoScalingCreationPolicy",
					     "ResourceSignal", "StartFleet" };

static const char *const update_keys[] = {
	"AutoScalingReplacingUpdate", "AutoScalingRollingUpdate",
	"AutoScalingScheduledAction", "CodeDeployLambdaAliasUpdate",
	"EnableVersionUpgrade",	      "UseOnlineResharding",
};

/* UpdateReplacePolicy knows one word less than DeletionPolicy. */
static void check_deletion(const struct checker *c, const struct step *at,
			   const struct node *value, bool replace)
{
	static const char *const words[] = { "Delete", "Retain", "Snapshot",
					     "RetainExceptOnCreate" };
	size_t n = ARRAY_SIZE(words) - replace;
	const char *text = node_text(value);

	if (check_is_function(value)) {
		if (check_lacks_transform(c))
			check_fail(c, at, value->pos,
				   "add 'Transform: AWS::LanguageExtensions'",
				   "a function here needs a transform");
		return;
	}
	if (!text)
		check_fail(c, at, value->pos, NULL, "must be a string, not a %s",
			   node_kind_name(value));
	else if (!check_is_listed(words, n, text))
		check_fail_near(c, at, value->pos, text, words, n, "cannot be '%s'",
				text);
	else if (c->properties && str_eq(text, "Snapshot") &&
		 str_starts(str_or(c->type, ""), "AWS::") &&
		 !check_is_listed(with_snapshots, ARRAY_SIZE(with_snapshots), c->type))
		check_fail(c, at, value->pos, "Retain keeps it",
			   "there are no snapshots of %s", c->type);
}

static void check_policy_keys(const struct checker *c, const struct step *at,
			      const struct node *value, const char *const *keys, size_t n)
{
	if (check_is_function(value) || !check_map(c, at, value))
		return;
	for (size_t i = 0; i < value->map.n; i++) {
		const struct node *key = value->map.v[i].key;
		struct step here = { at, key->scalar.text, 0 };

		if (!check_is_listed(keys, n, key->scalar.text) &&
		    !check_is_macro_key(key->scalar.text))
			check_fail_near(c, &here, key->pos, key->scalar.text, keys, n,
					"there is no such policy");
	}
}

static void check_alias_update(const struct checker *c, const struct step *at,
			       const struct node *update)
{
	static const char *const keys[] = { "ApplicationName", "DeploymentGroupName" };
	struct step here = { at, "CodeDeployLambdaAliasUpdate", 0 };

	if (!update || update->kind != NODE_MAPPING || check_has_macro(update))
		return;
	if (!str_eq(c->type, "AWS::Lambda::Alias"))
		check_fail(c, &here, update->pos, NULL,
			   "belongs to an AWS::Lambda::Alias, not to %s", c->type);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (!node_get(update, keys[i]))
			check_fail(c, &here, update->pos, NULL,
				   "the required property '%s' is missing", keys[i]);
}

static void check_depends_on(const struct checker *c, const struct step *at,
			     const struct node *on)
{
	const char *id = on->tag ? NULL : node_text(on);

	if (on->kind == NODE_SEQUENCE && !on->tag) {
		for (size_t i = 0; i < on->seq.n; i++) {
			struct step item = { at, NULL, i };

			if (on->seq.v[i]->kind == NODE_SCALAR)
				check_depends_on(c, &item, on->seq.v[i]);
			else
				check_fail(c, &item, on->seq.v[i]->pos, NULL,
					   "must be a logical ID, not a %s",
					   node_kind_name(on->seq.v[i]));
		}
		return;
	}
	if (!id)
		check_fail(c, at, on->pos, "it takes no functions",
			   "must be a logical ID or a list of them, not a %s",
			   node_kind_name(on));
	else if (!c->open && !node_get(c->resources, id))
		check_fail_near_key(c, at, on->pos, id, c->resources, NULL,
				    "there is no resource");
}

void check_condition_name(const struct checker *c, const struct step *at,
			  const struct node *name)
{
	struct step here = { at, "Condition", 0 };

	if (!name)
		return;
	if (!node_text(name) || name->tag)
		check_fail(c, &here, name->pos, NULL,
			   "must be a condition's name, not a %s", node_kind_name(name));
	else if (!c->open && !node_get(c->conditions, name->scalar.text) &&
		 !(c->source && strchr(name->scalar.text, '.')))
		check_fail_near_key(c, &here, name->pos, name->scalar.text, c->conditions,
				    NULL, "there is no condition");
}

struct nearest {
	const char *name, *found;
};

/* Whether one letter makes the difference, or only capitals do. */
static bool is_slip(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b), from = 0, to = 0;

	if (str_ieq(a, b))
		return true;
	while (a[from] && a[from] == b[from])
		from++;
	while (to < na - from && to < nb - from && a[na - 1 - to] == b[nb - 1 - to])
		to++;
	return na - from - to <= 1 && nb - from - to <= 1;
}

static void note_slip(void *ctx, const struct type_facts *type)
{
	struct nearest *n = ctx;

	if (is_slip(n->name, type->name))
		n->found = type->name;
}

/* Types are many; only what is a slip away from one that is known is a finding. */
static void check_type(const struct checker *c, const struct step *at,
		       const struct node *type)
{
	FP_AUTO(freep) char *hint = NULL;
	struct nearest n = { node_text(type), NULL };
	struct step here = { at, "Type", 0 };

	if (!n.name || type->tag || !strstr(n.name, "::")) {
		check_fail(c, &here, type->pos, "such as AWS::S3::Bucket",
			   "must be a type's name%s%s%s", n.name ? ", not '" : "",
			   n.name ? n.name : "", n.name ? "'" : "");
		return;
	}
	if (strncasecmp(n.name, "AWS::", 5) != 0 || factbook_type(n.name))
		return;
	factbook_each(note_slip, &n);
	if (!n.found)
		return;
	hint = xasprintf("did you mean '%s'?", n.found);
	check_fail(c, &here, type->pos, hint, "there is no resource type '%s'", n.name);
}

/* A custom resource is made by whoever its token names. */
static void check_service_token(const struct checker *c, const struct step *at,
				const struct node_pair *p)
{
	const struct node *properties = node_get(p->value, "Properties");
	struct step here = { at, "Properties", 0 };

	if (!str_starts(c->type, "Custom::") &&
	    !str_eq(c->type, "AWS::CloudFormation::CustomResource"))
		return;
	if (!properties ||
	    (properties->kind == NODE_MAPPING && !check_has_macro(properties) &&
	     !properties->tag && !node_get(properties, "ServiceToken") &&
	     !check_is_function(properties)))
		check_fail(c, &here, p->key->pos, "its function's or topic's ARN",
			   "a custom resource needs a ServiceToken");
}

static void check_attribute(const struct checker *c, const struct step *at,
			    const struct node_pair *p)
{
	const char *name = p->key->scalar.text;
	struct step here = { at, name, 0 };

	if (!check_is_listed(attributes, ARRAY_SIZE(attributes), name) &&
	    !check_is_macro_key(name))
		check_fail_near(c, &here, p->key->pos, name, attributes,
				ARRAY_SIZE(attributes),
				"a resource has no such attribute");
	else if (str_eq(name, "DeletionPolicy"))
		check_deletion(c, &here, p->value, false);
	else if (str_eq(name, "UpdateReplacePolicy"))
		check_deletion(c, &here, p->value, true);
	else if (str_eq(name, "DependsOn"))
		check_depends_on(c, &here, p->value);
	else if (str_eq(name, "Condition"))
		check_condition_name(c, at, p->value);
	else if (str_eq(name, "CreationPolicy"))
		check_policy_keys(c, &here, p->value, creation_keys,
				  ARRAY_SIZE(creation_keys));
	else if (str_eq(name, "UpdatePolicy")) {
		check_policy_keys(c, &here, p->value, update_keys,
				  ARRAY_SIZE(update_keys));
		check_alias_update(c, &here,
				   node_get(p->value, "CodeDeployLambdaAliasUpdate"));
	}
}

static void check_resource(struct checker *c, const struct step *at,
			   const struct node_pair *p)
{
	const struct node *type = node_get(p->value, "Type");
	struct step metadata = { at, "Metadata", 0 };

	c->type = node_text(type);
	if (type)
		check_type(c, at, type);
	else if (!check_has_macro(p->value))
		check_fail(c, at, p->key->pos, "such as AWS::S3::Bucket",
			   "the resource has no Type");
	for (size_t i = 0; i < p->value->map.n; i++)
		check_attribute(c, at, &p->value->map.v[i]);
	check_functions(c, &metadata, node_get(p->value, "Metadata"));
	if (c->type) {
		struct step here = { at, "Properties", 0 };

		c->in_properties = true;
		check_functions(c, &here, node_get(p->value, "Properties"));
		c->in_properties = false;
		check_service_token(c, at, p);
		if (c->properties) {
			check_properties(c, at, p->value);
			check_fifo(c, at, p->value);
		}
	}
}

void check_resources(const struct checker *outer)
{
	const struct node *own = node_get(outer->tmpl, "Resources");
	struct step section = { NULL, "Resources", 0 };
	struct checker c = *outer;

	if (!own || (c.resources && c.resources->map.n == 0))
		check_fail(&c, NULL, own ? own->pos : c.tmpl->pos, NULL,
			   "a template needs at least one resource");
	check_ids(&c, c.resources, "Resources");
	for (size_t i = 0; c.resources && i < c.resources->map.n; i++) {
		const struct node_pair *p = &c.resources->map.v[i];
		struct step here = { &section, p->key->scalar.text, 0 };

		if (check_is_macro_key(p->key->scalar.text))
			continue;
		if (check_map(&c, &here, p->value))
			check_resource(&c, &here, p);
		if (node_get(c.parameters, p->key->scalar.text))
			check_fail(&c, &here, p->key->pos, NULL,
				   "a parameter has the same name");
	}
}
