#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check_main.h"

#include "aws/profile.h"
#include "base/fs.h"
#include "base/str.h"
#include "world.h"

#define CONF PROFILES_CONFIG
#define CRED PROFILES_CREDENTIALS

static struct profiles *parse(const char *config, const char *credentials)
{
	struct profiles *p = NULL;
	struct fp_error err = { 0 };
	int rc = profiles_parse(&p, config, strlen(config), credentials,
				strlen(credentials), &err);

	ck_assert_msg(rc == 0, "%s: %s", err.where, err.message);
	return p;
}

/* What the AWS CLI reads from the same text, but for what ini.h names. */
static const struct {
	const char *name;
	enum profiles_view view;
	const char *profile, *key, *text, *want;
} values[] = {
	{ "plain", CRED, "default", "k", "[default]\nk=v\n", "v" },
	{ "spaces around", CRED, "default", "k", "[default]\n  \nk  =  v  \n", "v" },
	{ "no newline at the end", CRED, "default", "k", "[default]\nk=v", "v" },
	{ "CRLF", CRED, "default", "k", "[default]\r\nk=v\r\n", "v" },
	{ "CR", CRED, "default", "k", "[default]\rk=v\r", "v" },
	{ "byte order mark", CRED, "default", "k", "\xef\xbb\xbf[default]\nk=v\n", "v" },
	{ "keys in any case", CRED, "default", "aws_access_key_id",
	  "[default]\nAWS_ACCESS_KEY_ID=v\n", "v" },
	{ "profiles keep their case", CRED, "Dev", "k", "[dev]\nk=v\n", NULL },
	{ "another profile's", CRED, "b", "k", "[a]\nk=1\n[b]\nk=2\n", "2" },
	{ "a value with =", CRED, "default", "k", "[default]\nk=a=b==\n", "a=b==" },
	{ "a colon", CRED, "default", "k", "[default]\nk: v\n", "v" },
	{ "the first of = and :", CRED, "default", "k", "[default]\nk: a=b\n", "a=b" },
	{ "comments", CRED, "default", "k", "# k=1\n[default]\n ; k=2\nk=3\n", "3" },
	{ "a # behind a value is its", CRED, "default", "k", "[default]\nk=3 # no\n",
	  "3 # no" },
	{ "empty value", CRED, "default", "k", "[default]\nk=\n", "" },
	{ "the last one wins", CRED, "default", "k", "[default]\nk=1\nk=2\n", "2" },
	{ "sections join", CRED, "a", "k", "[a]\nx=1\n[b]\n[a]\nk=2\n", "2" },
	{ "a deeper line goes on", CRED, "default", "k", "[default]\nk=1\n  2\n\t3\n",
	  "1\n2\n3" },
	{ "blank lines stay inside", CRED, "default", "k",
	  "[default]\nk=1\n\n # c\n\n 2\n\n", "1\n\n\n2" },
	{ "a deeper header goes on, too", CRED, "default", "k", "[default]\nk=1\n [b]\n",
	  "1\n[b]" },
	{ "indented as its section", CRED, "a", "k", "  [a]\n  k=1\n  l=2\n", "1" },
	{ "less deep ends it", CRED, "a", "l", "[a]\n    k=1\n  l=2\n", "2" },
	{ "text behind the header", CRED, "a", "k", "[a] # x\nk=1\n", "1" },
	{ "DEFAULT holds for all", CRED, "a", "k", "[DEFAULT]\nk=1\n[a]\nx=2\n", "1" },
	{ "DEFAULT is no profile", CRED, "DEFAULT", "k", "[DEFAULT]\nk=1\n", NULL },
	{ "quotes belong to the name", CRED, "a", "k", "[\"a\"]\nk=1\n", NULL },
	{ "nested", CONF, "default", "s3.addressing_style",
	  "[default]\ns3 =\n  addressing_style = path\n", "path" },
	{ "nested, more", CONF, "default", "s3.b",
	  "[default]\ns3=\n a=1\n\n # c\n b = x=y \nregion=r\n", "x=y" },
	{ "nested settings are not the profile's", CONF, "default", "region",
	  "[default]\ns3 =\n  region = x\n", NULL },
	{ "what is nested is no text", CONF, "default", "s3",
	  "[default]\ns3 =\n  region = x\n", NULL },
	{ "nested names keep their case", CONF, "default", "s3.a",
	  "[default]\ns3 =\n  A = x\n", NULL },
	{ "nothing nested", CONF, "default", "s3.a", "[default]\ns3 = x\n a = b\n",
	  NULL },
	{ "config says profile", CONF, "dev", "region", "[profile dev]\nregion=r\n",
	  "r" },
	{ "config without profile is none", CONF, "dev", "region", "[dev]\nregion=r\n",
	  NULL },
	{ "config's default", CONF, "default", "region", "[default]\nregion=r\n", "r" },
	{ "of two defaults the lower counts", CONF, "default", "region",
	  "[profile default]\nregion=1\n[default]\nregion=2\n", "2" },
	{ "and it alone", CONF, "default", "region",
	  "[default]\nregion=2\n[profile default]\nx=1\n", NULL },
	{ "a quoted name", CONF, "my team", "region", "[profile \"my team\"]\nregion=r\n",
	  "r" },
	{ "single quotes", CONF, "my team", "region", "[profile 'my team']\nregion=r\n",
	  "r" },
	{ "a backslash", CONF, "my team", "region", "[profile my\\ team]\nregion=r\n",
	  "r" },
	{ "three words are none", CONF, "my team", "region",
	  "[profile my team]\nregion=r\n", NULL },
	{ "an open quote is none", CONF, "my", "region", "[profile 'my]\nregion=r\n",
	  NULL },
	{ "tabs", CONF, "dev", "region", "[profile\tdev]\nregion\t=\tr\n", "r" },
	{ "sso-session is no profile", CONF, "default", "region",
	  "[sso-session default]\nregion=r\n", NULL },
	{ "nothing", CRED, "default", "k", "", NULL },
};

