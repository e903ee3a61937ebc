/*
 * A bucket's notification rules in their three forms: S3's XML, CloudFormation's
 * NotificationConfiguration, and what the emulator keeps:
 * [{"Id", "Kind": "lambda" | "sns" | "sqs", "Arn", "Events": [...], "Prefix", "Suffix"}].
 */
#ifndef FP_EMULATOR_S3_RULES_H
#define FP_EMULATOR_S3_RULES_H

#include "emulator/service/s3.h"

/* Owned by the caller; NULL with a fault. */
cJSON *s3_rules_from_xml(struct call *c, const struct xml *root);
cJSON *s3_rules_from_properties(struct call *c, const cJSON *configuration);
/* What stands inside <NotificationConfiguration>. */
void s3_rules_write(struct buf *out, const cJSON *rules);
/* Known events, and no two rules that overlap. -1 with a fault. */
int s3_rules_check(struct call *c, const cJSON *rules);

#endif
