/*
 * What to say when an exchange fails: which host, and why, in plain words. For
 * lib/http/transfer.c only.
 */
#ifndef FP_HTTP_TRANSFER_ERROR_H
#define FP_HTTP_TRANSFER_ERROR_H

#include "http/transfer.h"

/* -1 with FP_ERR_TIMEOUT when a limit is passed at `now` (clock_monotonic_ms). */
int transfer_check_time(struct transfer *t, int64_t now);
/* libcurl's code as an error; returns -1. */
int transfer_explain(struct transfer *t, CURLcode code);

#endif
