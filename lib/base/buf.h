/*
 * A growing byte buffer, always NUL-terminated behind its length, so that
 * `b.data` is a C string once anything was put in. Out of memory aborts.
 */
#ifndef FP_BUF_H
#define FP_BUF_H

#include "base/base.h"

struct buf {
	char *data; /* NULL until the first byte */
	size_t len, cap;
};
#define BUF_INIT           \
	{                  \
		NULL, 0, 0 \
	}

void buf_release(struct buf *b); /* frees, and leaves it as BUF_INIT */
/* The same for secrets: overwritten first. (Growing leaves copies: reserve.) */
void buf_wipe(struct buf *b);
void buf_clear(struct buf *b); /* length 0, memory kept */
void buf_reserve(struct buf *b, size_t extra);
void buf_add(struct buf *b, const void *data, size_t n);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) FP_PRINTF(2, 3);
/* `count` times the character: indentation, rules. */
void buf_fill(struct buf *b, char c, size_t count);
/* Cut to `len`, which is at most b->len. */
void buf_truncate(struct buf *b, size_t len);
/* The text, never NULL; owned by the buffer. */
const char *buf_str(const struct buf *b);
/* The text, never NULL, owned by the caller (free); the buffer is empty again. */
char *buf_detach(struct buf *b);

#endif
