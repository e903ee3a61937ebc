/*
 * http [OPTION=VALUE...] URL: drive lib/http as a program, for the end-to-end tests.
 * Prints one JSON object: how many calls succeeded, the statuses' sum of the last
 * call, the first error.
 *
 *	threads=N calls=N	as many calls in each of so many threads
 *	warm=1			one call before the threads start
 *	method=M body=TEXT	otherwise GET
 *	upload=BYTES		a body from a source, of 'u'
 *	sink=1 sink_delay=MS	the body to a callback, which takes its time once
 *	pause=MS		between two calls of a thread
 *	cap=BYTES timeout=MS connect=MS idle=MS
 *	ca=PATH interrupt=MS
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/json.h"
#include "base/str.h"
#include "http/client.h"

static const char *const *options;
static struct http_client *client;
static atomic_int good, bad;
static atomic_llong received;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct fp_error first; /* under `lock` */
static struct http_response last;

static const char *option(const char *name)
{
	size_t n = strlen(name);

	for (const char *const *o = options; *o; o++)
		if (str_starts(*o, name) && (*o)[n] == '=')
			return *o + n + 1;
	return NULL;
}

static int64_t number(const char *name, int64_t otherwise)
{
	const char *text = option(name);
	int64_t n = otherwise;

	if (text && !str_to_i64(text, 0, INT64_MAX, &n))
		fp_die("%s is no number", name);
	return n;
}

static ssize_t give(void *ctx, void *out, size_t n, struct fp_error *err FP_UNUSED)
{
	int64_t *left = ctx;

	n = (size_t)FP_MIN((int64_t)n, *left);
	memset(out, 'u', n);
	*left -= (int64_t)n;
	return (ssize_t)n;
}

static int begin_again(void *ctx, struct fp_error *err FP_UNUSED)
{
	*(int64_t *)ctx = number("upload", 0);
	return 0;
}

static bool take(void *ctx, const void *data FP_UNUSED, size_t n)
{
	bool *waited = ctx;

	if (!*waited)
		clock_sleep_ms(number("sink_delay", 0));
	*waited = true;
	atomic_fetch_add(&received, (long long)n);
	return true;
}

static void note(int rc, struct http_response *res, const struct fp_error *err)
{
	atomic_fetch_add(rc == 0 ? &good : &bad, 1);
	pthread_mutex_lock(&lock);
	if (rc < 0 && !first.code)
		first = *err;
	if (rc == 0) {
		response_release(&last);
		last = *res;
	}
	pthread_mutex_unlock(&lock);
}

static void call(const char *url)
{
	int64_t left = 0;
	bool waited = false;
	struct http_source source = { .size = number("upload", 0),
				      .read = give,
				      .rewind = begin_again,
				      .ctx = &left };
	struct http_sink sink = { .write = take, .ctx = &waited };
	FP_AUTO(request_release) struct http_request req;
	struct http_response res;
	struct fp_error err = { 0 };

	request_init(&req, str_or(option("method"), "GET"), "/");
	if (request_set_url(&req, url, &err) < 0)
		fp_die("%s", err.message);
	buf_puts(&req.body, str_or(option("body"), ""));
	req.timeout_ms = number("timeout", 0);
	req.answer_max = (size_t)number("cap", 0);
	if (option("upload"))
		req.source = &source;
	note(http_send(client, &req, option("sink") ? &sink : NULL, NULL, &res, &err),
	     &res, &err);
}

static void *call_often(void *url)
{
	for (int64_t i = 0; i < number("calls", 1); i++) {
		if (i > 0)
			clock_sleep_ms(number("pause", 0));
		call(url);
	}
	return NULL;
}

static void *interrupt(void *arg)
{
	clock_sleep_ms(number("interrupt", 0));
	http_interrupt();
	return arg;
}

static void print(int64_t took_ms)
{
	FP_AUTO(buf_release) struct buf out = BUF_INIT;

	buf_printf(&out, "{\"good\":%d,\"bad\":%d,\"status\":%d,\"received\":%lld,",
		   atomic_load(&good), atomic_load(&bad), last.status,
		   atomic_load(&received));
	buf_printf(&out,
		   "\"ms\":%lld,\"code\":%d,\"unsent\":%s,\"error\":", (long long)took_ms,
		   (int)first.code, first.unsent ? "true" : "false");
	json_quote(&out, first.message, strlen(first.message));
	buf_puts(&out, ",\"body\":");
	json_quote(&out, buf_str(&last.body), FP_MIN(last.body.len, (size_t)2000));
	buf_puts(&out, "}");
	puts(buf_str(&out));
}

int main(int argc, char **argv)
{
	pthread_t threads[64], waker;
	size_t n;
	struct http_options o = { 0 };
	struct fp_error err = { 0 };
	int64_t start;

	if (argc < 2)
		fp_die("usage: http [OPTION=VALUE...] URL");
	options = (const char *const *)argv + 1;
	n = (size_t)number("threads", 1);
	if (n > ARRAY_SIZE(threads))
		fp_die("at most %zu threads", ARRAY_SIZE(threads));
	if (getenv("FPCTL_FAULT") && !fault_arm_text(getenv("FPCTL_FAULT")))
		fp_die("FPCTL_FAULT is malformed");
	o.ca_bundle = option("ca");
	o.connect_timeout_ms = number("connect", 0);
	o.idle_timeout_ms = number("idle", 0);
	start = clock_monotonic_ms();
	if (http_client_new(&client, &o, &err) < 0) {
		note(-1, NULL, &err);
		print(0);
		return 1;
	}
	if (option("interrupt"))
		(void)pthread_create(&waker, NULL, interrupt, NULL);
	if (option("warm"))
		call(argv[argc - 1]);
	for (size_t i = 0; i < n; i++)
		(void)pthread_create(&threads[i], NULL, call_often, argv[argc - 1]);
	for (size_t i = 0; i < n; i++)
		(void)pthread_join(threads[i], NULL);
	if (option("interrupt"))
		(void)pthread_join(waker, NULL);
	http_client_freep(&client);
	print(clock_monotonic_ms() - start);
	response_release(&last);
	return atomic_load(&bad) ? 1 : 0;
}
