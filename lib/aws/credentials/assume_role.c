/*
 * A profile's role_arn: the role is assumed as its source_profile or credential_source.
 */
#include "aws/credentials/role.h"
#include "base/str.h"

/* Of roles one behind the other; AWS's own tools end at some hundreds, people at three.
 */
#define MAX_CHAIN 100
/* STS refuses less. */
#define MIN_DURATION_S 900

static const struct {
	const char *name;
	const struct cred_provider *provider;
} sources[] = {
	{ "Environment", &cred_environment },
	{ "EcsContainer", &cred_container },
	{ "Ec2InstanceMetadata", &cred_imds },
};

/* With a token file the role is the web identity provider's matter. */
static bool has_role(const struct cred_context *c)
{
	return cred_setting(c, "role_arn") && !cred_setting(c, "web_identity_token_file");
}

static bool has_keys(const struct cred_context *c)
{
	return cred_setting(c, "aws_access_key_id") ||
	       cred_setting(c, "aws_secret_access_key");
}

static enum cred_result loop_error(const struct strs *visited, const char *again,
				   struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf way = BUF_INIT;

	for (size_t i = 0; i < visited->n; i++)
		buf_printf(&way, "'%s' -> ", visited->v[i]);
	return cred_error(err, "the source profiles go in a circle: %s'%s'",
			  buf_str(&way), again);
}

static enum cred_result by_role(struct aws_credentials *out, const struct cred_context *c,
				struct strs *visited, struct fp_error *err);

static enum cred_result from_source_profile(struct aws_credentials *out,
					    const struct cred_context *c,
					    const char *name, struct strs *visited,
					    struct fp_error *err)
{
	struct cred_context source = *c;

	source.profile = name;
	source.no_env = true;
	if (!profiles_has(c->profiles, PROFILES_MERGED, SECTION_PROFILE, name))
		return cred_error(err,
				  "the source_profile '%s' of profile '%s' does not "
				  "exist",
				  name, c->profile);
	/* A profile may be its own source: then its keys are. */
	if (strs_has(visited, name) && !(str_eq(name, c->profile) && has_keys(&source)))
		return loop_error(visited, name, err);
	if (visited->n > MAX_CHAIN)
		return cred_error(err, "there are more than %d source profiles in a row",
				  MAX_CHAIN);
	strs_add(visited, name);
	if (!has_keys(&source) && has_role(&source))
		return by_role(out, &source, visited, err);
	if (cred_from_profile(out, &source, err) == CRED_FOUND)
		return CRED_FOUND;
	(void)fp_wrap(err, "the source_profile '%s' of profile '%s'", name, c->profile);
	return CRED_ERROR;
}

static enum cred_result from_credential_source(struct aws_credentials *out,
					       const struct cred_context *c,
					       const char *name, struct fp_error *err)
{
	struct cred_context source = *c;

	source.no_env = false;
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		if (!str_eq(name, sources[i].name))
			continue;
		if (cred_ask(sources[i].provider, out, &source, err) == CRED_FOUND)
			return CRED_FOUND;
		(void)fp_wrap(err, "the credential_source '%s' of profile '%s'", name,
			      c->profile);
		return CRED_ERROR;
	}
	return cred_error(err,
			  "the credential_source '%s' of profile '%s' is none of "
			  "Environment, EcsContainer and Ec2InstanceMetadata",
			  name, c->profile);
}

/* The one-time code; wiped and freed by the caller. */
static char *ask_code(const struct cred_context *c, const char *serial,
		      struct fp_error *err)
{
	FP_AUTO(freep) char *prompt = xasprintf("MFA code for %s:", serial);
	char *code;

