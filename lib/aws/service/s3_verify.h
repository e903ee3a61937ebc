/*
 * Whether the bytes that came are the object's: by its checksum, of the whole or of the
 * parts in which it was uploaded.
 * Source: S3 User Guide, "Checking object integrity".
 */
#ifndef FP_AWS_S3_VERIFY_H
#define FP_AWS_S3_VERIFY_H

#include "aws/service/s3_request.h"

/* Whether the checksum of the whole comes of those of any pieces. */
bool s3_verify_combines(const struct s3_object *o);
/* Compare a computed checksum with S3's. FP_ERR_PROTOCOL when they differ. */
FP_MUST_CHECK int s3_verify_text(const struct s3_target *t, const struct s3_object *o,
				 const char *computed, struct s3_result *out,
				 struct fp_error *err);
/*
 * Read the file and compare. A checksum of parts needs their sizes, which S3 is asked
 * for; without any checksum there is nothing to compare, and out->checksum stays "".
 */
FP_MUST_CHECK int s3_verify(const struct s3_target *t, const struct s3_object *o,
			    const struct s3_body *file, struct s3_result *out,
			    struct fp_error *err);
/* What the result says of the object. */
void s3_verify_result(struct s3_result *out, const struct s3_object *o);

#endif
