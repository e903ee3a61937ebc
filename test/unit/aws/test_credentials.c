/*
 * The chain: which provider answers, and what is said when none does. (The whole table,
 * against botocore: test/e2e/test_credentials.)
 */
#include "check_main.h"

#include "base/fs.h"
#include "base/str.h"
#include "http/client.h"
#include "world.h"

#define KEYS(id) "aws_access_key_id = " id "\naws_secret_access_key = s\n"
#define MINE	 "[default]\n" KEYS("FILEID")
#define PRINTS(id)                                                                  \
	"credential_process = echo '{\"Version\": 1, \"AccessKeyId\": \"" id "\", " \
	"\"SecretAccessKey\": \"s\"}'\n"
#define NO_ROLE "arn:aws:iam::123456789012:role/x"

static const struct {
	const char *name;
	const char *vars[4];
	const char *profile, *credentials, *config;
	const char *provider, *id; /* NULL: an error */
	const char *error;
} cases[] = {
	{ "environment",
	  { "AWS_ACCESS_KEY_ID=ID", "AWS_SECRET_ACCESS_KEY=s" },
	  NULL,
	  MINE,
	  NULL,
	  "environment",
	  "ID",
	  NULL },
	{ "half an environment",
	  { "AWS_ACCESS_KEY_ID=ID" },
	  NULL,
	  MINE,
	  NULL,
	  NULL,
	  NULL,
	  "credentials from environment: AWS_ACCESS_KEY_ID is set, but "
	  "AWS_SECRET_ACCESS_KEY is not" },
	{ "an environment that expired",
	  { "AWS_ACCESS_KEY_ID=ID", "AWS_SECRET_ACCESS_KEY=s",
	    "AWS_CREDENTIAL_EXPIRATION=2020-01-01T00:00:00Z" },
	  NULL,
	  MINE,
	  NULL,
	  NULL,
	  NULL,
	  "expired at 2020-01-01" },
	{ "a named profile before the environment",
	  { "AWS_ACCESS_KEY_ID=ID", "AWS_SECRET_ACCESS_KEY=s" },
	  "default",
	  MINE,
	  NULL,
	  "credentials file",
	  "FILEID",
	  NULL },
	{ "credentials file",
	  { NULL },
	  NULL,
	  MINE,
	  NULL,
	  "credentials file",
	  "FILEID",
	  NULL },
	{ "config file", { NULL }, NULL, NULL, MINE, "config file", "FILEID", NULL },
	{ "credentials file before config file",
	  { NULL },
	  NULL,
	  MINE,
	  "[default]\n" KEYS("CONFIG"),
	  "credentials file",
	  "FILEID",
	  NULL },
	{ "process",
	  { NULL },
	  "p",
	  NULL,
	  "[profile p]\n" PRINTS("PID"),
	  "process",
	  "PID",
	  NULL },
	{ "process before config file",
	  { NULL },
	  "p",
	  NULL,
	  "[profile p]\n" PRINTS("PID") KEYS("CONFIG"),
	  "process",
	  "PID",
	  NULL },
	{ "credentials file before process",
	  { NULL },
	  "p",
	  "[p]\n" KEYS("FILEID"),
	  "[profile p]\n" PRINTS("PID"),
	  "credentials file",
	  "FILEID",
	  NULL },
	{ "AWS_PROFILE",
	  { "AWS_PROFILE=dev" },
	  NULL,
	  MINE "[dev]\n" KEYS("DEV"),
	  NULL,
	  "credentials file",
	  "DEV",
	  NULL },
	{ "a profile that is nowhere",
	  { NULL },
	  "prod",
	  MINE,
	  NULL,
	  NULL,
	  NULL,
	  "no profile 'prod' (from --profile)" },
	{ "a profile without a secret",
	  { NULL },
	  NULL,
	  "[default]\naws_access_key_id=x\n",
	  NULL,
	  NULL,
	  NULL,
	  "has aws_access_key_id but no aws_secret_access_key" },
	{ "a broken file",
	  { "AWS_ACCESS_KEY_ID=ID", "AWS_SECRET_ACCESS_KEY=s" },
	  NULL,
	  "[default\n",
	  NULL,
	  NULL,
	  NULL,
	  "credentials" },
	{ "nothing at all",
	  { NULL },
	  NULL,
	  NULL,
	  NULL,
	  NULL,
	  NULL,
	  "no credentials found with the profile 'default'; `fpctl doctor` says" },
	{ "a role without a source",
	  { NULL },
	  "r",
	  NULL,
	  "[profile r]\nrole_arn = " NO_ROLE "\n",
	  NULL,
	  NULL,
	  "neither source_profile nor credential_source" },
	{ "a role with two sources",
	  { NULL },
	  "r",
	  NULL,
	  "[profile r]\nrole_arn = " NO_ROLE "\nsource_profile = a\n"
	  "credential_source = Environment\n",
	  NULL,
	  NULL,
	  "both source_profile and credential_source" },
	{ "a source that is nowhere",
	  { NULL },
	  "r",
	  NULL,
	  "[profile r]\nrole_arn = " NO_ROLE "\nsource_profile = gone\n",
	  NULL,
	  NULL,
	  "the source_profile 'gone' of profile 'r' does not exist" },
	{ "a source without credentials",
	  { NULL },
	  "r",
	  NULL,
	  "[profile r]\nrole_arn = " NO_ROLE "\nsource_profile = e\n"
	  "[profile e]\nregion = eu-west-1\n",
	  NULL,
	  NULL,
	  "the source_profile 'e' of profile 'r': profile 'e' has no" },
	{ "a circle",
	  { NULL },
	  "a",
	  NULL,
	  "[profile a]\nrole_arn = " NO_ROLE "\nsource_profile = b\n"
	  "[profile b]\nrole_arn = " NO_ROLE "\nsource_profile = a\n",
	  NULL,
	  NULL,
	  "go in a circle: 'a' -> 'b' -> 'a'" },
	{ "a circle of one",
	  { NULL },
	  "a",
	  NULL,
	  "[profile a]\nrole_arn = " NO_ROLE "\nsource_profile = a\n",
	  NULL,
	  NULL,
	  "go in a circle: 'a' -> 'a'" },
	{ "an unknown credential_source",
	  { NULL },
	  "r",
	  NULL,
	  "[profile r]\nrole_arn = " NO_ROLE "\ncredential_source = Moon\n",
	  NULL,
	  NULL,
	  "the credential_source 'Moon' of profile 'r' is none of" },
	{ "a credential_source without credentials",
	  { NULL },
	  "r",
	  NULL,
	  "[profile r]\nrole_arn = " NO_ROLE "\ncredential_source = Environment\n",
	  NULL,
	  NULL,
	  "the credential_source 'Environment' of profile 'r': AWS_ACCESS_KEY_ID" },
	{ "too short a session",
	  { NULL },
	  "r",
	  MINE,
	  "[profile r]\nrole_arn = " NO_ROLE "\nsource_profile = default\n"
	  "duration_seconds = 60\n",
	  NULL,
	  NULL,
	  "900" },
	{ "a token file without a role",
	  { "AWS_WEB_IDENTITY_TOKEN_FILE=/nonexistent" },
	  NULL,
	  MINE,
	  NULL,
	  NULL,
	  NULL,
	  "neither AWS_ROLE_ARN nor role_arn" },
	{ "no token file",
	  { "AWS_WEB_IDENTITY_TOKEN_FILE=/nonexistent", "AWS_ROLE_ARN=" NO_ROLE },
	  NULL,
	  MINE,
	  NULL,
	  NULL,
	  NULL,
	  "/nonexistent" },
};

