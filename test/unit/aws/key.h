/*
 * Private keys, made for a test and gone with it.
 */
#ifndef FP_TEST_KEY_H
#define FP_TEST_KEY_H

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/error.h"
#include "base/str.h"

/* PEM of a P-256 key as "EC" (SEC 1) or "PKCS8", of a "P-384" or of an "RSA" one. */
static inline char *test_key(const char *kind)
{
	EVP_PKEY *key = str_eq(kind, "RSA")
				? EVP_RSA_gen(2048)
				: EVP_EC_gen(str_eq(kind, "P-384") ? "P-384" : "P-256");
	BIO *out = BIO_new(BIO_s_mem());
	char *data, *pem;
	int rc = str_eq(kind, "EC")
			 ? PEM_write_bio_PrivateKey_traditional(out, key, NULL, NULL, 0,
								NULL, NULL)
			 : PEM_write_bio_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL);
	long n = BIO_get_mem_data(out, &data);

	if (rc != 1 || n <= 0)
		fp_die("OpenSSL makes no key");
	pem = xstrndup(data, (size_t)n);
	BIO_free(out);
	EVP_PKEY_free(key);
	return pem;
}

#endif
