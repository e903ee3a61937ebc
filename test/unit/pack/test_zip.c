#include <sys/stat.h>

#include "check_main.h"
#include "pack/temp.h"
#include "pack/zip.h"

#define MAX_BYTES ((int64_t)1 << 20)

static unsigned u16(const struct buf *b, size_t at)
{
	return (unsigned char)b->data[at] | (unsigned)(unsigned char)b->data[at + 1] << 8;
}

static const struct pack_entry two[] = {
	{ "lib/b.txt", NULL, "bbbbbbbbbbbbbbbbbbbbbbbbbbbbb", 29, 0644 },
	{ "bootstrap", NULL, "#!/bin/sh\n", 10, 0755 },
};

START_TEST(zip_is_deterministic)
{
	FP_AUTO(buf_release) struct buf a = BUF_INIT, b = BUF_INIT;
	const struct pack_entry swapped[] = { two[1], two[0] };
	struct fp_error err = { 0 };

	ck_assert_msg(pack_zip(&a, two, 2, &err) == 0, "%s", err.message);
	ck_assert_int_eq(setenv("TZ", "Asia/Tokyo", 1), 0);
	ck_assert_int_eq(pack_zip(&b, swapped, 2, &err), 0);
	ck_assert_uint_eq(a.len, b.len);
	ck_assert_mem_eq(a.data, b.data, a.len);
	/* The first local header: "bootstrap", 1980-01-01 00:00, no extra field. */
	ck_assert_mem_eq(a.data, "PK\3\4", 4);
	ck_assert_uint_eq(u16(&a, 6) & 8, 0);
	ck_assert_uint_eq(u16(&a, 10), 0);
	ck_assert_uint_eq(u16(&a, 12), 0x21);
	ck_assert_uint_eq(u16(&a, 28), 0);
	ck_assert_mem_eq(a.data + 30, "bootstrap", 9);
}
END_TEST

