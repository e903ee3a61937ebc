/*
 * The instance's metadata service: settings, versions, and what it may answer.
 */
#include "check_main.h"

#include "scene.h"

#define NOTHING "[profile test]\nregion=x\n"
#define TOKEN	"PUT /latest/api/token"
#define ROLES	"GET /latest/meta-data/iam/security-credentials/"
#define ROLE	ROLES "my-role"
#define GIVES                                                                      \
	"{\"Code\":\"Success\",\"AccessKeyId\":\"IID\",\"SecretAccessKey\":\"s\"," \
	"\"Token\":\"t\",\"Expiration\":\"" LATER "\"}"
#define GOOD                                                                    \
	{ TOKEN, 200, "secret-token", NULL, 0 }, { ROLE, 200, GIVES, NULL, 0 }, \
	{                                                                       \
		ROLES, 200, "my-role", NULL, 0                                  \
	}
#define ASKED_TWO TOKEN "\n" ROLES "\n" ROLE "\n"

static const struct {
	const char *name;
	const char *vars[2];
	const char *config; /* of the profile, or NULL */
	struct scene_answer answers[4];
	enum cred_result want;
	const char *asked; /* NULL: no matter */
	const char *error;
} cases[] = {
	{ "version 2", { NULL }, NULL, { GOOD }, CRED_FOUND, ASKED_TWO, NULL },
	{ "a role of several lines",
	  { NULL },
	  NULL,
	  { { TOKEN, 200, "t\n", NULL, 0 },
	    { ROLES "a+b=,.@-_%20%2F", 200, GIVES, NULL, 0 },
	    { ROLES, 200, "\na+b=,.@-_ /\r\nother", NULL, 0 } },
	  CRED_FOUND,
	  NULL,
	  NULL },
	{ "no token service",
	  { NULL },
	  NULL,
	  { { TOKEN, 404, "", NULL, 0 },
	    { ROLE, 200, GIVES, NULL, 0 },
	    { ROLES, 200, "my-role", NULL, 0 } },
	  CRED_FOUND,
	  ASKED_TWO,
	  NULL },
	{ "an empty token",
	  { NULL },
	  NULL,
	  { { TOKEN, 200, "", NULL, 0 },
	    { ROLE, 200, GIVES, NULL, 0 },
	    { ROLES, 200, "my-role", NULL, 0 } },
	  CRED_FOUND,
	  ASKED_TWO,
	  NULL },
	{ "no token service, and version 1 is off",
	  { "AWS_EC2_METADATA_V1_DISABLED=true" },
	  NULL,
	  { { TOKEN, 403, "", NULL, 0 }, { ROLES, 200, "my-role", NULL, 0 } },
	  CRED_NONE,
	  TOKEN "\n",
	  "ec2_metadata_v1_disabled is set" },
	{ "the same by the profile",
	  { NULL },
	  "ec2_metadata_v1_disabled=True",
	  { { TOKEN, 405, "", NULL, 0 }, { ROLES, 200, "my-role", NULL, 0 } },
	  CRED_NONE,
	  TOKEN "\n",
	  "ec2_metadata_v1_disabled is set" },
	{ "a token that does not come",
	  { NULL },
	  NULL,
	  { { TOKEN, 200, "t", NULL, 1500 },
	    { ROLE, 200, GIVES, NULL, 0 },
	    { ROLES, 200, "my-role", NULL, 0 } },
	  CRED_FOUND,
	  ASKED_TWO,
	  NULL },
	{ "all slow",
	  { NULL },
	  NULL,
	  { { TOKEN, 200, "t", NULL, 1500 }, { ROLES, 200, "my-role", NULL, 1500 } },
	  CRED_NONE,
	  NULL,
	  "127.0.0.1" },
	{ "no token, and it wants one",
	  { NULL },
	  NULL,
	  { { TOKEN, 403, "", NULL, 0 }, { ROLES, 401, "", NULL, 0 } },
	  CRED_NONE,
	  TOKEN "\n" ROLES "\n",
	  "it wants a token, but gives none" },
	{ "called bad",
	  { NULL },
	  NULL,
	  { { TOKEN, 400, "", NULL, 0 }, { ROLES, 200, "my-role", NULL, 0 } },
	  CRED_NONE,
	  TOKEN "\n",
	  "HTTP 400" },
	{ "no role",
	  { NULL },
	  NULL,
	  { { TOKEN, 200, "t", NULL, 0 }, { ROLES, 404, "", NULL, 0 } },
	  CRED_NONE,
	  TOKEN "\n" ROLES "\n",
	  "this instance has no IAM role" },
	{ "an empty role",
	  { NULL },
	  NULL,
	  { { TOKEN, 200, "t", NULL, 0 }, { ROLES, 200, "", NULL, 0 } },
	  CRED_NONE,
	  NULL,
	  "HTTP 200" },
	{ "a role without trust",
	  { NULL },
	  NULL,
	  { { TOKEN, 200, "t", NULL, 0 },
	    { ROLE, 200,
	      "{\"Code\":\"AssumeRoleUnauthorizedAccess\",\"Message\":\"not trusted\"}",
	      NULL, 0 },
	    { ROLES, 200, "my-role", NULL, 0 } },
	  CRED_NONE,
	  NULL,
	  "AssumeRoleUnauthorizedAccess: not trusted" },
	{ "garbage",
	  { NULL },
	  NULL,
	  { { TOKEN, 200, "t", NULL, 0 },
	    { ROLE, 200, "{", NULL, 0 },
	    { ROLES, 200, "my-role", NULL, 0 } },
	  CRED_NONE,
	  NULL,
	  "not valid JSON" },
	{ "ill once, asked once",
	  { NULL },
	  NULL,
	  { { TOKEN, 200, "t", NULL, 0 }, { ROLES, 500, "", NULL, 0 } },
	  CRED_NONE,
	  TOKEN "\n" ROLES "\n",
	  "HTTP 500" },
	{ "ill once, asked twice",
	  { "AWS_METADATA_SERVICE_NUM_ATTEMPTS=2" },
	  NULL,
	  { { TOKEN, 200, "t", NULL, 0 }, { ROLES, 500, "", NULL, 0 } },
	  CRED_NONE,
	  TOKEN "\n" ROLES "\n" ROLES "\n",
	  "HTTP 500" },
	{ "attempts of the profile",
	  { NULL },
	  "metadata_service_num_attempts=3",
	  { { TOKEN, 200, "t", NULL, 0 }, { ROLES, 500, "", NULL, 0 } },
	  CRED_NONE,
	  TOKEN "\n" ROLES "\n" ROLES "\n" ROLES "\n",
	  "HTTP 500" },
	{ "switched off",
	  { "AWS_EC2_METADATA_DISABLED=TRUE" },
	  NULL,
	  { GOOD },
	  CRED_NONE,
	  "",
	  "AWS_EC2_METADATA_DISABLED is set" },
	{ "a timeout that is none",
	  { "AWS_METADATA_SERVICE_TIMEOUT=soon" },
	  NULL,
	  { GOOD },
	  CRED_ERROR,
	  "",
	  "AWS_METADATA_SERVICE_TIMEOUT" },
	{ "attempts that are none",
	  { NULL },
	  "metadata_service_num_attempts=0",
	  { GOOD },
	  CRED_ERROR,
	  "",
	  "metadata_service_num_attempts" },
	{ "a mode that is none",
	  { "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=v6" },
	  NULL,
	  { GOOD },
	  CRED_ERROR,
	  "",
	  "neither IPv4 nor IPv6" },
	{ "an endpoint goes before the mode",
	  { "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=IPv6" },
	  NULL,
	  { GOOD },
	  CRED_FOUND,
	  ASKED_TWO,
	  NULL },
};

