/* In place of S3, for lambda_world.h: one object, the code. */
#ifndef FP_TEST_LAMBDA_S3_H
#define FP_TEST_LAMBDA_S3_H

static int object_path(struct call *c, const cJSON *in, cJSON *out);

static const struct operation s3_operations[] = { { "GetObjectPath", object_path },
						  { NULL, NULL } };
static const struct service lambda_s3 = { .name = "s3", .operations = s3_operations };

#endif
