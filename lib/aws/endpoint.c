#include "aws/endpoint.h"

#include "aws/profile.h"
#include "base/str.h"
#include "wire/message.h"
#include "wire/partition.h"

/* In GovCloud some services answer FIPS calls at their usual host. */
enum { GOV_FIPS = 1, GOV_FIPS_DUAL = 2 };

static const struct service {
	const char *key;	  /* as in struct aws_api */
	const char *id;		  /* AWS_ENDPOINT_URL_<id>, and in the services section */
	unsigned plain;		  /* GOV_* */
	const char *prefix;	  /* of the host; NULL: the key */
	const char *signing_name; /* NULL: the key */
} services[] = {
	{ "cloudformation", "CLOUDFORMATION", GOV_FIPS, NULL, NULL },
	{ "codebuild", "CODEBUILD", 0, NULL, NULL },
	{ "codeconnections", "CODECONNECTIONS", 0, NULL, NULL },
	{ "codepipeline", "CODEPIPELINE", 0, NULL, NULL },
	{ "codestar-connections", "CODESTAR_CONNECTIONS", 0, NULL, NULL },
	{ "events", "EVENTBRIDGE", GOV_FIPS | GOV_FIPS_DUAL, NULL, NULL },
	{ "iam", "IAM", 0, NULL, NULL },
	{ "kms", "KMS", 0, NULL, NULL },
	{ "lambda", "LAMBDA", 0, NULL, NULL },
	{ "logs", "CLOUDWATCH_LOGS", GOV_FIPS, NULL, NULL },
	{ "monitoring", "CLOUDWATCH", GOV_FIPS | GOV_FIPS_DUAL, NULL, NULL },
	{ "s3", "S3", 0, NULL, NULL },
	{ "signin", "SIGNIN", 0, NULL, NULL },
	{ "sns", "SNS", GOV_FIPS, NULL, NULL },
	{ "sqs", "SQS", GOV_FIPS, NULL, NULL },
	{ "ssm", "SSM", GOV_FIPS, NULL, NULL },
	{ "sso", "SSO", GOV_FIPS, "portal.sso", "awsssoportal" },
	{ "sso-oidc", "SSO_OIDC", GOV_FIPS, "oidc", "sso-oauth" },
	{ "sts", "STS", GOV_FIPS, NULL, NULL },
};

/* IAM is one a partition: its hosts by FIPS (1) and dual stack (2), and where it is. */
static const struct global_host {
	const char *partition, *host[4], *region;
} iam_hosts[] = {
	{ "aws",
	  { "iam.amazonaws.com", "iam-fips.amazonaws.com", "iam.global.api.aws",
	    "iam-fips.global.api.aws" },
	  "us-east-1" },
	{ "aws-cn",
	  { "iam.cn-north-1.amazonaws.com.cn", NULL,
	    "iam.global.api.amazonwebservices.com.cn", NULL },
	  "cn-north-1" },
	{ "aws-us-gov",
	  { "iam.us-gov.amazonaws.com", "iam.us-gov.amazonaws.com", "iam.us-gov.api.aws",
	    "iam.us-gov.api.aws" },
	  "us-gov-west-1" },
	{ "aws-eusc",
	  { "iam.eusc-de-east-1.amazonaws.eu", "iam-fips.amazonaws.eu",
	    "iam.api.amazonwebservices.eu", "iam-fips.api.amazonwebservices.eu" },
	  "eusc-de-east-1" },
	{ "aws-iso",
	  { "iam.us-iso-east-1.c2s.ic.gov", "iam-fips.us-iso-east-1.c2s.ic.gov",
	    "iam.api.aws.ic.gov", "iam-fips.api.aws.ic.gov" },
	  "us-iso-east-1" },
	{ "aws-iso-b",
	  { "iam.us-isob-east-1.sc2s.sgov.gov", "iam-fips.us-isob-east-1.sc2s.sgov.gov",
	    "iam.api.aws.scloud", "iam-fips.api.aws.scloud" },
	  "us-isob-east-1" },
	{ "aws-iso-e",
	  { "iam.eu-isoe-west-1.cloud.adc-e.uk", "iam-fips.cloud.adc-e.uk",
	    "iam.api.cloud-aws.adc-e.uk", "iam-fips.api.cloud-aws.adc-e.uk" },
	  "eu-isoe-west-1" },
	{ "aws-iso-f",
	  { "iam.us-isof-south-1.csp.hci.ic.gov", "iam-fips.csp.hci.ic.gov",
	    "iam.api.aws.hci.ic.gov", "iam-fips.api.aws.hci.ic.gov" },
	  "us-isof-south-1" },
};

