/*
 * Roles: what STS is asked, which sessions come from the AWS CLI's cache, and what is
 * left there, whatever fails on the way.
 */
#include "check_main.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/fault.h"
#include "base/json.h"
#include "scene.h"

#define ARN  "arn:aws:iam::123456789012:role/x"
#define KEYS "[profile base]\naws_access_key_id = AKIABASE\naws_secret_access_key = s\n"
#define ROLE                                                                        \
	KEYS "[profile test]\nrole_arn = " ARN                                      \
	     "\nsource_profile = base\nexternal_id = a/b:c\nrole_session_name = me" \
	     "\nduration_seconds = 7200\n"
/* The names are Python's SHA-1 of json.dumps({...}, sort_keys=True). */
static const struct {
	struct cred_arg args[5];
	size_t n;
	bool compact;
	const char *name;
} names[] = {
	{ { { "RoleArn", ARN, false } },
	  1,
	  false,
	  "f84d75ff2dd3e8682912dae5e7be77540d9d68d0.json" },
	{ { { "DurationSeconds", "7200", true },
	    { "ExternalId", "a/b:c", false },
	    { "RoleArn", ARN, false },
	    { "RoleSessionName", "me", false },
	    { "SerialNumber", "arn:aws:iam::1:mfa/me", false } },
	  5,
	  false,
	  "e2a4ae2b937cb61e9cc5277f96a60db878cc05e8.json" },
	{ { { "DurationSeconds", NULL, true },
	    { "RoleArn", "r\xc3\xbcl\xe2\x82\xac \xf0\x9f\x98\x80 \"q\\b\" \t\x01\x7f",
	      false } },
	  2,
	  false,
	  "b5c2e508196859c3a0cd2437e73eca934199e7af.json" },
	{ { { "accountId", "123456789012", false },
	    { "roleName", "Admin", false },
	    { "startUrl", "https://x.awsapps.com/start", false } },
	  3,
	  true,
	  "243185b3287804d23760113d179c4c72e67b4061.json" },
};

START_TEST(files_are_named_as_by_python)
{
	FP_AUTO(freep)
	char *name = cred_cache_name(names[_i].args, names[_i].n, names[_i].compact);

	ck_assert_str_eq(name, names[_i].name);
}
END_TEST

#define SESSION(id, expires)                                                        \
	"<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>" id       \
	"</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t"         \
	"</SessionToken><Expiration>" expires "</Expiration></Credentials>"         \
	"<AssumedRoleUser><AssumedRoleId>AROA:me</AssumedRoleId><Arn>arn:aws:sts::" \
	"123456789012:assumed-role/x/me</Arn></AssumedRoleUser></AssumeRoleResult>" \
	"</AssumeRoleResponse>"

static const struct scene_answer gives[] = {
	{ "POST /", 200, SESSION("ASIA1", LATER), NULL, 0 }, { NULL, 0, NULL, NULL, 0 }
};
static const struct scene_answer gives_another[] = {
	{ "POST /", 200, SESSION("ASIA2", LATER), NULL, 0 }, { NULL, 0, NULL, NULL, 0 }
};

static size_t calls(const struct scene *s)
{
	size_t n = 0;

	for (const char *p = buf_str(&s->asked); (p = strchr(p, '\n')); p++)
		n++;
	return n;
}

/* The one file of the cache; NULL when there is none. Owned. */
static char *cached_file(const struct scene *s)
{
	FP_AUTO(freep) char *folder = fs_join(s->home, ".aws/cli/cache");
	FP_AUTO(strs_release) struct strs files = STRS_INIT;

	if (!fs_is_dir(folder))
		return NULL;
	ck_assert_int_eq(fs_list(&files, folder, NULL), 0);
	ck_assert_uint_le(files.n, 1);
	return files.n ? fs_join(folder, files.v[0]) : NULL;
}

