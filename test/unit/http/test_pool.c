/* Many threads on one client, and the callbacks that run while others wait. */
#include <stdatomic.h>

#include "base/clock.h"
#include "check_main.h"
#include "http/client.h"
#include "test_server.h"

#define THREADS 12

static struct test_server server;
static struct http_client *client;

/* /drop hangs up on these, without an answer. */
static unsigned dropped;
static atomic_uint drop_asked;

/* The byte at that place of each body that is sent. */
static char pattern(int64_t at)
{
	return (char)('a' + at % 23);
}

static void answer(void *ctx FP_UNUSED, const struct test_request *req,
		   struct test_answer *out)
{
	const char *path = req->target;
	size_t wrong = 0;
	char end;

	for (size_t i = 0; i < req->body_len; i++)
		wrong += req->body[i] != pattern((int64_t)i);
	ck_assert_uint_eq(wrong, 0);
	if (str_starts(path, "/drop"))
		atomic_fetch_add(&drop_asked, 1);
	if (str_starts(path, "/drop") && req->connection <= dropped) {
		out->status = 0;
	} else if (str_starts(path, "/big/")) {
		buf_fill(&out->body, 'x', strtoul(path + 5, NULL, 10));
	} else if (str_starts(path, "/size") || str_starts(path, "/drop")) {
		buf_printf(&out->body, "%zu", req->body_len);
	} else if (str_starts(path, "/trailers")) {
		buf_puts(&out->headers, "Transfer-Encoding: chunked\r\nX-First: 1\r\n");
		buf_puts(&out->body, "3\r\nabc\r\n0\r\nX-Last: 2\r\n\r\n");
	} else if (str_starts(path, "/empty")) {
		buf_puts(&out->headers, "X-Empty: yes\r\n");
	} else if (str_starts(path, "/status/")) {
		out->status = (int)strtol(path + 8, NULL, 10);
		buf_puts(&out->body, "body");
	} else if (str_starts(path, "/leave")) {
		buf_printf(&out->body, "%zu", req->body_len);
		out->hang_up = true;
	} else if (str_starts(path, "/stall")) {
		out->status = 0;
		(void)recv(req->fd, &end, 1, 0); /* until the client goes */
	} else {
		buf_puts(&out->body, "small");
	}
}

static void set_up(void)
{
	struct fp_error err = { 0 };

	test_server_start(&server, answer, NULL);
	ck_assert_msg(http_client_new(&client, NULL, &err) == 0, "%s", err.message);
}

static void tear_down(void)
{
	http_client_freep(&client);
	test_server_stop(&server);
}

static void make(struct http_request *r, const char *method, const char *path)
{
	FP_AUTO(freep) char *url = xasprintf("%s%s", server.url, path);
	struct fp_error err = { 0 };

	request_init(r, method, "/");
	ck_assert_msg(request_set_url(r, url, &err) == 0, "%s", err.message);
}

static int ask(const char *path, const struct http_sink *sink, struct http_response *res,
	       struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;

	make(&req, "GET", path);
	return http_send(client, &req, sink, NULL, res, err);
}

static void ask_small(void)
{
	FP_AUTO(response_release) struct http_response res;
	struct fp_error err = { 0 };

	ck_assert_msg(ask("/small", NULL, &res, &err) == 0, "%s", err.message);
	ck_assert_str_eq(buf_str(&res.body), "small");
}

static void in_threads(void *(*run)(void *), void *args, size_t size, size_t n)
{
	pthread_t threads[THREADS];

	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(
			pthread_create(&threads[i], NULL, run, (char *)args + i * size),
			0);
	for (size_t i = 0; i < n; i++)
		(void)pthread_join(threads[i], NULL);
}

/* A body whose reading may fail. */
struct body {
	struct http_source source;
	int64_t left, fails_at, short_by;
	int rewinds, rewinds_left;
	pthread_t thread;
};

static ssize_t body_read(void *ctx, void *out, size_t n, struct fp_error *err)
{
	struct body *b = ctx;

	ck_assert(pthread_equal(b->thread, pthread_self()));
	if (b->fails_at && b->source.size - b->left >= b->fails_at)
		return fp_fail(err, FP_ERR_IO, "the tape is torn");
	n = (size_t)FP_MIN((int64_t)n, FP_MAX(b->left - b->short_by, 0));
	n = FP_MIN(n, (size_t)100000);
	for (size_t i = 0; i < n; i++)
		((char *)out)[i] = pattern(b->source.size - b->left + (int64_t)i);
	b->left -= (int64_t)n;
	return (ssize_t)n;
}

static int body_rewind(void *ctx, struct fp_error *err)
{
	struct body *b = ctx;

	ck_assert(pthread_equal(b->thread, pthread_self()));
	b->left = b->source.size;
	b->rewinds++;
	if (b->rewinds > b->rewinds_left)
		return fp_fail(err, FP_ERR_IO, "the tape is stuck");
	return 0;
}

