/*
 * What the two services of the machine itself have in common: the document that holds
 * the credentials, and how they are asked (never through a proxy, never for long).
 */
#ifndef FP_AWS_METADATA_H
#define FP_AWS_METADATA_H

#include "aws/credentials/providers.h"
#include "http/client.h"

/* What an answer may hold at most. */
#define METADATA_MAX ((size_t)1 << 20)

/* `timeout_ms` to connect, `total_ms` in all. */
FP_MUST_CHECK int metadata_client(struct http_client **out, const struct cred_context *c,
				  int64_t timeout_ms, int64_t total_ms,
				  struct fp_error *err);
/*
 * Read {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"}. Anything else is
 * FP_ERR_CREDENTIALS, with the document's own {"Code", "Message"} (of any case) if it
 * has them; what is no JSON is FP_ERR_YAML.
 */
FP_MUST_CHECK int metadata_read(struct aws_credentials *out, const char *text, size_t n,
				struct fp_error *err);
/* Fail with what an answer of another status than 200 says. */
int metadata_refused(const struct http_response *res, struct fp_error *err);

#endif
