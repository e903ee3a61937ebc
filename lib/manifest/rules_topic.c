#include "base/map.h"
#include "base/str.h"
#include "manifest/checker.h"
#include "manifest/naming.h"
#include "manifest/rules.h"

/* Source: SNS Developer Guide, "Filter policy constraints". */
#define COMBINATIONS_MAX 150
#define FILTERS_MAX	 200
#define ALERTS		 "alerts" /* PREFIX-alerts: monitoring's own topic */
#define POLICY		 "Policy" /* a topic's policy has its ID and this */

/* What a bundled processor says of each file; lambda/processor/result.c. */
static const char *const attributes[] = { "status", "bucket", "type" };
static const char *const statuses[] = { "ok",	   "failed",  "empty",
					"missing", "removed", "error" };

static bool among(const char *const *words, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(words[i], text))
			return true;
	return false;
}

static const char *did_you_mean(const struct rules *r, const char *const *words, size_t n,
				const char *text)
{
	const char *nearest = str_nearest(text, words, n);
	FP_AUTO(buf_release) struct buf b = BUF_INIT;

	if (nearest)
		buf_printf(&b, "did you mean '%s'? ", nearest);
	buf_puts(&b, "known: ");
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s%s", i ? ", " : "", words[i]);
	return arena_strdup(r->arena, buf_str(&b));
}

/* Code of the user's may publish what it likes. */
static bool all_bundled(const struct rules *r)
{
	const struct node *processors = node_get(r->root, "processors");

	for (size_t i = 0; processors && i < processors->map.n; i++)
		if (!node_is(node_get(processors->map.v[i].value, "source"), "bundled"))
			return false;
	return true;
}

static void check_known(const struct rules *r, const struct node_pair *filter)
{
	const char *name = node_text(filter->key);

	if (!among(attributes, ARRAY_SIZE(attributes), name)) {
		diags_add(r->diags, filter->key->pos,
			  did_you_mean(r, attributes, ARRAY_SIZE(attributes), name),
			  "no result has the attribute %s: the filter would let nothing "
			  "through",
			  shown(r->arena, name));
		return;
	}
	for (size_t i = 0; str_eq(name, "status") && i < filter->value->seq.n; i++) {
		const struct node *value = filter->value->seq.v[i];

		if (!among(statuses, ARRAY_SIZE(statuses), node_text(value)))
			diags_add(r->diags, value->pos,
				  did_you_mean(r, statuses, ARRAY_SIZE(statuses),
					       node_text(value)),
				  "no result has the status %s",
				  shown(r->arena, node_text(value)));
	}
}

static void check_filter(const struct rules *r, const struct node_pair *topic,
			 bool bundled)
{
	const struct node *filter = node_get(topic->value, "filter");
	const struct node *email = node_get(topic->value, "email");
	const struct node *https = node_get(topic->value, "https");
	const struct node *sqs = node_get(topic->value, "sqs");
	size_t combinations = 1, subscribers;

	if (!filter || !filter->map.n)
		return;
	for (size_t i = 0; i < filter->map.n; i++) {
		combinations *= FP_MAX(filter->map.v[i].value->seq.n, (size_t)1);
		/* Far beyond already; more factors would overflow. */
		combinations = FP_MIN(combinations, (size_t)1000000);
		if (bundled)
			check_known(r, &filter->map.v[i]);
	}
	subscribers = (email ? email->seq.n : 0) + (https ? https->seq.n : 0) +
		      (sqs ? sqs->seq.n : 0);
	if (combinations > COMBINATIONS_MAX)
		diags_add(r->diags, filter->pos, "use fewer values",
			  "topic %s: its filter has %zu combinations of values; SNS "
			  "allows %d",
			  shown(r->arena, node_text(topic->key)), combinations,
			  COMBINATIONS_MAX);
	if (subscribers > FILTERS_MAX)
		diags_add(r->diags, topic->key->pos, "use a topic more",
			  "topic %s has %zu subscribers with a filter; SNS allows %d",
			  shown(r->arena, node_text(topic->key)), subscribers,
			  FILTERS_MAX);
}

static void check_alerts(const struct rules *r, const struct node *key)
{
	const struct node *alert = node_get(node_get(r->root, "monitoring"), "alert");

	if (node_is(key, ALERTS) && alert && alert->seq.n)
		diags_add(r->diags, key->pos, "choose another name",
			  "topic '" ALERTS "' is the one of monitoring.alert");
}

/* `x` has the policy XPolicy, and `x-policy` would be the topic XPolicy. */
static void check_policies(const struct rules *r, const struct node *topics)
{
	struct map policies = MAP_INIT;

	for (size_t i = 0; i < topics->map.n; i++) {
		struct node *key = topics->map.v[i].key;

		map_put(&policies,
			arena_printf(r->arena, "%s" POLICY,
				     naming_id(r->arena, node_text(key))),
			key);
	}
	for (size_t i = 0; i < topics->map.n; i++) {
		const struct node *key = topics->map.v[i].key;
		const struct node *other = map_get(&policies,
						   naming_id(r->arena, node_text(key)));

		if (other)
			diags_add(r->diags, key->pos, "rename one of them",
				  "topic %s has the logical ID of the policy of topic %s",
				  shown(r->arena, node_text(key)),
				  shown(r->arena, node_text(other)));
	}
	map_release(&policies, NULL);
}

void rules_check_topics(const struct rules *r)
{
	const struct node *topics = node_get(r->root, "notify");
	bool bundled = all_bundled(r);

	if (!topics)
		return;
	for (size_t i = 0; i < topics->map.n; i++) {
		check_alerts(r, topics->map.v[i].key);
		check_filter(r, &topics->map.v[i], bundled);
	}
	check_policies(r, topics);
	rules_check_ids(r, topics);
}
