/* The account's buckets. */
#include "aws/service/s3.h"
#include "base/str.h"
#include "wire/xml.h"

#define MAX_PAGES 1100 /* a thousand buckets each, beyond any account's quota */

/* Append a page's names; *token is where the next one begins, NULL at the end. */
static int read_page(struct aws_client *c, struct strs *out, char **token,
		     struct fp_error *err)
{
	const struct aws_rest list = { .service = "s3", .operation = "ListBuckets" };
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(response_release) struct http_response res = { 0 };
	FP_AUTO(arena_release) struct arena arena = ARENA_INIT;
	const struct xml *buckets;
	struct xml *root;

	request_init(&req, "GET", "/");
	request_add_query(&req, "max-buckets", "1000");
	if (*token)
		request_add_query(&req, "continuation-token", *token);
	if (aws_rest(c, &list, &req, &res, err) < 0)
		return -1;
	if (xml_parse(&root, &arena, buf_str(&res.body), res.body.len, err) < 0)
		return fp_wrap(err, "s3 ListBuckets");
	buckets = xml_child(root, "Buckets");
	for (const struct xml *b = buckets ? buckets->first : NULL; b; b = b->next)
		strs_add(out, xml_text(b, "Name", ""));
	freep(token);
	if (*xml_text(root, "ContinuationToken", ""))
		*token = xstrdup(xml_text(root, "ContinuationToken", ""));
	return 0;
}

int s3_bucket_names(struct aws_client *c, struct strs *out, struct fp_error *err)
{
	FP_AUTO(freep) char *token = NULL;

	for (size_t i = 0; i < MAX_PAGES; i++) {
		if (read_page(c, out, &token, err) < 0)
			return -1;
		if (!token)
			return 0;
	}
	return fp_fail(err, FP_ERR_PROTOCOL, "s3 ListBuckets: there is no last page");
}
