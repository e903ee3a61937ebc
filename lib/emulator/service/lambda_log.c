#include "emulator/service/lambda_log.h"

#include <pthread.h>
#include <stdarg.h>
#include <time.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "emulator/bus.h"
#include "emulator/service/lambda.h"

#define MAX_DUE	   (16 * 1024 * 1024)
#define MAX_LINE   (256 * 1024)
#define MAX_WAIT_S 2
#define BATCH	   10000

struct log_target {
	char *region, *group, *stream;
	unsigned refs; /* under queue.lock */
};

struct log_item {
	struct log_item *next;
	struct log_target *target;
	int64_t ms;
	size_t size;
	char text[];
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t due, room;
	struct log_item *first, **last;
	size_t bytes;
	int64_t dropped;
	bool stop, running;
	pthread_t thread;
	struct emulator *emu;
} queue = { .lock = PTHREAD_MUTEX_INITIALIZER,
	    .due = PTHREAD_COND_INITIALIZER,
	    .room = PTHREAD_COND_INITIALIZER };

/* With the lock. */
static void target_unref(struct log_target *t)
{
	if (--t->refs)
		return;
	free(t->region);
	free(t->group);
	free(t->stream);
	free(t);
}

/* The items from `first` on that are of one target; returns what follows them. */
static struct log_item *put_events(struct emulator *emu, struct log_item *first)
{
	const struct log_target *t = first->target;
	struct call c = { .emu = emu,
			  .service = "lambda",
			  .action = "FpctlPutLines",
			  .region = t->region,
			  .caller_arn = "",
			  .request_id = "" };
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	cJSON *events = json_set_array(in, "logEvents");
	struct log_item *item = first;
	int n = 0;

	for (; item && item->target == t && n < BATCH; item = item->next, n++) {
		cJSON *e = json_push_object(events);

		json_set_int(e, "timestamp", item->ms);
		json_set_str(e, "message", item->text);
	}
	json_set_str(in, "logGroupName", t->group);
	json_set_str(in, "logStreamName", t->stream);
	if (bus_call(&c, "logs", "FpctlPutLines", in, NULL) < 0)
		log_msg(LOG_ERROR, "cannot store %d log lines of '%s': %s", n, t->group,
			c.fault.message);
	return item;
}

/* One transaction for all, so that it costs one fsync. */
static void store_items(struct emulator *emu, struct log_item *items)
{
	struct fp_error err = { 0 };

	if (store_begin(emu->store, &err) < 0) {
		log_msg(LOG_ERROR, "cannot store log lines: %s", err.message);
		return;
	}
	while (items)
		items = put_events(emu, items);
	if (store_commit(emu->store, &err) < 0)
		log_msg(LOG_ERROR, "cannot store log lines: %s", err.message);
}

static void *writer(void *arg FP_UNUSED)
{
	(void)pthread_mutex_lock(&queue.lock);
	for (;;) {
		struct log_item *items = queue.first;

		if (!items && queue.stop)
			break;
		if (!items) {
			(void)pthread_cond_wait(&queue.due, &queue.lock);
			continue;
		}
		queue.first = NULL;
		queue.last = &queue.first;
		queue.bytes = 0;
		(void)pthread_cond_broadcast(&queue.room);
		(void)pthread_mutex_unlock(&queue.lock);
		store_items(queue.emu, items);
		(void)pthread_mutex_lock(&queue.lock);
		while (items) {
			struct log_item *next = items->next;

			target_unref(items->target);
			free(items);
			items = next;
		}
	}
	(void)pthread_mutex_unlock(&queue.lock);
	return NULL;
}

void lambda_log_start(struct emulator *emu)
{
	queue.emu = emu;
	queue.stop = false;
	queue.first = NULL;
	queue.last = &queue.first;
	queue.bytes = 0;
	queue.running = pthread_create(&queue.thread, NULL, writer, NULL) == 0;
	if (!queue.running)
		fp_die("cannot start the thread that stores log lines");
}

