#include "http/transfer.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "http/transfer_error.h"
#include "wire/uri.h"

#define MAX_BODY     ((size_t)64 << 20)
#define MAX_HEADERS  1000
#define TICK_MS	     100
#define BUFFER_BYTES (256 * 1024L)
/* Below this the wait for "100 Continue" costs more than a refused body would. */
#define EXPECT_BYTES (1 << 20)

/* For callbacks: err is filled, libcurl is to stop. */
static size_t stop(struct transfer *t)
{
	t->failed = true;
	return 0;
}

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

static size_t on_header(char *line, size_t size, size_t count, void *ctx)
{
	struct transfer *t = ctx;
	size_t n = size * count;

	/* Each "100 Continue" before the answer has headers of its own. */
	if (n > 5 && memcmp(line, "HTTP/", 5) == 0)
		headers_release(&t->res->headers);
	else
		add_header_line(&t->res->headers, line, n);
	if (t->res->headers.n > MAX_HEADERS) {
		fp_fail(t->err, FP_ERR_LIMIT, "%s answered with more than %d headers",
			t->req->host, MAX_HEADERS);
		return stop(t);
	}
	return n;
}

static size_t on_data(char *data, size_t size, size_t count, void *ctx)
{
	struct transfer *t = ctx;
	size_t n = size * count;
	long status = 0;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	if (t->sink && status >= 200 && status < 300) {
		if (t->sink->write(t->sink->ctx, data, n))
			return n;
		fp_fail(t->err, FP_ERR_INTERRUPTED, "stopped receiving from %s",
			t->req->host);
		return stop(t);
	}
	if (t->res->body.len + n > MAX_BODY) {
		fp_fail(t->err, FP_ERR_LIMIT, "the answer of %s is larger than %zu MiB",
			t->req->host, MAX_BODY >> 20);
		return stop(t);
	}
	buf_add(&t->res->body, data, n);
	return n;
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
	if (n < 0)
		fp_fail_errno(t->err, "cannot read the file that is being sent");
	else
		fp_fail(t->err, FP_ERR_IO, "the file that is being sent became shorter");
	t->failed = true;
	return CURL_READFUNC_ABORT;
}

/* A kept connection that has died is replaced: the body then starts anew. */
static int on_seek(void *ctx, curl_off_t offset, int origin)
{
	struct transfer *t = ctx;

	if (origin != SEEK_SET || offset < 0 || offset > t->req->body_size)
		return CURL_SEEKFUNC_CANTSEEK;
	t->sent_of_file = offset;
	return CURL_SEEKFUNC_OK;
}

/* "Name: value" on one line: foldings become a space. */
static int add_header(struct transfer *t, const struct http_header *h)
{
	FP_AUTO(buf_release) struct buf line = BUF_INIT;

	buf_puts(&line, h->name);
	buf_puts(&line, *h->value ? ": " : ";"); /* ";" is libcurl's word for empty */
	for (const char *s = h->value; *s; s++) {
		size_t line_break = strspn(s, "\r\n");

		if (!line_break) {
			buf_putc(&line, *s);
			continue;
		}
		s += line_break;
		if (*s != ' ' && *s != '\t')
			return fp_fail(t->err, FP_ERR_INPUT,
				       "header '%.100s' holds a line break", h->name);
		buf_putc(&line, ' ');
	}
	t->headers = curl_slist_append(t->headers, buf_str(&line));
	return 0;
}

/* What the request says, and nothing that libcurl would add by itself. */
static int set_headers(struct transfer *t)
{
	static const char *const ours[] = { "Accept", "Content-Type" };
	const struct http_headers *h = &t->req->headers;

	for (size_t i = 0; i < h->n; i++)
		if (!str_ieq(h->v[i].name, "Content-Length") &&
		    add_header(t, &h->v[i]) < 0)
			return -1;
	for (size_t i = 0; i < ARRAY_SIZE(ours); i++) {
		FP_AUTO(freep) char *without = xasprintf("%s:", ours[i]);

		if (!headers_get(h, ours[i]))
			t->headers = curl_slist_append(t->headers, without);
	}
	if (t->req->body_fd < 0 || t->req->body_size < EXPECT_BYTES)
		t->headers = curl_slist_append(t->headers, "Expect:");
	curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
	if (!headers_get(h, "User-Agent"))
		curl_easy_setopt(t->easy, CURLOPT_USERAGENT, t->options->user_agent);
	return 0;
}

static bool takes_body(const char *method)
{
	return !str_eq(method, "GET") && !str_eq(method, "HEAD") &&
	       !str_eq(method, "DELETE");
}

