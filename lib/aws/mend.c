#include "aws/mend.h"

#include "aws/internal.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "wire/wire_error.h"

/* Services accept a signature 5 minutes off; nearer differences are no matter. */
#define SKEW_MATTERS_MS 240000LL

static bool is_one_of(const char *code, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(code, list[i]))
			return true;
	return false;
}

static bool is_head(const struct aws_progress *p)
{
	return str_eq(p->req->method, "HEAD");
}

/* The time of the answer; S3 says it in the document too, should a proxy take Date. */
static bool their_time(const struct http_response *res, int64_t *ms)
{
	const char *date = headers_get(&res->headers, "Date");
	char text[32];

	if (date && time_parse(date, ms))
		return true;
	return wire_error_member(res, "ServerTime", text, sizeof(text)) &&
	       time_parse(text, ms);
}

/*
 * Correct our clock by the answer's when that explains the refusal. Compared with what
 * this request was signed with: another thread may have learned meanwhile.
 */
static bool mend_clock(struct aws_progress *p, const char *code)
{
	static const char *const codes[] = {
		"RequestTimeTooSkewed",	     "RequestExpired",
		"RequestInTheFuture",	     "SignatureDoesNotMatch",
		"InvalidSignatureException", "AuthFailure",
	};
	/* A HEAD is refused without a word. */
	bool may_be = is_one_of(code, codes, ARRAY_SIZE(codes)) ||
		      (is_head(p) && p->res->status == 403);
	int64_t theirs, skew;

	if (p->clock_mended || p->c->anonymous || !may_be || !their_time(p->res, &theirs))
		return false;
	skew = theirs - clock_now_ms();
	if (llabs(skew - p->skew_ms) < SKEW_MATTERS_MS)
		return false;
	log_msg(LOG_INFO,
		"%s: this machine's clock is %lld s %s: signing for the service's",
		p->send->what, llabs(skew) / 1000, skew > 0 ? "slow" : "fast");
	atomic_store(&p->c->skew_ms, skew);
	p->clock_mended = true;
	return true;
}

static bool same_credentials(const struct aws_credentials *a,
			     const struct aws_credentials *b)
{
	return str_eq(a->access_key_id, b->access_key_id) &&
	       str_eq(str_or(a->session_token, ""), str_or(b->session_token, ""));
}

static int mend_credentials(struct aws_progress *p, struct fp_error *err)
{
	static const char *const codes[] = { "ExpiredToken", "ExpiredTokenException",
					     "TokenRefreshRequired", "RequestExpired" };
	FP_AUTO(aws_credentials_release) struct aws_credentials fresh = { 0 };

	if (p->credentials_mended || p->c->anonymous ||
	    !is_one_of(err->aws_code, codes, ARRAY_SIZE(codes)) ||
	    !aws_client_refresh(p->c, &p->used))
		return 0;
	p->credentials_mended = true;
	if (aws_client_credentials(p->c, &fresh, err) < 0)
		return fp_wrap(err, "the credentials have expired");
	return !same_credentials(&fresh, &p->used);
}

/* S3 names a bucket's region to whoever asks for the bucket, even where it refuses. */
static bool ask_region(const struct aws_progress *p, char region[REGION_SIZE])
{
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(response_release) struct http_response res = { 0 };
	struct aws_progress asking = { .c = p->c, .send = p->send, .req = &req };
	bool found = false;

	request_init(&req, "HEAD", "/");
	asking.path = req.path;
	req.path = xstrdup("/");
	req.timeout_ms = aws_time_left(p);
	memcpy(asking.region, p->region, sizeof(asking.region));
	if (aws_sign(&asking, NULL) == 0) {
		atomic_fetch_add(&p->c->requests, 1);
		found = http_send(p->c->http, &req, NULL, NULL, &res, NULL) == 0 &&
			bucket_region_of_answer(&res, region);
	}
	aws_credentials_release(&asking.used);
	free(asking.path);
	return found;
}

static bool mend_region(struct aws_progress *p, const char *code)
{
	const struct aws_send *send = p->send;
	bool creates = str_eq(p->req->method, "PUT") && str_eq(p->path, "/") &&
		       !*p->req->query;
	char region[REGION_SIZE];

	if (p->region_mended || !send->bucket || !str_eq(send->service, "s3") ||
	    !bucket_region_is_wrong(p->res, code, is_head(p)))
		return false;
	/* There it means that the location was asked for at the wrong endpoint. */
	if (creates && str_eq(code, "IllegalLocationConstraintException"))
		return false;
	if (!bucket_region_of_answer(p->res, region) &&
	    (str_eq(p->path, "/") || !ask_region(p, region)))
		return false;
	if (str_eq(region, p->region))
		return false;
	log_msg(LOG_INFO, "%s: bucket '%s' is in %s, not in %s", send->what, send->bucket,
		region, p->region);
	bucket_regions_set(p->c->regions, send->bucket, region);
	memcpy(p->region, region, sizeof(region));
	p->addressed = false;
	p->region_mended = true;
	return true;
}

int aws_mend(struct aws_progress *p, struct fp_error *err)
{
	if (mend_region(p, err->aws_code) || mend_clock(p, err->aws_code))
		return 1;
	return mend_credentials(p, err);
}
