#include "base/buf.h"

#include <stdarg.h>

#include "base/error.h"
#include "base/str.h"

void buf_release(struct buf *b)
{
	free(b->data);
	*b = (struct buf)BUF_INIT;
}

void buf_wipe(struct buf *b)
{
	if (b->data)
		mem_wipe(b->data, b->cap);
	buf_release(b);
}

void buf_clear(struct buf *b)
{
	buf_truncate(b, 0);
}

void buf_reserve(struct buf *b, size_t extra)
{
	size_t need = b->len + extra + 1;

	if (need <= b->len)
		fp_die("out of memory: a buffer of %zu bytes more", extra);
	if (need <= b->cap)
		return;
	b->cap = FP_MAX(need, FP_MAX((size_t)64, b->cap + b->cap / 2));
	b->data = xrealloc(b->data, b->cap);
	b->data[b->len] = '\0';
}

void buf_add(struct buf *b, const void *data, size_t n)
{
	if (!n)
		return;
	buf_reserve(b, n);
	memcpy(b->data + b->len, data, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_putc(struct buf *b, char c)
{
	buf_reserve(b, 1);
	b->data[b->len++] = c;
	b->data[b->len] = '\0';
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list args, again;
	size_t room;
	int n;

	va_start(args, fmt);
	va_copy(again, args);
	buf_reserve(b, strlen(fmt));
	room = b->cap - b->len;
	n = vsnprintf(b->data + b->len, room, fmt, args);
	if (n >= 0 && (size_t)n >= room) {
		buf_reserve(b, (size_t)n);
		n = vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
	}
	va_end(again);
	va_end(args);
	if (n < 0)
		fp_die("cannot format '%s'", fmt);
	b->len += (size_t)n;
}

void buf_fill(struct buf *b, char c, size_t count)
{
	buf_reserve(b, count);
	memset(b->data + b->len, c, count);
	b->len += count;
	b->data[b->len] = '\0';
}

void buf_truncate(struct buf *b, size_t len)
{
	if (!b->data || len > b->len)
		return;
	b->len = len;
	b->data[len] = '\0';
}

const char *buf_str(const struct buf *b)
{
	return b->data ? b->data : "";
}

char *buf_detach(struct buf *b)
{
	char *s = b->data ? b->data : xstrdup("");

	*b = (struct buf)BUF_INIT;
	return s;
}