static void set_body(struct transfer *t)
{
	const struct http_request *r = t->req;
	CURL *e = t->easy;

	if (str_eq(r->method, "HEAD")) {
		curl_easy_setopt(e, CURLOPT_NOBODY, 1L);
		return;
	}
	if (r->body_fd >= 0) {
		curl_easy_setopt(e, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(e, CURLOPT_INFILESIZE_LARGE, (curl_off_t)r->body_size);
		curl_easy_setopt(e, CURLOPT_READFUNCTION, on_read);
		curl_easy_setopt(e, CURLOPT_READDATA, t);
		curl_easy_setopt(e, CURLOPT_SEEKFUNCTION, on_seek);
		curl_easy_setopt(e, CURLOPT_SEEKDATA, t);
		curl_easy_setopt(e, CURLOPT_UPLOAD_BUFFERSIZE, BUFFER_BYTES);
	} else if (r->body.len || takes_body(r->method)) {
		curl_easy_setopt(e, CURLOPT_POSTFIELDS, buf_str(&r->body));
		curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.len);
	}
	curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, r->method);
}

static void set_url(struct transfer *t)
{
	FP_AUTO(buf_release) struct buf url = BUF_INIT;

	buf_printf(&url, "%s://%s", t->req->scheme, t->req->host);
	uri_escape_illegal(&url, t->req->path);
	if (*t->req->query) {
		buf_putc(&url, '?');
		uri_escape_illegal(&url, t->req->query);
	}
	curl_easy_setopt(t->easy, CURLOPT_URL, buf_str(&url));
	/* Dots and double slashes are part of S3's keys. */
	curl_easy_setopt(t->easy, CURLOPT_PATH_AS_IS, 1L);
}

static void set_options(struct transfer *t)
{
	const struct http_options *o = t->options;
	CURL *e = t->easy;

	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->reason);
	curl_easy_setopt(e, CURLOPT_SHARE, t->share);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_TCP_NODELAY, 1L);
	curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(e, CURLOPT_BUFFERSIZE, BUFFER_BYTES);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)o->connect_timeout_ms);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
	if (o->ca_bundle)
		curl_easy_setopt(e, CURLOPT_CAINFO, o->ca_bundle);
	if (o->no_proxy)
		curl_easy_setopt(e, CURLOPT_NOPROXY, "*");
}

/* Look at the clock, the user and the signals; -1 when it is time to stop. */
static int watch(struct transfer *t, bool at_end)
{
	int64_t now = clock_monotonic_ms();
	curl_off_t sent = 0, received = 0;

	curl_easy_getinfo(t->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
	curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &received);
	if (sent + received != t->moved) {
		t->moved = sent + received;
		t->last_moved_ms = now;
	}
	if (http_interrupted())
		return fp_fail(t->err, FP_ERR_INTERRUPTED,
			       "the exchange with %s was stopped", t->req->host);
	if (t->progress && t->moved && (at_end || now - t->last_report_ms >= TICK_MS)) {
		t->last_report_ms = now;
		if (!t->progress->report(t->progress->ctx, sent, received))
			return fp_fail(t->err, FP_ERR_INTERRUPTED,
				       "the exchange with %s was stopped", t->req->host);
	}
	if (at_end)
		return 0;
	return transfer_check_time(t, now);
}

/* Returns libcurl's result; meaningless when t->failed. */
static CURLcode drive(struct transfer *t)
{
	int running = 1, rest;
	CURLMsg *m;

	while (curl_multi_perform(t->multi, &running) == CURLM_OK && running &&
	       !t->failed) {
		if (watch(t, false) < 0)
			t->failed = true;
		else
			curl_multi_poll(t->multi, NULL, 0, TICK_MS, NULL);
	}
	while ((m = curl_multi_info_read(t->multi, &rest)))
		if (m->msg == CURLMSG_DONE && m->easy_handle == t->easy)
			return m->data.result;
	return CURLE_ABORTED_BY_CALLBACK;
}

static int finish(struct transfer *t, CURLcode code)
{
	long status = 0;

	if (t->failed)
		return -1;
	if (code != CURLE_OK)
		return transfer_explain(t, code);
	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	t->res->status = (int)status;
	return t->progress ? watch(t, true) : 0;
}

int transfer_run(struct transfer *t)
{
	int rc;

	*t->res = (struct http_response){ 0 };
	t->start_ms = t->last_moved_ms = t->last_report_ms = clock_monotonic_ms();
	set_url(t);
	set_options(t);
	set_body(t);
	rc = set_headers(t);
	if (rc == 0 && curl_multi_add_handle(t->multi, t->easy) != CURLM_OK)
		fp_die("libcurl does not take a new transfer");
	if (rc == 0) {
		rc = finish(t, drive(t));
		curl_multi_remove_handle(t->multi, t->easy);
	}
	curl_slist_free_all(t->headers);
	if (rc < 0)
		response_release(t->res);
	return rc;
}
