/*
 * A small HTTP server with the bad manners that a client must bear. It runs in
 * threads of the test's own process, one for each connection, on 127.0.0.1.
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
#include "base/digest.h"
#include "base/str.h"

struct test_server {
	int fd;
	pthread_t thread;
	pthread_t threads[256]; /* one for each connection */
	unsigned connections;
	char host[32]; /* "127.0.0.1:41234" */
};

struct test_connection {
	int fd;
	unsigned number;
};

static void server_write(int fd, const void *data, size_t n)
{
	const char *s = data;

	while (n) {
		ssize_t done = send(fd, s, n, MSG_NOSIGNAL);

		if (done <= 0)
			return;
		s += done;
		n -= (size_t)done;
	}
}

static void server_answer(int fd, int status, const char *headers, const char *body)
{
	FP_AUTO(buf_release) struct buf out = BUF_INIT;

	buf_printf(&out, "HTTP/1.1 %d Text\r\n%sContent-Length: %zu\r\n\r\n%s", status,
		   headers, strlen(body), body);
	server_write(fd, out.data, out.len);
}

/* Read up to the empty line; what came of the body already stays in `rest`. */
static bool server_read_head(int fd, struct buf *head, struct buf *rest)
{
	char chunk[4096];
	const char *end;

	buf_add(head, rest->data, rest->len);
	buf_clear(rest);
	while (!(end = strstr(buf_str(head), "\r\n\r\n"))) {
		ssize_t n = recv(fd, chunk, sizeof(chunk), 0);

		if (n <= 0)
			return false;
		buf_add(head, chunk, (size_t)n);
	}
	end += 4;
	buf_puts(rest, ""); /* body bytes may hold NULs: add by length */
	buf_add(rest, end, head->len - (size_t)(end - head->data));
	buf_truncate(head, (size_t)(end - head->data));
	return true;
}

static int64_t server_length(const struct buf *head)
{
	const char *line = strcasestr(buf_str(head), "\r\ncontent-length:");

	return line ? strtoll(line + 17, NULL, 10) : 0;
}

/* The body's length and digest, as "N DIGEST". */
static char *server_digest_body(int fd, const struct buf *head, struct buf *rest)
{
	int64_t left = server_length(head), total = left;
	static const size_t size = 65536;
	FP_AUTO(freep) char *chunk = xmalloc(size);
	struct digest *d = digest_new("SHA256");
	uint8_t sum[SHA256_LEN];
	char hex[SHA256_HEX_LEN];

	if (strcasestr(buf_str(head), "\r\nexpect: 100-continue"))
		server_write(fd, "HTTP/1.1 100 Continue\r\nX-Early: yes\r\n\r\n", 39);
	digest_update(d, buf_str(rest), rest->len);
	left -= (int64_t)rest->len;
	buf_clear(rest);
	while (left > 0) {
		ssize_t n = recv(fd, chunk, (size_t)FP_MIN(left, (int64_t)size), 0);

		if (n <= 0)
			break;
		digest_update(d, chunk, (size_t)n);
		left -= n;
	}
	hex_encode(hex, sum, digest_final(d, sum));
	digest_freep(&d);
	return xasprintf("%lld %s", (long long)total, hex);
}

/* `size` bytes of 'x' as a body. */
static void server_send_big(int fd, int64_t size)
{
	FP_AUTO(buf_release) struct buf out = BUF_INIT;

	buf_printf(&out, "HTTP/1.1 200 OK\r\nContent-Length: %lld\r\n\r\n",
		   (long long)size);
	server_write(fd, out.data, out.len);
	buf_clear(&out);
	buf_fill(&out, 'x', 1 << 20);
	for (; size > 0; size -= (int64_t)out.len)
		server_write(fd, out.data, (size_t)FP_MIN((int64_t)out.len, size));
}

/* False: close the connection. */
static bool server_serve(const struct test_connection *c, const struct buf *head,
			 struct buf *rest)
{
	const char *path = strchr(buf_str(head), ' ') + 1;
	FP_AUTO(freep) char *digest = server_digest_body(c->fd, head, rest);
	FP_AUTO(freep) char *number = xasprintf("X-Connection: %u\r\n", c->number);
	char end;

	if (str_starts(path, "/digest"))
		server_answer(c->fd, 200, number, digest);
	else if (str_starts(path, "/head"))
		server_answer(c->fd, 200, number, buf_str(head));
	else if (str_starts(path, "/order"))
		server_answer(c->fd, 200, "X-B: 2\r\nX-A:1\r\nX-B:  3  \r\nX-Empty:\r\n",
			      "");
	else if (str_starts(path, "/status/"))
		server_answer(c->fd, (int)strtol(path + 8, NULL, 10),
			      "Location: /order\r\n", "body");
	else if (str_starts(path, "/big/"))
		server_send_big(c->fd, strtoll(path + 5, NULL, 10));
	else if (str_starts(path, "/stall"))
		(void)recv(c->fd, &end, 1, 0); /* until the client goes */
	else if (str_starts(path, "/cut"))
		server_write(c->fd,
			     "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nten bytes.",
			     49);
	else if (str_starts(path, "/leave"))
		server_answer(c->fd, 200, number, "");
	return str_starts(path, "/digest") || str_starts(path, "/head") ||
	       str_starts(path, "/status") || str_starts(path, "/big");
}

static void *server_connection(void *arg)
{
	struct test_connection *c = arg;
	FP_AUTO(buf_release) struct buf head = BUF_INIT;
	FP_AUTO(buf_release) struct buf rest = BUF_INIT;

	while (server_read_head(c->fd, &head, &rest) && server_serve(c, &head, &rest))
		buf_clear(&head);
	close(c->fd);
	free(c);
	return NULL;
}

static void *server_accept(void *arg)
{
	struct test_server *s = arg;
	int fd;

	while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
		struct test_connection *c = xcalloc(1, sizeof(*c));

		c->fd = fd;
		ck_assert_uint_lt(s->connections, ARRAY_SIZE(s->threads));
		c->number = s->connections + 1;
		ck_assert_int_eq(pthread_create(&s->threads[s->connections], NULL,
						server_connection, c),
				 0);
		s->connections++;
	}
	return NULL;
}

static void server_start(struct test_server *s)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);

	s->connections = 0;
	s->fd = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(s->fd, (struct sockaddr *)&a, sizeof(a)), 0);
	ck_assert_int_eq(listen(s->fd, 64), 0);
	ck_assert_int_eq(getsockname(s->fd, (struct sockaddr *)&a, &len), 0);
	(void)snprintf(s->host, sizeof(s->host), "127.0.0.1:%u", ntohs(a.sin_port));
	ck_assert_int_eq(pthread_create(&s->thread, NULL, server_accept, s), 0);
}

/*
 * Call it when the client is gone, which ends the connections. No thread may
 * outlive the test: OpenSSL's own clean-up at exit would meet it.
 */
static void server_stop(struct test_server *s)
{
	(void)shutdown(s->fd, SHUT_RDWR);
	(void)pthread_join(s->thread, NULL);
	close(s->fd);
	while (s->connections)
		(void)pthread_join(s->threads[--s->connections], NULL);
}

#endif
