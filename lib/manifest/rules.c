#include "manifest/rules.h"

#include "base/map.h"
#include "base/str.h"
#include "manifest/checker.h"
#include "manifest/naming.h"

#define TAGS_MAX	50 /* of a stack */
#define SUGGESTIONS_MAX 20 /* more findings than anybody reads at once */

void rules_check_ids(const struct rules *r, const struct node *map)
{
	struct map ids = MAP_INIT;

	for (size_t i = 0; map && i < map->map.n; i++) {
		const struct node *key = map->map.v[i].key;
		const char *id = naming_id(r->arena, node_text(key));
		const struct node *other = map_get(&ids, id);

		if (!other)
			map_put(&ids, id, (void *)key);
		else
			diags_add(r->diags, key->pos, "rename one of them",
				  "%s and %s would both have the logical ID '%s'",
				  shown(r->arena, node_text(key)),
				  shown(r->arena, node_text(other)), id);
	}
	map_release(&ids, NULL);
}

const char *rules_suggest(const struct rules *r, const char *const *names, size_t n,
			  const char *name, const char *otherwise)
{
	const char *nearest = r->diags->n < SUGGESTIONS_MAX ? str_nearest(name, names, n)
							    : NULL;

	return nearest ? arena_printf(r->arena, "did you mean '%s'?", nearest)
		       : otherwise;
}

const char *rules_nearest(const struct rules *r, const struct node *map, const char *name,
			  const char *otherwise)
{
	size_t n = map && map->kind == NODE_MAPPING ? map->map.n : 0;
	FP_AUTO(freep) const char **names = NULL;

	if (r->diags->n >= SUGGESTIONS_MAX)
		return otherwise;
	names = xcalloc(n + 1, sizeof(*names));
	for (size_t i = 0; i < n; i++)
		names[i] = node_text(map->map.v[i].key);
	return rules_suggest(r, names, n, name, otherwise);
}

int64_t rules_int(const struct node *map, const char *name)
{
	int64_t v = 0;

	return node_as_int(node_get(map, name), &v) ? v : 0;
}

/* IAM's tags, alone, are the same in capitals, and roles get all tags.
 * Source: IAM User Guide, "Tags for AWS Identity and Access Management resources". */
static void check_cases(const struct rules *r, const struct node *tags)
{
	struct map seen = MAP_INIT;

	for (size_t i = 0; i < tags->map.n; i++) {
		struct node *key = tags->map.v[i].key;
		char *name = str_lower(arena_strdup(r->arena, node_text(key)));
		const struct node *other = map_put(&seen, name, key);

		if (other)
			diags_add(r->diags, key->pos, "rename one of them",
				  "the tags %s and %s differ by their case alone, which "
				  "IAM refuses",
				  shown(r->arena, node_text(other)),
				  shown(r->arena, node_text(key)));
	}
	map_release(&seen, NULL);
}

static void check_tags(const struct rules *r)
{
	const struct node *tags = node_get(r->root, "tags");
	size_t own = r->environment ? 2 : 1;

	if (!tags)
		return;
	for (size_t i = 0; i < tags->map.n; i++) {
		const struct node *key = tags->map.v[i].key;

		if (strncasecmp(node_text(key), "aws:", 4) == 0)
			diags_add(r->diags, key->pos, "choose another name",
				  "tag %s: AWS reserves names that begin with 'aws:'",
				  shown(r->arena, node_text(key)));
		else if (node_is(key, NAMING_PROJECT_TAG) ||
			 node_is(key, NAMING_ENVIRONMENT_TAG))
			diags_add(r->diags, key->pos, "leave it out",
				  "fpctl sets the tag '%s' itself", node_text(key));
	}
	check_cases(r, tags);
	if (tags->map.n > TAGS_MAX - own)
		diags_add(r->diags, tags->map.v[TAGS_MAX - own].key->pos,
			  "leave the others out",
			  "there are %zu tags; AWS allows %zu beside fpctl's own",
			  tags->map.n, TAGS_MAX - own);
}

static void check_project(const struct rules *r)
{
	const struct node *project = node_get(r->root, "project");
	const char *problem = r->prefix ? naming_prefix_problem(r->arena, r->prefix)
					: NULL;

	if (problem)
		diags_add(r->diags, project->pos, "choose another name",
			  "project '%s': %s", node_text(project), problem);
}

void rules_check(const struct manifest *m, const struct manifest_environment *e,
		 const struct node *root, struct arena *a, struct diags *diags)
{
	const char *project = node_text(node_get(root, "project"));
	struct rules r = { root, m, e, NULL, a, diags };

	if (project)
		r.prefix = naming_prefix(a, project, e ? e->name : NULL);
	check_project(&r);
	check_tags(&r);
	rules_check_buckets(&r);
	rules_check_processors(&r);
	rules_check_topics(&r);
	rules_check_stacks(&r);
	rules_check_environments(&r);
}
