#include "wire/chunked.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/str.h"
#include "wire/sigv4_canonical.h"

#define MAX_LINE     8192
#define MAX_TRAILERS 32

enum chunked_state { AT_SIZE, IN_DATA, AFTER_DATA, AT_TRAILER, AT_END };

static const char *const form_names[] = {
	[CHUNKED_SIGNED] = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
	[CHUNKED_SIGNED_TRAILER] = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
	[CHUNKED_UNSIGNED_TRAILER] = "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
};

struct chunked {
	enum chunked_form form;
	struct sigv4_seed seed; /* its signature is always the one before */
	struct http_headers *trailers;
	enum chunked_state state;
	struct buf line;
	uint64_t left; /* of the chunk's data */
	unsigned nchunks;
	bool small;		 /* a chunk was, so it has to be the last */
	struct digest *digest;	 /* of the chunk's data, when signed */
	char signature[65];	 /* the one that this chunk or the trailer claims */
	struct buf trailer_text; /* what the trailer's signature covers */
	size_t ntrailers;
	bool trailer_signed;
};

const char *chunked_form_name(enum chunked_form form)
{
	return form_names[form];
}

bool chunked_form_named(enum chunked_form *out, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(form_names); i++)
		if (str_eq(form_names[i], name)) {
			*out = (enum chunked_form)i;
			return true;
		}
	return false;
}

static bool is_signed(const struct chunked *c)
{
	return c->form != CHUNKED_UNSIGNED_TRAILER;
}

struct chunked *chunked_new(enum chunked_form form, const struct sigv4_claim *claim,
			    const char *secret, struct http_headers *trailers)
{
	struct chunked *c = xcalloc(1, sizeof(*c));

	c->form = form;
	c->trailers = trailers;
	if (is_signed(c)) {
		c->digest = digest_new("SHA256");
		sigv4_claim_seed(&c->seed, claim, secret);
	}
	return c;
}

void chunked_freep(struct chunked **c)
{
	if (!*c)
		return;
	sigv4_seed_wipe(&(*c)->seed);
	digest_freep(&(*c)->digest);
	buf_release(&(*c)->line);
	buf_release(&(*c)->trailer_text);
	free(*c);
	*c = NULL;
}

bool chunked_done(const struct chunked *c)
{
	return c->state == AT_END;
}

static int malformed(struct fp_error *err, const char *what)
{
	return fp_fail(err, FP_ERR_PROTOCOL, "malformed aws-chunked body: %s", what);
}

/* Compare with what was claimed, and let the next one follow it. */
static int check_signature(struct chunked *c, const char *expected, const char *part,
			   struct fp_error *err)
{
	if (!mem_eq_secret(expected, c->signature, 64))
		return sigv4_refuse(err, "SignatureDoesNotMatch",
				    "the signature of a %s of the body does not match",
				    part);
	memcpy(c->seed.signature, c->signature, sizeof(c->signature));
	return 0;
}

static int end_chunk(struct chunked *c, struct fp_error *err)
{
	uint8_t sum[SHA256_LEN];
	char digest[SHA256_HEX_LEN], expected[65];

	if (!is_signed(c))
		return 0;
	hex_encode(digest, sum, digest_final(c->digest, sum));
	sigv4_chunk_signature(expected, &c->seed.key, c->seed.signature, digest);
	return check_signature(c, expected, "chunk", err);
}

static int check_size(struct chunked *c, struct fp_error *err)
{
	if (c->small)
		return sigv4_refuse(err, "InvalidChunkSizeError",
				    "Only the last chunk is allowed to have a size less "
				    "than %zu bytes: chunk %u has fewer",
				    CHUNKED_MIN_SIZE, c->nchunks);
	c->nchunks++;
	c->small = c->left < CHUNKED_MIN_SIZE;
	return 0;
}

/* "400;chunk-signature=ad80..." */
static int read_size(struct chunked *c, const char *line, struct fp_error *err)
{
	static const char extension[] = ";chunk-signature=";
	size_t digits = strspn(line, "0123456789abcdefABCDEF");
	const char *rest = line + digits;

	if (!digits || digits > 15 || (*rest && *rest != ';'))
		return malformed(err, "a chunk's size is no hexadecimal number");
	c->left = strtoull(line, NULL, 16);
	if (is_signed(c)) {
		if (!str_starts(rest, extension) ||
		    strlen(rest + strlen(extension)) != sizeof(c->signature) - 1)
			return malformed(err, "a chunk's signature is missing");
		memcpy(c->signature, rest + strlen(extension), sizeof(c->signature));
	}
	c->state = IN_DATA;
	if (c->left)
		return check_size(c, err);
	c->state = AT_TRAILER;
	return end_chunk(c, err);
}