START_TEST(value_is_found)
{
	bool config = values[_i].view == CONF;
	FP_AUTO(profiles_freep)
	struct profiles *p = parse(config ? values[_i].text : "",
				   config ? "" : values[_i].text);
	const char *got = profiles_get(p, values[_i].view, SECTION_PROFILE,
				       values[_i].profile, values[_i].key);

	ck_assert_msg(str_eq(got, values[_i].want), "%s: got '%s'", values[_i].name,
		      got ? got : "(none)");
	ck_assert_msg(str_eq(profiles_get(p, PROFILES_MERGED, SECTION_PROFILE,
					  values[_i].profile, values[_i].key),
			     values[_i].want),
		      "%s, merged", values[_i].name);
}
END_TEST

static const struct {
	const char *name, *text, *where, *error;
} broken[] = {
	{ "text before any section", "# x\nk=1\n", "~/.aws/config:2",
	  "before the first '[section]'" },
	{ "a broken section line", "[default]\nk=1\n[default\n", "~/.aws/config:3",
	  "neither '[section]' nor" },
	{ "an empty section name", "[]\n", "~/.aws/config:1", "before the first" },
	{ "a line without =", "[default]\nk\n", "~/.aws/config:2", "nor 'key = value'" },
	{ "no key", "[default]\n= v\n", "~/.aws/config:2", "no key before the '='" },
	{ "nested without =", "[default]\nregion =\n\n  eu-west-1\n", "~/.aws/config:4",
	  "'name = value'" },
	{ "deeper without a key", "[default]\n  eu-west-1\n", "~/.aws/config:2",
	  "nor 'key = value'" },
	{ "CR LF is one line end", "[default]\r\n\r\nk\r\n", "~/.aws/config:3", "nor" },
};

START_TEST(broken_lines_are_told)
{
	struct profiles *p = NULL;
	struct fp_error err = { 0 };

	ck_assert_int_eq(
		profiles_parse(&p, broken[_i].text, strlen(broken[_i].text), "", 0, &err),
		-1);
	ck_assert_ptr_null(p);
	ck_assert_int_eq(err.code, FP_ERR_INPUT);
	ck_assert_msg(str_eq(err.where, broken[_i].where) &&
			      strstr(err.message, broken[_i].error),
		      "%s: %s: %s", broken[_i].name, err.where, err.message);
}
END_TEST

