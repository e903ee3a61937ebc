#include "base/map.h"
#include "base/str.h"
#include "manifest/naming.h"
#include "render/derive.h"
#include "yaml/emit.h"

/*
 * The policies of a role hold 10,240 characters in sum. One whose list of buckets would
 * take more than these gets a wildcard with the project's prefix, account and region.
 */
#define NAMED_BUCKETS_MAX 20
#define NAMED_BYTES_MAX	  6000
/* "arn:aws-us-gov:s3:::", the dashes, account, region and quotes of one. */
#define ARN_BYTES 60

/* What follows for a processor from the buckets that go to it. */
struct use {
	struct node *buckets; /* their names */
	struct node *keys;    /* ARNs of the user's keys, each once */
	size_t name_bytes;
	bool queued, has_key;
};

static bool has_text(const struct node *list, const char *text)
{
	for (size_t i = 0; i < list->seq.n; i++)
		if (node_is(list->seq.v[i], text))
			return true;
	return false;
}

static void push_once(struct arena *a, struct node *list, const char *text)
{
	if (!has_text(list, text))
		node_push(a, list, node_string(a, text));
}

/* Per processor, in one pass over the buckets. */
static void collect_uses(struct map *out, struct arena *a, const struct manifest *m)
{
	for (size_t i = 0; i < m->nprocessors; i++) {
		struct use *u = arena_alloc(a, sizeof(*u));

		u->buckets = node_sequence(a);
		u->keys = node_sequence(a);
		map_put(out, m->processors[i].name, u);
	}
	for (size_t i = 0; i < m->nbuckets; i++) {
		const struct manifest_bucket *b = &m->buckets[i];
		struct use *u = map_get(out, b->processor);

		node_push(a, u->buckets, node_string(a, b->name));
		u->name_bytes += strlen(b->name);
		u->queued = u->queued || b->queue;
		u->has_key = u->has_key || b->encryption == ENCRYPT_KMS;
		if (b->encryption == ENCRYPT_KEY)
			push_once(a, u->keys, b->key);
	}
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

static void put_action(struct arena *a, struct node *rules, const char *name,
		       const struct manifest_action *action)
{
	struct node *move;

	if (action->kind == ACTION_TAG)
		derive_text(a, rules, name, "tag");
	if (action->kind != ACTION_MOVE)
		return;
	move = node_mapping(a);
	derive_text(a, move, "move", action->prefix);
	node_put(a, rules, name, move);
}

static const char *compact_json(struct arena *a, const struct node *n)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	node_emit_json(&text, n, 0);
	return arena_strndup(a, buf_str(&text), text.len);
}

/* What the processor is told to do, as one line of JSON; NULL: nothing beyond its
 * defaults. */
static const char *rules_of(struct arena *a, const struct manifest_processor *p)
{
	struct node *rules = node_mapping(a);

	if (p->inspect)
		node_put(a, rules, "inspect", node_copy(a, p->inspect));
	put_action(a, rules, "on_success", &p->on_success);
	put_action(a, rules, "on_failure", &p->on_failure);
	if (p->report)
		derive_bool(a, rules, "report", true);
	return rules->map.n ? compact_json(a, rules) : NULL;
}

/* The folders that files are moved to, each once. */
static struct node *moves_of(struct arena *a, const struct manifest_processor *p)
{
	struct node *list = node_sequence(a);

	if (p->on_success.kind == ACTION_MOVE)
		push_once(a, list, p->on_success.prefix);
	if (p->on_failure.kind == ACTION_MOVE)
		push_once(a, list, p->on_failure.prefix);
	return list;
}

/*
 * The names of the secrets of one service, each once: "ssm:/a/b" is the parameter
 * "/a/b", which an ARN names without its slash; "secretsmanager:db:password" is the
 * key "password" of the secret "db".
 */
static struct node *secrets_of(struct arena *a, const struct node *secrets,
			       const char *service)
{
	struct node *list = node_sequence(a);
	size_t n = strlen(service);

	for (size_t i = 0; secrets && i < secrets->map.n; i++) {
		const char *ref = node_text(secrets->map.v[i].value);

		if (!str_starts(ref, service) || ref[n] != ':')
			continue;
		ref += n + 1;
		ref += *ref == '/' && str_eq(service, "ssm");
		push_once(a, list, arena_strndup(a, ref, strcspn(ref, ":")));
	}
	return list;
}

