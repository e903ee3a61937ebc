#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/str.h"
#include "wire/chunked.h"
#include "wire/sigv4_canonical.h"
#include "wire/source.h"

#define EXTENSION	  ";chunk-signature="
#define TRAILER_SIGNATURE "x-amz-trailer-signature:"
#define CRLF		  "\r\n"
#define HEX_LEN		  (SHA256_HEX_LEN - 1)

struct chunked_source {
	const struct http_source *inner;
	struct http_source body;
	enum chunked_form form;
	size_t chunk_size;
	struct checksum *checksum;
	struct buf checksum_text;
	bool seeded;
	struct sigv4_seed seed;
	char previous[65]; /* the signature before; after the first chunk */
	int64_t taken;	   /* of the inner bytes */
	struct buf frame;  /* what goes out now */
	size_t frame_at;
	bool ended;
};

static bool is_signed(const struct chunked_source *c)
{
	return c->form != CHUNKED_UNSIGNED_TRAILER;
}

/* "10000;chunk-signature=..." and its line end: before the data. */
static size_t head_size(const struct chunked_source *c, size_t n)
{
	size_t digits = 1;

	while (n >>= 4)
		digits++;
	return digits + (is_signed(c) ? strlen(EXTENSION) + HEX_LEN : 0) + strlen(CRLF);
}

static size_t end_size(const struct chunked_source *c)
{
	size_t n = head_size(c, 0) + strlen(CRLF);

	if (c->checksum)
		n += strlen(checksum_header(c->checksum)) + 1 +
		     checksum_text_len(c->checksum) + strlen(CRLF);
	if (c->form == CHUNKED_SIGNED_TRAILER)
		n += strlen(TRAILER_SIGNATURE) + HEX_LEN + strlen(CRLF);
	return n;
}

static int64_t encoded_size(const struct chunked_source *c)
{
	int64_t full = c->inner->size / (int64_t)c->chunk_size;
	size_t rest = (size_t)(c->inner->size % (int64_t)c->chunk_size);
	int64_t n = full *
		    (int64_t)(head_size(c, c->chunk_size) + c->chunk_size + strlen(CRLF));

	if (rest)
		n += (int64_t)(head_size(c, rest) + rest + strlen(CRLF));
	return n + (int64_t)end_size(c);
}

/* Sign what the digest stands for, and let the next part follow it. */
static void sign_chunk(struct chunked_source *c, const void *data, size_t n)
{
	char digest[SHA256_HEX_LEN], signature[65];

	sha256_hex(digest, data, n);
	sigv4_chunk_signature(signature, &c->seed.key, c->previous, digest);
	memcpy(c->previous, signature, sizeof(signature));
}

static void put_head(struct chunked_source *c, char *at, size_t room, size_t n)
{
	if (is_signed(c))
		(void)snprintf(at, room, "%zx" EXTENSION "%s\r", n, c->previous);
	else
		(void)snprintf(at, room, "%zx\r", n);
	at[room - 1] = '\n';
}

static int put_chunk(struct chunked_source *c, size_t n, struct fp_error *err)
{
	size_t head = head_size(c, n);
	char *data;

	buf_reserve(&c->frame, head + n + strlen(CRLF));
	data = c->frame.data + head;
	if (source_read_all(c->inner, data, n, err) < 0)
		return -1;
	c->taken += (int64_t)n;
	if (c->checksum)
		checksum_update(c->checksum, data, n);
	if (is_signed(c))
		sign_chunk(c, data, n);
	put_head(c, c->frame.data, head, n);
	c->frame.len = head + n;
	buf_puts(&c->frame, CRLF);
	return 0;
}

static void put_trailer(struct chunked_source *c)
{
	FP_AUTO(buf_release) struct buf line = BUF_INIT;
	char signature[65];

	checksum_final(c->checksum, &c->checksum_text);
	buf_printf(&line, "%s:%s", checksum_header(c->checksum),
		   buf_str(&c->checksum_text));
	buf_printf(&c->frame, "%s" CRLF, buf_str(&line));
	if (!is_signed(c))
		return;
	buf_putc(&line, '\n');
	sigv4_trailer_signature(signature, &c->seed.key, c->previous, buf_str(&line));
	buf_printf(&c->frame, TRAILER_SIGNATURE "%s" CRLF, signature);
}

static void put_end(struct chunked_source *c)
{
	size_t head = head_size(c, 0);

	if (is_signed(c))
		sign_chunk(c, "", 0);
	buf_reserve(&c->frame, head);
	put_head(c, c->frame.data, head, 0);
	c->frame.len = head;
	if (c->checksum)
		put_trailer(c);
	buf_puts(&c->frame, CRLF);
	c->ended = true;
}

