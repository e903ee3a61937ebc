/*
 * Zip archives, by libzip. What is written is deterministic: entries sorted,
 * one fixed date, no extra fields, modes kept; the same input gives the same
 * bytes on every machine.
 */
#ifndef FP_PACK_ZIP_H
#define FP_PACK_ZIP_H

#include "base/buf.h"
#include "base/error.h"

struct pack_entry {
	const char *name; /* inside the archive: "bootstrap", "lib/libcurl.so.4" */
	const char *path; /* the file to read, or NULL: */
	const void *data; /* these bytes */
	size_t size;
	unsigned mode; /* 0755, 0644 */
};

/* Append the archive to `out`. */
FP_MUST_CHECK int pack_zip(struct buf *out, const struct pack_entry *entries, size_t n,
			   struct fp_error *err);

/*
 * Unpack into `folder`, which exists. Refuses names that leave it, links, more
 * than 10,000 entries and more than `max_bytes` in sum (FP_ERR_LIMIT); leaves
 * what it wrote for the caller to remove.
 */
FP_MUST_CHECK int pack_unzip(const char *folder, const void *zip, size_t n,
			     int64_t max_bytes, struct fp_error *err);

#endif
