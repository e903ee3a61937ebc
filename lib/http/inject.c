#include "http/inject.h"

#include "base/clock.h"
#include "base/str.h"

static bool number(const char *kind, const char *name, int64_t *n)
{
	return str_starts(kind, name) && str_to_i64(kind + strlen(name), 0, INT32_MAX, n);
}

bool inject_before(const char *kind, const struct http_request *req,
		   struct http_response *res, struct fp_error *err, int *rc)
{
	int64_t n;

	if (number(kind, "delay=", &n)) {
		clock_sleep_ms(n);
		return false;
	}
	if (number(kind, "status=", &n)) {
		res->status = (int)n;
		*rc = 0;
		return true;
	}
	if (*kind && !str_eq(kind, "refuse"))
		return false;
	*rc = fp_fail(err, FP_ERR_NETWORK, "cannot connect to %s: a fault was asked for",
		      req->host);
	if (err)
		err->unsent = true;
	return true;
}

int inject_after(const char *kind, const struct http_request *req,
		 struct http_response *res, struct fp_error *err)
{
	bool reset = str_eq(kind, "reset");

	if (!reset && !str_eq(kind, "cut"))
		return 0;
	response_release(res);
	return fp_fail(err, FP_ERR_NETWORK,
		       reset ? "%s closed the connection without an answer"
			     : "the answer of %s was cut off",
		       req->host);
}
