/*
 * What holds for all calls, each setting with where it came from: options, environment,
 * profile, in this order.
 * Source: AWS SDKs and Tools Reference Guide, "Settings reference"; names and order as
 * in the AWS CLI version 2 (docs/aws.md lists them).
 */
#ifndef FP_AWS_SETTINGS_H
#define FP_AWS_SETTINGS_H

#include "aws/env.h"
#include "base/error.h"

struct aws_setting {
	char *value; /* NULL: not set */
	char *from;  /* "--region", "AWS_REGION", "profile 'dev' of ~/.aws/config",
			"the default"; NULL without a value */
};

struct aws_settings {
	struct aws_setting profile;	 /* always set */
	struct aws_setting region;	 /* always set */
	struct aws_setting endpoint_url; /* for all services; as in endpoint_resolve */
	struct aws_setting ca_bundle;
	struct aws_setting max_attempts, retry_mode; /* always set */
	struct aws_setting fips, dualstack;
	struct aws_setting s3_addressing_style, s3_dualstack;
	struct aws_setting sts_regional_endpoints;
	struct aws_setting ignore_endpoint_urls;

	/* The same, read. */
	bool use_fips, use_dualstack, use_s3_dualstack, ignore_urls;
	bool endpoint_given; /* endpoint_url is the option's: above all others */
	bool sts_global;     /* sts_regional_endpoints = legacy */
	unsigned attempts;   /* 1 to 100, the first one counted */
	enum { S3_STYLE_AUTO, S3_STYLE_VIRTUAL, S3_STYLE_PATH } s3_style;

	struct profiles *profiles; /* the shared files; NULL when they were not read */
};

struct aws_options;
/*
 * FP_ERR_INPUT for a value that is none, a profile that was named but does not exist, no
 * region, and shared files with a broken line. The shared files are not looked at when
 * `o` gives region, endpoint and credentials: a call to the emulator does not depend on
 * them.
 */
FP_MUST_CHECK int settings_load(struct aws_settings *out, const struct aws_env *env,
				const struct aws_options *o, struct fp_error *err);
void settings_release(struct aws_settings *s);

#endif
