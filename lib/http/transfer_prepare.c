#include "http/transfer.h"

#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/str.h"
#include "http/proxy.h"
#include "wire/uri.h"

#define MAX_BODY     ((size_t)64 << 20)
#define BUFFER_BYTES (256 * 1024L)
/* Below this the wait for "100 Continue" costs more than a refused body would. */
#define EXPECT_BYTES   (1 << 20)
#define EXPECT_WAIT_MS 1000L
#define IN_MEMORY_MS   600000

/* Of a body that does not lie in memory; -1 when it does. */
static int64_t upload_size(const struct http_request *r)
{
	if (r->source)
		return r->source->size;
	return r->body_fd >= 0 ? r->body_size : -1;
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
	if (upload_size(t->req) < EXPECT_BYTES)
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
	if (upload_size(r) >= 0) {
		curl_easy_setopt(e, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(e, CURLOPT_INFILESIZE_LARGE, (curl_off_t)upload_size(r));
		curl_easy_setopt(e, CURLOPT_UPLOAD_BUFFERSIZE, BUFFER_BYTES);
		curl_easy_setopt(e, CURLOPT_EXPECT_100_TIMEOUT_MS, EXPECT_WAIT_MS);
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

static bool in_memory(const struct http_request *req, const struct http_sink *sink)
{
	return !sink && upload_size(req) < 0;
}

/* By plain HTTP nothing is shared that would be worth waiting for another thread. */
bool transfer_may_share(const struct http_request *req, const struct http_sink *sink,
			const struct http_progress *progress)
{
	return in_memory(req, sink) && !progress && str_eq(req->scheme, "https");
}

/*
 * HTTP/2 is for many small calls. A large body has a connection for itself: what
 * its reader or writer is slow at must not hold up the other streams.
 */
static long http_version(const struct transfer *t)
{
	return in_memory(t->req, t->sink) ? CURL_HTTP_VERSION_2TLS
					  : CURL_HTTP_VERSION_1_1;
}

static void set_certificates(struct transfer *t)
{
	const char *from = t->options->ca_bundle;
	struct stat st;
	bool folder = from && stat(from, &st) == 0 && S_ISDIR(st.st_mode);

	curl_easy_setopt(t->easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(t->easy, CURLOPT_PROXY_SSLVERSION,
			 (long)CURL_SSLVERSION_TLSv1_2);
	if (!from)
		return;
	/* The one that is not given must not be libcurl's own. */
	curl_easy_setopt(t->easy, CURLOPT_CAINFO, folder ? NULL : from);
	curl_easy_setopt(t->easy, CURLOPT_CAPATH, folder ? from : NULL);
	curl_easy_setopt(t->easy, CURLOPT_PROXY_CAINFO, folder ? NULL : from);
	curl_easy_setopt(t->easy, CURLOPT_PROXY_CAPATH, folder ? from : NULL);
}

static void set_proxy(struct transfer *t)
{
	if (!t->options->no_proxy)
		t->proxy = proxy_of(t->req->scheme, t->req->host);
	/* libcurl is to read no environment. */
	curl_easy_setopt(t->easy, CURLOPT_PROXY, t->proxy ? t->proxy : "");
	curl_easy_setopt(t->easy, CURLOPT_NOPROXY, "");
	curl_easy_setopt(t->easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

static void set_options(struct transfer *t)
{
	CURL *e = t->easy;

	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, http_version(t));
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, (long)t->req->once);
	curl_easy_setopt(e, CURLOPT_FORBID_REUSE,
			 (long)t->req->once); /* or they heap up */
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_TCP_NODELAY, 1L);
	curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(e, CURLOPT_BUFFERSIZE, BUFFER_BYTES);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS,
			 (long)t->options->connect_timeout_ms);
	/* Do not wait for a resolver that answers nobody. */
	curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
	transfer_hook(t);
	set_certificates(t);
	set_proxy(t);
}

static void set_limits(struct transfer *t)
{
	const struct http_options *o = t->options;

	t->start_ms = t->last_moved_ms = clock_monotonic_ms();
	t->answer_max = t->req->answer_max ? t->req->answer_max : MAX_BODY;
	t->total_ms = t->req->timeout_ms;
	if (o->total_timeout_ms && (!t->total_ms || o->total_timeout_ms < t->total_ms))
		t->total_ms = o->total_timeout_ms;
	t->idle_ms = t->req->idle_timeout_ms ? t->req->idle_timeout_ms
					     : o->idle_timeout_ms;
	if (!t->total_ms && t->idle_ms > 0 && in_memory(t->req, t->sink))
		t->total_ms = IN_MEMORY_MS;
}

int transfer_prepare(struct transfer *t)
{
	const struct http_source *from = t->req->source;

	*t->res = (struct http_response){ 0 };
	if (from && from->rewind(from->ctx, t->err) < 0)
		return -1;
	set_limits(t);
	set_url(t);
	set_options(t);
	set_body(t);
	return set_headers(t);
}
