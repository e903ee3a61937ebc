/*
 * SSO: what a profile may say, what a token file may hold, and what the services may
 * answer.
 */
#include "check_main.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/fault.h"
#include "base/json.h"
#include "scene.h"

#define URL	   "https://corp.awsapps.com/start"
#define LEGACY	   "[profile test]\nsso_start_url=" URL "\nsso_region=us-east-1\n"
#define ROLE	   "sso_account_id=123456789012\nsso_role_name=Read\n"
#define IN_SESSION "[profile test]\nsso_session=corp\n" ROLE "[sso-session corp]\n"
#define SESSION	   IN_SESSION "sso_start_url=" URL "\nsso_region=us-east-1\n"
/* SHA-1 of the start url and of "corp". */
#define LEGACY_FILE    "sso/cache/a51746d4aa793ae07b25e90c3a5db96fc7832bd7.json"
#define SESSION_FILE   "sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json"

#define TOKEN(expires) "{\"accessToken\":\"old-token\",\"expiresAt\":\"" expires "\""
#define REGISTERED(until)                                                         \
	",\"refreshToken\":\"r1\",\"clientId\":\"id\",\"clientSecret\":\"client-" \
	"secret\","                                                               \
	"\"registrationExpiresAt\":\"" until "\"}"

#define GIVES                                                                  \
	"{\"roleCredentials\":{\"accessKeyId\":\"SSOID\",\"secretAccessKey\":" \
	"\"s\",\"sessionToken\":\"t\",\"expiration\":4102444800000}}"
#define PORTAL "GET /federation/credentials?"
#define FRESH  "{\"accessToken\":\"new-token\",\"expiresIn\":3600,\"refreshToken\":\"r2\"}"

