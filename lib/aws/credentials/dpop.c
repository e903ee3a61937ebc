#include "aws/credentials/dpop.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/str.h"

#define COORDINATE_LEN 32 /* of P-256, and of each half of a signature */

static void free_key(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

static void free_number(BIGNUM **n)
{
	BN_free(*n);
}

static void free_signature(ECDSA_SIG **s)
{
	ECDSA_SIG_free(*s);
}

static void free_digest(EVP_MD_CTX **d)
{
	EVP_MD_CTX_free(*d);
}

/* base64url without padding. */
static void encode(struct buf *out, const void *data, size_t n)
{
	size_t start = out->len;

	base64_encode(out, data, n);
	while (out->len > start && out->data[out->len - 1] == '=')
		buf_truncate(out, out->len - 1);
	for (char *p = out->data + start; *p; p++)
		*p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
}

/* As botocore: what stands between the lines of dashes, whatever these say. */
static EVP_PKEY *read_key(const char *pem)
{
	FP_AUTO(buf_wipe) struct buf text = BUF_INIT;
	FP_AUTO(buf_wipe) struct buf der = BUF_INIT;
	const unsigned char *p;

	buf_reserve(&text, strlen(pem));
	for (size_t n; *pem; pem += n + (pem[n] != '\0')) {
		n = strcspn(pem, "\r\n");
		if (!str_starts(pem, "-----"))
			buf_add(&text, pem, n);
	}
	buf_reserve(&der, text.len);
	if (!text.len || !base64_decode(&der, buf_str(&text), text.len))
		return NULL;
	p = (const unsigned char *)der.data;
	return d2i_AutoPrivateKey(NULL, &p, (long)der.len);
}

static bool is_p256(const EVP_PKEY *key)
{
	char name[64] = "";

	return EVP_PKEY_is_a(key, "EC") &&
	       EVP_PKEY_get_group_name(key, name, sizeof(name), NULL) == 1 &&
	       str_eq(name, SN_X9_62_prime256v1);
}

static bool set_coordinate(cJSON *jwk, const char *name, const EVP_PKEY *key,
			   const char *parameter)
{
	FP_AUTO(free_number) BIGNUM *n = NULL;
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	uint8_t bytes[COORDINATE_LEN];

	if (EVP_PKEY_get_bn_param(key, parameter, &n) != 1 ||
	    BN_bn2binpad(n, bytes, sizeof(bytes)) != sizeof(bytes))
		return false;
	encode(&text, bytes, sizeof(bytes));
	json_set_str(jwk, name, buf_str(&text));
	return true;
}

static bool add_header(struct buf *out, const EVP_PKEY *key)
{
	FP_AUTO(json_freep) cJSON *header = cJSON_CreateObject();
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	cJSON *jwk;

	json_set_str(header, "typ", "dpop+jwt");
	json_set_str(header, "alg", "ES256");
	jwk = json_set_object(header, "jwk");
	json_set_str(jwk, "kty", "EC");
	json_set_str(jwk, "crv", "P-256");
	if (!set_coordinate(jwk, "x", key, OSSL_PKEY_PARAM_EC_PUB_X) ||
	    !set_coordinate(jwk, "y", key, OSSL_PKEY_PARAM_EC_PUB_Y))
		return false;
	json_print(&text, header);
	encode(out, text.data, text.len);
	return true;
}

static void add_claims(struct buf *out, const char *url, int64_t now_ms)
{
	FP_AUTO(json_freep) cJSON *claims = cJSON_CreateObject();
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	char id[37];

	random_uuid(id);
	json_set_str(claims, "htm", "POST");
	json_set_str(claims, "htu", url);
	json_set_int(claims, "iat", now_ms / 1000);
	json_set_str(claims, "jti", id);
	json_print(&text, claims);
	encode(out, text.data, text.len);
}

/* JOSE has the two numbers one behind the other where OpenSSL has DER. */
static bool add_signature(struct buf *out, EVP_PKEY *key, const struct buf *signing_input)
{
	FP_AUTO(free_digest) EVP_MD_CTX *digest = EVP_MD_CTX_new();
	FP_AUTO(free_signature) ECDSA_SIG *signature = NULL;
	uint8_t der[128], raw[2 * COORDINATE_LEN];
	const unsigned char *p = der;
	size_t n = sizeof(der);

	if (!digest || EVP_DigestSignInit(digest, NULL, EVP_sha256(), NULL, key) != 1 ||
	    EVP_DigestSign(digest, der, &n, (const unsigned char *)signing_input->data,
			   signing_input->len) != 1)
		return false;
	signature = d2i_ECDSA_SIG(NULL, &p, (long)n);
	if (!signature ||
	    BN_bn2binpad(ECDSA_SIG_get0_r(signature), raw, COORDINATE_LEN) < 0 ||
	    BN_bn2binpad(ECDSA_SIG_get0_s(signature), raw + COORDINATE_LEN,
			 COORDINATE_LEN) < 0)
		return false;
	encode(out, raw, sizeof(raw));
	return true;
}

int dpop_proof(char **out, const char *pem, const char *url, int64_t now_ms,
	       struct fp_error *err)
{
	FP_AUTO(free_key) EVP_PKEY *key = read_key(pem);
	FP_AUTO(buf_release) struct buf jwt = BUF_INIT;
	FP_AUTO(buf_release) struct buf signature = BUF_INIT;

	if (!key || !is_p256(key))
		return fp_fail(err, FP_ERR_INPUT, "the key is no P-256 private key");
	if (!add_header(&jwt, key))
		return fp_fail(err, FP_ERR_INPUT, "the key has no public part");
	buf_putc(&jwt, '.');
	add_claims(&jwt, url, now_ms);
	if (!add_signature(&signature, key, &jwt))
		return fp_fail(err, FP_ERR_INTERNAL, "OpenSSL cannot sign with the key");
	buf_putc(&jwt, '.');
	buf_add(&jwt, signature.data, signature.len);
	*out = buf_detach(&jwt);
	return 0;
}
