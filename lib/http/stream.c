#include "http/stream.h"

#include <curl/curl.h>

#include "http/pool.h"
#include "http/transfer.h"

#define DOWN_BYTES (512 * 1024)
#define UP_BYTES   (256 * 1024)

size_t stream_put(struct transfer *t, const char *data, size_t n)
{
	struct stream *s = &t->stream;
	size_t result = n;

	pthread_mutex_lock(&t->pool->lock);
	if (s->down.len && s->down.len + n > DOWN_BYTES) {
		s->paused = true;
		result = CURL_WRITEFUNC_PAUSE;
	} else {
		buf_add(&s->down, data, n);
		pool_wake(t);
	}
	pthread_mutex_unlock(&t->pool->lock);
	return result;
}

static void swap(struct buf *a, struct buf *b)
{
	struct buf c = *a;

	*a = *b;
	*b = c;
}

static size_t take(struct transfer *t, char *out, size_t n)
{
	struct stream *s = &t->stream;

	if (s->up_at == s->up.len && s->next_ready) {
		swap(&s->up, &s->next);
		buf_clear(&s->next);
		s->up_at = 0;
		s->next_ready = false;
		pool_wake(t);
	}
	n = FP_MIN(n, s->up.len - s->up_at);
	if (n && !s->rewind) {
		memcpy(out, s->up.data + s->up_at, n);
		s->up_at += n;
		return n;
	}
	if (s->ended && !s->rewind) {
		if (s->given == t->req->source->size)
			return 0;
		t->stop = STOP_SOURCE_SHORT;
		return CURL_READFUNC_ABORT;
	}
	s->paused = true;
	return CURL_READFUNC_PAUSE;
}

size_t stream_take(struct transfer *t, char *out, size_t n)
{
	pthread_mutex_lock(&t->pool->lock);
	n = take(t, out, n);
	pthread_mutex_unlock(&t->pool->lock);
	return n;
}

void stream_rewind(struct transfer *t)
{
	pthread_mutex_lock(&t->pool->lock);
	t->stream.rewind = true;
	pool_wake(t);
	pthread_mutex_unlock(&t->pool->lock);
}

static bool can_read(const struct transfer *t)
{
	const struct stream *s = &t->stream;

	return t->req->source && !t->done && (s->rewind || (!s->next_ready && !s->ended));
}

bool stream_has_work(const struct transfer *t)
{
	if (t->cancelled)
		return false;
	return t->begin || t->report || t->stream.down.len || can_read(t);
}

/* What waited for us goes on; or nothing more is wanted. */
static void go_on(struct transfer *t, enum stop stop)
{
	if (stop != STOP_NOT) {
		t->own_stop = stop;
		t->cancelled = true;
		buf_clear(&t->stream.down);
	} else if (t->stream.paused) {
		t->stream.paused = false;
		t->resume = true;
	} else {
		return;
	}
	pool_tell(t->pool);
}

static enum stop give_to_sink(struct transfer *t, bool begin)
{
	struct buf *b = &t->stream.spare;

	if (begin && !t->sink->begin(t->sink->ctx, t->status, &t->res->headers))
		return STOP_BY_SINK;
	if (b->len && !t->sink->write(t->sink->ctx, b->data, b->len))
		return STOP_BY_SINK;
	return STOP_NOT;
}

/* One block; what comes is never more than was promised. */
static enum stop read_source(struct transfer *t, bool rewind, bool *ended)
{
	const struct http_source *from = t->req->source;
	struct stream *s = &t->stream;

	buf_clear(&s->spare);
	buf_reserve(&s->spare, UP_BYTES);
	if (rewind && from->rewind(from->ctx, t->err) < 0)
		return STOP_BY_SOURCE;
	if (rewind)
		s->given = 0;
	while (!*ended && s->spare.len < UP_BYTES) {
		size_t room = (size_t)FP_MIN((int64_t)(UP_BYTES - s->spare.len),
					     from->size - s->given);
		ssize_t n = room ? from->read(from->ctx, s->spare.data + s->spare.len,
					      room, t->err)
				 : 0;

		if (n < 0)
			return STOP_BY_SOURCE;
		*ended = n == 0 || s->given + n == from->size;
		s->given += n;
		s->spare.len += (size_t)n;
	}
	return STOP_NOT;
}

static void work_up(struct transfer *t)
{
	struct stream *s = &t->stream;
	bool rewind = s->rewind, ended = false;
	enum stop stop;

	if (rewind) {
		s->up_at = s->up.len;
		s->rewind = s->next_ready = s->ended = false;
	}
	pthread_mutex_unlock(&t->pool->lock);
	stop = read_source(t, rewind, &ended);
	pthread_mutex_lock(&t->pool->lock);
	if (stop == STOP_NOT) {
		swap(&s->next, &s->spare);
		s->next_ready = s->next.len > 0;
		s->ended = ended;
	}
	go_on(t, stop);
}

static void work_down(struct transfer *t)
{
	struct stream *s = &t->stream;
	bool begin = t->begin;
	enum stop stop;

	t->begin = false;
	buf_clear(&s->spare);
	swap(&s->down, &s->spare);
	pthread_mutex_unlock(&t->pool->lock);
	stop = give_to_sink(t, begin);
	pthread_mutex_lock(&t->pool->lock);
	go_on(t, stop);
}

static void work_report(struct transfer *t)
{
	int64_t sent = t->sent, received = t->received;
	bool on;

	t->report = false;
	pthread_mutex_unlock(&t->pool->lock);
	on = t->progress->report(t->progress->ctx, sent, received);
	pthread_mutex_lock(&t->pool->lock);
	if (!on)
		go_on(t, STOP_BY_PROGRESS);
}

void stream_work(struct transfer *t)
{
	if (can_read(t))
		work_up(t);
	else if (t->begin || t->stream.down.len)
		work_down(t);
	else
		work_report(t);
}

void stream_release(struct stream *s)
{
	buf_release(&s->down);
	buf_release(&s->up);
	buf_release(&s->next);
	buf_release(&s->spare);
}