START_TEST(nul_bytes_are_told)
{
	struct profiles *p = NULL;
	struct fp_error err = { 0 };

	ck_assert_int_eq(profiles_parse(&p, "", 0, "[a]\nk=a\0b\n", 10, &err), -1);
	ck_assert_str_eq(err.where, "~/.aws/credentials:2");
}
END_TEST

/* The credentials file goes over the config file, key by key; nested ones whole. */
static const struct {
	const char *key, *merged, *config, *credentials, *origin;
} layers[] = {
	{ "both", "2", "1", "2", "profile 'a' of ~/.aws/credentials" },
	{ "first", "1", "1", NULL, "profile 'a' of ~/.aws/config" },
	{ "second", "2", NULL, "2", "profile 'a' of ~/.aws/credentials" },
	{ "s3.x", "2", "1", "2", "profile 'a' of ~/.aws/credentials" },
	{ "s3.y", NULL, "1", NULL, "profile 'a' of ~/.aws/credentials" },
	{ "none", NULL, NULL, NULL, "profile 'a' of no file" },
};

START_TEST(files_are_merged)
{
	FP_AUTO(profiles_freep)
	struct profiles *p = parse("[profile a]\nboth=1\nfirst=1\ns3=\n x=1\n y=1\n",
				   "[a]\nboth=2\nsecond=2\ns3=\n x=2\n");
	const char *key = layers[_i].key;
	FP_AUTO(freep) char *origin = profiles_origin(p, "a", key);

	ck_assert_pstr_eq(profiles_get(p, PROFILES_MERGED, SECTION_PROFILE, "a", key),
			  layers[_i].merged);
	ck_assert_pstr_eq(profiles_get(p, CONF, SECTION_PROFILE, "a", key),
			  layers[_i].config);
	ck_assert_pstr_eq(profiles_get(p, CRED, SECTION_PROFILE, "a", key),
			  layers[_i].credentials);
	ck_assert_str_eq(origin, layers[_i].origin);
}
END_TEST

static const struct {
	enum profiles_view view;
	enum profiles_section kind;
	const char *name;
	bool has;
} sections[] = {
	{ CONF, SECTION_PROFILE, "a", true },
	{ CONF, SECTION_PROFILE, "b", false },
	{ CONF, SECTION_PROFILE, "c", true },
	{ CONF, SECTION_PROFILE, "default", true },
	{ CRED, SECTION_PROFILE, "b", true },
	{ CRED, SECTION_PROFILE, "a", false },
	{ PROFILES_MERGED, SECTION_PROFILE, "a", true },
	{ PROFILES_MERGED, SECTION_PROFILE, "b", true },
	{ PROFILES_MERGED, SECTION_PROFILE, "corp", false },
	{ PROFILES_MERGED, SECTION_SSO_SESSION, "corp", true },
	{ CRED, SECTION_SSO_SESSION, "corp", false },
	{ CONF, SECTION_SERVICES, "local", true },
	{ CONF, SECTION_SERVICES, "corp", false },
};

START_TEST(sections_exist)
{
	FP_AUTO(profiles_freep)
	struct profiles *p = parse("[profile a]\n[b]\n[profile  c ]\n[default]\n"
				   "[sso-session corp]\n[services local]\n",
				   "[b]\n");

	ck_assert_msg(profiles_has(p, sections[_i].view, sections[_i].kind,
				   sections[_i].name) == sections[_i].has,
		      "%s", sections[_i].name);
}
END_TEST

START_TEST(names_are_listed_once)
{
	FP_AUTO(profiles_freep)
	struct profiles *p = parse("[profile a]\n[default]\n", "[a]\n[b]\n");
	FP_AUTO(strs_release) struct strs names = STRS_INIT;

	profiles_names(&names, p, SECTION_PROFILE);
	ck_assert_uint_eq(names.n, 3);
	ck_assert(strs_has(&names, "a") && strs_has(&names, "b") &&
		  strs_has(&names, "default"));
}
END_TEST

