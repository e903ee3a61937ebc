/*
 * The reflected CRCs of S3's checksums, as registers: no inversion before or after.
 * Source: the polynomials of IEEE 802.3, RFC 3720 (Castagnoli) and NVM Express
 * (64 bit). For lib/wire/checksum.c only.
 */
#ifndef FP_WIRE_CRC_H
#define FP_WIRE_CRC_H

#include "base/base.h"

enum crc_kind { CRC_32, CRC_32C, CRC_64NVME, CRC_KINDS };

/* The register after `n` more bytes. */
uint64_t crc_advance(enum crc_kind kind, uint64_t reg, const void *data, size_t n);
/* The register after `n` zero bytes: how a CRC moves when others follow. */
uint64_t crc_shift(enum crc_kind kind, uint64_t reg, uint64_t n);

#endif