static struct scene *start(struct scene *s, const char *config, const char *const *vars,
			   const struct scene_answer *answers)
{
	FP_AUTO(freep) char *text = xasprintf(NOTHING "%s\n", str_or(config, ""));

	scene_start(s, text, answers);
	s->owned[2] = xasprintf("AWS_EC2_METADATA_SERVICE_ENDPOINT=%s/", s->server.url);
	scene_variable(s, s->owned[2]);
	/* Nobody is there: it is not asked. */
	ck_assert_int_eq(setenv("http_proxy", "http://127.0.0.1:1", 1), 0);
	for (size_t i = 0; i < 2 && vars[i]; i++)
		scene_variable(s, vars[i]);
	return s;
}

START_TEST(metadata_answers)
{
	const __typeof__(cases[0]) *c = &cases[_i];
	int64_t before = clock_monotonic_ms();
	struct scene s;
	enum cred_result got = scene_ask(start(&s, c->config, c->vars, c->answers),
					 &cred_imds);

	/* An attempt takes a second at most; this is generous. */
	ck_assert_int_lt(clock_monotonic_ms() - before, 15000);
	scene_expect(&s, c->name, got, c->want, "IID", c->error);
	ck_assert_msg(!c->asked || str_eq(buf_str(&s.asked), c->asked), "%s: %s", c->name,
		      buf_str(&s.asked));
	ck_assert(!strstr(s.err.message, "secret-token"));
	scene_end(&s);
}
END_TEST

