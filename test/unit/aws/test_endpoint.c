/* test/e2e/test_endpoints compares all of it with botocore; this is the quick table. */
#include <unistd.h>

#include "check_main.h"

#include "aws/client.h"
#include "aws/endpoint.h"
#include "base/fs.h"
#include "base/str.h"
#include "wire/partition.h"
#include "world.h"

#define CONFIG                                                          \
	"[profile local]\nendpoint_url = http://c//\nservices = mine\n" \
	"[profile lost]\nservices = none\n"                             \
	"[profile path]\ns3 =\n  addressing_style = path\n"             \
	"[profile virtual]\ns3 =\n  addressing_style = virtual\n"       \
	"[services mine]\ns3 =\n  endpoint_url = http://s3.c/base/\n"

#define FIPS "AWS_USE_FIPS_ENDPOINT=true"
#define DUAL "AWS_USE_DUALSTACK_ENDPOINT=true"
#define ALL  "AWS_ENDPOINT_URL=http://b"
#define OWN  "AWS_ENDPOINT_URL_S3=https://s"

static const struct {
	const char *name;
	const char *region, *service, *bucket;
	const char *vars[3];
	const char *profile, *option;
	const char *url, *from, *signing; /* "region/name"; NULL: the region, the key */
	const char *error;		  /* instead of url */
} cases[] = {
	{ "the region's", "eu-west-1", "sts",
	  .url = "https://sts.eu-west-1.amazonaws.com" },
	{ "China", "cn-north-1", "s3", .url = "https://s3.cn-north-1.amazonaws.com.cn" },
	{ "GovCloud", "us-gov-west-1", "kms",
	  .url = "https://kms.us-gov-west-1.amazonaws.com" },
	{ "a secret partition", "us-isob-east-1", "sqs",
	  .url = "https://sqs.us-isob-east-1.sc2s.sgov.gov" },
	{ "a region to come", "xx-new-9", "sns",
	  .url = "https://sns.xx-new-9.amazonaws.com" },
	{ "FIPS", "us-east-1", "kms", .vars = { FIPS },
	  .url = "https://kms-fips.us-east-1.amazonaws.com" },
	{ "dual stack", "us-east-1", "kms", .vars = { DUAL },
	  .url = "https://kms.us-east-1.api.aws" },
	{ "both", "us-east-1", "kms", .vars = { FIPS, DUAL },
	  .url = "https://kms-fips.us-east-1.api.aws" },
	{ "both in China", "cn-north-1", "sns", .vars = { DUAL },
	  .url = "https://sns.cn-north-1.api.amazonwebservices.com.cn" },
	{ "FIPS in GovCloud has no name of its own", "us-gov-east-1", "sts",
	  .vars = { FIPS }, .url = "https://sts.us-gov-east-1.amazonaws.com" },
	{ "but not for all", "us-gov-east-1", "lambda", .vars = { FIPS },
	  .url = "https://lambda-fips.us-gov-east-1.amazonaws.com" },
	{ "the old FIPS regions", "fips-us-east-1", "kms",
	  .url = "https://kms-fips.us-east-1.amazonaws.com", .signing = "us-east-1/kms" },
	{ "the old FIPS regions, behind", "us-east-1-fips", "kms",
	  .url = "https://kms-fips.us-east-1.amazonaws.com", .signing = "us-east-1/kms" },
	{ "IAM is global", "eu-west-1", "iam", .url = "https://iam.amazonaws.com",
	  .signing = "us-east-1/iam" },
	{ "IAM in GovCloud", "us-gov-east-1", "iam",
	  .url = "https://iam.us-gov.amazonaws.com", .signing = "us-gov-west-1/iam" },
	{ "STS as it was", "eu-west-1", "sts",
	  .vars = { "AWS_STS_REGIONAL_ENDPOINTS=legacy" },
	  .url = "https://sts.amazonaws.com", .signing = "us-east-1/sts" },
	{ "newer regions never had that", "ap-east-1", "sts",
	  .vars = { "AWS_STS_REGIONAL_ENDPOINTS=legacy" },
	  .url = "https://sts.ap-east-1.amazonaws.com" },
	{ "SSO's portal", "eu-west-1", "sso",
	  .url = "https://portal.sso.eu-west-1.amazonaws.com",
	  .signing = "eu-west-1/awsssoportal" },
	{ "SSO's OIDC", "eu-west-1", "sso-oidc",
	  .url = "https://oidc.eu-west-1.amazonaws.com",
	  .signing = "eu-west-1/sso-oauth" },
	{ "signing in", "eu-west-1", "signin",
	  .url = "https://eu-west-1.signin.aws.amazon.com" },
	{ "all of a partition", "aws-global", "sts", .url = "https://sts.amazonaws.com",
	  .signing = "us-east-1/sts" },
	{ "no regional service there", "aws-global", "lambda",
	  .error = "in 'aws-global'" },
	{ "no FIPS in China", "cn-north-1", "s3", .vars = { FIPS },
	  .error = "FIPS endpoint" },

	{ "the command line wins", "us-east-1", "s3", .vars = { ALL, OWN },
	  .profile = "local", .option = "http://a/", .url = "http://a",
	  .from = "--endpoint-url" },
	{ "the service's variable", "us-east-1", "s3", .vars = { ALL, OWN },
	  .profile = "local", .url = "https://s", .from = "AWS_ENDPOINT_URL_S3" },
	{ "another service's variable", "us-east-1", "sns", .vars = { ALL, OWN },
	  .url = "http://b", .from = "AWS_ENDPOINT_URL" },
	{ "logs are CloudWatch Logs", "us-east-1", "logs",
	  .vars = { "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS=http://l" }, .url = "http://l",
	  .from = "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS" },
	{ "the profile's services", "us-east-1", "s3", .profile = "local",
	  .url = "http://s3.c/base", .from = "section 'services mine'" },
	{ "the profile's", "us-east-1", "sns", .profile = "local", .url = "http://c",
	  .from = "profile 'local' of" },
	{ "a services section that is not there", "us-east-1", "sns", .profile = "lost",
	  .error = "there is no section [services none]" },
	{ "all ignored", "us-east-1", "s3",
	  .vars = { ALL, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true" }, .profile = "local",
	  .url = "https://s3.us-east-1.amazonaws.com" },
	{ "the option is not", "us-east-1", "s3",
	  .vars = { "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true" }, .option = "http://a",
	  .url = "http://a", .from = "--endpoint-url" },
	{ "no URL", "us-east-1", "s3", .vars = { "AWS_ENDPOINT_URL=localhost:4566" },
	  .error = "'localhost:4566' (from AWS_ENDPOINT_URL), is no URL" },
	{ "a scheme and nothing else", "us-east-1", "s3", .option = "https:///x",
	  .error = "is no URL" },
	{ "IAM at one's own", "eu-west-1", "iam", .vars = { ALL }, .url = "http://b",
	  .from = "AWS_ENDPOINT_URL", .signing = "eu-west-1/iam" },

	{ "a bucket in the host", "eu-west-1", "s3", "my-bucket",
	  .url = "https://my-bucket.s3.eu-west-1.amazonaws.com" },
	{ "with FIPS and dual stack", "eu-west-1", "s3", "b-1", .vars = { FIPS, DUAL },
	  .url = "https://b-1.s3-fips.dualstack.eu-west-1.amazonaws.com" },
	{ "dots go into the path", "eu-west-1", "s3", "a.b.c",
	  .url = "https://s3.eu-west-1.amazonaws.com/a.b.c" },
	{ "so do old names", "us-east-1", "s3", "My_Bucket",
	  .url = "https://s3.us-east-1.amazonaws.com/My_Bucket" },
	{ "path style", "eu-west-1", "s3", "my-bucket", .profile = "path",
	  .url = "https://s3.eu-west-1.amazonaws.com/my-bucket" },
	{ "one's own endpoint", "eu-west-1", "s3", "my-bucket", .vars = { ALL },
	  .url = "http://b/my-bucket", .from = "AWS_ENDPOINT_URL" },
	{ "virtual hosts of one's own", "eu-west-1", "s3", "my.bucket", .vars = { ALL },
	  .profile = "virtual", .url = "http://my.bucket.b", .from = "AWS_ENDPOINT_URL" },
	{ "addresses have none", "eu-west-1", "s3", "my-bucket", .profile = "virtual",
	  .option = "http://127.0.0.1:4566", .url = "http://127.0.0.1:4566/my-bucket",
	  .from = "--endpoint-url" },
	{ "behind a path", "eu-west-1", "s3", "my-bucket", .profile = "virtual",
	  .option = "https://h/base", .url = "https://my-bucket.h/base",
	  .from = "--endpoint-url" },
	{ "an access point", "eu-west-1", "s3", "arn:aws:s3:eu-west-1:1:accesspoint/a",
	  .error = "is an ARN" },
	{ "a directory bucket", "eu-west-1", "s3", "b--euw1-az1--x-s3",
	  .error = "a directory bucket" },
	{ "no name", "eu-west-1", "s3", "a/../b", .error = "no bucket's name" },
	{ "a way out", "eu-west-1", "s3", "..", .error = "no bucket's name" },
};

static char *write_config(void)
{
	char path[] = "/tmp/fpctl-endpoint-XXXXXX";
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fs_write_all(fd, CONFIG, strlen(CONFIG), path, NULL), 0);
	close(fd);
	return xstrdup(path);
}

