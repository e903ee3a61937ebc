/*
 * An HTTP server on 127.0.0.1 of a test's own, to see what a client sends and to
 * answer it as the test says, bad manners included. Each connection has a thread;
 * one request is answered at a time, so the test's callback needs no lock.
 */
#ifndef FP_TEST_SERVER_H
#define FP_TEST_SERVER_H

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"

struct test_request {
	char method[16];
	char target[4096]; /* "/bucket/key?query" */
	const char *head;  /* the request line and all headers, to the empty line */
	const char *body;
	size_t body_len;
	unsigned connection; /* 1 is the first */
	int fd;		     /* the connection's */
};

/* Starts as a 200 without a body. */
struct test_answer {
	int status;	    /* 0: hang up without an answer */
	struct buf headers; /* whole lines, each with \r\n */
	struct buf body;    /* its length is announced unless `headers` do */
	bool hang_up;	    /* behind the answer */
};

typedef void (*test_answer_fn)(void *ctx, const struct test_request *req,
			       struct test_answer *out);

struct test_connection {
	struct test_server *server;
	pthread_t thread;
	unsigned number;
	int fd;
};

struct test_server {
	char host[32]; /* "127.0.0.1:41234" */
	char url[64];  /* "http://127.0.0.1:41234" */
	int fd;
	test_answer_fn answer;
	void *ctx;
	pthread_mutex_t lock; /* held while it answers */
	pthread_t thread;
	struct test_connection connections[256];
	unsigned n;
};

static inline bool test_send(int fd, const char *data, size_t n, int flags)
{
	while (n) {
		ssize_t done = send(fd, data, n, flags | MSG_NOSIGNAL);

		if (done <= 0)
			return false;
		data += done;
		n -= (size_t)done;
	}
	return true;
}

/* False when the client goes before `in` holds `want` bytes. */
static inline bool test_receive(int fd, struct buf *in, size_t want)
{
	char block[65536];

	while (in->len < want) {
		ssize_t n = recv(fd, block, sizeof(block), 0);

		if (n <= 0)
			return false;
		buf_add(in, block, (size_t)n);
	}
	return true;
}

static inline size_t test_content_length(const char *head)
{
	const char *at = strcasestr(head, "\r\ncontent-length:");

	return at ? (size_t)strtoul(at + 17, NULL, 10) : 0;
}

static inline bool test_send_answer(int fd, const struct test_answer *a)
{
	FP_AUTO(buf_release) struct buf head = BUF_INIT;
	const char *headers = buf_str(&a->headers);

	buf_printf(&head, "HTTP/1.1 %d Text\r\n%s", a->status, headers);
	if (!strcasestr(headers, "content-length:") &&
	    !strcasestr(headers, "transfer-encoding:"))
		buf_printf(&head, "Content-Length: %zu\r\n", a->body.len);
	buf_puts(&head, "\r\n");
	return test_send(fd, head.data, head.len, a->body.len ? MSG_MORE : 0) &&
	       test_send(fd, a->body.data, a->body.len, 0);
}

/* One request and its answer; false when the connection is over. */
static inline bool test_exchange(struct test_connection *c)
{
	FP_AUTO(buf_release) struct buf in = BUF_INIT;
	FP_AUTO(freep) char *head = NULL;
	struct test_request req = { .connection = c->number, .fd = c->fd };
	struct test_answer a = { .status = 200 };
	const char *end = NULL;
	size_t length;
	bool kept;

	while (!end) {
		if (!test_receive(c->fd, &in, in.len + 1))
			return false;
		end = strstr(buf_str(&in), "\r\n\r\n");
	}
	length = (size_t)(end - in.data) + 4;
	req.head = head = xstrndup(in.data, length);
	req.body_len = test_content_length(head);
	if (strcasestr(head, "\r\nexpect: 100-continue") &&
	    !test_send(c->fd, "HTTP/1.1 100 Continue\r\nX-Early: yes\r\n\r\n", 39, 0))
		return false;
	if (!test_receive(c->fd, &in, length + req.body_len) ||
	    sscanf(head, "%15s %4095s", req.method, req.target) != 2)
		return false;
	req.body = in.data + length;
	pthread_mutex_lock(&c->server->lock);
	c->server->answer(c->server->ctx, &req, &a);
	pthread_mutex_unlock(&c->server->lock);
	kept = a.status && test_send_answer(c->fd, &a) && !a.hang_up;
	buf_release(&a.headers);
	buf_release(&a.body);
	return kept;
}

static inline void *test_serve(void *arg)
{
	struct test_connection *c = arg;

	while (test_exchange(c))
		;
	(void)shutdown(c->fd, SHUT_RDWR);
	return NULL;
}

static inline void *test_accept(void *arg)
{
	struct test_server *s = arg;
	int fd;

	while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
		struct test_connection *c = &s->connections[s->n];

		ck_assert_uint_lt(s->n, ARRAY_SIZE(s->connections));
		*c = (struct test_connection){ .server = s, .fd = fd };
		c->number = ++s->n;
		ck_assert_int_eq(pthread_create(&c->thread, NULL, test_serve, c), 0);
	}
	return NULL;
}

static inline void test_server_start(struct test_server *s, test_answer_fn answer,
				     void *ctx)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t n = sizeof(at);

	*s = (struct test_server){ .answer = answer, .ctx = ctx };
	pthread_mutex_init(&s->lock, NULL);
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(s->fd, 0);
	ck_assert_int_eq(bind(s->fd, (struct sockaddr *)&at, n), 0);
	ck_assert_int_eq(listen(s->fd, 64), 0);
	ck_assert_int_eq(getsockname(s->fd, (struct sockaddr *)&at, &n), 0);
	(void)snprintf(s->host, sizeof(s->host), "127.0.0.1:%u", ntohs(at.sin_port));
	(void)snprintf(s->url, sizeof(s->url), "http://%s", s->host);
	ck_assert_int_eq(pthread_create(&s->thread, NULL, test_accept, s), 0);
}

/*
 * Hangs up on clients that are still there. No thread may outlive the test:
 * OpenSSL's own clean-up at exit would meet it.
 */
static inline void test_server_stop(struct test_server *s)
{
	(void)shutdown(s->fd, SHUT_RDWR);
	(void)pthread_join(s->thread, NULL);
	close(s->fd);
	for (unsigned i = 0; i < s->n; i++) {
		(void)shutdown(s->connections[i].fd, SHUT_RDWR);
		(void)pthread_join(s->connections[i].thread, NULL);
		close(s->connections[i].fd);
	}
	pthread_mutex_destroy(&s->lock);
}

#endif
