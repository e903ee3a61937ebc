/*
 * The shared config and credentials files (~/.aws/config, ~/.aws/credentials).
 * Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials
 * files", with botocore's order where the guide is silent.
 */
#ifndef FP_AWS_PROFILE_H
#define FP_AWS_PROFILE_H

#include "aws/env.h"
#include "base/error.h"
#include "base/str.h"

enum profile_file { PROFILE_CONFIG, PROFILE_CREDENTIALS };

/* Both files, read once; owns its texts. */
struct profiles;

/* Merged: the credentials file's keys go over the config file's, of the same profile. */
enum profiles_view { PROFILES_MERGED, PROFILES_CONFIG, PROFILES_CREDENTIALS };

/*
 * What a section is: "[profile NAME]" and "[default]" of the config file, "[NAME]" of the
 * credentials file; "[sso-session NAME]"; "[services NAME]". Of "[profile default]" and
 * "[default]" the lower one counts alone.
 */
enum profiles_section { SECTION_PROFILE, SECTION_SSO_SESSION, SECTION_SERVICES };

/*
 * Read the files that AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name, or those of
 * the home folder. A file that does not exist is empty. FP_ERR_INPUT for a line that does
 * not belong, with FILE:LINE in err->where, and for a pipe; FP_ERR_LIMIT above 1 MiB.
 */
FP_MUST_CHECK int profiles_read(struct profiles **out, const struct aws_env *env,
				struct fp_error *err);
/* The same from texts; `*_n` bytes each. The files' names are for messages. */
FP_MUST_CHECK int profiles_parse(struct profiles **out, const char *config,
				 size_t config_n, const char *credentials,
				 size_t credentials_n, struct fp_error *err);
void profiles_freep(struct profiles **p); /* wipes */

/*
 * The value of a key, in lower case; what is nested is "s3.addressing_style". NULL when
 * it is absent or empty. Borrowed: lives as long as `p`.
 */
const char *profiles_get(const struct profiles *p, enum profiles_view view,
			 enum profiles_section kind, const char *name, const char *key);
/* Whether there is such a section. */
bool profiles_has(const struct profiles *p, enum profiles_view view,
		  enum profiles_section kind, const char *name);
/* The sections' names, each once. */
void profiles_names(struct strs *out, const struct profiles *p,
		    enum profiles_section kind);
/* Where the merged view has a profile's key from: "profile 'dev' of ~/.aws/config";
 * owned. */
char *profiles_origin(const struct profiles *p, const char *name, const char *key);

/* The profile in use, and where its name is from (`from` may be NULL): "--profile",
 * "AWS_PROFILE", "AWS_DEFAULT_PROFILE", or "the default". */
const char *profile_name(const struct aws_env *env, const char **from);
/*
 * A profile that somebody named has to be there: another's keys are a trap. FP_ERR_INPUT
 * when it is in neither file, with where was looked and what may be meant.
 */
FP_MUST_CHECK int profiles_check(const struct profiles *p, const struct aws_env *env,
				 struct fp_error *err);
/* A path with "~/" and "$NAME" replaced; NULL when "~" is no folder. Owned. */
char *profiles_expand(const struct aws_env *env, const char *path);
/* The file's path, "~" and "$NAME" expanded; NULL without a home folder. Owned. */
char *profiles_path(const struct aws_env *env, enum profile_file file);

#endif