static int find(struct endpoint *out, const char *config, size_t i, struct fp_error *err)
{
	FP_AUTO(freep) char *file = xasprintf("AWS_CONFIG_FILE=%s", config);
	const char *vars[] = { file, cases[i].vars[0], cases[i].vars[1], NULL };
	struct aws_env env = world(vars, cases[i].profile);
	struct aws_options o = { .region = cases[i].region,
				 .endpoint_url = cases[i].option };
	FP_AUTO(settings_release) struct aws_settings s = { 0 };

	ck_assert_msg(settings_load(&s, &env, &o, err) == 0, "%s: %s", cases[i].name,
		      err->message);
	return cases[i].bucket
		       ? endpoint_resolve_bucket(out, &env, &s, cases[i].bucket, err)
		       : endpoint_resolve(out, &env, &s, cases[i].service, err);
}

START_TEST(endpoint_is_found)
{
	FP_AUTO(freep) char *config = write_config(), *signing = NULL, *want = NULL;
	FP_AUTO(endpoint_release) struct endpoint got = { 0 };
	struct fp_error err = { 0 };
	int rc = find(&got, config, (size_t)_i, &err);

	(void)unlink(config);
	if (cases[_i].error) {
		ck_assert_msg(rc < 0 && err.code == FP_ERR_INPUT &&
				      strstr(err.message, cases[_i].error),
			      "%s: %s", cases[_i].name, err.message);
		return;
	}
	ck_assert_msg(rc == 0, "%s: %s", cases[_i].name, err.message);
	ck_assert_msg(str_eq(got.url, cases[_i].url), "%s: %s", cases[_i].name, got.url);
	ck_assert_msg(cases[_i].from
			      ? got.from && strstr(got.from, cases[_i].from) == got.from
			      : !got.from && !got.configured,
		      "%s: from %s", cases[_i].name, got.from);
	signing = xasprintf("%s/%s", got.region, got.signing_name);
	want = cases[_i].signing
		       ? xstrdup(cases[_i].signing)
		       : xasprintf("%s/%s", cases[_i].region, cases[_i].service);
	ck_assert_msg(str_eq(signing, want), "%s: %s", cases[_i].name, signing);
}
END_TEST

