#include "manifest/read.h"
#include "base/str.h"

#define VISIBILITY_FACTOR 6 /* what AWS recommends at least */

static const char **texts(struct arena *a, const struct node *list, size_t *n)
{
	const char **v = arena_array(a, list->seq.n + 1, sizeof(*v));

	for (*n = 0; *n < list->seq.n; ++*n)
		v[*n] = node_text(list->seq.v[*n]);
	return v;
}

/* 0 when it is absent. */
static int64_t number(const struct node *map, const char *name)
{
	int64_t v = 0;

	if (!node_as_int(node_get(map, name), &v) && node_get(map, name))
		fp_die("field '%s' of a checked manifest is no number", name);
	return v;
}

static bool truth(const struct node *map, const char *name)
{
	bool v = false;

	if (!node_as_bool(node_get(map, name), &v))
		fp_die("field '%s' of a checked manifest is not true or false", name);
	return v;
}

static const char *text(const struct node *map, const char *name)
{
	return node_text(node_get(map, name));
}

/* A map that holds something, or NULL. */
static const struct node *filled(const struct node *map, const char *name)
{
	const struct node *n = node_get(map, name);

	return n && n->map.n ? n : NULL;
}

static void read_bucket(struct arena *a, struct manifest_bucket *b,
			const struct node_pair *p)
{
	const struct node *v = p->value;
	const char *encryption = text(v, "encryption");

	b->name = node_text(p->key);
	b->on = texts(a, node_get(v, "on"), &b->non);
	b->prefix = texts(a, node_get(v, "prefix"), &b->nprefix);
	b->suffix = texts(a, node_get(v, "suffix"), &b->nsuffix);
	b->processor = text(v, "processor");
	b->queue = str_eq(text(v, "delivery"), "queue");
	b->versioning = truth(v, "versioning");
	b->encryption = str_eq(encryption, "s3")    ? ENCRYPT_S3
			: str_eq(encryption, "kms") ? ENCRYPT_KMS
						    : ENCRYPT_KEY;
	b->key = b->encryption == ENCRYPT_KEY ? encryption : NULL;
	b->archive_days = number(v, "archive");
	b->expire_days = number(v, "expire");
	b->retain = truth(v, "retain");
	b->pos = p->key->pos;
}

static struct manifest_action action(const struct node *n)
{
	struct manifest_action out = { ACTION_LEAVE, NULL };

	if (n->kind == NODE_MAPPING)
		out = (struct manifest_action){ ACTION_MOVE, text(n, "move") };
	else if (node_is(n, "tag"))
		out.kind = ACTION_TAG;
	return out;
}

static struct manifest_queue queue_of(const struct node *n, int64_t timeout_s)
{
	int64_t visibility = number(n, "visibility");

	return (struct manifest_queue){
		.batch = number(n, "batch"),
		.window_s = number(n, "window"),
		.visibility_s = visibility ? visibility : VISIBILITY_FACTOR * timeout_s,
		.attempts = number(n, "attempts"),
		.concurrency = number(n, "concurrency"),
	};
}

static void read_processor(struct manifest_processor *it, const struct node_pair *p)
{
	const struct node *v = p->value;

	it->name = node_text(p->key);
	it->source = text(v, "source");
	it->arch = text(v, "arch");
	it->memory_mib = number(v, "memory");
	it->timeout_s = number(v, "timeout");
	it->concurrency = number(v, "concurrency");
	it->tracing = truth(v, "tracing");
	it->environment = filled(v, "environment");
	it->secrets = filled(v, "secrets");
	it->inspect = filled(v, "inspect");
	it->on_success = action(node_get(v, "on_success"));
	it->on_failure = action(node_get(v, "on_failure"));
	it->report = truth(v, "report");
	it->queue = queue_of(node_get(v, "queue"), it->timeout_s);
	it->pos = p->key->pos;
}

