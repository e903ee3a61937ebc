#include "aws/env.h"

const char *cred_env(const struct aws_env *env, const char *name)
{
	const char *value = env->get(env->ctx, name);

	return value && *value ? value : NULL;
}
