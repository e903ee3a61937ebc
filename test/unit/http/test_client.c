#include "http/client.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/fault.h"
#include "check_main.h"
#include "test_server.h"

static struct test_server server;
static struct http_client *client;

/* The length and digest of what was sent, as "N DIGEST". */
static void answer_digest(const struct test_request *req, struct test_answer *out)
{
	char hex[SHA256_HEX_LEN];

	sha256_hex(hex, req->body, req->body_len);
	buf_printf(&out->body, "%zu %s", req->body_len, hex);
}

static void answer(void *ctx, const struct test_request *req, struct test_answer *out)
{
	const char *path = req->target;
	char end;

	(void)ctx;
	if (str_starts(path, "/digest")) {
		answer_digest(req, out);
	} else if (str_starts(path, "/head")) {
		buf_printf(&out->headers, "X-Connection: %u\r\n", req->connection);
		buf_puts(&out->body, req->head);
	} else if (str_starts(path, "/order")) {
		buf_puts(&out->headers, "X-B: 2\r\nX-A:1\r\nX-B:  3  \r\nX-Empty:\r\n");
		out->hang_up = true;
	} else if (str_starts(path, "/status/")) {
		out->status = (int)strtol(path + 8, NULL, 10);
		buf_puts(&out->headers, "Location: /order\r\n");
		buf_puts(&out->body, "body");
	} else if (str_starts(path, "/big/")) {
		buf_fill(&out->body, 'x', strtoul(path + 5, NULL, 10));
	} else if (str_starts(path, "/cut")) {
		buf_puts(&out->headers, "Content-Length: 100\r\n");
		buf_puts(&out->body, "ten bytes.");
		out->hang_up = true;
	} else if (str_starts(path, "/leave")) {
		out->hang_up = true; /* and says nothing of it */
	} else {
		out->status = 0;
		if (str_starts(path, "/stall"))
			(void)recv(req->fd, &end, 1, 0); /* until the client goes */
	}
}

static void set_up_with(const struct http_options *o)
{
	struct fp_error err = { 0 };

	/* A proxy of the environment must not stand between the test and its server. */
	unsetenv("http_proxy");
	test_server_start(&server, answer, NULL);
	ck_assert_msg(http_client_new(&client, o, &err) == 0, "%s", err.message);
}

static void set_up(void)
{
	set_up_with(NULL);
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

static void ask(const char *method, const char *path, struct http_response *res)
{
	FP_AUTO(request_release) struct http_request req;
	struct fp_error err = { 0 };

	make(&req, method, path);
	ck_assert_msg(http_send(client, &req, NULL, NULL, res, &err) == 0, "%s",
		      err.message);
}

static void ask_in_vain(const char *path, struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;
	struct http_response res;

	make(&req, "GET", path);
	ck_assert_int_lt(http_send(client, &req, NULL, NULL, &res, err), 0);
	ck_assert_ptr_null(res.body.data);
}

START_TEST(headers_keep_their_order)
{
	FP_AUTO(response_release) struct http_response res;
	static const struct {
		const char *name, *value;
	} want[] = { { "X-B", "2" }, { "X-A", "1" }, { "X-B", "3" }, { "X-Empty", "" } };

	ask("GET", "/order", &res);
	ck_assert_int_eq(res.status, 200);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		ck_assert_str_eq(res.headers.v[i].name, want[i].name);
		ck_assert_str_eq(res.headers.v[i].value, want[i].value);
	}
	ck_assert_str_eq(headers_get(&res.headers, "x-b"), "2");
}
END_TEST

static const int statuses[] = { 200, 204, 302, 304, 403, 404, 500, 503 };

START_TEST(every_status_is_an_answer)
{
	FP_AUTO(response_release) struct http_response res;
	FP_AUTO(freep) char *path = xasprintf("/status/%d", statuses[_i]);

	ask("GET", path, &res);
	ck_assert_int_eq(res.status, statuses[_i]);
}
END_TEST

START_TEST(sends_what_it_is_given_and_no_more)
{
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(response_release) struct http_response res;
	FP_AUTO(freep) char *want = NULL;
	struct fp_error err = { 0 };

	make(&req, "PUT", "/head/../a//b%2Fc?x=%20");
	headers_add(&req.headers, "Host", "example.com");
	headers_add(&req.headers, "X-Folded", "one\n  two");
	headers_add(&req.headers, "X-Empty", "");
	buf_puts(&req.body, "abc");
	ck_assert_msg(http_send(client, &req, NULL, NULL, &res, &err) == 0, "%s",
		      err.message);
	want = xstrdup("PUT /head/../a//b%2Fc?x=%20 HTTP/1.1\r\nHost: example.com\r\n"
		       "User-Agent: fpctl/" FPCTL_VERSION "\r\nX-Folded: one  two\r\n"
		       "X-Empty:\r\nContent-Length: 3\r\n\r\n");
	ck_assert_str_eq(buf_str(&res.body), want);
}
END_TEST

