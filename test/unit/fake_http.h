/*
 * A small HTTP server in a thread of the test, which answers as the test says.
 * One request at a time, a connection each; ends with the test's process or by
 * fake_http_stop.
 */
#ifndef FP_FAKE_HTTP_H
#define FP_FAKE_HTTP_H

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"

struct fake_request {
	char method[16];
	char target[4096]; /* "/bucket/key?query" */
	const char *head;  /* all header lines */
	const char *body;
	size_t body_len;
};

/* What to answer; `status` is 200 already. Status 0 closes without an answer. */
struct fake_answer {
	int status;
	struct buf headers; /* whole lines, each with \r\n */
	struct buf body;
};

struct fake_http {
	int fd;
	char url[64];
	pthread_t thread;
	void (*answer)(void *ctx, const struct fake_request *req,
		       struct fake_answer *out);
	void *ctx;
};

static bool fake_read(int fd, struct buf *in, size_t want)
{
	char chunk[4096];

	while (in->len < want) {
		ssize_t n = read(fd, chunk, sizeof(chunk));

		if (n <= 0)
			return false;
		buf_add(in, chunk, (size_t)n);
	}
	return true;
}

/* Read until the blank line; its end, or 0 when the client went away. */
static size_t fake_read_head(int fd, struct buf *in)
{
	for (size_t want = 1; fake_read(fd, in, want); want = in->len + 1) {
		const char *end = strstr(buf_str(in), "\r\n\r\n");

		if (end)
			return (size_t)(end - in->data) + 4;
	}
	return 0;
}

static void fake_serve(struct fake_http *s, int fd)
{
	FP_AUTO(buf_release) struct buf in = BUF_INIT, out = BUF_INIT;
	struct fake_answer a = { 200, BUF_INIT, BUF_INIT };
	struct fake_request req = { .method = "" };
	size_t head = fake_read_head(fd, &in);
	const char *length;
	int64_t n = 0;

	if (!head || sscanf(in.data, "%15s %4095s", req.method, req.target) != 2)
		return;
	length = strcasestr(in.data, "\r\ncontent-length:");
	if (length && length < in.data + head)
		n = strtoll(length + 17, NULL, 10);
	if (strcasestr(in.data, "100-continue") &&
	    write(fd, "HTTP/1.1 100 Continue\r\n\r\n", 25) != 25)
		return;
	if (!fake_read(fd, &in, head + (size_t)n))
		return;
	req.head = in.data;
	req.body = in.data + head;
	req.body_len = (size_t)n;
	s->answer(s->ctx, &req, &a);
	buf_printf(&out, "HTTP/1.1 %d X\r\nConnection: close\r\n", a.status);
	buf_puts(&out, buf_str(&a.headers));
	if (!strcasestr(buf_str(&a.headers), "content-length"))
		buf_printf(&out, "Content-Length: %zu\r\n", a.body.len);
	buf_puts(&out, "\r\n");
	buf_add(&out, buf_str(&a.body), a.body.len);
	for (size_t at = 0; a.status && at < out.len;) {
		ssize_t w = write(fd, out.data + at, out.len - at);

		if (w <= 0)
			break;
		at += (size_t)w;
	}
	buf_release(&a.headers);
	buf_release(&a.body);
}

static void *fake_loop(void *arg)
{
	struct fake_http *s = arg;
	int fd;

	while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
		fake_serve(s, fd);
		close(fd);
	}
	return NULL;
}

static inline void fake_http_start(struct fake_http *s)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t n = sizeof(at);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->fd < 0 || bind(s->fd, (struct sockaddr *)&at, n) < 0 ||
	    listen(s->fd, 64) < 0 || getsockname(s->fd, (struct sockaddr *)&at, &n) < 0)
		abort();
	(void)snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%d", ntohs(at.sin_port));
	if (pthread_create(&s->thread, NULL, fake_loop, s) != 0)
		abort();
}

static inline void fake_http_stop(struct fake_http *s)
{
	(void)shutdown(s->fd, SHUT_RDWR);
	(void)pthread_join(s->thread, NULL);
	(void)close(s->fd);
}

#endif
