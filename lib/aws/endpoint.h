/*
 * Where a service answers, and for what region its requests are signed.
 * Source: the rules in botocore's endpoint-rule-set-1.json of each service (compared with
 * them by test/e2e/test_endpoints); AWS SDKs and Tools Reference Guide,
 * "Service-specific endpoints", for what the user may set.
 */
#ifndef FP_AWS_ENDPOINT_H
#define FP_AWS_ENDPOINT_H

#include "aws/settings.h"

struct endpoint {
	char *url;		     /* "https://sts.eu-west-1.amazonaws.com": no
					slash at its end */
	char *from;		     /* "AWS_ENDPOINT_URL_STS"; NULL: AWS's own */
	char *region, *signing_name; /* to sign for */
	bool configured;	     /* not AWS's own */
};
void endpoint_release(struct endpoint *e);

/*
 * The endpoint of a service in s->region. In this order: the option; unless
 * ignore_configured_endpoint_urls, AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, the
 * profile's services section, the profile's endpoint_url; AWS's own, for FIPS and dual
 * stack where asked for (a configured one is taken as it is).
 *
 * FP_ERR_INPUT for a configured one that is no URL, for a services section that does not
 * exist, and for a region that has no such endpoint ("aws-global", FIPS of S3 in China).
 */
FP_MUST_CHECK int endpoint_resolve(struct endpoint *out, const struct aws_env *env,
				   const struct aws_settings *s, const char *service,
				   struct fp_error *err);
/*
 * The same for a bucket of S3, whose name becomes part of the host where it can, and else
 * of the path: names with dots, upper case or '_', hosts that are addresses, configured
 * endpoints, as s3.addressing_style says. Access points, directory buckets and their like
 * are FP_ERR_INPUT.
 */
FP_MUST_CHECK int endpoint_resolve_bucket(struct endpoint *out, const struct aws_env *env,
					  const struct aws_settings *s,
					  const char *bucket, struct fp_error *err);

/* The services that have an endpoint here: the i-th, or NULL. */
const char *endpoint_service(size_t i);

/* Whether a host ("127.0.0.1:4566") is an IP address or localhost. */
bool endpoint_is_local(const char *host);

#endif
