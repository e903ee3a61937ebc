/*
 * AWS Sign-In, as `aws login` uses it. Called unsigned; a DPoP proof says who calls.
 */
#ifndef FP_AWS_SIGNIN_H
#define FP_AWS_SIGNIN_H

#include "aws/client.h"

/* The operation's address, for the proof; owned by the caller. */
FP_MUST_CHECK int signin_token_url(char **out, const struct aws_client *c,
				   struct fp_error *err);

/*
 * CreateOAuth2Token by a refresh token: credentials of at most 15 minutes, and the next
 * refresh token (owned by the caller, who wipes it). FP_ERR_AWS with TOKEN_EXPIRED,
 * USER_CREDENTIALS_CHANGED or INSUFFICIENT_PERMISSIONS as aws_code says how a login
 * ended.
 */
FP_MUST_CHECK int signin_create_token(struct aws_credentials *out, char **next_refresh,
				      struct aws_client *c, const char *client_id,
				      const char *refresh_token, const char *dpop,
				      struct fp_error *err);

#endif
