#include "plan/leftover.h"

#include "base/str.h"
#include "cfn/template.h"
#include "yaml/emit.h"

#define NOTIFICATIONS "NotificationConfiguration"

/* Whether its template is what it consists of; others need a decision first. */
static bool is_whole(const struct live_stack *live)
{
	return live->exists && live->template &&
	       !str_eq(live->status, "ROLLBACK_COMPLETE") &&
	       !str_ends(live->status, "_FAILED") &&
	       !str_starts(live->status, "DELETE_") &&
	       !str_starts(live->status, "REVIEW_");
}

static struct node *unwire_buckets(struct arena *a, const struct node *resources)
{
	struct node *out = node_copy(a, resources);

	for (size_t i = 0; i < out->map.n; i++) {
		struct node *r = out->map.v[i].value;

		if (node_is(node_get(r, "Type"), "AWS::S3::Bucket"))
			(void)node_remove(a, node_get(r, "Properties"), NOTIFICATIONS);
	}
	return out;
}

/* By its name in the text, which may keep one too many: that does no harm. */
static struct node *used_parameters(struct arena *a, const struct node *template)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	const struct node *all = node_get(template, "Parameters");
	struct node *rest = node_copy(a, template), *used = node_mapping(a);

	(void)node_remove(a, rest, "Parameters");
	node_emit_yaml(&text, rest);
	for (size_t i = 0; all && all->kind == NODE_MAPPING && i < all->map.n; i++)
		if (strstr(buf_str(&text), node_text(all->map.v[i].key)))
			node_put(a, used, node_text(all->map.v[i].key),
				 all->map.v[i].value);
	return used;
}

/* They keep the values that they have. */
static void keep_values(struct rendered_stack *s, struct arena *a,
			const struct node *parameters, const struct live_stack *live)
{
	s->parameters = arena_array(a, parameters->map.n + 1, sizeof(*s->parameters));
	for (size_t i = 0; i < parameters->map.n; i++) {
		const char *name = node_text(parameters->map.v[i].key);
		const char *value = live->parameters ? map_get(live->parameters, name)
						     : NULL;

		if (value)
			s->parameters[s->nparameters++] = (struct render_parameter){
				.name = name,
				.from = PARAM_GIVEN,
				.value = arena_strdup(a, value),
			};
	}
}

static void unwire(struct rendered_stack *s, struct arena *a,
		   const struct live_stack *live)
{
	FP_AUTO(buf_release) struct buf body = BUF_INIT;
	struct node *template = node_copy(a, live->template), *used;

	node_set(a, template, "Resources",
		 unwire_buckets(a, node_get(template, "Resources")));
	used = used_parameters(a, template);
	(void)node_remove(a, template, "Parameters");
	if (used->map.n)
		node_put(a, template, "Parameters", used);
	node_emit_yaml(&body, template);
	s->needs = NULL;
	s->nneeds = 0;
	s->template = template;
	s->capability = cfn_capability(template);
	s->body = arena_strndup(a, buf_str(&body), body.len);
	s->body_len = body.len;
	keep_values(s, a, used, live);
}

static void move(void *v, size_t size, size_t from, size_t to)
{
	FP_AUTO(freep) char *kept = xmalloc(size);
	char *at = v;

	memcpy(kept, at + from * size, size);
	memmove(at + (to + 1) * size, at + to * size, (from - to) * size);
	memcpy(at + to * size, kept, size);
}

size_t plan_unwire_leftovers(struct rendering *all, struct live *live, struct arena *a,
			     size_t n)
{
	for (size_t i = n; i < all->nstacks; i++) {
		const struct node *resources = node_get(live->v[i].template, "Resources");

		if (!spread_number(all->stacks[i].name) || !is_whole(&live->v[i]) ||
		    !resources || resources->kind != NODE_MAPPING)
			continue;
		move(all->stacks, sizeof(*all->stacks), i, n);
		move(live->v, sizeof(*live->v), i, n);
		unwire(&all->stacks[n], a, &live->v[n]);
		n++;
	}
	return n;
}
