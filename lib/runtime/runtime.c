#include "runtime/runtime.h"

#include "base/clock.h"
#include "base/str.h"
#include "runtime/api.h"

/* An API that does not answer is asked again after 100, 200 and 400 ms. */
#define MAX_ATTEMPTS   4
#define FIRST_PAUSE_MS 100

#define TRACE_VARIABLE "_X_AMZN_TRACE_ID"

/* Diagnostics go where the function's log goes. */
static void complain(const char *what, const struct fp_error *err)
{
	(void)fprintf(stderr, "%s: %s\n", what, err->message);
}

/* Refused for good: what is wrong will not change. */
static bool is_final(const struct fp_error *err)
{
	return err->http_status >= 400 && err->http_status < 500;
}

static int wait_for_work(struct runtime_api *api, struct http_response *res,
			 struct invocation *inv, struct fp_error *err)
{
	int64_t pause = FIRST_PAUSE_MS;

	for (int attempt = 1;; attempt++, pause *= 2) {
		struct fp_error why = { 0 };

		if (api_next(api, res, inv, &why) == 0)
			return 0;
		response_release(res);
		*res = (struct http_response){ 0 };
		if (attempt == MAX_ATTEMPTS || is_final(&why) || http_interrupted()) {
			if (err)
				*err = why;
			return fp_wrap(err, "cannot get an invocation");
		}
		clock_sleep_ms(pause);
	}
}

/* Only when it changes: most functions are not traced. */
static void set_trace(const char *trace_id)
{
	const char *now = getenv(TRACE_VARIABLE);

	if (!*trace_id)
		(void)(now ? unsetenv(TRACE_VARIABLE) : 0);
	else if (!str_eq(now, trace_id))
		(void)setenv(TRACE_VARIABLE, trace_id, 1);
}

static void handle(struct runtime_api *api, const struct invocation *inv,
		   runtime_handler handler, void *ctx)
{
	FP_AUTO(buf_release) struct buf answer = BUF_INIT;
	struct fp_error why = { 0 };
	struct fp_error err = { 0 };
	int rc;

	set_trace(inv->trace_id);
	if (handler(ctx, inv, &answer, &why) < 0)
		rc = api_fail(api, inv->request_id,
			      str_or(why.aws_code, "Function.HandlerError"), why.message,
			      &err);
	else
		rc = api_respond(api, inv->request_id, &answer, &err);
	/* Lambda knows what became of it; the next invocation is none the worse. */
	if (rc < 0)
		complain(inv->request_id, &err);
}

int runtime_run(runtime_handler handler, void *ctx, struct fp_error *err)
{
	FP_AUTO(api_close) struct runtime_api api = { 0 };

	if (api_open(&api, err) < 0)
		return -1;
	for (;;) {
		FP_AUTO(response_release) struct http_response res = { 0 };
		struct invocation inv;

		if (wait_for_work(&api, &res, &inv, err) < 0)
			return -1;
		handle(&api, &inv, handler, ctx);
	}
}

void runtime_init_failed(const char *type, const struct fp_error *why)
{
	FP_AUTO(api_close) struct runtime_api api = { 0 };
	struct fp_error err = { 0 };

	if (api_open(&api, &err) < 0 ||
	    api_fail(&api, NULL, type, why->message, &err) < 0)
		complain("cannot report that the function does not start", &err);
}