static char *folder;

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

static void write_file(const char *name, const char *text)
{
	FP_AUTO(freep) char *path = fs_join(folder, name);
	FP_AUTO(freep) char *parent = fs_dirname(path);

	if (text)
		ck_assert(fs_mkdirs(parent, NULL) == 0 &&
			  fs_write_atomic(path, text, strlen(text), 0600, NULL) == 0);
}

START_TEST(chain_finds)
{
	const __typeof__(cases[0]) *c = &cases[_i];
	FP_AUTO(freep) char *home = xasprintf("HOME=%s", folder);
	FP_AUTO(aws_credentials_release) struct aws_credentials got = { 0 };
	FP_AUTO(cred_report_release) struct cred_report report = { 0 };
	const char *vars[8] = { home, "AWS_EC2_METADATA_DISABLED=true" }, *name = NULL;
	struct aws_env env = world(vars, c->profile);
	struct cred_question q = { .env = &env };
	struct fp_error err = { 0 };
	int rc;

	for (size_t i = 0; i < ARRAY_SIZE(c->vars) && c->vars[i]; i++)
		vars[2 + i] = c->vars[i];
	write_file(".aws/credentials", c->credentials);
	write_file(".aws/config", c->config);
	rc = cred_resolve(&got, &name, &q, &report, &err);
	ck_assert_msg((rc == 0) == (c->provider != NULL), "%s: %s", c->name, err.message);
	ck_assert_msg(!c->error || strstr(err.message, c->error), "%s: %s", c->name,
		      err.message);
	for (size_t i = 0; i + 1 < report.n; i++)
		ck_assert_msg(report.v[i].result == CRED_NONE, "%s: %s", c->name,
			      report.v[i].provider);
	ck_assert(report.n == 0 || *report.v[report.n - 1].why);
	if (rc < 0)
		return;
	ck_assert_str_eq(name, c->provider);
	ck_assert_str_eq(got.access_key_id, c->id);
	ck_assert_str_eq(report.v[report.n - 1].provider, c->provider);
	ck_assert_int_eq(report.v[report.n - 1].result, CRED_FOUND);
}
END_TEST

