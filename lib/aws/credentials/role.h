/*
 * A role's session, from the AWS CLI's cache or from STS. For assume_role.c and
 * web_identity.c.
 */
#ifndef FP_AWS_ROLE_H
#define FP_AWS_ROLE_H

#include "aws/credentials/providers.h"
#include "aws/service/sts.h"

/*
 * The cached session of the role with just these settings. Its session_name may be NULL:
 * then a name is made up, which is none of the cache's arguments.
 */
bool role_cached(struct aws_credentials *out, const struct cred_context *c,
		 const struct sts_role *role);
/* Assume it, as `source` or (NULL) by its web identity token, and cache the session. */
FP_MUST_CHECK int role_assume(struct aws_credentials *out, const struct cred_context *c,
			      const struct sts_role *role,
			      const struct aws_credentials *source, struct fp_error *err);

#endif
