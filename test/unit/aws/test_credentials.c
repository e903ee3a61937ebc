#include "check_main.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/str.h"
#include "test_server.h"
#include "world.h"

#define KEYS "[default]\naws_access_key_id=FILEID\naws_secret_access_key=s\n"

/* `vars` may name the test's folder as %s; the texts of the files may be NULL. */
static const struct {
	const char *name;
	const char *vars[5];
	const char *profile, *credentials, *config;
	const char *provider, *id, *token; /* provider NULL: an error */
	const char *error;
} cases[] = {
	{ "environment",
	  { "AWS_ACCESS_KEY_ID=ID", "AWS_SECRET_ACCESS_KEY=s" },
	  NULL,
	  NULL,
	  NULL,
	  "environment",
	  "ID",
	  NULL,
	  NULL },
	{ "environment with token",
	  { "AWS_ACCESS_KEY_ID=ID", "AWS_SECRET_ACCESS_KEY=s", "AWS_SESSION_TOKEN=t" },
	  NULL,
	  NULL,
	  NULL,
	  "environment",
	  "ID",
	  "t",
	  NULL },
	{ "the old token's name",
	  { "AWS_ACCESS_KEY_ID=ID", "AWS_SECRET_ACCESS_KEY=s", "AWS_SECURITY_TOKEN=t" },
	  NULL,
	  NULL,
	  NULL,
	  "environment",
	  "ID",
	  "t",
	  NULL },
	{ "half an environment",
	  { "AWS_ACCESS_KEY_ID=ID" },
	  NULL,
	  KEYS,
	  NULL,
	  NULL,
	  NULL,
	  NULL,
	  "AWS_SECRET_ACCESS_KEY is not" },
	{ "the other half",
	  { "AWS_SECRET_ACCESS_KEY=s" },
	  NULL,
	  KEYS,
	  NULL,
	  NULL,
	  NULL,
	  NULL,
	  "AWS_ACCESS_KEY_ID is not" },
	{ "environment before files",
	  { "AWS_ACCESS_KEY_ID=ID", "AWS_SECRET_ACCESS_KEY=s" },
	  NULL,
	  KEYS,
	  NULL,
	  "environment",
	  "ID",
	  NULL,
	  NULL },
	{ "a named profile before the environment",
	  { "AWS_ACCESS_KEY_ID=ID", "AWS_SECRET_ACCESS_KEY=s" },
	  "default",
	  KEYS,
	  NULL,
	  "shared files",
	  "FILEID",
	  NULL,
	  NULL },
	{ "credentials file",
	  { NULL },
	  NULL,
	  KEYS,
	  NULL,
	  "shared files",
	  "FILEID",
	  NULL,
	  NULL },
	{ "config file",
	  { NULL },
	  NULL,
	  NULL,
	  KEYS "aws_session_token=t\n",
	  "shared files",
	  "FILEID",
	  "t",
	  NULL },
	{ "credentials before config",
	  { NULL },
	  NULL,
	  KEYS,
	  "[default]\naws_access_key_id=C\naws_secret_access_key=s\n",
	  "shared files",
	  "FILEID",
	  NULL,
	  NULL },
	{ "AWS_PROFILE",
	  { "AWS_PROFILE=dev" },
	  NULL,
	  KEYS "[dev]\naws_access_key_id=DEV\naws_secret_access_key=s\n",
	  NULL,
	  "shared files",
	  "DEV",
	  NULL,
	  NULL },
	{ "a profile of the config file",
	  { NULL },
	  "dev",
	  NULL,
	  "[profile dev]\naws_access_key_id=DEV\naws_secret_access_key=s\n",
	  "shared files",
	  "DEV",
	  NULL,
	  NULL },
	{ "a profile that is nowhere",
	  { NULL },
	  "prod",
	  KEYS,
	  NULL,
	  NULL,
	  NULL,
	  NULL,
	  "no profile 'prod'" },
	{ "a profile without a secret",
	  { NULL },
	  NULL,
	  "[default]\naws_access_key_id=x\n",
	  NULL,
	  NULL,
	  NULL,
	  NULL,
	  "has no aws_secret_access_key" },
	{ "a profile that takes a role",
	  { NULL },
	  "r",
	  NULL,
	  "[profile r]\nrole_arn=arn:aws:iam::1:role/x\nsource_profile=default\n",
	  NULL,
	  NULL,
	  NULL,
	  "uses role_arn" },
	{ "nothing at all",
	  { NULL },
	  NULL,
	  NULL,
	  NULL,
	  NULL,
	  NULL,
	  NULL,
	  "no credentials found" },
	{ "a container's address of somebody else",
	  { "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://example.com/x" },
	  NULL,
	  NULL,
	  NULL,
	  NULL,
	  NULL,
	  NULL,
	  "neither https nor an address of this host" },
};

