#include "wire/cbor.h"

#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "check_main.h"
#include "wire/query.h"
#include "wire/shape.h"

/* Source of the bytes: RFC 8949, appendix A, and botocore's own serializer. */
static const struct {
	const char *hex, *json; /* NULL: refused */
} decoded[] = {
	{ "00", "0" },
	{ "17", "23" },
	{ "1818", "24" },
	{ "1903e8", "1000" },
	{ "1a000f4240", "1000000" },
	{ "1b000000e8d4a51000", "1000000000000" },
	{ "20", "-1" },
	{ "3903e7", "-1000" },
	{ "f93e00", "1.5" },
	{ "f9c400", "-4" },
	{ "f90001", "5.9604644775390625e-08" },
	{ "fa47c35000", "100000" },
	{ "fb3ff199999999999a", "1.1" },
	{ "f4", "false" },
	{ "f5", "true" },
	{ "f6", "null" },
	{ "f7", "null" },
	{ "c11a514b67b0", "1363896240" },
	{ "60", "\"\"" },
	{ "62c3bc", "\"\303\274\"" },
	{ "4401020304", "\"AQIDBA==\"" },
	{ "7f657374726561646d696e67ff", "\"streaming\"" },
	{ "80", "[]" },
	{ "83010203", "[1,2,3]" },
	{ "9f018202039f0405ffff", "[1,[2,3],[4,5]]" },
	{ "a26161016162820203", "{\"a\":1,\"b\":[2,3]}" },
	{ "bf61610161629f0203ffff", "{\"a\":1,\"b\":[2,3]}" },
	/* Malformed: cut off, left over, odd. */
	{ "", NULL },
	{ "18", NULL },
	{ "1c", NULL },
	{ "1f", NULL },
	{ "0000", NULL },
	{ "6261", NULL },
	{ "62ff00", NULL },
	{ "6100", NULL },
	{ "7f01ff", NULL },
	{ "9bffffffffffffffff", NULL },
	{ "a16161", NULL },
	{ "a10101", NULL },
	{ "9f01", NULL },
	{ "f8ff", NULL },
	{ "ff", NULL },
};

static size_t unhex(unsigned char *out, const char *hex)
{
	size_t n = strlen(hex) / 2;

	for (size_t i = 0; i < n; i++) {
		unsigned byte = 0;

		ck_assert_int_eq(sscanf(hex + 2 * i, "%2x", &byte), 1);
		out[i] = (unsigned char)byte;
	}
	return n;
}

START_TEST(decodes)
{
	const __typeof__(decoded[0]) *c = &decoded[_i];
	unsigned char bytes[64];
	size_t n = unhex(bytes, c->hex);
	struct fp_error err = { 0 };
	FP_AUTO(json_freep) cJSON *j = cbor_decode(bytes, n, &err);
	FP_AUTO(freep) char *text = j ? json_text(j) : NULL;

	ck_assert_msg(str_eq(text, c->json), "%s: %s, not %s", c->hex,
		      text ? text : err.message, c->json ? c->json : "refused");
}
END_TEST

static const struct {
	const char *json, *hex;
} encoded[] = {
	{ "23", "17" },
	{ "24", "1818" },
	{ "256", "190100" },
	{ "70000", "1a00011170" },
	{ "4294967296", "1b0000000100000000" },
	{ "-1000", "3903e7" },
	{ "1.1", "fb3ff199999999999a" },
	{ "\"IETF\"", "6449455446" },
	{ "[true,false,null]", "83f5f4f6" },
	{ "{\"a\":1,\"b\":null}", "a1616101" },
	{ "{\"__map\":true,\"k\":\"v\"}", "a1616b6176" },
	{ "{\"t\":{\"__time\":1500}}", "a16174c1fb3ff8000000000000" },
	{ "{\"t\":{\"__time\":2000}}", "a16174c102" },
};

START_TEST(encodes)
{
	FP_AUTO(json_freep) cJSON *j = cJSON_Parse(encoded[_i].json);
	FP_AUTO(buf_release) struct buf out = BUF_INIT;
	FP_AUTO(buf_release) struct buf hex = BUF_INIT;

	cbor_encode(&out, j);
	for (size_t i = 0; i < out.len; i++)
		buf_printf(&hex, "%02x", (unsigned)(unsigned char)out.data[i]);
	ck_assert_str_eq(buf_str(&hex), encoded[_i].hex);
}
END_TEST

START_TEST(depth_is_limited)
{
	char deep[40];

	memset(deep, '\x81', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = 0;
	ck_assert_ptr_null(cbor_decode(deep, sizeof(deep), NULL));
}
END_TEST

START_TEST(moments_in_each_protocol)
{
	FP_AUTO(json_freep) cJSON *j = cJSON_CreateObject();
	FP_AUTO(buf_release) struct buf xml = BUF_INIT;
	FP_AUTO(freep) char *text = NULL;
	int64_t ms = 0;

	shape_set_time(j, "At", 1500);
	shape_push_time(json_set_array(j, "List"), 2000);
	json_set_bool(json_set_object(j, "Map"), "__map", true);
	json_set_str(json_get(j, "Map"), "a", "b");
	query_encode_response(&xml, "A", "x", "r", j);
	ck_assert_ptr_nonnull(strstr(buf_str(&xml), "<At>1970-01-01T00:00:01.500Z</At>"));
	ck_assert_ptr_nonnull(strstr(
		buf_str(&xml), "<List><member>1970-01-01T00:00:02.000Z</member></List>"));
	shape_to_json(j);
	text = json_text(j);
	ck_assert_str_eq(text, "{\"At\":1.5,\"List\":[2],\"Map\":{\"a\":\"b\"}}");
	ck_assert(shape_read_time(json_get(j, "At"), &ms) && ms == 1500);
	json_set_str(j, "At", "1970-01-01T00:00:02Z");
	ck_assert(shape_read_time(json_get(j, "At"), &ms) && ms == 2000);
	json_set_str(j, "At", "3.5");
	ck_assert(shape_read_time(json_get(j, "At"), &ms) && ms == 3500);
	json_set_str(j, "At", "soon");
	ck_assert(!shape_read_time(json_get(j, "At"), &ms));
	ck_assert(!shape_read_time(NULL, &ms));
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("cbor");
	TCase *tc = tcase_create("cbor");

	tcase_add_loop_test(tc, decodes, 0, ARRAY_SIZE(decoded));
	tcase_add_loop_test(tc, encodes, 0, ARRAY_SIZE(encoded));
	tcase_add_test(tc, depth_is_limited);
	tcase_add_test(tc, moments_in_each_protocol);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(make_suite)
