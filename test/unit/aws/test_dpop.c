/* The proof of RFC 9449, checked with the public key that it carries. */
#include "check_main.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include "aws/credentials/dpop.h"
#include "base/digest.h"
#include "base/json.h"
#include "key.h"

#define URL "https://eu-west-1.signin.aws.amazon.com/v1/token"

static struct buf unbase64url(const char *s, size_t n)
{
	struct buf text = BUF_INIT, out = BUF_INIT;

	buf_add(&text, s, n);
	for (size_t i = 0; i < n; i++) {
		ck_assert(!strchr("+/=", s[i]));
		text.data[i] = s[i] == '-' ? '+' : s[i] == '_' ? '/' : s[i];
	}
	while (text.len % 4)
		buf_putc(&text, '=');
	ck_assert(base64_decode(&out, text.data, text.len));
	buf_release(&text);
	return out;
}

static cJSON *part_as_json(const char *s, size_t n)
{
	struct buf text = unbase64url(s, n);
	cJSON *j = json_parse(buf_str(&text), text.len, "a part", NULL);

	ck_assert(j != NULL);
	buf_release(&text);
	return j;
}

static EVP_PKEY *public_key(const cJSON *header)
{
	const char *x64 = json_str(header, "jwk.x", ""),
		   *y64 = json_str(header, "jwk.y", "");
	struct buf x = unbase64url(x64, strlen(x64)), y = unbase64url(y64, strlen(y64));
	uint8_t point[65] = { 4 };
	char curve[] = "P-256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point,
						  sizeof(point)),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;

	ck_assert_uint_eq(x.len, 32);
	ck_assert_uint_eq(y.len, 32);
	memcpy(point + 1, x.data, 32);
	memcpy(point + 33, y.data, 32);
	ck_assert_int_eq(EVP_PKEY_fromdata_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
	EVP_PKEY_CTX_free(ctx);
	buf_release(&x);
	buf_release(&y);
	return key;
}

static bool signature_is_right(EVP_PKEY *key, const char *text, size_t n,
			       const struct buf *raw)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	const uint8_t *p = (const uint8_t *)raw->data;
	unsigned char *der = NULL;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int len, rc;

	ck_assert_uint_eq(raw->len, 64);
	ck_assert_int_eq(
		ECDSA_SIG_set0(sig, BN_bin2bn(p, 32, NULL), BN_bin2bn(p + 32, 32, NULL)),
		1);
	len = i2d_ECDSA_SIG(sig, &der);
	ck_assert_int_gt(len, 0);
	ck_assert_int_eq(EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key), 1);
	rc = EVP_DigestVerify(ctx, der, (size_t)len, (const uint8_t *)text, n);
	EVP_MD_CTX_free(ctx);
	OPENSSL_free(der);
	ECDSA_SIG_free(sig);
	return rc == 1;
}

/* Many keys and signatures: numbers that begin with zero bytes are padded. */
START_TEST(proofs_verify)
{
	FP_AUTO(freep) char *pem = test_key(_i % 2 ? "EC" : "PKCS8");
	FP_AUTO(freep) char *jwt = NULL;
	const char *dot, *last;
	struct fp_error err = { 0 };
	struct buf signature;
	cJSON *header, *claims;
	EVP_PKEY *key;

	ck_assert_msg(dpop_proof(&jwt, pem, URL, 1767323045678, &err) == 0, "%s",
		      err.message);
	dot = strchr(jwt, '.');
	last = strrchr(jwt, '.');
	header = part_as_json(jwt, (size_t)(dot - jwt));
	claims = part_as_json(dot + 1, (size_t)(last - dot - 1));
	signature = unbase64url(last + 1, strlen(last + 1));
	ck_assert_str_eq(json_str(header, "typ", ""), "dpop+jwt");
	ck_assert_str_eq(json_str(header, "alg", ""), "ES256");
	ck_assert_str_eq(json_str(header, "jwk.kty", ""), "EC");
	ck_assert_str_eq(json_str(header, "jwk.crv", ""), "P-256");
	ck_assert(json_get(header, "jwk.d") == NULL);
	ck_assert_str_eq(json_str(claims, "htm", ""), "POST");
	ck_assert_str_eq(json_str(claims, "htu", ""), URL);
	ck_assert_int_eq(json_int(claims, "iat", 0), 1767323045);
	ck_assert_uint_eq(strlen(json_str(claims, "jti", "")), 36);
	key = public_key(header);
	ck_assert(signature_is_right(key, jwt, (size_t)(last - jwt), &signature));
	/* Another text has another signature. */
	jwt[0] ^= 1;
	ck_assert(!signature_is_right(key, jwt, (size_t)(last - jwt), &signature));
	EVP_PKEY_free(key);
	buf_release(&signature);
	json_freep(&header);
	json_freep(&claims);
}
END_TEST

START_TEST(other_keys_are_refused)
{
	static const char *const wrong[] = {
		"",
		"no key",
		"-----BEGIN EC PRIVATE KEY-----\n-----END EC PRIVATE KEY-----\n",
		"-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n",
		"-----BEGIN EC PRIVATE KEY-----\n****\n-----END EC PRIVATE KEY-----\n",
	};
	FP_AUTO(freep) char *other = test_key(_i == 5 ? "P-384" : "RSA");
	FP_AUTO(freep) char *jwt = NULL;
	struct fp_error err = { 0 };

	ck_assert_int_eq(dpop_proof(&jwt, _i < 5 ? wrong[_i] : other, URL, 0, &err), -1);
	ck_assert_int_eq(err.code, FP_ERR_INPUT);
	ck_assert(jwt == NULL);
}
END_TEST

static Suite *dpop_suite(void)
{
	Suite *s = suite_create("aws/dpop");
	TCase *tc = tcase_create("dpop");

	tcase_add_loop_test(tc, proofs_verify, 0, 64);
	tcase_add_loop_test(tc, other_keys_are_refused, 0, 7);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(dpop_suite)
