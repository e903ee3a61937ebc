/*
 * Which regions buckets were found to lie in: what S3's redirects taught, so that only
 * the first request to a bucket goes astray. Safe to share between threads.
 */
#ifndef FP_AWS_BUCKET_REGION_H
#define FP_AWS_BUCKET_REGION_H

#include "wire/message.h"

#define BUCKET_REGIONS_MAX 64 /* the oldest is forgotten for a new one */
#define REGION_SIZE	   64 /* of a region's name with its NUL */

struct bucket_regions;
struct bucket_regions *bucket_regions_new(void);
void bucket_regions_freep(struct bucket_regions **r);

/* False when nothing is known of the bucket. */
bool bucket_regions_get(struct bucket_regions *r, const char *bucket,
			char region[REGION_SIZE]);
void bucket_regions_set(struct bucket_regions *r, const char *bucket, const char *region);

/* Letters, digits and dashes, as they may stand in a host name. */
bool bucket_region_ok(const char *region);

/*
 * What an answer of S3 says about where the bucket lies: by the header
 * x-amz-bucket-region, by <Region>, or by the host in <Endpoint> or Location. False when
 * it says nothing usable. The host itself is never gone to: only the region is taken.
 */
bool bucket_region_of_answer(const struct http_response *res, char region[REGION_SIZE]);

/* Whether S3 answered (with that error code) as it does when it is asked in the wrong
 * region. `head`: the answer can have no body, so a 400 may mean that too. */
bool bucket_region_is_wrong(const struct http_response *res, const char *code, bool head);

#endif
