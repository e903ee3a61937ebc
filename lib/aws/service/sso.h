/*
 * AWS IAM Identity Center, as the SSO portal and its OIDC service: what a login of
 * `aws sso login` is worth. Both are called unsigned; the tokens are the proof.
 */
#ifndef FP_AWS_SSO_H
#define FP_AWS_SSO_H

#include "aws/client.h"

/*
 * GetRoleCredentials: credentials of a role that the login may take. FP_ERR_AWS with
 * "UnauthorizedException" when the token is no longer good.
 */
FP_MUST_CHECK int sso_role_credentials(struct aws_credentials *out, struct aws_client *c,
				       const char *account, const char *role,
				       const char *token, struct fp_error *err);

/* What a refresh token is changed into. */
struct sso_token {
	char *access, *refresh; /* refresh: or NULL */
	int64_t expires_in_s;
};
void sso_token_release(struct sso_token *t); /* wipes */

/* CreateToken of SSO OIDC, by a refresh token. */
FP_MUST_CHECK int sso_create_token(struct sso_token *out, struct aws_client *c,
				   const char *client_id, const char *client_secret,
				   const char *refresh_token, struct fp_error *err);

#endif
