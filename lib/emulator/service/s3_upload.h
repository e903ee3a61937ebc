/*
 * Uploads in parts: what s3_multipart.c and s3_parts.c share.
 */
#ifndef FP_EMULATOR_S3_UPLOAD_H
#define FP_EMULATOR_S3_UPLOAD_H

#include "emulator/service/s3.h"

/* An upload that was begun; texts and JSON are owned. */
struct s3_upload {
	char *id;
	char *algorithm;     /* of its checksums, "crc32"; or NULL */
	char *checksum_type; /* "COMPOSITE" or "FULL_OBJECT" */
	cJSON *headers, *tags;
};
void s3_upload_release(struct s3_upload *u);
/* The one that the request names; -1 with NoSuchUpload. */
int s3_upload_find(struct s3_request *r, struct s3_upload *u);
/* Forget it and its parts; in a transaction. */
int s3_upload_drop(struct s3_request *r, const struct s3_upload *u);

#endif
