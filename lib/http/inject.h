/*
 * Faults at the transport's seam, for tests: fault_arm_text("http:NTH:KIND"), or
 * FPCTL_FAULT=http:NTH:KIND in the environment of fpctl. Kinds:
 *
 *	refuse	   nobody listens (also without a kind)
 *	reset	   the request is received and acted on; no answer comes
 *	cut	   the same, and the answer ends before its time
 *	delay=MS   the exchange begins so much later
 *	status=N   not sent: the answer is N without a body
 *
 * For lib/http/client.c only.
 */
#ifndef FP_HTTP_INJECT_H
#define FP_HTTP_INJECT_H

#include "base/fault.h"
#include "wire/message.h"

/* True when the exchange is not to take place: *rc is then the call's result. */
bool inject_before(const char *kind, const struct http_request *req,
		   struct http_response *res, struct fp_error *err, int *rc);
/* After a success: 0, or -1 when it is to look like a failure; `res` is released. */
int inject_after(const char *kind, const struct http_request *req,
		 struct http_response *res, struct fp_error *err);

#endif
