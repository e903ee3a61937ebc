/*
 * Encryption: AES-256-GCM, with the encryption context as additional data. A
 * ciphertext is a version, the key's id, the nonce, the bytes and their tag.
 */
#include <openssl/evp.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/common.h"
#include "emulator/service/kms.h"

#define VERSION	   1
#define ID_BYTES   36
#define NONCE	   12
#define TAG	   16
#define HEAD	   (1 + ID_BYTES + NONCE)
#define MAX_PLAIN  4096
#define MAX_CIPHER 6144
#define MAX_KEY	   1024

static int compare_members(const void *a, const void *b)
{
	const cJSON *const *x = a, *const *y = b;

	return strcmp((*x)->string, (*y)->string);
}

/* The context's pairs in one order, and the key's id: what must be the same again. */
static void put_context(struct buf *out, const struct kms_key *k, const cJSON *context)
{
	size_t n = (size_t)cJSON_GetArraySize(context), i = 0;
	FP_AUTO(freep) const cJSON **members = xcalloc(n + 1, sizeof(cJSON *));

	json_each_member (m, context)
		members[i++] = m;
	n = i;
	qsort(members, n, sizeof(*members), compare_members);
	buf_puts(out, k->id);
	for (i = 0; i < n; i++) {
		const char *value = str_or(cJSON_GetStringValue(members[i]), "");

		buf_printf(out, "|%zu:", strlen(members[i]->string));
		buf_puts(out, members[i]->string);
		buf_printf(out, "=%zu:", strlen(value));
		buf_puts(out, value);
	}
}

static bool seal(struct buf *out, const struct kms_key *k, const struct buf *context,
		 const struct buf *plain)
{
	EVP_CIPHER_CTX *x = EVP_CIPHER_CTX_new();
	unsigned char nonce[NONCE], tag[TAG], *to;
	int n = 0, end = 0;
	bool ok;

	random_bytes(nonce, sizeof(nonce));
	buf_putc(out, VERSION);
	buf_puts(out, k->id);
	buf_add(out, nonce, sizeof(nonce));
	buf_fill(out, '\0', plain->len);
	to = (unsigned char *)out->data + HEAD;
	ok = x &&
	     EVP_EncryptInit_ex(x, EVP_aes_256_gcm(), NULL, k->material, nonce) == 1 &&
	     EVP_EncryptUpdate(x, NULL, &n, (const unsigned char *)buf_str(context),
			       (int)context->len) == 1 &&
	     EVP_EncryptUpdate(x, to, &n, (const unsigned char *)buf_str(plain),
			       (int)plain->len) == 1 &&
	     EVP_EncryptFinal_ex(x, to + n, &end) == 1 &&
	     EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_GCM_GET_TAG, TAG, tag) == 1;
	EVP_CIPHER_CTX_free(x);
	buf_add(out, tag, sizeof(tag));
	return ok;
}

static bool unseal(struct buf *out, const struct kms_key *k, const struct buf *context,
		   const struct buf *sealed)
{
	const unsigned char *from = (const unsigned char *)sealed->data;
	size_t len = sealed->len - HEAD - TAG;
	EVP_CIPHER_CTX *x = EVP_CIPHER_CTX_new();
	unsigned char tag[TAG];
	int n = 0, end = 0;
	bool ok;

	memcpy(tag, from + sealed->len - TAG, TAG);
	buf_fill(out, '\0', len + 1);
	ok = x &&
	     EVP_DecryptInit_ex(x, EVP_aes_256_gcm(), NULL, k->material,
				from + 1 + ID_BYTES) == 1 &&
	     EVP_DecryptUpdate(x, NULL, &n, (const unsigned char *)buf_str(context),
			       (int)context->len) == 1 &&
	     EVP_DecryptUpdate(x, (unsigned char *)out->data, &n, from + HEAD,
			       (int)len) == 1 &&
	     EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_GCM_SET_TAG, TAG, tag) == 1 &&
	     EVP_DecryptFinal_ex(x, (unsigned char *)out->data + n, &end) == 1;
	EVP_CIPHER_CTX_free(x);
	buf_truncate(out, len);
	return ok;
}

static int read_blob(struct call *c, const cJSON *in, const char *name, size_t max,
		     struct buf *out)
{
	const char *text = json_str(in, name, "");

	if (!base64_decode(out, text, strlen(text)) || !out->len || out->len > max)
		return kms_invalid(c, "%s must be base64 of 1 to %zu bytes", name, max);
	return 0;
}

static void set_blob(cJSON *out, const char *name, const struct buf *bytes)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	base64_encode(&text, bytes->data, bytes->len);
	json_set_str(out, name, buf_str(&text));
}

static int check_algorithm(struct call *c, const cJSON *in)
{
	const char *text = json_str(in, "EncryptionAlgorithm", "SYMMETRIC_DEFAULT");
	const cJSON *context = json_get(in, "EncryptionContext");

	if (json_bool(in, "DryRun", false))
		return fault_set(&c->fault, 501, "NotImplemented",
				 "the emulator does not support DryRun of KMS");
	if (json_get(in, "Recipient"))
		return fault_set(&c->fault, 501, "NotImplemented",
				 "the emulator has no enclaves (Recipient)");
	if (context && !cJSON_IsNull(context) && !cJSON_IsObject(context))
		return fault_set(&c->fault, 400, "SerializationException",
				 "EncryptionContext is no map");
	if (str_eq(text, "SYMMETRIC_DEFAULT"))
		return 0;
	return fault_set(&c->fault, 400, "InvalidKeyUsageException",
			 "%s is no algorithm of a symmetric key", text);
}

