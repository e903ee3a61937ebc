#include "emulator/body_checksum.h"

#include <string.h>

#include "base/str.h"

#define ADDED_BY_S3 "crc64nvme"
#define SDK_HEADER  "x-amz-sdk-checksum-algorithm"

/* S3 knows them, the emulator does not. */
static const char *const not_computed[] = { "xxhash64", "xxhash3", "xxhash128" };

/* There such a header speaks of the object that the parts make. */
static bool completes_upload(const struct http_request *http)
{
	return str_eq(http->method, "POST") && strstr(http->query, "uploadId=");
}

static bool is_named(const struct http_headers *headers, const char *algorithm)
{
	FP_AUTO(freep) char *name = xasprintf(CHECKSUM_HEADER "%s", algorithm);
	const char *trailer = headers_get(headers, "x-amz-trailer");

	return headers_get(headers, name) || (trailer && str_ieq(trailer, name));
}

/* What the SDK says that it uses must be what it uses. */
static int check_sdk(const struct body *b, const struct http_headers *headers,
		     struct fault *f)
{
	const char *algorithm = headers_get(headers, SDK_HEADER);

	if (!algorithm)
		return 0;
	if (!b->checksum)
		return fault_set(f, 400, "InvalidRequest",
				 SDK_HEADER
				 " specified, but no corresponding x-amz-checksum-* or "
				 "x-amz-trailer headers were found.");
	if (!str_ieq(algorithm, checksum_name(b->checksum)))
		return fault_set(f, 400, "InvalidRequest",
				 "Value for " SDK_HEADER " header is invalid.");
	return 0;
}

int body_declare_checksum(struct body *b, const struct http_request *http,
			  struct fault *f)
{
	const struct http_headers *headers = &http->headers;

	if (completes_upload(http))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(not_computed); i++)
		if (is_named(headers, not_computed[i]))
			return fault_set(f, 501, "NotImplemented",
					 "the emulator computes no %s: use crc64nvme",
					 not_computed[i]);
	for (size_t i = 0; checksum_names[i]; i++) {
		if (!is_named(headers, checksum_names[i]))
			continue;
		if (b->checksum)
			return fault_set(f, 400, "InvalidRequest",
					 "Expecting a single x-amz-checksum- header. "
					 "Multiple checksum Types are not allowed.");
		b->checksum = checksum_new(checksum_names[i]);
	}
	if (check_sdk(b, headers, f) < 0)
		return -1;
	b->checksum_added = !b->checksum;
	if (!b->checksum)
		b->checksum = checksum_new(ADDED_BY_S3);
	return 0;
}

static int check_sha256(const struct body *b, const struct http_headers *headers,
			struct fault *f)
{
	const char *hash = headers_get(headers, CONTENT_SHA256);

	if (!hash || b->chunked || str_eq(hash, SIGV4_UNSIGNED_PAYLOAD) ||
	    str_ieq(hash, b->sha256_hex))
		return 0;
	return fault_set(f, 400, "XAmzContentSHA256Mismatch",
			 "the provided '" CONTENT_SHA256 "' header does not match what "
			 "was computed: %s",
			 b->sha256_hex);
}

static int check_md5(const uint8_t md5[MD5_LEN], const struct http_headers *headers,
		     struct fault *f)
{
	FP_AUTO(buf_release) struct buf want = BUF_INIT;
	const char *header = headers_get(headers, "Content-MD5");

	if (!header)
		return 0;
	if (!base64_decode(&want, header, strlen(header)) || want.len != MD5_LEN)
		return fault_set(f, 400, "InvalidDigest",
				 "the Content-MD5 you specified was invalid");
	if (memcmp(want.data, md5, MD5_LEN) != 0)
		return fault_set(f, 400, "BadDigest",
				 "the Content-MD5 you specified did not match what was "
				 "received");
	return 0;
}

int body_check_digests(struct body *b, const struct http_headers *headers,
		       const uint8_t md5[MD5_LEN], struct fault *f)
{
	return check_sha256(b, headers, f) < 0 ? -1 : check_md5(md5, headers, f);
}

/* A trailer is one that the headers, which are signed, announce. */
static int check_trailers(const struct body *b, const struct http_headers *headers,
			  struct fault *f)
{
	const char *announced = headers_get(headers, "x-amz-trailer");

	for (size_t i = 0; i < b->trailers.n; i++)
		if (!announced || !str_ieq(b->trailers.v[i].name, announced))
			return fault_set(f, 400, "MalformedTrailerError",
					 "the trailer %.100s was sent and not announced",
					 b->trailers.v[i].name);
	return 0;
}

static int compare(const struct body *b, const char *sent, struct fault *f)
{
	FP_AUTO(buf_release) struct buf bytes = BUF_INIT;
	const char *name = checksum_header(b->checksum);

	if (strlen(sent) != checksum_text_len(b->checksum) ||
	    !base64_decode(&bytes, sent, strlen(sent)))
		return fault_set(f, 400, "InvalidRequest",
				 "Value for %s header is invalid.", name);
	if (!str_eq(sent, b->checksum_text))
		return fault_set(f, 400, "BadDigest",
				 "the %s you specified did not match the calculated "
				 "checksum %s",
				 name, b->checksum_text);
	return 0;
}

int body_check_checksum(struct body *b, const struct http_headers *headers,
			struct fault *f)
{
	FP_AUTO(buf_release) struct buf got = BUF_INIT;
	const char *sent;

	if (check_trailers(b, headers, f) < 0)
		return -1;
	if (!b->checksum)
		return 0;
	checksum_final(b->checksum, &got);
	(void)snprintf(b->checksum_text, sizeof(b->checksum_text), "%s", buf_str(&got));
	if (b->checksum_added)
		return 0;
	sent = headers_get(headers, checksum_header(b->checksum));
	if (!sent)
		sent = headers_get(&b->trailers, checksum_header(b->checksum));
	if (!sent)
		return fault_set(f, 400, "MalformedTrailerError",
				 "the trailer %s was announced and not sent",
				 checksum_header(b->checksum));
	return compare(b, sent, f);
}
