#include "base/map.h"

#include "base/error.h"

/* FNV-1a; the upper half is folded in, for only low bits choose the slot. */
static uint64_t hash_of(const char *key)
{
	uint64_t h = 0xcbf29ce484222325;

	for (; *key; key++)
		h = (h ^ (unsigned char)*key) * 0x100000001b3;
	return h ^ h >> 32;
}

/* The slot that holds the key, or the empty one where it belongs. */
static size_t find_slot(const struct map *m, const char *key, uint64_t hash)
{
	size_t mask = m->nslots - 1, i = hash & mask;

	for (; m->slots[i]; i = (i + 1) & mask) {
		const struct map_entry *e = &m->v[m->slots[i] - 1];

		if (e->hash == hash && strcmp(e->key, key) == 0)
			break;
	}
	return i;
}

static struct map_entry *find(const struct map *m, const char *key)
{
	size_t i;

	if (!m->n)
		return NULL;
	i = find_slot(m, key, hash_of(key));
	return m->slots[i] ? &m->v[m->slots[i] - 1] : NULL;
}

/* At most half full, so that probing stays short. */
static void grow(struct map *m)
{
	size_t mask;

	m->cap = m->cap ? 2 * m->cap : 8;
	if (m->cap > UINT32_MAX / 2)
		fp_die("out of memory: a map of %zu keys", m->cap);
	m->v = xrealloc(m->v, m->cap * sizeof(*m->v));
	m->nslots = 2 * m->cap;
	free(m->slots);
	m->slots = xcalloc(m->nslots, sizeof(*m->slots));
	mask = m->nslots - 1;
	for (size_t k = 0; k < m->n; k++) {
		size_t i = m->v[k].hash & mask;

		while (m->slots[i])
			i = (i + 1) & mask;
		m->slots[i] = (uint32_t)(k + 1);
	}
}

void *map_get(const struct map *m, const char *key)
{
	const struct map_entry *e = find(m, key);

	return e ? e->value : NULL;
}

bool map_has(const struct map *m, const char *key)
{
	return find(m, key) != NULL;
}

void *map_put(struct map *m, const char *key, void *value)
{
	struct map_entry *e = find(m, key);
	uint64_t hash;

	if (e) {
		void *old = e->value;

		e->value = value;
		return old;
	}
	if (m->n == m->cap)
		grow(m);
	hash = hash_of(key);
	m->v[m->n] = (struct map_entry){ xstrdup(key), value, hash };
	m->slots[find_slot(m, key, hash)] = (uint32_t)++m->n;
	return NULL;
}

/* Empty a slot, moving up what had been pushed behind it. */
static void clear_slot(struct map *m, size_t hole)
{
	size_t mask = m->nslots - 1;

	for (size_t i = (hole + 1) & mask; m->slots[i]; i = (i + 1) & mask) {
		size_t home = m->v[m->slots[i] - 1].hash & mask;

		if (((i - home) & mask) < ((i - hole) & mask))
			continue;
		m->slots[hole] = m->slots[i];
		hole = i;
	}
	m->slots[hole] = 0;
}

void *map_remove(struct map *m, const char *key)
{
	struct map_entry *e = find(m, key);
	void *old;
	size_t k;

	if (!e)
		return NULL;
	old = e->value;
	k = (size_t)(e - m->v);
	clear_slot(m, find_slot(m, key, e->hash));
	free(e->key);
	m->n--;
	if (k == m->n)
		return old;
	memmove(e, e + 1, (m->n - k) * sizeof(*e));
	for (size_t i = 0; i < m->nslots; i++)
		m->slots[i] -= m->slots[i] > k;
	return old;
}

void map_release(struct map *m, void (*drop)(void *value))
{
	map_each (e, m) {
		free(e->key);
		if (drop)
			drop(e->value);
	}
	free(m->v);
	free(m->slots);
	*m = (struct map)MAP_INIT;
}