static int encrypt(struct call *c, const cJSON *in, const struct kms_key *k,
		   const struct buf *plain, cJSON *out)
{
	FP_AUTO(buf_release) struct buf context = BUF_INIT;
	FP_AUTO(buf_release) struct buf sealed = BUF_INIT;

	put_context(&context, k, json_get(in, "EncryptionContext"));
	if (!seal(&sealed, k, &context, plain))
		return fault_set(&c->fault, 500, "KMSInternalException",
				 "the encryption failed");
	set_blob(out, "CiphertextBlob", &sealed);
	json_set_str(out, "KeyId", kms_arn(k));
	return 0;
}

int kms_Encrypt(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(kms_key_release) struct kms_key k = { 0 };
	FP_AUTO(buf_release) struct buf plain = BUF_INIT;

	if (check_algorithm(c, in) < 0 ||
	    read_blob(c, in, "Plaintext", MAX_PLAIN, &plain) < 0 ||
	    kms_load_usable(c, json_str(in, "KeyId", NULL), &k) < 0 ||
	    encrypt(c, in, &k, &plain, out) < 0)
		return -1;
	json_set_str(out, "EncryptionAlgorithm", "SYMMETRIC_DEFAULT");
	return 0;
}

static int bad_ciphertext(struct call *c)
{
	return fault_set(&c->fault, 400, "InvalidCiphertextException",
			 "the ciphertext, the key and the encryption context do not "
			 "belong together");
}

/* The key that a ciphertext names, which must be the one that is given, if any. */
static int find_key(struct call *c, const cJSON *in, const struct buf *sealed,
		    struct kms_key *k)
{
	const char *given = json_str(in, "KeyId", NULL);
	FP_AUTO(kms_key_release) struct kms_key named = { 0 };
	FP_AUTO(freep) char *id = NULL;

	if (sealed->len < HEAD + TAG || sealed->data[0] != VERSION)
		return bad_ciphertext(c);
	id = xstrndup(sealed->data + 1, ID_BYTES);
	if (strlen(id) != ID_BYTES || strchr(id, '/') || strchr(id, ':'))
		return bad_ciphertext(c);
	if (given) {
		if (kms_load_key(c, given, &named) < 0)
			return -1;
		if (!str_eq(named.id, id))
			return fault_set(&c->fault, 400, "IncorrectKeyException",
					 "The key ID in the request does not identify a "
					 "CMK that can perform this operation.");
	}
	return kms_load_usable(c, id, k);
}

int kms_Decrypt(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(kms_key_release) struct kms_key k = { 0 };
	FP_AUTO(buf_release) struct buf context = BUF_INIT;
	FP_AUTO(buf_release) struct buf sealed = BUF_INIT;
	FP_AUTO(buf_release) struct buf plain = BUF_INIT;

	if (check_algorithm(c, in) < 0 ||
	    read_blob(c, in, "CiphertextBlob", MAX_CIPHER, &sealed) < 0 ||
	    find_key(c, in, &sealed, &k) < 0)
		return -1;
	put_context(&context, &k, json_get(in, "EncryptionContext"));
	if (!unseal(&plain, &k, &context, &sealed))
		return bad_ciphertext(c);
	set_blob(out, "Plaintext", &plain);
	json_set_str(out, "KeyId", kms_arn(&k));
	json_set_str(out, "EncryptionAlgorithm", "SYMMETRIC_DEFAULT");
	return 0;
}

static int64_t key_size(const cJSON *in)
{
	const char *spec = json_str(in, "KeySpec", NULL);

	if (json_get(in, "NumberOfBytes"))
		return spec ? 0 : json_int(in, "NumberOfBytes", 0);
	return str_eq(spec, "AES_256") ? 32 : str_eq(spec, "AES_128") ? 16 : 0;
}

static int generate(struct call *c, const cJSON *in, struct buf *plain, cJSON *out)
{
	FP_AUTO(kms_key_release) struct kms_key k = { 0 };
	int64_t n = key_size(in);

	if (n < 1 || n > MAX_KEY)
		return kms_invalid(c, "exactly one of KeySpec (AES_256, AES_128) and "
				      "NumberOfBytes (1 to 1024) is required");
	if (check_algorithm(c, in) < 0 ||
	    kms_load_usable(c, json_str(in, "KeyId", NULL), &k) < 0)
		return -1;
	buf_fill(plain, '\0', (size_t)n);
	random_bytes(plain->data, plain->len);
	return encrypt(c, in, &k, plain, out);
}

int kms_GenerateDataKey(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(buf_release) struct buf plain = BUF_INIT;

	if (generate(c, in, &plain, out) < 0)
		return -1;
	set_blob(out, "Plaintext", &plain);
	return 0;
}

int kms_GenerateDataKeyWithoutPlaintext(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(buf_release) struct buf plain = BUF_INIT;

	return generate(c, in, &plain, out);
}

static int use_managed(struct call *c, void *arg)
{
	struct kms_key *k = arg;

	return kms_make_managed(c, "alias/aws/s3", k);
}

/* For S3: {KeyId?} -> {Arn} of a key that can be used; without one it is AWS's own,
 * which comes into being by being used. */
int kms_FpctlUseKey(struct call *c, const cJSON *in, cJSON *out)
{
	const char *name = json_str(in, "KeyId", "alias/aws/s3");
	FP_AUTO(kms_key_release) struct kms_key k = { 0 };

	if (kms_load_usable(c, name, &k) < 0) {
		if (!str_eq(name, "alias/aws/s3") ||
		    !str_eq(c->fault.code, "NotFoundException"))
			return -1;
		memset(&c->fault, 0, sizeof(c->fault));
		if (in_transaction(c, use_managed, &k) < 0)
			return -1;
	}
	json_set_str(out, "Arn", kms_arn(&k));
	return 0;
}
