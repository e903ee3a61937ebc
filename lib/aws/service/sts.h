/*
 * AWS Security Token Service.
 */
#ifndef FP_AWS_STS_H
#define FP_AWS_STS_H

#include "aws/client.h"

struct sts_identity {
	char *account; /* "123456789012" */
	char *arn;     /* of the user or the assumed role */
	char *user_id; /* "AIDA..." or "AROA...:SESSION" */
};
void sts_identity_release(struct sts_identity *id);

/* Who the credentials are. */
FP_MUST_CHECK int sts_caller(struct aws_client *c, struct sts_identity *out,
			     struct fp_error *err);

struct sts_role {
	const char *role_arn;
	const char *session_name;
	int64_t duration_s; /* 0: the service's own, an hour */
	/* AssumeRole only; each may be NULL. */
	const char *external_id;
	const char *mfa_serial, *mfa_code;
	/* AssumeRoleWithWebIdentity only. */
	const char *web_identity_token;
};

struct sts_session {
	struct aws_credentials credentials; /* temporary: token and expiry are there */
	char *arn;			    /* "arn:aws:sts::1:assumed-role/ROLE/NAME" */
	char *id;			    /* "AROA...:NAME" */
};
void sts_session_release(struct sts_session *s);

FP_MUST_CHECK int sts_assume_role(struct aws_client *c, const struct sts_role *role,
				  struct sts_session *out, struct fp_error *err);
/* The client is to be anonymous: the token is all that counts. */
FP_MUST_CHECK int sts_assume_role_with_web_identity(struct aws_client *c,
						    const struct sts_role *role,
						    struct sts_session *out,
						    struct fp_error *err);

#endif
