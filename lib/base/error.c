#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <unistd.h>

const struct fp_error_kind fp_error_kinds[] = {
#define X(name, number, summary, advice) { number, summary, advice },
	FP_ERRORS(X)
#undef X
		{ 0, NULL, NULL },
};

/* The separator (two bytes) and the text behind the message, as much as there is room
 * for. */
static void append(char *message, size_t cap, const char *separator, const char *text)
{
	size_t n = strlen(message), room = cap - n;

	if (room > 3) {
		memcpy(message + n, separator, 2);
		message[n + 2] = '\0';
		(void)strncat(message, text, room - 3);
	}
}

/*
 * Formats aside and copies, for an argument may be the old message itself.
 * errno is the caller's to print: it is kept.
 */
FP_PRINTF(4, 0)
static int fail(struct fp_error *err, enum fp_errc code, const char *suffix,
		const char *fmt, va_list args)
{
	struct fp_error e = { .code = code };
	int saved = errno;

	if (!err)
		return -1;
	(void)vsnprintf(e.message, sizeof(e.message), fmt, args);
	if (suffix)
		append(e.message, sizeof(e.message), ": ", suffix);
	*err = e;
	errno = saved;
	return -1;
}

int fp_fail(struct fp_error *err, enum fp_errc code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fail(err, code, NULL, fmt, args);
	va_end(args);
	return -1;
}

int fp_fail_at(struct fp_error *err, enum fp_errc code, struct fp_pos pos,
	       const char *fmt, ...)
{
	va_list args;
	char *where;
	size_t cap;

	va_start(args, fmt);
	fail(err, code, NULL, fmt, args);
	va_end(args);
	if (!err || !pos.file)
		return -1;
	where = err->where;
	cap = sizeof(err->where);
	if (pos.line && pos.column)
		(void)snprintf(where, cap, "%s:%u:%u", pos.file, pos.line, pos.column);
	else if (pos.line)
		(void)snprintf(where, cap, "%s:%u", pos.file, pos.line);
	else
		(void)snprintf(where, cap, "%s", pos.file);
	return -1;
}

int fp_fail_errno(struct fp_error *err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fail(err, FP_ERR_IO, strerror(errno), fmt, args);
	va_end(args);
	return -1;
}

int fp_wrap(struct fp_error *err, const char *fmt, ...)
{
	struct fp_error whole;
	va_list args;

	if (!err)
		return -1;
	va_start(args, fmt);
	(void)vsnprintf(whole.message, sizeof(whole.message), fmt, args);
	va_end(args);
	append(whole.message, sizeof(whole.message), ": ", err->message);
	memcpy(err->message, whole.message, sizeof(whole.message));
	return -1;
}

int fp_hint(struct fp_error *err, const char *fmt, ...)
{
	char hint[512];
	va_list args;

	if (!err)
		return -1;
	va_start(args, fmt);
	(void)vsnprintf(hint, sizeof(hint), fmt, args);
	va_end(args);
	append(err->message, sizeof(err->message), "; ", hint);
	return -1;
}

void fp_die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)fputs("fpctl: ", stderr);
	(void)vfprintf(stderr, fmt, args);
	(void)fputc('\n', stderr);
	va_end(args);
	abort();
}

static void *must(void *p, size_t n)
{
	if (!p)
		fp_die("out of memory: cannot get %zu bytes", n);
	return p;
}

void *xmalloc(size_t n)
{
	return must(malloc(n ? n : 1), n);
}

void *xcalloc(size_t n, size_t size)
{
	/* calloc(0, ...) may return NULL without being out of memory. */
	return n && size ? must(calloc(n, size), n) : xmalloc(0);
}

void *xrealloc(void *p, size_t n)
{
	return must(realloc(p, n ? n : 1), n);
}

char *xstrdup(const char *s)
{
	return must(strdup(s), strlen(s));
}

char *xstrndup(const char *s, size_t n)
{
	return must(strndup(s, n), n);
}

char *xasprintf(const char *fmt, ...)
{
	va_list args;
	char *s = NULL;
	int n;

	va_start(args, fmt);
	n = vasprintf(&s, fmt, args);
	va_end(args);
	return must(n < 0 ? NULL : s, strlen(fmt));
}

void freep(void *p)
{
	void *q;

	/* p is a pointer to any pointer type, which only memcpy may alias. */
	memcpy(&q, p, sizeof(q));
	free(q);
	q = NULL;
	memcpy(p, &q, sizeof(q));
}

void closep(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
	errno = saved;
}
