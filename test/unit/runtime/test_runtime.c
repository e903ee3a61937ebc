#include "base/clock.h"
#include "check_main.h"
#include "runtime/runtime.h"
#include "test_server.h"

#define NEXT "/2018-06-01/runtime/invocation/next"

/* What the Runtime API does, request by request; 'E' an event, then a final 403. */
struct world {
	const char *next;    /* E event, C chunked, D drop, 5 a 500, I no id, 4 a 403 */
	const char *post;    /* statuses: 2 fine, 4 refused, L too large, D drop */
	char trace[100];     /* sent with each event */
	size_t nexts, posts; /* so far */
	struct buf seen;     /* "POST path body" lines */
	char last_type[100]; /* Lambda-Runtime-Function-Error-Type of the last POST */
};

static void answer_event(struct world *w, struct test_answer *out, bool chunked)
{
	size_t big = 300000;

	buf_printf(&out->headers,
		   "lambda-runtime-aws-request-id: id-%zu\r\n"
		   "Lambda-Runtime-Deadline-Ms: 1790000000123\r\n"
		   "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:x\r\n",
		   w->nexts);
	if (w->trace[0])
		buf_printf(&out->headers, "Lambda-Runtime-Trace-Id: %s\r\n", w->trace);
	w->trace[0] = '\0';
	if (!chunked) {
		buf_puts(&out->body, "{\"a\":1}");
		return;
	}
	buf_puts(&out->headers, "Transfer-Encoding: chunked\r\n");
	buf_printf(&out->body, "%zx\r\n", big);
	buf_fill(&out->body, 'x', big);
	buf_puts(&out->body, "\r\n0\r\n\r\n");
}

static void answer_next(struct world *w, struct test_answer *out)
{
	char step = w->next[w->nexts] ? w->next[w->nexts++] : '4';

	if (step == 'E' || step == 'C') {
		answer_event(w, out, step == 'C');
		return;
	}
	out->status = step == 'D' ? 0 : step == '5' ? 500 : step == 'I' ? 200 : 403;
	if (step != '5')
		buf_puts(&out->body, "{}");
}

static void answer_post(struct world *w, const struct test_request *req,
			struct test_answer *out)
{
	const char *type = strcasestr(req->head, "Lambda-Runtime-Function-Error-Type: ");
	char step = w->post[w->posts] ? w->post[w->posts++] : '2';

	out->status = step == 'D' ? 0 : step == '2' ? 202 : step == 'L' ? 413 : 400;
	if (step == 'D')
		return;
	if (type)
		(void)sscanf(type, "%*s %99s", w->last_type);
	buf_printf(&w->seen, "%s %.200s\n", req->target + strlen("/2018-06-01/runtime/"),
		   req->body);
	buf_puts(&out->body, "{}");
}

static void answer(void *ctx, const struct test_request *req, struct test_answer *out)
{
	if (str_eq(req->method, "GET") && str_eq(req->target, NEXT)) {
		answer_next(ctx, out);
		return;
	}
	ck_assert_str_eq(req->method, "POST");
	answer_post(ctx, req, out);
}

struct handled {
	int calls;
	const char *fail, *code; /* fail with these, or answer the event's length */
	char trace[100];	 /* as the handler found it in the environment */
	int64_t deadline;
};

static int handler(void *ctx, const struct invocation *inv, struct buf *out,
		   struct fp_error *err)
{
	struct handled *h = ctx;

	h->calls++;
	h->deadline = inv->deadline_ms;
	(void)snprintf(h->trace, sizeof(h->trace), "%s",
		       str_or(getenv("_X_AMZN_TRACE_ID"), "none"));
	ck_assert_str_eq(inv->function_arn, "arn:aws:lambda:x");
	if (h->fail) {
		(void)fp_fail(err, FP_ERR_AWS, "%s", h->fail);
		(void)snprintf(err->aws_code, sizeof(err->aws_code), "%s",
			       str_or(h->code, ""));
		return -1;
	}
	buf_printf(out, "{\"length\":%zu}", inv->event_len);
	return 0;
}

static void world_start(struct world *w, struct test_server *s)
{
	test_server_start(s, answer, w);
	ck_assert_int_eq(setenv("AWS_LAMBDA_RUNTIME_API", s->host, 1), 0);
}

static void world_end(struct world *w, struct test_server *s)
{
	test_server_stop(s);
	buf_release(&w->seen);
}

static const struct {
	const char *name, *next, *post, *fail, *code, *seen, *error;
	int calls;
} cases[] = {
	{ "an answer", "E", "", NULL, NULL, "invocation/id-1/response {\"length\":7}\n",
	  "answered 403", 1 },
	{ "two answers", "EE", "", NULL, NULL,
	  "invocation/id-1/response {\"length\":7}\ninvocation/id-2/response "
	  "{\"length\":7}\n",
	  "answered 403", 2 },
	{ "a chunked event", "C", "", NULL, NULL,
	  "invocation/id-1/response {\"length\":300000}\n", "answered 403", 1 },
	{ "a failure", "E", "", "S3 said \"no\" in \xc3\xbc", "SlowDown",
	  "invocation/id-1/error {\"errorMessage\":\"S3 said \\\"no\\\" in \xc3\xbc\","
	  "\"errorType\":\"SlowDown\",\"stackTrace\":[]}\n",
	  "answered 403", 1 },
	{ "a dropped connection is retried", "DE", "", NULL, NULL,
	  "invocation/id-2/response {\"length\":7}\n", "answered 403", 1 },
	{ "a 500 is retried", "55E", "", NULL, NULL,
	  "invocation/id-3/response {\"length\":7}\n", "answered 403", 1 },
	{ "but not for ever", "5555E", "", NULL, NULL, "", "answered 500", 0 },
	{ "an event without an id", "IIII", "", NULL, NULL, "", "without a request id",
	  0 },
	{ "an answer that is too large", "EE", "L2", NULL, NULL,
	  "invocation/id-1/response {\"length\":7}\ninvocation/id-2/response "
	  "{\"length\":7}\n",
	  "answered 403", 2 },
	{ "an answer that is refused", "EE", "42", NULL, NULL,
	  "invocation/id-1/response {\"length\":7}\ninvocation/id-2/response "
	  "{\"length\":7}\n",
	  "answered 403", 2 },
	{ "an answer that is lost is sent again", "E", "D2", NULL, NULL,
	  "invocation/id-1/response {\"length\":7}\n", "answered 403", 1 },
};