START_TEST(sessions_are_cached)
{
	FP_AUTO(freep) char *path = NULL;
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(json_freep) cJSON *j = NULL;
	struct stat st;
	struct scene s;

	scene_start(&s, ROLE, gives);
	scene_expect(&s, "first", scene_ask(&s, &cred_assume_role), CRED_FOUND, "ASIA1",
		     NULL);
	ck_assert_str_eq(s.got.session_token, "t");
	ck_assert_int_eq(s.got.expires_ms, 4102444800000);
	ck_assert_msg(strstr(buf_str(&s.bodies), "ExternalId=a%2Fb%3Ac") != NULL, "%s",
		      buf_str(&s.bodies));
	ck_assert(strstr(buf_str(&s.bodies), "DurationSeconds=7200") != NULL);
	ck_assert(strstr(buf_str(&s.heads), "Credential=AKIABASE/") != NULL);
	path = cached_file(&s);
	ck_assert(path && stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
	ck_assert_int_eq(fs_read(&text, path, 65536, NULL), 0);
	j = json_parse(text.data, text.len, "the entry", NULL);
	ck_assert_str_eq(json_str(j, "Credentials.Expiration", ""),
			 "2100-01-01T00:00:00UTC");
	ck_assert_str_eq(json_str(j, "Credentials.AccountId", ""), "123456789012");
	ck_assert_str_eq(json_str(j, "AssumedRoleUser.AssumedRoleId", ""), "AROA:me");
	s.answers = gives_another;
	scene_expect(&s, "again", scene_ask(&s, &cred_assume_role), CRED_FOUND, "ASIA1",
		     NULL);
	ck_assert_uint_eq(calls(&s), 1);
	ck_assert(strstr(buf_str(&s.found), "cached") != NULL);
	scene_end(&s);
}
END_TEST

#define ENTRY(id, secret, token, expires)                                          \
	"{\"Credentials\": {\"AccessKeyId\": " id ", \"SecretAccessKey\": " secret \
	", \"SessionToken\": " token ", \"Expiration\": " expires "}}"

static const struct {
	const char *name, *text;
	bool used;
} entries[] = {
	{ "whole", ENTRY("\"OLD\"", "\"s\"", "\"t\"", "\"2100-01-01T00:00:00UTC\""),
	  true },
	{ "with an offset",
	  ENTRY("\"OLD\"", "\"s\"", "\"t\"", "\"2100-01-01T00:00:00+00:00\""), true },
	{ "expired", ENTRY("\"OLD\"", "\"s\"", "\"t\"", "\"2020-01-01T00:00:00UTC\""),
	  false },
	{ "about to expire", ENTRY("\"OLD\"", "\"s\"", "\"t\"", "\"" SOON "\""), false },
	{ "no time", ENTRY("\"OLD\"", "\"s\"", "\"t\"", "\"soon\""), false },
	{ "no secret", ENTRY("\"OLD\"", "null", "\"t\"", "\"2100-01-01T00:00:00UTC\""),
	  false },
	{ "no token", ENTRY("\"OLD\"", "\"s\"", "7", "\"2100-01-01T00:00:00UTC\""),
	  false },
	{ "an empty id", ENTRY("\"\"", "\"s\"", "\"t\"", "\"2100-01-01T00:00:00UTC\""),
	  false },
	{ "cut", "{\"Credentials\": {\"AccessKeyId\": \"OLD\"", false },
	{ "empty", "", false },
	{ "a list", "[1, 2]", false },
	{ "bytes", "\xff\xfe", false },
};

START_TEST(broken_entries_are_passed_over)
{
	FP_AUTO(freep) char *path = NULL;
	struct scene s;

	scene_start(&s, ROLE, gives);
	ck_assert_int_eq(scene_ask(&s, &cred_assume_role), CRED_FOUND);
	path = cached_file(&s);
	scene_login(&s, strstr(path, ".aws/") + 5, entries[_i].text);
	scene_expect(&s, entries[_i].name, scene_ask(&s, &cred_assume_role), CRED_FOUND,
		     entries[_i].used ? "OLD" : "ASIA1", NULL);
	ck_assert_uint_eq(calls(&s), entries[_i].used ? 1 : 2);
	/* What was broken is whole again. */
	s.answers = gives_another;
	scene_expect(&s, entries[_i].name, scene_ask(&s, &cred_assume_role), CRED_FOUND,
		     entries[_i].used ? "OLD" : "ASIA1", NULL);
	scene_end(&s);
}
END_TEST

/* The service refused them as expired: the cache may not give them again. */
START_TEST(stale_entries_are_passed_over)
{
	FP_AUTO(aws_credentials_release) struct aws_credentials stale = { 0 };
	struct scene s;

	scene_start(&s, ROLE, gives);
	ck_assert_int_eq(scene_ask(&s, &cred_assume_role), CRED_FOUND);
	aws_credentials_copy(&stale, &s.got);
	s.context.stale = &stale;
	s.answers = gives_another;
	scene_expect(&s, "stale", scene_ask(&s, &cred_assume_role), CRED_FOUND, "ASIA2",
		     NULL);
	scene_expect(&s, "fresh", scene_ask(&s, &cred_assume_role), CRED_FOUND, "ASIA2",
		     NULL);
	ck_assert_uint_eq(calls(&s), 2);
	scene_end(&s);
}
END_TEST

static const char *const points[] = { "open", "write", "fsync", "rename", "mkdir" };

/* The cache only saves a call: each write that fails leaves the session, and no half
 * of a file. */
START_TEST(cache_may_fail)
{
	unsigned n = 1, failed = 0;
	bool struck = true;

	for (; struck; n++) {
		FP_AUTO(freep) char *path = NULL;
		FP_AUTO(buf_release) struct buf text = BUF_INIT;
		FP_AUTO(json_freep) cJSON *j = NULL;
		struct scene s;

		scene_start(&s, ROLE, gives);
		fault_arm(points[_i], n, ENOSPC);
		scene_expect(&s, "session", scene_ask(&s, &cred_assume_role), CRED_FOUND,
			     "ASIA1", NULL);
		struck = fault_count() >= n;
		fault_disarm();
		failed += struck;
		path = cached_file(&s);
		if (path) {
			ck_assert_int_eq(fs_read(&text, path, 65536, NULL), 0);
			j = json_parse(text.data, text.len, "the entry", NULL);
			ck_assert(j != NULL);
		}
		ck_assert(struck || path);
		scene_end(&s);
	}
	ck_assert_uint_gt(failed, 0);
}
END_TEST

static char *type_code(void *ctx, const char *prompt)
{
	int *asked = ctx;

	(*asked)++;
	ck_assert(strstr(prompt, "arn:aws:iam::1:mfa/me") != NULL);
	return xstrdup("918273");
}

START_TEST(codes_are_asked_once)
{
	struct scene s;
	int asked = 0;

	scene_start(&s, ROLE "mfa_serial = arn:aws:iam::1:mfa/me\n", gives);
	scene_expect(&s, "nobody", scene_ask(&s, &cred_assume_role), CRED_ERROR, NULL,
		     "nobody can be asked");
	s.env.ask = type_code;
	s.env.ask_ctx = &asked;
	s.context.again = true;
	scene_expect(&s, "at the end of a session", scene_ask(&s, &cred_assume_role),
		     CRED_ERROR, NULL, "run the command again");
	ck_assert_int_eq(asked, 0);
	s.context.again = false;
	scene_expect(&s, "asked", scene_ask(&s, &cred_assume_role), CRED_FOUND, "ASIA1",
		     NULL);
	scene_expect(&s, "cached", scene_ask(&s, &cred_assume_role), CRED_FOUND, "ASIA1",
		     NULL);
	ck_assert_int_eq(asked, 1);
	ck_assert(strstr(buf_str(&s.bodies), "TokenCode=918273") != NULL);
	scene_end(&s);
}
END_TEST

static const struct scene_answer garbage[] = {
	{ "POST /", 200,
	  "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A"
	  "</AccessKeyId></Credentials></AssumeRoleResult></AssumeRoleResponse>",
	  NULL, 0 },
	{ NULL, 0, NULL, NULL, 0 }
};

START_TEST(half_an_answer_is_an_error)
{
	struct scene s;

	scene_start(&s, ROLE, garbage);
	scene_expect(&s, "half", scene_ask(&s, &cred_assume_role), CRED_ERROR, NULL,
		     "no whole credentials");
	ck_assert(!cached_file(&s));
	scene_end(&s);
}
END_TEST

/* A client's STS is as the client itself: its time limit, and FIPS by its region. */
static void ask_client(struct scene *s, const struct aws_options *o)
{
	FP_AUTO(aws_client_freep) struct aws_client *client = NULL;
	struct aws_options own = *o;

	own.env = &s->env;
	own.profile = "test";
	ck_assert_msg(aws_client_new(&client, &own, &s->err) == 0, "%s", s->err.message);
	ck_assert_int_eq(aws_client_credentials(client, &s->got, &s->err), -1);
}

START_TEST(sts_has_the_clients_time)
{
	static const struct scene_answer late[] = {
		{ "POST /", 200, SESSION("ASIA1", LATER), NULL, 1500 },
		{ NULL, 0, NULL, NULL, 0 }
	};
	struct scene s;

	scene_start(&s, "", late);
	scene_login(&s, "config", ROLE);
	ask_client(&s, &(struct aws_options){ .total_timeout_ms = 200 });
	ck_assert_msg(s.err.code == FP_ERR_TIMEOUT, "%s", s.err.message);
	scene_end(&s);
}
END_TEST

START_TEST(sts_is_fips_as_the_region_says)
{
	struct scene s;

	scene_start(&s, "", NULL);
	scene_login(&s, "config", ROLE);
	s.vars[1] = "AWS_ENDPOINT_URL="; /* the server is the proxy */
	ck_assert_int_eq(setenv("HTTPS_PROXY", s.server.url, 1), 0);
	ask_client(&s, &(struct aws_options){ .region = "fips-us-east-1" });
	ck_assert_msg(strstr(buf_str(&s.asked),
			     "CONNECT sts-fips.us-east-1.amazonaws.com:443") != NULL,
		      "%s: %s", buf_str(&s.asked), s.err.message);
	scene_end(&s);
}
END_TEST

static Suite *role_suite(void)
{
	Suite *s = suite_create("aws/role");
	TCase *tc = tcase_create("role");

	tcase_add_loop_test(tc, files_are_named_as_by_python, 0, ARRAY_SIZE(names));
	tcase_add_test(tc, sessions_are_cached);
	tcase_add_loop_test(tc, broken_entries_are_passed_over, 0, ARRAY_SIZE(entries));
	tcase_add_test(tc, stale_entries_are_passed_over);
	tcase_add_loop_test(tc, cache_may_fail, 0, ARRAY_SIZE(points));
	tcase_add_test(tc, codes_are_asked_once);
	tcase_add_test(tc, half_an_answer_is_an_error);
	tcase_add_test(tc, sts_has_the_clients_time);
	tcase_add_test(tc, sts_is_fips_as_the_region_says);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(role_suite)
