/*
 * bench_emulator STATE BUCKET: the emulator that serves STATE under load, in turns
 * with a floor that does the same exchange and nothing else. BUCKET is one that
 * `fpctl deploy` made, whose uploads become messages. Started by the emulator as
 * a function, it is one that sends its event back.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/str.h"
#include "load.h"
#include "pack/zip.h"
#include "wire/query.h"

#define PUTS	    6000
#define INVOCATIONS 2000
#define UPLOADS	    101
#define COLD	    11
#define TURNS	    3
#define RUNTIME	    "/2018-06-01/runtime/invocation/"
#define FUNCTIONS   "/2015-03-31/functions"

static struct emulator_address at;

static void request_of(struct http_request *req, const char *method, const char *path,
		       const void *body, size_t n)
{
	request_init(req, method, path);
	if (n)
		buf_add(&req->body, body, n);
}

/* One signed request; its answer is owned by the caller. */
static char *ask(const char *service, struct http_request *req, int *status)
{
	FP_AUTO(load_release) struct load l = { 0 };
	struct buf body = BUF_INIT;
	int fd = load_connect(at.port);

	load_add(&l, &at, service, req);
	*status = load_exchange(fd, &l.v[0], &body, NULL);
	(void)close(fd);
	return buf_detach(&body);
}

static char *must(const char *service, struct http_request *req)
{
	int status;
	char *answer = ask(service, req, &status);

	if (status / 100 != 2)
		give_up("%s: %d: %s", service, status, answer);
	return answer;
}

static void row(const char *what, double ours, double other, const char *name)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "%s, %.0f/s", what, 1e6 / ours);
	printf("%-44s %10.0f us  %10.0f us  %8.2f  %s\n", text, ours, other, ours / other,
	       name);
	(void)fflush(stdout);
}

/* The same load in turns to both. */
static void compare(const char *what, const struct load *l, size_t callers, int floor,
		    const char *name)
{
	double ours[TURNS], other[TURNS];

	for (size_t i = 0; i < TURNS; i++) {
		ours[i] = load_run(l, at.port, callers, 200);
		other[i] = load_run(l, floor, callers, 200);
	}
	row(what, median(ours, TURNS), median(other, TURNS), name);
}

static void bench_objects(void)
{
	FP_AUTO(load_release) struct load writes = { 0 };
	FP_AUTO(load_release) struct load reads = { 0 };
	struct http_request req;
	char data[1024], path[64];
	int port, pid = floor_start(&port, sizeof(data), false);

	request_of(&req, "PUT", "/bench-objects", NULL, 0);
	free(must("s3", &req));
	for (int i = 0; i < PUTS; i++) {
		memset(data, 'a' + i % 26, sizeof(data));
		(void)snprintf(data, sizeof(data), "%d", i);
		(void)snprintf(path, sizeof(path), "/bench-objects/in/object-%06d", i);
		request_of(&req, "PUT", path, data, sizeof(data));
		load_add(&writes, &at, "s3", &req);
		request_of(&req, "GET", path, NULL, 0);
		load_add(&reads, &at, "s3", &req);
	}
	compare("PUT of 1 KiB, 10 connections", &writes, CALLERS, port,
		"bare libmicrohttpd, signed in advance");
	compare("GET of 1 KiB, 10 connections", &reads, CALLERS, port,
		"bare libmicrohttpd, signed in advance");
	floor_stop(pid);
}

static void make_role(void)
{
	static const char form[] =
		"Action=CreateRole&Version=2010-05-08&RoleName=bench-echo&"
		"AssumeRolePolicyDocument=%7B%22Version%22%3A%222012-10-17%22%2C%22"
		"Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%"
		"22Service%22%3A%22lambda.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%"
		"3AAssumeRole%22%7D%5D%7D";
	struct http_request req;

	request_of(&req, "POST", "/", form, strlen(form));
	headers_add(&req.headers, "Content-Type", "application/x-www-form-urlencoded");
	free(must("iam", &req));
}

static void make_function(void)
{
	FP_AUTO(freep) char *self = xasprintf("/proc/%ld/exe", (long)getpid());
	struct pack_entry entry = { .name = "bootstrap", .path = self, .mode = 0755 };
	FP_AUTO(buf_release) struct buf zip = BUF_INIT;
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	struct fp_error err = { 0 };
	struct http_request req;

	if (pack_zip(&zip, &entry, 1, &err) < 0)
		give_up("%s", err.message);
	buf_puts(&text,
		 "{\"FunctionName\":\"bench-echo\",\"Runtime\":\"provided.al2023\","
		 "\"Role\":\"arn:aws:iam::" EMULATOR_ACCOUNT ":role/bench-echo\","
		 "\"Handler\":\"bootstrap\",\"Architectures\":[\""
#ifdef __aarch64__
		 "arm64"
#else
		 "x86_64"
#endif
		 "\"],\"Code\":{\"ZipFile\":\"");
	base64_encode(&text, zip.data, zip.len);
	buf_puts(&text, "\"}}");
	request_of(&req, "POST", FUNCTIONS, text.data, text.len);
	free(must("lambda", &req));
}

static void add_invocation(struct load *l)
{
	static const char event[] = "{\"n\":1}";
	struct http_request req;

	request_of(&req, "POST", FUNCTIONS "/bench-echo/invocations", event,
		   strlen(event));
	load_add(l, &at, "lambda", &req);
}

static void bench_warm(void)
{
	FP_AUTO(load_release) struct load l = { 0 };
	int port, pid = floor_start(&port, 0, true);

	for (int i = 0; i < INVOCATIONS; i++)
		add_invocation(&l);
	(void)load_run(&l, at.port, CALLERS, 200);
	compare("warm invocation, one caller", &l, 1, port,
		"bare libmicrohttpd and a process behind it, p50");
	compare("warm invocation, 10 callers", &l, CALLERS, port,
		"bare libmicrohttpd and 10 processes behind it");
	floor_stop(pid);
}