	if (c->again) {
		(void)fp_fail(err, FP_ERR_CREDENTIALS,
			      "the session of profile '%s' ends, and nobody is asked for "
			      "another MFA code meanwhile; run the command again",
			      c->profile);
		return NULL;
	}
	code = c->env->ask ? c->env->ask(c->env->ask_ctx, prompt) : NULL;
	if (!code)
		(void)fp_fail(err, FP_ERR_CREDENTIALS,
			      "profile '%s' wants an MFA code for %s, and nobody can be "
			      "asked; run 'fpctl doctor --profile %s' in a terminal "
			      "first: its session is kept for the others",
			      c->profile, serial, c->profile);
	return code;
}

static enum cred_result assume(struct aws_credentials *out, const struct cred_context *c,
			       struct sts_role *role,
			       const struct aws_credentials *source, struct fp_error *err)
{
	FP_AUTO(str_wipe) char *code = NULL;

	if (role->mfa_serial && !(code = ask_code(c, role->mfa_serial, err)))
		return CRED_ERROR;
	role->mfa_code = code;
	if (role_assume(out, c, role, source, err) == 0)
		return CRED_FOUND;
	(void)fp_wrap(err, "the role %s of profile '%s'", role->role_arn, c->profile);
	return CRED_ERROR;
}

static int read_role(struct sts_role *role, const struct cred_context *c,
		     struct fp_error *err)
{
	const char *duration = cred_setting(c, "duration_seconds");

	*role = (struct sts_role){
		.role_arn = cred_setting(c, "role_arn"),
		.session_name = cred_setting(c, "role_session_name"),
		.external_id = cred_setting(c, "external_id"),
		.mfa_serial = cred_setting(c, "mfa_serial"),
	};
	/* The AWS CLI passes over what is no number. */
	if (!duration || !str_to_i64(duration, INT32_MIN, INT32_MAX, &role->duration_s))
		return 0;
	if (role->duration_s < MIN_DURATION_S)
		return fp_fail(err, FP_ERR_CREDENTIALS,
			       "duration_seconds of profile '%s' is %s, and a session "
			       "lasts %d at least",
			       c->profile, duration, MIN_DURATION_S);
	return 0;
}

static enum cred_result by_role(struct aws_credentials *out, const struct cred_context *c,
				struct strs *visited, struct fp_error *err)
{
	const char *profile = cred_setting(c, "source_profile");
	const char *other = cred_setting(c, "credential_source");
	FP_AUTO(aws_credentials_release) struct aws_credentials source = { 0 };
	struct sts_role role;
	enum cred_result result;

	if (profile && other)
		return cred_error(err,
				  "profile '%s' has both source_profile and "
				  "credential_source; remove one",
				  c->profile);
	if (!profile && !other)
		return cred_error(err,
				  "profile '%s' has role_arn, but neither "
				  "source_profile nor credential_source",
				  c->profile);
	if (read_role(&role, c, err) < 0)
		return CRED_ERROR;
	buf_clear(c->found);
	if (role_cached(out, c, &role)) {
		buf_printf(c->found, "%s of profile '%s', cached", role.role_arn,
			   c->profile);
		return CRED_FOUND;
	}
	result = profile ? from_source_profile(&source, c, profile, visited, err)
			 : from_credential_source(&source, c, other, err);
	if (result != CRED_FOUND)
		return result;
	result = assume(out, c, &role, &source, err);
	buf_clear(c->found);
	buf_printf(c->found, "%s of profile '%s', by %s '%s'", role.role_arn, c->profile,
		   profile ? "profile" : "credential_source", profile ? profile : other);
	return result;
}

static enum cred_result get(struct aws_credentials *out, const struct cred_context *c,
			    struct fp_error *err)
{
	FP_AUTO(strs_release) struct strs visited = STRS_INIT;

	if (!has_role(c))
		return cred_none(err, "profile '%s' has no role_arn%s", c->profile,
				 cred_setting(c, "role_arn") ? " without a token file"
							     : "");
	strs_add(&visited, c->profile);
	return by_role(out, c, &visited, err);
}

const struct cred_provider cred_assume_role = { "assume role", get };