static const struct {
	const char *method, *body, *length;
} bodies[] = {
	{ "GET", "", "" },
	{ "DELETE", "", "" },
	{ "POST", "", "Content-Length: 0\r\n" },
	{ "PUT", "", "Content-Length: 0\r\n" },
	{ "POST", "abc", "Content-Length: 3\r\n" },
	{ "DELETE", "ab", "Content-Length: 2\r\n" },
};

START_TEST(bodies_have_their_length)
{
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(response_release) struct http_response res;
	struct fp_error err = { 0 };

	make(&req, bodies[_i].method, "/head");
	buf_puts(&req.body, bodies[_i].body);
	ck_assert_msg(http_send(client, &req, NULL, NULL, &res, &err) == 0, "%s",
		      err.message);
	ck_assert(str_starts(buf_str(&res.body), bodies[_i].method));
	if (*bodies[_i].length)
		ck_assert_ptr_nonnull(strstr(buf_str(&res.body), bodies[_i].length));
	else
		ck_assert_ptr_null(strstr(buf_str(&res.body), "Content-Length"));
}
END_TEST

START_TEST(a_head_has_no_body)
{
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(response_release) struct http_response res;
	struct fp_error err = { 0 };

	make(&req, "HEAD", "/cut");
	ck_assert_msg(http_send(client, &req, NULL, NULL, &res, &err) == 0, "%s",
		      err.message);
	ck_assert_str_eq(headers_get(&res.headers, "Content-Length"), "100");
	ck_assert_uint_eq(res.body.len, 0);
}
END_TEST

START_TEST(a_connection_is_kept)
{
	for (int i = 0; i < 5; i++) {
		FP_AUTO(response_release) struct http_response res;

		ask("GET", "/head", &res);
		ck_assert_str_eq(headers_get(&res.headers, "X-Connection"), "1");
	}
}
END_TEST

START_TEST(a_dead_connection_is_replaced)
{
	for (int i = 0; i < 5; i++) {
		FP_AUTO(request_release) struct http_request req;
		FP_AUTO(response_release) struct http_response res;
		struct fp_error err = { 0 };

		make(&req, "POST", "/leave"); /* answers as if it stayed, and goes */
		buf_puts(&req.body, "abc");
		ck_assert_msg(http_send(client, &req, NULL, NULL, &res, &err) == 0, "%s",
			      err.message);
		clock_sleep_ms(20);
	}
}
END_TEST

/* A file of `size` bytes that no longer has a name. */
static int make_file(size_t size)
{
	char path[] = "/tmp/fpctl-test-XXXXXX";
	int fd = mkstemp(path);
	FP_AUTO(buf_release) struct buf block = BUF_INIT;

	ck_assert_int_ge(fd, 0);
	unlink(path);
	buf_fill(&block, 'y', 1 << 20);
	for (size_t done = 0; done < size; done += block.len)
		ck_assert_int_gt(write(fd, block.data, FP_MIN(block.len, size - done)),
				 0);
	return fd;
}

static bool count_reports(void *ctx, int64_t sent, int64_t received)
{
	int64_t *last = ctx;

	ck_assert_int_ge(sent + received, *last);
	*last = sent + received;
	return true;
}

static const int64_t sizes[] = { 0, 1, 65536, (1 << 20) + 1, 100 << 20 };

START_TEST(a_file_is_streamed)
{
	int64_t size = sizes[_i], last = 0;
	FP_AUTO(closep) int fd = make_file((size_t)size + 7);
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(response_release) struct http_response res;
	FP_AUTO(freep) char *want = NULL;
	struct http_progress progress = { count_reports, &last };
	char digest[SHA256_HEX_LEN];
	struct fp_error err = { 0 };

	make(&req, "PUT", "/digest");
	req.body_fd = fd;
	req.body_offset = 7;
	req.body_size = size;
	ck_assert_msg(http_send(client, &req, NULL, &progress, &res, &err) == 0, "%s",
		      err.message);
	ck_assert_int_eq(lseek(fd, 7, SEEK_SET), 7);
	ck_assert_int_eq(sha256_fd_hex(digest, fd, &err), 0);
	want = xasprintf("%lld %s", (long long)size, digest);
	ck_assert_str_eq(buf_str(&res.body), want);
	ck_assert_ptr_null(headers_get(&res.headers, "X-Early"));
	ck_assert_int_ge(last, size);
}
END_TEST

