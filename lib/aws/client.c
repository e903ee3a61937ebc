#include "aws/client.h"

#include "aws/credentials/providers.h"
#include "aws/endpoint.h"
#include "aws/internal.h"
#include "base/clock.h"
#include "base/str.h"

#define DEFAULT_ATTEMPTS 3

static const char *from_getenv(void *ctx FP_UNUSED, const char *name)
{
	return getenv(name);
}

static char *find_region(const struct aws_env *env, const char *given)
{
	const char *region = given;

	if (!region)
		region = cred_env(env, "AWS_REGION");
	if (!region)
		region = cred_env(env, "AWS_DEFAULT_REGION");
	return region ? xstrdup(region) : aws_profile_get(env, "region");
}

/* It becomes part of a host name. */
static bool region_ok(const char *region)
{
	size_t n = strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return n > 0 && n < 64 && region[n] == '\0';
}

static int read_settings(struct aws_client *c, const struct aws_options *o,
			 struct fp_error *err)
{
	const char *attempts = cred_env(&c->env, "AWS_MAX_ATTEMPTS");
	int64_t n = DEFAULT_ATTEMPTS;

	if (attempts && !str_to_i64(attempts, 1, 100, &n))
		return fp_fail(err, FP_ERR_INPUT,
			       "AWS_MAX_ATTEMPTS is '%s', not a number from 1 to 100",
			       attempts);
	c->max_attempts = (unsigned)n;
	c->region = find_region(&c->env, o->region);
	if (!c->region)
		return fp_fail(
			err, FP_ERR_INPUT,
			"no region is known: give --region, set AWS_REGION, or write "
			"'region:' into the manifest");
	if (!region_ok(c->region))
		return fp_fail(err, FP_ERR_INPUT, "'%s' is no region", c->region);
	c->endpoint_url = o->endpoint_url ? xstrdup(o->endpoint_url) : NULL;
	c->configured_url = aws_profile_get(&c->env, "endpoint_url");
	return 0;
}

int aws_client_new(struct aws_client **out, const struct aws_options *o,
		   struct fp_error *err)
{
	FP_AUTO(aws_client_freep) struct aws_client *c = xcalloc(1, sizeof(*c));
	struct http_options http = { .total_timeout_ms = o->total_timeout_ms };

	keeper_init(&c->keeper, o->credentials);
	c->profile = o->profile ? xstrdup(o->profile) : NULL;
	c->env = o->env ? *o->env : (struct aws_env){ .get = from_getenv };
	if (c->profile)
		c->env.profile = c->profile;
	c->anonymous = o->anonymous;
	c->total_timeout_ms = o->total_timeout_ms;
	c->bucket = retry_bucket_new();
	if (read_settings(c, o, err) < 0)
		return -1;
	http.ca_bundle = cred_env(&c->env, "AWS_CA_BUNDLE");
	if (http_client_new(&c->http, &http, err) < 0)
		return -1;
	*out = c;
	c = NULL;
	return 0;
}

void aws_client_freep(struct aws_client **p)
{
	struct aws_client *c = *p;

	if (!c)
		return;
	http_client_freep(&c->http);
	retry_bucket_freep(&c->bucket);
	keeper_release(&c->keeper);
	free(c->profile);
	free(c->region);
	free(c->endpoint_url);
	free(c->configured_url);
	free(c);
	*p = NULL;
}

const char *aws_client_region(const struct aws_client *c)
{
	return c->region;
}

int64_t aws_client_requests(const struct aws_client *c)
{
	return atomic_load(&c->requests);
}

char *aws_endpoint(const struct aws_client *c, const char *service)
{
	return endpoint_of(&c->env, c->endpoint_url, c->configured_url, service,
			   c->region);
}

bool aws_pause(int64_t ms)
{
	int64_t end = clock_monotonic_ms() + ms, left;

	/* The signal may be another thread's: look up now and then. */
	while (!http_interrupted() && (left = end - clock_monotonic_ms()) > 0)
		clock_sleep_ms(FP_MIN(left, 50));
	return !http_interrupted();
}
