/*
 * Copies inside S3: one request up to 5 GiB, else parts in parallel.
 */
#include "aws/crew.h"
#include "aws/service/s3_multipart.h"
#include "base/str.h"
#include "wire/uri.h"

#define COPY_PART (INT64_C(512) << 20) /* no byte passes here: large ones do */

struct copy {
	struct s3_multipart parts;
	const char *source; /* as x-amz-copy-source has it */
	const char *etag;
	int64_t part_size, size;
	size_t next;
};

/* "bucket/key?versionId=x", owned by the caller. */
static char *source_of(const struct s3_place *from, const char *version_id)
{
	struct buf b = BUF_INIT;

	buf_printf(&b, "%s/", from->bucket);
	uri_encode(&b, from->key, strlen(from->key), "/");
	if (version_id) {
		buf_puts(&b, "?versionId=");
		uri_encode(&b, version_id, strlen(version_id), "");
	}
	return buf_detach(&b);
}

static void set_source(struct http_request *req, const char *source, const char *etag)
{
	headers_set(&req->headers, "x-amz-copy-source", source);
	if (*etag)
		headers_set(&req->headers, "x-amz-copy-source-if-match", etag);
}

static int copy_whole(const struct s3_target *to, const char *source, const char *etag,
		      struct s3_result *out, struct fp_error *err)
{
	FP_AUTO(arena_release) struct arena arena = ARENA_INIT;
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(headers_release) struct http_headers headers = { 0 };
	struct xml *root;

	s3_request(&req, "PUT", to->key, NULL);
	set_source(&req, source, etag);
	if (s3_send_xml(to, "CopyObject", &req, &arena, &root, &headers, err) < 0)
		return -1;
	s3_read_result(out, &headers);
	(void)snprintf(out->etag, sizeof(out->etag), "%s", xml_text(root, "ETag", ""));
	return 0;
}

static int take(void *ctx, unsigned member FP_UNUSED, struct crew_piece *piece,
		struct fp_error *err FP_UNUSED)
{
	struct copy *c = ctx;

	if (c->next == c->parts.n)
		return 0;
	piece->number = (int64_t)c->next;
	piece->size = c->parts.sizes[c->next++];
	return 1;
}

static int work(void *ctx, unsigned member FP_UNUSED, const struct crew_piece *piece,
		const struct http_progress *progress, struct fp_error *err)
{
	struct copy *c = ctx;
	FP_AUTO(arena_release) struct arena arena = ARENA_INIT;
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(freep) char *number = xasprintf("%lld", (long long)piece->number + 1);
	int64_t first = piece->number * c->part_size;
	FP_AUTO(freep)
	char *range = xasprintf("bytes=%lld-%lld", (long long)first,
				(long long)(first + piece->size - 1));
	struct s3_part *part = &c->parts.parts[piece->number];
	struct xml *root;

	s3_request(&req, "PUT", c->parts.at.key, NULL);
	request_add_query(&req, "partNumber", number);
	request_add_query(&req, "uploadId", c->parts.id);
	set_source(&req, c->source, c->etag);
	headers_set(&req.headers, "x-amz-copy-source-range", range);
	if (s3_send_xml(&c->parts.at, "UploadPartCopy", &req, &arena, &root, NULL, err) <
	    0)
		return -1;
	s3_part_release(part);
	part->etag = xstrdup(xml_text(root, "ETag", ""));
	part->checksum = xml_text(root, "ChecksumCRC64NVME", NULL)
				 ? xstrdup(xml_text(root, "ChecksumCRC64NVME", NULL))
				 : NULL;
	/* Nothing is sent and nothing comes: the piece itself is the step. */
	if (!progress->report(progress->ctx, piece->size, 0))
		return fp_fail(err, FP_ERR_INTERRUPTED, "stopped");
	return 0;
}

/* What CopyObject takes over by itself. */
static void keep_metadata(struct http_request *req, const struct http_headers *source)
{
	static const char *const kept[] = { "Content-Type",
					    "Content-Encoding",
					    "Content-Language",
					    "Content-Disposition",
					    "Cache-Control",
					    "Expires",
					    NULL };

	for (size_t i = 0; kept[i]; i++)
		if (headers_get(source, kept[i]))
			headers_set(&req->headers, kept[i], headers_get(source, kept[i]));
	for (size_t i = 0; i < source->n; i++)
		if (strncasecmp(source->v[i].name, "x-amz-meta-", 11) == 0)
			headers_add(&req->headers, source->v[i].name, source->v[i].value);
}

static int copy_parts(struct copy *c, const struct s3_transfer *t,
		      const struct http_headers *source, struct s3_result *out,
		      struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;
	const struct crew crew = { .members = s3_parallel(t, (int64_t)c->parts.n),
				   .ctx = c,
				   .take = take,
				   .work = work,
				   .progress = t->progress };

	s3_request(&req, "POST", c->parts.at.key, NULL);
	keep_metadata(&req, source);
	if (s3_multipart_begin(&c->parts, &req, err) < 0)
		return -1;
	if (crew_run(&crew, err) == 0 && s3_multipart_complete(&c->parts, out, err) == 0)
		return 0;
	s3_multipart_abort(&c->parts);
	return -1;
}

static void lay_out(struct copy *c, int64_t wanted)
{
	c->part_size = s3_part_size(c->size, wanted ? wanted : COPY_PART);
	s3_multipart_grow(&c->parts,
			  (size_t)((c->size + c->part_size - 1) / c->part_size));
	for (size_t i = 0; i < c->parts.n; i++)
		c->parts.sizes[i] = FP_MIN(c->part_size,
					   c->size - (int64_t)i * c->part_size);
}

int s3_copy(struct aws_client *c, const struct s3_place *from, const struct s3_place *to,
	    const struct s3_transfer *t, struct s3_result *out, struct fp_error *err)
{
	static const struct s3_transfer defaults = { 0 };
	const struct s3_target source = { c, from->bucket, from->key };
	struct copy copy = { .parts = { .at = { c, to->bucket, to->key },
					.algorithm = S3_CHECKSUM } };
	FP_AUTO(s3_object_release) struct s3_object o = { 0 };
	FP_AUTO(headers_release) struct http_headers headers = { 0 };
	FP_AUTO(freep) char *name = NULL;
	struct s3_result unasked = { 0 };
	int rc;

	t = t ? t : &defaults;
	out = out ? out : &unasked;
	*out = (struct s3_result){ 0 };
	if (s3_head_all(&source, from->version_id, &o, &headers, err) < 0)
		return -1;
	name = source_of(from, o.version_id ? o.version_id : from->version_id);
	copy.source = name;
	copy.etag = o.etag;
	copy.size = out->size = o.size;
	if (o.size <= (t->part_size ? t->part_size : S3_MAX_PART)) {
		rc = copy_whole(&copy.parts.at, name, o.etag, out, err);
	} else {
		lay_out(&copy, t->part_size);
		rc = copy_parts(&copy, t, &headers, out, err);
	}
	s3_multipart_release(&copy.parts);
	return rc;
}
