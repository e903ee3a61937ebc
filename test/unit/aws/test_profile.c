#include "check_main.h"

#include "aws/profile.h"
#include "base/str.h"

#define CRED PROFILE_CREDENTIALS
#define CONF PROFILE_CONFIG

static const struct {
	const char *name;
	enum profile_file file;
	const char *profile, *key, *text, *want;
} values[] = {
	{ "plain", CRED, "default", "k", "[default]\nk=v\n", "v" },
	{ "spaces around", CRED, "default", "k", "[ default ]\n  \nk  =  v  \n", "v" },
	{ "no newline at the end", CRED, "default", "k", "[default]\nk=v", "v" },
	{ "CRLF", CRED, "default", "k", "[default]\r\nk=v\r\n", "v" },
	{ "byte order mark", CRED, "default", "k", "\xef\xbb\xbf[default]\nk=v\n", "v" },
	{ "keys in any case", CRED, "default", "aws_access_key_id",
	  "[default]\nAWS_ACCESS_KEY_ID=v\n", "v" },
	{ "profiles keep their case", CRED, "Dev", "k", "[dev]\nk=v\n", NULL },
	{ "another profile's", CRED, "b", "k", "[a]\nk=1\n[b]\nk=2\n", "2" },
	{ "a value with =", CRED, "default", "k", "[default]\nk=a=b==\n", "a=b==" },
	{ "comments", CRED, "default", "k", "# k=1\n[default]\n; k=2\nk=3 # no\n", "3" },
	{ "a # inside a value", CRED, "default", "k", "[default]\nk=a#b;c\n", "a#b;c" },
	{ "empty value", CRED, "default", "k", "[default]\nk=\n", NULL },
	{ "only a comment as value", CRED, "default", "k", "[default]\nk= # none\n",
	  NULL },
	{ "the last one wins", CRED, "default", "k", "[default]\nk=1\nk=2\n", "2" },
	{ "sections join", CRED, "a", "k", "[a]\nx=1\n[b]\n[a]\nk=2\n", "2" },
	{ "nested settings are not the profile's", CONF, "default", "region",
	  "[default]\ns3 =\n  region = x\n", NULL },
	{ "config says profile", CONF, "dev", "region", "[profile dev]\nregion=r\n",
	  "r" },
	{ "config without profile is none", CONF, "dev", "region", "[dev]\nregion=r\n",
	  NULL },
	{ "config's default", CONF, "default", "region", "[default]\nregion=r\n", "r" },
	{ "profile default counts first", CONF, "default", "region",
	  "[profile default]\nregion=1\n[default]\nregion=2\n", "1" },
	{ "profile default counts first, below", CONF, "default", "region",
	  "[default]\nregion=2\n[profile default]\nregion=1\n", "1" },
	{ "a quoted name", CONF, "my team", "region", "[profile \"my team\"]\nregion=r\n",
	  "r" },
	{ "tabs", CONF, "dev", "region", "[profile\tdev]\nregion\t=\tr\n", "r" },
	{ "sso-session is no profile", CONF, "default", "region",
	  "[sso-session default]\nregion=r\n", NULL },
	{ "text before any section", CRED, "default", "k", "k=1\n", NULL },
	{ "a broken section line", CRED, "default", "k", "[default\nk=1\n", NULL },
	{ "a broken section ends the one before", CRED, "default", "k",
	  "[default]\n[x\nk=1\n", NULL },
	{ "a line without =", CRED, "default", "k", "[default]\nk\nk=2\n", "2" },
	{ "nothing", CRED, "default", "k", "", NULL },
};

START_TEST(value_is_found)
{
	FP_AUTO(freep)
	char *got = profile_value(values[_i].text, strlen(values[_i].text),
				  values[_i].file, values[_i].profile, values[_i].key);

	ck_assert_msg(str_eq(got, values[_i].want), "%s: got '%s'", values[_i].name,
		      got ? got : "(none)");
}
END_TEST

START_TEST(existence)
{
	const char *text = "[profile a]\n[b]\n[profile  c ]\n[default]\n";
	size_t n = strlen(text);

	ck_assert(profile_exists(text, n, CONF, "a"));
	ck_assert(!profile_exists(text, n, CONF, "b"));
	ck_assert(profile_exists(text, n, CONF, "c"));
	ck_assert(profile_exists(text, n, CONF, "default"));
	ck_assert(profile_exists(text, n, CRED, "b"));
	ck_assert(!profile_exists("", 0, CRED, "b"));
}
END_TEST

static Suite *profile_suite(void)
{
	Suite *s = suite_create("profile");
	TCase *tc = tcase_create("profile");

	tcase_add_loop_test(tc, value_is_found, 0, ARRAY_SIZE(values));
	tcase_add_test(tc, existence);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(profile_suite)
