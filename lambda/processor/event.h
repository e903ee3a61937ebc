/*
 * The objects that an invocation is about: S3's event, directly or wrapped by
 * SQS, SNS, or SNS in SQS.
 * Source: Amazon S3 User Guide, "Event message structure"; AWS Lambda Developer
 * Guide, "Using Lambda with Amazon SQS" and "... with Amazon SNS".
 */
#ifndef FP_PROCESSOR_EVENT_H
#define FP_PROCESSOR_EVENT_H

#include "base/error.h"
#include "base/str.h"

#define EVENT_MAX_OBJECTS 10000

struct event_object {
	char *bucket, *key; /* the key as the user wrote it, decoded */
	char *version;	    /* NULL when the bucket has no versions */
	char *name;	    /* "ObjectCreated:Put" */
	char *time;	    /* "2026-01-02T03:04:05.678Z", or "" */
	char *message;	    /* the SQS message that it came in, or NULL */
};

struct event {
	struct event_object *v;
	size_t n, cap;
	bool from_queue;    /* the answer names the messages that failed */
	bool test;	    /* S3's s3:TestEvent: nothing to do */
	struct strs broken; /* SQS messages that cannot be understood */
};
#define EVENT_INIT                                  \
	{                                           \
		NULL, 0, 0, false, false, STRS_INIT \
	}

/* FP_ERR_INPUT says what is not as S3 sends it. */
FP_MUST_CHECK int event_parse(struct event *out, const char *json, size_t n,
			      struct fp_error *err);
void event_release(struct event *e);

#endif