START_TEST(a_file_that_shrinks_is_an_error)
{
	FP_AUTO(closep) int fd = make_file(100);
	FP_AUTO(request_release) struct http_request req;
	struct http_response res;
	struct fp_error err = { 0 };

	make(&req, "PUT", "/digest");
	req.body_fd = fd;
	req.body_size = 200;
	ck_assert_int_lt(http_send(client, &req, NULL, NULL, &res, &err), 0);
	ck_assert_str_eq(err.message, "the file that is being sent became shorter");
}
END_TEST

static bool count_bytes(void *ctx, const void *data, size_t n)
{
	int64_t *left = ctx;

	ck_assert_int_eq(*(const char *)data, 'x');
	*left -= (int64_t)n;
	return *left >= 0;
}

START_TEST(a_sink_takes_what_is_large)
{
	int64_t left = 100 << 20;
	struct http_sink sink = { .write = count_bytes, .ctx = &left };
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(response_release) struct http_response res;
	struct fp_error err = { 0 };

	make(&req, "GET", "/big/104857600");
	ck_assert_msg(http_send(client, &req, &sink, NULL, &res, &err) == 0, "%s",
		      err.message);
	ck_assert_int_eq(left, 0);
	ck_assert_uint_eq(res.body.len, 0);
}
END_TEST

START_TEST(a_sink_gets_no_error_bodies)
{
	int64_t left = 0;
	struct http_sink sink = { .write = count_bytes, .ctx = &left };
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(response_release) struct http_response res;
	struct fp_error err = { 0 };

	make(&req, "GET", "/status/404");
	ck_assert_msg(http_send(client, &req, &sink, NULL, &res, &err) == 0, "%s",
		      err.message);
	ck_assert_str_eq(buf_str(&res.body), "body");
}
END_TEST

START_TEST(a_sink_can_stop)
{
	int64_t left = 1000;
	struct http_sink sink = { .write = count_bytes, .ctx = &left };
	FP_AUTO(request_release) struct http_request req;
	struct http_response res;
	struct fp_error err = { 0 };

	make(&req, "GET", "/big/104857600");
	ck_assert_int_lt(http_send(client, &req, &sink, NULL, &res, &err), 0);
	ck_assert_int_eq(err.code, FP_ERR_INTERRUPTED);
}
END_TEST

START_TEST(memory_is_capped)
{
	struct fp_error err = { 0 };

	ask_in_vain("/big/67108865", &err);
	ck_assert_int_eq(err.code, FP_ERR_LIMIT);
}
END_TEST

static const struct {
	const char *path, *error; /* behind the host's name */
} faults[] = {
	{ "/cut", "the answer of HOST was cut off" },
	{ "/nothing", "HOST closed the connection without an answer" },
};

START_TEST(a_broken_exchange_says_so)
{
	struct fp_error err = { 0 };
	const char *host = strstr(faults[_i].error, "HOST");
	FP_AUTO(freep)
	char *want = xasprintf("%.*s%s%s", (int)(host - faults[_i].error),
			       faults[_i].error, server.host, host + 4);

	ask_in_vain(faults[_i].path, &err);
	ck_assert_str_eq(err.message, want);
	ck_assert_int_eq(err.code, FP_ERR_NETWORK);
}
END_TEST

START_TEST(refused_and_unknown_hosts_are_named)
{
	struct fp_error err = { 0 };

	set_up();
	test_server_stop(&server);
	ask_in_vain("/", &err);
	ck_assert_msg(strstr(err.message, server.host) &&
			      strstr(err.message, "cannot connect to ") &&
			      strstr(err.message, ": connection refused"),
		      "%s", err.message);
	(void)snprintf(server.url, sizeof(server.url), "http://no-such-host.invalid");
	ask_in_vain("/", &err);
	ck_assert_msg(strstr(err.message, "cannot resolve no-such-host.invalid"), "%s",
		      err.message);
	http_client_freep(&client);
}
END_TEST

START_TEST(a_silent_server_is_left)
{
	const struct http_options o = { .idle_timeout_ms = 300 };
	struct fp_error err = { 0 };

	set_up_with(&o);
	ask_in_vain("/stall", &err);
	ck_assert_int_eq(err.code, FP_ERR_TIMEOUT);
	ck_assert_msg(strstr(err.message, "sent nothing for 300 ms"), "%s", err.message);
	tear_down();
}
END_TEST

