/*
 * `aws login`: what its file may hold, and what the sign-in service may answer.
 */
#include "check_main.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/fault.h"
#include "base/json.h"
#include "key.h"
#include "scene.h"

#define CONFIG "[profile test]\nlogin_session=arn:aws:iam::123456789012:user/someone\n"
/* SHA-256 of the session's name. */
#define FILE_NAME  "329d8293bf353b2eaeb2ab4f4b6ad81dc823577234900ed8b1c2dfdc3e938684.json"
#define LOGIN_FILE "login/cache/" FILE_NAME

#define ACCESS(expires)                                                          \
	"\"accessToken\":{\"accessKeyId\":\"OLDID\",\"secretAccessKey\":\"s\","  \
	"\"sessionToken\":\"old\",\"accountId\":\"123456789012\",\"expiresAt\":" \
	"\"" expires "\"}"
/* The key's place; scene texts are made by with_key(). */
#define KEY "@KEY@"
#define REST                                                                             \
	",\"tokenType\":\"aws_sigv4\",\"refreshToken\":\"refresh-1\",\"clientId\":"      \
	"\"arn:aws:signin:::devtools/same-device\",\"dpopKey\":\"" KEY "\",\"idToken\":" \
	"\"stays\"}"
#define LOGIN(expires) "{" ACCESS(expires) REST
#define TOKEN	       "POST /v1/token"
#define FRESH                                                                      \
	"{\"accessToken\":{\"accessKeyId\":\"NEWID\",\"secretAccessKey\":\"s2\","  \
	"\"sessionToken\":\"new\"},\"tokenType\":\"aws_sigv4\",\"expiresIn\":900," \
	"\"refreshToken\":\"refresh-2\"}"
#define DENIED(code) "{\"error\":\"" code "\",\"message\":\"the reason\"}"
#define DENIED_TYPE  "x-amzn-ErrorType: AccessDeniedException\r\n"

