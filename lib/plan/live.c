#include "base/str.h"
#include "plan/plan.h"

static void free_map(struct map *m)
{
	if (!m)
		return;
	map_release(m, free);
	free(m);
}

void live_stack_release(struct live_stack *s)
{
	free(s->status);
	free(s->stack_id);
	arena_release(&s->arena);
	free_map(s->parameters);
	free_map(s->outputs);
	free_map(s->tags);
	*s = (struct live_stack){ .arena = ARENA_INIT };
}

void live_release(struct live *l)
{
	for (size_t i = 0; i < l->n; i++)
		live_stack_release(&l->v[i]);
	free(l->v);
	*l = (struct live){ NULL, 0 };
}

bool live_busy(const struct live_stack *s)
{
	return s->exists && str_ends(s->status, "_IN_PROGRESS") &&
	       !str_eq(s->status, "REVIEW_IN_PROGRESS");
}
