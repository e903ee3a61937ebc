/*
 * Texts and messages that hold secrets: overwritten before they are freed.
 */
#ifndef FP_AWS_SECRET_H
#define FP_AWS_SECRET_H

#include "base/buf.h"
#include "wire/message.h"

/* For FP_AUTO, and by hand; all accept what is empty or NULL. */
void secret_freep(char **text);
void secret_buf_release(struct buf *b);
/* The body; headers and query are wiped by every release. */
void secret_request_release(struct http_request *r);
void secret_response_release(struct http_response *r);

#endif
