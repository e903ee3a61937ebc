#include "wire/checksum.h"

#include <string.h>
#include <zlib.h>

#include "base/error.h"
#include "base/str.h"
#include "check_main.h"
#include "wire/crc.h"

/* The check values of the catalogue of CRC algorithms, and of FIPS 180-4. */
static const struct {
	const char *name, *of_digits, *of_nothing;
} known[] = {
	{ "crc32", "y/Q5Jg==", "AAAAAA==" },
	{ "crc32c", "4waSgw==", "AAAAAA==" },
	{ "crc64nvme", "rosUhgp5mIg=", "AAAAAAAAAAA=" },
	{ "sha1", "98O8HYCOBHMq32eZZczDTKeuNEE=", "2jmj7l5rSw0yVb/vlWAYkK/YBwk=" },
	{ "sha256", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=",
	  "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" },
	{ "sha512",
	  "2eZ2LdHI6vbWGzxhkvxAjU1tXxF20MKRabwk5xw/J0rSf81YEbMT1oH35V7ALXPUmclUVba1u1A6"
	  "z1dPuo/+hQ==",
	  "z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGl"
	  "ODJ6+SfaPg==" },
	{ "md5", "JfnnlDI7RTiF9RgfG2JNCw==", "1B2M2Y8AsgTpgAmY7PhCfg==" },
};

START_TEST(known_texts)
{
	FP_AUTO(checksum_freep) struct checksum *c = checksum_new(known[_i].name);
	FP_AUTO(freep) char *header = xasprintf(CHECKSUM_HEADER "%s", known[_i].name);
	FP_AUTO(buf_release) struct buf got = BUF_INIT;

	checksum_final(c, &got);
	ck_assert_str_eq(buf_str(&got), known[_i].of_nothing);
	ck_assert_uint_eq(got.len, checksum_text_len(c));
	buf_clear(&got);
	checksum_update(c, "spoiled", 7);
	checksum_reset(c);
	checksum_update(c, "12345", 5);
	checksum_update(c, "6789", 4);
	checksum_final(c, &got);
	ck_assert_str_eq(buf_str(&got), known[_i].of_digits);
	ck_assert_str_eq(checksum_name(c), known[_i].name);
	ck_assert_str_eq(checksum_header(c), header);
}
END_TEST

START_TEST(names)
{
	FP_AUTO(checksum_freep) struct checksum *c = checksum_new("CRC64NVME");

	ck_assert_str_eq(checksum_name(c), "crc64nvme");
	ck_assert_ptr_null(checksum_new("crc16"));
	ck_assert_ptr_null(checksum_new(""));
}
END_TEST

static void fill(uint8_t *data, size_t n)
{
	uint32_t v = 2463534242U;

	for (size_t i = 0; i < n; i++) {
		v ^= v << 13;
		v ^= v >> 17;
		v ^= v << 5;
		data[i] = (uint8_t)v;
	}
}

/* Long steps (by folding where the processor can) against single bytes. */
START_TEST(every_length_and_alignment)
{
	static const uint64_t start[] = { 0, UINT32_MAX, 0x12345678 };
	uint8_t data[700];
	enum crc_kind k = (enum crc_kind)_i;

	fill(data, sizeof(data));
	for (size_t from = 0; from < 17; from++)
		for (size_t n = 0; n <= sizeof(data) - from; n += n < 300 ? 1 : 37) {
			uint64_t reg = start[(from + n) % ARRAY_SIZE(start)];
			uint64_t at_once = crc_advance(k, reg, data + from, n);

			for (size_t i = 0; i < n; i++)
				reg = crc_advance(k, reg, data + from + i, 1);
			ck_assert_uint_eq(at_once, reg);
		}
}
END_TEST

START_TEST(crc32_is_that_of_zlib)
{
	uint8_t data[100000];

	fill(data, sizeof(data));
	for (size_t n = 1; n < sizeof(data); n = n * 3 + 1)
		ck_assert_uint_eq(crc_advance(CRC_32, UINT32_MAX, data, n) ^ UINT32_MAX,
				  crc32_z(0, data, n));
}
END_TEST

START_TEST(zeros_shift)
{
	static const uint8_t zeros[5000];
	enum crc_kind k = (enum crc_kind)_i;

	for (size_t n = 0; n <= sizeof(zeros); n = n * 2 + 1)
		ck_assert_uint_eq(crc_shift(k, 0xDEADBEEF, n),
				  crc_advance(k, 0xDEADBEEF, zeros, n));
}
END_TEST

START_TEST(parts_make_the_whole)
{
	static const size_t cuts[] = { 0, 1, 1000, 29999, 30000 };
	FP_AUTO(checksum_freep) struct checksum *whole = checksum_new(known[_i].name);
	FP_AUTO(checksum_freep) struct checksum *part = checksum_new(known[_i].name);
	FP_AUTO(buf_release) struct buf want = BUF_INIT;
	uint8_t data[30000];

	fill(data, sizeof(data));
	checksum_update(whole, data, sizeof(data));
	checksum_final(whole, &want);
	for (size_t i = 0; i < ARRAY_SIZE(cuts); i++) {
		FP_AUTO(buf_release) struct buf second = BUF_INIT;
		FP_AUTO(buf_release) struct buf got = BUF_INIT;

		checksum_reset(whole);
		checksum_update(whole, data, cuts[i]);
		checksum_update(part, data + cuts[i], sizeof(data) - cuts[i]);
		checksum_final(part, &second);
		ck_assert(checksum_append(whole, buf_str(&second),
					  sizeof(data) - cuts[i]) == (_i < 3));
		checksum_final(whole, &got);
		if (_i < 3)
			ck_assert_str_eq(buf_str(&got), buf_str(&want));
	}
	ck_assert(!checksum_append(part, "AAAA", 1));
	ck_assert(!checksum_append(part, "?", 1));
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("checksum");
	TCase *tc = tcase_create("checksum");

	tcase_add_loop_test(tc, known_texts, 0, ARRAY_SIZE(known));
	tcase_add_test(tc, names);
	tcase_add_loop_test(tc, every_length_and_alignment, 0, CRC_KINDS);
	tcase_add_test(tc, crc32_is_that_of_zlib);
	tcase_add_loop_test(tc, zeros_shift, 0, CRC_KINDS);
	tcase_add_loop_test(tc, parts_make_the_whole, 0, ARRAY_SIZE(known));
	suite_add_tcase(s, tc);
	return s;
}
CHECK_MAIN(suite)
