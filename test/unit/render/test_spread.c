#include "render/spread.h"

#include <time.h>

#include "base/str.h"
#include "cfn/template.h"
#include "check_main.h"
#include "render/render.h"

static const struct {
	const char *name;
	size_t number;
} names[] = {
	{ "s3", 1 },	   { "s3-2", 2 },  { "s3-10000", 10000 },
	{ "s3-10001", 0 }, { "s3-1", 0 },  { "s3-02", 0 },
	{ "s3-", 0 },	   { "s3-2x", 0 }, { "s3x-2", 0 },
	{ "reports", 0 },  { "", 0 },
};

START_TEST(stacks_have_numbers)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;

	ck_assert_uint_eq(spread_number(names[_i].name), names[_i].number);
	if (names[_i].number)
		ck_assert_str_eq(spread_name(&a, names[_i].number), names[_i].name);
}
END_TEST

START_TEST(environments_do_not_mix)
{
	FP_AUTO(spread_release) struct spread s = SPREAD_INIT, live = SPREAD_INIT;

	spread_put(&s, "p-dev", "a", 2);
	spread_put(&s, "p", "a", 1);
	spread_put(&s, "p", "", 1);
	ck_assert_uint_eq(spread_get(&s, "p-dev", "a"), 2);
	ck_assert_uint_eq(spread_get(&s, "p", "a"), 1);
	ck_assert_uint_eq(spread_get(&s, "p", "b"), 0);
	ck_assert_uint_eq(spread_highest(&s, "p-dev"), 2);
	ck_assert_uint_eq(spread_highest(&s, "p"), 1);
	ck_assert_uint_eq(spread_highest(&s, "q"), 0);

	ck_assert(spread_agrees(&s, &live));
	spread_put(&live, "p", "gone", 1);
	ck_assert(spread_agrees(&s, &live));
	spread_put(&live, "p", "a", 3);
	ck_assert(!spread_agrees(&s, &live));
	spread_lay_over(&s, &live);
	ck_assert_uint_eq(spread_get(&s, "p", "a"), 3);
	ck_assert_uint_eq(spread_highest(&s, "p"), 3);
	ck_assert(spread_agrees(&s, &live));
}
END_TEST

/* What the lock says of a bucket that is deployed nowhere holds while there is room. */
START_TEST(a_wish_gives_way)
{
	enum { N = 240 };
	FP_AUTO(spread_release) struct spread s = SPREAD_INIT, live = SPREAD_INIT;
	struct manifest_bucket v[N] = { 0 };
	struct spread_weight w[N];
	const struct manifest m = { .buckets = v, .nbuckets = N };
	char called[N][8];
	size_t numbers[N];

	for (size_t i = 0; i < N; i++) {
		snprintf(called[i], sizeof(called[i]), "b%zu", i);
		v[i].name = called[i];
		w[i] = (struct spread_weight){ 2, 1, 100 };
	}
	/* The lock has the first 50 in s3-2, where 190 others are. */
	for (size_t i = 0; i < 50; i++)
		spread_put(&s, "p", called[i], 2);
	for (size_t i = 50; i < N; i++)
		spread_put(&live, "p", called[i], 2);
	spread_put(&s, "q", "b0", 3);
	spread_lay_over(&s, &live);
	ck_assert_uint_eq(spread_buckets(numbers, &m, "p", &s, w), 2);
	for (size_t i = 0; i < N; i++)
		ck_assert_uint_eq(numbers[i], i < 10 || i >= 50 ? 2 : 1);
	/* Of another environment nothing was seen: there it is no wish. */
	ck_assert_uint_eq(spread_get(&s, "q", "b0"), 3);
}
END_TEST

/* A project that is edited: names come and go anywhere in the manifest. */
struct project {
	struct manifest_bucket v[2000];
	char names[2000][24];
	const char *words[2000][100]; /* of each one's prefixes */
	size_t n, made;
	unsigned seed;
};

static const char *const created[] = { "created" };
static char long_word[900];

static size_t pick(struct project *p, size_t below)
{
	return (size_t)rand_r(&p->seed) % below;
}

/* Most are small; one in ten has filters of up to 90 KB. */
static void add_bucket(struct project *p)
{
	size_t at = pick(p, p->n + 1), filters = pick(p, 10) ? 1 : 1 + pick(p, 100);
	struct manifest_bucket b = { .processor = "default",
				     .on = (const char **)(uintptr_t)created,
				     .non = 1,
				     .nprefix = filters };

	memmove(p->v + at + 1, p->v + at, (p->n - at) * sizeof(*p->v));
	snprintf(p->names[p->made], sizeof(p->names[0]), "bucket-%zu", p->made);
	for (size_t i = 0; i < filters; i++)
		p->words[p->made][i] = long_word;
	b.name = p->names[p->made];
	b.prefix = p->words[p->made++];
	p->v[at] = b;
	p->n++;
}

static void remove_bucket(struct project *p)
{
	size_t at = pick(p, p->n);

	p->n--;
	memmove(p->v + at, p->v + at + 1, (p->n - at) * sizeof(*p->v));
}