START_TEST(requests_carry_what_version_2_wants)
{
	static const char *const none[2];
	static const struct scene_answer good[] = { GOOD, { 0 } };
	struct scene s;
	const char *second;

	ck_assert_int_eq(scene_ask(start(&s, NULL, none, good), &cred_imds), CRED_FOUND);
	second = strstr(buf_str(&s.heads), "GET ");
	ck_assert(strcasestr(buf_str(&s.heads),
			     "\r\nx-aws-ec2-metadata-token-ttl-seconds: 21600\r\n"));
	ck_assert(strcasestr(second, "\r\nx-aws-ec2-metadata-token: secret-token\r\n"));
	ck_assert(!strcasestr(second, "ttl-seconds"));
	ck_assert_str_eq(s.got.session_token, "t");
	ck_assert_int_eq(s.got.expires_ms, 4102444800000);
	ck_assert(
		strstr(buf_str(&s.found), "role 'my-role' of this instance, by IMDSv2"));
	scene_end(&s);
}
END_TEST

/* As botocore: AWS may be late, and then takes old credentials. */
START_TEST(old_credentials_are_used_for_longer)
{
	static const char *const none[2];
	static const struct scene_answer old[] = {
		{ TOKEN, 200, "t", NULL, 0 },
		{ ROLE, 200,
		  "{\"Code\":\"Success\",\"AccessKeyId\":\"IID\",\"SecretAccessKey\":"
		  "\"s\","
		  "\"Token\":\"t\",\"Expiration\":\"" BEFORE "\"}",
		  NULL, 0 },
		{ ROLES, 200, "my-role", NULL, 0 },
		{ 0 },
	};
	struct scene s;

	ck_assert_int_eq(scene_ask(start(&s, NULL, none, old), &cred_imds), CRED_FOUND);
	ck_assert_int_gt(s.got.expires_ms, clock_now_ms() + 16 * 60 * 1000);
	ck_assert_int_le(s.got.expires_ms, clock_now_ms() + 25 * 60 * 1000);
	scene_end(&s);
}
END_TEST

START_TEST(nobody_there_is_told_at_once)
{
	static const char *const nobody[] = {
		"AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:1", NULL
	};
	int64_t before = clock_monotonic_ms();
	struct scene s;
	struct aws_env env;

	scene_start(&s, NOTHING, NULL);
	env = world(nobody, NULL);
	s.context.env = &env;
	scene_expect(&s, "nobody", scene_ask(&s, &cred_imds), CRED_NONE, NULL,
		     "http://127.0.0.1:1: cannot connect");
	ck_assert_int_lt(clock_monotonic_ms() - before, 15000);
	scene_end(&s);
}
END_TEST

static Suite *imds_suite(void)
{
	Suite *s = suite_create("aws/imds");
	TCase *tc = tcase_create("imds");

	tcase_add_loop_test(tc, metadata_answers, 0, ARRAY_SIZE(cases));
	tcase_add_test(tc, requests_carry_what_version_2_wants);
	tcase_add_test(tc, old_credentials_are_used_for_longer);
	tcase_add_test(tc, nobody_there_is_told_at_once);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(imds_suite)
