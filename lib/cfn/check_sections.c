/* A template's head, and the sections Mappings, Outputs, Rules and Metadata. */
#include "base/map.h"
#include "cfn/checker.h"
#include "cfn/template.h"

#define MAX_LOGICAL_ID	255
#define MAX_DESCRIPTION 1024 /* bytes */
#define MAX_MAP_ENTRIES 200

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

static bool is_alphanumeric(const char *s, const char *besides)
{
	for (; *s; s++)
		if (!(*s >= '0' && *s <= '9') && !(*s >= 'A' && *s <= 'Z') &&
		    !(*s >= 'a' && *s <= 'z') && !strchr(besides, *s))
			return false;
	return true;
}

void check_ids(const struct checker *c, const struct node *section, const char *name)
{
	struct step outer = { NULL, name, 0 };

	for (size_t i = 0; section && i < section->map.n; i++) {
		const struct node *key = section->map.v[i].key;
		struct step here = { &outer, key->scalar.text, 0 };

		if (check_is_macro_key(key->scalar.text))
			continue;
		if (!key->scalar.len || key->scalar.len > MAX_LOGICAL_ID ||
		    !is_alphanumeric(key->scalar.text,
				     str_eq(name, "Conditions") ? "_&" : ""))
			check_fail(c, &here, key->pos,
				   "use letters and digits, at most 255",
				   "this is no logical ID");
	}
}

static void check_description(const struct checker *c, const struct step *at,
			      const struct node *n)
{
	if (!n)
		return;
	if (check_names_manifest(c, n))
		return;
	if (n->kind != NODE_SCALAR || n->tag || n->scalar.type == SCALAR_NULL)
		check_fail(c, at, n->pos, NULL, "must be a string, not a %s",
			   node_kind_name(n));
	else if (n->scalar.len > MAX_DESCRIPTION)
		check_fail(c, at, n->pos, NULL, "holds at most %d bytes; these are %zu",
			   MAX_DESCRIPTION, n->scalar.len);
}

static void check_names(const struct checker *c, const struct node *names,
			const struct step *at)
{
	for (size_t i = 0; names && names->kind == NODE_SEQUENCE && i < names->seq.n;
	     i++) {
		const struct node *name = names->seq.v[i];
		struct step here = { at, NULL, i };

		if (node_text(name) && !c->open &&
		    !node_get(c->parameters, name->scalar.text))
			check_fail_near_key(c, &here, name->pos, name->scalar.text,
					    c->parameters, NULL, "there is no parameter");
	}
}

/* What the console shows of the parameters. */
static void check_interface(const struct checker *c, const struct node *metadata)
{
	static const char key[] = "AWS::CloudFormation::Interface";
	struct step section = { NULL, "Metadata", 0 }, here = { &section, key, 0 };
	struct step list = { &here, "ParameterGroups", 0 };
	struct step labels = { &here, "ParameterLabels", 0 };
	const struct node *interface = node_get(metadata, key);
	const struct node *groups = node_get(interface, "ParameterGroups");
	const struct node *named = node_get(interface, "ParameterLabels");

	for (size_t i = 0; groups && groups->kind == NODE_SEQUENCE && i < groups->seq.n;
	     i++) {
		struct step group = { &list, NULL, i };
		struct step names = { &group, "Parameters", 0 };

		check_names(c, node_get(groups->seq.v[i], "Parameters"), &names);
	}
	for (size_t i = 0; named && named->kind == NODE_MAPPING && i < named->map.n;
	     i++) {
		const struct node *name = named->map.v[i].key;
		struct step label = { &labels, name->scalar.text, 0 };

		if (!c->open && !node_get(c->parameters, name->scalar.text))
			check_fail_near_key(c, &label, name->pos, name->scalar.text,
					    c->parameters, NULL, "there is no parameter");
	}
}

static void check_transform(const struct checker *c, const struct node *n)
{
	struct step here = { NULL, "Transform", 0 };

	if (n && (n->tag || n->scalar.type == SCALAR_NULL || n->kind == NODE_MAPPING) &&
	    n->kind != NODE_SEQUENCE && !node_get(n, "Name"))
		check_fail(c, &here, n->pos, "such as AWS::LanguageExtensions",
			   "must be a string or a list, not a %s", node_kind_name(n));
}

void check_top(const struct checker *c)
{
	const struct node *version = node_get(c->tmpl, "AWSTemplateFormatVersion");
	const struct node *metadata = node_get(c->tmpl, "Metadata");
	struct step description = { NULL, "Description", 0 };
	struct step section = { NULL, "Metadata", 0 };
	struct step first = { NULL, "AWSTemplateFormatVersion", 0 };

	for (size_t i = 0; i < c->tmpl->map.n; i++) {
		const struct node *key = c->tmpl->map.v[i].key;
		bool own = c->open &&
			   !str_nearest(key->scalar.text, sections, ARRAY_SIZE(sections));

		/* A macro may have sections of its own, as SAM's Globals. */
		if (!own && !check_is_macro_key(key->scalar.text) &&
		    !check_is_listed(sections, ARRAY_SIZE(sections), key->scalar.text))
			check_fail_near(c, NULL, key->pos, key->scalar.text, sections,
					ARRAY_SIZE(sections),
					"a template has no section '%s'",
					key->scalar.text);
	}
	if (version && !node_is(version, "2010-09-09"))
		check_fail(c, &first, version->pos, "write \"2010-09-09\"",
			   "there is no such version");
	check_description(c, &description, node_get(c->tmpl, "Description"));
	check_transform(c, node_get(c->tmpl, "Transform"));
	if (metadata && check_map(c, &section, metadata) && !c->folded)
		check_interface(c, metadata);
}

