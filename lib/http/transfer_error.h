/*
 * What to say when an exchange fails: which host, and why, in plain words. For
 * lib/http/transfer.c only.
 */
#ifndef FP_HTTP_TRANSFER_ERROR_H
#define FP_HTTP_TRANSFER_ERROR_H

#include "http/transfer.h"

/* Both return -1. What stopped it on our side. */
int transfer_explain_stop(struct transfer *t);
/* libcurl's code as an error. */
int transfer_explain(struct transfer *t, CURLcode code);

#endif
