/*
 * What became of one object: the log line, the notification, the answer.
 */
#ifndef FP_PROCESSOR_RESULT_H
#define FP_PROCESSOR_RESULT_H

#include "base/digest.h"
#include "base/json.h"
#include "event.h"
#include "inspect.h"

enum result_status {
	RESULT_OK,
	RESULT_FAILED,	/* something is wrong in the file */
	RESULT_EMPTY,	/* nothing is in it */
	RESULT_MISSING, /* it was gone when we came */
	RESULT_REMOVED, /* the event says that it was deleted */
	RESULT_ERROR, /* it could not be checked: the invocation fails, and comes again */
};
/* What each is called, and the SNS message attributes of a result: the manifest's
 * filters know these names. */
#define RESULT_STATUSES	  "ok", "failed", "empty", "missing", "removed", "error"
#define RESULT_ATTRIBUTES "status", "bucket", "type"

struct result {
	const struct event_object *object; /* borrowed */
	const char *request_id;		   /* borrowed */
	enum result_status status;
	struct inspection file;	     /* when status is ok, failed or empty */
	char sha256[SHA256_HEX_LEN]; /* "" when the whole file was not read */
	int64_t duration_ms;
	const char *error; /* why, for RESULT_ERROR; borrowed */
};

/* The message for SNS, and the element of the answer; the caller frees. */
cJSON *result_message(const struct result *r);
/* Of all RESULT_ATTRIBUTES; the caller frees. */
cJSON *result_attributes(const struct result *r);
/* Append the log line with its line end. */
void result_log(struct buf *out, const struct result *r);
/* "failed: march.csv", at most 100 characters of ASCII, as SNS wants a subject. */
char *result_subject(const struct result *r);

#endif
