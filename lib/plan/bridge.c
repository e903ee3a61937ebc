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

bool plan_holds_back(const struct rendering *r, const struct live *live, size_t i,
		     size_t user)
{
	const struct live_stack *is = &live->v[i], *takes = &live->v[user];
	const struct node *template = r->stacks[i].template;
	bool taken = false;

	if (i == user || !is->outputs || !takes->parameters)
		return false;
	map_each (e, is->outputs)
		taken = taken || map_has(takes->parameters, e->key);
	return taken && !plan_template_equal(&r->stacks[user], takes) &&
	       (drops(node_get(template, "Outputs"), node_get(is->template, "Outputs")) ||
		drops(node_get(template, "Resources"),
		      node_get(is->template, "Resources")));
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
