#include "wire/source.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"

static ssize_t range_read(void *ctx, void *out, size_t n, struct fp_error *err)
{
	struct source_range *r = ctx;
	size_t want = (size_t)FP_MIN((int64_t)FP_MIN(n, (size_t)1 << 30),
				     r->size - r->at);
	ssize_t got;

	if (!want)
		return 0;
	do
		got = fault_point("read")
			      ? -1
			      : pread(r->fd, out, want, (off_t)(r->offset + r->at));
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return fp_fail_errno(err, "cannot read the file that is being sent");
	if (got == 0)
		return fp_fail(err, FP_ERR_IO,
			       "the file that is being sent became shorter");
	r->at += got;
	return got;
}

static int range_rewind(void *ctx, struct fp_error *err FP_UNUSED)
{
	struct source_range *r = ctx;

	r->at = 0;
	return 0;
}

struct http_source source_file(struct source_range *range)
{
	range->at = 0;
	return (struct http_source){ .size = range->size,
				     .read = range_read,
				     .rewind = range_rewind,
				     .ctx = range };
}

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
