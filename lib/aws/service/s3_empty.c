/*
 * All of a bucket: counting and deleting every version, a thousand at a time.
 */
#include "aws/service/s3_request.h"
#include "base/digest.h"
#include "base/str.h"
#include "wire/xml.h"

/* A page of ListObjectVersions, and where the next one begins. */
struct page {
	struct arena arena;
	const struct xml *root;
	bool more;
	char *key_marker, *version_marker; /* owned */
};

static void page_release(struct page *p)
{
	arena_release(&p->arena);
	free(p->key_marker);
	free(p->version_marker);
}

static bool is_missing(const struct fp_error *err)
{
	return str_eq(err->aws_code, "NoSuchBucket");
}

/* Read the page behind the markers of `p`, which are replaced. */
static int next_page(struct aws_client *c, const char *bucket, struct page *p,
		     struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(response_release) struct http_response res = { 0 };
	const struct s3_target t = { c, bucket, NULL };
	struct xml *root;

	request_init(&req, "GET", "/");
	request_add_query(&req, "versions", NULL);
	request_add_query(&req, "encoding-type", "url");
	if (p->key_marker)
		request_add_query(&req, "key-marker", p->key_marker);
	if (p->version_marker)
		request_add_query(&req, "version-id-marker", p->version_marker);
	arena_release(&p->arena);
	if (s3_send(&t, "ListObjectVersions", &req, NULL, NULL, &res, err) < 0)
		return -1;
	if (xml_parse(&root, &p->arena, buf_str(&res.body), res.body.len, err) < 0)
		return fp_wrap(err, "versions of s3://%s", bucket);
	free(p->key_marker);
	free(p->version_marker);
	p->root = root;
	p->more = str_eq(xml_text(root, "IsTruncated", "false"), "true");
	p->key_marker = s3_decoded(root, xml_text(root, "NextKeyMarker", ""));
	p->version_marker = xstrdup(xml_text(root, "NextVersionIdMarker", ""));
	if (p->more && !*p->key_marker)
		return fp_fail(err, FP_ERR_PROTOCOL,
			       "versions of s3://%s: the answer is cut without a marker",
			       bucket);
	if (!*p->version_marker)
		freep(&p->version_marker);
	return 0;
}

static bool is_version(const struct xml *x)
{
	return str_eq(x->name, "Version") || str_eq(x->name, "DeleteMarker");
}

int s3_count(struct aws_client *c, const char *bucket, int64_t limit, int64_t *count,
	     struct fp_error *err)
{
	FP_AUTO(page_release) struct page page = { .arena = ARENA_INIT };

	*count = 0;
	do {
		struct fp_error why = { 0 };

		if (next_page(c, bucket, &page, &why) < 0) {
			*count = -1;
			if (is_missing(&why))
				return 0;
			if (err)
				*err = why;
			return -1;
		}
		for (const struct xml *x = page.root->first; x; x = x->next)
			*count += is_version(x);
	} while (page.more && *count < limit);
	return 0;
}

/* DeleteObjects names keys in XML, which cannot hold all that a key can. */
static bool fits_xml(const char *key)
{
	FP_AUTO(buf_release) struct buf escaped = BUF_INIT;

	xml_escape(&escaped, key);
	return !strstr(buf_str(&escaped), "\xef\xbf\xbd");
}

/* One more for the list; a key that does not fit in is deleted at once. */
static int delete_one(struct aws_client *c, const char *bucket, const struct page *page,
		      const struct xml *x, struct buf *list, int64_t *listed,
		      int64_t *deleted, struct fp_error *err)
{
	FP_AUTO(freep) char *key = s3_decoded(page->root, xml_text(x, "Key", ""));
	const char *version = xml_text(x, "VersionId", NULL);

	if (!fits_xml(key)) {
		++*deleted;
		return s3_delete(c, bucket, key, version, err);
	}
	xml_open(list, "Object");
	xml_element(list, "Key", key);
	xml_element(list, "VersionId", version);
	xml_close(list, "Object");
	++*listed;
	return 0;
}

static int delete_list(struct aws_client *c, const char *bucket, const struct page *page,
		       struct buf *out, int64_t *listed, int64_t *deleted,
		       struct fp_error *err)
{
	*listed = 0;
	xml_open(out, "Delete");
	xml_element(out, "Quiet", "true");
	for (const struct xml *x = page->root->first; x; x = x->next)
		if (is_version(x) &&
		    delete_one(c, bucket, page, x, out, listed, deleted, err) < 0)
			return -1;
	xml_close(out, "Delete");
	return 0;
}

/* The answer is 200 even when single objects were refused. */
static int check_refused(const struct http_response *res, const char *bucket,
			 struct fp_error *err)
{
	FP_AUTO(arena_release) struct arena arena = ARENA_INIT;
	struct xml *root;
	const struct xml *bad;

	if (res->body.len == 0)
		return 0;
	if (xml_parse(&root, &arena, buf_str(&res->body), res->body.len, err) < 0)
		return fp_wrap(err, "deleting in s3://%s", bucket);
	bad = xml_child(root, "Error");
	if (!bad)
		return 0;
	return fp_fail(err, FP_ERR_AWS, "cannot delete s3://%s/%s: %s: %s", bucket,
		       xml_text(bad, "Key", "?"), xml_text(bad, "Code", "?"),
		       xml_text(bad, "Message", "?"));
}

static int delete_page(struct aws_client *c, const char *bucket, const struct page *page,
		       int64_t *deleted, struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(response_release) struct http_response res = { 0 };
	const struct s3_target t = { c, bucket, NULL };
	FP_AUTO(buf_release) struct buf checksum = BUF_INIT;
	uint8_t digest[SHA256_LEN];
	int64_t n;

	request_init(&req, "POST", "/");
	request_add_query(&req, "delete", NULL);
	if (delete_list(c, bucket, page, &req.body, &n, deleted, err) < 0)
		return -1;
	if (n == 0)
		return 0;
	sha256(digest, req.body.data, req.body.len);
	base64_encode(&checksum, digest, sizeof(digest));
	headers_set(&req.headers, "x-amz-sdk-checksum-algorithm", "SHA256");
	headers_set(&req.headers, "x-amz-checksum-sha256", buf_str(&checksum));
	headers_set(&req.headers, "Content-Type", "application/xml");
	if (s3_send(&t, "DeleteObjects", &req, NULL, NULL, &res, err) < 0)
		return -1;
	if (check_refused(&res, bucket, err) < 0)
		return -1;
	*deleted += n;
	return 0;
}

int s3_empty(struct aws_client *c, const char *bucket, int64_t *deleted,
	     struct fp_error *err)
{
	*deleted = 0;
	for (;;) {
		/* Always the first page: what was deleted is no longer on it. */
		FP_AUTO(page_release) struct page page = { .arena = ARENA_INIT };
		struct fp_error why = { 0 };
		int64_t before = *deleted;

		if (next_page(c, bucket, &page, &why) < 0) {
			if (is_missing(&why))
				return 0;
			if (err)
				*err = why;
			return -1;
		}
		if (delete_page(c, bucket, &page, deleted, err) < 0)
			return -1;
		if (*deleted == before)
			return 0;
	}
}

int s3_delete_bucket(struct aws_client *c, const char *bucket, struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(response_release) struct http_response res = { 0 };
	const struct s3_target t = { c, bucket, NULL };
	struct fp_error why = { 0 };

	request_init(&req, "DELETE", "/");
	if (s3_send(&t, "DeleteBucket", &req, NULL, NULL, &res, &why) == 0 ||
	    is_missing(&why))
		return 0;
	if (err)
		*err = why;
	return -1;
}
