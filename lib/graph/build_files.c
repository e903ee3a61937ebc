#include "base/str.h"
#include "graph/build.h"

#define BUCKETS_SHOWN	  12 /* beyond, they are folded */
#define PROCESSORS_SHOWN  6  /* beyond, their dead-letter queues are folded */
#define SUBSCRIBERS_SHOWN 6  /* of one topic; beyond, they are counted */
#define SAMPLE		  2  /* names that a folded node tells */

/* The columns: a way from left to right. */
enum { AT_BUCKET, AT_QUEUE, AT_PROCESSOR, AT_TOPIC, AT_SUBSCRIBER, AT_ALERT };

struct builder {
	struct graph *g;
	struct graph_part *p;
	const struct manifest *m;
	size_t *processors;   /* nodes, by index in the manifest */
	size_t *queues;	      /* the same; SIZE_MAX: it has none */
	size_t *dead_letters; /* the same */
};

static void put_separated(struct buf *b, const char *text)
{
	buf_printf(b, "%s%s", b->len ? " \xc2\xb7 " : "", text);
}

static void put_days(struct buf *b, const char *what, int64_t days)
{
	if (days)
		buf_printf(b, "%s%s %lld d", b->len ? " \xc2\xb7 " : "", what,
			   (long long)days);
}

/* "incoming/ *.csv *.json" */
static void detail_filter(struct builder *b, const struct manifest_bucket *it)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	for (size_t i = 0; i < it->nprefix; i++)
		buf_printf(&text, "%s%s", text.len ? " " : "", it->prefix[i]);
	for (size_t i = 0; i < it->nsuffix; i++)
		buf_printf(&text, "%s*%s", text.len ? " " : "", it->suffix[i]);
	part_detail(b->g, b->p, buf_str(&text));
}

static void detail_storage(struct builder *b, const struct manifest_bucket *it)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	if (it->versioning)
		put_separated(&text, "versions");
	if (it->encryption != ENCRYPT_S3)
		put_separated(&text, "KMS");
	put_days(&text, "archive", it->archive_days);
	put_days(&text, "expire", it->expire_days);
	part_detail(b->g, b->p, buf_str(&text));
}

static size_t processor_index(const struct manifest *m, const char *name)
{
	for (size_t i = 0; i < m->nprocessors; i++)
		if (str_eq(m->processors[i].name, name))
			return i;
	fp_die("a checked manifest has no processor '%s'", name);
}

/* Where a bucket's events go: the processor, or its queue. */
static size_t target_of(const struct builder *b, size_t processor, bool queue)
{
	return queue ? b->queues[processor] : b->processors[processor];
}

static void add_bucket(struct builder *b, const struct manifest_bucket *it)
{
	size_t at = part_add(b->p, GRAPH_BUCKET, it->name, AT_BUCKET);

	detail_filter(b, it);
	detail_storage(b, it);
	part_link(b->p, at, target_of(b, processor_index(b->m, it->processor), it->queue),
		  false);
}

struct fold {
	size_t n;
	const char *names[SAMPLE];
	const struct manifest_bucket *first;
};

static void add_fold(struct builder *b, const struct fold *f, size_t target)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	size_t at;

	if (f->n == 1) {
		add_bucket(b, f->first);
		return;
	}
	at = part_add(b->p, GRAPH_BUCKET, arena_printf(&b->g->arena, "%zu buckets", f->n),
		      AT_BUCKET);
	for (size_t i = 0; i < SAMPLE; i++)
		buf_printf(&text, "%s%s", i ? ", " : "", f->names[i]);
	if (f->n > SAMPLE)
		buf_puts(&text, ", \xe2\x80\xa6");
	part_detail(b->g, b->p, buf_str(&text));
	part_link(b->p, at, target, false);
}

