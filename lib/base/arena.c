#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>

#include "base/error.h"

#define BLOCK_MIN ((size_t)4 << 10)
#define BLOCK_MAX ((size_t)1 << 20)

struct arena_block {
	struct arena_block *next;
	size_t used, cap;
	alignas(max_align_t) unsigned char data[];
};

/* Zeroed by the system where blocks are large, hence no memset. */
static struct arena_block *new_block(size_t cap)
{
	struct arena_block *b = xcalloc(1, sizeof(*b) + cap);

	b->cap = cap;
	return b;
}

static struct arena_block *block_for(struct arena *a, size_t n)
{
	struct arena_block *b = a->head;

	if (b && b->cap - b->used >= n)
		return b;
	if (b && n > BLOCK_MIN) {
		/* Behind the head, whose rest stays in use. */
		struct arena_block *own = new_block(n);

		own->next = b->next;
		b->next = own;
		return own;
	}
	b = new_block(FP_MAX(n, b ? FP_MIN(2 * b->cap, BLOCK_MAX) : BLOCK_MIN));
	b->next = a->head;
	a->head = b;
	return b;
}

void *arena_alloc(struct arena *a, size_t n)
{
	const size_t unit = alignof(max_align_t);
	struct arena_block *b;
	void *p;

	if (n > SIZE_MAX / 2)
		fp_die("out of memory: cannot get %zu bytes", n);
	n = (FP_MAX(n, (size_t)1) + unit - 1) / unit * unit;
	b = block_for(a, n);
	p = b->data + b->used;
	b->used += n;
	a->used += n;
	return p;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / size)
		fp_die("out of memory: cannot get %zu times %zu bytes", n, size);
	return arena_alloc(a, n * size);
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *copy = arena_alloc(a, len + 1);

	memcpy(copy, s, len);
	return copy;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list args, again;
	char *s;
	int n;

	va_start(args, fmt);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, fmt, args);
	if (n < 0)
		fp_die("cannot format '%s'", fmt);
	s = arena_alloc(a, (size_t)n + 1);
	(void)vsnprintf(s, (size_t)n + 1, fmt, again);
	va_end(again);
	va_end(args);
	return s;
}

void arena_release(struct arena *a)
{
	struct arena_block *b = a->head;

	while (b) {
		struct arena_block *next = b->next;

		free(b);
		b = next;
	}
	*a = (struct arena)ARENA_INIT;
}
