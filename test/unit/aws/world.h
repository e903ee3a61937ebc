/*
 * An environment of a test's own: "NAME=value" texts, ended by NULL.
 */
#ifndef FP_TEST_WORLD_H
#define FP_TEST_WORLD_H

#include "aws/credentials.h"

static const char *world_get(void *ctx, const char *name)
{
	const char *const *list = ctx;
	size_t n = strlen(name);

	for (; list && *list; list++)
		if (strncmp(*list, name, n) == 0 && (*list)[n] == '=')
			return *list + n + 1;
	return NULL;
}

static inline struct aws_env world(const char *const *variables, const char *profile)
{
	return (struct aws_env){ .get = world_get,
				 .ctx = (void *)(uintptr_t)variables,
				 .profile = profile };
}

#endif
