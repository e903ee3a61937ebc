/*
 * One invocation of the bundled processor: each object of the event is read,
 * checked, logged and reported.
 *
 * A bad file is a result. Only what another try may mend - S3 or SNS not
 * answering - fails the invocation, so that Lambda makes that try.
 */
#ifndef FP_PROCESSOR_HANDLER_H
#define FP_PROCESSOR_HANDLER_H

#include "aws/client.h"
#include "base/str.h"
#include "runtime/runtime.h"

struct processor {
	struct aws_client *aws;
	struct strs topics; /* ARNs; each gets every notification */
	int log_fd;	    /* of the log lines */
};

/* A runtime_handler; `ctx` is a struct processor. */
int processor_handle(void *ctx, const struct invocation *inv, struct buf *out,
		     struct fp_error *err);

#endif
