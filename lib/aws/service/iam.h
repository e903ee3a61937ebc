/*
 * AWS Identity and Access Management.
 */
#ifndef FP_AWS_IAM_H
#define FP_AWS_IAM_H

#include "aws/client.h"

/*
 * GetRole, with the members of the API Reference, 2010-05-08, but with the trust policy
 * (AssumeRolePolicyDocument) as JSON text instead of percent-encoded. Owned by the
 * caller; NULL when there is no such role.
 */
FP_MUST_CHECK int iam_role(struct aws_client *c, const char *name, cJSON **out,
			   struct fp_error *err);

#endif
