/*
 * The Query protocol (CloudFormation, IAM, SNS, STS): parameters as a form, the
 * answer as XML. Both directions go through cJSON, so that an operation has one
 * shape whatever its protocol.
 * Source: the "query" protocol of AWS's service models (member lists, entry maps).
 */
#ifndef FP_WIRE_QUERY_H
#define FP_WIRE_QUERY_H

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "base/error.h"

/*
 * Client: {"StackName": "x", "Tags": [{"Key": "k"}]} becomes
 * Action=...&Version=...&StackName=x&Tags.member.1.Key=k. An object of strings
 * whose name is one of the protocol's maps ("Attributes", "MessageAttributes")
 * becomes .entry.N.key/value (MessageAttributes: .entry.N.Name/Value).
 */
void query_encode_request(struct buf *out, const char *action, const char *version,
			  const cJSON *input);
/* Emulator: the form back to {"Action": ..., ...}; numbers and booleans stay texts.
 * Caller frees. FP_ERR_INPUT for what is malformed or nested over 16 deep. */
FP_MUST_CHECK cJSON *query_decode_request(const char *form, size_t n,
					  struct fp_error *err);

/* Emulator: <ActionResponse><ActionResult>...</ActionResult><ResponseMetadata>. Arrays
 * become <member>, members that are null are left out; an object whose own member
 * "__map" is true becomes <entry><key/><value/></entry> elements. Moments: shape.h. */
void query_encode_response(struct buf *out, const char *action, const char *xmlns,
			   const char *request_id, const cJSON *result);
void query_encode_error(struct buf *out, const char *xmlns, const char *request_id,
			const char *code, const char *message, bool sender_fault);
/* Client: what stands in <ActionResult> as cJSON: <member> lists become arrays,
 * <entry> lists objects, all values strings. Caller frees. */
FP_MUST_CHECK cJSON *query_decode_response(const char *xml, size_t n,
					   struct fp_error *err);

#endif
