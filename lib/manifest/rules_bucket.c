#include "base/str.h"
#include "manifest/checker.h"
#include "manifest/naming.h"
#include "manifest/rules.h"

static void check_name(const struct rules *r, const struct node *key)
{
	const char *region = node_text(node_get(r->root, "region")), *hint;
	const char *name = node_text(key), *problem;

	problem = naming_bucket_problem(r->arena, r->prefix, name, region, &hint);
	if (problem)
		diags_add(r->diags, key->pos, hint, "bucket %s: %s",
			  shown(r->arena, name), problem);
	else if (str_eq(name, "pipeline") && !r->environment &&
		 node_get(r->root, "pipeline"))
		diags_add(r->diags, key->pos, "choose another name",
			  "bucket 'pipeline': 'pipeline' is the name of the pipeline's "
			  "own bucket");
}

static void check_processor(const struct rules *r, const struct node *bucket)
{
	const struct node *processors = node_get(r->root, "processors");
	const struct node *want = node_get(bucket, "processor");

	if (!want || !processors || node_get(processors, node_text(want)))
		return;
	diags_add(r->diags, want->pos,
		  rules_nearest(r, processors, node_text(want),
				"define it under 'processors'"),
		  "there is no processor %s", shown(r->arena, node_text(want)));
}

/* Source: S3 User Guide, "Lifecycle configuration elements". */
static void check_ages(const struct rules *r, const struct node_pair *p)
{
	int64_t archive = rules_int(p->value, "archive");
	int64_t expire = rules_int(p->value, "expire");
	const struct node *at = node_get(p->value, "expire");

	if (!archive || !expire || archive < expire)
		return;
	diags_add(r->diags, at->pos,
		  arena_printf(r->arena,
			       "expire after more than %lldd, or do not archive",
			       (long long)archive),
		  "bucket %s: objects would be deleted after %lldd, before or when they "
		  "are archived after %lldd",
		  shown(r->arena, node_text(p->key)), (long long)expire,
		  (long long)archive);
}

/* Source: S3 User Guide, "Using server-side encryption with AWS KMS keys". */
static void check_key_region(const struct rules *r, const struct node_pair *p)
{
	const struct node *key = node_get(p->value, "encryption");
	const char *region = node_text(node_get(r->root, "region"));
	const char *in = str_starts(str_or(node_text(key), ""), "arn:")
				 ? strstr(node_text(key), ":kms:") + strlen(":kms:")
				 : NULL;

	if (!region || !in || (str_starts(in, region) && in[strlen(region)] == ':'))
		return;
	diags_add(r->diags, key->pos, "name a key of that region, or write 'kms'",
		  "bucket %s is in %s, and its key in %.*s: S3 wants both in one region",
		  shown(r->arena, node_text(p->key)), region, (int)strcspn(in, ":"), in);
}

static bool has(const struct node *list, const char *text)
{
	for (size_t i = 0; list && i < list->seq.n; i++)
		if (node_is(list->seq.v[i], text))
			return true;
	return false;
}

/* Where the files with `move`'s prefix come in again, or NULL. */
static const struct node *takes_in(const struct node_pair *p, const char *move)
{
	const struct node *prefix = node_get(p->value, "prefix");

	if (!prefix)
		return NULL;
	if (!prefix->seq.n)
		return p->key;
	for (size_t i = 0; i < prefix->seq.n; i++)
		if (str_starts(move, node_text(prefix->seq.v[i])))
			return prefix->seq.v[i];
	return NULL;
}

/* What a processor does to a file must not start it again: that would never end. */
static void check_loop(const struct rules *r, const struct node_pair *p,
		       const struct node *processor, const char *when)
{
	const struct node *action = node_get(processor, when);
	const struct node *on = node_get(p->value, "on");
	const char *move = node_text(node_get(action, "move"));
	const struct node *at = move ? takes_in(p, move) : NULL;

	if (has(on, "created") && at)
		diags_add(r->diags, at->pos,
			  "give the bucket a prefix such as 'incoming/' that the moved "
			  "files do not have",
			  "bucket %s: files that '%s' moves to %s would come in again, "
			  "without end",
			  shown(r->arena, node_text(p->key)), when,
			  shown(r->arena, move));
	if (has(on, "tagged") && node_is(action, "tag"))
		diags_add(r->diags, on->pos, "leave 'tagged' out",
			  "bucket %s: files that '%s' tags would come in again, without "
			  "end",
			  shown(r->arena, node_text(p->key)), when);
}

void rules_check_buckets(const struct rules *r)
{
	const struct node *buckets = node_get(r->root, "buckets");
	const struct node *processors = node_get(r->root, "processors");

	for (size_t i = 0; buckets && i < buckets->map.n; i++) {
		const struct node_pair *p = &buckets->map.v[i];
		const char *name = node_text(node_get(p->value, "processor"));
		const struct node *processor = name ? node_get(processors, name) : NULL;

		check_name(r, p->key);
		check_processor(r, p->value);
		check_ages(r, p);
		check_key_region(r, p);
		check_loop(r, p, processor, "on_success");
		check_loop(r, p, processor, "on_failure");
		rules_check_filters(r, p);
	}
	rules_check_ids(r, buckets);
}