static void add_buckets(struct builder *b)
{
	const struct manifest *m = b->m;
	FP_AUTO(freep)
	struct fold *folds = xcalloc(2 * m->nprocessors + 1, sizeof(*folds));

	for (size_t i = 0; i < m->nbuckets; i++) {
		const struct manifest_bucket *it = &m->buckets[i];
		struct fold *f;

		if (m->nbuckets <= BUCKETS_SHOWN) {
			add_bucket(b, it);
			continue;
		}
		f = &folds[2 * processor_index(m, it->processor) + it->queue];
		if (!f->n)
			f->first = it;
		if (f->n < SAMPLE)
			f->names[f->n] = it->name;
		f->n++;
	}
	for (size_t i = 0; i < 2 * m->nprocessors; i++)
		if (folds[i].n)
			add_fold(b, &folds[i], target_of(b, i / 2, i % 2));
}

static void put_action(struct buf *b, const char *when, const struct manifest_action *a)
{
	if (a->kind == ACTION_MOVE)
		buf_printf(b, "%s%s \xe2\x86\x92 %s", b->len ? " \xc2\xb7 " : "", when,
			   a->prefix);
}

static void add_processor(struct builder *b, size_t i)
{
	const struct manifest_processor *it = &b->m->processors[i];
	FP_AUTO(buf_release) struct buf size = BUF_INIT, what = BUF_INIT;

	b->processors[i] = part_add(b->p, GRAPH_PROCESSOR, it->name, AT_PROCESSOR);
	buf_printf(&size, "%s \xc2\xb7 %lld MiB \xc2\xb7 %lld s", it->arch,
		   (long long)it->memory_mib, (long long)it->timeout_s);
	part_detail(b->g, b->p, buf_str(&size));
	if (!str_eq(it->source, "bundled"))
		put_separated(&what, it->source);
	put_action(&what, "ok", &it->on_success);
	put_action(&what, "failed", &it->on_failure);
	part_detail(b->g, b->p, buf_str(&what));
}

static bool has_queue(const struct manifest *m, const char *processor)
{
	for (size_t i = 0; i < m->nbuckets; i++)
		if (m->buckets[i].queue && str_eq(m->buckets[i].processor, processor))
			return true;
	return false;
}

static void add_queue(struct builder *b, size_t i)
{
	const struct manifest_processor *it = &b->m->processors[i];
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	b->queues[i] = SIZE_MAX;
	if (!has_queue(b->m, it->name))
		return;
	b->queues[i] = part_add(b->p, GRAPH_QUEUE, it->name, AT_QUEUE);
	buf_printf(&text, "batches of %lld \xc2\xb7 %lld attempts",
		   (long long)it->queue.batch, (long long)it->queue.attempts);
	part_detail(b->g, b->p, buf_str(&text));
	part_link(b->p, b->queues[i], b->processors[i], false);
}

static void add_dead_letters(struct builder *b)
{
	bool folded = b->m->nprocessors > PROCESSORS_SHOWN;

	for (size_t i = 0; i < b->m->nprocessors; i++) {
		if (folded && i)
			b->dead_letters[i] = b->dead_letters[0];
		else
			b->dead_letters[i] = part_add(
				b->p, GRAPH_DEAD_LETTERS,
				folded ? arena_printf(&b->g->arena, "%zu queues",
						      b->m->nprocessors)
				       : b->m->processors[i].name,
				AT_TOPIC);
		part_link(b->p, b->processors[i], b->dead_letters[i], true);
		if (b->queues[i] != SIZE_MAX)
			part_link(b->p, b->queues[i], b->dead_letters[i], true);
	}
}

/* The name of a queue is the last part of its ARN. */
static const char *short_address(const char *address)
{
	const char *last = strrchr(address, ':');

	return str_starts(address, "arn:") && last ? last + 1 : address;
}

static void add_subscriber(struct builder *b, const char *address, const char *protocol,
			   size_t from, unsigned rank)
{
	const char *name = short_address(address);
	size_t i = 0;

	while (i < b->p->nnodes &&
	       (b->p->nodes[i].kind != GRAPH_SUBSCRIBER || b->p->nodes[i].rank != rank ||
		!str_eq(b->p->nodes[i].name, name)))
		i++;
	if (i == b->p->nnodes) {
		part_add(b->p, GRAPH_SUBSCRIBER, name, rank);
		part_detail(b->g, b->p, protocol);
	}
	part_link(b->p, from, i, false);
}

