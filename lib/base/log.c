#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "base/clock.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static FILE *sink;		/* under `lock` */
static atomic_int highest = -1; /* -1: off */

void log_open(FILE *to, enum log_level level)
{
	pthread_mutex_lock(&lock);
	sink = to;
	atomic_store(&highest, to ? (int)level : -1);
	pthread_mutex_unlock(&lock);
}

bool log_enabled(enum log_level level)
{
	return (int)level <= atomic_load_explicit(&highest, memory_order_relaxed);
}

/* One line a message: outside text must not forge a second one. */
static void add_one_line(struct buf *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '\n')
			buf_puts(out, "\\n");
		else if ((unsigned char)*s < ' ' || *s == 0x7f)
			buf_printf(out, "\\x%02x", (unsigned char)*s);
		else
			buf_putc(out, *s);
	}
}

void log_msg(enum log_level level, const char *fmt, ...)
{
	static const char *const names[] = { "error", "warn", "info", "debug" };
	FP_AUTO(buf_release) struct buf line = BUF_INIT;
	char text[4096], now[25];
	va_list args;

	if (!log_enabled(level))
		return;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	time_iso(now, clock_now_ms());
	buf_printf(&line, "%s %s ", now, names[level]);
	add_one_line(&line, text);
	buf_putc(&line, '\n');
	pthread_mutex_lock(&lock);
	if (sink) {
		(void)fwrite(line.data, 1, line.len, sink);
		(void)fflush(sink);
	}
	pthread_mutex_unlock(&lock);
}
