#include "render/derive.h"

#include "manifest/naming.h"
#include "render/derive_monitoring.h"
#include "render/derive_pipeline.h"

void derive_text(struct arena *a, struct node *map, const char *key, const char *text)
{
	node_put(a, map, key, text ? node_string(a, text) : node_null(a));
}

void derive_number(struct arena *a, struct node *map, const char *key, int64_t number)
{
	node_put(a, map, key, number ? node_int(a, number) : node_null(a));
}

void derive_bool(struct arena *a, struct node *map, const char *key, bool value)
{
	node_put(a, map, key, node_bool(a, value));
}

const char *derive_prefix(struct arena *a, const struct manifest *m)
{
	return naming_prefix(a, m->project, m->environment);
}

/* Whether some bucket asks for a key of the project's own. */
static bool has_key(const struct manifest *m)
{
	for (size_t i = 0; i < m->nbuckets; i++)
		if (m->buckets[i].encryption == ENCRYPT_KMS)
			return true;
	return false;
}

static struct node *tags_of(struct arena *a, const struct manifest *m)
{
	struct node *list = node_sequence(a);

	for (size_t i = 0; i < m->ntags; i++) {
		struct node *it = node_mapping(a);

		derive_text(a, it, "Key", m->tags[i].key);
		derive_text(a, it, "Value", m->tags[i].value);
		node_push(a, list, it);
	}
	return list;
}

struct node *derive_manifest(struct arena *a, const struct manifest *m)
{
	struct node *out = node_mapping(a);

	derive_text(a, out, "project", m->project);
	derive_text(a, out, "prefix", derive_prefix(a, m));
	derive_text(a, out, "environment", m->environment);
	derive_bool(a, out, "protect", m->protect);
	derive_bool(a, out, "has_key", has_key(m));
	derive_bool(a, out, "pipeline_here", m->pipeline && manifest_is_first(m));
	node_put(a, out, "tags", tags_of(a, m));
	node_put(a, out, "buckets", derive_buckets(a, m));
	node_put(a, out, "processors", derive_processors(a, m));
	derive_topics(a, out, m);
	node_put(a, out, "monitoring", derive_monitoring(a, m));
	node_put(a, out, "pipeline", derive_pipeline(a, m));
	return out;
}
