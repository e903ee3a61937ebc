#include "aws/service/s3_multipart.h"

#include "base/digest.h"
#include "base/str.h"

void s3_multipart_release(struct s3_multipart *m)
{
	for (size_t i = 0; i < m->n; i++)
		s3_part_release(&m->parts[i]);
	freep(&m->parts);
	freep(&m->sizes);
	freep(&m->id);
	m->n = 0;
}

void s3_multipart_grow(struct s3_multipart *m, size_t n)
{
	m->parts = xrealloc(m->parts, n * sizeof(*m->parts));
	m->sizes = xrealloc(m->sizes, n * sizeof(*m->sizes));
	for (size_t i = m->n; i < n; i++) {
		m->parts[i] = (struct s3_part){ NULL, NULL };
		m->sizes[i] = 0;
	}
	m->n = FP_MAX(m->n, n);
}

/* A CRC is known for the whole from its parts', a digest is not. */
static bool is_full(const struct s3_multipart *m)
{
	return str_starts(m->algorithm, "crc");
}

static const char *checksum_type(const struct s3_multipart *m)
{
	return is_full(m) ? "FULL_OBJECT" : "COMPOSITE";
}

/* "CRC64NVME", owned by the caller. */
static char *label(const struct s3_multipart *m)
{
	char *text = xstrdup(m->algorithm);

	for (char *c = text; *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	return text;
}

int s3_multipart_begin(struct s3_multipart *m, struct http_request *req,
		       struct fp_error *err)
{
	FP_AUTO(arena_release) struct arena arena = ARENA_INIT;
	FP_AUTO(freep) char *algorithm = label(m);
	struct xml *root;
	const char *id;

	request_add_query(req, "uploads", NULL);
	headers_set(&req->headers, "x-amz-checksum-algorithm", algorithm);
	headers_set(&req->headers, "x-amz-checksum-type", checksum_type(m));
	if (s3_send_xml(&m->at, "CreateMultipartUpload", req, &arena, &root, NULL, err) <
	    0)
		return -1;
	id = xml_text(root, "UploadId", "");
	/* It stands in a line of the journal, and in queries. */
	if (!*id || strpbrk(id, "\r\n")) {
		(void)fp_fail(err, FP_ERR_PROTOCOL,
			      "the answer to CreateMultipartUpload has no upload ID; "
			      "check the endpoint and the proxy");
		return s3_fail_at(err, m->at.bucket, m->at.key);
	}
	m->id = xstrdup(id);
	return 0;
}

static int keep_part(struct s3_multipart *m, size_t number,
		     const struct http_headers *headers, char *checksum,
		     struct fp_error *err)
{
	const char *etag = headers_get(headers, "ETag");

	/* A proxy's welcome page is a 200, too. */
	if (!etag || !*etag || strpbrk(etag, " \r\n")) {
		free(checksum);
		(void)fp_fail(err, FP_ERR_PROTOCOL,
			      "the answer has no ETag, so it is not S3's; check the "
			      "endpoint and the proxy");
		return s3_fail_at(err, m->at.bucket, m->at.key);
	}
	s3_part_release(&m->parts[number]);
	m->parts[number] = (struct s3_part){ xstrdup(etag), checksum };
	return 0;
}

int s3_multipart_send(struct s3_multipart *m, size_t number, const struct s3_body *body,
		      const struct http_progress *progress, struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(headers_release) struct http_headers headers = { 0 };
	FP_AUTO(freep) char *text = xasprintf("%zu", number + 1);
	char *checksum = NULL;

	s3_request(&req, "PUT", m->at.key, NULL);
	request_add_query(&req, "partNumber", text);
	request_add_query(&req, "uploadId", m->id);
	if (s3_send_body(&m->at, "UploadPart", &req, body, m->algorithm, &checksum,
			 progress, &headers, err) < 0)
		return -1;
	m->sizes[number] = body->size;
	return keep_part(m, number, &headers, checksum, err);
}

/* Of the whole, from the parts'; owned by the caller; NULL when one has none. */
static char *whole_checksum(const struct s3_multipart *m)
{
	FP_AUTO(checksum_freep) struct checksum *sum = checksum_new(m->algorithm);
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	for (size_t i = 0; i < m->n; i++) {
		FP_AUTO(buf_release) struct buf raw = BUF_INIT;
		const char *part = m->parts[i].checksum;

		if (!part)
			return NULL;
		if (is_full(m)) {
			if (!checksum_append(sum, part, (uint64_t)m->sizes[i]))
				return NULL;
		} else {
			if (!base64_decode(&raw, part, strlen(part)))
				return NULL;
			checksum_update(sum, raw.data, raw.len);
		}
	}
	checksum_final(sum, &text);
	if (!is_full(m))
		buf_printf(&text, "-%zu", m->n);
	return buf_detach(&text);
}

static int64_t total_size(const struct s3_multipart *m)
{
	int64_t sum = 0;

	for (size_t i = 0; i < m->n; i++)
		sum += m->sizes[i];
	return sum;
}

static void list_parts(struct buf *out, const struct s3_multipart *m)
{
	FP_AUTO(freep) char *upper = label(m);
	FP_AUTO(freep) char *name = xasprintf("Checksum%s", upper);

	xml_open(out, "CompleteMultipartUpload");
	for (size_t i = 0; i < m->n; i++) {
		xml_open(out, "Part");
		xml_element(out, "ETag", m->parts[i].etag);
		xml_element(out, name, m->parts[i].checksum);
		xml_element_int(out, "PartNumber", (int64_t)i + 1);
		xml_close(out, "Part");
	}
	xml_close(out, "CompleteMultipartUpload");
}

static void completion(struct http_request *req, const struct s3_multipart *m,
		       const char *whole)
{
	FP_AUTO(freep) char *header = xasprintf(CHECKSUM_HEADER "%s", m->algorithm);
	FP_AUTO(freep) char *size = xasprintf("%lld", (long long)total_size(m));

	s3_request(req, "POST", m->at.key, NULL);
	request_add_query(req, "uploadId", m->id);
	list_parts(&req->body, m);
	headers_set(&req->headers, "Content-Type", "application/xml");
	headers_set(&req->headers, "x-amz-mp-object-size", size);
	headers_set(&req->headers, "x-amz-checksum-type", checksum_type(m));
	if (whole)
		headers_set(&req->headers, header, whole);
	if (m->if_none_match)
		headers_set(&req->headers, "If-None-Match", "*");
}

static void set_checksum(struct s3_result *out, const struct s3_multipart *m,
			 const char *whole)
{
	(void)snprintf(out->checksum_name, sizeof(out->checksum_name), "%s",
		       m->algorithm);
	(void)snprintf(out->checksum, sizeof(out->checksum), "%s", whole);
}

/* The answer to an earlier attempt was lost: what it made is there. */
static bool was_completed(const struct s3_multipart *m, const char *whole,
			  struct s3_result *out)
{
	FP_AUTO(s3_object_release) struct s3_object o = { 0 };

	if (!whole || s3_head(m->at.c, m->at.bucket, m->at.key, &o, NULL) < 0 ||
	    o.size != total_size(m) || !str_eq(o.checksum_name, m->algorithm) ||
	    !str_eq(o.checksum, whole))
		return false;
	(void)snprintf(out->etag, sizeof(out->etag), "%s", o.etag);
	(void)snprintf(out->version_id, sizeof(out->version_id), "%s",
		       str_or(o.version_id, ""));
	return true;
}

/* What S3 computed itself, where it says so. */
static int check_answer(const struct s3_multipart *m, const struct xml *root,
			const char *whole, struct fp_error *err)
{
	FP_AUTO(freep) char *upper = label(m);
	FP_AUTO(freep) char *name = xasprintf("Checksum%s", upper);
	const char *theirs = xml_text(root, name, NULL);

	if (!str_eq(root->name, "CompleteMultipartUploadResult"))
		return fp_fail(err, FP_ERR_PROTOCOL,
			       "the answer to CompleteMultipartUpload is not S3's; check "
			       "the endpoint and the proxy");
	if (theirs && whole && !str_eq(theirs, whole))
		return fp_fail(
			err, FP_ERR_PROTOCOL,
			"S3 stored other bytes than were sent: their %s is %s, not "
			"%s; delete the object and upload it again",
			m->algorithm, theirs, whole);
	return 0;
}

int s3_multipart_complete(struct s3_multipart *m, struct s3_result *out,
			  struct fp_error *err)
{
	FP_AUTO(arena_release) struct arena arena = ARENA_INIT;
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(headers_release) struct http_headers headers = { 0 };
	FP_AUTO(freep) char *whole = whole_checksum(m);
	struct fp_error why = { 0 };
	struct xml *root;

	completion(&req, m, whole);
	out->size = total_size(m);
	if (whole)
		set_checksum(out, m, whole);
	if (s3_send_xml(&m->at, "CompleteMultipartUpload", &req, &arena, &root, &headers,
			&why) < 0) {
		if (str_eq(why.aws_code, "NoSuchUpload") && was_completed(m, whole, out))
			return 0;
		if (err)
			*err = why;
		return -1;
	}
	if (check_answer(m, root, whole, err) < 0)
		return s3_fail_at(err, m->at.bucket, m->at.key);
	s3_read_result(out, &headers);
	(void)snprintf(out->etag, sizeof(out->etag), "%s", xml_text(root, "ETag", ""));
	return 0;
}

void s3_multipart_abort(struct s3_multipart *m)
{
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(response_release) struct http_response res = { 0 };

	if (!m->id)
		return;
	s3_request(&req, "DELETE", m->at.key, NULL);
	request_add_query(&req, "uploadId", m->id);
	/* Nobody waits for this: what is left of it, a lifecycle rule takes away. */
	http_finish_up(true);
	(void)!s3_send(&m->at, "AbortMultipartUpload", &req, NULL, NULL, &res, NULL);
	http_finish_up(false);
	freep(&m->id);
}