START_TEST(zip_comes_back)
{
	FP_AUTO(temp_removep) char *folder = temp_folder();
	FP_AUTO(freep) char *inner = fs_join(folder, "lib/b.txt");
	FP_AUTO(freep) char *program = fs_join(folder, "bootstrap");
	FP_AUTO(buf_release) struct buf zip = BUF_INIT, text = BUF_INIT;
	struct fp_error err = { 0 };
	struct stat st;

	ck_assert_int_eq(pack_zip(&zip, two, 2, &err), 0);
	ck_assert_msg(pack_unzip(folder, zip.data, zip.len, MAX_BYTES, &err) == 0, "%s",
		      err.message);
	ck_assert_int_eq(fs_read(&text, inner, 1000, &err), 0);
	ck_assert_str_eq(buf_str(&text), two[0].data);
	ck_assert_int_eq(stat(program, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0755);
	/* What is there already is never written over. */
	ck_assert_int_eq(pack_unzip(folder, zip.data, zip.len, MAX_BYTES, &err), -1);
}
END_TEST

START_TEST(zip_takes_a_file)
{
	FP_AUTO(temp_removep) char *folder = temp_folder();
	FP_AUTO(freep) char *path = fs_join(folder, "in");
	FP_AUTO(freep) char *back = fs_join(folder, "x");
	FP_AUTO(buf_release) struct buf zip = BUF_INIT, text = BUF_INIT;
	struct pack_entry e = { .name = "x", .path = path, .mode = 0600 };
	struct fp_error err = { 0 };

	ck_assert_int_eq(pack_zip(&zip, &e, 1, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.message, path));
	ck_assert_uint_eq(zip.len, 0);
	ck_assert_int_eq(fs_write_atomic(path, "hello", 5, 0600, &err), 0);
	ck_assert_msg(pack_zip(&zip, &e, 1, &err) == 0, "%s", err.message);
	ck_assert_int_eq(pack_unzip(folder, zip.data, zip.len, 5, &err), 0);
	ck_assert_int_eq(fs_read(&text, back, 100, &err), 0);
	ck_assert_str_eq(buf_str(&text), "hello");
}
END_TEST

START_TEST(zip_refuses_twins_and_nothing)
{
	FP_AUTO(buf_release) struct buf zip = BUF_INIT;
	const struct pack_entry twins[] = { two[0], two[1], two[0] };
	struct fp_error err = { 0 };

	ck_assert_int_eq(pack_zip(&zip, twins, 3, &err), -1);
	ck_assert_str_eq(err.message, "two files are named 'lib/b.txt' in the zip");
	ck_assert_int_eq(pack_zip(&zip, twins, 0, &err), -1);
	ck_assert_uint_eq(zip.len, 0);
}
END_TEST

static const struct {
	const char *name, *entry;
} bad_names[] = {
	{ "parent", "../evil" },     { "parent within", "a/../../evil" },
	{ "absolute", "/etc/evil" }, { "dot", "./x" },
	{ "empty part", "a//b" },    { "backslash", "..\\evil" },
	{ "line break", "a\nb" },    { "only dots", "a/.." },
};

START_TEST(unzip_refuses_names)
{
	FP_AUTO(temp_removep) char *folder = temp_folder();
	FP_AUTO(buf_release) struct buf zip = BUF_INIT;
	struct pack_entry e = { .name = bad_names[_i].entry, .data = "x", .size = 1 };
	FP_AUTO(strs_release) struct strs left = STRS_INIT;
	struct fp_error err = { 0 };

	ck_assert_int_eq(pack_zip(&zip, &e, 1, &err), 0);
	ck_assert_msg(pack_unzip(folder, zip.data, zip.len, MAX_BYTES, &err) < 0, "%s",
		      bad_names[_i].name);
	ck_assert_int_eq(err.code, FP_ERR_INPUT);
	ck_assert_int_eq(fs_list(&left, folder, &err), 0);
	ck_assert_uint_eq(left.n, 0);
}
END_TEST

START_TEST(unzip_stops_a_bomb)
{
	FP_AUTO(temp_removep) char *folder = temp_folder();
	FP_AUTO(freep) char *zeros = xcalloc(1, 8 << 20);
	FP_AUTO(buf_release) struct buf zip = BUF_INIT;
	struct pack_entry e = { .name = "zeros", .data = zeros, .size = 8 << 20 };
	struct fp_error err = { 0 };

	ck_assert_int_eq(pack_zip(&zip, &e, 1, &err), 0);
	ck_assert_uint_lt(zip.len, 20000);
	ck_assert_int_eq(pack_unzip(folder, zip.data, zip.len, MAX_BYTES, &err), -1);
	ck_assert_int_eq(err.code, FP_ERR_LIMIT);
}
END_TEST

START_TEST(unzip_counts_entries)
{
	FP_AUTO(temp_removep) char *folder = temp_folder();
	FP_AUTO(buf_release) struct buf zip = BUF_INIT;
	FP_AUTO(strs_release) struct strs names = STRS_INIT;
	size_t n = 10001;
	FP_AUTO(freep) struct pack_entry *many = xcalloc(n, sizeof(*many));
	struct fp_error err = { 0 };

	for (size_t i = 0; i < n; i++) {
		strs_add_owned(&names, xasprintf("%zu", i));
		many[i] = (struct pack_entry){ .name = names.v[i],
					       .data = "",
					       .mode = 0644 };
	}
	ck_assert_int_eq(pack_zip(&zip, many, n, &err), 0);
	ck_assert_int_eq(pack_unzip(folder, zip.data, zip.len, MAX_BYTES, &err), -1);
	ck_assert_int_eq(err.code, FP_ERR_LIMIT);
}
END_TEST

/* What pack_zip would never write: a symbolic link. */
static void link_zip(struct buf *out)
{
	struct pack_entry e = { .name = "link", .data = "/etc", .size = 4, .mode = 0777 };
	struct fp_error err = { 0 };
	size_t at;

	ck_assert_int_eq(pack_zip(out, &e, 1, &err), 0);
	for (at = 0; memcmp(out->data + at, "PK\1\2", 4) != 0; at++)
		;
	out->data[at + 41] = (char)((S_IFLNK | 0777) >> 8);
}

START_TEST(unzip_refuses_links)
{
	FP_AUTO(temp_removep) char *folder = temp_folder();
	FP_AUTO(buf_release) struct buf zip = BUF_INIT;
	struct fp_error err = { 0 };

	link_zip(&zip);
	ck_assert_int_eq(pack_unzip(folder, zip.data, zip.len, MAX_BYTES, &err), -1);
	ck_assert_str_eq(err.message, "'link' in the zip is neither a file nor a folder");
}
END_TEST

START_TEST(unzip_refuses_damage)
{
	FP_AUTO(temp_removep) char *folder = temp_folder();
	FP_AUTO(buf_release) struct buf zip = BUF_INIT;
	struct fp_error err = { 0 };

	ck_assert_int_eq(pack_unzip(folder, "no zip at all", 13, MAX_BYTES, &err), -1);
	ck_assert_int_eq(err.code, FP_ERR_INPUT);
	ck_assert_int_eq(pack_zip(&zip, two, 2, &err), 0);
	/* The checksum of the first entry, in the central directory. */
	for (size_t at = 0; at + 20 < zip.len; at++)
		if (memcmp(zip.data + at, "PK\1\2", 4) == 0)
			zip.data[at + 16] ^= 1;
	ck_assert_int_eq(pack_unzip(folder, zip.data, zip.len, MAX_BYTES, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.message, "bootstrap"));
}
END_TEST

static Suite *zip_suite(void)
{
	Suite *s = suite_create("pack/zip");
	TCase *tc = tcase_create("zip");

	tcase_add_test(tc, zip_is_deterministic);
	tcase_add_test(tc, zip_comes_back);
	tcase_add_test(tc, zip_takes_a_file);
	tcase_add_test(tc, zip_refuses_twins_and_nothing);
	tcase_add_loop_test(tc, unzip_refuses_names, 0, ARRAY_SIZE(bad_names));
	tcase_add_test(tc, unzip_stops_a_bomb);
	tcase_add_test(tc, unzip_counts_entries);
	tcase_add_test(tc, unzip_refuses_links);
	tcase_add_test(tc, unzip_refuses_damage);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(zip_suite)
