/*
 * Amazon Resource Names: arn:partition:service:region:account:resource.
 */
#ifndef FP_WIRE_ARN_H
#define FP_WIRE_ARN_H

#include "base/base.h"

/* Points into the text that was parsed; resource is the rest behind the fifth colon. */
struct arn {
	char partition[32], service[64], region[64], account[16];
	const char *resource;
};
bool arn_parse(struct arn *out, const char *text);

/* "aws", "aws-cn" and the like, from the region. */
const char *arn_partition(const char *region);
/* "amazonaws.com", "amazonaws.com.cn" and the like. */
const char *arn_dns_suffix(const char *region);

#endif