static const struct {
	const char *vars[4];
	enum profile_file file;
	const char *want;
} paths[] = {
	{ { "HOME=/h" }, PROFILE_CONFIG, "/h/.aws/config" },
	{ { "HOME=/h" }, PROFILE_CREDENTIALS, "/h/.aws/credentials" },
	{ { NULL }, PROFILE_CONFIG, NULL },
	{ { "HOME=/h", "AWS_CONFIG_FILE=/x" }, PROFILE_CONFIG, "/x" },
	{ { "HOME=/h", "AWS_CONFIG_FILE=/x" },
	  PROFILE_CREDENTIALS,
	  "/h/.aws/credentials" },
	{ { "HOME=/h", "AWS_CONFIG_FILE=~/x" }, PROFILE_CONFIG, "/h/x" },
	{ { "AWS_CONFIG_FILE=~/x" }, PROFILE_CONFIG, NULL },
	{ { "HOME=/h", "AWS_CONFIG_FILE=$HOME/x" }, PROFILE_CONFIG, "/h/x" },
	{ { "HOME=/h", "AWS_CONFIG_FILE=a${HOME}x" }, PROFILE_CONFIG, "a/hx" },
	{ { "HOME=/h", "AWS_CONFIG_FILE=$NONE/${HOME$" },
	  PROFILE_CONFIG,
	  "$NONE/${HOME$" },
	{ { "HOME=/h", "AWS_CONFIG_FILE=$A", "A=$HOME" }, PROFILE_CONFIG, "$HOME" },
};

START_TEST(paths_are_expanded)
{
	struct aws_env env = world(paths[_i].vars, NULL);
	FP_AUTO(freep) char *got = profiles_path(&env, paths[_i].file);

	ck_assert_pstr_eq(got, paths[_i].want);
}
END_TEST

START_TEST(files_are_read)
{
	char folder[] = "/tmp/fpctl-profile-XXXXXX";
	FP_AUTO(freep) char *home = NULL, *config = NULL, *aws = NULL;
	FP_AUTO(profiles_freep) struct profiles *p = NULL;
	FP_AUTO(freep) char *origin = NULL;
	struct fp_error err = { 0 };
	const char *vars[2] = { NULL };
	struct aws_env env;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	home = xasprintf("HOME=%s", folder);
	vars[0] = home;
	env = world(vars, NULL);
	ck_assert_int_eq(profiles_read(&p, &env, &err), 0);
	ck_assert(!profiles_has(p, PROFILES_MERGED, SECTION_PROFILE, "default"));
	profiles_freep(&p);

	aws = fs_join(folder, ".aws");
	config = fs_join(aws, "config");
	ck_assert_int_eq(fs_mkdirs(aws, NULL), 0);
	ck_assert_int_eq(fs_write_atomic(config, "[default]\nregion=r\n", 19, 0600, NULL),
			 0);
	ck_assert_int_eq(profiles_read(&p, &env, &err), 0);
	origin = profiles_origin(p, "default", "region");
	ck_assert_str_eq(origin, "profile 'default' of ~/.aws/config");

	ck_assert_int_eq(fs_write_atomic(config, "[default]\nregion\n", 17, 0600, NULL),
			 0);
	profiles_freep(&p);
	ck_assert_int_eq(profiles_read(&p, &env, &err), -1);
	ck_assert_str_eq(err.where, "~/.aws/config:2");
	ck_assert_int_eq(fs_remove_tree(folder, NULL), 0);
}
END_TEST

/* What does not belong into a config file is told, and nothing waits for it. */
START_TEST(pipes_are_refused)
{
	char path[] = "/tmp/fpctl-profile-XXXXXX";
	FP_AUTO(freep) char *variable = NULL, *pipe = NULL;
	FP_AUTO(profiles_freep) struct profiles *p = NULL;
	const char *vars[2] = { NULL };
	struct fp_error err = { 0 };
	struct aws_env env;

	ck_assert_ptr_nonnull(mkdtemp(path));
	pipe = fs_join(path, "config");
	ck_assert_int_eq(mkfifo(pipe, 0600), 0);
	variable = xasprintf("AWS_CONFIG_FILE=%s", pipe);
	vars[0] = variable;
	env = world(vars, NULL);
	ck_assert_int_eq(profiles_read(&p, &env, &err), -1);
	ck_assert_msg(strstr(err.message, "is a pipe") != NULL, "%s", err.message);
	vars[0] = "AWS_CONFIG_FILE=/dev/null";
	ck_assert_int_eq(profiles_read(&p, &env, &err), 0);
	ck_assert_int_eq(fs_remove_tree(path, NULL), 0);
}
END_TEST

