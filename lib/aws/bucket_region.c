#include "aws/bucket_region.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/str.h"
#include "wire/wire_error.h"

struct bucket_regions {
	pthread_mutex_t lock;
	struct {
		char *bucket;
		char region[REGION_SIZE];
	} v[BUCKET_REGIONS_MAX];
	size_t n, next; /* `next` is written over when all are used */
};

struct bucket_regions *bucket_regions_new(void)
{
	struct bucket_regions *r = xcalloc(1, sizeof(*r));

	(void)pthread_mutex_init(&r->lock, NULL);
	return r;
}

void bucket_regions_freep(struct bucket_regions **p)
{
	struct bucket_regions *r = *p;

	if (!r)
		return;
	for (size_t i = 0; i < r->n; i++)
		free(r->v[i].bucket);
	(void)pthread_mutex_destroy(&r->lock);
	free(r);
	*p = NULL;
}

static size_t find(const struct bucket_regions *r, const char *bucket)
{
	size_t i = 0;

	while (i < r->n && !str_eq(r->v[i].bucket, bucket))
		i++;
	return i;
}

bool bucket_regions_get(struct bucket_regions *r, const char *bucket,
			char region[REGION_SIZE])
{
	bool found;
	size_t i;

	(void)pthread_mutex_lock(&r->lock);
	i = find(r, bucket);
	found = i < r->n;
	if (found)
		memcpy(region, r->v[i].region, REGION_SIZE);
	(void)pthread_mutex_unlock(&r->lock);
	return found;
}

void bucket_regions_set(struct bucket_regions *r, const char *bucket, const char *region)
{
	size_t i;

	(void)pthread_mutex_lock(&r->lock);
	i = find(r, bucket);
	if (i == r->n) {
		if (r->n < BUCKET_REGIONS_MAX) {
			r->n++;
		} else {
			i = r->next;
			r->next = (r->next + 1) % BUCKET_REGIONS_MAX;
			free(r->v[i].bucket);
		}
		r->v[i].bucket = xstrdup(bucket);
	}
	(void)snprintf(r->v[i].region, REGION_SIZE, "%s", region);
	(void)pthread_mutex_unlock(&r->lock);
}

bool bucket_region_ok(const char *region)
{
	size_t n = strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return n > 0 && n < REGION_SIZE && region[n] == '\0';
}

/*
 * "bucket.s3.eu-central-1.amazonaws.com", "bucket.s3-us-west-2.amazonaws.com": what
 * follows the last "s3". A bucket's own name may hold one, but stands before it.
 */
static bool region_of_host(const char *host, char region[REGION_SIZE])
{
	const char *end = strstr(host, ".amazonaws.com"), *at = NULL;
	FP_AUTO(freep) char *name = NULL;

	if (!end)
		return false;
	name = xstrndup(host, (size_t)(end - host));
	for (const char *p = name; (p = strstr(p, "s3")); p += 2)
		if ((p == name || p[-1] == '.' || p[-1] == '/') &&
		    (p[2] == '.' || p[2] == '-'))
			at = p + 3;
	if (!at)
		return false;
	if (str_starts(at, "dualstack."))
		at += strlen("dualstack.");
	(void)snprintf(region, REGION_SIZE, "%s", at);
	return strchr(region, '-') != NULL;
}

bool bucket_region_of_answer(const struct http_response *res, char region[REGION_SIZE])
{
	const char *header = headers_get(&res->headers, "x-amz-bucket-region");
	const char *location = headers_get(&res->headers, "Location");
	char host[256];

	if (header)
		(void)snprintf(region, REGION_SIZE, "%s", header);
	else if (!wire_error_member(res, "Region", region, REGION_SIZE) &&
		 !(wire_error_member(res, "Endpoint", host, sizeof(host)) &&
		   region_of_host(host, region)) &&
		 !(location && region_of_host(location, region)))
		return false;
	return bucket_region_ok(region);
}

bool bucket_region_is_wrong(const struct http_response *res, const char *code, bool head)
{
	switch (res->status) {
	case 301:
	case 302:
	case 307:
	case 308:
		return true;
	case 400:
		return head || str_eq(code, "AuthorizationHeaderMalformed") ||
		       str_eq(code, "PermanentRedirect") ||
		       str_eq(code, "IllegalLocationConstraintException");
	default:
		return false;
	}
}
