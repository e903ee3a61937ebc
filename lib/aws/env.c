#include "aws/env.h"

#include <stdlib.h>

static const char *from_getenv(void *ctx FP_UNUSED, const char *name)
{
	return getenv(name);
}

struct aws_env aws_env_process(void)
{
	return (struct aws_env){ .get = from_getenv };
}

const char *cred_env(const struct aws_env *env, const char *name)
{
	const char *value = env->get(env->ctx, name);

	return value && *value ? value : NULL;
}