/* `aws login` happens at the console's own domain. */
static const struct {
	const char *partition, *domain;
} signin_domains[] = {
	{ "aws", "signin.aws.amazon.com" },
	{ "aws-cn", "signin.amazonaws.cn" },
	{ "aws-us-gov", "signin.amazonaws-us-gov.com" },
};

/* The regions that sts_regional_endpoints = legacy sends to sts.amazonaws.com. */
static const char *const sts_global_regions[] = {
	"ap-northeast-1", "ap-south-1",	  "ap-southeast-1", "ap-southeast-2",
	"ca-central-1",	  "eu-central-1", "eu-north-1",	    "eu-west-1",
	"eu-west-2",	  "eu-west-3",	  "sa-east-1",	    "us-east-1",
	"us-east-2",	  "us-west-1",	  "us-west-2",
};

struct place {
	const struct service *service;
	const struct partition *partition;
	const char *region;
	bool fips, dual;
};

void endpoint_release(struct endpoint *e)
{
	free(e->url);
	free(e->from);
	free(e->region);
	free(e->signing_name);
	*e = (struct endpoint){ 0 };
}

const char *endpoint_service(size_t i)
{
	return i < ARRAY_SIZE(services) ? services[i].key : NULL;
}

static const struct service *find_service(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(services); i++)
		if (str_eq(services[i].key, key))
			return &services[i];
	return NULL;
}

static void found(struct endpoint *out, const char *region, char *url)
{
	out->url = url;
	out->region = xstrdup(region);
}

static int unknown_place(const struct place *at, struct fp_error *err)
{
	return fp_fail(err, FP_ERR_INPUT, "%s has no %sendpoint in '%s'", at->service->id,
		       at->fips ? "FIPS " : "", at->region);
}

static int find_iam(struct endpoint *out, const struct place *at, struct fp_error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(iam_hosts); i++) {
		const struct global_host *g = &iam_hosts[i];
		const char *host = g->host[(at->fips ? 1 : 0) + (at->dual ? 2 : 0)];

		if (!str_eq(g->partition, at->partition->name) || !host)
			continue;
		found(out, g->region, xasprintf("https://%s", host));
		return 0;
	}
	return unknown_place(at, err);
}

static int find_s3(struct endpoint *out, const struct place *at, struct fp_error *err)
{
	bool global = str_eq(at->region, "aws-global");
	const char *region = global ? "us-east-1" : at->region;

	if ((!global && region_is_global(region)) ||
	    (at->fips && str_eq(at->partition->name, "aws-cn")))
		return unknown_place(at, err);
	if (global && !at->fips && !at->dual)
		found(out, region, xstrdup("https://s3.amazonaws.com"));
	else
		found(out, region,
		      xasprintf("https://s3%s.%s%s.%s", at->fips ? "-fips" : "",
				at->dual ? "dualstack." : "", region,
				at->partition->dns_suffix));
	return 0;
}

static bool sts_is_global(const struct aws_settings *s, const struct place *at)
{
	if (at->fips || at->dual)
		return false;
	for (size_t i = 0; s->sts_global && i < ARRAY_SIZE(sts_global_regions); i++)
		if (str_eq(at->region, sts_global_regions[i]))
			return true;
	return str_eq(at->region, "aws-global");
}

static const char *signin_domain(const struct place *at)
{
	if (!str_eq(at->service->key, "signin") || at->fips || at->dual)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(signin_domains); i++)
		if (str_eq(signin_domains[i].partition, at->partition->name))
			return signin_domains[i].domain;
	return NULL;
}

static int find_regional(struct endpoint *out, const struct place *at,
			 struct fp_error *err)
{
	bool plain = str_eq(at->partition->name, "aws-us-gov") &&
		     at->service->plain & (at->dual ? GOV_FIPS_DUAL : GOV_FIPS);
	const char *domain = signin_domain(at);

	if (region_is_global(at->region))
		return unknown_place(at, err);
	if (domain)
		found(out, at->region, xasprintf("https://%s.%s", at->region, domain));
	else
		found(out, at->region,
		      xasprintf("https://%s%s.%s.%s",
				str_or(at->service->prefix, at->service->key),
				at->fips && !plain ? "-fips" : "", at->region,
				at->dual ? at->partition->dual_stack_suffix
					 : at->partition->dns_suffix));
	return 0;
}

