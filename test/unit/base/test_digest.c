#include "check_main.h"

#include <errno.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/fault.h"
#include "base/str.h"

/* FIPS 180-2 and RFC 1321 give these sums. */
static const struct {
	const char *algorithm, *in, *want;
} sums[] = {
	{ "SHA256", "", SHA256_EMPTY_HEX },
	{ "SHA256", "abc",
	  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "SHA1", "abc", "a9993e364706816aba3e25717850c26c9cd0d89d" },
	{ "MD5", "", "d41d8cd98f00b204e9800998ecf8427e" },
	{ "MD5", "abc", "900150983cd24fb0d6963f7d28e17f72" },
};

START_TEST(known_sums)
{
	const __typeof__(sums[0]) *c = &sums[_i];
	FP_AUTO(digest_freep) struct digest *d = digest_new(c->algorithm);
	uint8_t sum[64];
	char hex[129];

	/* Twice, for digest_final resets. */
	for (int round = 0; round < 2; round++) {
		for (const char *p = c->in; *p; p++)
			digest_update(d, p, 1);
		hex_encode(hex, sum, digest_final(d, sum));
		ck_assert_str_eq(hex, c->want);
	}
	if (!str_eq(c->algorithm, "SHA256"))
		return;
	sha256_hex(hex, c->in, strlen(c->in));
	ck_assert_str_eq(hex, c->want);
}
END_TEST

START_TEST(an_unknown_algorithm_aborts)
{
	(void)digest_new("ROT13");
}
END_TEST

