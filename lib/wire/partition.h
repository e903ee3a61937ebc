/*
 * AWS's partitions: separate clouds with names, accounts and hosts of their own.
 * Source: botocore's partitions.json.
 */
#ifndef FP_WIRE_PARTITION_H
#define FP_WIRE_PARTITION_H

#include "base/base.h"

struct partition {
	const char *name;	       /* "aws-cn" */
	const char *dns_suffix;	       /* "amazonaws.com.cn" */
	const char *dual_stack_suffix; /* "api.amazonwebservices.com.cn" */
	const char *console_host;      /* "console.amazonaws.cn"; NULL: not public */
};

/* Of a region ("cn-north-1") or of a partition as a whole ("aws-cn-global"). */
const struct partition *partition_of(const char *region);
/* Whether it is a partition as a whole: global services take it, others have no host. */
bool region_is_global(const char *region);

#endif