static const struct {
	const char *name, *config;
	const char *file, *token; /* or NULL */
	struct scene_answer answers[3];
	enum cred_result want;
	const char *says; /* the error, or the requests that were made */
} cases[] = {
	{ "no SSO",
	  "[profile test]\nregion=x\n",
	  NULL,
	  NULL,
	  { { 0 } },
	  CRED_NONE,
	  "has no sso_account_id and sso_role_name" },
	{ "a session alone is for tokens",
	  "[profile test]\nsso_session=corp\n",
	  NULL,
	  NULL,
	  { { 0 } },
	  CRED_NONE,
	  "has no sso_account_id" },
	{ "one of four",
	  "[profile test]\nsso_role_name=x\n",
	  NULL,
	  NULL,
	  { { 0 } },
	  CRED_ERROR,
	  "has no sso_start_url, sso_region, sso_account_id" },
	{ "an empty account",
	  LEGACY "sso_account_id=\nsso_role_name=x\n",
	  NULL,
	  NULL,
	  { { 0 } },
	  CRED_ERROR,
	  "has no sso_account_id" },
	{ "a session that is not there",
	  "[profile test]\nsso_session=corp\n" ROLE,
	  NULL,
	  NULL,
	  { { 0 } },
	  CRED_ERROR,
	  "'corp', which is not in the config file" },
	{ "a session without a region",
	  IN_SESSION "sso_start_url=" URL "\n",
	  NULL,
	  NULL,
	  { { 0 } },
	  CRED_ERROR,
	  "has no sso_region" },
	{ "the role in the session",
	  "[profile test]\nsso_session=corp\nsso_account_id=1\n[sso-session corp]\n"
	  "sso_start_url=" URL "\nsso_region=us-east-1\nsso_role_name=Read\n",
	  SESSION_FILE,
	  TOKEN(LATER) "}",
	  { { PORTAL, 200, GIVES, NULL, 0 } },
	  CRED_FOUND,
	  PORTAL "role_name=Read&account_id=1\n" },
	{ "a contradiction",
	  SESSION "sso_role_name=Admin\n",
	  NULL,
	  NULL,
	  { { 0 } },
	  CRED_ERROR,
	  "sso_role_name is 'Read' in profile 'test', but 'Admin'" },
	{ "a region that is none",
	  IN_SESSION "sso_start_url=" URL "\nsso_region=a/b\n",
	  SESSION_FILE,
	  TOKEN(LATER) "}",
	  { { 0 } },
	  CRED_ERROR,
	  "'a/b'" },

	{ "legacy",
	  LEGACY ROLE,
	  LEGACY_FILE,
	  TOKEN(LATER) "}",
	  { { PORTAL, 200, GIVES, NULL, 0 } },
	  CRED_FOUND,
	  PORTAL "role_name=Read&account_id=123456789012\n" },
	{ "legacy, expired",
	  LEGACY ROLE,
	  LEGACY_FILE,
	  TOKEN(BEFORE) REGISTERED(LATER),
	  { { 0 } },
	  CRED_ERROR,
	  "expired: run 'aws sso login --profile test'" },
	{ "no token",
	  LEGACY ROLE,
	  NULL,
	  NULL,
	  { { 0 } },
	  CRED_ERROR,
	  "run 'aws sso login --profile test'" },
	{ "an empty token file",
	  LEGACY ROLE,
	  LEGACY_FILE,
	  "",
	  { { 0 } },
	  CRED_ERROR,
	  "is not valid JSON" },
	{ "half a token file",
	  LEGACY ROLE,
	  LEGACY_FILE,
	  TOKEN(LATER),
	  { { 0 } },
	  CRED_ERROR,
	  "is not valid JSON" },
	{ "a list",
	  LEGACY ROLE,
	  LEGACY_FILE,
	  "[]",
	  { { 0 } },
	  CRED_ERROR,
	  "holds no JSON object" },
	{ "a number as token",
	  LEGACY ROLE,
	  LEGACY_FILE,
	  "{\"accessToken\":1,\"expiresAt\":\"" LATER "\"}",
	  { { 0 } },
	  CRED_ERROR,
	  "has no accessToken and expiresAt" },
	{ "a time that is none",
	  LEGACY ROLE,
	  LEGACY_FILE,
	  TOKEN("tomorrow") "}",
	  { { 0 } },
	  CRED_ERROR,
	  "has no accessToken and expiresAt" },

	{ "fresh enough",
	  SESSION,
	  SESSION_FILE,
	  TOKEN(LATER) REGISTERED(LATER),
	  { { PORTAL, 200, GIVES, NULL, 0 } },
	  CRED_FOUND,
	  PORTAL "role_name=Read&account_id=123456789012\n" },
	{ "refreshed",
	  SESSION,
	  SESSION_FILE,
	  TOKEN(BEFORE) REGISTERED(LATER),
	  { { "POST /token", 200, FRESH, NULL, 0 }, { PORTAL, 200, GIVES, NULL, 0 } },
	  CRED_FOUND,
	  "POST /token\n" PORTAL "role_name=Read&account_id=123456789012\n" },
	{ "soon over, and nobody refreshes",
	  SESSION,
	  SESSION_FILE,
	  TOKEN(SOON) REGISTERED(LATER),
	  { { "POST /token", 503, "", NULL, 0 }, { PORTAL, 200, GIVES, NULL, 0 } },
	  CRED_FOUND,
	  "POST /token\n" PORTAL "role_name=Read&account_id=123456789012\n" },
	{ "soon over, and the answer is garbage",
	  SESSION,
	  SESSION_FILE,
	  TOKEN(SOON) REGISTERED(LATER),
	  { { "POST /token", 200, "{", NULL, 0 }, { PORTAL, 200, GIVES, NULL, 0 } },
	  CRED_FOUND,
	  "POST /token\n" PORTAL "role_name=Read&account_id=123456789012\n" },
	{ "over, and refused",
	  SESSION,
	  SESSION_FILE,
	  TOKEN(BEFORE) REGISTERED(LATER),
	  { { "POST /token", 400,
	      "{\"error\":\"invalid_grant\",\"error_description\":\"it is spent\"}", NULL,
	      0 } },
	  CRED_ERROR,
	  "run 'aws sso login --sso-session corp'" },
	{ "over, and the service is ill",
	  SESSION,
	  SESSION_FILE,
	  TOKEN(BEFORE) REGISTERED(LATER),
	  { { "POST /token", 500, "", NULL, 0 } },
	  CRED_ERROR,
	  "cannot be refreshed: sso-oidc CreateToken" },
	{ "over, and half an answer",
	  SESSION,
	  SESSION_FILE,
	  TOKEN(BEFORE) REGISTERED(LATER),
	  { { "POST /token", 200, "{\"accessToken\":\"x\"}", NULL, 0 } },
	  CRED_ERROR,
	  "has no accessToken or expiresIn" },
	{ "over, and an answer that lasts forever",
	  SESSION,
	  SESSION_FILE,
	  TOKEN(BEFORE) REGISTERED(LATER),
	  { { "POST /token", 200, "{\"accessToken\":\"x\",\"expiresIn\":1e300}", NULL,
	      0 } },
	  CRED_ERROR,
	  "has no accessToken or expiresIn" },
	{ "over, and the registration too",
	  SESSION,
	  SESSION_FILE,
	  TOKEN(BEFORE) REGISTERED(BEFORE),
	  { { 0 } },
	  CRED_ERROR,
	  "registration of the client" },
	{ "over, without a refresh token",
	  SESSION,
	  SESSION_FILE,
	  TOKEN(BEFORE) "}",
	  { { 0 } },
	  CRED_ERROR,
	  "the login has no refreshToken" },

	{ "the portal does not know the token",
	  LEGACY ROLE,
	  LEGACY_FILE,
	  TOKEN(LATER) "}",
	  { { PORTAL, 401, "{\"message\":\"Session token not found or invalid\"}",
	      "x-amzn-ErrorType: UnauthorizedException\r\n", 0 } },
	  CRED_ERROR,
	  "run 'aws sso login --profile test'" },
	{ "the role is somebody else's",
	  LEGACY ROLE,
	  LEGACY_FILE,
	  TOKEN(LATER) "}",
	  { { PORTAL, 403, "{\"message\":\"No access\"}",
	      "x-amzn-ErrorType: ForbiddenException\r\n", 0 } },
	  CRED_ERROR,
	  "may not take role 'Read' of account 123456789012" },
	{ "the portal is ill",
	  LEGACY ROLE,
	  LEGACY_FILE,
	  TOKEN(LATER) "}",
	  { { PORTAL, 503, "", NULL, 0 } },
	  CRED_ERROR,
	  "sso GetRoleCredentials" },
	{ "garbage",
	  LEGACY ROLE,
	  LEGACY_FILE,
	  TOKEN(LATER) "}",
	  { { PORTAL, 200, "{nonsense", NULL, 0 } },
	  CRED_ERROR,
	  "not valid JSON" },
	{ "no secret",
	  LEGACY ROLE,
	  LEGACY_FILE,
	  TOKEN(LATER) "}",
	  { { PORTAL, 200, "{\"roleCredentials\":{\"accessKeyId\":\"a\"}}", NULL, 0 } },
	  CRED_ERROR,
	  "has no accessKeyId, secretAccessKey" },
	{ "credentials of another type",
	  LEGACY ROLE,
	  LEGACY_FILE,
	  TOKEN(LATER) "}",
	  { { PORTAL, 200, "{\"roleCredentials\":[1,2]}", NULL, 0 } },
	  CRED_ERROR,
	  "has no accessKeyId, secretAccessKey" },
};