static int end_trailers(struct chunked *c, struct fp_error *err)
{
	char expected[65];

	c->state = AT_END;
	if (c->form == CHUNKED_SIGNED && (c->trailer_signed || c->trailer_text.len))
		return malformed(err, "its form has no trailer");
	if (c->form != CHUNKED_SIGNED_TRAILER)
		return 0;
	if (!c->trailer_signed)
		return malformed(err, "the trailer's signature is missing");
	sigv4_trailer_signature(expected, &c->seed.key, c->seed.signature,
				buf_str(&c->trailer_text));
	return check_signature(c, expected, "trailer", err);
}

/* "x-amz-checksum-crc32:AAAAAA==", or the empty line that ends the body. */
static int read_trailer(struct chunked *c, char *line, struct fp_error *err)
{
	char *colon = strchr(line, ':'), *value;
	size_t n;

	if (!*line)
		return end_trailers(c, err);
	if (!colon || colon == line)
		return malformed(err, "a trailer is no header");
	*colon = '\0';
	value = colon + 1 + strspn(colon + 1, " \t");
	for (n = strlen(value); n && strchr(" \t", value[n - 1]); n--)
		;
	value[n] = '\0';
	if (str_ieq(line, "x-amz-trailer-signature")) {
		if (n != sizeof(c->signature) - 1)
			return malformed(err, "the trailer's signature is malformed");
		memcpy(c->signature, value, n + 1);
		c->trailer_signed = true;
		return 0;
	}
	if (++c->ntrailers > MAX_TRAILERS)
		return malformed(err, "it has too many trailers");
	if (c->trailers)
		headers_add(c->trailers, line, value);
	buf_printf(&c->trailer_text, "%s:%s\n", str_lower(line), value);
	return 0;
}

static int read_line(struct chunked *c, struct fp_error *err)
{
	struct buf *l = &c->line;
	int rc = 0;

	if (l->len < 2 || l->data[l->len - 2] != '\r' || memchr(l->data, '\0', l->len))
		return malformed(err, "a line does not end with CR LF");
	buf_truncate(l, l->len - 2);
	if (c->state == AT_SIZE)
		rc = read_size(c, buf_str(l), err);
	else if (c->state == AT_TRAILER)
		rc = read_trailer(c, l->data, err);
	else if (l->len)
		rc = malformed(err, "a chunk is longer than its size says");
	else
		c->state = AT_SIZE;
	buf_clear(l);
	return rc;
}

/* Take what belongs to the current chunk; returns how much that was, or -1. */
static int64_t take_data(struct chunked *c, struct buf *out, const void *data, size_t n,
			 struct fp_error *err)
{
	size_t taken = (size_t)FP_MIN((uint64_t)n, c->left);

	buf_add(out, data, taken);
	if (c->digest)
		digest_update(c->digest, data, taken);
	c->left -= taken;
	if (c->left)
		return (int64_t)taken;
	c->state = AFTER_DATA;
	return end_chunk(c, err) < 0 ? -1 : (int64_t)taken;
}

static int64_t take_line(struct chunked *c, const char *data, size_t n,
			 struct fp_error *err)
{
	const char *eol = memchr(data, '\n', n);
	size_t taken = eol ? (size_t)(eol - data) + 1 : n;

	if (c->line.len + taken > MAX_LINE)
		return malformed(err, "a line is too long");
	buf_add(&c->line, data, taken);
	if (eol && read_line(c, err) < 0)
		return -1;
	return (int64_t)taken;
}

int chunked_feed(struct chunked *c, struct buf *out, const void *data, size_t n,
		 struct fp_error *err)
{
	const char *s = data;

	while (n) {
		int64_t taken;

		if (c->state == AT_END)
			return malformed(err, "something follows its end");
		taken = c->state == IN_DATA ? take_data(c, out, s, n, err)
					    : take_line(c, s, n, err);
		if (taken < 0)
			return -1;
		s += taken;
		n -= (size_t)taken;
	}
	return 0;
}
