#include <limits.h>
#include <unistd.h>

#include "check_main.h"
#include "pack/elf.h"
#include "pack/fake_elf.h"
#include "pack/search.h"
#include "pack/temp.h"

static void write_elf(const char *folder, const char *name, const struct fake_elf *e)
{
	FP_AUTO(buf_release) struct buf bytes = BUF_INIT;
	FP_AUTO(freep) char *path = fs_join(folder, name);
	FP_AUTO(freep) char *parent = fs_dirname(path);
	struct fp_error err = { 0 };

	fake_elf(&bytes, e);
	ck_assert_int_eq(fs_mkdirs(parent, &err), 0);
	ck_assert_int_eq(fs_write_atomic(path, bytes.data, bytes.len, 0755, &err), 0);
}

START_TEST(parses_what_it_says)
{
	const struct fake_elf e = { .machine = _i ? 183 : 62,
				    .interp = "/lib/ld.so",
				    .needed = { "liba.so.1", "libc.so.6" },
				    .runpath = "$ORIGIN/lib:/opt" };
	FP_AUTO(buf_release) struct buf bytes = BUF_INIT;
	FP_AUTO(elf_info_release) struct elf_info info = { 0 };
	struct fp_error err = { 0 };

	fake_elf(&bytes, &e);
	ck_assert_msg(elf_parse(&info, bytes.data, bytes.len, &err) == 0, "%s",
		      err.message);
	ck_assert_str_eq(info.arch, _i ? "arm64" : "x86_64");
	ck_assert_str_eq(info.interpreter, "/lib/ld.so");
	ck_assert_uint_eq(info.needed.n, 2);
	ck_assert_str_eq(info.needed.v[1], "libc.so.6");
	ck_assert_uint_eq(info.runpath.n, 2);
	ck_assert_uint_eq(info.rpath.n, 0);
}
END_TEST

/* No prefix, and no single wrong byte, may make it read outside (ASan looks on). */
START_TEST(survives_damage)
{
	const struct fake_elf e = { .machine = 62,
				    .interp = "/l",
				    .needed = { "liba.so" } };
	FP_AUTO(buf_release) struct buf bytes = BUF_INIT;
	struct elf_info info;

	fake_elf(&bytes, &e);
	for (size_t i = 0; i < bytes.len; i++) {
		char *cut = xmalloc(i + 1);

		memcpy(cut, bytes.data, i);
		if (elf_parse(&info, cut, i, NULL) == 0)
			elf_info_release(&info);
		free(cut);
		bytes.data[i] = (char)~bytes.data[i];
		if (elf_parse(&info, bytes.data, bytes.len, NULL) == 0)
			elf_info_release(&info);
		bytes.data[i] = (char)~bytes.data[i];
	}
}
END_TEST

START_TEST(closure_follows_paths)
{
	FP_AUTO(temp_removep) char *folder = temp_folder();
	FP_AUTO(elf_closure_release) struct elf_closure c = { 0 };
	FP_AUTO(freep) char *program = fs_join(folder, "bin/prog");
	struct fp_error err = { 0 };

	/* liba by RUNPATH; libb by liba's RPATH; libc by the program's, for the wrong
	 * processor in the first folder. */
	write_elf(folder, "bin/prog",
		  &(struct fake_elf){ .machine = 183,
				      .interp = "/lib/ld-linux-aarch64.so.1",
				      .needed = { "liba.so", "libz9.so" },
				      .runpath = "$ORIGIN/x86:${ORIGIN}/../lib" });
	write_elf(folder, "bin/x86/libz9.so", &(struct fake_elf){ .machine = 62 });
	write_elf(folder, "lib/libz9.so", &(struct fake_elf){ .machine = 183 });
	write_elf(folder, "lib/liba.so",
		  &(struct fake_elf){ .machine = 183,
				      .needed = { "libb.so" },
				      .rpath = "$ORIGIN/deep" });
	write_elf(folder, "lib/deep/libb.so",
		  &(struct fake_elf){ .machine = 183, .needed = { "libinherited.so" } });
	write_elf(folder, "lib/deep/libinherited.so",
		  &(struct fake_elf){ .machine = 183, .needed = { "liba.so" } });
	ck_assert_msg(elf_closure_of(&c, program, &err) == 0, "%s", err.message);
	ck_assert_str_eq(c.arch, "arm64");
	ck_assert_str_eq(c.interpreter, "/lib/ld-linux-aarch64.so.1");
	ck_assert_uint_eq(c.names.n, 4);
	ck_assert_str_eq(c.names.v[0], "liba.so");
	ck_assert_ptr_nonnull(strstr(c.paths.v[1], "/deep/libb.so"));
	ck_assert_str_eq(c.names.v[3], "libz9.so");
	ck_assert_ptr_null(strstr(c.paths.v[3], "x86"));
}
END_TEST

