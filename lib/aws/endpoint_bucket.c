/* Where a bucket of S3 answers: its name in the host, or in the path. */
#include "aws/endpoint.h"
#include "base/str.h"

#define MAX_NAME 255

/* These are reached by other hosts, and signed otherwise. */
static const struct {
	const char *suffix, *what;
} special[] = {
	{ "--x-s3", "a directory bucket" },
	{ "--xa-s3", "an access point of a directory bucket" },
	{ "--op-s3", "an access point of S3 on Outposts" },
	{ "--ol-s3", "an access point of S3 Object Lambda" },
	{ "--table-s3", "a table bucket" },
};

static int check_name(const char *bucket, struct fp_error *err)
{
	size_t n = strlen(bucket);

	if (str_starts(bucket, "arn:"))
		return fp_fail(err, FP_ERR_INPUT,
			       "'%s' is an ARN; fpctl takes buckets by their names, and "
			       "no access points",
			       bucket);
	for (size_t i = 0; i < ARRAY_SIZE(special); i++)
		if (str_ends(bucket, special[i].suffix))
			return fp_fail(err, FP_ERR_INPUT,
				       "'%s' is %s, which fpctl does not support", bucket,
				       special[i].what);
	if (n == 0 || n > MAX_NAME || str_eq(bucket, ".") || str_eq(bucket, "..") ||
	    strspn(bucket, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			   "0123456789.-_") < n)
		return fp_fail(err, FP_ERR_INPUT, "'%s' is no bucket's name", bucket);
	return 0;
}

static bool is_label(const char *s, size_t n)
{
	return n > 0 && n <= 63 && s[0] != '-' && s[n - 1] != '-' &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") >= n;
}

static bool is_ipv4(const char *s)
{
	for (int parts = 1;; parts++) {
		size_t n = strspn(s, "0123456789");

		if (n == 0 || n > 3)
			return false;
		if (s[n] != '.' || parts == 4)
			return parts == 4 && s[n] == '\0';
		s += n + 1;
	}
}

/*
 * Whether the name can be a host's first label. With dots, TLS would not know the host
 * (the certificate is for *.s3.REGION), so these need plain HTTP.
 */
static bool fits_host(const char *bucket, bool dots)
{
	size_t n = strlen(bucket);

	if (n < 3 || is_ipv4(bucket))
		return false;
	for (const char *s = bucket;; s += n + 1) {
		n = dots ? strcspn(s, ".") : strlen(s);
		if (!is_label(s, n))
			return false;
		if (!s[n])
			return true;
	}
}

static bool is_address(const char *host)
{
	return endpoint_is_local(host) && strncasecmp(host, "localhost", 9) != 0;
}

int endpoint_resolve_bucket(struct endpoint *out, const struct aws_env *env,
			    const struct aws_settings *s, const char *bucket,
			    struct fp_error *err)
{
	FP_AUTO(freep) char *base = NULL;
	const char *host;
	bool path;

	if (check_name(bucket, err) < 0 || endpoint_resolve(out, env, s, "s3", err) < 0)
		return -1;
	base = out->url;
	host = strstr(base, "://") + 3;
	path = s->s3_style == S3_STYLE_PATH ||
	       (out->configured && s->s3_style != S3_STYLE_VIRTUAL) || is_address(host) ||
	       !fits_host(bucket, str_starts(base, "http:"));
	out->url = path ? xasprintf("%s/%s", base, bucket)
			: xasprintf("%.*s%s.%s", (int)(host - base), base, bucket, host);
	return 0;
}