static int next_frame(struct chunked_source *c, struct fp_error *err)
{
	size_t n = (size_t)FP_MIN((int64_t)c->chunk_size, c->inner->size - c->taken);

	if (is_signed(c) && !c->seeded)
		return fp_fail(err, FP_ERR_INPUT,
			       "chunks can be signed only after their request");
	if (is_signed(c) && c->taken == 0)
		memcpy(c->previous, c->seed.signature, sizeof(c->previous));
	buf_clear(&c->frame);
	c->frame_at = 0;
	if (n)
		return put_chunk(c, n, err);
	put_end(c);
	return 0;
}

static ssize_t chunked_read(void *ctx, void *out, size_t n, struct fp_error *err)
{
	struct chunked_source *c = ctx;
	size_t done = 0;

	while (done < n) {
		size_t ready = FP_MIN(n - done, c->frame.len - c->frame_at);

		if (ready) {
			memcpy((char *)out + done, c->frame.data + c->frame_at, ready);
			c->frame_at += ready;
			done += ready;
		} else if (c->ended) {
			break;
		} else if (next_frame(c, err) < 0) {
			return -1;
		}
	}
	return (ssize_t)done;
}

static int chunked_rewind(void *ctx, struct fp_error *err)
{
	struct chunked_source *c = ctx;

	c->taken = 0;
	c->ended = false;
	c->frame_at = 0;
	buf_clear(&c->frame);
	buf_clear(&c->checksum_text);
	if (c->checksum)
		checksum_reset(c->checksum);
	return c->inner->rewind(c->inner->ctx, err);
}

static void chunked_seed(void *ctx, const struct sigv4_seed *seed)
{
	struct chunked_source *c = ctx;

	c->seed = *seed;
	c->seeded = true;
}

static int check_options(const struct chunked_options *o, const struct checksum *checksum,
			 struct fp_error *err)
{
	if (o->checksum && !checksum)
		return fp_fail(err, FP_ERR_INPUT, "'%.50s' is no checksum of S3",
			       o->checksum);
	if ((o->form == CHUNKED_SIGNED) != !o->checksum)
		return fp_fail(err, FP_ERR_INPUT,
			       "a checksum goes into a trailer, and a trailer holds one");
	if (o->chunk_size &&
	    (o->chunk_size < CHUNKED_MIN_SIZE || o->chunk_size > CHUNKED_MAX_SIZE))
		return fp_fail(err, FP_ERR_INPUT, "chunks have %zu to %zu bytes, not %zu",
			       CHUNKED_MIN_SIZE, CHUNKED_MAX_SIZE, o->chunk_size);
	return 0;
}

int chunked_source_new(struct chunked_source **out, const struct http_source *inner,
		       const struct chunked_options *o, struct fp_error *err)
{
	FP_AUTO(checksum_freep)
	struct checksum *checksum = o->checksum ? checksum_new(o->checksum) : NULL;
	struct chunked_source *c;

	if (check_options(o, checksum, err) < 0)
		return -1;
	c = xcalloc(1, sizeof(*c));
	c->inner = inner;
	c->form = o->form;
	c->chunk_size = o->chunk_size ? o->chunk_size : CHUNKED_DEFAULT_SIZE;
	c->checksum = checksum;
	checksum = NULL;
	c->body = (struct http_source){ .size = encoded_size(c),
					.read = chunked_read,
					.rewind = chunked_rewind,
					.seed = is_signed(c) ? chunked_seed : NULL,
					.ctx = c };
	*out = c;
	return 0;
}

void chunked_source_attach(struct chunked_source *c, struct http_request *req)
{
	const char *coded = headers_get(&req->headers, "Content-Encoding");
	FP_AUTO(freep) char *size = xasprintf("%lld", (long long)c->inner->size);
	FP_AUTO(freep)
	char *coding = xasprintf("aws-chunked%s%s", coded ? "," : "", str_or(coded, ""));

	headers_set(&req->headers, SIGV4_SHA_HEADER, chunked_form_name(c->form));
	headers_set(&req->headers, "x-amz-decoded-content-length", size);
	if (!coded || !str_starts(coded, "aws-chunked"))
		headers_set(&req->headers, "Content-Encoding", coding);
	if (c->checksum)
		headers_set(&req->headers, "x-amz-trailer", checksum_header(c->checksum));
	req->source = &c->body;
}

const struct http_source *chunked_source_body(const struct chunked_source *c)
{
	return &c->body;
}

const char *chunked_source_checksum(const struct chunked_source *c)
{
	return c->ended ? buf_str(&c->checksum_text) : "";
}

void chunked_source_freep(struct chunked_source **c)
{
	if (!*c)
		return;
	sigv4_seed_wipe(&(*c)->seed);
	checksum_freep(&(*c)->checksum);
	buf_release(&(*c)->checksum_text);
	buf_release(&(*c)->frame);
	free(*c);
	*c = NULL;
}
