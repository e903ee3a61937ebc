#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "wire/sigv4.h"

#define REQUEST_ID "Lambda-Runtime-Aws-Request-Id: "

void give_up(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("bench_emulator: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(EXIT_FAILURE);
}

double now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), compare);
	return v[n / 2];
}

void load_release(struct load *l)
{
	for (size_t i = 0; i < l->n; i++)
		buf_release(&l->v[i]);
	free(l->v);
	*l = (struct load){ 0 };
}

void load_add(struct load *l, const struct emulator_address *a, const char *service,
	      struct http_request *req)
{
	const struct aws_credentials creds = {
		.access_key_id = a->access_key_id,
		.secret_access_key = a->secret_access_key
	};
	struct sigv4_scope scope = sigv4_for(service, a->region, clock_now_ms());
	struct fp_error err = { 0 };
	struct buf out = BUF_INIT;

	free(req->host);
	req->host = xasprintf("127.0.0.1:%d", a->port);
	if (sigv4_sign(req, &scope, &creds, NULL, &err) < 0)
		give_up("%s", err.message);
	buf_printf(&out, "%s %s%s%s HTTP/1.1\r\n", req->method, req->path,
		   *req->query ? "?" : "", req->query);
	for (size_t i = 0; i < req->headers.n; i++)
		buf_printf(&out, "%s: %s\r\n", req->headers.v[i].name,
			   req->headers.v[i].value);
	buf_printf(&out, "Content-Length: %zu\r\n\r\n", req->body.len);
	buf_add(&out, buf_str(&req->body), req->body.len);
	request_release(req);
	l->v = xrealloc(l->v, (l->n + 1) * sizeof(*l->v));
	l->v[l->n++] = out;
}

int load_connect(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		give_up("cannot connect to port %d: %s", port, strerror(errno));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

/* What an answer's head says; false while it is not whole. */
static bool read_head(const struct buf *in, int *status, size_t *head, size_t *length)
{
	const char *end = in->len ? strstr(in->data, "\r\n\r\n") : NULL, *at;

	if (!end)
		return false;
	*head = (size_t)(end + 4 - in->data);
	*status = (int)strtol(in->data + strlen("HTTP/1.1 "), NULL, 10);
	at = strcasestr(in->data, "\r\nContent-Length:");
	*length = at && at < end ? strtoul(at + strlen("\r\nContent-Length:"), NULL, 10)
				 : 0;
	return true;
}

int load_exchange(int fd, const struct buf *request, struct buf *body, char id[64])
{
	FP_AUTO(buf_release) struct buf in = BUF_INIT;
	size_t head = 0, length = 0;
	int status = 0;

	for (size_t sent = 0; sent < request->len;) {
		ssize_t n = write(fd, request->data + sent, request->len - sent);

		if (n <= 0)
			give_up("cannot send: %s", strerror(errno));
		sent += (size_t)n;
	}
	while (!read_head(&in, &status, &head, &length) || in.len < head + length) {
		ssize_t n;

		buf_reserve(&in, 8192);
		n = read(fd, in.data + in.len, 8192);
		if (n <= 0)
			give_up("no answer: %s", n ? strerror(errno) : "end");
		in.len += (size_t)n;
		in.data[in.len] = '\0';
	}
	if (id) {
		const char *at = strstr(in.data, REQUEST_ID);

		if (!at || sscanf(at + strlen(REQUEST_ID), "%63[^\r]", id) != 1)
			give_up("an event without an ID");
	}
	if (body)
		buf_add(body, in.data + head, length);
	return status;
}

struct caller {
	const struct load *l;
	size_t first, step;
	int fd, status;
	double *took; /* of each request, in us */
};

static void *call(void *arg)
{
	const struct caller *c = arg;

	for (size_t i = c->first; i < c->l->n; i += c->step) {
		FP_AUTO(buf_release) struct buf body = BUF_INIT;
		double start = now_us();
		int status = load_exchange(c->fd, &c->l->v[i], &body, NULL);

		c->took[i] = now_us() - start;
		if (status != c->status)
			give_up("status %d: %.300s", status, buf_str(&body));
	}
	return NULL;
}

double load_run(const struct load *l, int port, size_t callers, int status)
{
	struct caller c[CALLERS];
	pthread_t threads[CALLERS];
	double *took = xcalloc(l->n, sizeof(*took)), start, us;

	for (size_t i = 0; i < callers; i++)
		c[i] = (struct caller){ l, i, callers, load_connect(port), status, took };
	start = now_us();
	for (size_t i = 0; i < callers; i++)
		if (pthread_create(&threads[i], NULL, call, &c[i]) != 0)
			give_up("cannot start a thread");
	for (size_t i = 0; i < callers; i++) {
		(void)pthread_join(threads[i], NULL);
		(void)close(c[i].fd);
	}
	us = callers == 1 ? median(took, l->n) : (now_us() - start) / (double)l->n;
	free(took);
	return us;
}
