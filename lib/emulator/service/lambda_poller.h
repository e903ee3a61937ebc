/*
 * What the files of event source mappings share: a batch's event and its verdict.
 */
#ifndef FP_EMULATOR_LAMBDA_POLLER_H
#define FP_EMULATOR_LAMBDA_POLLER_H

#include "emulator/service/lambda.h"

/* {"Records": [...]} of the messages that SQS gave; owned by the caller. */
char *batch_event(const cJSON *messages, const char *queue, const char *region);
/* What becomes of them, for SQS's FpctlSettle, by a function's answer that reports
 * batch item failures; owned by the caller. */
cJSON *batch_verdict(const cJSON *messages, const char *response);
/* One fate for all: "Done", "Failed", "Untouched"; owned by the caller. */
cJSON *batch_all(const cJSON *messages, const char *fate);

#endif
