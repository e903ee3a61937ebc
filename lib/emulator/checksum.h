/*
 * The checksums that S3 knows: CRC32, CRC32C, CRC64NVME, SHA1, SHA256.
 * Source: S3 User Guide, "Checking object integrity".
 */
#ifndef FP_EMULATOR_CHECKSUM_H
#define FP_EMULATOR_CHECKSUM_H

#include "base/base.h"
#include "base/buf.h"

#define CHECKSUM_HEADER "x-amz-checksum-" /* followed by the algorithm's name */

/* "crc32" and so on, ends with NULL. */
extern const char *const checksum_names[];

struct checksum; /* one being fed */
/* By name, in any case; NULL when there is none of that name. */
struct checksum *checksum_new(const char *name);
/* The name as checksum_names has it. */
const char *checksum_name(const struct checksum *c);
void checksum_update(struct checksum *c, const void *data, size_t n);
/* Append what the header carries (base64 of the big-endian bytes), and reset. */
void checksum_final(struct checksum *c, struct buf *out);
void checksum_freep(struct checksum **c);

#endif
