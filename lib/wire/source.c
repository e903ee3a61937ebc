#include "wire/source.h"

#include <string.h>

static ssize_t bytes_read(void *ctx, void *out, size_t n, struct fp_error *err FP_UNUSED)
{
	struct source_bytes *b = ctx;
	size_t got = FP_MIN(n, b->size - b->at);

	if (got)
		memcpy(out, (const char *)b->data + b->at, got);
	b->at += got;
	return (ssize_t)got;
}

static int bytes_rewind(void *ctx, struct fp_error *err FP_UNUSED)
{
	struct source_bytes *b = ctx;

	b->at = 0;
	return 0;
}

struct http_source source_memory(struct source_bytes *bytes)
{
	bytes->at = 0;
	return (struct http_source){ .size = (int64_t)bytes->size,
				     .read = bytes_read,
				     .rewind = bytes_rewind,
				     .ctx = bytes };
}

int source_read_all(const struct http_source *s, void *out, size_t n,
		    struct fp_error *err)
{
	for (size_t done = 0; done < n;) {
		ssize_t got = s->read(s->ctx, (char *)out + done, n - done, err);

		if (got < 0)
			return -1;
		if (got == 0)
			return fp_fail(err, FP_ERR_IO,
				       "what is being sent ended %zu bytes too early",
				       n - done);
		done += (size_t)got;
	}
	return 0;
}
