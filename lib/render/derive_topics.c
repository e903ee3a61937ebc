#include "base/digest.h"
#include "base/map.h"
#include "base/str.h"
#include "manifest/naming.h"
#include "render/derive.h"

struct subscriptions {
	struct arena *a;
	struct node *list;
	struct map ids;
};

/* "OpsExampleCom"; a second one of the same letters and digits gets a digest behind. */
static const char *unique_id(struct subscriptions *s, const char *topic,
			     const char *endpoint)
{
	const char *id = arena_printf(s->a, "%s%s", topic, naming_id(s->a, endpoint));
	char digest[SHA256_HEX_LEN];

	/* Logical IDs hold 255 characters; what templates put around takes some. */
	if (strlen(id) > 200 || map_has(&s->ids, id)) {
		sha256_hex(digest, endpoint, strlen(endpoint));
		id = arena_printf(s->a, "%.100s%.12s", id, digest);
	}
	map_put(&s->ids, id, s);
	return id;
}

static void push(struct subscriptions *s, const char *topic, const char *protocol,
		 const char **endpoints, size_t n, const struct node *filter)
{
	for (size_t i = 0; i < n; i++) {
		struct node *it = node_mapping(s->a);

		derive_text(s->a, it, "id", unique_id(s, topic, endpoints[i]));
		derive_text(s->a, it, "topic", topic);
		derive_text(s->a, it, "protocol", protocol);
		derive_text(s->a, it, "endpoint", endpoints[i]);
		derive_bool(s->a, it, "filtered", filter != NULL);
		node_put(s->a, it, "filter",
			 filter ? node_copy(s->a, filter) : node_null(s->a));
		node_push(s->a, s->list, it);
	}
}

static struct node *subscriptions_of(struct arena *a, const struct manifest *m)
{
	struct subscriptions s = { .a = a, .list = node_sequence(a) };

	for (size_t i = 0; i < m->ntopics; i++) {
		const struct manifest_topic *t = &m->topics[i];
		const char *id = naming_id(a, t->name);

		push(&s, id, "email", t->email, t->nemail, t->filter);
		push(&s, id, "https", t->https, t->nhttps, t->filter);
		push(&s, id, "sqs", t->sqs, t->nsqs, t->filter);
	}
	map_release(&s.ids, NULL);
	return s.list;
}

static struct node *alerts_of(struct arena *a, const struct manifest_monitoring *mon)
{
	struct subscriptions s = { .a = a, .list = node_sequence(a) };

	push(&s, "Alerts", "email", mon->alert, mon->nalert, NULL);
	map_release(&s.ids, NULL);
	return s.list;
}

void derive_topics(struct arena *a, struct node *out, const struct manifest *m)
{
	struct node *list = node_sequence(a);

	for (size_t i = 0; i < m->ntopics; i++) {
		struct node *it = node_mapping(a);

		derive_text(a, it, "name", m->topics[i].name);
		derive_text(a, it, "id", naming_id(a, m->topics[i].name));
		node_push(a, list, it);
	}
	node_put(a, out, "topics", list);
	node_put(a, out, "subscriptions", subscriptions_of(a, m));
	derive_bool(a, out, "alerted", m->monitoring.nalert > 0);
	node_put(a, out, "alerts", alerts_of(a, &m->monitoring));
}