static void add_subscribers(struct builder *b, const struct manifest_topic *t, size_t at)
{
	size_t n = t->nemail + t->nhttps + t->nsqs;

	if (n > SUBSCRIBERS_SHOWN) {
		const char *name = arena_printf(&b->g->arena, "%zu subscribers", n);

		part_link(b->p, at, part_add(b->p, GRAPH_SUBSCRIBER, name, AT_SUBSCRIBER),
			  false);
		return;
	}
	for (size_t i = 0; i < t->nemail; i++)
		add_subscriber(b, t->email[i], "e-mail", at, AT_SUBSCRIBER);
	for (size_t i = 0; i < t->nhttps; i++)
		add_subscriber(b, t->https[i], "HTTPS", at, AT_SUBSCRIBER);
	for (size_t i = 0; i < t->nsqs; i++)
		add_subscriber(b, t->sqs[i], "SQS", at, AT_SUBSCRIBER);
}

/* "status: failed, error" */
static void detail_topic_filter(struct builder *b, const struct node *filter)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	for (size_t i = 0; filter && i < filter->map.n; i++) {
		const struct node *values = filter->map.v[i].value;

		if (text.len)
			buf_puts(&text, "; ");
		buf_printf(&text, "%s:", node_text(filter->map.v[i].key));
		for (size_t k = 0; k < values->seq.n; k++)
			buf_printf(&text, "%s %s", k ? "," : "",
				   str_or(node_text(values->seq.v[k]), "\xe2\x80\xa6"));
	}
	part_detail(b->g, b->p, buf_str(&text));
}

static void add_topics(struct builder *b)
{
	for (size_t i = 0; i < b->m->ntopics; i++) {
		const struct manifest_topic *t = &b->m->topics[i];
		size_t at = part_add(b->p, GRAPH_TOPIC, t->name, AT_TOPIC);

		detail_topic_filter(b, t->filter);
		for (size_t k = 0; k < b->m->nprocessors; k++)
			part_link(b->p, b->processors[k], at, false);
		add_subscribers(b, t, at);
	}
}

static void put_alarm(struct buf *b, const char *what, int64_t threshold)
{
	if (threshold)
		put_separated(b, what);
}

static void add_monitoring(struct builder *b)
{
	const struct manifest_monitoring *it = &b->m->monitoring;
	const struct manifest_alarms *a = &it->alarms;
	FP_AUTO(buf_release) struct buf often = BUF_INIT, other = BUF_INIT;
	bool alarms;
	size_t at;

	put_alarm(&often, "errors", a->errors);
	put_alarm(&often, "throttles", a->throttles);
	put_alarm(&other, "duration", a->duration_p99);
	put_alarm(&other, "dead letters", a->dead_letters);
	alarms = often.len || other.len;
	if (!alarms && !it->dashboard)
		return;
	at = part_add(b->p, GRAPH_MONITORING,
		      !alarms	      ? "dashboard"
		      : it->dashboard ? "alarms and dashboard"
				      : "alarms",
		      AT_SUBSCRIBER);
	part_detail(b->g, b->p, buf_str(&often));
	part_detail(b->g, b->p, buf_str(&other));
	for (size_t i = 0; i < b->m->nprocessors; i++)
		if (!i || b->dead_letters[i] != b->dead_letters[0])
			part_link(b->p, b->dead_letters[i], at, true);
	for (size_t i = 0; i < it->nalert; i++)
		add_subscriber(b, it->alert[i], "e-mail", at, AT_ALERT);
}

void build_files(struct graph *g, const struct manifest *m)
{
	FP_AUTO(freep)
	size_t *indexes = xcalloc(3 * m->nprocessors + 1, sizeof(*indexes));
	struct builder b = { .g = g,
			     .p = &g->files,
			     .m = m,
			     .processors = indexes,
			     .queues = indexes + m->nprocessors,
			     .dead_letters = indexes + 2 * m->nprocessors };

	for (size_t i = 0; i < m->nprocessors; i++)
		add_processor(&b, i);
	for (size_t i = 0; i < m->nprocessors; i++)
		add_queue(&b, i);
	add_buckets(&b);
	add_topics(&b);
	add_dead_letters(&b);
	add_monitoring(&b);
}
