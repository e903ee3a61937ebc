#include "aws/address.h"

#include "aws/endpoint.h"
#include "aws/internal.h"
#include "base/str.h"

static void set_text(char **field, char *owned)
{
	free(*field);
	*field = owned;
}

void aws_region_of(const struct aws_client *c, const char *bucket,
		   char region[REGION_SIZE])
{
	if (!bucket || !bucket_regions_get(c->regions, bucket, region))
		(void)snprintf(region, REGION_SIZE, "%s", c->region);
}

static int resolve(struct endpoint *out, const struct aws_client *c, const char *service,
		   const char *bucket, const char *region, struct fp_error *err)
{
	struct aws_settings there = c->settings; /* borrows all of it */
	FP_AUTO(freep) char *name = xstrdup(region);

	there.region.value = name;
	return bucket ? endpoint_resolve_bucket(out, &c->env, &there, bucket, err)
		      : endpoint_resolve(out, &c->env, &there, service, err);
}

static bool fits(char *out, size_t cap, const char *text)
{
	return (size_t)snprintf(out, cap, "%s", text) < cap;
}

int aws_address(const struct aws_client *c, const char *service, const char *bucket,
		const char *region, const char *path, struct http_request *req,
		struct aws_place *out, struct fp_error *err)
{
	FP_AUTO(endpoint_release) struct endpoint e = { 0 };
	FP_AUTO(request_release) struct http_request at;

	request_init(&at, "GET", "/");
	if (resolve(&e, c, service, bucket, region, err) < 0)
		return -1;
	if (request_set_url(&at, e.url, err) < 0)
		return fp_wrap(err, "endpoint of %s", service);
	set_text(&req->path,
		 xasprintf("%s%s", str_eq(at.path, "/") ? "" : at.path, path));
	set_text(&req->scheme, xstrdup(at.scheme));
	set_text(&req->host, xstrdup(at.host));
	if (!fits(out->region, sizeof(out->region), e.region) ||
	    !fits(out->service, sizeof(out->service), e.signing_name))
		return fp_fail(err, FP_ERR_INPUT, "'%s' is no region", e.region);
	return 0;
}