/* Place all as the last placement said; the placement of what there is now. */
static size_t place(struct project *p, struct spread *placed)
{
	const struct manifest m = { .buckets = p->v, .nbuckets = p->n };
	size_t *numbers = xcalloc(p->n + 1, sizeof(*numbers)), stacks;
	struct spread_weight *w = xcalloc(p->n + 1, sizeof(*w));
	struct spread_weight *sums;
	struct spread now = SPREAD_INIT;

	for (size_t i = 0; i < p->n; i++)
		w[i] = spread_weigh(&p->v[i], "p");
	stacks = spread_buckets(numbers, &m, "p", placed, w);
	sums = xcalloc(stacks, sizeof(*sums));
	for (size_t i = 0; i < p->n; i++) {
		size_t before = spread_get(placed, "p", p->v[i].name);
		struct spread_weight *sum = &sums[numbers[i] - 1];

		ck_assert_uint_ge(numbers[i], 1);
		ck_assert_uint_le(numbers[i], stacks);
		ck_assert_msg(!before || before == numbers[i], "%s moved from %zu to %zu",
			      p->v[i].name, before, numbers[i]);
		spread_put(&now, "p", p->v[i].name, numbers[i]);
		ck_assert_uint_le(sum->resources += w[i].resources, CFN_MAX_RESOURCES);
		ck_assert_uint_le(sum->outputs += w[i].outputs, CFN_MAX_OUTPUTS);
		ck_assert_uint_le(sum->bytes += w[i].bytes, CFN_MAX_URL_BODY);
	}
	spread_release(placed);
	*placed = now;
	free(sums);
	free(w);
	free(numbers);
	return stacks;
}

START_TEST(no_edit_moves_another_bucket)
{
	const char *given = getenv("SEED");
	struct project *p = xcalloc(1, sizeof(*p));
	FP_AUTO(spread_release) struct spread placed = SPREAD_INIT;
	size_t stacks = 0;

	p->seed = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL) + _i;
	printf("seed %u\n", p->seed);
	memset(long_word, 'x', sizeof(long_word) - 1);
	for (size_t step = 0; step < 600; step++) {
		/* It grows, then shrinks, then grows again. */
		size_t grow = step < 250 || step > 400 ? 4 : 1;

		for (size_t k = pick(p, 5); k > 0; k--) {
			if (pick(p, 5) < grow)
				add_bucket(p);
			else if (p->n)
				remove_bucket(p);
		}
		stacks = FP_MAX(stacks, place(p, &placed));
	}
	ck_assert_uint_gt(stacks, 2);
	free(p);
}
END_TEST

/* The lowest stack with room gets the next one; who is too large gets its own. */
START_TEST(the_first_with_room_is_taken)
{
	struct manifest_bucket v[401] = { 0 };
	char text[401][8];
	const struct manifest m = { .buckets = v, .nbuckets = ARRAY_SIZE(v) };
	struct spread_weight w[401];
	size_t numbers[401];

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		snprintf(text[i], sizeof(text[i]), "b%zu", i);
		v[i].name = text[i];
		w[i] = (struct spread_weight){ 2, 1, 2000 };
	}
	ck_assert_uint_eq(spread_buckets(numbers, &m, "p", NULL, w), 3);
	ck_assert_uint_eq(numbers[199], 1);
	ck_assert_uint_eq(numbers[200], 2);
	ck_assert_uint_eq(numbers[400], 3);
	w[0].bytes = 2000000;
	ck_assert_uint_eq(spread_buckets(numbers, &m, "p", NULL, w), 3);
	ck_assert_uint_eq(numbers[0], 1);
	ck_assert_uint_eq(numbers[1], 2);
}
END_TEST

/* Every weight is at least what the template takes. */
static const char *const shapes[] = {
	"{}",
	"{delivery: queue, processor: a-processor-of-a-long-name-and-more}",
	"{versioning: true, encryption: kms, archive: 30d, expire: 365d}",
	"{encryption: 'arn:aws:kms:eu-west-1:111122223333:key/"
	"11111111-2222-3333-4444-555555555555', versioning: true, retain: false}",
	"{on: [created, removed, restored, tagged], prefix: [a/, b/, c/], suffix: [.x, "
	".y, .z]}",
	"{prefix: \"\\u00e4\\u0416\\u4e2d\\U0001F600/\", suffix: \"'\\\"\\\\\"}",
};

START_TEST(weights_are_upper_bounds)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(manifest_release) struct manifest m;
	FP_AUTO(rendering_release) struct rendering r;
	const struct render_input in = { .manifest = &m };
	const struct rendered_stack *s;
	struct spread_weight sum = { 0 };

	buf_puts(&text, "project: p\nbuckets:\n");
	for (size_t i = 0; i < 50; i++)
		buf_printf(&text, "  b-%zu: %s\n", i, shapes[_i]);
	buf_puts(&text,
		 "processors: {a-processor-of-a-long-name-and-more: {}, default: {}}\n");
	ck_assert_msg(manifest_parse(&m, text.data, text.len, "f", NULL, &d) == 0, "%s",
		      d.n ? d.v[0].message : "");
	ck_assert_msg(render_manifest(&r, &in, &d) == 0, "%s", d.n ? d.v[0].message : "");
	for (size_t i = 0; i < m.nbuckets; i++) {
		const struct spread_weight w = spread_weigh(&m.buckets[i], "p");

		sum.resources += w.resources;
		sum.outputs += w.outputs;
		sum.bytes += w.bytes;
	}
	s = rendering_find(&r, "s3");
	ck_assert_uint_le(s->body_len, sum.bytes);
	ck_assert_uint_ge(s->body_len * 4, sum.bytes);
	ck_assert_uint_eq(node_get(s->template, "Resources")->map.n, sum.resources);
	ck_assert_uint_eq(node_get(s->template, "Outputs")->map.n, sum.outputs);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("spread");
	TCase *tc = tcase_create("spread");

	tcase_add_test(tc, environments_do_not_mix);
	tcase_add_test(tc, a_wish_gives_way);
	tcase_add_test(tc, the_first_with_room_is_taken);
	tcase_add_loop_test(tc, stacks_have_numbers, 0, ARRAY_SIZE(names));
	tcase_add_loop_test(tc, no_edit_moves_another_bucket, 0, 3);
	tcase_add_loop_test(tc, weights_are_upper_bounds, 0, ARRAY_SIZE(shapes));
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
