/*
 * A hash map from strings to pointers that remembers the order of insertion.
 */
#ifndef FP_MAP_H
#define FP_MAP_H

#include "base/base.h"

struct map_entry {
	char *key;   /* owned by the map */
	void *value; /* borrowed, unless map_release was given a function */
	uint64_t hash;
};

struct map {
	struct map_entry *v; /* in order of insertion */
	size_t n, cap;
	uint32_t *slots; /* index into v, plus 1 */
	size_t nslots;
};
#define MAP_INIT                    \
	{                           \
		NULL, 0, 0, NULL, 0 \
	}

/* The value, or NULL. */
void *map_get(const struct map *m, const char *key);
bool map_has(const struct map *m, const char *key);
/* Set or replace; returns the value that was there before, or NULL. */
void *map_put(struct map *m, const char *key, void *value);
/* Remove in O(n), order kept; returns the value that was there, or NULL. */
void *map_remove(struct map *m, const char *key);
/* `drop` is called for every value, and may be NULL. */
void map_release(struct map *m, void (*drop)(void *value));

/* map_each (e, &map) { e->key, e->value } */
#define map_each(e, m) for (struct map_entry *e = (m)->v; e && e < (m)->v + (m)->n; e++)

#endif
