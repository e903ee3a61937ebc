/*
 * What AWS's error codes mean to the users of this program, and what to do about them:
 * the one table behind the messages, `fpctl explain` and docs/errors.md.
 * Source: the services' API references, "Common Errors" and each operation's "Errors".
 */
#ifndef FP_AWS_ADVICE_H
#define FP_AWS_ADVICE_H

#include "base/error.h"

struct aws_advice {
	unsigned number;   /* 4101: stable, never given to another meaning */
	const char *codes; /* "AccessDenied AccessDeniedException": the first names it */
	const char *service; /* of this one only ("lambda"); or NULL */
	const char *summary; /* what happened: lower case, no full stop */
	const char *next; /* what to do next: the same; stands behind "; " in messages */
};

extern const struct aws_advice aws_advices[]; /* by number; ends with number 0 */

/* Of a service's error code; what is told of the service alone goes first. `service` may
 * be NULL: then of any. NULL when nothing is told of the code. */
const struct aws_advice *aws_advice_of(const char *service, const char *code);
const struct aws_advice *aws_advice_numbered(unsigned number);

/* Give an error that a service answered its number and what to do next. */
void aws_advise(struct fp_error *err, const char *service);

#endif