static void check_mapping_value(const struct checker *c, const struct step *at,
				const struct node *v)
{
	if (v->kind == NODE_SEQUENCE && !v->tag) {
		for (size_t i = 0; i < v->seq.n; i++) {
			struct step item = { at, NULL, i };

			if (v->seq.v[i]->kind != NODE_SCALAR || v->seq.v[i]->tag)
				check_fail(c, &item, v->seq.v[i]->pos, NULL,
					   "must be a string, not a %s",
					   node_kind_name(v->seq.v[i]));
		}
		return;
	}
	if (v->kind != NODE_SCALAR || v->tag || node_is_null(v))
		check_fail(c, at, v->pos, "a mapping has two levels and no functions",
			   "must be a string or a list, not a %s", node_kind_name(v));
}

static void check_mapping_level(const struct checker *c, const struct step *at,
				const struct node *map, bool inner)
{
	if (map->kind == NODE_MAPPING && check_has_macro(map))
		return;
	if (!check_map(c, at, map))
		return;
	if (!map->map.n || map->map.n > MAX_MAP_ENTRIES)
		check_fail(c, at, map->pos, NULL, "has 1 to %d entries, not %zu",
			   MAX_MAP_ENTRIES, map->map.n);
	for (size_t i = 0; i < map->map.n; i++) {
		const struct node_pair *p = &map->map.v[i];
		struct step here = { at, p->key->scalar.text, 0 };

		if (!p->key->scalar.len ||
		    !is_alphanumeric(p->key->scalar.text, inner ? "" : ".-"))
			check_fail(c, &here, p->key->pos,
				   inner ? "use letters and digits"
					 : "use letters, digits, dots and dashes",
				   "a mapping cannot have this key");
		if (inner)
			check_mapping_value(c, &here, p->value);
		else
			check_mapping_level(c, &here, p->value, true);
	}
}

void check_mappings(const struct checker *c)
{
	struct step section = { NULL, "Mappings", 0 };

	check_ids(c, c->mappings, "Mappings");
	for (size_t i = 0; c->mappings && i < c->mappings->map.n; i++) {
		const struct node_pair *p = &c->mappings->map.v[i];
		struct step here = { &section, p->key->scalar.text, 0 };

		if (!check_is_macro_key(p->key->scalar.text))
			check_mapping_level(c, &here, p->value, false);
	}
}

/* A name that the account has once; it may hold letters, digits, ':' and '-'. */
static void check_export(const struct checker *c, const struct step *at,
			 const struct node *n, struct map *seen)
{
	const struct node *name = node_get(n, "Name");
	struct step here = { at, "Name", 0 };

	if (!check_map(c, at, n) || check_has_macro(n))
		return;
	for (size_t i = 0; i < n->map.n; i++) {
		struct step key = { at, n->map.v[i].key->scalar.text, 0 };

		if (!node_is(n->map.v[i].key, "Name"))
			check_fail(c, &key, n->map.v[i].key->pos, "it is Name",
				   "an export has no such key");
	}
	if (!name) {
		check_fail(c, at, n->pos, NULL, "the export has no Name");
		return;
	}
	if (check_is_function(name) || !node_text(name))
		return;
	if (!is_alphanumeric(name->scalar.text, ":-") || !name->scalar.len ||
	    name->scalar.len > MAX_LOGICAL_ID)
		check_fail(c, &here, name->pos, "use letters, digits, ':' and '-'",
			   "an export cannot be named '%s'", name->scalar.text);
	if (map_put(seen, name->scalar.text, (void *)name))
		check_fail(c, &here, name->pos, NULL, "two outputs are exported as '%s'",
			   name->scalar.text);
}

static void check_output_value(const struct checker *c, const struct step *at,
			       const struct node *value)
{
	struct call call;

	if (call_of(value, &call) == CALL_FOUND) {
		if (check_gives(c, &call) == GIVES_LIST)
			check_fail(c, at, value->pos, "join its items with Fn::Join",
				   "an output is a text; %s gives a list",
				   fn_name(call.fn));
		return;
	}
	if (check_is_function(value) ||
	    (value->kind == NODE_MAPPING && check_has_macro(value)))
		return;
	if (value->kind != NODE_SCALAR)
		check_fail(c, at, value->pos, NULL, "must be a string, not a %s",
			   node_kind_name(value));
}

