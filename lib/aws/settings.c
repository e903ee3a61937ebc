#include "aws/settings.h"

#include "aws/client.h"
#include "aws/profile.h"
#include "base/str.h"

#define MAX_ATTEMPTS 100

/* Where settings come from: the environment's names in order, the profile's key. */
struct source {
	size_t offset; /* of the struct aws_setting */
	const char *vars[2], *key, *fallback;
};
#define AT(field) offsetof(struct aws_settings, field)

static const struct source sources[] = {
	{ AT(region), { "AWS_REGION", "AWS_DEFAULT_REGION" }, "region", NULL },
	{ AT(ca_bundle), { "AWS_CA_BUNDLE" }, "ca_bundle", NULL },
	{ AT(ca_bundle), { "REQUESTS_CA_BUNDLE" }, NULL, NULL },
	{ AT(max_attempts), { "AWS_MAX_ATTEMPTS" }, "max_attempts", NULL },
	{ AT(retry_mode), { "AWS_RETRY_MODE" }, "retry_mode", "standard" },
	{ AT(fips), { "AWS_USE_FIPS_ENDPOINT" }, "use_fips_endpoint", NULL },
	{ AT(dualstack),
	  { "AWS_USE_DUALSTACK_ENDPOINT" },
	  "use_dualstack_endpoint",
	  NULL },
	{ AT(s3_addressing_style), { NULL }, "s3.addressing_style", NULL },
	{ AT(s3_dualstack), { NULL }, "s3.use_dualstack_endpoint", NULL },
	{ AT(sts_regional_endpoints),
	  { "AWS_STS_REGIONAL_ENDPOINTS" },
	  "sts_regional_endpoints",
	  NULL },
	{ AT(ignore_endpoint_urls),
	  { "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS" },
	  "ignore_configured_endpoint_urls",
	  NULL },
};

static void set(struct aws_setting *s, const char *value, const char *from)
{
	struct aws_setting old = *s;

	*s = (struct aws_setting){ xstrdup(value), xstrdup(from) };
	free(old.value);
	free(old.from);
}

/* False when the profile has no such key, or an empty one. */
static bool set_from_profile(struct aws_settings *s, struct aws_setting *to,
			     const char *key)
{
	const char *name = s->profile.value;
	const char *value = s->profiles ? profiles_get(s->profiles, PROFILES_MERGED,
						       SECTION_PROFILE, name, key)
					: NULL;
	FP_AUTO(freep) char *from = NULL;

	if (!value || !*value)
		return false;
	from = profiles_origin(s->profiles, name, key);
	set(to, value, from);
	return true;
}

static void look_up(struct aws_settings *s, const struct aws_env *env,
		    const struct source *at)
{
	struct aws_setting *to = (struct aws_setting *)(void *)((char *)s + at->offset);

	if (to->value)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(at->vars) && at->vars[i]; i++) {
		const char *value = cred_env(env, at->vars[i]);

		if (value) {
			set(to, value, at->vars[i]);
			return;
		}
	}
	if (at->key && set_from_profile(s, to, at->key))
		return;
	if (at->fallback)
		set(to, at->fallback, "the default");
}

static int read_profile(struct aws_settings *s, const struct aws_env *env,
			const struct aws_options *o, struct fp_error *err)
{
	const char *from, *name = profile_name(env, &from);

	set(&s->profile, name, from);
	if (o->region && o->endpoint_url && o->credentials)
		return 0;
	if (profiles_read(&s->profiles, env, err) < 0)
		return -1;
	return profiles_check(s->profiles, env, err);
}

/* A boolean is "true" or "false": a FIPS switch that says "1" must not count as off. */
static int read_bool(bool *out, const struct aws_setting *s, const char *what,
		     struct fp_error *err)
{
	if (!s->value)
		return 0;
	*out = str_ieq(s->value, "true");
	if (*out || str_ieq(s->value, "false"))
		return 0;
	return fp_fail(err, FP_ERR_INPUT, "%s is '%s' (from %s), neither true nor false",
		       what, s->value, s->from);
}

static int read_bools(struct aws_settings *s, struct fp_error *err)
{
	if (read_bool(&s->use_fips, &s->fips, "use_fips_endpoint", err) < 0 ||
	    read_bool(&s->use_dualstack, &s->dualstack, "use_dualstack_endpoint", err) <
		    0 ||
	    read_bool(&s->use_s3_dualstack, &s->s3_dualstack, "s3.use_dualstack_endpoint",
		      err) < 0 ||
	    read_bool(&s->ignore_urls, &s->ignore_endpoint_urls,
		      "ignore_configured_endpoint_urls", err) < 0)
		return -1;
	if (!s->s3_dualstack.value)
		s->use_s3_dualstack = s->use_dualstack;
	return 0;
}

/* Which of `names` (ended by NULL) the value is, in any case; `fallback` without one. */
static int read_choice(int *out, const struct aws_setting *s, const char *what,
		       const char *const *names, int fallback, struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf known = BUF_INIT;

	*out = fallback;
	for (int i = 0; s->value && names[i]; i++) {
		if (str_ieq(s->value, names[i])) {
			*out = i;
			return 0;
		}
		buf_printf(&known, "%s%s", i ? ", " : "", names[i]);
	}
	if (!s->value)
		return 0;
	return fp_fail(err, FP_ERR_INPUT, "%s is '%s' (from %s); it can be: %s", what,
		       s->value, s->from, buf_str(&known));
}

