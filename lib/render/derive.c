#include "render/derive.h"

#include "base/map.h"
#include "base/str.h"
#include "manifest/naming.h"

/*
 * A role that names more buckets gets one wildcard instead: its policies hold
 * 10,240 characters.
 */
#define NAMED_BUCKETS_MAX 20

static void put_text(struct arena *a, struct node *map, const char *key, const char *text)
{
	node_put(a, map, key, node_string(a, text));
}

const char *derive_prefix(struct arena *a, const struct manifest *m)
{
	if (!m->environment)
		return m->project;
	return arena_printf(a, "%s-%s", m->project, m->environment);
}

static const struct {
	const char *on, *event;
} events[] = {
	{ "created", "s3:ObjectCreated:*" },
	{ "removed", "s3:ObjectRemoved:*" },
	{ "restored", "s3:ObjectRestore:*" },
	{ "tagged", "s3:ObjectTagging:*" },
};

static const char *event_of(const char *on)
{
	for (size_t i = 0; i < ARRAY_SIZE(events); i++)
		if (str_eq(events[i].on, on))
			return events[i].event;
	fp_die("'%s' of a checked manifest is no event", on);
}

static void push_rule(struct arena *a, struct node *rules, const char *name,
		      const char *value)
{
	struct node *rule;

	if (!value)
		return;
	rule = node_mapping(a);
	put_text(a, rule, "Name", name);
	put_text(a, rule, "Value", value);
	node_push(a, rules, rule);
}

static void push_filter(struct arena *a, struct node *filters, const char *on,
			const char *prefix, const char *suffix)
{
	struct node *filter = node_mapping(a), *rules = node_sequence(a);

	push_rule(a, rules, "prefix", prefix);
	push_rule(a, rules, "suffix", suffix);
	put_text(a, filter, "event", event_of(on));
	node_put(a, filter, "limited", node_bool(a, rules->seq.n > 0));
	node_put(a, filter, "rules", rules);
	node_push(a, filters, filter);
}

/* Every event with every prefix with every suffix: S3 takes one of each at a time. */
static struct node *filters_of(struct arena *a, const struct manifest_bucket *b)
{
	struct node *filters = node_sequence(a);

	for (size_t i = 0; i < b->non; i++)
		for (size_t p = 0; p < FP_MAX(b->nprefix, (size_t)1); p++)
			for (size_t s = 0; s < FP_MAX(b->nsuffix, (size_t)1); s++)
				push_filter(a, filters, b->on[i],
					    b->nprefix ? b->prefix[p] : NULL,
					    b->nsuffix ? b->suffix[s] : NULL);
	return filters;
}

static struct node *buckets_of(struct arena *a, const struct manifest *m)
{
	struct node *list = node_sequence(a);

	for (size_t i = 0; i < m->nbuckets; i++) {
		const struct manifest_bucket *b = &m->buckets[i];
		struct node *it = node_mapping(a);

		put_text(a, it, "name", b->name);
		put_text(a, it, "id", naming_id(a, b->name));
		put_text(a, it, "processor", naming_id(a, b->processor));
		node_put(a, it, "filters", filters_of(a, b));
		node_push(a, list, it);
	}
	return list;
}

/* Per processor the names of its buckets, in one pass over the buckets. */
static void names_by_processor(struct map *out, struct arena *a, const struct manifest *m)
{
	for (size_t i = 0; i < m->nprocessors; i++)
		map_put(out, m->processors[i].name, node_sequence(a));
	for (size_t i = 0; i < m->nbuckets; i++)
		node_push(a, map_get(out, m->buckets[i].processor),
			  node_string(a, m->buckets[i].name));
}

static struct node *variables_of(struct arena *a, const struct node *environment)
{
	struct node *list = node_sequence(a);

	for (size_t i = 0; environment && i < environment->map.n; i++) {
		struct node *it = node_mapping(a);

		node_put(a, it, "name", node_copy(a, environment->map.v[i].key));
		node_put(a, it, "value", node_copy(a, environment->map.v[i].value));
		node_push(a, list, it);
	}
	return list;
}

static struct node *processors_of(struct arena *a, const struct manifest *m)
{
	struct node *list = node_sequence(a), *any = node_sequence(a);
	struct map names = MAP_INIT;

	node_push(a, any, node_string(a, "*"));
	names_by_processor(&names, a, m);
	for (size_t i = 0; i < m->nprocessors; i++) {
		const struct manifest_processor *p = &m->processors[i];
		struct node *it = node_mapping(a), *mine = map_get(&names, p->name);

		put_text(a, it, "name", p->name);
		put_text(a, it, "id", naming_id(a, p->name));
		put_text(a, it, "arch", p->arch);
		node_put(a, it, "memory", node_int(a, p->memory_mib));
		node_put(a, it, "timeout", node_int(a, p->timeout_s));
		node_put(a, it, "environment", variables_of(a, p->environment));
		node_put(a, it, "reads", node_bool(a, mine->seq.n > 0));
		node_put(a, it, "buckets", mine->seq.n > NAMED_BUCKETS_MAX ? any : mine);
		node_push(a, list, it);
	}
	map_release(&names, NULL);
	return list;
}

static struct node *subscriptions_of(struct arena *a, const struct manifest *m)
{
	struct node *list = node_sequence(a);

	for (size_t i = 0; i < m->nnotify_email; i++) {
		struct node *it = node_mapping(a);

		put_text(a, it, "id", naming_id(a, m->notify_email[i]));
		put_text(a, it, "address", m->notify_email[i]);
		node_push(a, list, it);
	}
	return list;
}

static struct node *tags_of(struct arena *a, const struct manifest *m)
{
	struct node *list = node_sequence(a);

	for (size_t i = 0; i < m->ntags; i++) {
		struct node *it = node_mapping(a);

		put_text(a, it, "Key", m->tags[i].key);
		put_text(a, it, "Value", m->tags[i].value);
		node_push(a, list, it);
	}
	return list;
}

struct node *derive_manifest(struct arena *a, const struct manifest *m)
{
	struct node *out = node_mapping(a);

	put_text(a, out, "project", m->project);
	put_text(a, out, "prefix", derive_prefix(a, m));
	node_put(a, out, "tags", tags_of(a, m));
	node_put(a, out, "buckets", buckets_of(a, m));
	node_put(a, out, "processors", processors_of(a, m));
	node_put(a, out, "subscriptions", subscriptions_of(a, m));
	return out;
}