static const struct {
	const char *name, *config;
	const char *token; /* or NULL */
	struct scene_answer answers[2];
	enum cred_result want;
	const char *says; /* the error, or whose credentials */
} cases[] = {
	{ "no login_session",
	  "[profile test]\nregion=x\n",
	  NULL,
	  { { 0 } },
	  CRED_NONE,
	  "has no login_session" },
	{ "nobody logged in",
	  CONFIG,
	  NULL,
	  { { 0 } },
	  CRED_ERROR,
	  "run 'aws login --profile test'" },
	{ "an empty file", CONFIG, "", { { 0 } }, CRED_ERROR, "not valid JSON" },
	{ "a text", CONFIG, "\"x\"", { { 0 } }, CRED_ERROR, "holds no JSON object" },
	{ "no access token",
	  CONFIG,
	  "{\"x\":1" REST,
	  { { 0 } },
	  CRED_ERROR,
	  "accessToken" },
	{ "an access token of another type",
	  CONFIG,
	  "{\"accessToken\":\"x\"" REST,
	  { { 0 } },
	  CRED_ERROR,
	  "is not complete" },
	{ "a time that is none",
	  CONFIG,
	  LOGIN("soon"),
	  { { 0 } },
	  CRED_ERROR,
	  "is not complete" },
	{ "no refresh token",
	  CONFIG,
	  "{" ACCESS(LATER) "}",
	  { { 0 } },
	  CRED_ERROR,
	  "has no refreshToken" },

	{ "fresh", CONFIG, LOGIN(LATER), { { 0 } }, CRED_FOUND, "OLDID" },
	{ "over",
	  CONFIG,
	  LOGIN(BEFORE),
	  { { TOKEN, 200, FRESH, NULL, 0 } },
	  CRED_FOUND,
	  "NEWID" },
	{ "soon over",
	  CONFIG,
	  LOGIN(SOON),
	  { { TOKEN, 200, FRESH, NULL, 0 } },
	  CRED_FOUND,
	  "NEWID" },
	{ "soon over, and nobody there",
	  CONFIG,
	  LOGIN(SOON),
	  { { TOKEN, 503, "", NULL, 0 } },
	  CRED_FOUND,
	  "OLDID" },
	{ "soon over, and ended",
	  CONFIG,
	  LOGIN(SOON),
	  { { TOKEN, 401, DENIED("TOKEN_EXPIRED"), DENIED_TYPE, 0 } },
	  CRED_FOUND,
	  "OLDID" },
	{ "ended",
	  CONFIG,
	  LOGIN(BEFORE),
	  { { TOKEN, 401, DENIED("TOKEN_EXPIRED"), DENIED_TYPE, 0 } },
	  CRED_ERROR,
	  "the login has ended" },
	{ "another password",
	  CONFIG,
	  LOGIN(BEFORE),
	  { { TOKEN, 403, DENIED("USER_CREDENTIALS_CHANGED"), DENIED_TYPE, 0 } },
	  CRED_ERROR,
	  "run 'aws login --profile test'" },
	{ "not allowed",
	  CONFIG,
	  LOGIN(BEFORE),
	  { { TOKEN, 403, DENIED("INSUFFICIENT_PERMISSIONS"), DENIED_TYPE, 0 } },
	  CRED_ERROR,
	  "signin:CreateOAuth2Token" },
	{ "too often",
	  CONFIG,
	  LOGIN(BEFORE),
	  { { TOKEN, 429, DENIED("INVALID_REQUEST"), NULL, 0 } },
	  CRED_ERROR,
	  "has to be renewed and cannot be" },
	{ "the service is ill",
	  CONFIG,
	  LOGIN(BEFORE),
	  { { TOKEN, 500, DENIED("server_error"), NULL, 0 } },
	  CRED_ERROR,
	  "has to be renewed and cannot be" },
	{ "garbage",
	  CONFIG,
	  LOGIN(BEFORE),
	  { { TOKEN, 200, "{{", NULL, 0 } },
	  CRED_ERROR,
	  "not valid JSON" },
	{ "no expiry",
	  CONFIG,
	  LOGIN(BEFORE),
	  { { TOKEN, 200,
	      "{\"accessToken\":{\"accessKeyId\":\"a\",\"secretAccessKey\":\"b\","
	      "\"sessionToken\":\"c\"},\"refreshToken\":\"d\"}",
	      NULL, 0 } },
	  CRED_ERROR,
	  "has no accessToken, refreshToken or expiresIn" },
	{ "an access token of another type in the answer",
	  CONFIG,
	  LOGIN(BEFORE),
	  { { TOKEN, 200, "{\"accessToken\":\"a\",\"expiresIn\":\"900\"}", NULL, 0 } },
	  CRED_ERROR,
	  "has no accessToken, refreshToken or expiresIn" },
};

/* The text with a key in its place, as JSON has line breaks. */
static char *with_key(const char *text)
{
	const char *at = strstr(text, KEY);
	FP_AUTO(freep) char *pem = test_key("EC");
	struct buf out = BUF_INIT;

	if (!at)
		return xstrdup(text);
	buf_add(&out, text, (size_t)(at - text));
	for (const char *p = pem; *p; p++)
		*p == '\n' ? buf_puts(&out, "\\n") : buf_putc(&out, *p);
	buf_puts(&out, at + strlen(KEY));
	return buf_detach(&out);
}

START_TEST(login_answers)
{
	const __typeof__(cases[0]) *c = &cases[_i];
	FP_AUTO(freep) char *token = c->token ? with_key(c->token) : NULL;
	struct scene s;
	enum cred_result got;

	scene_start(&s, c->config, c->answers);
	if (token)
		scene_login(&s, LOGIN_FILE, token);
	got = scene_ask(&s, &cred_login);
	scene_expect(&s, c->name, got, c->want, c->says, c->says);
	ck_assert(!strstr(s.err.message, "refresh-1"));
	scene_end(&s);
}
END_TEST

static const struct scene_answer renewing[] = { { TOKEN, 200, FRESH, NULL, 0 }, { 0 } };