static int send_body(const char *path, struct body *b, int64_t size,
		     struct http_response *res, struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;

	b->thread = pthread_self();
	b->source = (struct http_source){
		.size = size, .read = body_read, .rewind = body_rewind, .ctx = b
	};
	make(&req, "PUT", path);
	req.source = &b->source;
	return http_send(client, &req, NULL, NULL, res, err);
}

static const int64_t sizes[] = { 0, 1, 262144, 262145, 5000000 };

START_TEST(a_source_is_sent_whole)
{
	FP_AUTO(response_release) struct http_response res;
	FP_AUTO(freep) char *want = xasprintf("%lld", (long long)sizes[_i]);
	struct body b = { .rewinds_left = 1 };
	struct fp_error err = { 0 };

	ck_assert_msg(send_body("/size", &b, sizes[_i], &res, &err) == 0, "%s",
		      err.message);
	ck_assert_str_eq(buf_str(&res.body), want);
	ck_assert_int_eq(b.rewinds, 1);
}
END_TEST

static const struct {
	struct body body;
	const char *error;
} torn[] = {
	{ { .rewinds_left = 1, .fails_at = 1 }, "the tape is torn" },
	{ { .rewinds_left = 1, .fails_at = 1000000 }, "the tape is torn" },
	{ { .rewinds_left = 0 }, "the tape is stuck" },
	{ { .rewinds_left = 1, .short_by = 1 },
	  "the body that is being sent became shorter" },
};

START_TEST(a_source_may_fail)
{
	struct http_response res;
	struct body b = torn[_i].body;
	struct fp_error err = { 0 };

	ck_assert_int_lt(send_body("/size", &b, 3000000, &res, &err), 0);
	ck_assert_str_eq(err.message, torn[_i].error);
	ck_assert_int_eq(err.code, FP_ERR_IO);
	ask_small();
}
END_TEST

START_TEST(a_source_begins_anew_on_a_new_connection)
{
	struct body b = { .rewinds_left = 120 };

	for (int i = 0; i < 60; i++) {
		FP_AUTO(response_release) struct http_response res;
		struct fp_error err = { 0 };

		/* Not all at once: the connection's end may come behind the first bytes.
		 */
		ck_assert_msg(send_body("/leave", &b, 600000, &res, &err) == 0, "%s",
			      err.message);
		ck_assert_str_eq(buf_str(&res.body), "600000");
		clock_sleep_ms(i < 50 ? 0 : i - 50);
	}
	ck_assert_int_ge(b.rewinds, 60);
}
END_TEST

struct eater {
	struct http_sink sink;
	const char *path;
	int64_t begun, got;
	bool refuses, nested;
	unsigned waits_for; /* so many others to end, at its first bytes; at most 20 s */
	pthread_t thread;
};
static atomic_uint eaters_done;

static bool eater_begin(void *ctx, int status, const struct http_headers *headers)
{
	struct eater *e = ctx;

	ck_assert_int_eq(e->got, 0);
	ck_assert_int_eq(status / 100, 2);
	ck_assert_uint_gt(headers->n, 0);
	ck_assert(pthread_equal(e->thread, pthread_self()));
	e->begun++;
	return !e->refuses;
}

static bool eater_write(void *ctx, const void *data FP_UNUSED, size_t n)
{
	struct eater *e = ctx;

	ck_assert_int_eq(e->begun, 1);
	ck_assert(pthread_equal(e->thread, pthread_self()));
	if (e->nested)
		ask_small();
	for (int i = 0; !e->got && i < 2000 && eaters_done < e->waits_for; i++)
		clock_sleep_ms(10);
	e->got += (int64_t)n;
	return true;
}

static int eat(struct eater *e, struct http_response *res, struct fp_error *err)
{
	int rc;

	e->thread = pthread_self();
	e->sink = (struct http_sink){ .write = eater_write,
				      .ctx = e,
				      .begin = eater_begin };
	rc = ask(e->path, &e->sink, res, err);
	ck_assert_uint_ge(atomic_fetch_add(&eaters_done, 1), e->waits_for);
	return rc;
}

static const struct {
	const char *path;
	bool refuses, fails;
	int64_t begun, got;
} meals[] = {
	{ "/big/3000000", false, false, 1, 3000000 },
	{ "/empty", false, false, 1, 0 },
	{ "/status/204", false, false, 1, 0 },
	{ "/status/404", false, false, 0, 0 },
	{ "/big/3000000", true, true, 1, 0 },
	{ "/empty", true, true, 1, 0 },
	{ "/trailers", false, false, 1, 3 },
};

