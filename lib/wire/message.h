/*
 * An HTTP request and response as values: what the client signs and sends, and
 * what the emulator receives and verifies.
 */
#ifndef FP_WIRE_MESSAGE_H
#define FP_WIRE_MESSAGE_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"

struct http_header {
	char *name, *value; /* owned */
};

struct http_headers {
	struct http_header *v; /* in the order in which they were added */
	size_t n, cap;
};

struct sigv4_seed;

/*
 * A body that is made while it is sent (an aws-chunked encoder, a part of a file).
 * `read` gives the next bytes, 0 at the end, -1 with `err` filled when it cannot;
 * `rewind` goes back to the start for another attempt.
 */
struct http_source {
	int64_t size; /* exactly how many bytes will come */
	ssize_t (*read)(void *ctx, void *out, size_t n, struct fp_error *err);
	int (*rewind)(void *ctx, struct fp_error *err);
	/* NULL, or told by sigv4_sign() what signed chunks follow; before reading. */
	void (*seed)(void *ctx, const struct sigv4_seed *seed);
	void *ctx;
};

struct http_request {
	char *method; /* "GET" */
	char *scheme; /* "http" or "https" */
	char *host;   /* "example.com" or "127.0.0.1:4566" */
	char *path;   /* as on the wire: percent-encoded, begins with '/' */
	char *query;  /* as on the wire, without '?'; "" when there is none */
	struct http_headers headers;
	struct buf body;
	/* A body from a file instead; body_fd is -1 when unused. Not closed here. */
	int body_fd;
	int64_t body_offset, body_size;
	/* Or from here; NULL when unused. Borrowed. */
	const struct http_source *source;
	/* What this exchange may use at most; 0: what the client's options say. */
	int64_t timeout_ms;	 /* from now to the answer's last byte */
	int64_t idle_timeout_ms; /* of silence; negative: none */
	size_t answer_max;	 /* bytes of an answer that is kept in memory */
	/* Twice may do harm: it gets a connection for itself, since over a kept one
	 * libcurl would send it once more when that ends without an answer. */
	bool once;
};

struct http_response {
	int status;
	struct http_headers headers;
	struct buf body;
};

/* Case of names does not count. */
const char *headers_get(const struct http_headers *h,
			const char *name); /* first, or NULL */
void headers_add(struct http_headers *h, const char *name, const char *value);
void headers_set(struct http_headers *h, const char *name, const char *value);
void headers_remove(struct http_headers *h, const char *name);
void headers_release(struct http_headers *h);

/* method and path are copied; scheme "https", host "", query "". */
void request_init(struct http_request *r, const char *method, const char *path);
/* Headers, query and body are overwritten: they may hold secrets. Answers' too. */
void request_release(struct http_request *r);
/* Split "http://host:port/path?query" into r. FP_ERR_INPUT when it is no URL. */
FP_MUST_CHECK int request_set_url(struct http_request *r, const char *url,
				  struct fp_error *err);
/* For messages, owned by the caller: without the user's name and password and the query,
 * which may hold a signature. Any text will do. */
char *url_shown(const char *url);
/* "https://host/path?query", owned by the caller. */
char *request_url(const struct http_request *r);
/* Append "name=value" to the query, both percent-encoded; NULL value: "name=". */
void request_add_query(struct http_request *r, const char *name, const char *value);

void response_release(struct http_response *r);

#endif