START_TEST(a_renewal_is_written_back)
{
	FP_AUTO(freep) char *token = with_key(LOGIN(BEFORE));
	FP_AUTO(freep) char *variable = NULL;
	struct scene s;
	struct stat st;
	cJSON *j;

	scene_start(&s, CONFIG, renewing);
	/* In a folder of one's own, too. */
	variable = xasprintf("AWS_LOGIN_CACHE_DIRECTORY=%s/.aws/mine", s.home);
	scene_variable(&s, variable);
	scene_login(&s, "mine/" FILE_NAME, token);
	ck_assert_int_eq(scene_ask(&s, &cred_login), CRED_FOUND);
	ck_assert_int_gt(s.got.expires_ms, clock_now_ms() + 800 * 1000);
	ck_assert(strstr(buf_str(&s.heads), "DPoP: ey"));
	ck_assert(!strcasestr(buf_str(&s.heads), "authorization:"));
	ck_assert(strcasestr(buf_str(&s.heads), "content-type: application/json\r\n"));
	ck_assert_str_eq(
		buf_str(&s.bodies),
		"{\"clientId\":\"arn:aws:signin:::devtools/same-device\","
		"\"refreshToken\":\"refresh-1\",\"grantType\":\"refresh_token\"}");
	j = scene_read_login(&s);
	ck_assert_str_eq(json_str(j, "accessToken.accessKeyId", ""), "NEWID");
	ck_assert_str_eq(json_str(j, "accessToken.secretAccessKey", ""), "s2");
	ck_assert_str_eq(json_str(j, "accessToken.sessionToken", ""), "new");
	ck_assert_str_eq(json_str(j, "accessToken.accountId", ""), "123456789012");
	ck_assert_str_eq(json_str(j, "refreshToken", ""), "refresh-2");
	ck_assert_str_eq(json_str(j, "idToken", ""), "stays");
	ck_assert_int_eq(strlen(json_str(j, "accessToken.expiresAt", "")), 20);
	ck_assert_int_eq(stat(s.login, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	/* The next one needs nobody. */
	ck_assert_int_eq(scene_ask(&s, &cred_login), CRED_FOUND);
	ck_assert_str_eq(buf_str(&s.asked), TOKEN "\n");
	json_freep(&j);
	scene_end(&s);
}
END_TEST

START_TEST(what_the_service_calls_expired_is_renewed)
{
	FP_AUTO(freep) char *token = with_key(LOGIN(LATER));
	struct aws_credentials stale = { .session_token = (char[]){ "old" } };
	struct scene s;

	scene_start(&s, CONFIG, renewing);
	scene_login(&s, LOGIN_FILE, token);
	s.context.again = true;
	s.context.stale = &stale;
	ck_assert_int_eq(scene_ask(&s, &cred_login), CRED_FOUND);
	ck_assert_str_eq(s.got.access_key_id, "NEWID");
	scene_end(&s);
}
END_TEST

/* Whichever call fails: credentials all the same, and a login that is old or new. */
START_TEST(a_disk_that_fails_loses_nothing)
{
	static const char *const calls[] = { "open", "write", "fsync", "rename",
					     "unlink" };

	for (unsigned nth = 1; nth <= 3; nth++) {
		FP_AUTO(freep) char *token = with_key(LOGIN(BEFORE));
		struct scene s;
		const char *id;
		cJSON *j;

		scene_start(&s, CONFIG, renewing);
		scene_login(&s, LOGIN_FILE, token);
		/* Reading the login is the first open. */
		fault_arm(calls[_i], nth + str_eq(calls[_i], "open"), EIO);
		ck_assert_msg(scene_ask(&s, &cred_login) == CRED_FOUND, "%s %u: %s",
			      calls[_i], nth, s.err.message);
		fault_disarm();
		ck_assert_str_eq(s.got.access_key_id, "NEWID");
		j = scene_read_login(&s);
		id = json_str(j, "accessToken.accessKeyId", "");
		ck_assert(str_eq(id, "OLDID") || str_eq(id, "NEWID"));
		ck_assert_str_eq(json_str(j, "refreshToken", ""),
				 str_eq(id, "OLDID") ? "refresh-1" : "refresh-2");
		json_freep(&j);
		scene_end(&s);
	}
}
END_TEST

static Suite *login_suite(void)
{
	Suite *s = suite_create("aws/login");
	TCase *tc = tcase_create("login");

	tcase_add_loop_test(tc, login_answers, 0, ARRAY_SIZE(cases));
	tcase_add_test(tc, a_renewal_is_written_back);
	tcase_add_test(tc, what_the_service_calls_expired_is_renewed);
	tcase_add_loop_test(tc, a_disk_that_fails_loses_nothing, 0, 5);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(login_suite)