void lambda_log_stop(void)
{
	if (!queue.running)
		return;
	(void)pthread_mutex_lock(&queue.lock);
	queue.stop = true;
	(void)pthread_cond_broadcast(&queue.due);
	(void)pthread_mutex_unlock(&queue.lock);
	(void)pthread_join(queue.thread, NULL);
	queue.running = false;
}

/* With the lock: room for n bytes, or false after a while (a full disk, say). */
static bool wait_for_room(size_t n)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += MAX_WAIT_S;
	while (queue.bytes + n > MAX_DUE)
		if (pthread_cond_timedwait(&queue.room, &queue.lock, &until) != 0)
			return false;
	return true;
}

/* A NUL would cut the line, and bytes that are no UTF-8 would break the JSON. */
static void make_text(char *s, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t len = s[i] ? str_utf8_len(s + i, n - i) : 0;

		if (!len)
			s[i] = '?';
		i += len ? len : 1;
	}
}

static void push(struct log_target *t, const char *text, size_t n)
{
	struct log_item *item = xmalloc(sizeof(*item) + n + 2);

	*item = (struct log_item){ .target = t, .ms = clock_now_ms(), .size = n + 1 };
	memcpy(item->text, text, n);
	make_text(item->text, n);
	item->text[n] = '\n';
	item->text[n + 1] = '\0';
	(void)pthread_mutex_lock(&queue.lock);
	if (!wait_for_room(n)) {
		if (queue.dropped++ == 0)
			log_msg(LOG_ERROR,
				"log lines of '%s' are dropped: they cannot be "
				"stored as fast as they come",
				t->group);
		free(item);
	} else {
		queue.dropped = 0;
		t->refs++;
		*queue.last = item;
		queue.last = &item->next;
		queue.bytes += item->size;
		(void)pthread_cond_signal(&queue.due);
	}
	(void)pthread_mutex_unlock(&queue.lock);
}

static void add_line(struct lambda_log *l, const char *text, size_t n)
{
	if (n && text[n - 1] == '\r')
		n--;
	push(l->target, text, n);
	if (!l->tail)
		return;
	buf_add(l->tail, text, n);
	buf_putc(l->tail, '\n');
	if (l->tail->len > 16 * LAMBDA_TAIL) {
		memmove(l->tail->data, l->tail->data + l->tail->len - LAMBDA_TAIL,
			LAMBDA_TAIL);
		buf_truncate(l->tail, LAMBDA_TAIL);
	}
}

static void complete_line(struct lambda_log *l)
{
	if (!l->partial.len)
		return;
	add_line(l, l->partial.data, l->partial.len);
	buf_clear(&l->partial);
}

void lambda_log_init(struct lambda_log *l, const char *region, const char *group,
		     const char *stream)
{
	memset(l, 0, sizeof(*l));
	l->target = xcalloc(1, sizeof(*l->target));
	*l->target = (struct log_target){ xstrdup(region), xstrdup(group),
					  xstrdup(stream), 1 };
}

void lambda_log_release(struct lambda_log *l)
{
	if (!l->target)
		return;
	complete_line(l);
	buf_release(&l->partial);
	(void)pthread_mutex_lock(&queue.lock);
	target_unref(l->target);
	(void)pthread_mutex_unlock(&queue.lock);
	l->target = NULL;
}

void lambda_log_output(struct lambda_log *l, const char *data, size_t n)
{
	while (n) {
		const char *end = memchr(data, '\n', n);
		size_t part = end ? (size_t)(end - data) : n;

		if (part > MAX_LINE - l->partial.len) {
			part = MAX_LINE - l->partial.len;
			end = NULL;
		}
		if (end && !l->partial.len) {
			add_line(l, data, part);
		} else {
			buf_add(&l->partial, data, part);
			if (end || l->partial.len == MAX_LINE)
				complete_line(l);
		}
		data += part + (end ? 1 : 0);
		n -= part + (end ? 1 : 0);
	}
}

void lambda_log_line(struct lambda_log *l, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;
	int n;

	complete_line(l);
	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		fp_die("out of memory: a log line");
	add_line(l, text, (size_t)n);
	free(text);
}
