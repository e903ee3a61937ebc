/*
 * What the schema's table cannot say: rules about several values at once, and
 * AWS's own about names. Internal to lib/manifest.
 */
#ifndef FP_MANIFEST_RULES_H
#define FP_MANIFEST_RULES_H

#include "base/diag.h"
#include "manifest/manifest.h"
#include "yaml/node.h"

/* The normal form of one environment; fields that were found wrong are absent. */
struct rules {
	const struct node *root;
	const struct manifest *manifest; /* its document and environments */
	const struct manifest_environment *environment; /* NULL: there is none */
	const char *prefix; /* of all names; NULL when the project's is wrong */
	struct arena *arena;
	struct diags *diags;
};

void rules_check(const struct manifest *m, const struct manifest_environment *e,
		 const struct node *root, struct arena *a, struct diags *diags);

/* By subject. */
void rules_check_buckets(const struct rules *r);
void rules_check_processors(const struct rules *r);
void rules_check_topics(const struct rules *r);
void rules_check_stacks(const struct rules *r);
void rules_check_environments(const struct rules *r);
/* One bucket's filters: overlaps and number. */
void rules_check_filters(const struct rules *r, const struct node_pair *bucket);
/* One processor's variables and secrets: reserved names and size; `topics` is what
 * rules_topic_arns() gave. */
void rules_check_variables(const struct rules *r, const struct node_pair *processor,
			   const char *topics);
/* The topics' ARNs as each function gets them, at their longest. In the arena. */
const char *rules_topic_arns(const struct rules *r);

/* What they share. */

/* Two names of the map that make one logical ID would silently become one resource. */
void rules_check_ids(const struct rules *r, const struct node *map);
/* "did you mean 'x'?" with one of the names, or `otherwise`. */
const char *rules_suggest(const struct rules *r, const char *const *names, size_t n,
			  const char *name, const char *otherwise);
/* The same with a key of `map` (NULL: empty). */
const char *rules_nearest(const struct rules *r, const struct node *map, const char *name,
			  const char *otherwise);
/* Whether fpctl itself has a stack of that name: "lambda". */
bool rules_is_own_stack(const char *name);
/* 0 when it is absent. */
int64_t rules_int(const struct node *map, const char *name);

#endif
