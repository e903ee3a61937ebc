/*
 * An upload in parts: what s3_upload.c, s3_stream.c and s3_copy.c share.
 * Source: S3 User Guide, "Uploading and copying objects using multipart upload" and
 * "Checking object integrity".
 */
#ifndef FP_AWS_S3_MULTIPART_H
#define FP_AWS_S3_MULTIPART_H

#include "aws/service/s3_journal.h"
#include "aws/service/s3_request.h"

struct s3_multipart {
	struct s3_target at;
	const char *algorithm; /* of the checksums: "crc64nvme" */
	bool if_none_match;
	char *id;	       /* owned; NULL: not begun */
	struct s3_part *parts; /* owned, with their texts */
	int64_t *sizes;	       /* owned */
	size_t n;
};
void s3_multipart_release(struct s3_multipart *m);
/* Room for n parts in sum, all of them missing. */
void s3_multipart_grow(struct s3_multipart *m, size_t n);

/*
 * CreateMultipartUpload; `req` (from s3_request "POST") may have headers of the object to
 * be: its type and metadata.
 */
FP_MUST_CHECK int s3_multipart_begin(struct s3_multipart *m, struct http_request *req,
				     struct fp_error *err);
/* UploadPart: the part's number counts from 0. */
FP_MUST_CHECK int s3_multipart_send(struct s3_multipart *m, size_t number,
				    const struct s3_body *body,
				    const struct http_progress *progress,
				    struct fp_error *err);
/*
 * CompleteMultipartUpload with all parts, the size and the checksum of the whole, which
 * S3 compares with its own. `out` gets what was stored. Success, too, when an answer that
 * was lost had completed it.
 */
FP_MUST_CHECK int s3_multipart_complete(struct s3_multipart *m, struct s3_result *out,
					struct fp_error *err);
/* AbortMultipartUpload, as well as that can be done; also after Ctrl-C. */
void s3_multipart_abort(struct s3_multipart *m);

#endif