static char *folder;

static void write_file(const char *name, const char *text, char **variable,
		       const char *variable_name)
{
	FP_AUTO(freep) char *path = fs_join(folder, name);

	*variable = xasprintf("%s=%s", variable_name, path);
	if (text && fs_write_atomic(path, text, strlen(text), 0600, NULL) < 0)
		abort();
}

static void setup(void)
{
	const char *tmp = getenv("TMPDIR");

	folder = xasprintf("%s/fpctl-test-XXXXXX", tmp ? tmp : "/tmp");
	ck_assert(mkdtemp(folder) != NULL);
}

static void teardown(void)
{
	ck_assert_int_eq(fs_remove_tree(folder, NULL), 0);
	freep(&folder);
}

START_TEST(chain_finds)
{
	const __typeof__(cases[0]) *c = &cases[_i];
	FP_AUTO(freep) char *credentials = NULL, *config = NULL;
	FP_AUTO(aws_credentials_release) struct aws_credentials got = { 0 };
	struct fp_error err = { 0 };
	const char *vars[9] = { NULL }, *name = NULL;
	struct aws_env env = world(vars, c->profile);
	size_t n = 0;
	int rc;

	write_file("credentials", c->credentials, &credentials,
		   "AWS_SHARED_CREDENTIALS_FILE");
	write_file("config", c->config, &config, "AWS_CONFIG_FILE");
	for (; c->vars[n]; n++)
		vars[n] = c->vars[n];
	vars[n++] = credentials;
	vars[n] = config;
	rc = cred_resolve(&got, &name, &env, &err);
	ck_assert_msg((rc == 0) == (c->provider != NULL), "%s: %s", c->name, err.message);
	ck_assert_msg(!c->error || strstr(err.message, c->error), "%s: %s", c->name,
		      err.message);
	if (rc < 0)
		return;
	ck_assert_str_eq(name, c->provider);
	ck_assert_str_eq(got.access_key_id, c->id);
	ck_assert_msg(str_eq(got.session_token, c->token), "%s", c->name);
}
END_TEST

/* The container's endpoint: fails once, then answers who has the token. */
static void container(void *ctx, const struct test_request *req, struct test_answer *out)
{
	int *calls = ctx;

	if (++*calls == 1) {
		out->status = 500;
	} else if (!strcasestr(req->head, "authorization: secret-token")) {
		out->status = 403;
	} else {
		buf_puts(&out->body, "{\"AccessKeyId\": \"CID\", \"SecretAccessKey\": "
				     "\"s\", \"Token\": \"t\","
				     " \"Expiration\": \"2026-01-02T03:04:05Z\"}");
	}
}

static const struct {
	const char *token;
	bool found;
} tokens[] = { { "secret-token", true },
	       { "wrong", false },
	       { "line\r\nbreak: 1", false } };

START_TEST(container_answers)
{
	int calls = 0;
	struct test_server server;
	FP_AUTO(aws_credentials_release) struct aws_credentials got = { 0 };
	FP_AUTO(freep) char *token = NULL, *url = NULL;
	struct fp_error err = { 0 };
	const char *vars[4] = { NULL }, *name = NULL;
	struct aws_env env = world(vars, NULL);
	int rc;

	test_server_start(&server, container, &calls);
	url = xasprintf("AWS_CONTAINER_CREDENTIALS_FULL_URI=%s/creds", server.url);
	token = xasprintf("AWS_CONTAINER_AUTHORIZATION_TOKEN=%s", tokens[_i].token);
	vars[0] = url;
	vars[1] = token;
	rc = cred_resolve(&got, &name, &env, &err);
	test_server_stop(&server);
	ck_assert_msg((rc == 0) == tokens[_i].found, "%s", err.message);
	if (rc < 0)
		return;
	ck_assert_str_eq(name, "container");
	ck_assert_str_eq(got.access_key_id, "CID");
	ck_assert_int_eq(got.expires_ms, 1767323045000);
}
END_TEST

static Suite *credentials_suite(void)
{
	Suite *s = suite_create("credentials");
	TCase *tc = tcase_create("credentials");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 30);
	tcase_add_loop_test(tc, chain_finds, 0, ARRAY_SIZE(cases));
	tcase_add_loop_test(tc, container_answers, 0, ARRAY_SIZE(tokens));
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(credentials_suite)
