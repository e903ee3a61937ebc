#include "aws/env.h"

#include <pthread.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/str.h"

static char *own_home; /* lives as long as the process */

static void find_home(void)
{
	struct passwd *user = getpwuid(getuid());

	if (user && user->pw_dir && *user->pw_dir)
		own_home = xstrdup(user->pw_dir);
}

/* As shells and the AWS CLI: services and cron jobs may have no HOME. */
static const char *from_getenv(void *ctx FP_UNUSED, const char *name)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const char *value = getenv(name);

	if (value || !str_eq(name, "HOME"))
		return value;
	(void)pthread_once(&once, find_home);
	return own_home;
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
