/* test/e2e/test_endpoints compares the order with the AWS CLI's. */
#include <unistd.h>

#include "check_main.h"

#include "aws/client.h"
#include "aws/settings.h"
#include "base/fs.h"
#include "base/str.h"
#include "world.h"

#define CONFIG                                                                      \
	"[default]\nregion = eu-west-1\n"                                           \
	"[profile dev]\nregion = eu-west-2\nca_bundle = /p.pem\nmax_attempts = 7\n" \
	"retry_mode = adaptive\nuse_fips_endpoint = true\n"                         \
	"s3 =\n  addressing_style = path\n  use_dualstack_endpoint = true\n"        \
	"[profile commented]\nregion = eu-west-1 # Ireland\n"                       \
	"[profile empty]\nregion =\n"                                               \
	"[profile styled]\nregion = eu-west-1\ns3 =\n  addressing_style = vhost\n"

struct world_of {
	const char *vars[4];
	const char *profile, *region, *endpoint;
};

static char *config;

static void write_config(void)
{
	char path[] = "/tmp/fpctl-settings-XXXXXX";
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fs_write_all(fd, CONFIG, strlen(CONFIG), path, NULL), 0);
	close(fd);
	config = xstrdup(path);
}

static void remove_config(void)
{
	(void)unlink(config);
	free(config);
}

static int load(struct aws_settings *out, const struct world_of *w, struct fp_error *err)
{
	FP_AUTO(freep) char *file = xasprintf("AWS_CONFIG_FILE=%s", config);
	const char *vars[] = { file, w->vars[0], w->vars[1], w->vars[2], NULL };
	struct aws_env env = world(vars, w->profile);
	struct aws_options o = { .region = w->region, .endpoint_url = w->endpoint };

	return settings_load(out, &env, &o, err);
}

#define S(field) offsetof(struct aws_settings, field)

static const struct {
	const char *name;
	struct world_of world;
	size_t setting;
	const char *value, *from; /* what `from` begins with */
} cases[] = {
	{ "region by the option",
	  { .vars = { "AWS_REGION=us-east-1" }, .region = "us-west-1" },
	  S(region),
	  "us-west-1",
	  "--region" },
	{ "region by AWS_REGION",
	  { .vars = { "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-2" } },
	  S(region),
	  "us-east-1",
	  "AWS_REGION" },
	{ "region by AWS_DEFAULT_REGION",
	  { .vars = { "AWS_DEFAULT_REGION=us-east-2" } },
	  S(region),
	  "us-east-2",
	  "AWS_DEFAULT_REGION" },
	{ "an empty variable is none",
	  { .vars = { "AWS_REGION=" } },
	  S(region),
	  "eu-west-1",
	  "profile 'default' of" },
	{ "region by the profile",
	  { .profile = "dev" },
	  S(region),
	  "eu-west-2",
	  "profile 'dev' of" },
	{ "no profile", { .profile = NULL }, S(profile), "default", "the default" },
	{ "profile by the option",
	  { .vars = { "AWS_PROFILE=x" }, .profile = "dev" },
	  S(profile),
	  "dev",
	  "--profile" },
	{ "profile by AWS_PROFILE",
	  { .vars = { "AWS_PROFILE=dev", "AWS_DEFAULT_PROFILE=x" } },
	  S(profile),
	  "dev",
	  "AWS_PROFILE" },
	{ "profile by AWS_DEFAULT_PROFILE",
	  { .vars = { "AWS_DEFAULT_PROFILE=dev" } },
	  S(profile),
	  "dev",
	  "AWS_DEFAULT_PROFILE" },
	{ "no CA bundle", { .profile = NULL }, S(ca_bundle), NULL, NULL },
	{ "CA bundle by AWS_CA_BUNDLE",
	  { .vars = { "AWS_CA_BUNDLE=/a", "REQUESTS_CA_BUNDLE=/r" }, .profile = "dev" },
	  S(ca_bundle),
	  "/a",
	  "AWS_CA_BUNDLE" },
	{ "CA bundle by the profile",
	  { .vars = { "REQUESTS_CA_BUNDLE=/r" }, .profile = "dev" },
	  S(ca_bundle),
	  "/p.pem",
	  "profile 'dev' of" },
	{ "CA bundle by REQUESTS_CA_BUNDLE",
	  { .vars = { "REQUESTS_CA_BUNDLE=/r" } },
	  S(ca_bundle),
	  "/r",
	  "REQUESTS_CA_BUNDLE" },
	{ "three attempts", { .profile = NULL }, S(max_attempts), "3", "the default" },
	{ "five in the legacy mode",
	  { .vars = { "AWS_RETRY_MODE=legacy" } },
	  S(max_attempts),
	  "5",
	  "the default" },
	{ "attempts by the variable",
	  { .vars = { "AWS_MAX_ATTEMPTS=9" }, .profile = "dev" },
	  S(max_attempts),
	  "9",
	  "AWS_MAX_ATTEMPTS" },
	{ "attempts by the profile",
	  { .profile = "dev" },
	  S(max_attempts),
	  "7",
	  "profile 'dev' of" },
	{ "the retry mode",
	  { .profile = "dev" },
	  S(retry_mode),
	  "adaptive",
	  "profile 'dev' of" },
	{ "FIPS off by the variable",
	  { .vars = { "AWS_USE_FIPS_ENDPOINT=false" }, .profile = "dev" },
	  S(fips),
	  "false",
	  "AWS_USE_FIPS_ENDPOINT" },
	{ "FIPS by the region's name",
	  { .region = "us-east-1-fips" },
	  S(fips),
	  "true",
	  "--region" },
	{ "which is not the region's",
	  { .region = "us-east-1-fips" },
	  S(region),
	  "us-east-1",
	  "--region" },
	{ "S3's style",
	  { .profile = "dev" },
	  S(s3_addressing_style),
	  "path",
	  "profile 'dev' of" },
	{ "the endpoint",
	  { .vars = { "AWS_ENDPOINT_URL=http://b" }, .endpoint = "http://a" },
	  S(endpoint_url),
	  "http://a",
	  "--endpoint-url" },
	{ "the environment's",
	  { .vars = { "AWS_ENDPOINT_URL=http://b" } },
	  S(endpoint_url),
	  "http://b",
	  "AWS_ENDPOINT_URL" },
	{ "ignored",
	  { .vars = { "AWS_ENDPOINT_URL=http://b",
		      "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true" } },
	  S(endpoint_url),
	  NULL,
	  NULL },
};

