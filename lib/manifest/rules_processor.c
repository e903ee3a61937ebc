#include "base/str.h"
#include "manifest/checker.h"
#include "manifest/rules.h"

#define FUNCTION_NAME_MAX 64
#define DEAD_LETTERS	  "-dead-letters"
/* Source: Lambda Developer Guide, "Configuring a queue to use with Lambda". */
#define VISIBILITY_FACTOR 6
/* Source: Lambda Developer Guide, "Batching behavior". */
#define BATCH_WITHOUT_WINDOW  10
#define QUEUE_CONCURRENCY_MIN 2 /* of the schema, and of Lambda */

static void check_name(const struct rules *r, const struct node *key)
{
	size_t n = strlen(str_or(r->prefix, "")) + 1 + key->scalar.len;

	if (n > FUNCTION_NAME_MAX)
		diags_add(r->diags, key->pos,
			  arena_printf(r->arena, "shorten it by %zu",
				       n - FUNCTION_NAME_MAX),
			  "function '%s-%s' has %zu characters; Lambda allows %d",
			  r->prefix, node_text(key), n, FUNCTION_NAME_MAX);
}

/* Its queue would be the other one's dead-letter queue. */
static void check_dead_letters(const struct rules *r, const struct node *processors,
			       const struct node *key)
{
	const char *name = node_text(key), *other;

	if (!str_ends(name, DEAD_LETTERS))
		return;
	other = arena_strndup(r->arena, name, strlen(name) - strlen(DEAD_LETTERS));
	if (node_get(processors, other))
		diags_add(r->diags, key->pos, "rename one of them",
			  "processor %s has the name of the dead-letter queue of '%s'",
			  shown(r->arena, name), other);
}

static void check_visibility(const struct rules *r, const struct node_pair *p,
			     const struct node *queue)
{
	int64_t timeout = rules_int(p->value, "timeout");
	int64_t visibility = rules_int(queue, "visibility");

	if (!timeout || !visibility || visibility >= VISIBILITY_FACTOR * timeout)
		return;
	diags_add(r->diags, node_get(queue, "visibility")->pos,
		  arena_printf(r->arena, "write %llds or more, or leave it out",
			       (long long)(VISIBILITY_FACTOR * timeout)),
		  "processor %s: a visibility of %llds is less than six times the "
		  "timeout of %llds, so messages would be processed twice",
		  shown(r->arena, node_text(p->key)), (long long)visibility,
		  (long long)timeout);
}

static void check_batch(const struct rules *r, const struct node_pair *p,
			const struct node *queue)
{
	int64_t batch = rules_int(queue, "batch");

	if (batch <= BATCH_WITHOUT_WINDOW || !node_get(queue, "window") ||
	    rules_int(queue, "window"))
		return;
	diags_add(r->diags, node_get(queue, "batch")->pos, "add window: 1s",
		  "processor %s: Lambda waits for a batch of more than %d only with a "
		  "window of at least 1s",
		  shown(r->arena, node_text(p->key)), BATCH_WITHOUT_WINDOW);
}

static void check_concurrency(const struct rules *r, const struct node_pair *p,
			      const struct node *queue)
{
	int64_t reserved = rules_int(p->value, "concurrency");
	int64_t most = rules_int(queue, "concurrency");

	if (!reserved || !most || most <= reserved)
		return;
	diags_add(r->diags, node_get(queue, "concurrency")->pos,
		  reserved < QUEUE_CONCURRENCY_MIN
			  ? "leave it out, or reserve more"
			  : arena_printf(r->arena, "write %lld or less, or reserve more",
					 (long long)reserved),
		  "processor %s: its queue may start %lld invocations at once, and only "
		  "%lld are reserved",
		  shown(r->arena, node_text(p->key)), (long long)most,
		  (long long)reserved);
}

void rules_check_processors(const struct rules *r)
{
	const struct node *processors = node_get(r->root, "processors");
	const char *topics = rules_topic_arns(r);

	for (size_t i = 0; processors && i < processors->map.n; i++) {
		const struct node_pair *p = &processors->map.v[i];
		const struct node *queue = node_get(p->value, "queue");

		check_name(r, p->key);
		check_dead_letters(r, processors, p->key);
		check_visibility(r, p, queue);
		check_batch(r, p, queue);
		check_concurrency(r, p, queue);
		rules_check_variables(r, p, topics);
	}
	rules_check_ids(r, processors);
}
