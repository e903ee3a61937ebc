#include "base/str.h"
#include "manifest/naming.h"
#include "render/derive.h"

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
	derive_text(a, rule, "Name", name);
	derive_text(a, rule, "Value", value);
	node_push(a, rules, rule);
}

static void push_filter(struct arena *a, struct node *filters, const char *on,
			const char *prefix, const char *suffix)
{
	struct node *filter = node_mapping(a), *rules = node_sequence(a);

	push_rule(a, rules, "prefix", prefix);
	push_rule(a, rules, "suffix", suffix);
	derive_text(a, filter, "event", event_of(on));
	derive_bool(a, filter, "limited", rules->seq.n > 0);
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

struct node *derive_buckets(struct arena *a, const struct manifest *m)
{
	struct node *list = node_sequence(a);

	for (size_t i = 0; i < m->nbuckets; i++) {
		const struct manifest_bucket *b = &m->buckets[i];
		struct node *it = node_mapping(a);

		derive_text(a, it, "name", b->name);
		derive_text(a, it, "id", naming_id(a, b->name));
		derive_text(a, it, "processor", naming_id(a, b->processor));
		derive_bool(a, it, "queue", b->queue);
		node_put(a, it, "filters", filters_of(a, b));
		derive_bool(a, it, "versioning", b->versioning);
		derive_bool(a, it, "kms", b->encryption != ENCRYPT_S3);
		derive_bool(a, it, "own_key", b->encryption == ENCRYPT_KEY);
		derive_text(a, it, "key", b->key);
		derive_bool(a, it, "archived", b->archive_days > 0);
		derive_number(a, it, "archive_days", b->archive_days);
		derive_bool(a, it, "expires", b->expire_days > 0);
		derive_number(a, it, "expire_days", b->expire_days);
		derive_bool(a, it, "retain", b->retain || m->protect);
		node_push(a, list, it);
	}
	return list;
}
