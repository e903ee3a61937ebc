#include "http/proxy.h"

#include "base/error.h"
#include "base/str.h"
#include "check_main.h"

/* "NAME=value NAME=value"; a ';' in a value stands for a space. */
static const char *look_up(void *ctx, const char *name)
{
	static char values[8][200];
	static unsigned at;
	char *value = values[at++ % 8];
	FP_AUTO(strs_release) struct strs parts = STRS_INIT;
	size_t n = strlen(name);

	strs_split(&parts, ctx, ' ');
	for (size_t i = 0; i < parts.n; i++) {
		if (!str_starts(parts.v[i], name) || parts.v[i][n] != '=')
			continue;
		(void)snprintf(value, sizeof(values[0]), "%s", parts.v[i] + n + 1);
		for (char *c = value; *c; c++)
			*c = *c == ';' ? ' ' : *c;
		return value;
	}
	return NULL;
}

static const struct {
	const char *env, *scheme, *host, *want;
} cases[] = {
	{ "", "https", "a.example", NULL },
	{ "HTTPS_PROXY=http://p:1", "https", "a.example", "http://p:1" },
	{ "https_proxy=l:1 HTTPS_PROXY=u:2", "https", "a.example", "l:1" },
	{ "https_proxy= HTTPS_PROXY=u:2", "https", "a.example", "u:2" },
	{ "HTTPS_PROXY=p:1", "http", "a.example", NULL },
	{ "HTTP_PROXY=p:1", "http", "a.example", "p:1" },
	{ "HTTP_PROXY=p:1 REQUEST_METHOD=GET", "http", "a.example", NULL },
	{ "http_proxy=p:1 REQUEST_METHOD=GET", "http", "a.example", "p:1" },
	{ "ALL_PROXY=socks5h://p:1", "https", "a.example", "socks5h://p:1" },
	{ "all_proxy=p:1 HTTPS_PROXY=q:2", "https", "a.example", "q:2" },
	/* This machine. */
	{ "ALL_PROXY=p:1", "http", "127.0.0.1:4566", NULL },
	{ "ALL_PROXY=p:1", "http", "127.9.9.9", NULL },
	{ "ALL_PROXY=p:1", "http", "128.0.0.1", "p:1" },
	{ "ALL_PROXY=p:1", "http", "localhost:4566", NULL },
	{ "ALL_PROXY=p:1", "http", "bucket.localhost", NULL },
	{ "ALL_PROXY=p:1", "http", "notlocalhost", "p:1" },
	{ "ALL_PROXY=p:1", "https", "[::1]:8443", NULL },
	{ "ALL_PROXY=p:1", "https", "[::2]:8443", "p:1" },
	/* Lists. */
	{ "ALL_PROXY=p:1 NO_PROXY=*", "https", "a.example", NULL },
	{ "ALL_PROXY=p:1 NO_PROXY=a.example", "https", "a.example", NULL },
	{ "ALL_PROXY=p:1 NO_PROXY=A.Example", "https", "a.example:8443", NULL },
	{ "ALL_PROXY=p:1 NO_PROXY=example", "https", "a.example", NULL },
	{ "ALL_PROXY=p:1 NO_PROXY=.example", "https", "a.example", NULL },
	{ "ALL_PROXY=p:1 NO_PROXY=*.example", "https", "a.example", NULL },
	{ "ALL_PROXY=p:1 NO_PROXY=.a.example", "https", "a.example", NULL },
	{ "ALL_PROXY=p:1 NO_PROXY=a.example.", "https", "a.example", NULL },
	{ "ALL_PROXY=p:1 NO_PROXY=xample", "https", "a.example", "p:1" },
	{ "ALL_PROXY=p:1 NO_PROXY=b.example,,c.example", "https", "a.example", "p:1" },
	{ "ALL_PROXY=p:1 NO_PROXY=b.example,;a.example", "https", "a.example", NULL },
	{ "ALL_PROXY=p:1 NO_PROXY=b.example;a.example", "https", "a.example", NULL },
	{ "ALL_PROXY=p:1 no_proxy=b NO_PROXY=a.example", "https", "a.example", "p:1" },
	{ "ALL_PROXY=p:1 NO_PROXY=a.example:443", "https", "a.example", NULL },
	{ "ALL_PROXY=p:1 NO_PROXY=a.example:443", "http", "a.example", "p:1" },
	{ "ALL_PROXY=p:1 NO_PROXY=a.example:8443,b", "https", "a.example:8443", NULL },
	{ "ALL_PROXY=p:1 NO_PROXY=a.example:8443", "https", "a.example", "p:1" },
	/* Addresses. */
	{ "ALL_PROXY=p:1 NO_PROXY=10.0.0.1", "https", "10.0.0.1", NULL },
	{ "ALL_PROXY=p:1 NO_PROXY=0.0.1", "https", "10.0.0.1", "p:1" },
	{ "ALL_PROXY=p:1 NO_PROXY=10.0.0.0/8", "https", "10.200.0.1:8443", NULL },
	{ "ALL_PROXY=p:1 NO_PROXY=10.0.0.0/9", "https", "10.200.0.1", "p:1" },
	{ "ALL_PROXY=p:1 NO_PROXY=10.0.0.0/0", "https", "11.0.0.1", NULL },
	{ "ALL_PROXY=p:1 NO_PROXY=10.0.0.1/32", "https", "10.0.0.1", NULL },
	{ "ALL_PROXY=p:1 NO_PROXY=10.0.0.1/32", "https", "10.0.0.2", "p:1" },
	{ "ALL_PROXY=p:1 NO_PROXY=10.0.0.1/33", "https", "10.0.0.1", "p:1" },
	{ "ALL_PROXY=p:1 NO_PROXY=10.0.0.0/x", "https", "10.0.0.0", "p:1" },
	{ "ALL_PROXY=p:1 NO_PROXY=10.0.0.0/8", "https", "ten.example", "p:1" },
	{ "ALL_PROXY=p:1 NO_PROXY=fd00::1", "https", "[fd00::1]", NULL },
	{ "ALL_PROXY=p:1 NO_PROXY=[fd00::1]:8443", "https", "[fd00:0::1]:8443", NULL },
	{ "ALL_PROXY=p:1 NO_PROXY=[fd00::1]:443", "https", "[fd00:0::1]:8443", "p:1" },
	{ "ALL_PROXY=p:1 NO_PROXY=fd00::/8", "https", "[fdff::1]", NULL },
	{ "ALL_PROXY=p:1 NO_PROXY=fd00::/8", "https", "[fe00::1]", "p:1" },
	{ "ALL_PROXY=p:1 NO_PROXY=fd00::/8", "https", "10.0.0.1", "p:1" },
	{ "ALL_PROXY=p:1 NO_PROXY=169.254.169.254", "http", "169.254.169.254", NULL },
};

START_TEST(the_environment_names_the_proxy)
{
	const __typeof__(cases[0]) *c = &cases[_i];
	FP_AUTO(freep)
	char *got = proxy_in(look_up, (void *)c->env, c->scheme, c->host);

	ck_assert_msg(str_eq(got, c->want), "'%s', %s://%s: '%s'", c->env, c->scheme,
		      c->host, got ? got : "none");
}
END_TEST

static const struct {
	const char *proxy, *want;
} secrets[] = {
	{ "http://p:1", "http://p:1" },
	{ "p:1", "p:1" },
	{ "http://user:pass@p:1", "http://p:1" },
	{ "user:pass@p:1", "p:1" },
	{ "https://user:p@ss/word@p:1/", "https://p:1/" },
};

START_TEST(credentials_are_not_shown)
{
	FP_AUTO(freep) char *got = proxy_without_credentials(secrets[_i].proxy);

	ck_assert_str_eq(got, secrets[_i].want);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("proxy");
	TCase *tc = tcase_create("environment");

	tcase_add_loop_test(tc, the_environment_names_the_proxy, 0, ARRAY_SIZE(cases));
	tcase_add_loop_test(tc, credentials_are_not_shown, 0, ARRAY_SIZE(secrets));
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(make_suite)