START_TEST(sso_answers)
{
	const __typeof__(cases[0]) *c = &cases[_i];
	struct scene s;
	enum cred_result got;

	scene_start(&s, c->config, c->answers);
	if (c->file)
		scene_login(&s, c->file, c->token);
	got = scene_ask(&s, &cred_sso);
	scene_expect(&s, c->name, got, c->want, "SSOID", c->says);
	if (got == CRED_FOUND) {
		ck_assert_str_eq(buf_str(&s.asked), c->says);
		ck_assert_int_eq(s.got.expires_ms, 4102444800000);
	}
	ck_assert(!strstr(s.err.message, "client-secret"));
	scene_end(&s);
}
END_TEST

static const struct scene_answer refreshing[] = {
	{ "POST /token", 200, FRESH, NULL, 0 },
	{ PORTAL, 200, GIVES, NULL, 0 },
	{ 0 },
};

START_TEST(a_refresh_is_written_back)
{
	struct scene s;
	struct stat st;
	int64_t expires_ms;
	cJSON *j;

	scene_start(&s, SESSION, refreshing);
	scene_login(&s, SESSION_FILE,
		    TOKEN(BEFORE) ",\"more\":\"stays\"" REGISTERED(LATER));
	ck_assert_int_eq(scene_ask(&s, &cred_sso), CRED_FOUND);
	ck_assert(strstr(buf_str(&s.heads), "x-amz-sso_bearer_token: new-token\r\n"));
	ck_assert(!strcasestr(buf_str(&s.heads), "authorization:"));
	j = scene_read_login(&s);
	ck_assert_str_eq(json_str(j, "accessToken", ""), "new-token");
	ck_assert_str_eq(json_str(j, "refreshToken", ""), "r2");
	ck_assert_str_eq(json_str(j, "region", ""), "us-east-1");
	ck_assert_str_eq(json_str(j, "clientSecret", ""), "client-secret");
	ck_assert_str_eq(json_str(j, "more", ""), "stays");
	ck_assert(time_parse(json_str(j, "expiresAt", ""), &expires_ms));
	ck_assert_int_ge(expires_ms, clock_now_ms() + 3500 * 1000);
	ck_assert_int_eq(strlen(json_str(j, "expiresAt", "")), 20);
	ck_assert_int_eq(stat(s.login, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	json_freep(&j);
	scene_end(&s);
}
END_TEST

START_TEST(the_role_is_kept_as_the_cli_keeps_it)
{
	struct scene s;

	scene_start(&s, SESSION, refreshing);
	scene_login(&s, SESSION_FILE, TOKEN(LATER) "}");
	ck_assert_int_eq(scene_ask(&s, &cred_sso), CRED_FOUND);
	ck_assert_int_eq(unlink(s.login), 0);
	ck_assert_int_eq(scene_ask(&s, &cred_sso), CRED_FOUND);
	ck_assert_str_eq(buf_str(&s.asked),
			 PORTAL "role_name=Read&account_id=123456789012\n");
	scene_end(&s);
}
END_TEST

/* Whichever call fails: credentials all the same, and a login that is old or new. */
START_TEST(a_disk_that_fails_loses_nothing)
{
	static const char *const calls[] = { "open", "write", "fsync", "rename",
					     "unlink" };

	for (unsigned nth = 1; nth <= 6; nth++) {
		struct scene s;
		const char *token;
		cJSON *j;

		scene_start(&s, SESSION, refreshing);
		scene_login(&s, SESSION_FILE, TOKEN(SOON) REGISTERED(LATER));
		/* Reading the login is the first open. */
		fault_arm(calls[_i], nth + str_eq(calls[_i], "open"), EIO);
		ck_assert_msg(scene_ask(&s, &cred_sso) == CRED_FOUND, "%s %u: %s",
			      calls[_i], nth, s.err.message);
		fault_disarm();
		j = scene_read_login(&s);
		token = json_str(j, "accessToken", "");
		ck_assert(str_eq(token, "old-token") || str_eq(token, "new-token"));
		ck_assert_str_eq(json_str(j, "refreshToken", ""),
				 str_eq(token, "old-token") ? "r1" : "r2");
		json_freep(&j);
		scene_end(&s);
	}
}
END_TEST

static Suite *sso_suite(void)
{
	Suite *s = suite_create("aws/sso");
	TCase *tc = tcase_create("sso");

	tcase_add_loop_test(tc, sso_answers, 0, ARRAY_SIZE(cases));
	tcase_add_test(tc, a_refresh_is_written_back);
	tcase_add_test(tc, the_role_is_kept_as_the_cli_keeps_it);
	tcase_add_loop_test(tc, a_disk_that_fails_loses_nothing, 0, 5);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(sso_suite)
