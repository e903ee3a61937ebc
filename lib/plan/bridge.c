#include "base/str.h"
#include "cfn/template.h"
#include "plan/plan.h"
#include "yaml/emit.h"

static size_t count(const struct node *map)
{
	return map && map->kind == NODE_MAPPING ? map->map.n : 0;
}

/* Whether the new map lacks something that the old one has. */
static bool drops(const struct node *new, const struct node *old)
{
	for (size_t i = 0; i < count(old); i++)
		if (!node_get(new, node_text(old->map.v[i].key)))
			return true;
	return false;
}

static bool has_item(const struct node *list, const struct node *item);

/* Whether some part of `old` is nowhere in `new`. */
static bool lacks(const struct node *new, const struct node *old)
{
	if (!old || node_equal(new, old))
		return false;
	if (!new || new->kind != old->kind || !str_eq(new->tag, old->tag) ||
	    old->kind == NODE_SCALAR)
		return true;
	for (size_t i = 0; i < count(old); i++)
		if (lacks(node_get(new, node_text(old->map.v[i].key)),
			  old->map.v[i].value))
			return true;
	for (size_t i = 0; old->kind == NODE_SEQUENCE && i < old->seq.n; i++)
		if (!has_item(new, old->seq.v[i]))
			return true;
	return false;
}

/* Whether some item of the list is, or holds, all of `item`. */
static bool has_item(const struct node *list, const struct node *item)
{
	for (size_t i = 0; i < list->seq.n; i++)
		if (!lacks(list->seq.v[i], item))
			return true;
	return false;
}

/* The inline policies of a role, or NULL. */
static struct node *policies_of(const struct node *resource)
{
	struct node *list = node_at(resource, "Properties.Policies");

	return node_is(node_get(resource, "Type"), "AWS::IAM::Role") && list &&
			       list->kind == NODE_SEQUENCE && !list->tag
		       ? list
		       : NULL;
}

/* Whether a role that stays may do less than before. */
static bool narrows(const struct node *new, const struct node *old)
{
	for (size_t i = 0; i < count(old); i++) {
		const struct node *role = node_get(new, node_text(old->map.v[i].key));

		if (policies_of(role) &&
		    lacks(policies_of(role), policies_of(old->map.v[i].value)))
			return true;
	}
	return false;
}

bool plan_holds_back(const struct rendering *r, const struct live *live, size_t i,
		     size_t user)
{
	const struct live_stack *is = &live->v[i], *takes = &live->v[user];
	const struct node *new = r->stacks[i].template, *old = is->template;
	bool taken = false;

	if (i == user || !is->outputs || !takes->parameters)
		return false;
	map_each (e, is->outputs)
		taken = taken || map_has(takes->parameters, e->key);
	return taken && !plan_template_equal(&r->stacks[user], takes) &&
	       (drops(node_get(new, "Outputs"), node_get(old, "Outputs")) ||
		drops(node_get(new, "Resources"), node_get(old, "Resources")) ||
		narrows(node_get(new, "Resources"), node_get(old, "Resources")));
}

/* What is new, and behind it what only the deployed one has. */
static struct node *merge(struct arena *a, const struct node *new, const struct node *old)
{
	struct node *all = node_mapping(a);

	for (size_t i = 0; i < count(new); i++)
		node_put_node(a, all, new->map.v[i].key, new->map.v[i].value);
	for (size_t i = 0; i < count(old); i++)
		if (!node_get(new, node_text(old->map.v[i].key)))
			node_put_node(a, all, node_copy(a, old->map.v[i].key),
				      node_copy(a, old->map.v[i].value));
	return all;
}

static bool has_policy(const struct node *list, const char *name)
{
	for (size_t i = 0; i < list->seq.n; i++)
		if (node_is(node_get(list->seq.v[i], "PolicyName"), name))
			return true;
	return false;
}

/* Whether one of the policies has the statement, or all of it in another one. */
static bool is_stated(const struct node *policies, const struct node *statement)
{
	for (size_t i = 0; i < policies->seq.n; i++) {
		const struct node *list = node_at(policies->seq.v[i],
						  "PolicyDocument.Statement");

		if (list && list->kind == NODE_SEQUENCE && has_item(list, statement))
			return true;
	}
	return false;
}

/* Take out what the other policies allow as well, for a role's policies together hold
 * 10,240 characters. */
