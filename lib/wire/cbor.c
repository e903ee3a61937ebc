#include "wire/cbor.h"

#include <math.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/str.h"
#include "wire/shape.h"

#define MAX_DEPTH   32
#define INDEFINITE  31
#define BREAK	    0xFF
#define EXACT_LIMIT 9007199254740992.0 /* 2^53 */

enum major { UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE };
enum simple {
	FALSE_VALUE = 20,
	TRUE_VALUE,
	NULL_VALUE,
	UNDEFINED_VALUE,
	HALF = 25,
	SINGLE,
	DOUBLE
};

struct reader {
	const unsigned char *at, *end;
	unsigned depth;
};

/* An item's first byte, and the number behind it. */
struct head {
	unsigned major, info;
	uint64_t value;
};

static bool read_head(struct reader *r, struct head *h)
{
	unsigned bytes;

	if (r->at == r->end)
		return false;
	h->major = *r->at >> 5;
	h->info = *r->at++ & 31;
	h->value = h->info;
	if (h->info < 24 || h->info == INDEFINITE)
		return true;
	if (h->info > 27)
		return false;
	bytes = 1U << (h->info - 24);
	if ((size_t)(r->end - r->at) < bytes)
		return false;
	h->value = 0;
	while (bytes--)
		h->value = h->value << 8 | *r->at++;
	return true;
}

static bool at_break(struct reader *r)
{
	if (r->at == r->end || *r->at != BREAK)
		return false;
	r->at++;
	return true;
}

static bool take(struct reader *r, struct buf *out, uint64_t n)
{
	if (n > (uint64_t)(r->end - r->at))
		return false;
	buf_add(out, r->at, (size_t)n);
	r->at += n;
	return true;
}

/* The bytes of a text or byte string, also of one that comes in pieces. */
static bool read_bytes(struct reader *r, const struct head *h, struct buf *out)
{
	struct head piece;

	if (h->info != INDEFINITE)
		return take(r, out, h->value);
	while (!at_break(r))
		if (!read_head(r, &piece) || piece.major != h->major ||
		    piece.info == INDEFINITE || !take(r, out, piece.value))
			return false;
	return true;
}

static bool is_text(const struct buf *b)
{
	size_t n;

	for (size_t at = 0; at < b->len; at += n) {
		n = str_utf8_len(b->data + at, b->len - at);
		if (!n || !b->data[at])
			return false;
	}
	return true;
}

static cJSON *read_string(struct reader *r, const struct head *h)
{
	FP_AUTO(buf_release) struct buf bytes = BUF_INIT;
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	if (!read_bytes(r, h, &bytes))
		return NULL;
	if (h->major == TEXT)
		return is_text(&bytes) ? cJSON_CreateString(buf_str(&bytes)) : NULL;
	base64_encode(&text, bytes.data, bytes.len);
	return cJSON_CreateString(buf_str(&text));
}

static cJSON *read_item(struct reader *r);

static bool goes_on(struct reader *r, const struct head *h, uint64_t done)
{
	return h->info == INDEFINITE ? !at_break(r) : done < h->value;
}

static cJSON *read_array(struct reader *r, const struct head *h)
{
	cJSON *list = cJSON_CreateArray();

	for (uint64_t i = 0; goes_on(r, h, i); i++) {
		cJSON *item = read_item(r);

		if (!item) {
			cJSON_Delete(list);
			return NULL;
		}
		cJSON_AddItemToArray(list, item);
	}
	return list;
}

static cJSON *read_map(struct reader *r, const struct head *h)
{
	cJSON *map = cJSON_CreateObject();

	for (uint64_t i = 0; goes_on(r, h, i); i++) {
		FP_AUTO(json_freep) cJSON *key = read_item(r);
		cJSON *value = cJSON_IsString(key) ? read_item(r) : NULL;

		if (!value) {
			cJSON_Delete(map);
			return NULL;
		}
		cJSON_AddItemToObject(map, key->valuestring, value);
	}
	return map;
}

static double half_of(uint64_t bits)
{
	int exponent = (int)(bits >> 10 & 31);
	double fraction = (double)(bits & 1023), value;

	if (exponent == 31)
		value = fraction > 0 ? NAN : INFINITY;
	else if (exponent)
		value = ldexp(fraction + 1024, exponent - 25);
	else
		value = ldexp(fraction, -24);
	return bits & 0x8000 ? -value : value;
}

