/*
 * Bodies to send that stand in memory, and reading sources whole.
 */
#ifndef FP_WIRE_SOURCE_H
#define FP_WIRE_SOURCE_H

#include "wire/message.h"

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