static void read_topic(struct arena *a, struct manifest_topic *t,
		       const struct node_pair *p)
{
	t->name = node_text(p->key);
	t->email = texts(a, node_get(p->value, "email"), &t->nemail);
	t->https = texts(a, node_get(p->value, "https"), &t->nhttps);
	t->sqs = texts(a, node_get(p->value, "sqs"), &t->nsqs);
	t->filter = filled(p->value, "filter");
	t->pos = p->key->pos;
}

static struct manifest_monitoring monitoring_of(struct arena *a, const struct node *n)
{
	const struct node *alarms = node_get(n, "alarms");
	struct manifest_monitoring out = {
		.dashboard = truth(n, "dashboard"),
		.retention_days = number(n, "retention"),
		.alarms = {
			.errors = number(alarms, "errors"),
			.throttles = number(alarms, "throttles"),
			.dead_letters = number(alarms, "dead_letters"),
			.duration_p99 = number(alarms, "duration_p99"),
		},
	};

	out.alert = texts(a, node_get(n, "alert"), &out.nalert);
	return out;
}

static const struct manifest_pipeline *pipeline_of(struct arena *a, const struct node *n)
{
	struct manifest_pipeline *out;

	if (!n)
		return NULL;
	out = arena_alloc(a, sizeof(*out));
	out->github = text(n, "github");
	out->branch = text(n, "branch");
	out->paths = texts(a, node_get(n, "paths"), &out->npaths);
	out->connection = text(n, "connection");
	out->compute = text(n, "compute");
	out->approve = texts(a, node_get(n, "approve"), &out->napprove);
	return out;
}

static void read_stack(struct arena *a, struct manifest_stack *s,
		       const struct node_pair *p)
{
	s->name = node_text(p->key);
	s->template = text(p->value, "template");
	s->needs = texts(a, node_get(p->value, "needs"), &s->nneeds);
	s->parameters = filled(p->value, "parameters");
	s->pos = p->key->pos;
}

static const struct node_pair *items(const struct node *root, const char *name, size_t *n)
{
	const struct node *map = node_get(root, name);

	*n = map->map.n;
	return map->map.v;
}

void manifest_read(struct manifest *m)
{
	struct arena *a = &m->arena;
	const struct node_pair *v;

	m->project = text(m->root, "project");
	m->region = text(m->root, "region");
	v = items(m->root, "tags", &m->ntags);
	m->tags = arena_array(a, m->ntags + 1, sizeof(*m->tags));
	for (size_t i = 0; i < m->ntags; i++)
		m->tags[i] = (struct manifest_tag){ node_text(v[i].key),
						    node_text(v[i].value) };
	v = items(m->root, "buckets", &m->nbuckets);
	m->buckets = arena_array(a, m->nbuckets + 1, sizeof(*m->buckets));
	for (size_t i = 0; i < m->nbuckets; i++)
		read_bucket(a, &m->buckets[i], &v[i]);
	v = items(m->root, "processors", &m->nprocessors);
	m->processors = arena_array(a, m->nprocessors + 1, sizeof(*m->processors));
	for (size_t i = 0; i < m->nprocessors; i++)
		read_processor(&m->processors[i], &v[i]);
	v = items(m->root, "notify", &m->ntopics);
	m->topics = arena_array(a, m->ntopics + 1, sizeof(*m->topics));
	for (size_t i = 0; i < m->ntopics; i++)
		read_topic(a, &m->topics[i], &v[i]);
	m->monitoring = monitoring_of(a, node_get(m->root, "monitoring"));
	m->pipeline = pipeline_of(a, node_get(m->root, "pipeline"));
	v = items(m->root, "stacks", &m->nstacks);
	m->stacks = arena_array(a, m->nstacks + 1, sizeof(*m->stacks));
	for (size_t i = 0; i < m->nstacks; i++)
		read_stack(a, &m->stacks[i], &v[i]);
}
