/*
 * Where the AWS CLI keeps its logins: one JSON document each, in a file that is named by
 * the digest of what was logged in to. `aws sso login` and `aws login` write them; they
 * are read, and written back after a refresh, as botocore does.
 */
#ifndef FP_AWS_TOKEN_FILE_H
#define FP_AWS_TOKEN_FILE_H

#include "aws/credentials/providers.h"

/* FOLDER/DIGEST.json; NULL without a home folder. `algorithm` as in digest_new. Owned. */
char *token_file_path(const struct aws_env *env, const char *folder,
		      const char *algorithm, const char *name);
/* An object; FP_ERR_NOT_FOUND when there is no file. Free with json_wipe_freep. */
FP_MUST_CHECK int token_file_read(cJSON **out, const char *path, struct fp_error *err);
/* Atomic, mode 0600. A failure is logged and otherwise no matter: the login is good
 * for as long as this process remembers it. */
void token_file_write(const char *path, const cJSON *token);
/* As json_set_str; what was there is wiped. */
void token_file_set(cJSON *token, const char *name, const char *value);
/* "2026-01-02T03:04:05Z" into the member. */
void token_file_set_time(cJSON *token, const char *name, int64_t ms);

#endif
