#include "http/transfer.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "http/pool.h"
#include "http/transfer_error.h"

#define MAX_HEADERS	 1000
#define MAX_HEADER_BYTES (256 * 1024)
#define MIN_MOVED_BYTES	 1024

static void add_header_line(struct http_headers *h, const char *line, size_t n)
{
	const char *colon = memchr(line, ':', n);
	size_t name_len = colon ? (size_t)(colon - line) : 0, from = name_len + 1;

	while (n && isspace((unsigned char)line[n - 1]))
		n--;
	while (from < n && isspace((unsigned char)line[from]))
		from++;
	if (name_len) {
		FP_AUTO(freep) char *name = xstrndup(line, name_len);
		FP_AUTO(freep)
		char *value = xstrndup(line + FP_MIN(from, n), n > from ? n - from : 0);

		headers_add(h, name, value);
	}
}

/* For callbacks: libcurl is to stop. */
static size_t stop(struct transfer *t, enum stop why)
{
	t->stop = why;
	return 0;
}

static bool to_sink(const struct transfer *t)
{
	return t->sink && t->status >= 200 && t->status < 300;
}

/* The final answer's headers are complete: what comes now are trailers. */
static bool end_headers(struct transfer *t)
{
	const char *length = headers_get(&t->res->headers, "Content-Length");
	long status = 0;
	int64_t n;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status < 200)
		return true;
	t->status = (int)status;
	t->last_moved_ms = clock_monotonic_ms();
	if (!to_sink(t))
		return str_eq(t->req->method, "HEAD") || status == 304 || !length ||
		       !str_to_i64(length, 0, INT64_MAX, &n) ||
		       (uint64_t)n <= t->answer_max;
	if (t->sink->begin) {
		pthread_mutex_lock(&t->pool->lock);
		t->begin = true;
		pool_wake(t);
		pthread_mutex_unlock(&t->pool->lock);
	}
	return true;
}

static size_t on_header(char *line, size_t size, size_t count, void *ctx)
{
	struct transfer *t = ctx;
	size_t n = size * count;
	struct http_headers *to = t->status ? &t->trailers : &t->res->headers;

	t->header_bytes += n;
	/* Each "100 Continue" before the answer has headers of its own. */
	if (n > 5 && memcmp(line, "HTTP/", 5) == 0 && !t->status)
		headers_release(to);
	else
		add_header_line(to, line, n);
	if (to->n > MAX_HEADERS)
		return stop(t, STOP_MANY_HEADERS);
	if (t->header_bytes > MAX_HEADER_BYTES)
		return stop(t, STOP_LARGE_HEADERS);
	if (!t->status && (*line == '\r' || *line == '\n') && !end_headers(t))
		return stop(t, STOP_LARGE_ANSWER);
	return n;
}

static size_t on_data(char *data, size_t size, size_t count, void *ctx)
{
	struct transfer *t = ctx;
	size_t n = size * count;

	if (to_sink(t))
		return stream_put(t, data, n);
	if (t->res->body.len + n > t->answer_max)
		return stop(t, STOP_LARGE_ANSWER);
	buf_add(&t->res->body, data, n);
	return n;
}

static size_t on_take(char *out, size_t size, size_t count, void *ctx)
{
	return stream_take(ctx, out, size * count);
}

static size_t on_read(char *out, size_t size, size_t count, void *ctx)
{
	struct transfer *t = ctx;
	const struct http_request *r = t->req;
	size_t want = (size_t)FP_MIN((int64_t)(size * count),
				     r->body_size - t->sent_of_file);
	ssize_t n;

	if (!want)
		return 0;
	do
		n = pread(r->body_fd, out, want,
			  (off_t)(r->body_offset + t->sent_of_file));
	while (n < 0 && errno == EINTR);
	if (n > 0) {
		t->sent_of_file += n;
		return (size_t)n;
	}
	t->stop_errno = errno;
	t->stop = n < 0 ? STOP_FILE : STOP_FILE_SHORT;
	return CURL_READFUNC_ABORT;
}

/* A kept connection that has died is replaced: the body then starts anew. */
static int on_seek(void *ctx, curl_off_t offset, int origin)
{
	struct transfer *t = ctx;

	if (origin != SEEK_SET || offset < 0 ||
	    offset > (t->req->source ? 0 : t->req->body_size))
		return CURL_SEEKFUNC_CANTSEEK;
	t->sent_of_file = offset;
	if (t->req->source)
		stream_rewind(t);
	return CURL_SEEKFUNC_OK;
}

void transfer_hook(struct transfer *t)
{
	CURL *e = t->easy;

	curl_easy_setopt(e, CURLOPT_PRIVATE, t);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->reason);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(e, CURLOPT_READFUNCTION, t->req->source ? on_take : on_read);
	curl_easy_setopt(e, CURLOPT_READDATA, t);
	curl_easy_setopt(e, CURLOPT_SEEKFUNCTION, on_seek);
	curl_easy_setopt(e, CURLOPT_SEEKDATA, t);
}

/* What the caller's callbacks hold up is not the server's fault. */
static void note_moves(struct transfer *t, int64_t now)
{
	int64_t moved = t->sent + t->received;

	if (moved - t->moved >= MIN_MOVED_BYTES || t->stream.paused ||
	    t->stream.down.len) {
		t->moved = moved;
		t->last_moved_ms = now;
	}
}

static enum stop past_limit(const struct transfer *t, int64_t now)
{
	int64_t idle_ms = t->options->idle_timeout_ms;

	if (http_interrupted())
		return STOP_INTERRUPTED;
	if (idle_ms > 0 && now - t->last_moved_ms > idle_ms)
		return STOP_IDLE;
	if (t->total_ms > 0 && now - t->start_ms > t->total_ms)
		return STOP_TOTAL;
	return STOP_NOT;
}

static void count(struct transfer *t)
{
	curl_off_t sent = 0, received = 0;

	curl_easy_getinfo(t->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
	curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &received);
	t->report = t->progress && sent + received != t->sent + t->received;
	t->sent = sent;
	t->received = received;
}

void transfer_watch(struct transfer *t, int64_t now)
{
	pthread_mutex_lock(&t->pool->lock);
	count(t);
	if (t->report)
		pool_wake(t);
	note_moves(t, now);
	pthread_mutex_unlock(&t->pool->lock);
	if (t->stop == STOP_NOT)
		t->stop = past_limit(t, now);
}

int transfer_finish(struct transfer *t)
{
	if (t->own_stop != STOP_NOT || t->stop != STOP_NOT)
		return transfer_explain_stop(t);
	if (t->code != CURLE_OK)
		return transfer_explain(t, t->code);
	for (size_t i = 0; i < t->trailers.n; i++)
		headers_add(&t->res->headers, t->trailers.v[i].name,
			    t->trailers.v[i].value);
	t->res->status = t->status;
	if (t->proxy && t->status == 407 && str_eq(t->req->scheme, "http"))
		return transfer_explain(t, CURLE_COULDNT_CONNECT);
	count(t);
	if (!t->report || t->progress->report(t->progress->ctx, t->sent, t->received))
		return 0;
	t->own_stop = STOP_BY_PROGRESS;
	return transfer_explain_stop(t);
}

void transfer_release(struct transfer *t)
{
	curl_slist_free_all(t->headers);
	headers_release(&t->trailers);
	stream_release(&t->stream);
	if (t->proxy)
		mem_wipe(t->proxy, strlen(t->proxy));
	free(t->proxy);
}