START_TEST(a_sink_is_told_the_headers_first)
{
	struct eater e = { .path = meals[_i].path, .refuses = meals[_i].refuses };
	FP_AUTO(response_release) struct http_response res = { 0 };
	struct fp_error err = { 0 };

	ck_assert_int_eq(eat(&e, &res, &err) < 0, meals[_i].fails);
	ck_assert_int_eq(e.begun, meals[_i].begun);
	ck_assert_int_eq(e.got, meals[_i].got);
	if (meals[_i].fails)
		ck_assert_int_eq(err.code, FP_ERR_INTERRUPTED);
	ask_small();
}
END_TEST

START_TEST(trailers_come_last)
{
	FP_AUTO(response_release) struct http_response res;
	struct fp_error err = { 0 };

	ck_assert_int_eq(ask("/trailers", NULL, &res, &err), 0);
	ck_assert_str_eq(buf_str(&res.body), "abc");
	ck_assert_str_eq(res.headers.v[res.headers.n - 1].name, "X-Last");
	ck_assert_uint_eq(res.headers.n, 3);
}
END_TEST

static void *eat_in_thread(void *arg)
{
	FP_AUTO(response_release) struct http_response res;
	struct fp_error err = { 0 };

	ck_assert_msg(eat(arg, &res, &err) == 0, "%s", err.message);
	return NULL;
}

static void *drop_in_thread(void *arg)
{
	struct body *b = arg;
	FP_AUTO(response_release) struct http_response res;
	struct fp_error err = { 0 };

	/* It may meet each of the four, one after the other. */
	b->rewinds_left = 5;
	ck_assert_msg(send_body("/drop", b, 900000, &res, &err) == 0, "%s", err.message);
	ck_assert_str_eq(buf_str(&res.body), "900000");
	return NULL;
}

/* The server goes when all was sent, as if the connection had died unnoticed. */
START_TEST(what_a_dead_connection_swallowed_is_sent_again)
{
	struct body b[4] = { 0 };
	struct eater e[4] = { 0 };
	int rewinds = 0;

	for (size_t i = 0; i < ARRAY_SIZE(e); i++)
		e[i].path = "/big/100000";
	in_threads(eat_in_thread, e, sizeof(e[0]), ARRAY_SIZE(e));
	dropped = server.n;
	in_threads(drop_in_thread, b, sizeof(b[0]), ARRAY_SIZE(b));
	for (size_t i = 0; i < ARRAY_SIZE(b); i++)
		rewinds += b[i].rewinds;
	ck_assert_int_gt(rewinds, 4);
}
END_TEST

static int post(const char *path, bool once, struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(response_release) struct http_response res;

	make(&req, "POST", path);
	req.once = once;
	return http_send(client, &req, NULL, NULL, &res, err);
}

/* What swallowed the request may have acted on it. */
START_TEST(what_may_do_harm_is_sent_once)
{
	struct fp_error err = { 0 };

	ask_small();
	dropped = 1;
	ck_assert_msg(post("/drop", true, &err) == 0, "%s", err.message);
	ck_assert_uint_eq(drop_asked, 1);
	ck_assert_uint_eq(server.n, 2);
	ask_small(); /* on the first one: the other was not kept */
	ck_assert_uint_eq(server.n, 2);
	dropped = 2;
	ck_assert_msg(post("/drop", false, &err) == 0, "%s", err.message);
	ck_assert_uint_gt(drop_asked, 2);
	dropped = 99;
	ck_assert_int_lt(post("/drop", true, &err), 0);
	ck_assert(!err.unsent);
}
END_TEST

/* The first one sleeps over its first bytes until the others are done. */
START_TEST(a_slow_sink_stalls_nobody_else)
{
	struct eater e[4] = { { .path = "/big/20000000", .waits_for = 3 } };

	for (size_t i = 1; i < ARRAY_SIZE(e); i++)
		e[i].path = "/big/20000000";
	in_threads(eat_in_thread, e, sizeof(e[0]), ARRAY_SIZE(e));
	for (size_t i = 0; i < ARRAY_SIZE(e); i++)
		ck_assert_int_eq(e[i].got, 20000000);
}
END_TEST

START_TEST(a_sink_may_call_others)
{
	struct eater e[3] = { { .path = "/big/3000000", .nested = true },
			      { .path = "/big/3000000", .nested = true },
			      { .path = "/big/3000000" } };

	in_threads(eat_in_thread, e, sizeof(e[0]), ARRAY_SIZE(e));
	ck_assert_int_eq(e[0].got, 3000000);
}
END_TEST

struct count {
	int64_t last, calls;
	bool stop;
	pthread_t thread;
};

static bool count_up(void *ctx, int64_t sent, int64_t received)
{
	struct count *c = ctx;

	ck_assert(pthread_equal(c->thread, pthread_self()));
	ck_assert_int_ge(sent + received, c->last);
	c->last = sent + received;
	c->calls++;
	return !c->stop;
}