/* A chain of source profiles as long as the file allows: no stack holds that. */
START_TEST(chains_have_an_end)
{
	FP_AUTO(freep) char *home = xasprintf("HOME=%s", folder);
	FP_AUTO(aws_credentials_release) struct aws_credentials got = { 0 };
	FP_AUTO(buf_release) struct buf config = BUF_INIT;
	const char *vars[] = { home, NULL }, *name;
	struct aws_env env = world(vars, "p0");
	struct cred_question q = { .env = &env };
	struct fp_error err = { 0 };

	for (int i = 0; config.len < 1000000; i++)
		buf_printf(&config,
			   "[profile p%d]\nrole_arn=" NO_ROLE "\nsource_profile=p%d\n", i,
			   i + 1);
	write_file(".aws/config", buf_str(&config));
	ck_assert_int_eq(cred_resolve(&got, &name, &q, NULL, &err), -1);
	ck_assert_msg(strstr(err.message, "source profiles in a row") != NULL, "%s",
		      err.message);
}
END_TEST

/* Ctrl-C is no finding of a provider's. (Check runs each test in a process.) */
START_TEST(ctrl_c_is_told)
{
	const char *vars[] = { "HOME=/nonexistent", NULL }, *name;
	FP_AUTO(aws_credentials_release) struct aws_credentials got = { 0 };
	struct aws_env env = world(vars, NULL);
	struct cred_question q = { .env = &env };
	struct fp_error err = { 0 };

	http_interrupt();
	ck_assert_int_eq(cred_resolve(&got, &name, &q, NULL, &err), -1);
	ck_assert_int_eq(err.code, FP_ERR_INTERRUPTED);
}
END_TEST

static Suite *credentials_suite(void)
{
	Suite *s = suite_create("aws/credentials");
	TCase *tc = tcase_create("credentials");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 30);
	tcase_add_loop_test(tc, chain_finds, 0, ARRAY_SIZE(cases));
	tcase_add_test(tc, chains_have_an_end);
	tcase_add_test(tc, ctrl_c_is_told);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(credentials_suite)
