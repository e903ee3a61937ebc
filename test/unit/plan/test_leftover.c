#include "base/str.h"
#include "load_text.h"
#include "plan/leftover.h"

#define HEAD "project: p\nregion: eu-west-1\nprocessors: {old: {}}\n"

/* As much of a deployed stack as is looked at; the values are their names. */
static void deploy(struct live_stack *out, const struct rendered_stack *s)
{
	const struct node *outputs = node_get(s->template, "Outputs");

	*out = (struct live_stack){ .exists = true,
				    .status = xstrdup("UPDATE_COMPLETE") };
	out->template = load_text(&out->arena, s->body);
	out->parameters = xcalloc(1, sizeof(*out->parameters));
	out->outputs = xcalloc(1, sizeof(*out->outputs));
	for (size_t i = 0; i < s->nparameters; i++)
		(void)map_put(out->parameters, s->parameters[i].name,
			      xstrdup(s->parameters[i].name));
	for (size_t i = 0; outputs && i < outputs->map.n; i++)
		(void)map_put(out->outputs, node_text(outputs->map.v[i].key),
			      xstrdup("v"));
}

static void render_text(struct rendering *out, struct manifest *m, const char *text)
{
	FP_AUTO(diags_release) struct diags diags = DIAGS_INIT;
	const struct render_input in = { .manifest = m };

	ck_assert_int_eq(manifest_parse(m, text, strlen(text), "f", NULL, &diags), 0);
	ck_assert_int_eq(render_manifest(out, &in, &diags), 0);
}

static size_t index_of(const struct rendering *r, const char *name)
{
	for (size_t i = 0; i < r->nstacks; i++)
		if (str_eq(r->stacks[i].name, name))
			return i;
	ck_abort_msg("no stack %s", name);
	return 0;
}

/* Live is what the first manifest has, in the order of the second one's stacks. */
static void observe(struct live *live, const struct rendering *before,
		    const struct rendering *all)
{
	*live = (struct live){ xcalloc(all->nstacks, sizeof(*live->v)), all->nstacks };
	for (size_t i = 0; i < all->nstacks; i++) {
		const struct rendered_stack *s = rendering_find(before,
								all->stacks[i].name);

		if (s)
			deploy(&live->v[i], s);
	}
}

START_TEST(buckets_without_a_manifest_call_nobody)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	struct manifest before_m, now_m;
	struct rendering before, now, all;
	FP_AUTO(live_release) struct live live = { NULL, 0 };
	struct map params = MAP_INIT;
	const struct rendered_stack *s3;
	struct node *bucket;
	char *reason;
	size_t n;

	render_text(&before, &before_m,
		    HEAD "buckets: {a: {processor: old, encryption: kms}, b: {processor: "
			 "old, delivery: queue}}\n");
	render_text(&now, &now_m, "project: p\nregion: eu-west-1\n");
	all = rendering_with_empty(&a, &now);
	observe(&live, &before, &all);
	n = plan_unwire_leftovers(&all, &live, &a, now.nstacks);
	ck_assert_uint_eq(n, now.nstacks + 1);
	s3 = &all.stacks[now.nstacks];
	ck_assert_str_eq(s3->stack_name, "p-s3");
	ck_assert_ptr_null(strstr(s3->body, "NotificationConfiguration"));
	ck_assert_ptr_null(strstr(s3->body, "LambdaOldArn"));
	ck_assert_ptr_null(strstr(s3->body, "QueueOldArn"));
	/* The rest is as it was, and keeps the values that it has. */
	bucket = node_at(s3->template, "Resources.ABucket.Properties");
	ck_assert_ptr_nonnull(node_get(bucket, "BucketEncryption"));
	ck_assert_uint_eq(s3->nparameters, 1);
	ck_assert_str_eq(s3->parameters[0].value, "EncryptionKeyArn");
	/* Nothing was changed in what is deployed; so the functions wait for this. */
	ck_assert(!plan_template_equal(s3, &live.v[now.nstacks]));
	all.nstacks = n;
	ck_assert(plan_holds_back(&all, &live, index_of(&all, "lambda"), now.nstacks));
	/* Once it is deployed, nothing is left to do. */
	live_stack_release(&live.v[now.nstacks]);
	deploy(&live.v[now.nstacks], s3);
	live.v[now.nstacks].tags = xcalloc(1, sizeof(struct map));
	(void)map_put(live.v[now.nstacks].tags, "fpctl:project", xstrdup("p"));
	(void)map_put(&params, "EncryptionKeyArn", (char[]){ "EncryptionKeyArn" });
	ck_assert_int_eq(
		plan_stack_action(&reason, s3, &live.v[now.nstacks], &params, &now_m),
		PLAN_NONE);
	map_release(&params, NULL);
	rendering_release(&before);
	rendering_release(&now);
	manifest_release(&before_m);
	manifest_release(&now_m);
}
END_TEST

/* What failed, or goes, needs a decision first. */
START_TEST(only_whole_stacks_take_part)
{
	static const char *const others[] = { "ROLLBACK_COMPLETE", "DELETE_FAILED",
					      "REVIEW_IN_PROGRESS", "DELETE_IN_PROGRESS",
					      "UPDATE_ROLLBACK_FAILED" };
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	struct manifest before_m, now_m;
	struct rendering before, now, all;
	FP_AUTO(live_release) struct live live = { NULL, 0 };

	render_text(&before, &before_m, HEAD "buckets: {a: {processor: old}}\n");
	render_text(&now, &now_m, "project: p\nregion: eu-west-1\n");
	all = rendering_with_empty(&a, &now);
	observe(&live, &before, &all);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		char **status = &live.v[index_of(&all, "s3")].status;

		free(*status);
		*status = xstrdup(others[i]);
		ck_assert_uint_eq(plan_unwire_leftovers(&all, &live, &a, now.nstacks),
				  now.nstacks);
	}
	rendering_release(&before);
	rendering_release(&now);
	manifest_release(&before_m);
	manifest_release(&now_m);
}
END_TEST

static Suite *leftover_suite(void)
{
	Suite *s = suite_create("leftover");
	TCase *tc = tcase_create("leftover");

	tcase_add_test(tc, buckets_without_a_manifest_call_nobody);
	tcase_add_test(tc, only_whole_stacks_take_part);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(leftover_suite)
