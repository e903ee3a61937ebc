/*
 * The world that settings and credentials are read from: environment, shared files,
 * and whom one may ask. Tests hand in one of their own.
 */
#ifndef FP_AWS_ENV_H
#define FP_AWS_ENV_H

#include "base/base.h"

struct aws_env {
	const char *(*get)(void *ctx, const char *name); /* getenv; NULL when unset */
	void *ctx;
	const char *profile; /* --profile, or NULL */
	/*
	 * Ask the user for a one-time code; what she typed is the caller's to wipe and
	 * free. NULL when nobody can be asked, or when she gave up.
	 */
	char *(*ask)(void *ctx, const char *prompt);
	void *ask_ctx;
};

/* This process's environment, with nobody to ask; HOME is the user's own if it is unset.
 */
struct aws_env aws_env_process(void);
/* The variable's value; NULL when it is unset or empty. */
const char *cred_env(const struct aws_env *env, const char *name);

#endif
