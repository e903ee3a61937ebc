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
/* libcurl gives 16 KiB at a time. */
#define PIECE_BYTES (256 * 1024)

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

/* What the caller's callbacks hold up is not the server's fault. */
static void forgive(struct transfer *t, int64_t since)
{
	t->last_moved_ms += clock_monotonic_ms() - since;
}

static bool begin_sink(struct transfer *t)
{
	int64_t since = clock_monotonic_ms();
	bool on = !t->sink->begin ||
		  t->sink->begin(t->sink->ctx, t->status, &t->res->headers);

	forgive(t, since);
	return on;
}

/* The final answer's headers are complete: what comes now are trailers. */
static enum stop end_headers(struct transfer *t)
{
	const char *length = headers_get(&t->res->headers, "Content-Length");
	long status = 0;
	int64_t n;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status < 200)
		return STOP_NOT;
	t->status = (int)status;
	t->last_moved_ms = clock_monotonic_ms();
	if (to_sink(t))
		return begin_sink(t) ? STOP_NOT : STOP_BY_SINK;
	if (str_eq(t->req->method, "HEAD") || status == 304 || !length ||
	    !str_to_i64(length, 0, INT64_MAX, &n) || (uint64_t)n <= t->answer_max)
		return STOP_NOT;
	return STOP_LARGE_ANSWER;
}

static size_t on_header(char *line, size_t size, size_t count, void *ctx)
{
	struct transfer *t = ctx;
	size_t n = size * count;
	struct http_headers *to = t->status ? &t->trailers : &t->res->headers;
	enum stop why = STOP_NOT;

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
	if (!t->status && (*line == '\r' || *line == '\n'))
		why = end_headers(t);
	return why == STOP_NOT ? n : stop(t, why);
}

void transfer_hand_on(struct transfer *t)
{
	int64_t since = clock_monotonic_ms();

	if (!t->pending.len || t->stop != STOP_NOT)
		return;
	if (!t->sink->write(t->sink->ctx, t->pending.data, t->pending.len))
		t->stop = STOP_BY_SINK;
	buf_clear(&t->pending);
	forgive(t, since);
}

static size_t put(struct transfer *t, const char *data, size_t n)
{
	if (!t->pending.len)
		buf_reserve(&t->pending, PIECE_BYTES);
	buf_add(&t->pending, data, n);
	if (t->pending.len + n > PIECE_BYTES)
		transfer_hand_on(t);
	return t->stop == STOP_NOT ? n : 0;
}

static size_t on_data(char *data, size_t size, size_t count, void *ctx)
{
	struct transfer *t = ctx;
	size_t n = size * count;

	if (to_sink(t))
		return put(t, data, n);
	if (t->res->body.len + n > t->answer_max)
		return stop(t, STOP_LARGE_ANSWER);
	buf_add(&t->res->body, data, n);
	return n;
}

static ssize_t read_file(struct transfer *t, char *out, size_t n)
{
	const struct http_request *r = t->req;
	ssize_t got;

	do
		got = pread(r->body_fd, out, n, (off_t)(r->body_offset + t->given));
	while (got < 0 && errno == EINTR);
	t->stop_errno = errno;
	if (got <= 0)
		t->stop = got < 0 ? STOP_FILE : STOP_FILE_SHORT;
	return got;
}

static ssize_t read_source(struct transfer *t, char *out, size_t n)
{
	const struct http_source *from = t->req->source;
	int64_t since = clock_monotonic_ms();
	ssize_t got = from->read(from->ctx, out, n, t->err);

	forgive(t, since);
	if (got <= 0)
		t->stop = got < 0 ? STOP_BY_SOURCE : STOP_SOURCE_SHORT;
	return got;
}