static int read_retries(struct aws_settings *s, struct fp_error *err)
{
	static const char *const modes[] = { "standard", "legacy", "adaptive", NULL };
	int mode = 0;
	int64_t n;

	if (read_choice(&mode, &s->retry_mode, "retry_mode", modes, 0, err) < 0)
		return -1;
	if (!s->max_attempts.value)
		set(&s->max_attempts, mode == 1 ? "5" : "3", "the default");
	if (!str_to_i64(s->max_attempts.value, 1, MAX_ATTEMPTS, &n))
		return fp_fail(
			err, FP_ERR_INPUT,
			"max_attempts is '%s' (from %s), not a number from 1 to %d",
			s->max_attempts.value, s->max_attempts.from, MAX_ATTEMPTS);
	s->attempts = (unsigned)n;
	return 0;
}

static int read_choices(struct aws_settings *s, struct fp_error *err)
{
	static const char *const styles[] = { "auto", "virtual", "path", NULL };
	static const char *const sts[] = { "regional", "legacy", NULL };
	int style, legacy;

	if (read_choice(&style, &s->s3_addressing_style, "s3.addressing_style", styles,
			S3_STYLE_AUTO, err) < 0 ||
	    read_choice(&legacy, &s->sts_regional_endpoints, "sts_regional_endpoints",
			sts, 0, err) < 0)
		return -1;
	s->s3_style = (unsigned)style;
	s->sts_global = legacy == 1;
	return 0;
}

/* "us-east-1-fips" and "fips-us-east-1" are the old way to ask for FIPS. */
static void read_fips_region(struct aws_settings *s)
{
	char *value = s->region.value, *at = strstr(value, "fips-");

	if (!at && str_ends(value, "-fips"))
		at = value + strlen(value) - 5;
	if (!at)
		return;
	memmove(at, at + 5, strlen(at + 5) + 1);
	s->use_fips = true;
	set(&s->fips, "true", s->region.from);
}

/* It becomes part of a host name. */
static int check_region(const struct aws_setting *region, struct fp_error *err)
{
	const char *s = region->value;
	size_t n;

	if (!s)
		return fp_fail(
			err, FP_ERR_INPUT,
			"no region is known: give --region, set AWS_REGION, or write "
			"'region:' into the manifest");
	n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-");
	if (n > 0 && n < 64 && s[n] == '\0' && s[0] != '-' && s[n - 1] != '-' &&
	    strspn(s, "0123456789") < n)
		return 0;
	return fp_fail(
		err, FP_ERR_INPUT, "'%s' (from %s) is no region%s", s, region->from,
		strchr(s, '#') || strchr(s, ';') ? "; a comment needs a line of its own"
						 : "");
}

/* For all services: the option, then the environment's, then the profile's. */
static void find_endpoint(struct aws_settings *s, const struct aws_env *env,
			  const struct aws_options *o)
{
	const char *value = cred_env(env, "AWS_ENDPOINT_URL");

	s->endpoint_given = o->endpoint_url;
	if (o->endpoint_url)
		set(&s->endpoint_url, o->endpoint_url,
		    str_or(o->endpoint_from, "--endpoint-url"));
	else if (s->ignore_urls)
		return;
	else if (value)
		set(&s->endpoint_url, value, "AWS_ENDPOINT_URL");
	else
		(void)set_from_profile(s, &s->endpoint_url, "endpoint_url");
}

static int load(struct aws_settings *s, const struct aws_env *env,
		const struct aws_options *o, struct fp_error *err)
{
	if (read_profile(s, env, o, err) < 0)
		return -1;
	if (o->region)
		set(&s->region, o->region, str_or(o->region_from, "--region"));
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++)
		look_up(s, env, &sources[i]);
	if (check_region(&s->region, err) < 0 || read_bools(s, err) < 0 ||
	    read_choices(s, err) < 0 || read_retries(s, err) < 0)
		return -1;
	read_fips_region(s);
	find_endpoint(s, env, o);
	return 0;
}

int settings_load(struct aws_settings *out, const struct aws_env *env,
		  const struct aws_options *o, struct fp_error *err)
{
	*out = (struct aws_settings){ 0 };
	if (load(out, env, o, err) == 0)
		return 0;
	settings_release(out);
	return -1;
}

void settings_release(struct aws_settings *s)
{
	struct aws_setting *const all[] = {
		&s->profile,
		&s->region,
		&s->endpoint_url,
		&s->ca_bundle,
		&s->max_attempts,
		&s->retry_mode,
		&s->fips,
		&s->dualstack,
		&s->s3_addressing_style,
		&s->s3_dualstack,
		&s->sts_regional_endpoints,
		&s->ignore_endpoint_urls,
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		free(all[i]->value);
		free(all[i]->from);
	}
	profiles_freep(&s->profiles);
	*s = (struct aws_settings){ 0 };
}
