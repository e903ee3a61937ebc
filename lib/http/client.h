/*
 * The HTTP client: libcurl, one pool of kept-alive connections that all threads
 * share, HTTP/2 where the server speaks it, proxies, timeouts. It sends what it is
 * given; signing and retrying are the caller's.
 */
#ifndef FP_HTTP_CLIENT_H
#define FP_HTTP_CLIENT_H

#include "wire/message.h"

/*
 * Every exchange ends: a connection must stand within connect_timeout_ms (name,
 * TCP, TLS and proxy); then the answer's headers must be complete within
 * idle_timeout_ms, and in each further idle_timeout_ms at least 1 KiB must move.
 * An exchange wholly in memory that has no other limit gets 10 minutes, unless
 * idle_timeout_ms is none.
 */
struct http_options {
	int64_t connect_timeout_ms; /* 0: 5 s */
	int64_t idle_timeout_ms;    /* 0: 60 s, negative: none */
	int64_t total_timeout_ms;   /* 0: none; http_request.timeout_ms: of one call */
	const char *user_agent;	    /* NULL: "fpctl/VERSION" */
	const char *ca_bundle;	    /* a PEM file or a folder; NULL: the system's */
	bool no_proxy;		    /* ignore the proxy environment (http/proxy.h) */
};

/* Safe to share between threads. Nothing runs while nobody waits. */
struct http_client;
FP_MUST_CHECK int http_client_new(struct http_client **out, const struct http_options *o,
				  struct fp_error *err);
void http_client_freep(struct http_client **c);

/*
 * Where a large body goes instead of res->body, for 2xx answers only. `begin` may
 * be NULL; otherwise it is called once, before the first write and also when no
 * body follows. Return false to stop the transfer (the call then fails with
 * FP_ERR_INTERRUPTED).
 */
struct http_sink {
	bool (*write)(void *ctx, const void *data, size_t n);
	void *ctx;
	bool (*begin)(void *ctx, int status, const struct http_headers *headers);
};

/* Called about ten times a second while a body is sent or received; may be NULL.
 * Return false to stop. */
struct http_progress {
	bool (*report)(void *ctx, int64_t sent, int64_t received);
	void *ctx;
};

/*
 * Send once. Any status is a success: the caller reads res->status. Fails with
 * FP_ERR_NETWORK (endpoint and reason named: "cannot connect to
 * 127.0.0.1:4566: connection refused"), FP_ERR_TLS (a certificate), FP_ERR_PROXY (it
 * refuses), FP_ERR_TIMEOUT, FP_ERR_PROTOCOL (the answer is no HTTP), FP_ERR_LIMIT or
 * FP_ERR_INTERRUPTED; err->unsent tells whether the request reached nobody.
 *
 * `sink` and `progress` may be NULL; without a sink the body is at most
 * req->answer_max, else 64 MiB (FP_ERR_LIMIT, also for headers over 256 KiB).
 * `res` is overwritten without being released first, and owns nothing after a
 * failure. Headers are kept in order, trailers last; redirects are answers.
 *
 * All callbacks (sink, progress, req->source) run on the calling thread: they may be
 * slow, and may call http_send. The body's source is rewound first, and whenever a kept
 * connection proves dead before any answer: the request is then sent once more, unless
 * req->once. What has a sink, a source or a file has a connection of HTTP/1.1 for
 * itself; other calls over TLS share one of HTTP/2 where they can.
 *
 * Fault point: "http"; lib/http/inject.h has the kinds.
 */
FP_MUST_CHECK int http_send(struct http_client *c, const struct http_request *req,
			    const struct http_sink *sink,
			    const struct http_progress *progress,
			    struct http_response *res, struct fp_error *err);

/* Make every transfer of the process stop at once (Ctrl-C); async-signal-safe. */
void http_interrupt(void);
bool http_interrupted(void);
/*
 * For tidying up after Ctrl-C: until `on` is false, this thread's exchanges go on in
 * spite of it, and it is not told. A second Ctrl-C ends the program anyway.
 */
void http_finish_up(bool on);

#endif