/* RFC 4231. */
static const struct {
	const char *key, *data, *want;
} macs[] = {
	{ "Jefe", "what do ya want for nothing?",
	  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
	{ "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
	  "\x0b",
	  "Hi There",
	  "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
	{ "", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad" },
};

START_TEST(known_macs)
{
	uint8_t sum[SHA256_LEN];
	char hex[SHA256_HEX_LEN];

	for (int round = 0; round < 2; round++) {
		hmac_sha256(sum, macs[_i].key, strlen(macs[_i].key), macs[_i].data,
			    strlen(macs[_i].data));
		hex_encode(hex, sum, sizeof(sum));
		ck_assert_str_eq(hex, macs[_i].want);
	}
}
END_TEST

START_TEST(a_key_of_nothing_is_no_other_key)
{
	uint8_t a[SHA256_LEN], b[SHA256_LEN];

	hmac_sha256(a, "key", 3, "x", 1);
	hmac_sha256(a, NULL, 0, "x", 1);
	hmac_sha256(b, "", 0, "x", 1);
	ck_assert_mem_eq(a, b, sizeof(a));
}
END_TEST

static FILE *file_of(size_t n)
{
	FILE *f = tmpfile();

	ck_assert_ptr_nonnull(f);
	for (size_t i = 0; i < n; i++)
		(void)fputc('a', f);
	(void)fflush(f);
	(void)lseek(fileno(f), 0, SEEK_SET);
	return f;
}

START_TEST(files_are_read_to_the_end)
{
	FILE *f = file_of(1000000);
	struct fp_error err = { 0 };
	char hex[SHA256_HEX_LEN];

	ck_assert_int_eq(sha256_fd_hex(hex, fileno(f), &err), 0);
	/* FIPS 180-2: a million times "a". */
	ck_assert_str_eq(
		hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	ck_assert_int_eq(sha256_fd_hex(hex, fileno(f), &err), 0);
	ck_assert_str_eq(hex, SHA256_EMPTY_HEX);
	(void)fclose(f);
}
END_TEST

START_TEST(a_read_that_fails_is_told)
{
	FILE *f = file_of(200000);
	struct fp_error err = { 0 };
	char hex[SHA256_HEX_LEN];

	fault_arm("read", 3, EIO);
	ck_assert_int_eq(sha256_fd_hex(hex, fileno(f), &err), -1);
	ck_assert_int_eq(err.code, FP_ERR_IO);
	fault_arm("read", 2, EINTR);
	(void)lseek(fileno(f), 0, SEEK_SET);
	ck_assert_int_eq(sha256_fd_hex(hex, fileno(f), &err), 0);
	(void)fclose(f);
}
END_TEST

/* RFC 4648, section 10. */
static const struct {
	const char *plain, *text;
} base64s[] = {
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
	{ "\xff\xfe\xfd\xfb", "//79+w==" },
};

static const struct {
	const char *hex;
	bool good;
} hexes[] = { { "00ff7a", true }, { "00FF7a", false }, { "00f", false },
	      { "", false },	  { "0g0000", false }, { "00ff7abc", true } };

START_TEST(hex_is_read)
{
	uint8_t out[3] = { 0 };

	ck_assert_int_eq(hex_decode(out, hexes[_i].hex, sizeof(out)), hexes[_i].good);
	if (hexes[_i].good)
		ck_assert_mem_eq(out, "\x00\xff\x7a", 3);
}
END_TEST

START_TEST(base64_there_and_back)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;
	const char *text = base64s[_i].text;

	buf_puts(&b, ">");
	base64_encode(&b, base64s[_i].plain, strlen(base64s[_i].plain));
	ck_assert_str_eq(buf_str(&b) + 1, text);
	buf_truncate(&b, 1);
	ck_assert(base64_decode(&b, text, strlen(text)));
	ck_assert_str_eq(buf_str(&b) + 1, base64s[_i].plain);
}
END_TEST

static const char *const not_base64[] = {
	"Z",	  "Zg",	  "Zg=",  "Z===", "====", "Zg==Zg==",
	"Zm9v\n", "Zm 9", "Zm9-", "=m9v", "Zm=v",
};

START_TEST(what_is_no_base64_is_refused)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;
	const char *s = not_base64[_i];

	buf_puts(&b, "kept");
	ck_assert_msg(!base64_decode(&b, s, strlen(s)), "'%s'", s);
	ck_assert_str_eq(buf_str(&b), "kept");
}
END_TEST

START_TEST(random_is_not_constant)
{
	uint8_t a[1000] = { 0 }, b[1000] = { 0 };
	char id[37], other[37];

	random_bytes(a, sizeof(a));
	random_bytes(b, sizeof(b));
	ck_assert_mem_ne(a, b, sizeof(a));
	ck_assert_mem_ne(a + 744, b + 744, 256);
	random_uuid(id);
	random_uuid(other);
	ck_assert_str_ne(id, other);
	ck_assert(str_glob("*-*-4*-*-*", id));
	ck_assert_uint_eq(strlen(id), 36);
	ck_assert(id[8] == '-' && id[13] == '-' && id[18] == '-' && id[23] == '-');
	ck_assert(id[19] && strchr("89ab", id[19]));
}
END_TEST

static Suite *digest_suite(void)
{
	Suite *s = suite_create("base/digest");
	TCase *tc = tcase_create("digest");

	tcase_add_loop_test(tc, known_sums, 0, ARRAY_SIZE(sums));
	tcase_add_test_raise_signal(tc, an_unknown_algorithm_aborts, 6);
	tcase_add_loop_test(tc, known_macs, 0, ARRAY_SIZE(macs));
	tcase_add_test(tc, a_key_of_nothing_is_no_other_key);
	tcase_add_test(tc, files_are_read_to_the_end);
	tcase_add_test(tc, a_read_that_fails_is_told);
	tcase_add_loop_test(tc, hex_is_read, 0, ARRAY_SIZE(hexes));
	tcase_add_loop_test(tc, base64_there_and_back, 0, ARRAY_SIZE(base64s));
	tcase_add_loop_test(tc, what_is_no_base64_is_refused, 0, ARRAY_SIZE(not_base64));
	tcase_add_test(tc, random_is_not_constant);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(digest_suite)
