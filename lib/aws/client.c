#include "aws/client.h"

#include "aws/endpoint.h"
#include "aws/internal.h"
#include "base/clock.h"

int aws_client_new(struct aws_client **out, const struct aws_options *o,
		   struct fp_error *err)
{
	FP_AUTO(aws_client_freep) struct aws_client *c = xcalloc(1, sizeof(*c));
	struct http_options http = { .total_timeout_ms = o->total_timeout_ms };

	keeper_init(&c->keeper, o->credentials);
	c->profile = o->profile && *o->profile ? xstrdup(o->profile) : NULL;
	c->env = o->env ? *o->env : aws_env_process();
	if (c->profile)
		c->env.profile = c->profile;
	c->anonymous = o->anonymous;
	c->total_timeout_ms = o->total_timeout_ms;
	c->bucket = retry_bucket_new();
	c->regions = bucket_regions_new();
	if (settings_load(&c->settings, &c->env, o, err) < 0)
		return -1;
	c->region = c->settings.region.value;
	c->max_attempts = c->settings.attempts;
	http.ca_bundle = c->settings.ca_bundle.value;
	if (http_client_new(&c->http, &http, err) < 0)
		return http.ca_bundle
			       ? fp_hint(err, "%s names them", c->settings.ca_bundle.from)
			       : -1;
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
	bucket_regions_freep(&c->regions);
	keeper_release(&c->keeper);
	sigv4_forget_keys();
	free(c->profile);
	settings_release(&c->settings);
	free(c);
	*p = NULL;
}

const char *aws_client_region(const struct aws_client *c)
{
	return c->region;
}

const struct aws_settings *aws_client_settings(const struct aws_client *c)
{
	return &c->settings;
}

int64_t aws_client_requests(const struct aws_client *c)
{
	return atomic_load(&c->requests);
}

char *aws_endpoint(const struct aws_client *c, const char *service, const char *bucket,
		   struct fp_error *err)
{
	FP_AUTO(endpoint_release) struct endpoint e = { 0 };
	char *url;
	int rc;

	rc = bucket ? endpoint_resolve_bucket(&e, &c->env, &c->settings, bucket, err)
		    : endpoint_resolve(&e, &c->env, &c->settings, service, err);
	if (rc < 0)
		return NULL;
	url = e.url;
	e.url = NULL;
	return url;
}

static atomic_bool hurried;

void aws_hurry(bool on)
{
	atomic_store(&hurried, on);
}

bool aws_pause(int64_t ms)
{
	int64_t end = clock_monotonic_ms() + (atomic_load(&hurried) ? 0 : ms), left;

	/* The signal may be another thread's: look up now and then. */
	while (!http_interrupted() && (left = end - clock_monotonic_ms()) > 0)
		clock_sleep_ms(FP_MIN(left, 50));
	return !http_interrupted();
}
