#include "render/spread.h"

#include "base/str.h"
#include "cfn/template.h"

#define S3 "s3"

/*
 * What new buckets fill a stack up to. Resources and bytes keep a reserve: a bucket
 * that stays may get more filters, and a later fpctl may write more of each.
 */
static const struct spread_weight room = {
	.resources = CFN_MAX_RESOURCES * 9 / 10,
	.outputs = CFN_MAX_OUTPUTS,
	.bytes = CFN_MAX_URL_BODY * 8 / 10,
};

static void key_of(struct buf *out, const char *prefix, const char *bucket)
{
	buf_clear(out);
	buf_printf(out, "%s:%s", prefix, bucket);
}

static size_t get(const struct map *m, const char *prefix, const char *bucket)
{
	FP_AUTO(buf_release) struct buf key = BUF_INIT;

	key_of(&key, prefix, bucket);
	return (size_t)(uintptr_t)map_get(m, buf_str(&key));
}

static void put(struct spread *s, const char *prefix, const char *bucket, size_t number)
{
	FP_AUTO(buf_release) struct buf key = BUF_INIT;

	key_of(&key, prefix, bucket);
	(void)map_put(&s->at, buf_str(&key), (void *)(uintptr_t)number);
}

/* No bucket is called "": there the highest number is kept. */
void spread_put(struct spread *s, const char *prefix, const char *bucket, size_t number)
{
	if (*bucket)
		put(s, prefix, bucket, number);
	if (number > spread_highest(s, prefix))
		put(s, prefix, "", number);
}

size_t spread_get(const struct spread *s, const char *prefix, const char *bucket)
{
	return s ? get(&s->at, prefix, bucket) : 0;
}

size_t spread_highest(const struct spread *s, const char *prefix)
{
	return s ? get(&s->at, prefix, "") : 0;
}

/* Whether `over` knows the environment's stacks, but not this bucket. */
static bool is_wish(const char *key, const struct spread *over)
{
	const char *colon = strchr(key, ':');
	FP_AUTO(freep) char *prefix = xstrndup(key, (size_t)(colon - key) + 1);

	return colon[1] && !map_has(&over->at, key) && map_has(&over->at, prefix);
}

void spread_lay_over(struct spread *s, const struct spread *over)
{
	struct map sure = MAP_INIT;

	map_each (e, &s->at)
		(void)map_put(is_wish(e->key, over) ? &s->wishes : &sure, e->key,
			      e->value);
	map_each (e, &over->at)
		if (!str_ends(e->key, ":") || map_get(&sure, e->key) < e->value)
			(void)map_put(&sure, e->key, e->value);
	map_release(&s->at, NULL);
	s->at = sure;
}

bool spread_agrees(const struct spread *s, const struct spread *other)
{
	map_each (e, &other->at) {
		void *here = map_get(&s->at, e->key);

		/* Buckets that left the manifest are nowhere; "" is the highest number.
		 */
		if (str_ends(e->key, ":") ? here < e->value : here && here != e->value)
			return false;
	}
	return true;
}

void spread_release(struct spread *s)
{
	map_release(&s->at, NULL);
	map_release(&s->wishes, NULL);
}

const char *spread_name(struct arena *a, size_t number)
{
	return number == 1 ? S3 : arena_printf(a, S3 "-%zu", number);
}

size_t spread_number(const char *name)
{
	int64_t number;

	if (str_eq(name, S3))
		return 1;
	if (!str_starts(name, S3 "-") || name[sizeof(S3 "-") - 1] == '0' ||
	    !str_to_i64(name + sizeof(S3 "-") - 1, 2, SPREAD_MAX, &number))
		return 0;
	return (size_t)number;
}

static size_t lengths(const char **texts, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += strlen(texts[i]);
	return sum;
}

/*
 * Measured on what the template gives, with a reserve: a bucket takes 1.5 KB with
 * nothing asked and 2 KB with everything, a filter 0.3 KB; test_spread compares.
 */
struct spread_weight spread_weigh(const struct manifest_bucket *b, const char *prefix)
{
	size_t np = FP_MAX(b->nprefix, (size_t)1), ns = FP_MAX(b->nsuffix, (size_t)1);
	size_t filters = b->non * np * ns;
	size_t words = b->non * (ns * lengths(b->prefix, b->nprefix) +
				 np * lengths(b->suffix, b->nsuffix));

	return (struct spread_weight){
		.resources = 2,
		.outputs = 1,
		/* A character of a filter may be written as "\x00". */
		.bytes = 3072 + 8 * strlen(b->name) + 2 * strlen(prefix) +
			 filters * (320 + strlen(b->processor)) + 4 * words,
	};
}

static void add(struct spread_weight *sum, const struct spread_weight *w)
{
	sum->resources += w->resources;
	sum->outputs += w->outputs;
	sum->bytes += w->bytes;
}

static bool fits(const struct spread_weight *in, const struct spread_weight *w)
{
	return in->resources + w->resources <= room.resources &&
	       in->outputs + w->outputs <= room.outputs &&
	       in->bytes + w->bytes <= room.bytes;
}

struct stacks {
	struct spread_weight *v; /* what lies in each; v[0] is number 1's */
	size_t n;
	size_t open; /* those before it have no room for anything */
};

static void put_into(struct stacks *s, size_t number, const struct spread_weight *w)
{
	add(&s->v[number - 1], w);
	s->n = FP_MAX(s->n, number);
}

/* A bucket that is too large for any stack gets one of its own. */
static size_t first_fit(struct stacks *s, const struct spread_weight *w)
{
	static const struct spread_weight least = { 1, 1, 1 };
	size_t i;

	while (s->open < s->n && !fits(&s->v[s->open], &least))
		s->open++;
	for (i = s->open; i < s->n; i++)
		if (s->v[i].resources == 0 || fits(&s->v[i], w))
			break;
	return i + 1;
}

size_t spread_buckets(size_t *numbers, const struct manifest *m, const char *prefix,
		      const struct spread *placed, const struct spread_weight *weights)
{
	size_t most = spread_highest(placed, prefix) + m->nbuckets + 1;
	struct stacks s = { .v = xcalloc(most, sizeof(*s.v)), .n = 1 };

	for (size_t i = 0; i < m->nbuckets; i++) {
		numbers[i] = spread_get(placed, prefix, m->buckets[i].name);
		if (numbers[i])
			put_into(&s, numbers[i], &weights[i]);
	}
	for (size_t i = 0; i < m->nbuckets; i++) {
		size_t wish = placed ? get(&placed->wishes, prefix, m->buckets[i].name)
				     : 0;

		if (numbers[i] || !wish || wish > most ||
		    !fits(&s.v[wish - 1], &weights[i]))
			continue;
		numbers[i] = wish;
		put_into(&s, wish, &weights[i]);
	}
	for (size_t i = 0; i < m->nbuckets; i++) {
		if (numbers[i])
			continue;
		numbers[i] = first_fit(&s, &weights[i]);
		put_into(&s, numbers[i], &weights[i]);
	}
	free(s.v);
	return s.n;
}
