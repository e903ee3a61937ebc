/*
 * The HTTP client: libcurl, one pool of kept-alive connections, timeouts.
 * It sends what it is given; signing and retrying are the caller's.
 */
#ifndef FP_HTTP_CLIENT_H
#define FP_HTTP_CLIENT_H

#include "wire/message.h"

struct http_options {
	int64_t connect_timeout_ms; /* 0: 5 s */
	int64_t idle_timeout_ms;    /* no byte either way; 0: 60 s, negative: none */
	int64_t total_timeout_ms;   /* 0: none */
	const char *user_agent;	    /* NULL: "fpctl/VERSION" */
	const char *ca_bundle;	    /* a PEM file; NULL: the system's */
	bool no_proxy;		    /* ignore the proxy environment */
};

/* Safe to share between threads; each call takes a connection of its own. */
struct http_client;
FP_MUST_CHECK int http_client_new(struct http_client **out, const struct http_options *o,
				  struct fp_error *err);
void http_client_freep(struct http_client **c);

/* Where a large body goes instead of res->body, for 2xx answers only. Return
 * false to stop the transfer (the call then fails with FP_ERR_INTERRUPTED). */
struct http_sink {
	bool (*write)(void *ctx, const void *data, size_t n);
	void *ctx;
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
 * 127.0.0.1:4566: connection refused"), FP_ERR_TIMEOUT or FP_ERR_INTERRUPTED.
 * `sink` and `progress` may be NULL; a body in memory is at most 64 MiB
 * (FP_ERR_LIMIT). `res` is overwritten without being released first, and owns
 * nothing after a failure. Headers are kept in order; redirects are answers.
 * Fault point: "http".
 */
FP_MUST_CHECK int http_send(struct http_client *c, const struct http_request *req,
			    const struct http_sink *sink,
			    const struct http_progress *progress,
			    struct http_response *res, struct fp_error *err);

/* Make every transfer of the process stop soon (Ctrl-C); async-signal-safe. */
void http_interrupt(void);
bool http_interrupted(void);

#endif
