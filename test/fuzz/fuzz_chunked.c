/*
 * aws-chunked bodies, unsigned and signed: whatever the pieces in which a body
 * arrives, it is read to the same end. The first byte is the size of a piece.
 */
#include <stdlib.h>
#include <string.h>

#include "wire/chunked.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct sigv4_claim claim = {
	.region = (char *)"us-east-1",
	.service = (char *)"s3",
	.signature = (char *)"4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa8"
			     "0a0a9",
	.time_ms = 1369353600000,
};

struct outcome {
	struct buf body;
	struct http_headers trailers;
	bool failed, done;
};

static void outcome_release(struct outcome *o)
{
	buf_release(&o->body);
	headers_release(&o->trailers);
}

static void decode(struct outcome *o, bool is_signed, const uint8_t *data, size_t n,
		   size_t step)
{
	FP_AUTO(chunked_freep)
	struct chunked *c = chunked_new(is_signed ? &claim : NULL,
					is_signed ? "secret" : NULL, &o->trailers);

	for (size_t i = 0; i < n && !o->failed; i += step)
		o->failed = chunked_feed(c, &o->body, data + i, FP_MIN(step, n - i),
					 NULL) < 0;
	o->done = !o->failed && chunked_done(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	size_t step = n ? (size_t)data[0] + 1 : 1;

	if (!n)
		return 0;
	for (int is_signed = 0; is_signed < 2; is_signed++) {
		FP_AUTO(outcome_release) struct outcome whole = { 0 };
		FP_AUTO(outcome_release) struct outcome pieces = { 0 };

		decode(&whole, is_signed, data + 1, n - 1, n);
		decode(&pieces, is_signed, data + 1, n - 1, step);
		if (whole.failed != pieces.failed || whole.done != pieces.done)
			abort();
		if (whole.done &&
		    (whole.body.len != pieces.body.len ||
		     whole.trailers.n != pieces.trailers.n ||
		     (whole.body.len &&
		      memcmp(whole.body.data, pieces.body.data, whole.body.len) != 0)))
			abort();
	}
	return 0;
}
