/*
 * Which host a request goes to, and what it is signed for.
 */
#ifndef FP_AWS_ADDRESS_H
#define FP_AWS_ADDRESS_H

#include "aws/bucket_region.h"
#include "aws/client.h"

/* What a signature is made for. */
struct aws_place {
	char region[REGION_SIZE], service[64];
};

/* Where to send a request of a bucket: what redirects taught, else the client's region;
 * `bucket` may be NULL. */
void aws_region_of(const struct aws_client *c, const char *bucket,
		   char region[REGION_SIZE]);

/*
 * Point `req` at the service's endpoint in `region`: scheme, host, and the endpoint's
 * own path (and the bucket's name, in path style) before `path`. `bucket` is NULL for
 * all but S3; `path` may be req->path. FP_ERR_INPUT when the endpoint that was configured
 * is no URL.
 */
FP_MUST_CHECK int aws_address(const struct aws_client *c, const char *service,
			      const char *bucket, const char *region, const char *path,
			      struct http_request *req, struct aws_place *out,
			      struct fp_error *err);

#endif
