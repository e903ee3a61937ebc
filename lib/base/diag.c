#include "base/diag.h"

#include <stdarg.h>

#include "base/str.h"

#define SHOWN_MAX 120  /* bytes of a source line, around the column */
#define TEXT_MAX  4000 /* bytes of a message or a hint; who quotes more helps nobody */

static const char *keep_file(struct diags *d, const char *file)
{
	if (!file)
		return NULL;
	if (d->n && str_eq(d->v[d->n - 1].pos.file, file))
		return d->v[d->n - 1].pos.file;
	return arena_strdup(&d->arena, file);
}

static char *keep_text(struct diags *d, const char *text)
{
	size_t n = strnlen(text, TEXT_MAX + 1);

	if (n <= TEXT_MAX)
		return arena_strdup(&d->arena, text);
	n = TEXT_MAX;
	while (n && ((unsigned char)text[n] & 0xc0) == 0x80)
		n--;
	return arena_printf(&d->arena, "%.*s...", (int)n, text);
}

void diags_vadd(struct diags *d, struct fp_pos pos, const char *hint, const char *fmt,
		va_list args)
{
	FP_AUTO(freep) char *message = NULL;
	struct diag *it;

	if (vasprintf(&message, fmt, args) < 0)
		fp_die("out of memory: cannot format '%s'", fmt);
	pos.file = keep_file(d, pos.file);
	if (d->n == d->cap) {
		d->cap = d->cap ? 2 * d->cap : 8;
		d->v = xrealloc(d->v, d->cap * sizeof(*d->v));
	}
	it = &d->v[d->n++];
	it->pos = pos;
	it->message = keep_text(d, message);
	it->hint = hint ? keep_text(d, hint) : NULL;
}

void diags_add(struct diags *d, struct fp_pos pos, const char *hint, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	diags_vadd(d, pos, hint, fmt, args);
	va_end(args);
}

static int compare(const void *a, const void *b)
{
	const struct diag *x = a, *y = b;
	int c = strcmp(str_or(x->pos.file, ""), str_or(y->pos.file, ""));

	if (!c)
		c = (x->pos.line > y->pos.line) - (x->pos.line < y->pos.line);
	if (!c)
		c = (x->pos.column > y->pos.column) - (x->pos.column < y->pos.column);
	return c ? c : strcmp(x->message, y->message);
}

void diags_sort(struct diags *d)
{
	if (d->n)
		qsort(d->v, d->n, sizeof(*d->v), compare);
}

/* The text of line `number` without its end, or NULL when there is none. */
static const char *find_line(const char *source, size_t n, unsigned number, size_t *len)
{
	const char *end = source + n, *p = source, *nl;

	/* Positions are those behind a byte order mark. */
	if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		p += 3;
	for (; --number; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (!nl)
			return NULL;
	}
	nl = memchr(p, '\n', (size_t)(end - p));
	*len = (size_t)((nl ? nl : end) - p);
	if (*len && p[*len - 1] == '\r')
		--*len;
	return p;
}

/* The byte where character `column` (from 1) begins, or the end. */
static size_t byte_of(const char *line, size_t len, unsigned column)
{
	size_t at = 0;

	while (--column && at < len) {
		size_t k = str_utf8_len(line + at, len - at);

		at += k ? k : 1;
	}
	return at;
}

/*
 * Copy [from, to) of the line, or spaces of the same width. Control characters
 * never reach the terminal.
 */
static void put_range(struct buf *out, const char *line, size_t from, size_t to,
		      bool blank)
{
	for (size_t k; from < to; from += k) {
		unsigned char c = (unsigned char)line[from];

		k = str_utf8_len(line + from, to - from);
		if (c == '\t')
			buf_putc(out, '\t');
		else if (blank)
			buf_putc(out, ' ');
		else if (!k || c < ' ' || c == 0x7f)
			buf_putc(out, '?');
		else
			buf_add(out, line + from, k);
		k = k ? k : 1;
	}
}

static void put_source(struct buf *out, const struct fp_pos *pos, const char *source,
		       size_t n)
{
	size_t len, at, from = 0, to;
	const char *line;

	if (!source || !pos->line)
		return;
	line = find_line(source, n, pos->line, &len);
	if (!line)
		return;
	at = pos->column ? byte_of(line, len, pos->column) : 0;
	if (at > SHOWN_MAX * 2 / 3)
		from = at - SHOWN_MAX / 2;
	to = FP_MIN(len, from + SHOWN_MAX);
	/* Cut before characters, not within them. */
	while (from < at && ((unsigned char)line[from] & 0xc0) == 0x80)
		from++;
	while (to < len && to > at && ((unsigned char)line[to] & 0xc0) == 0x80)
		to--;
	buf_puts(out, "  ");
	put_range(out, line, from, to, false);
	buf_putc(out, '\n');
	if (!pos->column)
		return;
	buf_puts(out, "  ");
	put_range(out, line, from, at, true);
	buf_puts(out, "^\n");
}

void diags_format(struct buf *out, const struct diags *d, const char *source, size_t n,
		  size_t max)
{
	for (size_t i = 0; i < d->n && i < max; i++) {
		const struct diag *it = &d->v[i];

		if (it->pos.file)
			buf_printf(out, "%s:", it->pos.file);
		if (it->pos.line)
			buf_printf(out, "%u:", it->pos.line);
		if (it->pos.line && it->pos.column)
			buf_printf(out, "%u:", it->pos.column);
		if (it->pos.file || it->pos.line)
			buf_putc(out, ' ');
		buf_puts(out, it->message);
		if (it->hint)
			buf_printf(out, "; %s", it->hint);
		buf_putc(out, '\n');
		put_source(out, &it->pos, source, n);
	}
	if (d->n > max)
		buf_printf(out, "and %zu more\n", d->n - max);
}

void diags_release(struct diags *d)
{
	free(d->v);
	arena_release(&d->arena);
	*d = (struct diags)DIAGS_INIT;
}
