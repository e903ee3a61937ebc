#include "aws/service/s3_verify.h"

#include "base/digest.h"
#include "base/str.h"

bool s3_verify_combines(const struct s3_object *o)
{
	return *o->checksum && !o->composite && str_starts(o->checksum_name, "crc");
}

void s3_verify_result(struct s3_result *out, const struct s3_object *o)
{
	out->size = o->size;
	(void)snprintf(out->etag, sizeof(out->etag), "%s", o->etag);
	(void)snprintf(out->version_id, sizeof(out->version_id), "%s",
		       str_or(o->version_id, ""));
}

int s3_verify_text(const struct s3_target *t, const struct s3_object *o,
		   const char *computed, struct s3_result *out, struct fp_error *err)
{
	if (!str_eq(computed, o->checksum))
		return fp_fail(err, FP_ERR_PROTOCOL,
			       "s3://%s/%s: the bytes that came have the %s %s, S3's is "
			       "%s; something between changed them, so nothing was kept",
			       t->bucket, t->key, o->checksum_name, computed,
			       o->checksum);
	(void)snprintf(out->checksum_name, sizeof(out->checksum_name), "%s",
		       o->checksum_name);
	(void)snprintf(out->checksum, sizeof(out->checksum), "%s", o->checksum);
	return 0;
}

/* The size of a part of the upload; -1 where nobody knows. */
static int part_size(const struct s3_target *t, const struct s3_object *o, size_t number,
		     int64_t *size, struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(response_release) struct http_response res = { 0 };
	FP_AUTO(s3_object_release) struct s3_object part = { 0 };
	FP_AUTO(freep) char *text = xasprintf("%zu", number + 1);

	s3_request(&req, "HEAD", t->key, o->version_id);
	request_add_query(&req, "partNumber", text);
	headers_set(&req.headers, "If-Match", o->etag);
	if (s3_send(t, "HeadObject", &req, NULL, NULL, &res, err) < 0)
		return -1;
	s3_read_object(&part, &res.headers);
	*size = headers_get(&res.headers, "x-amz-mp-parts-count") ? part.size : -1;
	return 0;
}

/* Whether n parts can have this size, the last one less. */
static bool fits(int64_t whole, int64_t part, size_t n)
{
	return part > 0 && (whole + part - 1) / part == (int64_t)n;
}

static int add_part(struct checksum *of_parts, const struct s3_body *part,
		    const char *algorithm, struct fp_error *err)
{
	FP_AUTO(freep) char *text = NULL;
	FP_AUTO(buf_release) struct buf raw = BUF_INIT;

	if (s3_body_checksum(&text, part, algorithm, err) < 0)
		return -1;
	(void)base64_decode(&raw, text, strlen(text));
	checksum_update(of_parts, raw.data, raw.len);
	return 0;
}

static int verify_parts(const struct s3_target *t, const struct s3_object *o,
			const struct s3_body *file, size_t n, struct s3_result *out,
			struct fp_error *err)
{
	FP_AUTO(checksum_freep) struct checksum *sum = checksum_new(o->checksum_name);
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	struct s3_body part = *file;
	bool even = true;

	part.size = 0;
	for (size_t i = 0; i < n; i++) {
		int64_t at = part.offset + part.size, left = file->size - at;

		if ((i == 0 || !even) && part_size(t, o, i, &part.size, err) < 0)
			return -1;
		/* Not every server that speaks S3's language keeps the parts. */
		if (part.size < 0)
			return 0;
		if (i == 0)
			even = fits(file->size, part.size, n);
		part.offset = at;
		part.size = i + 1 == n ? left : FP_MIN(part.size, left);
		if (part.size < 0 || add_part(sum, &part, o->checksum_name, err) < 0)
			return -1;
	}
	checksum_final(sum, &text);
	buf_printf(&text, "-%zu", n);
	return s3_verify_text(t, o, buf_str(&text), out, err);
}

int s3_verify(const struct s3_target *t, const struct s3_object *o,
	      const struct s3_body *file, struct s3_result *out, struct fp_error *err)
{
	FP_AUTO(freep) char *text = NULL;
	const char *dash = strchr(o->checksum, '-');
	int64_t n;

	if (!*o->checksum)
		return 0;
	if (dash && str_to_i64(dash + 1, 1, S3_MAX_PARTS, &n))
		return verify_parts(t, o, file, (size_t)n, out, err);
	if (o->composite)
		return 0;
	if (s3_body_checksum(&text, file, o->checksum_name, err) < 0)
		return -1;
	return s3_verify_text(t, o, text, out, err);
}
