/*
 * Amazon SQS.
 */
#ifndef FP_AWS_SQS_H
#define FP_AWS_SQS_H

#include "aws/client.h"

/* The queue's address, owned by the caller; NULL when there is no queue of that name. */
FP_MUST_CHECK int sqs_queue_url(struct aws_client *c, const char *name, char **out,
				struct fp_error *err);
/* All of its attributes, an object of texts, owned by the caller; NULL when there is no
 * such queue. */
FP_MUST_CHECK int sqs_attributes(struct aws_client *c, const char *queue_url, cJSON **out,
				 struct fp_error *err);
/*
 * How many messages a queue holds: those that wait, those being processed and those
 * that are delayed. -1 when there is no such queue. SQS counts approximately: it may be
 * a minute behind (API Reference, GetQueueAttributes).
 */
FP_MUST_CHECK int sqs_count(struct aws_client *c, const char *queue_url, int64_t *count,
			    struct fp_error *err);

struct sqs_message {
	const char *queue_url, *body;
	/* FIFO queues: which messages keep their order, and what is the same message;
	 * with the latter, sending is tried again when it is unknown whether it was
	 * done. NULL otherwise. */
	const char *group, *deduplication;
	int delay_s; /* 0: the queue's own */
};
/* *id, which may be NULL, is owned by the caller. */
FP_MUST_CHECK int sqs_send(struct aws_client *c, const struct sqs_message *m, char **id,
			   struct fp_error *err);
/*
 * At most 10 messages, waited for up to `wait_s` (20 at most) and hidden from others for
 * `hide_s` (0: as the queue has it): an array of MessageId, ReceiptHandle, Body,
 * Attributes, MessageAttributes; owned by the caller.
 */
FP_MUST_CHECK int sqs_receive(struct aws_client *c, const char *queue_url, int wait_s,
			      int hide_s, cJSON **out, struct fp_error *err);
FP_MUST_CHECK int sqs_delete(struct aws_client *c, const char *queue_url,
			     const char *receipt, struct fp_error *err);
/*
 * Move a dead-letter queue's messages to another queue, or (NULL) back to where they
 * came from; `per_second` 0: as fast as SQS does. *task, which may be NULL, is owned by
 * the caller.
 */
FP_MUST_CHECK int sqs_redrive(struct aws_client *c, const char *dead_letter_arn,
			      const char *to_arn, int per_second, char **task,
			      struct fp_error *err);

#endif
