#include "wire/checksum.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/str.h"
#include "wire/crc.h"

#define MAX_BYTES 64 /* of SHA-512 */

const char *const checksum_names[] = { "crc32",	 "crc32c", "crc64nvme", "sha1",
				       "sha256", "sha512", "md5",	NULL };

/* In the order of the names. */
static const struct algorithm {
	const char *header;
	const char *digest; /* NULL: a CRC */
	enum crc_kind crc;
	size_t size;	 /* bytes */
	uint64_t invert; /* of the register, at the start and at the end */
} algorithms[] = {
	{ CHECKSUM_HEADER "crc32", NULL, CRC_32, 4, UINT32_MAX },
	{ CHECKSUM_HEADER "crc32c", NULL, CRC_32C, 4, UINT32_MAX },
	{ CHECKSUM_HEADER "crc64nvme", NULL, CRC_64NVME, 8, UINT64_MAX },
	{ CHECKSUM_HEADER "sha1", "SHA1", CRC_KINDS, 20, 0 },
	{ CHECKSUM_HEADER "sha256", "SHA256", CRC_KINDS, SHA256_LEN, 0 },
	{ CHECKSUM_HEADER "sha512", "SHA512", CRC_KINDS, MAX_BYTES, 0 },
	{ CHECKSUM_HEADER "md5", "MD5", CRC_KINDS, MD5_LEN, 0 },
};

struct checksum {
	const struct algorithm *is;
	uint64_t reg; /* of a CRC */
	struct digest *digest;
};

struct checksum *checksum_new(const char *name)
{
	size_t i = 0;
	struct checksum *c;

	while (checksum_names[i] && !str_ieq(checksum_names[i], name))
		i++;
	if (!checksum_names[i])
		return NULL;
	c = xcalloc(1, sizeof(*c));
	c->is = &algorithms[i];
	c->reg = c->is->invert;
	if (c->is->digest)
		c->digest = digest_new(c->is->digest);
	return c;
}

const char *checksum_name(const struct checksum *c)
{
	return checksum_names[c->is - algorithms];
}

const char *checksum_header(const struct checksum *c)
{
	return c->is->header;
}

size_t checksum_text_len(const struct checksum *c)
{
	return (c->is->size + 2) / 3 * 4;
}

void checksum_update(struct checksum *c, const void *data, size_t n)
{
	if (c->digest)
		digest_update(c->digest, data, n);
	else
		c->reg = crc_advance(c->is->crc, c->reg, data, n);
}

void checksum_reset(struct checksum *c)
{
	c->reg = c->is->invert;
	if (c->digest) {
		uint8_t unused[MAX_BYTES];

		(void)digest_final(c->digest, unused);
	}
}

void checksum_final(struct checksum *c, struct buf *out)
{
	uint64_t crc = c->reg ^ c->is->invert;
	uint8_t bytes[MAX_BYTES];
	size_t n = c->is->size;

	if (c->digest)
		n = digest_final(c->digest, bytes);
	else
		for (size_t i = 0; i < n; i++)
			bytes[i] = (uint8_t)(crc >> (8 * (n - 1 - i)));
	base64_encode(out, bytes, n);
	c->reg = c->is->invert;
}

bool checksum_append(struct checksum *c, const char *text, uint64_t size)
{
	FP_AUTO(buf_release) struct buf bytes = BUF_INIT;
	uint64_t next = 0;

	if (c->digest || !base64_decode(&bytes, text, strlen(text)) ||
	    bytes.len != c->is->size)
		return false;
	for (size_t i = 0; i < bytes.len; i++)
		next = next << 8 | (uint8_t)bytes.data[i];
	/* Both inversions of the second cancel what the first's final one leaves. */
	c->reg = crc_shift(c->is->crc, c->reg ^ c->is->invert, size) ^ next ^
		 c->is->invert;
	return true;
}

void checksum_freep(struct checksum **c)
{
	if (!*c)
		return;
	digest_freep(&(*c)->digest);
	free(*c);
	*c = NULL;
}
