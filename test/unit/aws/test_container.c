/*
 * The container's endpoint: where it may be, what token it gets, what it may answer.
 */
#include "check_main.h"

#include "aws/credentials/metadata.h"
#include "scene.h"

#define NOTHING "[profile test]\nregion=x\n"
#define ID	"\"AccessKeyId\":\"CID\""
#define SECRET	",\"SecretAccessKey\":\"s\",\"Token\":\"t\""
#define ENDS	",\"Expiration\":\"" LATER "\""
#define GIVES	"{" ID SECRET ENDS "}"

static const struct {
	const char *name;
	struct scene_answer answers[2];
	enum cred_result want;
	unsigned asked;
	const char *error;
} answers[] = {
	{ "good", { { "GET /creds?a=b", 200, GIVES, NULL, 0 } }, CRED_FOUND, 1, NULL },
	{ "refused, and why",
	  { { "GET", 403, "{\"code\":\"AccessDenied\",\"message\":\"go away\"}", NULL,
	      0 } },
	  CRED_ERROR,
	  1,
	  "HTTP 403: AccessDenied: go away" },
	{ "refused with a code alone",
	  { { "GET", 400, "{\"Code\":\"Nope\"}", NULL, 0 } },
	  CRED_ERROR,
	  1,
	  "HTTP 400: Nope" },
	{ "refused in plain words",
	  { { "GET", 404, "no such\ttask\r\n", NULL, 0 } },
	  CRED_ERROR,
	  1,
	  "HTTP 404: no such task" },
	{ "refused without a word",
	  { { "GET", 404, "", NULL, 0 } },
	  CRED_ERROR,
	  1,
	  "the answer is HTTP 404" },
	{ "a redirect is no answer",
	  { { "GET", 302, "", "Location: http://127.0.0.1:1/\r\n", 0 } },
	  CRED_ERROR,
	  1,
	  "HTTP 302" },
	{ "ill for good", { { "GET", 500, "", NULL, 0 } }, CRED_ERROR, 3, "HTTP 500" },
	{ "hanging up", { { "GET", 0, "", NULL, 0 } }, CRED_ERROR, 3, "127.0.0.1" },
	{ "garbage",
	  { { "GET", 200, "<a>", NULL, 0 } },
	  CRED_ERROR,
	  3,
	  "not valid JSON" },
};

START_TEST(container_answers)
{
	const __typeof__(answers[0]) *c = &answers[_i];
	FP_AUTO(freep) char *url = NULL;
	struct scene s;
	unsigned asked = 0;
	enum cred_result got;

	scene_start(&s, NOTHING, c->answers);
	url = xasprintf("AWS_CONTAINER_CREDENTIALS_FULL_URI=%s/creds?a=b", s.server.url);
	scene_variable(&s, url);
	/* Nobody is there: it is not asked. */
	ck_assert_int_eq(setenv("http_proxy", "http://127.0.0.1:1", 1), 0);
	got = scene_ask(&s, &cred_container);
	scene_expect(&s, c->name, got, c->want, "CID", c->error);
	for (const char *p = buf_str(&s.asked); *p; p++)
		asked += *p == '\n';
	ck_assert_msg(asked == c->asked, "%s: %u requests", c->name, asked);
	if (got == CRED_FOUND) {
		ck_assert_int_eq(s.got.expires_ms, 4102444800000);
		ck_assert_str_eq(s.got.session_token, "t");
		ck_assert(strcasestr(buf_str(&s.heads), "accept: application/json\r\n"));
	}
	scene_end(&s);
}
END_TEST

/* Documents that are no credentials; none of them is retried into being some. */
static const struct {
	const char *text, *error;
} documents[] = {
	{ "{}", "has no AccessKeyId" },
	{ "[]", "has no AccessKeyId" },
	{ "{" ID "}", "has no SecretAccessKey" },
	{ "{\"AccessKeyId\":1" SECRET ENDS "}", "has no AccessKeyId" },
	{ "{" ID ",\"SecretAccessKey\":\"s\"" ENDS "}", "has no Token" },
	{ "{" ID SECRET "}", "has no Expiration" },
	{ "{" ID SECRET ",\"Expiration\":\"never\"}", "has no Expiration" },
	{ "{" ID SECRET ",\"Expiration\":1767323045}", "has no Expiration" },
	{ "{\"Code\":\"X\",\"Message\":\"y\"}", "no credentials, but X: y" },
	{ "{\"message\":\"y\"}", "no credentials, but y" },
};

START_TEST(documents_are_checked)
{
	struct aws_credentials out = { 0 };
	struct fp_error err = { 0 };

	ck_assert_int_eq(
		metadata_read(&out, documents[_i].text, strlen(documents[_i].text), &err),
		-1);
	ck_assert_msg(strstr(err.message, documents[_i].error) != NULL, "%s",
		      err.message);
	ck_assert(!out.access_key_id);
}
END_TEST

