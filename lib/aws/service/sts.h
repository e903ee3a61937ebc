/*
 * AWS Security Token Service.
 */
#ifndef FP_AWS_STS_H
#define FP_AWS_STS_H

#include "aws/client.h"

struct sts_identity {
	char *account; /* "123456789012" */
	char *arn;     /* of the user or the assumed role */
};
void sts_identity_release(struct sts_identity *id);

/* Who the credentials are. */
FP_MUST_CHECK int sts_caller(struct aws_client *c, struct sts_identity *out,
			     struct fp_error *err);

#endif