/* How many characters the role's lists of buckets take, by a generous estimate. */
static bool too_long(const struct use *u, const struct node *moves, bool tags,
		     bool report, const char *prefix)
{
	size_t n = u->buckets->seq.n, lists = 2 + tags + report, bytes = 0;

	if (moves->seq.n)
		lists += 1 + moves->seq.n;
	for (size_t i = 0; i < moves->seq.n; i++)
		bytes += n * strlen(node_text(moves->seq.v[i]));
	bytes += lists * (u->name_bytes + n * (ARN_BYTES + strlen(prefix)));
	return n > NAMED_BUCKETS_MAX || bytes > NAMED_BYTES_MAX;
}

static void put_rights(struct arena *a, struct node *it,
		       const struct manifest_processor *p, const struct use *u,
		       const char *prefix)
{
	bool tags = p->on_success.kind == ACTION_TAG || p->on_failure.kind == ACTION_TAG;
	struct node *moves = moves_of(a, p), *any = node_sequence(a);
	bool reads = u->buckets->seq.n > 0;
	bool wildcard = too_long(u, moves, tags, p->report, prefix);

	node_push(a, any, node_string(a, "*"));
	derive_bool(a, it, "reads", reads);
	derive_bool(a, it, "queued", u->queued);
	derive_bool(a, it, "tags", reads && tags);
	derive_bool(a, it, "reports", reads && p->report);
	derive_bool(a, it, "moves", reads && moves->seq.n > 0);
	node_put(a, it, "move_prefixes", moves);
	derive_bool(a, it, "has_key", u->has_key);
	derive_bool(a, it, "encrypted", u->has_key || u->keys->seq.n > 0);
	node_put(a, it, "keys", u->keys);
	derive_bool(a, it, "writes", reads && (p->report || moves->seq.n > 0));
	derive_bool(a, it, "wildcard", wildcard);
	node_put(a, it, "buckets", wildcard ? any : u->buckets);
}

static void put_secrets(struct arena *a, struct node *it,
			const struct manifest_processor *p)
{
	struct node *parameters = secrets_of(a, p->secrets, "ssm");
	struct node *secrets = secrets_of(a, p->secrets, "secretsmanager");

	derive_bool(a, it, "has_parameters", parameters->seq.n > 0);
	node_put(a, it, "parameters", parameters);
	derive_bool(a, it, "has_secrets", secrets->seq.n > 0);
	node_put(a, it, "secrets", secrets);
	derive_text(a, it, "secrets_json",
		    p->secrets ? compact_json(a, p->secrets) : NULL);
}

static struct node *queue_of(struct arena *a, const struct manifest_queue *q)
{
	struct node *it = node_mapping(a);

	node_put(a, it, "batch", node_int(a, q->batch));
	node_put(a, it, "window", node_int(a, q->window_s));
	node_put(a, it, "visibility", node_int(a, q->visibility_s));
	node_put(a, it, "attempts", node_int(a, q->attempts));
	derive_bool(a, it, "limited", q->concurrency > 0);
	derive_number(a, it, "concurrency", q->concurrency);
	return it;
}

struct node *derive_processors(struct arena *a, const struct manifest *m)
{
	struct node *list = node_sequence(a);
	const char *prefix = derive_prefix(a, m);
	struct map uses = MAP_INIT;

	collect_uses(&uses, a, m);
	for (size_t i = 0; i < m->nprocessors; i++) {
		const struct manifest_processor *p = &m->processors[i];
		struct node *it = node_mapping(a);

		derive_text(a, it, "name", p->name);
		derive_text(a, it, "id", naming_id(a, p->name));
		derive_text(a, it, "arch", p->arch);
		node_put(a, it, "memory", node_int(a, p->memory_mib));
		node_put(a, it, "timeout", node_int(a, p->timeout_s));
		derive_number(a, it, "concurrency", p->concurrency);
		derive_bool(a, it, "tracing", p->tracing);
		derive_number(a, it, "retention", m->monitoring.retention_days);
		node_put(a, it, "environment", variables_of(a, p->environment));
		derive_text(a, it, "rules", rules_of(a, p));
		put_secrets(a, it, p);
		put_rights(a, it, p, map_get(&uses, p->name), prefix);
		node_put(a, it, "queue", queue_of(a, &p->queue));
		node_push(a, list, it);
	}
	map_release(&uses, NULL);
	return list;
}