static const struct {
	const char *url;
	const char *error; /* NULL: it is asked, and nobody is there */
} places[] = {
	{ "http://127.0.0.1:1/x", NULL },
	{ "http://127.255.0.3:1/x", NULL },
	{ "http://localhost:1/x", NULL },
	{ "http://[::1]:1/x", NULL },
	{ "http://LOCALHOST:1/x", NULL },
	{ "https://127.0.0.1:1/x", NULL },
	{ "http://example.com/x", "neither https nor an address of this host" },
	{ "http://127.0.0.1.example.com/", "neither https nor" },
	{ "http://localhost.example.com/", "neither https nor" },
	{ "http://128.0.0.1/", "neither https nor" },
	{ "http://169.254.169.254/", "neither https nor" },
	{ "http://169.254.170.20/", "neither https nor" },
	{ "http://[::2]/", "neither https nor" },
	{ "http://[fd00:ec2::254]/", "neither https nor" },
	{ "http://localhost@example.com/", "FULL_URI" },
	{ "ftp://localhost/", "is no url" },
	{ "localhost/", "is no url" },
};

START_TEST(places_are_checked)
{
	FP_AUTO(freep)
	char *url = xasprintf("AWS_CONTAINER_CREDENTIALS_FULL_URI=%s", places[_i].url);
	struct scene s;
	enum cred_result got;

	scene_start(&s, NOTHING, NULL);
	scene_variable(&s, url);
	/* A token that cannot be sent: what passes the check ends here. */
	scene_variable(&s, "AWS_CONTAINER_AUTHORIZATION_TOKEN=a\nb");
	got = scene_ask(&s, &cred_container);
	scene_expect(&s, places[_i].url, got, CRED_ERROR, NULL,
		     places[_i].error ? places[_i].error : "has a line break");
	scene_end(&s);
}
END_TEST

/* `file`: what the token file holds, NULL when none is named, "-" when it is absent. */
static const struct {
	const char *token, *file;
	const char *sent, *error;
} tokens[] = {
	{ NULL, NULL, NULL, NULL },
	{ "text", NULL, "text", NULL },
	{ "Bearer a b", NULL, "Bearer a b", NULL },
	{ NULL, "file", "file", NULL },
	{ "text", "file", "file", NULL },
	{ NULL, "file\n", "file", NULL },
	{ NULL, "file\r\n", "file", NULL },
	{ NULL, "", NULL, "is empty" },
	{ "text", "\n", NULL, "is empty" },
	{ "text", "-", NULL, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: cannot open" },
	{ NULL, "a\nb", NULL, "has a line break" },
	{ "a\r\nX: y", NULL, NULL, "has a line break" },
};

static void expect_header(const struct scene *s, const char *sent)
{
	FP_AUTO(freep) char *line = NULL;

	if (!sent) {
		ck_assert(!strcasestr(buf_str(&s->heads), "authorization:"));
		return;
	}
	line = xasprintf("Authorization: %s\r\n", sent);
	ck_assert_msg(strstr(buf_str(&s->heads), line) != NULL, "%s", buf_str(&s->heads));
}

START_TEST(tokens_are_sent)
{
	static const struct scene_answer good[] = { { "GET", 200, GIVES, NULL, 0 },
						    { 0 } };
	const __typeof__(tokens[0]) *c = &tokens[_i];
	FP_AUTO(freep) char *url = NULL, *token = NULL, *file = NULL;
	struct scene s;
	enum cred_result got;

	scene_start(&s, NOTHING, good);
	url = xasprintf("AWS_CONTAINER_CREDENTIALS_FULL_URI=%s/", s.server.url);
	token = xasprintf("AWS_CONTAINER_AUTHORIZATION_TOKEN=%s", str_or(c->token, ""));
	file = xasprintf("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=%s/.aws/token", s.home);
	scene_variable(&s, url);
	scene_variable(&s, token);
	if (c->file)
		scene_variable(&s, file);
	if (c->file && !str_eq(c->file, "-"))
		scene_login(&s, "token", c->file);
	got = scene_ask(&s, &cred_container);
	scene_expect(&s, str_or(c->file, "no file"), got,
		     c->error ? CRED_ERROR : CRED_FOUND, "CID", c->error);
	ck_assert(!c->error || !s.asked.len);
	expect_header(&s, c->sent);
	if (c->file && c->sent) {
		buf_clear(&s.heads);
		ck_assert_int_eq(fs_write_atomic(s.login, "next", 4, 0600, NULL), 0);
		ck_assert_int_eq(scene_ask(&s, &cred_container), CRED_FOUND);
		expect_header(&s, "next");
	}
	scene_end(&s);
}
END_TEST

START_TEST(no_container_is_no_error)
{
	struct scene s;

	scene_start(&s, NOTHING, NULL);
	scene_expect(&s, "nothing", scene_ask(&s, &cred_container), CRED_NONE, NULL,
		     "are not set");
	scene_end(&s);
}
END_TEST

static Suite *container_suite(void)
{
	Suite *s = suite_create("aws/container");
	TCase *tc = tcase_create("container");

	tcase_add_loop_test(tc, container_answers, 0, ARRAY_SIZE(answers));
	tcase_add_loop_test(tc, documents_are_checked, 0, ARRAY_SIZE(documents));
	tcase_add_loop_test(tc, places_are_checked, 0, ARRAY_SIZE(places));
	tcase_add_loop_test(tc, tokens_are_sent, 0, ARRAY_SIZE(tokens));
	tcase_add_test(tc, no_container_is_no_error);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(container_suite)