/* From fork() until this program as a function asks for its first event. */
static double own_start(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), conn;
	socklen_t len = sizeof(a);
	double start = now_us(), took;
	char api[32], byte;
	pid_t pid;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) < 0 || listen(fd, 1) < 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) < 0)
		give_up("cannot listen");
	(void)snprintf(api, sizeof(api), "127.0.0.1:%d", ntohs(a.sin_port));
	pid = fork();
	if (pid == 0) {
		(void)setenv("AWS_LAMBDA_RUNTIME_API", api, 1);
		(void)execl("/proc/self/exe", "bootstrap", (char *)NULL);
		_exit(127);
	}
	conn = accept(fd, NULL, NULL);
	if (conn < 0 || read(conn, &byte, 1) != 1)
		give_up("the function does not start");
	took = now_us() - start;
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	(void)close(conn);
	(void)close(fd);
	return took;
}

static void bench_cold(void)
{
	double ours[COLD], other[COLD];

	for (size_t i = 0; i < COLD; i++) {
		FP_AUTO(load_release) struct load l = { 0 };
		FP_AUTO(freep)
		char *change = xasprintf("{\"Description\":\"turn %zu\"}", i);
		struct http_request req;

		request_of(&req, "PUT", FUNCTIONS "/bench-echo/configuration", change,
			   strlen(change));
		free(must("lambda", &req));
		clock_sleep_ms(50);
		add_invocation(&l);
		ours[i] = load_run(&l, at.port, 1, 200);
		other[i] = own_start();
	}
	row("cold invocation", median(ours, COLD), median(other, COLD),
	    "the function's own start");
}

/* The emulator's own times of the event and of the message about it. */
static size_t read_latencies(double *us, const char *answer)
{
	FP_AUTO(json_freep) cJSON *out = NULL;
	struct fp_error err = { 0 };
	size_t n = 0;

	out = query_decode_response(answer, strlen(answer), &err);
	if (!out)
		give_up("%s", err.message);
	json_each (m, json_get(out, "Messages")) {
		const char *text = json_str(m, "Message", "");
		FP_AUTO(json_freep) cJSON *message = cJSON_Parse(text);
		int64_t sent, put;

		if (n < UPLOADS && time_parse(json_str(m, "Timestamp", ""), &sent) &&
		    time_parse(json_str(message, "event_time", ""), &put))
			us[n++] = (double)(sent - put) * 1000;
	}
	return n;
}

static char *messages(const char *action)
{
	FP_AUTO(freep) char *form = xasprintf("Action=%s&Version=2010-03-31", action);
	struct http_request req;

	request_of(&req, "POST", "/", form, strlen(form));
	headers_add(&req.headers, "Content-Type", "application/x-www-form-urlencoded");
	return must("sns", &req);
}

static void bench_notification(const char *bucket)
{
	double us[UPLOADS], whole[UPLOADS];
	size_t n = 0;

	free(messages("FpctlClearMessages"));
	for (size_t i = 0; i < UPLOADS; i++) {
		FP_AUTO(load_release) struct load l = { 0 };
		FP_AUTO(freep) char *path = xasprintf("/%s/in/%zu.csv", bucket, i);
		struct http_request req;

		request_of(&req, "PUT", path, "id,a\n1,2\n", 9);
		load_add(&l, &at, "s3", &req);
		whole[i] = load_run(&l, at.port, 1, 200);
		clock_sleep_ms(20);
	}
	for (int tries = 0; n < UPLOADS && tries < 100; tries++) {
		FP_AUTO(freep) char *answer = messages("FpctlListMessages");

		n = read_latencies(us, answer);
		clock_sleep_ms(50);
	}
	if (n < UPLOADS)
		give_up("%zu of %d uploads became messages", n, UPLOADS);
	row("from upload to message, median", median(us, n), median(whole, UPLOADS),
	    "the upload itself, one caller");
}

static _Noreturn void serve_as_function(const char *api)
{
	const char *colon = strchr(api, ':');
	int fd = load_connect(colon ? (int)strtol(colon + 1, NULL, 10) : 0);
	FP_AUTO(buf_release) struct buf next = BUF_INIT;
	FP_AUTO(buf_release) struct buf event = BUF_INIT;

	buf_printf(&next, "GET " RUNTIME "next HTTP/1.1\r\nHost: %s\r\n\r\n", api);
	for (;;) {
		FP_AUTO(buf_release) struct buf answer = BUF_INIT;
		char id[64];

		buf_clear(&event);
		(void)load_exchange(fd, &next, &event, id);
		buf_printf(&answer,
			   "POST " RUNTIME "%s/response HTTP/1.1\r\nHost: %s\r\n"
			   "Content-Length: %zu\r\n\r\n%s",
			   id, api, event.len, buf_str(&event));
		(void)load_exchange(fd, &answer, NULL, NULL);
	}
}

int main(int argc, char **argv)
{
	const char *api = getenv("AWS_LAMBDA_RUNTIME_API");
	struct fp_error err = { 0 };

	if (api)
		serve_as_function(api);
	if (argc != 3)
		give_up("usage: bench_emulator STATE BUCKET");
	if (emulator_find(&at, argv[1], &err) != 1)
		give_up("no emulator serves '%s' %s", argv[1], err.message);
	bench_objects();
	make_role();
	make_function();
	bench_warm();
	bench_cold();
	bench_notification(argv[2]);
	emulator_address_release(&at);
	return EXIT_SUCCESS;
}