START_TEST(services_are_listed)
{
	size_t n = 0;

	while (endpoint_service(n))
		n++;
	ck_assert_uint_ge(n, 19);
}
END_TEST

static const struct {
	const char *region, *partition, *console;
} partitions[] = {
	{ "eu-west-1", "aws", "console.aws.amazon.com" },
	{ "aws-global", "aws", "console.aws.amazon.com" },
	{ "cn-northwest-1", "aws-cn", "console.amazonaws.cn" },
	{ "aws-cn-global", "aws-cn", "console.amazonaws.cn" },
	{ "us-gov-east-1", "aws-us-gov", "console.amazonaws-us-gov.com" },
	{ "us-iso-west-1", "aws-iso", NULL },
	{ "us-isof-south-1", "aws-iso-f", NULL },
	{ "aws-iso-b-global", "aws-iso-b", NULL },
	{ "cn-", "aws", "console.aws.amazon.com" },
	{ "us-gov-x", "aws", "console.aws.amazon.com" },
};

START_TEST(partitions_are_told)
{
	const struct partition *p = partition_of(partitions[_i].region);

	ck_assert_str_eq(p->name, partitions[_i].partition);
	ck_assert_pstr_eq(p->console_host, partitions[_i].console);
}
END_TEST

static const struct {
	const char *host;
	bool local;
} hosts[] = {
	{ "127.0.0.1:4566", true },
	{ "localhost:4566", true },
	{ "LOCALHOST", true },
	{ "[::1]:4566", true },
	{ "10.1.2.3", true },
	{ "s3.eu-west-1.amazonaws.com", false },
	{ "localhost.example.com", false },
	{ "", false },
};

START_TEST(local_hosts_are_told)
{
	ck_assert_msg(endpoint_is_local(hosts[_i].host) == hosts[_i].local, "%s",
		      hosts[_i].host);
}
END_TEST

static Suite *endpoint_suite(void)
{
	Suite *s = suite_create("endpoint");
	TCase *tc = tcase_create("endpoint");

	tcase_add_loop_test(tc, endpoint_is_found, 0, ARRAY_SIZE(cases));
	tcase_add_test(tc, services_are_listed);
	tcase_add_loop_test(tc, partitions_are_told, 0, ARRAY_SIZE(partitions));
	tcase_add_loop_test(tc, local_hosts_are_told, 0, ARRAY_SIZE(hosts));
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(endpoint_suite)