/* Whoever names a profile learns where it was looked for, and how it is written. */
static const struct {
	const char *profile, *config, *credentials, *want; /* NULL: it is there */
} checks[] = {
	{ "dev", "[profile dev]\n", "", NULL },
	{ "dev", "", "[dev]\n", NULL },
	{ NULL, "", "", NULL },
	{ "", "", "", NULL },
	{ "dev", "", "[prod]\n",
	  "there is no profile 'dev' (from --profile) in ~/.aws/config and "
	  "~/.aws/credentials" },
	{ "dev", "[dev]\n", "",
	  "the section [dev] of ~/.aws/config must be [profile dev]" },
	{ "dve", "[profile dev]\n", "", "did you mean 'dev'?" },
	{ "corp", "[sso-session corp]\n", "", "no profile 'corp'" },
};

START_TEST(profiles_are_checked)
{
	FP_AUTO(profiles_freep)
	struct profiles *p = parse(checks[_i].config, checks[_i].credentials);
	struct aws_env env = world(NULL, checks[_i].profile);
	struct fp_error err = { 0 };
	int rc = profiles_check(p, &env, &err);

	ck_assert_msg((rc == 0) == !checks[_i].want, "%s", err.message);
	ck_assert_msg(!checks[_i].want || strstr(err.message, checks[_i].want), "%s",
		      err.message);
}
END_TEST

/* As the AWS CLI, which asks the user database. */
START_TEST(a_home_without_HOME)
{
	struct aws_env env = aws_env_process();
	struct passwd *user = getpwuid(getuid());
	const char *home;

	ck_assert_int_eq(unsetenv("HOME"), 0);
	home = cred_env(&env, "HOME");
	ck_assert_pstr_eq(home, user ? user->pw_dir : NULL);
	ck_assert_int_eq(setenv("HOME", "/h", 1), 0);
	ck_assert_str_eq(cred_env(&env, "HOME"), "/h");
}
END_TEST

/* A file that is one value of many lines: quadratic work would take minutes. */
START_TEST(long_values_are_read)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(profiles_freep) struct profiles *p = NULL;
	const char *value;

	buf_puts(&text, "[default]\nk = a\n");
	while (text.len < 1000000)
		buf_puts(&text, " b\n");
	p = parse(buf_str(&text), "");
	value = profiles_get(p, CONF, SECTION_PROFILE, "default", "k");
	ck_assert_str_eq(value + strlen(value) - 4, "\nb\nb");
	ck_assert_uint_gt(strlen(value), 600000);
}
END_TEST

static Suite *profile_suite(void)
{
	Suite *s = suite_create("profile");
	TCase *tc = tcase_create("profile");

	tcase_add_loop_test(tc, value_is_found, 0, ARRAY_SIZE(values));
	tcase_add_loop_test(tc, broken_lines_are_told, 0, ARRAY_SIZE(broken));
	tcase_add_test(tc, nul_bytes_are_told);
	tcase_add_loop_test(tc, files_are_merged, 0, ARRAY_SIZE(layers));
	tcase_add_loop_test(tc, sections_exist, 0, ARRAY_SIZE(sections));
	tcase_add_test(tc, names_are_listed_once);
	tcase_add_loop_test(tc, paths_are_expanded, 0, ARRAY_SIZE(paths));
	tcase_add_test(tc, files_are_read);
	tcase_add_test(tc, pipes_are_refused);
	tcase_add_loop_test(tc, profiles_are_checked, 0, ARRAY_SIZE(checks));
	tcase_add_test(tc, a_home_without_HOME);
	tcase_add_test(tc, long_values_are_read);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(profile_suite)
