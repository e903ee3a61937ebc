/*
 * What the files of SQS share. Nothing outside sqs*.c includes this; other services
 * call its operations through bus.h.
 *
 * A queue and each of its messages are a row. A message is visible from `visible_ms`
 * on; receiving moves that moment, deleting removes the row. Who waits for messages
 * (long polling, and Lambda's event source mappings) sleeps in sqs_wait.c and is
 * woken by what is sent: nobody looks by the second. Standard queues only.
 */
#ifndef FP_EMULATOR_SQS_H
#define FP_EMULATOR_SQS_H

#include "base/buf.h"
#include "emulator/service.h"

#define SQS_BATCH 10 /* entries of a batch, messages of a ReceiveMessage */
#define SQS_CODE  "AWS.SimpleQueueService."

struct sqs_queue {
	int64_t id;
	char *region, *name, *arn;
	cJSON *attributes; /* what was set: object of texts */
	cJSON *tags;	   /* object */
	int64_t created_ms, modified_ms;
};
void sqs_queue_release(struct sqs_queue *q);
/* By URL (its host does not matter: the port changes), or by ARN. NonExistentQueue. */
int sqs_load_url(struct call *c, const cJSON *in, struct sqs_queue *out);
int sqs_load_arn(struct call *c, const char *arn, struct sqs_queue *out);
/* Inside a transaction. */
int sqs_save(struct call *c, const struct sqs_queue *q);
/* Owned by the caller. */
char *sqs_url(const struct call *c, const char *name);

/* "The request must contain the parameter X." unless it is a non-empty text. */
const char *sqs_require(struct call *c, const cJSON *in, const char *name);
int sqs_invalid(struct call *c, const char *fmt, ...) FP_PRINTF(2, 3);
/* A number of the request in [min, max], or `fallback` when it is absent. */
int sqs_number(struct call *c, const cJSON *in, const char *name, int64_t min,
	       int64_t max, int64_t fallback, int64_t *out);

/* An attribute as a number, with AWS's default when it was not set. */
int64_t sqs_attribute_int(const struct sqs_queue *q, const char *name);
/* Set all in `wanted` after checking each, and that they go together; an empty text
 * takes one away. */
int sqs_attributes_apply(struct call *c, struct sqs_queue *q, const cJSON *wanted);
/* What the queue has for a settable attribute: set or by default; NULL: nothing. */
const char *sqs_attribute_get(const struct sqs_queue *q, const char *name);

/* A message that is to be sent, checked. */
struct sqs_message {
	const char *body;	 /* borrowed, as are the objects */
	const cJSON *attributes; /* {name: {DataType, StringValue, BinaryValue}} */
	const cJSON *system;
	const char *group; /* of a fair queue: kept and told; or NULL */
	char id[37], md5_body[33], md5_attributes[33], md5_system[33]; /* "": none */
	size_t size;
};
/* InvalidMessageContents, InvalidParameterValue. */
int sqs_message_read(struct call *c, struct sqs_message *m, const cJSON *in);
/* The digest of attributes as clients compute it; "" when there are none. */
void sqs_md5_attributes(char out[33], const cJSON *attributes);
void sqs_md5_text(char out[33], const char *text);

/* What was received is known by its handle: the row, and the receipt of this time. */
struct sqs_handle {
	int64_t queue, message;
	char receipt[37];
};
char *sqs_handle_text(const struct sqs_handle *h); /* owned by the caller */
bool sqs_handle_parse(struct sqs_handle *h, const char *text);

/* Operations on a list of entries: `run` is carried out for each, and its answer or
 * its fault stands in the answer's Successful or Failed. */
int sqs_batch(struct call *c, const cJSON *in, cJSON *out,
	      int (*run)(struct call *c, const struct sqs_queue *q, const cJSON *entry,
			 cJSON *item));

/* Waiting for a queue's messages: begin, look, and while there are none, sleep. What
 * comes after begin or the last sleep is not missed. */
struct sqs_waiter;
struct sqs_waiter *sqs_wait_begin(int64_t queue, bool mapping);
/* Until the queue is touched or `until_ms` has come; false: give up waiting. */
bool sqs_wait(struct sqs_waiter *w, int64_t until_ms);
void sqs_wait_end(struct sqs_waiter *w);
/* Something of the queue changed. */
void sqs_wake(int64_t queue);
/* The event source mappings that wait give up, to look what they are to do. */
void sqs_wake_mappings(void);
/* All give up, now and later, when the service stops. */
void sqs_wait_start(void);
void sqs_wait_stop(void);

/* The Query protocol's flattened lists and maps, to and from JSON's shapes. */
void sqs_from_query(const char *action, cJSON *in);
void sqs_to_query(const char *action, cJSON *out);

/* The formatter takes these for nested calls. */
/* clang-format off */
#define SQS_OPERATIONS(X) \
	X(CreateQueue) X(DeleteQueue) X(ListQueues) X(GetQueueUrl) X(PurgeQueue) \
	X(GetQueueAttributes) X(SetQueueAttributes) X(ListDeadLetterSourceQueues) \
	X(TagQueue) X(UntagQueue) X(ListQueueTags) X(SendMessage) X(SendMessageBatch) \
	X(ReceiveMessage) X(DeleteMessage) X(DeleteMessageBatch) \
	X(ChangeMessageVisibility) X(ChangeMessageVisibilityBatch) X(FpctlSend) \
	X(FpctlMaySend) X(FpctlDescribeQueue) X(FpctlTake) X(FpctlSettle) \
	X(FpctlWakeMappings)
/* clang-format on */
#define X(name) int sqs_##name(struct call *c, const cJSON *in, cJSON *out);
SQS_OPERATIONS(X)
#undef X

extern const struct resource_type sqs_resources[];

#endif