/* As of a function that computes for minutes before it answers. */
START_TEST(a_call_may_wait_longer_for_its_answer)
{
	const struct http_options o = { .idle_timeout_ms = 200 };
	FP_AUTO(request_release) struct http_request req;
	struct http_response res;
	struct fp_error err = { 0 };

	set_up_with(&o);
	make(&req, "GET", "/stall");
	req.idle_timeout_ms = -1;
	req.timeout_ms = 700;
	ck_assert_int_lt(http_send(client, &req, NULL, NULL, &res, &err), 0);
	ck_assert_msg(strstr(err.message, "took longer than 700 ms"), "%s", err.message);
	req.idle_timeout_ms = 400;
	ck_assert_int_lt(http_send(client, &req, NULL, NULL, &res, &err), 0);
	ck_assert_msg(strstr(err.message, "sent nothing for 400 ms"), "%s", err.message);
	tear_down();
}
END_TEST

START_TEST(the_whole_has_a_limit)
{
	const struct http_options o = { .idle_timeout_ms = -1, .total_timeout_ms = 400 };
	struct fp_error err = { 0 };

	set_up_with(&o);
	ask_in_vain("/stall", &err);
	ck_assert_int_eq(err.code, FP_ERR_TIMEOUT);
	ck_assert_msg(strstr(err.message, "took longer than 400 ms"), "%s", err.message);
	tear_down();
}
END_TEST

static void *interrupt_soon(void *arg)
{
	(void)arg;
	clock_sleep_ms(200);
	http_interrupt();
	return NULL;
}

START_TEST(an_interrupt_stops_all)
{
	struct fp_error err = { 0 };
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, interrupt_soon, NULL), 0);
	ask_in_vain("/stall", &err);
	(void)pthread_join(thread, NULL);
	ck_assert_int_eq(err.code, FP_ERR_INTERRUPTED);
	ck_assert(http_interrupted());
}
END_TEST

static void *ask_often(void *arg)
{
	for (int i = 0; i < 20; i++) {
		FP_AUTO(response_release) struct http_response res;

		ask("GET", "/order", &res);
		ck_assert_int_eq(res.status, 200);
	}
	return arg;
}

START_TEST(threads_share_a_client)
{
	pthread_t threads[8];

	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_often, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		(void)pthread_join(threads[i], NULL);
}
END_TEST

START_TEST(bad_input_is_refused)
{
	const struct http_options o = { .ca_bundle = "/nowhere/ca.pem" };
	FP_AUTO(request_release) struct http_request req;
	struct http_client *none;
	struct http_response res;
	struct fp_error err = { 0 };

	ck_assert_int_lt(http_client_new(&none, &o, &err), 0);
	ck_assert_ptr_nonnull(
		strstr(err.message, "cannot read the certificates in '/nowhere"));
	make(&req, "GET", "/head");
	headers_add(&req.headers, "X-Bad", "a\r\nX-Injected: b");
	ck_assert_int_lt(http_send(client, &req, NULL, NULL, &res, &err), 0);
	ck_assert_int_eq(err.code, FP_ERR_INPUT);
}
END_TEST

START_TEST(a_fault_can_be_asked_for)
{
	struct fp_error err = { 0 };

	fault_arm("http", 1, 111);
	ask_in_vain("/head", &err);
	fault_disarm();
	ck_assert_int_eq(err.code, FP_ERR_NETWORK);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("http client");
	TCase *tc = tcase_create("one server"), *own = tcase_create("own server");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, headers_keep_their_order);
	tcase_add_loop_test(tc, every_status_is_an_answer, 0, ARRAY_SIZE(statuses));
	tcase_add_test(tc, sends_what_it_is_given_and_no_more);
	tcase_add_loop_test(tc, bodies_have_their_length, 0, ARRAY_SIZE(bodies));
	tcase_add_test(tc, a_head_has_no_body);
	tcase_add_test(tc, a_connection_is_kept);
	tcase_add_test(tc, a_dead_connection_is_replaced);
	tcase_add_loop_test(tc, a_file_is_streamed, 0, ARRAY_SIZE(sizes));
	tcase_add_test(tc, a_file_that_shrinks_is_an_error);
	tcase_add_test(tc, a_sink_takes_what_is_large);
	tcase_add_test(tc, a_sink_gets_no_error_bodies);
	tcase_add_test(tc, a_sink_can_stop);
	tcase_add_test(tc, memory_is_capped);
	tcase_add_loop_test(tc, a_broken_exchange_says_so, 0, ARRAY_SIZE(faults));
	tcase_add_test(tc, an_interrupt_stops_all);
	tcase_add_test(tc, threads_share_a_client);
	tcase_add_test(tc, bad_input_is_refused);
	tcase_add_test(tc, a_fault_can_be_asked_for);
	suite_add_tcase(s, tc);
	tcase_add_test(own, refused_and_unknown_hosts_are_named);
	tcase_add_test(own, a_silent_server_is_left);
	tcase_add_test(own, a_call_may_wait_longer_for_its_answer);
	tcase_add_test(own, the_whole_has_a_limit);
	suite_add_tcase(s, own);
	return s;
}

CHECK_MAIN(make_suite)