static cJSON *read_simple(const struct head *h)
{
	uint32_t bits = (uint32_t)h->value;
	double wide;
	float narrow;

	switch (h->info) {
	case FALSE_VALUE:
	case TRUE_VALUE:
		return cJSON_CreateBool(h->info == TRUE_VALUE);
	case NULL_VALUE:
	case UNDEFINED_VALUE:
		return cJSON_CreateNull();
	case HALF:
		return cJSON_CreateNumber(half_of(h->value));
	case SINGLE:
		memcpy(&narrow, &bits, sizeof(narrow));
		return cJSON_CreateNumber((double)narrow);
	case DOUBLE:
		memcpy(&wide, &h->value, sizeof(wide));
		return cJSON_CreateNumber(wide);
	default:
		return NULL;
	}
}

static cJSON *read_value(struct reader *r)
{
	struct head h;

	if (!read_head(r, &h) ||
	    (h.info == INDEFINITE && (h.major < BYTES || h.major > MAP)))
		return NULL;
	switch ((enum major)h.major) {
	case UNSIGNED:
		return cJSON_CreateNumber((double)h.value);
	case NEGATIVE:
		return cJSON_CreateNumber(-1 - (double)h.value);
	case BYTES:
	case TEXT:
		return read_string(r, &h);
	case ARRAY:
		return read_array(r, &h);
	case MAP:
		return read_map(r, &h);
	case TAG:
		return read_item(r);
	case SIMPLE:
		return read_simple(&h);
	}
	return NULL;
}

/* NULL for what is malformed. */
static cJSON *read_item(struct reader *r)
{
	cJSON *item;

	if (r->depth == MAX_DEPTH)
		return NULL;
	r->depth++;
	item = read_value(r);
	r->depth--;
	return item;
}

cJSON *cbor_decode(const void *data, size_t n, struct fp_error *err)
{
	struct reader r = { data, (const unsigned char *)data + n, 0 };
	cJSON *j = read_item(&r);

	if (j && r.at == r.end)
		return j;
	cJSON_Delete(j);
	(void)fp_fail(err, FP_ERR_INPUT, "the request is no CBOR: byte %zu",
		      (size_t)(r.at - (const unsigned char *)data));
	return NULL;
}

static void put_head(struct buf *out, enum major major, uint64_t value)
{
	unsigned size = value < 24	      ? 0
			: value <= UINT8_MAX  ? 1
			: value <= UINT16_MAX ? 2
			: value <= UINT32_MAX ? 4
					      : 8;
	static const unsigned char infos[] = { [1] = 24, [2] = 25, [4] = 26, [8] = 27 };

	buf_putc(out, (char)((unsigned)major << 5 | (size ? infos[size] : value)));
	while (size--)
		buf_putc(out, (char)(value >> (8 * size)));
}

static void put_text(struct buf *out, const char *s)
{
	put_head(out, TEXT, strlen(s));
	buf_puts(out, s);
}

static void put_number(struct buf *out, double v)
{
	uint64_t bits;

	if (v == floor(v) && fabs(v) < EXACT_LIMIT) {
		if (v < 0)
			put_head(out, NEGATIVE, (uint64_t)(-1 - v));
		else
			put_head(out, UNSIGNED, (uint64_t)v);
		return;
	}
	memcpy(&bits, &v, sizeof(bits));
	buf_putc(out, (char)(SIMPLE << 5 | DOUBLE));
	for (unsigned i = 8; i-- > 0;)
		buf_putc(out, (char)(bits >> (8 * i)));
}

static bool is_left_out(const cJSON *member)
{
	return cJSON_IsNull(member) || str_eq(member->string, "__map");
}

static void put_map(struct buf *out, const cJSON *j)
{
	uint64_t n = 0;

	json_each (item, j)
		n += !is_left_out(item);
	put_head(out, MAP, n);
	json_each (item, j) {
		if (is_left_out(item))
			continue;
		put_text(out, item->string);
		cbor_encode(out, item);
	}
}

void cbor_encode(struct buf *out, const cJSON *j)
{
	int64_t ms;

	if (shape_is_time(j, &ms)) {
		put_head(out, TAG, 1);
		put_number(out, (double)ms / 1000);
	} else if (cJSON_IsObject(j)) {
		put_map(out, j);
	} else if (cJSON_IsArray(j)) {
		put_head(out, ARRAY, (uint64_t)cJSON_GetArraySize(j));
		json_each (item, j)
			cbor_encode(out, item);
	} else if (cJSON_IsString(j)) {
		put_text(out, j->valuestring);
	} else if (cJSON_IsNumber(j)) {
		put_number(out, j->valuedouble);
	} else {
		put_head(out, SIMPLE,
			 cJSON_IsBool(j) ? (cJSON_IsTrue(j) ? TRUE_VALUE : FALSE_VALUE)
					 : NULL_VALUE);
	}
}
