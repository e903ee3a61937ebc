/*
 * Who signed a request. The state folder has one root key; AssumeRole and the
 * Lambda service issue session credentials beside it.
 * Errors' codes and statuses are AWS's own, which differ by protocol.
 */
#ifndef FP_EMULATOR_AUTH_H
#define FP_EMULATOR_AUTH_H

#include "emulator/exchange.h"

/* Make the tables, and the root key when the state is new: fills the emulator's
 * access_key_id and secret_access_key, owned by the caller. */
FP_MUST_CHECK int auth_open(struct emulator *emu, struct fp_error *err);

/*
 * With the headers: read the claim, find the key, check the clock, and compare
 * the signature when the body's hash is declared. -1 with x->fault. A form that
 * nobody signed goes on with x->unsigned_form: which operation it asks for is known
 * later.
 */
int auth_begin(struct exchange *x);
/* Refuse what nobody signed; returns -1. */
int auth_refuse_unsigned(struct exchange *x);
/* With the whole body: compare the signature if that is still open. */
int auth_end(struct exchange *x);

/* Credentials of "arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION", kept until they
 * expire. The caller releases `out`. */
FP_MUST_CHECK int auth_issue_session(struct emulator *emu, const char *role_arn,
				     const char *session_name, int64_t lifetime_ms,
				     struct aws_credentials *out, struct fp_error *err);
/* "arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION"; owned by the caller. */
char *auth_session_arn(const struct emulator *emu, const char *role_arn,
		       const char *session_name);

#endif