START_TEST(setting_is_found)
{
	FP_AUTO(settings_release) struct aws_settings s = { 0 };
	struct fp_error err = { 0 };
	const struct aws_setting *got = (const void *)((const char *)&s +
						       cases[_i].setting);

	ck_assert_msg(load(&s, &cases[_i].world, &err) == 0, "%s: %s", cases[_i].name,
		      err.message);
	ck_assert_msg(str_eq(got->value, cases[_i].value), "%s: %s", cases[_i].name,
		      got->value);
	ck_assert_msg(cases[_i].from ? str_starts(got->from, cases[_i].from) : !got->from,
		      "%s: from %s", cases[_i].name, got->from);
}
END_TEST

static const struct {
	struct world_of world;
	const char *error;
} wrong[] = {
	{ { .vars = { NULL }, .profile = "empty" }, "no region is known: give --region" },
	{ { .vars = { "AWS_REGION=EU-WEST-1" } },
	  "'EU-WEST-1' (from AWS_REGION) is no region" },
	{ { .vars = { "AWS_REGION=a.b/c" } }, "is no region" },
	{ { .vars = { "AWS_REGION=-a" } }, "is no region" },
	{ { .vars = { "AWS_REGION=123" } }, "is no region" },
	{ { .profile = "commented" }, "a comment needs a line of its own" },
	{ { .profile = "dve" },
	  " and ~/.aws/credentials (which does not exist); did you mean 'dev'?" },
	{ { .vars = { "AWS_PROFILE=nothing-like-it" }, .region = "eu-west-1" },
	  "there is no profile 'nothing-like-it' (from AWS_PROFILE)" },
	{ { .vars = { "AWS_MAX_ATTEMPTS=0" } },
	  "max_attempts is '0' (from AWS_MAX_ATTEMPTS)" },
	{ { .vars = { "AWS_MAX_ATTEMPTS=many" } }, "not a number from 1 to 100" },
	{ { .vars = { "AWS_RETRY_MODE=fast" } },
	  "retry_mode is 'fast' (from AWS_RETRY_MODE); it can be: standard, legacy, "
	  "adaptive" },
	{ { .vars = { "AWS_USE_FIPS_ENDPOINT=1" } },
	  "use_fips_endpoint is '1' (from AWS_USE_FIPS_ENDPOINT), neither true nor "
	  "false" },
	{ { .vars = { "AWS_STS_REGIONAL_ENDPOINTS=x" } }, "it can be: regional, legacy" },
	{ { .profile = "styled" }, "s3.addressing_style is 'vhost' (from profile" },
};

START_TEST(wrong_values_are_told)
{
	struct aws_settings s;
	struct fp_error err = { 0 };

	ck_assert_int_eq(load(&s, &wrong[_i].world, &err), -1);
	ck_assert_int_eq(err.code, FP_ERR_INPUT);
	ck_assert_msg(strstr(err.message, wrong[_i].error), "%s", err.message);
	ck_assert_ptr_null(s.region.value);
}
END_TEST

START_TEST(values_are_read)
{
	static const struct world_of dev = { .profile = "dev" };
	FP_AUTO(settings_release) struct aws_settings s = { 0 };

	ck_assert_int_eq(load(&s, &dev, NULL), 0);
	ck_assert(s.use_fips && !s.use_dualstack && s.use_s3_dualstack);
	ck_assert_uint_eq(s.attempts, 7);
	ck_assert_int_eq(s.s3_style, S3_STYLE_PATH);
	ck_assert(!s.sts_global && !s.ignore_urls && !s.endpoint_given);
}
END_TEST

/* Calls to the emulator do not depend on the user's files. */
START_TEST(files_are_left_alone)
{
	const char *vars[] = { "AWS_PROFILE=none", "AWS_CONFIG_FILE=/proc/self/mem",
			       NULL };
	struct aws_env env = world(vars, NULL);
	struct aws_credentials keys = { 0 };
	struct aws_options o = { .region = "eu-west-1",
				 .endpoint_url = "http://127.0.0.1:1",
				 .endpoint_from = "--local",
				 .credentials = &keys };
	FP_AUTO(settings_release) struct aws_settings s = { 0 };

	ck_assert_int_eq(settings_load(&s, &env, &o, NULL), 0);
	ck_assert_ptr_null(s.profiles);
	ck_assert_str_eq(s.endpoint_url.from, "--local");
}
END_TEST

static Suite *settings_suite(void)
{
	Suite *s = suite_create("settings");
	TCase *tc = tcase_create("settings");

	tcase_add_unchecked_fixture(tc, write_config, remove_config);
	tcase_add_loop_test(tc, setting_is_found, 0, ARRAY_SIZE(cases));
	tcase_add_loop_test(tc, wrong_values_are_told, 0, ARRAY_SIZE(wrong));
	tcase_add_test(tc, values_are_read);
	tcase_add_test(tc, files_are_left_alone);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(settings_suite)
