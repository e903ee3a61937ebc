#include "emulator/checksum.h"

#include <pthread.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/str.h"

/* Both reflected. */
#define CRC32C_POLY    0x82F63B78U
#define CRC64NVME_POLY 0x9A6C9329AC4BC9B5ULL

const char *const checksum_names[] = { "crc32", "crc32c", "crc64nvme",
				       "sha1",	"sha256", NULL };

enum kind { CRC32, CRC32C, CRC64NVME, SHA1, SHA256 };

struct checksum {
	enum kind kind;
	uint64_t crc;
	struct digest *digest;
};

/* Eight bytes a step: table[k] advances a byte that k others follow. */
static uint64_t crc32c_table[8][256], crc64_table[8][256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_table(uint64_t table[8][256], uint64_t poly)
{
	for (unsigned i = 0; i < 256; i++) {
		uint64_t v = i;

		for (int bit = 0; bit < 8; bit++)
			v = v & 1 ? (v >> 1) ^ poly : v >> 1;
		table[0][i] = v;
	}
	for (unsigned i = 0; i < 256; i++)
		for (unsigned k = 1; k < 8; k++)
			table[k][i] = (table[k - 1][i] >> 8) ^
				      table[0][table[k - 1][i] & 0xff];
}

static void make_tables(void)
{
	make_table(crc32c_table, CRC32C_POLY);
	make_table(crc64_table, CRC64NVME_POLY);
}

static uint64_t advance(uint64_t table[8][256], uint64_t crc, const uint8_t *p, size_t n)
{
	for (; n >= 8; n -= 8, p += 8) {
		uint64_t v = crc, next = 0;

		for (unsigned i = 0; i < 8; i++)
			v ^= (uint64_t)p[i] << (8 * i);
		for (unsigned i = 0; i < 8; i++)
			next ^= table[7 - i][(v >> (8 * i)) & 0xff];
		crc = next;
	}
	for (; n; n--, p++)
		crc = (crc >> 8) ^ table[0][(crc ^ *p) & 0xff];
	return crc;
}

static void reset(struct checksum *c)
{
	static const uint64_t start[] = {
		[CRC32C] = 0xffffffffU, [CRC64NVME] = UINT64_MAX
	};

	c->crc = c->kind == CRC32C || c->kind == CRC64NVME ? start[c->kind] : 0;
}

struct checksum *checksum_new(const char *name)
{
	size_t kind = 0;
	struct checksum *c;

	while (checksum_names[kind] && !str_ieq(checksum_names[kind], name))
		kind++;
	if (!checksum_names[kind])
		return NULL;
	(void)pthread_once(&once, make_tables);
	c = xcalloc(1, sizeof(*c));
	c->kind = (enum kind)kind;
	if (c->kind == SHA1 || c->kind == SHA256)
		c->digest = digest_new(c->kind == SHA1 ? "SHA1" : "SHA256");
	reset(c);
	return c;
}

const char *checksum_name(const struct checksum *c)
{
	return checksum_names[c->kind];
}

void checksum_update(struct checksum *c, const void *data, size_t n)
{
	if (c->digest)
		digest_update(c->digest, data, n);
	else if (c->kind == CRC32)
		c->crc = crc32_update((uint32_t)c->crc, data, n);
	else
		c->crc = advance(c->kind == CRC32C ? crc32c_table : crc64_table, c->crc,
				 data, n);
}

void checksum_final(struct checksum *c, struct buf *out)
{
	uint8_t bytes[64];
	size_t n = c->kind == CRC64NVME ? 8 : 4;
	uint64_t crc = c->kind == CRC32 ? c->crc : ~c->crc;

	if (c->digest)
		n = digest_final(c->digest, bytes);
	else
		for (size_t i = 0; i < n; i++)
			bytes[i] = (uint8_t)(crc >> (8 * (n - 1 - i)));
	base64_encode(out, bytes, n);
	reset(c);
}

void checksum_freep(struct checksum **c)
{
	if (!*c)
		return;
	digest_freep(&(*c)->digest);
	free(*c);
	*c = NULL;
}