static void drop_stated(struct node *policy, const struct node *policies)
{
	struct node *list = node_at(policy, "PolicyDocument.Statement");
	size_t kept = 0;

	if (!list || list->kind != NODE_SEQUENCE || list->tag)
		return;
	for (size_t i = 0; i < list->seq.n; i++)
		if (!is_stated(policies, list->seq.v[i]))
			list->seq.v[kept++] = list->seq.v[i];
	list->seq.n = kept;
}

/* A copy of the role that also has the deployed policies, by names of their own. */
static struct node *widen(struct arena *a, const struct node *role,
			  const struct node *policies)
{
	struct node *wide = node_copy(a, role), *list = policies_of(wide);

	for (size_t i = 0; i < policies->seq.n; i++) {
		struct node *policy = node_copy(a, policies->seq.v[i]);
		const char *name = node_text(node_get(policy, "PolicyName"));

		if (!name || has_item(list, policy))
			continue;
		while (has_policy(list, name))
			name = arena_printf(a, "%s-before", name);
		drop_stated(policy, policies_of(role));
		node_set(a, policy, "PolicyName", node_string(a, name));
		node_push(a, list, policy);
	}
	return wide;
}

static void widen_roles(struct arena *a, struct node *all, const struct node *old)
{
	for (size_t i = 0; i < count(all); i++) {
		struct node_pair *p = &all->map.v[i];
		const struct node *had = policies_of(node_get(old, node_text(p->key)));

		if (had && policies_of(p->value))
			p->value = widen(a, p->value, had);
	}
}

/* A queue that stays for now goes on to give up messages to its dead letters, which
 * the new template may let in from nobody. */
static void keep_redrive(struct arena *a, struct node *all, const struct node *old)
{
	static const char path[] = "Properties.RedriveAllowPolicy";

	for (size_t i = 0; i < count(all); i++) {
		struct node_pair *p = &all->map.v[i];
		const struct node *before = node_get(old, node_text(p->key));
		const struct node *had = node_at(before, path);
		struct node *queue;

		if (!node_is(node_get(p->value, "Type"), "AWS::SQS::Queue") ||
		    !node_is(node_get(had, "redrivePermission"), "byQueue") ||
		    !lacks(node_at(p->value, path), had))
			continue;
		queue = node_copy(a, p->value);
		node_set(a, node_get(queue, "Properties"), "RedriveAllowPolicy",
			 node_copy(a, had));
		p->value = queue;
	}
}

static struct node *merge_templates(struct arena *a, const struct node *new,
				    const struct node *old)
{
	static const char *const sections[] = { "Parameters", "Mappings", "Conditions",
						"Resources", "Outputs" };
	struct node *all = merge(a, new, node_mapping(a));

	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		const struct node *had = node_get(old, sections[i]);

		if (count(had))
			node_set(a, all, sections[i],
				 merge(a, node_get(new, sections[i]), had));
	}
	widen_roles(a, node_get(all, "Resources"), node_get(old, "Resources"));
	keep_redrive(a, node_get(all, "Resources"), node_get(old, "Resources"));
	return all;
}

bool plan_bridge(struct rendered_stack *out, struct arena *a, const struct rendering *r,
		 const struct live *live, size_t i)
{
	FP_AUTO(buf_release) struct buf body = BUF_INIT;
	const struct node *template;
	size_t user = 0;

	while (user < r->nstacks && !plan_holds_back(r, live, i, user))
		user++;
	if (user == r->nstacks)
		return false;
	template = merge_templates(a, r->stacks[i].template, live->v[i].template);
	if (count(node_get(template, "Resources")) > CFN_MAX_RESOURCES ||
	    count(node_get(template, "Outputs")) > CFN_MAX_OUTPUTS)
		return false;
	node_emit_yaml(&body, template);
	*out = r->stacks[i];
	out->template = template;
	out->capability = cfn_capability(template);
	out->body = arena_strndup(a, buf_str(&body), body.len);
	out->body_len = body.len;
	return true;
}

void plan_keep_params(struct map *out, const struct rendered_stack *bridge,
		      const struct live_stack *live)
{
	const struct node *all = node_get(bridge->template, "Parameters");

	for (size_t i = 0; i < count(all); i++) {
		const char *name = node_text(all->map.v[i].key);
		bool own = false;

		for (size_t k = 0; k < bridge->nparameters; k++)
			own = own || str_eq(bridge->parameters[k].name, name);
		if (!own && live->parameters && map_has(live->parameters, name))
			(void)map_put(out, name, map_get(live->parameters, name));
	}
}