/* What comes is never more than was promised. */
static size_t on_read(char *out, size_t size, size_t count, void *ctx)
{
	struct transfer *t = ctx;
	const struct http_source *from = t->req->source;
	int64_t all = from ? from->size : t->req->body_size;
	size_t want = (size_t)FP_MIN((int64_t)(size * count), all - t->given);
	ssize_t got;

	if (!want)
		return 0;
	got = from ? read_source(t, out, want) : read_file(t, out, want);
	if (got <= 0)
		return CURL_READFUNC_ABORT;
	t->given += got;
	return (size_t)got;
}

/* A kept connection that has died is replaced: the body then starts anew. */
static int on_seek(void *ctx, curl_off_t offset, int origin)
{
	struct transfer *t = ctx;
	const struct http_source *from = t->req->source;

	if (origin != SEEK_SET || offset < 0 || offset > (from ? 0 : t->req->body_size))
		return CURL_SEEKFUNC_CANTSEEK;
	t->given = offset;
	if (!from || from->rewind(from->ctx, t->err) == 0)
		return CURL_SEEKFUNC_OK;
	t->stop = STOP_BY_SOURCE;
	return CURL_SEEKFUNC_FAIL;
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
	curl_easy_setopt(e, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(e, CURLOPT_READDATA, t);
	curl_easy_setopt(e, CURLOPT_SEEKFUNCTION, on_seek);
	curl_easy_setopt(e, CURLOPT_SEEKDATA, t);
}

/* Whether the body moved since; counts anew. */
static bool count(struct transfer *t)
{
	curl_off_t sent = 0, received = 0;
	bool moved;

	curl_easy_getinfo(t->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
	curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &received);
	moved = sent + received != t->sent + t->received;
	t->sent = sent;
	t->received = received;
	return moved;
}

static bool report(struct transfer *t)
{
	return !count(t) || !t->progress ||
	       t->progress->report(t->progress->ctx, t->sent, t->received);
}

static enum stop past_limit(const struct transfer *t, int64_t now)
{
	if (pool_interrupted() && !t->goes_on)
		return STOP_INTERRUPTED;
	if (t->idle_ms > 0 && now - t->last_moved_ms > t->idle_ms)
		return STOP_IDLE;
	if (t->total_ms > 0 && now - t->start_ms > t->total_ms)
		return STOP_TOTAL;
	return STOP_NOT;
}

void transfer_watch(struct transfer *t, int64_t now)
{
	bool on = report(t);
	int64_t moved = t->sent + t->received;

	if (moved - t->moved >= MIN_MOVED_BYTES) {
		t->moved = moved;
		t->last_moved_ms = now;
	}
	if (t->stop == STOP_NOT)
		t->stop = on ? past_limit(t, now) : STOP_BY_PROGRESS;
}

bool transfer_begin_again(struct transfer *t)
{
	long connections = 0;

	curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &connections);
	if (t->code != CURLE_SEND_ERROR || t->stop != STOP_NOT || connections ||
	    t->header_bytes || t->req->once ||
	    on_seek(t, 0, SEEK_SET) != CURL_SEEKFUNC_OK)
		return false;
	curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT, 1L);
	t->last_moved_ms = clock_monotonic_ms();
	t->moved = 0;
	t->done = false;
	return true;
}

int transfer_finish(struct transfer *t)
{
	transfer_hand_on(t);
	if (t->stop != STOP_NOT)
		return transfer_explain_stop(t);
	if (t->code != CURLE_OK)
		return transfer_explain(t, t->code);
	for (size_t i = 0; i < t->trailers.n; i++)
		headers_add(&t->res->headers, t->trailers.v[i].name,
			    t->trailers.v[i].value);
	t->res->status = t->status;
	if (t->proxy && t->status == 407 && str_eq(t->req->scheme, "http"))
		return transfer_explain(t, CURLE_COULDNT_CONNECT);
	if (report(t))
		return 0;
	t->stop = STOP_BY_PROGRESS;
	return transfer_explain_stop(t);
}

void transfer_release(struct transfer *t)
{
	curl_slist_free_all(t->headers);
	headers_release(&t->trailers);
	buf_release(&t->pending);
	str_wipe(&t->proxy);
}
