/*
 * A Lambda runtime of a page, which the test program becomes when it is started
 * as a function: it does what the event says. Bare sockets, so that it shares
 * no code with what it tests.
 */
#ifndef FP_TEST_TINY_RUNTIME_H
#define FP_TEST_TINY_RUNTIME_H

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TINY_MAX (8 * 1024 * 1024)
#define TINY_HOG (200 * 1024 * 1024)

static char tiny_in[TINY_MAX], tiny_out[TINY_MAX];

static int tiny_connect(const char *api)
{
	const char *colon = strchr(api, ':');
	struct sockaddr_in a = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_port = htons((uint16_t)strtol(colon + 1, NULL, 10));
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		exit(90);
	return fd;
}

static void tiny_send(int fd, const char *data, size_t n)
{
	while (n) {
		ssize_t sent = write(fd, data, n);

		if (sent <= 0)
			exit(91);
		data += sent;
		n -= (size_t)sent;
	}
}

/* One answer with its Content-Length; returns where its body begins. */
static char *tiny_receive(int fd)
{
	size_t n = 0;

	for (;;) {
		ssize_t got = read(fd, tiny_in + n, sizeof(tiny_in) - 1 - n);
		char *body, *length;

		if (got <= 0)
			exit(92);
		n += (size_t)got;
		tiny_in[n] = '\0';
		body = strstr(tiny_in, "\r\n\r\n");
		length = strstr(tiny_in, "Content-Length: ");
		if (body && length &&
		    n >= (size_t)(body + 4 - tiny_in) +
				    (size_t)strtol(length + 16, NULL, 10))
			return body + 4;
	}
}

static void tiny_post(int fd, const char *path, const char *body, size_t n)
{
	char head[512];

	(void)snprintf(head, sizeof(head),
		       "POST /2018-06-01/runtime/%s HTTP/1.1\r\nHost: %s\r\n"
		       "Content-Length: %zu\r\n\r\n",
		       path, getenv("AWS_LAMBDA_RUNTIME_API"), n);
	tiny_send(fd, head, strlen(head));
	tiny_send(fd, body, n);
	(void)tiny_receive(fd);
}

static void tiny_answer(int fd, const char *id, const char *event)
{
	char path[128];
	const char *what = "response";
	size_t n;

	(void)snprintf(tiny_out, sizeof(tiny_out), "{\"got\":%.6000000s}", event);
	if (strstr(event, "crash"))
		exit(3);
	if (strstr(event, "quit"))
		exit(0);
	if (strstr(event, "hog")) {
		char *memory = malloc(TINY_HOG);

		if (memory)
			memset(memory, 1, TINY_HOG);
		sleep(30);
		free(memory);
	}
	if (strstr(event, "sleep"))
		sleep(30);
	if (strstr(event, "nap"))
		usleep(200000);
	if (strstr(event, "fail")) {
		what = "error";
		(void)snprintf(tiny_out, sizeof(tiny_out),
			       "{\"errorMessage\":\"no\",\"errorType\":\"My.Error\"}");
	}
	/* A batch's first message is refused, by its identifier of 36 letters. */
	if (strstr(event, "reject") && strstr(event, "\"messageId\":\""))
		(void)snprintf(tiny_out, sizeof(tiny_out),
			       "{\"batchItemFailures\":[{\"itemIdentifier\":\"%.36s\"}]}",
			       strstr(event, "\"messageId\":\"") + 13);
	if (strstr(event, "environment"))
		(void)snprintf(tiny_out, sizeof(tiny_out), "[\"%s\",\"%s\",\"%s\",%ld]",
			       getenv("AWS_LAMBDA_FUNCTION_NAME"), getenv("GREETING"),
			       getenv("AWS_REGION"), (long)getpid());
	n = strlen(tiny_out);
	if (strstr(event, "big")) {
		n = 7 * 1024 * 1024;
		memset(tiny_out, 'x', n);
	}
	(void)snprintf(path, sizeof(path), "invocation/%s/%s", id, what);
	tiny_post(fd, path, tiny_out, n);
}

static int tiny_runtime(const char *api)
{
	static const char error[] =
		"{\"errorMessage\":\"bad start\",\"errorType\":\"Init.Bad\"}";
	const char *mode = getenv("MODE");
	int fd = tiny_connect(api);

	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	if (mode && strcmp(mode, "init-error") == 0) {
		tiny_post(fd, "init/error", error, strlen(error));
		return 1;
	}
	if (mode && strcmp(mode, "init-crash") == 0)
		return 7;
	for (;;) {
		char request[256], id[64] = "", *event, *at;

		(void)snprintf(request, sizeof(request),
			       "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n"
			       "Host: %s\r\n\r\n",
			       api);
		tiny_send(fd, request, strlen(request));
		event = tiny_receive(fd);
		at = strstr(tiny_in, "Lambda-Runtime-Aws-Request-Id: ");
		if (!at || sscanf(at + 31, "%63[^\r]", id) != 1)
			return 93;
		printf("event %.200s\nno end of line", event);
		(void)fflush(stdout);
		tiny_answer(fd, id, event);
	}
}

#endif
