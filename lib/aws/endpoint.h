/*
 * Where a service answers.
 * Source: AWS SDKs and Tools Reference Guide, "Service-specific endpoints".
 */
#ifndef FP_AWS_ENDPOINT_H
#define FP_AWS_ENDPOINT_H

#include "aws/credentials.h"

/*
 * "https://sts.eu-west-1.amazonaws.com" without a slash at its end; owned by the
 * caller. In this order: `override`; unless AWS_IGNORE_CONFIGURED_ENDPOINT_URLS,
 * AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, and `configured` (the profile's
 * endpoint_url); the region's. `override` and `configured` may be NULL.
 */
char *endpoint_of(const struct aws_env *env, const char *override, const char *configured,
		  const char *service, const char *region);

/* Whether a host ("127.0.0.1:4566") is an IP address or localhost. */
bool endpoint_is_local(const char *host);

#endif
