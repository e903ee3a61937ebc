/*
 * Memory that lives as long as one document and is freed at once. What is
 * given out is never freed alone, and is aligned for any type.
 */
#ifndef FP_ARENA_H
#define FP_ARENA_H

#include "base/base.h"

struct arena_block;
struct arena {
	struct arena_block *head;
	size_t used; /* bytes given out in sum: for caps and measurements */
};
#define ARENA_INIT      \
	{               \
		NULL, 0 \
	}

void *arena_alloc(struct arena *a, size_t n); /* zeroed */
void *arena_array(struct arena *a, size_t n, size_t size);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) FP_PRINTF(2, 3);
void arena_release(struct arena *a);

#endif
