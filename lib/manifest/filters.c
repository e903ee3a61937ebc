#include "base/str.h"
#include "manifest/checker.h"
#include "manifest/rules.h"

/* Source: S3 User Guide, "Configuring event notifications": 100 a bucket. */
#define CONFIGURATIONS_MAX 100

static size_t count(const struct node *list)
{
	return list && list->seq.n ? list->seq.n : 1;
}

/*
 * S3 refuses two configurations of one event that could match the same key. With
 * every prefix combined with every suffix, that is so as soon as one prefix
 * begins another, or one suffix ends another.
 */
static void check_overlap(const char *name, const struct node *list,
			  bool (*covers)(const char *s, const char *part),
			  const char *verb, struct arena *a, struct diags *diags)
{
	for (size_t j = 1; list && j < list->seq.n; j++) {
		for (size_t i = 0; i < j; i++) {
			const char *x = node_text(list->seq.v[i]);
			const char *y = node_text(list->seq.v[j]);
			bool first_longer = covers(x, y);

			if (!first_longer && !covers(y, x))
				continue;
			diags_add(
				diags, list->seq.v[j]->pos,
				arena_printf(a, "leave %s out",
					     shown(a, first_longer ? x : y)),
				"bucket %s: S3 refuses overlapping filters, and %s %s %s",
				shown(a, name), shown(a, first_longer ? x : y), verb,
				shown(a, first_longer ? y : x));
			break;
		}
	}
}

void rules_check_filters(const char *name, const struct node *bucket, struct arena *a,
			 struct diags *diags)
{
	const struct node *prefix = node_get(bucket, "prefix");
	const struct node *suffix = node_get(bucket, "suffix");
	const struct node *on = node_get(bucket, "on");
	size_t n = count(on) * count(prefix) * count(suffix);

	if (n > CONFIGURATIONS_MAX) {
		diags_add(diags, bucket->pos, "use fewer prefixes or suffixes",
			  "bucket %s: %zu combinations of on, prefix and suffix; "
			  "S3 allows %d",
			  shown(a, name), n, CONFIGURATIONS_MAX);
		return;
	}
	check_overlap(name, prefix, str_starts, "begins with", a, diags);
	check_overlap(name, suffix, str_ends, "ends with", a, diags);
}
