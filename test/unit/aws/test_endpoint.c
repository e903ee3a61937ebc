#include "check_main.h"

#include "aws/endpoint.h"
#include "world.h"

#define VARS(...)                 \
	{                         \
		__VA_ARGS__, NULL \
	}

static const struct {
	const char *name;
	const char *vars[4];
	const char *override, *configured, *service, *region, *want;
} cases[] = {
	{ "the region's",
	  { NULL },
	  NULL,
	  NULL,
	  "sts",
	  "eu-west-1",
	  "https://sts.eu-west-1.amazonaws.com" },
	{ "China",
	  { NULL },
	  NULL,
	  NULL,
	  "s3",
	  "cn-north-1",
	  "https://s3.cn-north-1.amazonaws.com.cn" },
	{ "GovCloud",
	  { NULL },
	  NULL,
	  NULL,
	  "cloudformation",
	  "us-gov-west-1",
	  "https://cloudformation.us-gov-west-1.amazonaws.com" },
	{ "the command line wins", VARS("AWS_ENDPOINT_URL=http://b"), "http://a/",
	  "http://c", "s3", "us-east-1", "http://a" },
	{ "the service's variable",
	  VARS("AWS_ENDPOINT_URL=http://b", "AWS_ENDPOINT_URL_S3=http://s"), NULL,
	  "http://c", "s3", "us-east-1", "http://s" },
	{ "another service's variable",
	  VARS("AWS_ENDPOINT_URL=http://b", "AWS_ENDPOINT_URL_S3=http://s"), NULL,
	  "http://c", "sns", "us-east-1", "http://b" },
	{ "logs are CloudWatch Logs", VARS("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS=http://l"),
	  NULL, NULL, "logs", "us-east-1", "http://l" },
	{ "the profile's", { NULL }, NULL, "http://c//", "sns", "us-east-1", "http://c" },
	{ "all ignored",
	  VARS("AWS_ENDPOINT_URL=http://b", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true"),
	  NULL, "http://c", "sns", "us-east-1", "https://sns.us-east-1.amazonaws.com" },
	{ "an empty variable is none", VARS("AWS_ENDPOINT_URL="), NULL, NULL, "sns",
	  "us-east-1", "https://sns.us-east-1.amazonaws.com" },
};

START_TEST(endpoint_is_found)
{
	struct aws_env env = world(cases[_i].vars, NULL);
	FP_AUTO(freep)
	char *got = endpoint_of(&env, cases[_i].override, cases[_i].configured,
				cases[_i].service, cases[_i].region);

	ck_assert_msg(strcmp(got, cases[_i].want) == 0, "%s: got %s", cases[_i].name,
		      got);
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
	tcase_add_loop_test(tc, local_hosts_are_told, 0, ARRAY_SIZE(hosts));
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(endpoint_suite)
