#include "base/digest.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/str.h"

#define READ_SIZE ((size_t)64 << 10)

struct digest {
	EVP_MD_CTX *ctx;
	const EVP_MD *algorithm;
};

/*
 * OpenSSL 3 looks an algorithm up by name in every one-shot call, which costs
 * more than hashing a header does: they are fetched once a process.
 */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct {
	const char *name;
	EVP_MD *md;
} algorithms[] = {
	{ "SHA256", NULL }, { "SHA1", NULL }, { "SHA512", NULL }, { "MD5", NULL }
};
static EVP_MAC_CTX *hmac_template; /* HMAC-SHA256 without a key */

static void fetch_algorithms(void)
{
	char name[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);

	for (size_t i = 0; i < ARRAY_SIZE(algorithms); i++)
		algorithms[i].md = EVP_MD_fetch(NULL, algorithms[i].name, NULL);
	hmac_template = mac ? EVP_MAC_CTX_new(mac) : NULL;
	if (!hmac_template || EVP_MAC_CTX_set_params(hmac_template, params) != 1)
		fp_die("OpenSSL offers no HMAC-SHA256");
	EVP_MAC_free(mac);
}

static const EVP_MD *algorithm_named(const char *name)
{
	const EVP_MD *md = NULL;

	(void)pthread_once(&once, fetch_algorithms);
	for (size_t i = 0; i < ARRAY_SIZE(algorithms); i++)
		if (str_eq(algorithms[i].name, name))
			md = algorithms[i].md;
	if (!md)
		fp_die("OpenSSL offers no %s", name);
	return md;
}

static void must(int rc)
{
	if (rc != 1)
		fp_die("OpenSSL cannot compute a digest");
}

struct digest *digest_new(const char *algorithm)
{
	struct digest *d = xmalloc(sizeof(*d));

	d->algorithm = algorithm_named(algorithm);
	d->ctx = EVP_MD_CTX_new();
	must(d->ctx && EVP_DigestInit_ex2(d->ctx, d->algorithm, NULL) == 1);
	return d;
}

void digest_update(struct digest *d, const void *data, size_t n)
{
	must(EVP_DigestUpdate(d->ctx, data, n));
}

size_t digest_final(struct digest *d, uint8_t *out)
{
	unsigned n = 0;

	must(EVP_DigestFinal_ex(d->ctx, out, &n));
	must(EVP_DigestInit_ex2(d->ctx, d->algorithm, NULL));
	return n;
}

void digest_freep(struct digest **d)
{
	if (!*d)
		return;
	EVP_MD_CTX_free((*d)->ctx);
	free(*d);
	*d = NULL;
}

void sha256(uint8_t out[SHA256_LEN], const void *data, size_t n)
{
	must(EVP_Digest(data, n, out, NULL, algorithm_named("SHA256"), NULL));
}

bool hex_decode(uint8_t *out, const char *hex, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		const char *high = hex[2 * i] ? strchr(digits, hex[2 * i]) : NULL;
		const char *low = high && hex[2 * i + 1] ? strchr(digits, hex[2 * i + 1])
							 : NULL;

		if (!low)
			return false;
		out[i] = (uint8_t)((high - digits) << 4 | (low - digits));
	}
	return true;
}

void sha256_hex(char out[SHA256_HEX_LEN], const void *data, size_t n)
{
	uint8_t sum[SHA256_LEN];

	sha256(sum, data, n);
	hex_encode(out, sum, sizeof(sum));
}

int sha256_fd_hex(char out[SHA256_HEX_LEN], int fd, struct fp_error *err)
{
	FP_AUTO(digest_freep) struct digest *d = digest_new("SHA256");
	FP_AUTO(freep) char *chunk = xmalloc(READ_SIZE);
	uint8_t sum[SHA256_LEN];
	ssize_t n;

	for (;;) {
		n = fault_point("read") ? -1 : read(fd, chunk, READ_SIZE);
		if (n == 0)
			break;
		if (n > 0)
			digest_update(d, chunk, (size_t)n);
		else if (errno != EINTR)
			return fp_fail_errno(err, "cannot read a file for its digest");
	}
	(void)digest_final(d, sum);
	hex_encode(out, sum, sizeof(sum));
	return 0;
}

void hmac_sha256(uint8_t out[SHA256_LEN], const void *key, size_t nkey, const void *data,
		 size_t n)
{
	EVP_MAC_CTX *ctx;
	size_t len = 0;

	(void)pthread_once(&once, fetch_algorithms);
	ctx = EVP_MAC_CTX_dup(hmac_template);
	/* A NULL key would mean "the one set before". */
	must(ctx && EVP_MAC_init(ctx, key ? key : out, key ? nkey : 0, NULL) == 1);
	must(EVP_MAC_update(ctx, data, n));
	must(EVP_MAC_final(ctx, out, &len, SHA256_LEN));
	EVP_MAC_CTX_free(ctx);
}

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct buf *out, const void *data, size_t n)
{
	const uint8_t *p = data;

	buf_reserve(out, (n + 2) / 3 * 4);
	for (size_t i = 0; i < n; i += 3) {
		size_t left = n - i;
		uint32_t v = (uint32_t)p[i] << 16;

		v |= left > 1 ? (uint32_t)p[i + 1] << 8 : 0;
		v |= left > 2 ? p[i + 2] : 0;
		buf_putc(out, base64_digits[v >> 18]);
		buf_putc(out, base64_digits[v >> 12 & 63]);
		buf_putc(out, left > 1 ? base64_digits[v >> 6 & 63] : '=');
		buf_putc(out, left > 2 ? base64_digits[v & 63] : '=');
	}
}

static int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool base64_decode(struct buf *out, const char *s, size_t n)
{
	size_t start = out->len, digits = n;

	if (n % 4)
		return false;
	while (digits && n - digits < 2 && s[digits - 1] == '=')
		digits--;
	buf_reserve(out, n / 4 * 3);
	for (size_t i = 0; i < n; i += 4) {
		size_t here = FP_MIN((size_t)4, digits - i);
		uint32_t v = 0;

		for (size_t k = 0; k < 4; k++) {
			int d = k < here ? base64_value(s[i + k]) : 0;

			if (d < 0) {
				buf_truncate(out, start);
				return false;
			}
			v = v << 6 | (uint32_t)d;
		}
		for (size_t k = 0; k + 1 < here; k++)
			buf_putc(out, (char)(v >> (16 - 8 * k) & 255));
	}
	return true;
}

void random_bytes(void *out, size_t n)
{
	uint8_t *p = out;

	while (n) {
		size_t k = FP_MIN(n, (size_t)256); /* getentropy's limit */

		if (getentropy(p, k) < 0)
			fp_die("the system gives no random bytes: %s", strerror(errno));
		p += k;
		n -= k;
	}
}

void random_uuid(char out[37])
{
	static const size_t groups[] = { 4, 2, 2, 2, 6 };
	uint8_t id[16], *p = id;

	random_bytes(id, sizeof(id));
	id[6] = (uint8_t)((id[6] & 0x0f) | 0x40); /* RFC 9562: version 4 */
	id[8] = (uint8_t)((id[8] & 0x3f) | 0x80); /* and its variant */
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		if (i)
			*out++ = '-';
		hex_encode(out, p, groups[i]);
		p += groups[i];
		out += 2 * groups[i];
	}
}