/* AWS's own. */
static int find_own(struct endpoint *out, const struct aws_settings *s,
		    const struct service *service, struct fp_error *err)
{
	bool s3 = str_eq(service->key, "s3");
	struct place at = { .service = service,
			    .partition = partition_of(s->region.value),
			    .region = s->region.value,
			    .fips = s->use_fips,
			    .dual = s3 ? s->use_s3_dualstack : s->use_dualstack };

	if (s3)
		return find_s3(out, &at, err);
	if (str_eq(service->key, "iam"))
		return find_iam(out, &at, err);
	if (str_eq(service->key, "sts") && sts_is_global(s, &at)) {
		found(out, "us-east-1", xstrdup("https://sts.amazonaws.com"));
		return 0;
	}
	return find_regional(out, &at, err);
}

/* From the section that the profile's `services` names; `*url` stays NULL without one. */
static int find_in_services(const char **url, char **from, const struct aws_settings *s,
			    const struct service *service, struct fp_error *err)
{
	const char *name = profiles_get(s->profiles, PROFILES_MERGED, SECTION_PROFILE,
					s->profile.value, "services");
	FP_AUTO(freep) char *key = xasprintf("%s.endpoint_url", service->id);

	if (!name)
		return 0;
	if (!profiles_has(s->profiles, PROFILES_MERGED, SECTION_SERVICES, name))
		return fp_fail(err, FP_ERR_INPUT,
			       "profile '%s' has services = %s, but there is no section "
			       "[services %s]",
			       s->profile.value, name, name);
	key = str_lower(key);
	*url = profiles_get(s->profiles, PROFILES_MERGED, SECTION_SERVICES, name, key);
	if (*url && **url)
		*from = xasprintf("section 'services %s'", name);
	return 0;
}

/* What the user set, in `*url` and `*from`; they stay NULL when she did not. */
static int look_up(const char **url, char **from, const struct aws_env *env,
		   const struct aws_settings *s, const struct service *service,
		   struct fp_error *err)
{
	FP_AUTO(freep) char *name = xasprintf("AWS_ENDPOINT_URL_%s", service->id);

	if (!s->endpoint_given && s->ignore_urls)
		return 0;
	if (!s->endpoint_given && (*url = cred_env(env, name))) {
		*from = xstrdup(name);
		return 0;
	}
	if (!s->endpoint_given && !cred_env(env, "AWS_ENDPOINT_URL") && s->profiles &&
	    find_in_services(url, from, s, service, err) < 0)
		return -1;
	if (!*from && s->endpoint_url.value) {
		*url = s->endpoint_url.value;
		*from = xstrdup(s->endpoint_url.from);
	}
	return 0;
}

static int find_configured(struct endpoint *out, const struct aws_env *env,
			   const struct aws_settings *s, const struct service *service,
			   struct fp_error *err)
{
	const char *url = NULL;
	size_t n;

	if (look_up(&url, &out->from, env, s, service, err) < 0)
		return -1;
	if (!out->from)
		return 0;
	if ((!str_starts(url, "http://") && !str_starts(url, "https://")) ||
	    strchr("/?#", strstr(url, "://")[3])) {
		FP_AUTO(freep) char *shown = url_shown(url);

		return fp_fail(err, FP_ERR_INPUT,
			       "the endpoint of %s, '%s' (from %s), is no URL such as "
			       "http://127.0.0.1:4566",
			       service->key, shown, out->from);
	}
	for (n = strlen(url); url[n - 1] == '/'; n--)
		;
	out->configured = true;
	found(out, s->region.value, xstrndup(url, n));
	return 0;
}

int endpoint_resolve(struct endpoint *out, const struct aws_env *env,
		     const struct aws_settings *s, const char *service,
		     struct fp_error *err)
{
	FP_AUTO(endpoint_release) struct endpoint e = { 0 };
	const struct service *known = find_service(service);

	if (!known)
		return fp_fail(err, FP_ERR_INTERNAL, "no endpoint of '%s' is known",
			       service);
	if (find_configured(&e, env, s, known, err) < 0 ||
	    (!e.configured && find_own(&e, s, known, err) < 0))
		return -1;
	e.signing_name = xstrdup(str_or(known->signing_name, known->key));
	*out = e;
	e = (struct endpoint){ 0 };
	return 0;
}

bool endpoint_is_local(const char *host)
{
	size_t n = strcspn(host, ":");

	if (host[0] == '[' || (n == 9 && strncasecmp(host, "localhost", n) == 0))
		return true;
	/* A host name cannot end in a label of digits, an IPv4 address always does. */
	return n > 0 && strspn(host, "0123456789.") == n;
}
