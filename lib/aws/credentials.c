#include "aws/credentials.h"

#include "aws/credentials/providers.h"

const struct cred_provider *const cred_chain[] = {
	&cred_environment,
	&cred_shared_files,
	&cred_container,
	NULL,
};

const char *cred_env(const struct aws_env *env, const char *name)
{
	const char *value = env->get(env->ctx, name);

	return value && *value ? value : NULL;
}

void cred_set(struct aws_credentials *out, const char *id, const char *secret,
	      const char *token)
{
	*out = (struct aws_credentials){
		.access_key_id = xstrdup(id),
		.secret_access_key = xstrdup(secret),
		.session_token = token ? xstrdup(token) : NULL,
	};
}

int cred_resolve(struct aws_credentials *out, const char **name,
		 const struct aws_env *env, struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf tried = BUF_INIT;

	for (size_t i = 0; cred_chain[i]; i++) {
		struct fp_error why = { 0 };
		enum cred_result result = cred_chain[i]->get(out, env, &why);

		if (result == CRED_FOUND) {
			*name = cred_chain[i]->name;
			return 0;
		}
		if (result == CRED_ERROR)
			return fp_fail(err, FP_ERR_CREDENTIALS, "credentials from %s: %s",
				       cred_chain[i]->name, why.message);
		buf_printf(&tried, "%s%s: %s", i ? "; " : "", cred_chain[i]->name,
			   why.message);
	}
	return fp_fail(err, FP_ERR_CREDENTIALS,
		       "no credentials found (%s); set AWS_ACCESS_KEY_ID and "
		       "AWS_SECRET_ACCESS_KEY, name a --profile, or use --local",
		       buf_str(&tried));
}
