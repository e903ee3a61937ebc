/* Bodies as the SDKs send them to S3, as a client would abuse them: whatever the pieces
 * in which it arrives, the decoder says the same. And what the encoder makes of any data
 * comes back whole. */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "wire/chunked.h"
#include "wire/sigv4.h"
#include "wire/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define SECRET "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

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

static void decode(struct outcome *o, enum chunked_form form, const void *data, size_t n,
		   size_t step)
{
	FP_AUTO(chunked_freep)
	struct chunked *c = chunked_new(form, &claim, SECRET, &o->trailers);

	for (size_t i = 0; i < n && !o->failed; i += step)
		o->failed = chunked_feed(c, &o->body, (const char *)data + i,
					 FP_MIN(step, n - i), NULL) < 0;
	o->done = !o->failed && chunked_done(c);
}

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void read_in_pieces(enum chunked_form form, const uint8_t *data, size_t n,
			   size_t step)
{
	FP_AUTO(outcome_release) struct outcome whole = { 0 };
	FP_AUTO(outcome_release) struct outcome pieces = { 0 };

	decode(&whole, form, data, n, n ? n : 1);
	decode(&pieces, form, data, n, step);
	must(whole.failed == pieces.failed && whole.done == pieces.done);
	if (!whole.done)
		return;
	must(whole.body.len == pieces.body.len && whole.trailers.n == pieces.trailers.n);
	must(!whole.body.len ||
	     memcmp(whole.body.data, pieces.body.data, whole.body.len) == 0);
}

/* The data so often that there is more than one chunk. */
static void make_and_read(enum chunked_form form, const uint8_t *data, size_t n,
			  size_t step)
{
	const struct chunked_options options = {
		.form = form,
		.checksum = form == CHUNKED_SIGNED ? NULL : "crc64nvme",
		.chunk_size = CHUNKED_MIN_SIZE,
	};
	FP_AUTO(chunked_source_freep) struct chunked_source *c = NULL;
	FP_AUTO(outcome_release) struct outcome got = { 0 };
	FP_AUTO(buf_release) struct buf plain = BUF_INIT;
	FP_AUTO(buf_release) struct buf body = BUF_INIT;
	struct sigv4_seed seed;
	struct source_bytes bytes;
	struct http_source inner;
	const struct http_source *s;
	char piece[256];
	ssize_t k;

	for (size_t i = 0; n && i < 3 * CHUNKED_MIN_SIZE; i += 5 * n)
		buf_add(&plain, data, n);
	bytes = (struct source_bytes){ .data = plain.data, .size = plain.len };
	inner = source_memory(&bytes);
	must(chunked_source_new(&c, &inner, &options, NULL) == 0);
	s = chunked_source_body(c);
	sigv4_claim_seed(&seed, &claim, SECRET);
	if (s->seed)
		s->seed(s->ctx, &seed);
	while ((k = s->read(s->ctx, piece, FP_MIN(step, sizeof(piece)), NULL)) > 0)
		buf_add(&body, piece, (size_t)k);
	must(k == 0 && (int64_t)body.len == s->size);
	decode(&got, form, body.data, body.len, step * 7);
	must(got.done && got.body.len == plain.len);
	must(!plain.len || memcmp(got.body.data, plain.data, plain.len) == 0);
	must(form == CHUNKED_SIGNED ||
	     strcmp(got.trailers.v[0].value, chunked_source_checksum(c)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (!n)
		return 0;
	for (enum chunked_form f = CHUNKED_SIGNED; f <= CHUNKED_UNSIGNED_TRAILER; f++) {
		read_in_pieces(f, data + 1, n - 1, (size_t)data[0] + 1);
		make_and_read(f, data + 1, n - 1, (size_t)data[0] + 1);
	}
	return 0;
}