static void *work(void *arg)
{
	struct count *c = arg;
	struct http_progress progress = { count_up, c };

	c->thread = pthread_self();
	for (int i = 0; i < 10; i++) {
		struct body b = { .rewinds_left = 9 };
		struct eater e = { .path = "/big/700000" };
		FP_AUTO(response_release) struct http_response up = { 0 };
		FP_AUTO(response_release) struct http_response down = { 0 };
		FP_AUTO(response_release) struct http_response res = { 0 };
		FP_AUTO(request_release) struct http_request req;
		struct fp_error err = { 0 };

		ask_small();
		ck_assert_msg(send_body("/size", &b, 700000, &up, &err) == 0, "%s",
			      err.message);
		ck_assert_msg(eat(&e, &down, &err) == 0, "%s", err.message);
		ck_assert_int_eq(e.got, 700000);
		c->last = 0;
		make(&req, "GET", "/big/500000");
		ck_assert_int_eq(http_send(client, &req, NULL, &progress, &res, &err),
				 c->stop ? -1 : 0);
		ck_assert_int_eq(c->last, 500000);
	}
	return NULL;
}

START_TEST(all_at_once)
{
	struct count c[THREADS] = { 0 };

	c[3].stop = true;
	in_threads(work, c, sizeof(c[0]), THREADS);
	for (size_t i = 0; i < THREADS; i++)
		ck_assert_int_ge(c[i].calls, 10);
	ck_assert_uint_le(server.n, 3 * THREADS);
}
END_TEST

static void *stall(void *arg)
{
	struct fp_error *err = arg;
	struct http_response res;

	ck_assert_int_lt(ask("/stall", NULL, &res, err), 0);
	return NULL;
}

static void *interrupt_soon(void *arg)
{
	clock_sleep_ms(200);
	http_interrupt();
	return arg;
}

START_TEST(an_interrupt_wakes_all)
{
	struct fp_error errs[THREADS] = { 0 };
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, interrupt_soon, NULL), 0);
	in_threads(stall, errs, sizeof(errs[0]), THREADS);
	(void)pthread_join(thread, NULL);
	for (size_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(errs[i].code, FP_ERR_INTERRUPTED);
}
END_TEST

START_TEST(tidying_up_goes_on)
{
	struct fp_error err = { 0 };
	struct http_response res;

	http_interrupt();
	ck_assert_int_lt(ask("/stall", NULL, &res, &err), 0);
	ck_assert_int_eq(err.code, FP_ERR_INTERRUPTED);
	http_finish_up(true);
	ck_assert(!http_interrupted());
	ask_small();
	http_finish_up(false);
	ck_assert(http_interrupted());
	ck_assert_int_lt(ask("/stall", NULL, &res, &err), 0);
}
END_TEST

START_TEST(a_call_has_limits_of_its_own)
{
	FP_AUTO(request_release) struct http_request late, large;
	struct http_response res;
	struct fp_error err = { 0 };

	make(&late, "GET", "/stall");
	late.timeout_ms = 300;
	ck_assert_int_lt(http_send(client, &late, NULL, NULL, &res, &err), 0);
	ck_assert_int_eq(err.code, FP_ERR_TIMEOUT);
	ck_assert(!err.unsent);
	make(&large, "GET", "/big/1001");
	large.answer_max = 1000;
	ck_assert_int_lt(http_send(client, &large, NULL, NULL, &res, &err), 0);
	ck_assert_int_eq(err.code, FP_ERR_LIMIT);
	large.answer_max = 1001;
	ck_assert_int_eq(http_send(client, &large, NULL, NULL, &res, &err), 0);
	response_release(&res);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("pool");
	TCase *tc = tcase_create("threads");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, a_source_is_sent_whole, 0, ARRAY_SIZE(sizes));
	tcase_add_loop_test(tc, a_source_may_fail, 0, ARRAY_SIZE(torn));
	tcase_add_test(tc, a_source_begins_anew_on_a_new_connection);
	tcase_add_loop_test(tc, a_sink_is_told_the_headers_first, 0, ARRAY_SIZE(meals));
	tcase_add_test(tc, trailers_come_last);
	tcase_add_test(tc, what_a_dead_connection_swallowed_is_sent_again);
	tcase_add_test(tc, what_may_do_harm_is_sent_once);
	tcase_add_test(tc, a_slow_sink_stalls_nobody_else);
	tcase_add_test(tc, a_sink_may_call_others);
	tcase_add_test(tc, all_at_once);
	tcase_add_test(tc, an_interrupt_wakes_all);
	tcase_add_test(tc, tidying_up_goes_on);
	tcase_add_test(tc, a_call_has_limits_of_its_own);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(make_suite)
