#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "check_main.h"
#include "pack/asset.h"
#include "pack/fake_elf.h"
#include "pack/temp.h"
#include "pack/zip.h"

static void write_elf(const char *path, const struct fake_elf *e)
{
	FP_AUTO(buf_release) struct buf bytes = BUF_INIT;
	struct fp_error err = { 0 };

	fake_elf(&bytes, e);
	ck_assert_int_eq(fs_write_atomic(path, bytes.data, bytes.len, 0755, &err), 0);
}

START_TEST(static_program_is_alone)
{
	FP_AUTO(temp_removep) char *folder = temp_folder();
	FP_AUTO(freep) char *program = fs_join(folder, "prog");
	FP_AUTO(freep) char *out = fs_join(folder, "out/build");
	FP_AUTO(freep) char *unpacked = fs_join(folder, "unpacked");
	FP_AUTO(buf_release) struct buf zip = BUF_INIT;
	FP_AUTO(strs_release) struct strs names = STRS_INIT;
	FP_AUTO(asset_release) struct asset first = { 0 }, second = { 0 }, third = { 0 };
	struct fp_error err = { 0 };

	write_elf(program, &(struct fake_elf){ .machine = 183 });
	ck_assert_msg(asset_build(&first, program, "arm64", out, &err) == 0, "%s",
		      err.message);
	ck_assert(!first.unchanged);
	ck_assert(str_starts(first.key, "processors/") && str_ends(first.key, ".zip"));
	ck_assert(fs_exists(first.path));
	ck_assert_int_eq(asset_build(&second, program, "arm64", out, &err), 0);
	ck_assert(second.unchanged);
	ck_assert_str_eq(first.key, second.key);
	/* A zip that was cut short is written anew. */
	ck_assert_int_eq(truncate(first.path, 10), 0);
	ck_assert_int_eq(asset_build(&third, program, "arm64", out, &err), 0);
	ck_assert(!third.unchanged);

	ck_assert_int_eq(fs_read(&zip, third.path, 1 << 20, &err), 0);
	ck_assert_int_eq((int)zip.len, (int)third.size);
	ck_assert_int_eq(fs_mkdirs(unpacked, &err), 0);
	ck_assert_int_eq(pack_unzip(unpacked, zip.data, zip.len, 1 << 20, &err), 0);
	ck_assert_int_eq(fs_list(&names, unpacked, &err), 0);
	ck_assert_uint_eq(names.n, 1);
	ck_assert_str_eq(names.v[0], "bootstrap");
}
END_TEST

/* Only what goes into the zip counts, and all of that. */
START_TEST(change_is_noticed)
{
	FP_AUTO(temp_removep) char *folder = temp_folder();
	FP_AUTO(freep) char *program = fs_join(folder, "prog");
	FP_AUTO(asset_release) struct asset first = { 0 }, second = { 0 }, third = { 0 };
	struct fp_error err = { 0 };

	write_elf(program, &(struct fake_elf){ .machine = 183 });
	ck_assert_int_eq(asset_build(&first, program, "arm64", folder, &err), 0);
	write_elf(program, &(struct fake_elf){ .machine = 183, .runpath = "/x" });
	ck_assert_int_eq(asset_build(&second, program, "arm64", folder, &err), 0);
	ck_assert(!second.unchanged);
	ck_assert_str_ne(first.key, second.key);
	write_elf(program, &(struct fake_elf){ .machine = 183 });
	ck_assert_int_eq(asset_build(&third, program, "arm64", folder, &err), 0);
	ck_assert(third.unchanged);
	ck_assert_str_eq(first.key, third.key);
	ck_assert_int_eq((int)first.size, (int)third.size);
}
END_TEST

