/*
 * The checksums that S3 knows: CRC32, CRC32C, CRC64NVME, SHA1, SHA256, SHA512,
 * MD5. The client sends them, the emulator verifies them.
 * Source: S3 User Guide, "Checking object integrity". XXHASH is not among them.
 */
#ifndef FP_WIRE_CHECKSUM_H
#define FP_WIRE_CHECKSUM_H

#include "base/base.h"
#include "base/buf.h"

#define CHECKSUM_HEADER "x-amz-checksum-" /* followed by the algorithm's name */

/* "crc32" and so on, ends with NULL. */
extern const char *const checksum_names[];

struct checksum; /* one being fed */
/* By name, in any case; NULL when there is none of that name. */
struct checksum *checksum_new(const char *name);
/* The name as checksum_names has it: "crc64nvme". */
const char *checksum_name(const struct checksum *c);
/* The header that carries it: "x-amz-checksum-crc64nvme". */
const char *checksum_header(const struct checksum *c);
/* The length of its value: base64 of the big-endian bytes. */
size_t checksum_text_len(const struct checksum *c);
void checksum_update(struct checksum *c, const void *data, size_t n);
/* Append what the header carries, and begin anew. */
void checksum_final(struct checksum *c, struct buf *out);
void checksum_reset(struct checksum *c);
void checksum_freep(struct checksum **c);

/*
 * As if the `size` bytes whose checksum is `text` had been fed: the whole's comes
 * from the parts', computed at the same time or in another run. False when `text` is
 * no checksum of this algorithm, or the algorithm is no CRC (nothing changes then).
 */
FP_MUST_CHECK bool checksum_append(struct checksum *c, const char *text, uint64_t size);

#endif
