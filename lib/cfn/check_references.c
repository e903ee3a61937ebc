/* What Conditions, Resources and Outputs name, and whether it is there. */
#include "cfn/checker.h"
#include "cfn/order.h"
#include "cfn/refs.h"

/* The entry of a section that is looked at. */
struct entry {
	const struct checker *c;
	const struct step *at;
	const struct node *value;
	bool condition;
};

/* The path is looked for only when there is something to say. */
static void fail(const struct entry *e, struct fp_pos pos, const char *name,
		 const struct node *a, const struct node *b, const char *what)
{
	FP_AUTO(buf_release) struct buf path = BUF_INIT;
	struct step here;

	if (!path_find(&path, e->at, e->value, pos))
		path_put(&path, e->at);
	here = (struct step){ NULL, buf_str(&path), 0 };
	check_fail_near_key(e->c, &here, pos, name, a, b, what);
}

static bool is_pseudo_parameter(const char *name)
{
	static const char *const names[] = { "AWS::AccountId",	      "AWS::NoValue",
					     "AWS::NotificationARNs", "AWS::Partition",
					     "AWS::Region",	      "AWS::StackId",
					     "AWS::StackName",	      "AWS::URLSuffix" };

	return check_is_listed(names, ARRAY_SIZE(names), name);
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

/* "manifest.project": a name that fpctl replaces when it renders. */
static bool is_render_name(const struct checker *c, const struct ref *ref)
{
	if (!c->source || !is_lower(ref->name[0]))
		return false;
	return ref->attribute ? is_lower(ref->attribute[0])
			      : strchr(ref->name, '.') != NULL;
}

struct render_names {
	const struct checker *c;
	bool found;
};

static void note_render_name(void *ctx, const struct ref *ref)
{
	struct render_names *names = ctx;

	names->found |= ref->name && is_render_name(names->c, ref);
}

bool check_names_manifest(const struct checker *c, const struct node *n)
{
	struct render_names names = { c, false };

	each_ref(n, true, note_render_name, &names);
	return names.found;
}

static void check_attribute(const struct entry *e, const struct ref *ref)
{
	const struct checker *c = e->c;
	const char *type = node_text(node_get(node_get(c->resources, ref->name), "Type"));
	const struct type_facts *facts = type ? factbook_type(type) : NULL;
	FP_AUTO(freep) char *what = NULL;

	if (!ref->attribute || !facts || cfn_type_has_attribute(type, ref->attribute))
		return;
	what = xasprintf("%s '%s' has no attribute", type, ref->name);
	fail(e, ref->pos, ref->attribute, node_get(facts->node, "attributes"), NULL,
	     what);
}

static void check_name(const struct entry *e, const struct ref *ref)
{
	const struct checker *c = e->c;

	if (is_pseudo_parameter(ref->name) || node_get(c->parameters, ref->name))
		return;
	if (!node_get(c->resources, ref->name))
		fail(e, ref->pos, ref->name, c->parameters,
		     e->condition ? NULL : c->resources,
		     e->condition ? "there is no parameter" : "unresolved reference");
	else if (e->condition)
		fail(e, ref->pos, ref->name, NULL, NULL,
		     "a condition cannot refer to a resource:");
}

static void check_ref(void *ctx, const struct ref *ref)
{
	const struct entry *e = ctx;
	const struct checker *c = e->c;

	if (!ref->name || c->open || is_render_name(c, ref))
		return;
	if (ref->kind == REF_CONDITION && !node_get(c->conditions, ref->name))
		fail(e, ref->pos, ref->name, c->conditions, NULL,
		     "there is no condition");
	else if (ref->kind == REF_MAPPING && !node_get(c->mappings, ref->name))
		fail(e, ref->pos, ref->name, c->mappings, NULL, "there is no mapping");
	else if (ref->kind == REF_NAME)
		check_name(e, ref);
	else if (ref->kind == REF_ATTRIBUTE && !node_get(c->resources, ref->name))
		fail(e, ref->pos, ref->name, c->resources, NULL, "unresolved reference");
	else if (ref->kind == REF_ATTRIBUTE && e->condition)
		fail(e, ref->pos, ref->name, NULL, NULL,
		     "a condition cannot refer to a resource:");
	else if (ref->kind == REF_ATTRIBUTE)
		check_attribute(e, ref);
}

static void check_section(const struct checker *c, const struct node *section,
			  const char *name, bool conditions)
{
	struct step outer = { NULL, name, 0 };

	for (size_t i = 0; section && i < section->map.n; i++) {
		const struct node_pair *p = &section->map.v[i];
		struct step here = { &outer, p->key->scalar.text, 0 };
		struct entry e = { c, &here, p->value, conditions };

		if (!check_is_macro_key(p->key->scalar.text))
			each_ref(p->value, conditions, check_ref, &e);
	}
}

/* A condition's body is a condition function. */
static void check_bodies(const struct checker *c)
{
	struct step section = { NULL, "Conditions", 0 };
	struct checker inner = *c;

	inner.in_conditions = true;
	check_ids(c, c->conditions, "Conditions");
	for (size_t i = 0; c->conditions && i < c->conditions->map.n; i++) {
		const struct node_pair *p = &c->conditions->map.v[i];
		struct step here = { &section, p->key->scalar.text, 0 };
		struct call call = { .fn = FN_COUNT };
		bool named = p->value->kind == NODE_MAPPING && p->value->map.n == 1 &&
			     node_is(p->value->map.v[0].key, "Condition");

		if (check_is_macro_key(p->key->scalar.text))
			continue;
		check_functions(&inner, &here, p->value);
		if (named ||
		    (call_of(p->value, &call) == CALL_FOUND &&
		     (call.fn == FN_AND || call.fn == FN_OR || call.fn == FN_NOT ||
		      call.fn == FN_EQUALS || call.fn == FN_CONDITION ||
		      call.fn == FN_TRANSFORM)) ||
		    (c->source && call.fn == FN_REF))
			continue;
		check_fail(c, &here, p->value->pos,
			   "Fn::And, Fn::Equals, Fn::Not, Fn::Or or Condition",
			   "a condition is one of the condition functions, not %s%s",
			   call.fn == FN_COUNT ? "a " : "",
			   call.fn == FN_COUNT ? node_kind_name(p->value)
					       : fn_name(call.fn));
	}
}

static void check_cycle(const struct checker *c, bool conditions)
{
	FP_AUTO(buf_release) struct buf cycle = BUF_INIT;
	FP_AUTO(strs_release) struct strs order = STRS_INIT;
	struct fp_pos pos;

	if (conditions ? !order_find_conditions(c->tmpl, &cycle, &pos)
		       : !order_find(&order, c->tmpl, &cycle, &pos))
		check_fail(c, NULL, pos, NULL, "%s for one another: %s",
			   conditions ? "conditions ask" : "resources wait", cycle.data);
}

void check_references(const struct checker *c)
{
	check_bodies(c);
	check_section(c, c->conditions, "Conditions", true);
	check_section(c, c->resources, "Resources", false);
	check_section(c, c->outputs, "Outputs", false);
	check_cycle(c, true);
	check_cycle(c, false);
}
