/*
 * The providers, one file each, and what they share. To add one, write
 * NAME.c, declare it here and give it its place in cred_chain.
 */
#ifndef FP_AWS_PROVIDERS_H
#define FP_AWS_PROVIDERS_H

#include "aws/credentials.h"

extern const struct cred_provider cred_environment;
extern const struct cred_provider cred_shared_files;
extern const struct cred_provider cred_container;

/* Copies; `token` may be NULL. */
void cred_set(struct aws_credentials *out, const char *id, const char *secret,
	      const char *token);

#endif
