/*
 * Error answers in any of AWS's formats: XML of the Query protocol, of EC2 and of S3,
 * JSON 1.0/1.1, REST-JSON and OAuth 2.0, headers alone, and the web pages of what stands
 * in the way.
 */
#ifndef FP_WIRE_ERROR_H
#define FP_WIRE_ERROR_H

#include "wire/message.h"

/*
 * Fill `err` from an answer that is no success: aws_code, message, request_id, host_id
 * and http_status. The message is one line without control characters, at most about 1
 * KiB; overlong words (encoded authorization messages) are cut. Where the answer names no
 * code, the status does ("NotFound"). FP_ERR_AWS; FP_ERR_PROTOCOL when a web page
 * answered with less than 500: that was somebody else.
 */
void wire_read_error(const struct http_response *res, struct fp_error *err);

/* Text of a member of S3's <Error> document ("Region"), cut to `cap`; false when it is
 * absent or empty. */
bool wire_error_member(const struct http_response *res, const char *name, char *out,
		       size_t cap);

/* Whether the body is an <Error> document: S3 answers so with 200 when what it does
 * takes long and fails in the end (CopyObject, CompleteMultipartUpload). */
bool wire_is_error_document(const struct http_response *res);

/* Whether the body is a web page: a proxy's, or a network's login. */
bool wire_is_web_page(const struct http_response *res);

#endif
