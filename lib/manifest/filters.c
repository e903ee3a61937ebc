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
static void check_overlap(const struct rules *r, const char *name,
			  const struct node *list,
			  bool (*covers)(const char *s, const char *part),
			  const char *verb)
{
	for (size_t j = 1; list && j < list->seq.n; j++) {
		for (size_t i = 0; i < j; i++) {
			const char *x = node_text(list->seq.v[i]);
			const char *y = node_text(list->seq.v[j]);
			bool first_longer = covers(x, y);

			if (!first_longer && !covers(y, x))
				continue;
			diags_add(
				r->diags, list->seq.v[j]->pos,
				arena_printf(r->arena, "leave %s out",
					     shown(r->arena, first_longer ? x : y)),
				"bucket %s: S3 refuses overlapping filters, and %s %s %s",
				shown(r->arena, name),
				shown(r->arena, first_longer ? x : y), verb,
				shown(r->arena, first_longer ? y : x));
			break;
		}
	}
}

void rules_check_filters(const struct rules *r, const struct node_pair *p)
{
	const char *name = node_text(p->key);
	const struct node *prefix = node_get(p->value, "prefix");
	const struct node *suffix = node_get(p->value, "suffix");
	size_t n = count(node_get(p->value, "on")) * count(prefix) * count(suffix);

	if (n > CONFIGURATIONS_MAX) {
		diags_add(r->diags, p->value->pos.line ? p->value->pos : p->key->pos,
			  "use fewer prefixes or suffixes",
			  "bucket %s: %zu combinations of on, prefix and suffix; "
			  "S3 allows %d",
			  shown(r->arena, name), n, CONFIGURATIONS_MAX);
		return;
	}
	check_overlap(r, name, prefix, str_starts, "begins with");
	check_overlap(r, name, suffix, str_ends, "ends with");
}
