/*
 * What is in a bucket, and where it is.
 */
#include "aws/service/s3_request.h"
#include "base/str.h"
#include "wire/uri.h"

char *s3_decoded(const struct xml *root, const char *text)
{
	struct buf b = BUF_INIT;

	if (!str_eq(xml_text(root, "EncodingType", ""), "url"))
		return xstrdup(text);
	uri_decode(&b, text, strlen(text), true);
	return buf_detach(&b);
}

/* Each object of a page; false when `each` has enough. */
static bool give_page(const struct xml *root,
		      bool (*each)(void *ctx, const struct s3_entry *e), void *ctx)
{
	bool more = true;

	for (const struct xml *x = root->first; x && more; x = x->next) {
		FP_AUTO(freep) char *key = NULL;
		struct s3_entry e = { .size = -1 };

		if (!str_eq(x->name, "Contents"))
			continue;
		key = s3_decoded(root, xml_text(x, "Key", ""));
		e.key = key;
		e.etag = xml_text(x, "ETag", "");
		e.modified = xml_text(x, "LastModified", "");
		e.storage_class = xml_text(x, "StorageClass", "STANDARD");
		(void)str_to_i64(xml_text(x, "Size", ""), 0, INT64_MAX, &e.size);
		more = each(ctx, &e);
	}
	return more;
}

/* *token (owned, or NULL at first) becomes the next page's; NULL behind the last. */
static int list_page(const struct s3_target *t, const char *prefix, char **token,
		     bool *wants_more, bool (*each)(void *ctx, const struct s3_entry *e),
		     void *ctx, struct fp_error *err)
{
	FP_AUTO(arena_release) struct arena arena = ARENA_INIT;
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(freep) char *before = *token;
	struct xml *root;
	const char *next;

	*token = NULL;
	request_init(&req, "GET", "/");
	request_add_query(&req, "list-type", "2");
	request_add_query(&req, "encoding-type", "url");
	if (prefix && *prefix)
		request_add_query(&req, "prefix", prefix);
	if (before)
		request_add_query(&req, "continuation-token", before);
	if (s3_send_xml(t, "ListObjectsV2", &req, &arena, &root, NULL, err) < 0)
		return -1;
	*wants_more = give_page(root, each, ctx);
	if (!str_eq(xml_text(root, "IsTruncated", "false"), "true"))
		return 0;
	next = xml_text(root, "NextContinuationToken", "");
	if (!*next || str_eq(next, before))
		return fp_fail(err, FP_ERR_PROTOCOL,
			       "s3://%s: the list is cut, and does not say where it goes "
			       "on",
			       t->bucket);
	*token = xstrdup(next);
	return 0;
}

int s3_list(struct aws_client *c, const char *bucket, const char *prefix,
	    bool (*each)(void *ctx, const struct s3_entry *e), void *ctx,
	    struct fp_error *err)
{
	const struct s3_target t = { c, bucket, NULL };
	FP_AUTO(freep) char *token = NULL;
	bool wants_more = true;

	do {
		if (list_page(&t, prefix, &token, &wants_more, each, ctx, err) < 0)
			return -1;
	} while (token && wants_more);
	return 0;
}

int s3_bucket_region(struct aws_client *c, const char *bucket, char **region,
		     struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(response_release) struct http_response res = { 0 };
	const struct s3_target t = { c, bucket, NULL };

	request_init(&req, "HEAD", "/");
	if (s3_send(&t, "HeadBucket", &req, NULL, NULL, &res, err) < 0)
		return -1;
	*region = xstrdup(str_or(headers_get(&res.headers, "x-amz-bucket-region"),
				 aws_client_region(c)));
	return 0;
}
