/*
 * An HTTP server on 127.0.0.1 of a test's own, to see what a client sends and to
 * answer it whatever the test wants, faults included. It ends with the test's
 * process (Check's fork mode).
 */
#ifndef FP_TEST_STUB_SERVER_H
#define FP_TEST_STUB_SERVER_H

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

struct stub_request {
	char method[16], path[1024];
	const char *head; /* request line and headers, NUL-terminated */
	const char *body;
	size_t body_len;
};

/* Append the raw answer; false closes the connection behind it. One at a time. */
typedef bool (*stub_answer)(void *ctx, const struct stub_request *req, struct buf *out);

struct stub {
	int fd, port;
	stub_answer answer;
	void *ctx;
	pthread_mutex_t lock;
	int requests;
};

struct stub_connection {
	struct stub *stub;
	int fd;
};

/* A plain answer with its length. */
static inline void stub_reply(struct buf *out, int status, const char *headers,
			      const char *body, size_t n)
{
	buf_printf(out, "HTTP/1.1 %d X\r\nContent-Length: %zu\r\n%s\r\n", status, n,
		   headers);
	buf_add(out, body, n);
}

/* Whether a header line is among the request's, letters of either case. */
static inline bool stub_has(const struct stub_request *req, const char *line)
{
	FP_AUTO(strs_release) struct strs lines = STRS_INIT;

	strs_split(&lines, req->head, '\n');
	for (size_t i = 0; i < lines.n; i++) {
		lines.v[i][strcspn(lines.v[i], "\r")] = '\0';
		if (str_ieq(lines.v[i], line))
			return true;
	}
	return false;
}

static inline size_t stub_content_length(const char *head)
{
	const char *at = strcasestr(head, "\r\ncontent-length:");

	return at ? (size_t)strtoul(at + 17, NULL, 10) : 0;
}

/* Reads until `have` bytes beyond the head are there; false at the end. */
static inline bool stub_fill(int fd, struct buf *in, size_t want)
{
	char block[65536];

	while (in->len < want) {
		ssize_t n = read(fd, block, sizeof(block));

		if (n <= 0)
			return false;
		buf_add(in, block, (size_t)n);
	}
	return true;
}

static inline bool stub_one(struct stub *s, int fd)
{
	FP_AUTO(buf_release) struct buf in = BUF_INIT, out = BUF_INIT;
	FP_AUTO(freep) char *head = NULL;
	struct stub_request req = { 0 };
	const char *end = NULL;
	bool keep;

	while (!end) {
		if (!stub_fill(fd, &in, in.len + 1))
			return false;
		end = strstr(in.data, "\r\n\r\n");
	}
	head = xstrndup(in.data, (size_t)(end + 2 - in.data));
	req.body_len = stub_content_length(head);
	if (!stub_fill(fd, &in, strlen(head) + 2 + req.body_len))
		return false;
	req.head = head;
	req.body = in.data + strlen(head) + 2;
	if (sscanf(head, "%15s %1023s", req.method, req.path) != 2)
		return false;
	pthread_mutex_lock(&s->lock);
	s->requests++;
	keep = s->answer(s->ctx, &req, &out);
	pthread_mutex_unlock(&s->lock);
	for (size_t at = 0; at < out.len;) {
		ssize_t n = send(fd, out.data + at, out.len - at, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	return keep;
}

static inline void *stub_serve(void *arg)
{
	struct stub_connection c = *(struct stub_connection *)arg;

	free(arg);
	while (stub_one(c.stub, c.fd))
		;
	close(c.fd);
	return NULL;
}

static inline void *stub_accept(void *arg)
{
	struct stub *s = arg;
	int fd;

	while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
		struct stub_connection *c = xmalloc(sizeof(*c));
		pthread_t t;

		*c = (struct stub_connection){ s, fd };
		if (pthread_create(&t, NULL, stub_serve, c) == 0)
			pthread_detach(t);
	}
	return NULL;
}

static inline void stub_start(struct stub *s, stub_answer answer, void *ctx)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t n = sizeof(at);
	pthread_t t;

	*s = (struct stub){ .answer = answer, .ctx = ctx };
	pthread_mutex_init(&s->lock, NULL);
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(s->fd, 0);
	ck_assert_int_eq(bind(s->fd, (struct sockaddr *)&at, n), 0);
	ck_assert_int_eq(listen(s->fd, 16), 0);
	ck_assert_int_eq(getsockname(s->fd, (struct sockaddr *)&at, &n), 0);
	s->port = ntohs(at.sin_port);
	ck_assert_int_eq(pthread_create(&t, NULL, stub_accept, s), 0);
	pthread_detach(t);
}

#endif
