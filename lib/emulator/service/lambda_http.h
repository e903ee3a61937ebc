/*
 * The server's side of HTTP/1.1 for the Runtime API: one connection's bytes in,
 * requests out, answers back. No sockets here, so that it can be fuzzed.
 * Source: RFC 9112.
 */
#ifndef FP_EMULATOR_LAMBDA_HTTP_H
#define FP_EMULATOR_LAMBDA_HTTP_H

#include "base/buf.h"

#define RUNTIME_MAX_HEAD (80 * 1024) /* X-Ray causes are up to 64 KiB */

struct runtime_request {
	char method[16];
	char path[256];
	char host[64];
	bool has_origin;	/* it comes from a web page */
	char error_type[256];	/* Lambda-Runtime-Function-Error-Type, or "" */
	char response_mode[32]; /* Lambda-Runtime-Function-Response-Mode, or "" */
	bool close;		/* the client wants no keep-alive */
	bool expect_continue;
	bool chunked;
	int64_t length;	 /* Content-Length; 0 when chunked or absent */
	struct buf body; /* at most the parser's `max_body` bytes */
	bool too_large;	 /* the rest of the body was thrown away */
};

enum runtime_state {
	READ_HEAD,
	READ_BODY,
	READ_CHUNK_SIZE,
	READ_CHUNK,
	READ_CHUNK_END,
	READ_TRAILER
};

struct runtime_parser {
	enum runtime_state state;
	struct buf in; /* bytes that are not consumed yet */
	int64_t left;  /* of the body or the chunk */
	size_t max_body;
	struct runtime_request req;
};

void runtime_parser_init(struct runtime_parser *p, size_t max_body);
void runtime_parser_release(struct runtime_parser *p);
/* Bytes from the connection: appended to p->in. */
void runtime_parser_feed(struct runtime_parser *p, const void *data, size_t n);
/*
 * 1: a whole request stands in p->req, until runtime_parser_next; 0: more bytes
 * are needed; -1: this is no HTTP, close the connection.
 */
int runtime_parser_run(struct runtime_parser *p);
/* Make room for the next request; what follows in p->in is kept. */
void runtime_parser_next(struct runtime_parser *p);
/* Whether a request has begun and is not whole. */
bool runtime_parser_amid(const struct runtime_parser *p);

/* Append a head with Content-Length; `extra` are further header lines, or "". */
void runtime_answer_head(struct buf *out, int status, const char *content_type,
			 const char *extra, size_t length);

#endif