START_TEST(loop_goes_on)
{
	const __typeof__(cases[0]) *c = &cases[_i];
	struct world w = { .next = c->next, .post = c->post };
	struct handled h = { .fail = c->fail, .code = c->code };
	struct fp_error err = { 0 };
	struct test_server s;

	world_start(&w, &s);
	/* A proxy of the environment is never asked. */
	ck_assert_int_eq(setenv("http_proxy", "http://127.0.0.1:1", 1), 0);
	ck_assert_int_eq(runtime_run(handler, &h, &err), -1);
	ck_assert_msg(strstr(err.message, c->error) != NULL, "%s: %s", c->name,
		      err.message);
	ck_assert_msg(str_eq(buf_str(&w.seen), c->seen), "%s: %s", c->name,
		      buf_str(&w.seen));
	ck_assert_int_eq(h.calls, c->calls);
	if (h.calls)
		ck_assert_int_eq(h.deadline, 1790000000123);
	world_end(&w, &s);
}
END_TEST

static const struct {
	const char *code, *header;
} types[] = {
	{ "SlowDown", "Function.SlowDown" },
	{ "", "Function.HandlerError" },
	{ "Function.TooMuch", "Function.TooMuch" },
	{ "Runtime.Odd", "Runtime.Odd" },
	{ "internal\r\nX-Evil: 1", "Function.InternalXEvil1" },
};

START_TEST(error_types_are_categorized)
{
	struct world w = { .next = "E", .post = "" };
	struct handled h = { .fail = "x", .code = types[_i].code };
	struct fp_error err = { 0 };
	struct test_server s;

	world_start(&w, &s);
	ck_assert_int_eq(runtime_run(handler, &h, &err), -1);
	ck_assert_str_eq(w.last_type, types[_i].header);
	world_end(&w, &s);
}
END_TEST

START_TEST(trace_is_set_and_unset)
{
	struct world w = { .next = "E", .post = "", .trace = "Root=1-2" };
	struct handled h = { 0 };
	struct fp_error err = { 0 };
	struct test_server s;

	world_start(&w, &s);
	ck_assert_int_eq(runtime_run(handler, &h, &err), -1);
	ck_assert_str_eq(h.trace, "Root=1-2");
	w.next = "EE";
	ck_assert_int_eq(runtime_run(handler, &h, &err), -1);
	ck_assert_str_eq(h.trace, "none");
	world_end(&w, &s);
}
END_TEST

START_TEST(start_is_reported)
{
	struct world w = { .next = "", .post = "" };
	struct fp_error why = { 0 };
	struct test_server s;

	world_start(&w, &s);
	(void)fp_fail(&why, FP_ERR_INPUT, "no region");
	runtime_init_failed("Runtime.InitError", &why);
	ck_assert_str_eq(buf_str(&w.seen),
			 "init/error {\"errorMessage\":\"no region\",\"errorType\":"
			 "\"Runtime.InitError\",\"stackTrace\":[]}\n");
	ck_assert_str_eq(w.last_type, "Runtime.InitError");
	world_end(&w, &s);
}
END_TEST

START_TEST(absent_api_ends_it)
{
	struct handled h = { 0 };
	struct fp_error err = { 0 };
	int64_t start = clock_monotonic_ms();

	ck_assert_int_eq(unsetenv("AWS_LAMBDA_RUNTIME_API"), 0);
	ck_assert_int_eq(runtime_run(handler, &h, &err), -1);
	ck_assert_int_eq(err.code, FP_ERR_INPUT);
	ck_assert_ptr_nonnull(strstr(err.message, "fpctl local"));
	/* Port 1 answers nobody. */
	ck_assert_int_eq(setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1", 1), 0);
	ck_assert_int_eq(runtime_run(handler, &h, &err), -1);
	ck_assert_int_eq(err.code, FP_ERR_NETWORK);
	ck_assert_int_eq(h.calls, 0);
	ck_assert_int_lt(clock_monotonic_ms() - start, 5000);
}
END_TEST

static Suite *runtime_suite(void)
{
	Suite *s = suite_create("runtime");
	TCase *tc = tcase_create("runtime");

	tcase_add_loop_test(tc, loop_goes_on, 0, ARRAY_SIZE(cases));
	tcase_add_loop_test(tc, error_types_are_categorized, 0, ARRAY_SIZE(types));
	tcase_add_test(tc, trace_is_set_and_unset);
	tcase_add_test(tc, start_is_reported);
	tcase_add_test(tc, absent_api_ends_it);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(runtime_suite)
