#include "manifest/rules.h"

#include "base/map.h"
#include "base/str.h"
#include "manifest/checker.h"
#include "manifest/naming.h"

#define TAGS_MAX	  49 /* CloudFormation's 50 less NAMING_PROJECT_TAG */
#define FUNCTION_NAME_MAX 64
#define SUGGESTIONS_MAX	  100 /* more findings than anybody reads at once */

/* Two names that make one logical ID would silently become one resource. */
static void check_ids(const struct node *map, struct arena *a, struct diags *diags)
{
	struct map ids = MAP_INIT;

	for (size_t i = 0; map && i < map->map.n; i++) {
		const struct node *key = map->map.v[i].key;
		const char *id = naming_id(a, node_text(key));
		const struct node *other = map_get(&ids, id);

		if (!other)
			map_put(&ids, id, (void *)key);
		else
			diags_add(diags, key->pos, "rename one of them",
				  "%s and %s would both have the logical ID '%s'",
				  shown(a, node_text(key)), shown(a, node_text(other)),
				  id);
	}
	map_release(&ids, NULL);
}

/* The same for addresses, which make the subscriptions' IDs. */
static void check_addresses(const struct node *list, struct arena *a, struct diags *diags)
{
	struct node *map = node_mapping(a);

	for (size_t i = 0; list && i < list->seq.n; i++)
		node_put_node(a, map, list->seq.v[i], list->seq.v[i]);
	check_ids(map, a, diags);
}

static const char *nearest_key(const struct node *map, const char *name)
{
	FP_AUTO(freep) const char **names = xcalloc(map->map.n + 1, sizeof(*names));

	for (size_t i = 0; i < map->map.n; i++)
		names[i] = node_text(map->map.v[i].key);
	return str_nearest(name, names, map->map.n);
}

static void check_processor_name(const struct node *root, const struct node *bucket,
				 struct arena *a, struct diags *diags)
{
	const struct node *processors = node_get(root, "processors");
	const struct node *want = node_get(bucket, "processor");
	const char *nearest;

	if (!want || !processors || node_get(processors, node_text(want)))
		return;
	nearest = diags->n < SUGGESTIONS_MAX ? nearest_key(processors, node_text(want))
					     : NULL;
	diags_add(diags, want->pos,
		  nearest ? arena_printf(a, "did you mean '%s'?", nearest)
			  : "define it under 'processors'",
		  "there is no processor %s", shown(a, node_text(want)));
}

static void check_buckets(const struct node *root, const char *prefix, struct arena *a,
			  struct diags *diags)
{
	const struct node *buckets = node_get(root, "buckets");
	const char *region = node_text(node_get(root, "region"));

	for (size_t i = 0; buckets && i < buckets->map.n; i++) {
		const struct node *key = buckets->map.v[i].key;
		const struct node *bucket = buckets->map.v[i].value;
		const char *hint, *problem;

		problem = naming_bucket_problem(a, prefix, node_text(key), region, &hint);
		if (problem)
			diags_add(diags, key->pos, hint, "bucket %s: %s",
				  shown(a, node_text(key)), problem);
		check_processor_name(root, bucket, a, diags);
		rules_check_filters(node_text(key), bucket, a, diags);
	}
	check_ids(buckets, a, diags);
}

static void check_processors(const struct node *root, const char *prefix, struct arena *a,
			     struct diags *diags)
{
	const struct node *processors = node_get(root, "processors");

	for (size_t i = 0; processors && i < processors->map.n; i++) {
		const struct node *key = processors->map.v[i].key;
		size_t n = strlen(str_or(prefix, "")) + 1 + key->scalar.len;

		if (n > FUNCTION_NAME_MAX)
			diags_add(diags, key->pos, "shorten it",
				  "function '%s-%s' has %zu characters; Lambda allows %d",
				  prefix, node_text(key), n, FUNCTION_NAME_MAX);
		rules_check_environment(
			node_get(processors->map.v[i].value, "environment"), diags);
	}
	check_ids(processors, a, diags);
}

static void check_tags(const struct node *tags, struct arena *a, struct diags *diags)
{
	for (size_t i = 0; tags && i < tags->map.n; i++) {
		const struct node *key = tags->map.v[i].key;

		if (strncasecmp(node_text(key), "aws:", 4) == 0)
			diags_add(diags, key->pos, "choose another name",
				  "tag %s: AWS reserves names that begin with 'aws:'",
				  shown(a, node_text(key)));
		else if (node_is(key, NAMING_PROJECT_TAG))
			diags_add(diags, key->pos, "leave it out",
				  "fpctl sets the tag '%s' itself", NAMING_PROJECT_TAG);
	}
	if (tags && tags->map.n > TAGS_MAX)
		diags_add(diags, tags->map.v[TAGS_MAX].key->pos, NULL,
			  "there are %zu tags; AWS allows %d beside fpctl's own",
			  tags->map.n, TAGS_MAX);
}

static void check_topics(const struct node *topics, struct arena *a, struct diags *diags)
{
	for (size_t i = 0; topics && i < topics->map.n; i++)
		check_addresses(node_get(topics->map.v[i].value, "email"), a, diags);
}

void rules_check(const struct node *root, const char *environment, struct arena *a,
		 struct diags *diags)
{
	const struct node *project = node_get(root, "project");
	const char *problem = project ? naming_project_problem(a, node_text(project))
				      : NULL;
	const char *prefix = project ? naming_prefix(a, node_text(project), environment)
				     : NULL;

	if (problem)
		diags_add(diags, project->pos, "choose another name", "project '%s': %s",
			  node_text(project), problem);
	check_tags(node_get(root, "tags"), a, diags);
	check_buckets(root, prefix, a, diags);
	check_processors(root, prefix, a, diags);
	check_topics(node_get(root, "notify"), a, diags);
}