static void check_output(const struct checker *c, const struct step *at,
			 const struct node_pair *p, struct map *exports)
{
	static const char *const keys[] = { "Condition", "Description", "Export",
					    "Value" };
	const struct node *value = node_get(p->value, "Value");
	struct step description = { at, "Description", 0 }, inner = { at, "Value", 0 };
	struct step export = { at, "Export", 0 };

	for (size_t i = 0; i < p->value->map.n; i++) {
		const struct node *key = p->value->map.v[i].key;
		struct step here = { at, key->scalar.text, 0 };

		if (!check_is_listed(keys, ARRAY_SIZE(keys), key->scalar.text) &&
		    !check_is_macro_key(key->scalar.text))
			check_fail_near(c, &here, key->pos, key->scalar.text, keys,
					ARRAY_SIZE(keys), "an output has no such key");
	}
	if (value)
		check_output_value(c, &inner, value);
	else if (!check_has_macro(p->value))
		check_fail(c, at, p->key->pos, NULL, "the output has no Value");
	check_description(c, &description, node_get(p->value, "Description"));
	if (node_get(p->value, "Export"))
		check_export(c, &export, node_get(p->value, "Export"), exports);
	check_condition_name(c, at, node_get(p->value, "Condition"));
	check_functions(c, at, p->value);
}

void check_outputs(const struct checker *c)
{
	struct step section = { NULL, "Outputs", 0 };
	struct map exports = MAP_INIT;

	check_ids(c, c->outputs, "Outputs");
	for (size_t i = 0; c->outputs && i < c->outputs->map.n; i++) {
		const struct node_pair *p = &c->outputs->map.v[i];
		struct step here = { &section, p->key->scalar.text, 0 };

		if (!check_is_macro_key(p->key->scalar.text) &&
		    check_map(c, &here, p->value))
			check_output(c, &here, p, &exports);
	}
	map_release(&exports, NULL);
}

static const char *const rule_functions[] = {
	"Fn::And",	    "Fn::Contains", "Fn::EachMemberEquals",
	"Fn::EachMemberIn", "Fn::Equals",   "Fn::Not",
	"Fn::Or",	    "Fn::RefAll",   "Fn::ValueOf",
	"Fn::ValueOfAll",   "Ref",
};

/* Rules have functions of their own, and see parameters only. */
static void check_rule_functions(const struct checker *c, const struct step *at,
				 const struct node *n)
{
	for (size_t i = 0; n->kind == NODE_SEQUENCE && i < n->seq.n; i++) {
		struct step here = { at, NULL, i };

		check_rule_functions(c, &here, n->seq.v[i]);
	}
	for (size_t i = 0; n->kind == NODE_MAPPING && i < n->map.n; i++) {
		const struct node *key = n->map.v[i].key;
		struct step here = { at, key->scalar.text, 0 };

		if (str_starts(key->scalar.text, "Fn::") &&
		    !check_is_listed(rule_functions, ARRAY_SIZE(rule_functions),
				     key->scalar.text))
			check_fail_near(c, &here, key->pos, key->scalar.text,
					rule_functions, ARRAY_SIZE(rule_functions),
					"rules have no such function");
		check_rule_functions(c, &here, n->map.v[i].value);
	}
}

static void check_rule(const struct checker *c, const struct step *at,
		       const struct node_pair *p)
{
	static const char *const keys[] = { "Assertions", "RuleCondition" };
	const struct node *assertions = node_get(p->value, "Assertions");
	struct step list = { at, "Assertions", 0 };

	for (size_t i = 0; i < p->value->map.n; i++) {
		const struct node *key = p->value->map.v[i].key;
		struct step here = { at, key->scalar.text, 0 };

		if (!check_is_listed(keys, ARRAY_SIZE(keys), key->scalar.text))
			check_fail_near(c, &here, key->pos, key->scalar.text, keys,
					ARRAY_SIZE(keys), "a rule has no such key");
	}
	if (!assertions)
		check_fail(c, at, p->key->pos, NULL, "the rule has no Assertions");
	else if (assertions->kind != NODE_SEQUENCE)
		check_fail(c, &list, assertions->pos, NULL, "must be a list, not a %s",
			   node_kind_name(assertions));
	for (size_t i = 0;
	     assertions && assertions->kind == NODE_SEQUENCE && i < assertions->seq.n;
	     i++) {
		struct step item = { &list, NULL, i };

		if (check_map(c, &item, assertions->seq.v[i]) &&
		    !node_get(assertions->seq.v[i], "Assert"))
			check_fail(c, &item, assertions->seq.v[i]->pos, NULL,
				   "the assertion has no Assert");
	}
	check_rule_functions(c, at, p->value);
}

void check_rules(const struct checker *c)
{
	const struct node *rules = node_get(c->tmpl, "Rules");
	struct step section = { NULL, "Rules", 0 };

	if (!check_map(c, &section, rules))
		return;
	check_ids(c, rules, "Rules");
	for (size_t i = 0; rules && i < rules->map.n; i++) {
		const struct node_pair *p = &rules->map.v[i];
		struct step here = { &section, p->key->scalar.text, 0 };

		if (check_map(c, &here, p->value))
			check_rule(c, &here, p);
	}
}
