/*
 * Digests and encodings, on OpenSSL. They cannot fail on good input:
 * a library that refuses SHA-256 aborts.
 */
#ifndef FP_DIGEST_H
#define FP_DIGEST_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"

#define SHA256_LEN     32
#define SHA256_HEX_LEN 65 /* with the NUL */
#define MD5_LEN	       16

/* The digest of nothing, as SigV4 wants it for an empty body. */
#define SHA256_EMPTY_HEX \
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

struct digest;					  /* a digest being fed */
struct digest *digest_new(const char *algorithm); /* "SHA256", "SHA1", "SHA512", "MD5" */
void digest_update(struct digest *d, const void *data, size_t n);
/* Writes the digest's bytes and resets it; returns their number. */
size_t digest_final(struct digest *d, uint8_t *out);
void digest_freep(struct digest **d); /* for FP_AUTO, and by hand */

void sha256(uint8_t out[SHA256_LEN], const void *data, size_t n);
void sha256_hex(char out[SHA256_HEX_LEN], const void *data, size_t n);
/* The file's bytes from where it stands; reads it to the end. */
int sha256_fd_hex(char out[SHA256_HEX_LEN], int fd, struct fp_error *err);
void hmac_sha256(uint8_t out[SHA256_LEN], const void *key, size_t nkey, const void *data,
		 size_t n);

void base64_encode(struct buf *out, const void *data, size_t n);
/* Appends; false when `s` is not base64 (nothing is appended then). */
bool base64_decode(struct buf *out, const char *s, size_t n);

/* n bytes of 2 n digits in lower case; false when there are others. */
bool hex_decode(uint8_t *out, const char *hex, size_t n);

/* n random bytes from the system. */
void random_bytes(void *out, size_t n);
/* "6fa459ea-ee8a-4ca4-894e-db77e160355e"; `out` holds 37 bytes. */
void random_uuid(char out[37]);

#endif