/* Each call that can fail does so once: nothing half-made is left behind. */
START_TEST(faults_leave_nothing_behind)
{
	FP_AUTO(temp_removep) char *folder = temp_folder();
	FP_AUTO(freep) char *program = fs_join(folder, "prog");
	struct fp_error err = { 0 };
	unsigned nth = 0, calls;

	write_elf(program, &(struct fake_elf){ .machine = 183 });
	/* Some may fail unnoticed: /etc/ld.so.conf need not be there. */
	do {
		FP_AUTO(freep) char *out = xasprintf("%s/out%u", folder, ++nth);
		FP_AUTO(strs_release) struct strs left = STRS_INIT;
		struct asset a;
		int rc;

		fault_arm("*", nth, EIO);
		rc = asset_build(&a, program, "arm64", out, &err);
		calls = fault_count();
		fault_disarm();
		ck_assert(rc == 0 || err.message[0]);
		asset_release(&a);
		/* Whole files only, and the next run is none the worse. */
		if (fs_is_dir(out))
			ck_assert_int_eq(fs_list(&left, out, &err), 0);
		for (size_t i = 0; i < left.n; i++)
			ck_assert_msg(str_ends(left.v[i], ".zip") ||
					      str_ends(left.v[i], ".zip-of"),
				      "%s is left", left.v[i]);
		ck_assert_int_eq(asset_build(&a, program, "arm64", out, &err), 0);
		asset_release(&a);
	} while (calls >= nth && nth < 200);
	ck_assert_uint_gt(nth, 8);
	ck_assert_uint_lt(nth, 200);
}
END_TEST

START_TEST(wrong_processor_is_refused)
{
	FP_AUTO(temp_removep) char *folder = temp_folder();
	FP_AUTO(freep) char *program = fs_join(folder, "prog");
	FP_AUTO(asset_release) struct asset a = { 0 };
	struct fp_error err = { 0 };

	write_elf(program, &(struct fake_elf){ .machine = 62 });
	ck_assert_int_eq(asset_build(&a, program, "arm64", folder, &err), -1);
	ck_assert_int_eq(err.code, FP_ERR_BUILD);
	ck_assert_ptr_nonnull(
		strstr(err.message, "is for x86_64, but the manifest asks for arm64"));
}
END_TEST

#if defined(__linux__) && defined(__x86_64__)
/* The zip of a dynamic program runs from wherever it was unpacked. */
START_TEST(dynamic_program_brings_its_libraries)
{
	FP_AUTO(temp_removep) char *folder = temp_folder();
	FP_AUTO(buf_release) struct buf zip = BUF_INIT;
	FP_AUTO(asset_release) struct asset a = { 0 };
	FP_AUTO(freep) char *bootstrap = NULL;
	FP_AUTO(freep) char *unpacked = fs_join(folder, "task root");
	struct fp_error err = { 0 };
	struct stat st;

	ck_assert_msg(asset_build(&a, "/bin/true", "x86_64", folder, &err) == 0, "%s",
		      err.message);
	ck_assert_int_eq(fs_read(&zip, a.path, 64 << 20, &err), 0);
	ck_assert_int_eq(fs_mkdirs(unpacked, &err), 0);
	ck_assert_int_eq(pack_unzip(unpacked, zip.data, zip.len, 250 << 20, &err), 0);
	bootstrap = fs_join(unpacked, "bootstrap");
	ck_assert_int_eq(stat(bootstrap, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0755);
	ck_assert_int_eq(setenv("LAMBDA_TASK_ROOT", unpacked, 1), 0);
	ck_assert_int_eq(setenv("BOOTSTRAP", bootstrap, 1), 0);
	ck_assert_int_eq(system("\"$BOOTSTRAP\""), 0);
}
END_TEST
#endif

static Suite *asset_suite(void)
{
	Suite *s = suite_create("pack/asset");
	TCase *tc = tcase_create("asset");

	tcase_add_test(tc, static_program_is_alone);
	tcase_add_test(tc, change_is_noticed);
	tcase_add_test(tc, faults_leave_nothing_behind);
	tcase_add_test(tc, wrong_processor_is_refused);
#if defined(__linux__) && defined(__x86_64__)
	tcase_add_test(tc, dynamic_program_brings_its_libraries);
#endif
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(asset_suite)
