/*
 * The access token of an `aws sso login`.
 */
#ifndef FP_AWS_SSO_TOKEN_H
#define FP_AWS_SSO_TOKEN_H

#include "aws/credentials/providers.h"

/* What a profile says of SSO; borrowed from the shared files. */
struct sso_config {
	const char *session; /* the sso-session's name; NULL: a legacy profile */
	const char *start_url, *region, *account, *role;
};

/*
 * The token from ~/.aws/sso/cache, good for this moment; wiped and freed by the caller.
 * That of an sso-session is refreshed within 15 minutes of its end and written back.
 * FP_ERR_CREDENTIALS says which command logs in again; FP_ERR_NETWORK and the like when
 * an expired one could not be refreshed.
 */
FP_MUST_CHECK int sso_access_token(char **out, const struct cred_context *c,
				   const struct sso_config *sso, struct fp_error *err);
/* "run 'aws sso login --profile dev'"; owned by the caller. */
char *sso_how_to_log_in(const struct cred_context *c, const struct sso_config *sso);
/* A client of the portal or of OIDC: of the login's region, unsigned. */
FP_MUST_CHECK int sso_client(struct aws_client **out, const struct cred_context *c,
			     const struct sso_config *sso, struct fp_error *err);

#endif
