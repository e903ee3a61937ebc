/*
 * Amazon SQS.
 */
#ifndef FP_AWS_SQS_H
#define FP_AWS_SQS_H

#include "aws/client.h"

/*
 * How many messages a queue holds: those that wait, those being processed and those
 * that are delayed. -1 when there is no such queue. SQS counts approximately: it may be
 * a minute behind (API Reference, GetQueueAttributes).
 */
FP_MUST_CHECK int sqs_count(struct aws_client *c, const char *queue_url, int64_t *count,
			    struct fp_error *err);

#endif
