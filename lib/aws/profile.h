/*
 * The shared config and credentials files: INI with AWS's own rules.
 * Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials
 * files", with botocore's order where the guide is silent.
 */
#ifndef FP_AWS_PROFILE_H
#define FP_AWS_PROFILE_H

#include "aws/credentials.h"

enum profile_file { PROFILE_CONFIG, PROFILE_CREDENTIALS };

/*
 * The value of a key in a profile's section of a file's text; the last one wins.
 * The config file calls its sections "profile NAME" (but "default" too), the
 * credentials file "NAME". NULL when absent; owned by the caller.
 */
char *profile_value(const char *text, size_t n, enum profile_file file,
		    const char *profile, const char *key);
/* Whether the text has a section for the profile. */
bool profile_exists(const char *text, size_t n, enum profile_file file,
		    const char *profile);

/* The profile in use: --profile, AWS_PROFILE, AWS_DEFAULT_PROFILE, "default". */
const char *profile_name(const struct aws_env *env);
/* The file's text; a file that does not exist is empty. */
FP_MUST_CHECK int profile_read(struct buf *out, const struct aws_env *env,
			       enum profile_file file, struct fp_error *err);

#endif
