/*
 * Bodies to send: a part of a file, bytes in memory.
 */
#ifndef FP_WIRE_SOURCE_H
#define FP_WIRE_SOURCE_H

#include "wire/message.h"

/*
 * `size` bytes of a file from `offset`, read where they stand: several ranges may
 * share a descriptor, in several threads. Not closed here. A file that became shorter
 * is FP_ERR_IO.
 */
struct source_range {
	int fd;
	int64_t offset, size;
	int64_t at; /* read so far */
};
/* The range is borrowed while the source is used. */
struct http_source source_file(struct source_range *range);

/* Bytes that are borrowed. */
struct source_bytes {
	const void *data;
	size_t size;
	size_t at; /* read so far */
};
struct http_source source_memory(struct source_bytes *bytes);

/* Read exactly `n` bytes; a source that ends before is FP_ERR_IO. */
FP_MUST_CHECK int source_read_all(const struct http_source *s, void *out, size_t n,
				  struct fp_error *err);

#endif
