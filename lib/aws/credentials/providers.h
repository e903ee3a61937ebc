/*
 * The providers, one file each, and what they share. To add one, write NAME.c, declare
 * it here and give it its place in the chain (lib/aws/credentials.c).
 */
#ifndef FP_AWS_PROVIDERS_H
#define FP_AWS_PROVIDERS_H

#include <cjson/cJSON.h>

#include "aws/client.h"
#include "aws/credentials.h"
#include "aws/profile.h"

/*
 * What a provider reads from, for one run of the chain. The profile is the one in use,
 * or, below an assumed role, a source_profile.
 */
struct cred_context {
	const struct aws_env *env;
	const struct profiles *profiles; /* both shared files, never NULL */
	const char *profile;		 /* whose credentials are wanted, never NULL */
	bool no_env;	    /* AWS_ACCESS_KEY_ID and AWS_ROLE_ARN do not count */
	const char *region; /* for nested clients: aws_options.region; may be NULL */
	int64_t timeout_ms; /* for them, too: aws_options.total_timeout_ms */
	bool again;	    /* as in struct cred_question */
	const struct aws_credentials *stale;
	/* A provider may say here what it found ("role arn:... of profile 'dev'"), for
	 * the report; never a secret. Never NULL. */
	struct buf *found;
};

struct cred_provider {
	const char *name; /* "environment" */
	/*
	 * CRED_NONE: not configured here, ask the next one; CRED_ERROR: configured, but
	 * it does not work, ask nobody else. Both fill `err`, which says why. `out` is
	 * all zero before, and stays so unless the result is CRED_FOUND. Credentials that
	 * expired already are the chain's to refuse.
	 */
	enum cred_result (*get)(struct aws_credentials *out, const struct cred_context *c,
				struct fp_error *err);
};

extern const struct cred_provider cred_environment;
extern const struct cred_provider cred_assume_role;
extern const struct cred_provider cred_web_identity;
extern const struct cred_provider cred_sso;
extern const struct cred_provider cred_credentials_file;
extern const struct cred_provider cred_login;
extern const struct cred_provider cred_process;
extern const struct cred_provider cred_config_file;
extern const struct cred_provider cred_container;
extern const struct cred_provider cred_imds;

/* Of the profile c->profile in the merged files; borrowed, or NULL. */
const char *cred_setting(const struct cred_context *c, const char *key);
/* Ask one: as its `get`, and credentials that expired already are an error. */
enum cred_result cred_ask(const struct cred_provider *p, struct aws_credentials *out,
			  const struct cred_context *c, struct fp_error *err);
/* As a source_profile is asked: the providers that read profiles, but assume role. */
enum cred_result cred_from_profile(struct aws_credentials *out,
				   const struct cred_context *c, struct fp_error *err);
/* Fail with FP_ERR_CREDENTIALS: `return cred_none(err, "X is not set")`. */
enum cred_result cred_none(struct fp_error *err, const char *fmt, ...) FP_PRINTF(2, 3);
enum cred_result cred_error(struct fp_error *err, const char *fmt, ...) FP_PRINTF(2, 3);
/* Options of a nested client: environment, region and time of `c`, no credentials yet.
 * The --endpoint-url of the command is not for it, as with the AWS CLI. */
struct aws_options cred_client_options(const struct cred_context *c);

/*
 * The AWS CLI's cache of role sessions, ~/.aws/cli/cache: one JSON file each, named by
 * the SHA-1 of Python's JSON of the arguments.
 */
struct cred_arg {
	const char *name;  /* in the order of their names */
	const char *value; /* NULL: left out */
	bool number;
};
/* The file's name without its folder; `compact`: no spaces in the JSON (SSO's way).
 * Owned by the caller. */
char *cred_cache_name(const struct cred_arg *args, size_t n, bool compact);
/* Whether there is an entry that lives for another 15 minutes and is not c->stale. A
 * broken or unreadable file counts as none. */
bool cred_cache_read(struct aws_credentials *out, const struct cred_context *c,
		     const char *name);
/*
 * Write {"Credentials": {...}} beside the members of `more` ({"ProviderType": "sso"}, or
 * NULL), mode 0600. That it cannot be written is logged, and otherwise no matter: the
 * cache only saves a call. `account` (or NULL) is kept with the credentials.
 */
void cred_cache_write(const struct cred_context *c, const char *name,
		      const struct aws_credentials *creds, const char *account,
		      const cJSON *more);

#endif
