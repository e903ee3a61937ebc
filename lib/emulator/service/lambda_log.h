/*
 * What functions write goes line by line to CloudWatch Logs, by one thread that
 * stores many lines at a time. A function waits for it only when 16 MiB are due.
 */
#ifndef FP_EMULATOR_LAMBDA_LOG_H
#define FP_EMULATOR_LAMBDA_LOG_H

#include "base/buf.h"
#include "emulator/service.h"

struct log_target;
struct lambda_log {
	struct log_target *target;
	struct buf partial; /* a line that is not complete */
	struct buf *tail;   /* the current invocation's, or NULL */
};

void lambda_log_start(struct emulator *emu);
/* Stores what is due, and ends the thread. */
void lambda_log_stop(void);

void lambda_log_init(struct lambda_log *l, const char *region, const char *group,
		     const char *stream);
void lambda_log_release(struct lambda_log *l); /* completes a partial line */
/* Output of the function, cut into lines. */
void lambda_log_output(struct lambda_log *l, const char *data, size_t n);
/* A line of the platform's; completes a partial line before it. */
void lambda_log_line(struct lambda_log *l, const char *fmt, ...) FP_PRINTF(2, 3);

#endif