START_TEST(closure_names_what_is_missing)
{
	FP_AUTO(temp_removep) char *folder = temp_folder();
	FP_AUTO(elf_closure_release) struct elf_closure c = { 0 };
	FP_AUTO(freep) char *program = fs_join(folder, "prog");
	struct fp_error err = { 0 };

	ck_assert_int_eq(elf_closure_of(&c, program, &err), -1);
	write_elf(folder, "prog",
		  &(struct fake_elf){ .machine = 62, .needed = { "libno.so.7" } });
	ck_assert_int_eq(setenv("LD_LIBRARY_PATH", folder, 1), 0);
	write_elf(folder, "libno.so.7", &(struct fake_elf){ .machine = 62 });
	ck_assert_int_eq(elf_closure_of(&c, program, &err), -1);
	ck_assert_int_eq(err.code, FP_ERR_BUILD);
	ck_assert_ptr_nonnull(strstr(err.message, "cannot find 'libno.so.7' for x86_64"));
	ck_assert_int_eq(fs_write_atomic(program, "#!/bin/sh\n", 10, 0755, &err), 0);
	ck_assert_int_eq(elf_closure_of(&c, program, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.message, "not a 64-bit Linux program"));
}
END_TEST

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))
/* This very program: its libraries are those that the kernel mapped. */
START_TEST(closure_of_a_real_program)
{
	FP_AUTO(elf_closure_release) struct elf_closure c = { 0 };
	FP_AUTO(buf_release) struct buf maps = BUF_INIT;
	char self[PATH_MAX];
	struct fp_error err = { 0 };
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	size_t mapped = 0;

	ck_assert_int_gt(n, 0);
	self[n] = '\0';
	ck_assert_msg(elf_closure_of(&c, self, &err) == 0, "%s", err.message);
	ck_assert(strs_has(&c.names, "libc.so.6"));
	ck_assert_ptr_nonnull(c.interpreter);
	ck_assert_int_eq(fs_read(&maps, "/proc/self/maps", 1 << 20, &err), 0);
	for (size_t i = 0; i < c.paths.n; i++) {
		char real[PATH_MAX];

		ck_assert_ptr_nonnull(realpath(c.paths.v[i], real));
		ck_assert_msg(strstr(maps.data, real) != NULL, "%s is not mapped", real);
		mapped++;
	}
	ck_assert_uint_ge(mapped, 3);
}
END_TEST
#endif

static const struct {
	const char *in, *want;
} expansions[] = {
	{ "/a/b", "/a/b" }, { "$ORIGIN", "/o" },  { "${ORIGIN}/../lib", "/o/../lib" },
	{ "$LIB/x", NULL }, { "relative", NULL }, { "", NULL },
};

START_TEST(origin_is_expanded)
{
	FP_AUTO(freep) char *got = search_expand(expansions[_i].in, "/o");

	ck_assert_pstr_eq(got, expansions[_i].want);
}
END_TEST

static Suite *elf_suite(void)
{
	Suite *s = suite_create("pack/elf");
	TCase *tc = tcase_create("elf");

	tcase_add_loop_test(tc, parses_what_it_says, 0, 2);
	tcase_add_test(tc, survives_damage);
	tcase_add_test(tc, closure_follows_paths);
	tcase_add_test(tc, closure_names_what_is_missing);
#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))
	tcase_add_test(tc, closure_of_a_real_program);
#endif
	tcase_add_loop_test(tc, origin_is_expanded, 0, ARRAY_SIZE(expansions));
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(elf_suite)
