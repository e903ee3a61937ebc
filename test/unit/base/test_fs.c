#include "check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/fs.h"
#include "base/str.h"

static char *root; /* a fresh folder for every test */
static struct fp_error err;

static void make_root(void)
{
	const char *tmp = str_or(getenv("TMPDIR"), "/tmp");

	root = xasprintf("%s/fpctl-fs-XXXXXX", tmp);
	ck_assert_ptr_nonnull(mkdtemp(root));
	err = (struct fp_error){ 0 };
}

static void remove_root(void)
{
	fault_disarm();
	ck_assert_msg(fs_remove_tree(root, &err) == 0, "%s", err.message);
	ck_assert(!fs_exists(root));
	freep(&root);
}

/* A path in the test's folder; valid until the fifth call after. */
static const char *at(const char *name)
{
	static char paths[4][512];
	static unsigned next;
	char *path = paths[next++ % 4];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", root, name);
	return path;
}

static void write_file(const char *name, const char *text)
{
	ck_assert_msg(fs_write_atomic(at(name), text, strlen(text), 0644, &err) == 0,
		      "%s", err.message);
}

static void expect_file(const char *name, const char *want)
{
	FP_AUTO(buf_release) struct buf got = BUF_INIT;

	ck_assert_msg(fs_read(&got, at(name), 1000, &err) == 0, "%s", err.message);
	ck_assert_str_eq(buf_str(&got), want);
}

static void expect_entries(const char *want)
{
	FP_AUTO(strs_release) struct strs names = STRS_INIT;
	FP_AUTO(buf_release) struct buf all = BUF_INIT;

	ck_assert_msg(fs_list(&names, root, &err) == 0, "%s", err.message);
	for (size_t i = 0; i < names.n; i++)
		buf_printf(&all, "%s%s", i ? " " : "", names.v[i]);
	ck_assert_str_eq(buf_str(&all), want);
}

START_TEST(written_files_are_read)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;
	struct stat st;

	write_file("f", "hello");
	write_file("f", "hello again");
	buf_puts(&b, ">");
	ck_assert_int_eq(fs_read(&b, at("f"), 11, &err), 0);
	ck_assert_str_eq(buf_str(&b), ">hello again");
	expect_entries("f");
	ck_assert_int_eq(fs_write_atomic(at("secret"), "", 0, 0600, &err), 0);
	ck_assert_int_eq(stat(at("secret"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	expect_file("secret", "");
}
END_TEST

START_TEST(limits_hold)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;

	write_file("f", "12345");
	ck_assert_int_eq(fs_read(&b, at("f"), 5, &err), 0);
	ck_assert_int_eq(fs_read(&b, at("f"), SIZE_MAX, &err), 0);
	ck_assert_int_eq(fs_read(&b, at("f"), 4, &err), -1);
	ck_assert_int_eq(err.code, FP_ERR_LIMIT);
	ck_assert_str_eq(buf_str(&b), "1234512345");
	/* Its size is told as 0, so the end must be found by reading. */
	ck_assert_int_eq(fs_read(&b, "/dev/zero", 300000, &err), -1);
	ck_assert_int_eq(err.code, FP_ERR_LIMIT);
	ck_assert_uint_eq(b.len, 10);
}
END_TEST

START_TEST(a_larger_file_comes_whole)
{
	FP_AUTO(freep) char *data = xmalloc(300001);
	FP_AUTO(buf_release) struct buf b = BUF_INIT;

	for (int i = 0; i < 300001; i++)
		data[i] = (char)(i * 7);
	ck_assert_int_eq(fs_write_atomic(at("f"), data, 300001, 0644, &err), 0);
	ck_assert_int_eq(fs_read(&b, at("f"), SIZE_MAX, &err), 0);
	ck_assert_uint_eq(b.len, 300001);
	ck_assert_mem_eq(b.data, data, 300001);
}
END_TEST

START_TEST(errors_name_the_file)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;

	ck_assert_int_eq(fs_read(&b, "/does/not/exist", 9, &err), -1);
	ck_assert_int_eq(err.code, FP_ERR_IO);
	ck_assert_str_eq(err.message,
			 "cannot open '/does/not/exist': No such file or directory");
	ck_assert_int_eq(fs_read(&b, root, 9, &err), -1);
	ck_assert(str_ends(err.message, "Is a directory"));
	ck_assert_int_eq(fs_write_atomic("/does/not/exist", "", 0, 0644, &err), -1);
	expect_entries("");
}
END_TEST

/*
 * Fail each I/O call of a write once: the old file (or none) is there, nothing
 * beside it, and no fd is left open.
 */
static void fail_each_write(const char *old)
{
	unsigned nth, failures = 0;
	int before = dup(0);

	for (nth = 1; nth < 100; nth++) {
		int rc;

		fault_arm("*", nth, ENOSPC);
		rc = fs_write_atomic(at("f"), "new", 3, 0644, &err);
		fault_disarm();
		if (rc == 0)
			break;
		failures++;
		ck_assert_int_eq(err.code, FP_ERR_IO);
		ck_assert(str_ends(err.message, "No space left on device"));
		expect_entries(old ? "f" : "");
		if (old)
			expect_file("f", old);
	}
	/* open, write, fsync, rename, open, fsync; and unlink of the old. */
	ck_assert_uint_eq(failures, old ? 7 : 6);
	expect_file("f", "new");
	expect_entries("f");
	ck_assert_int_eq(close(before), 0);
	ck_assert_int_eq(dup(0), before);
	(void)close(before);
}

START_TEST(a_failed_write_keeps_the_old_file)
{
	write_file("f", "old");
	fail_each_write("old");
}
END_TEST

START_TEST(a_failed_first_write_leaves_nothing)
{
	fail_each_write(NULL);
}
END_TEST

START_TEST(interrupted_calls_go_on)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;

	fault_arm("write", 1, EINTR);
	write_file("f", "x");
	fault_arm("read", 1, EINTR);
	ck_assert_int_eq(fs_read(&b, at("f"), 9, &err), 0);
	ck_assert_str_eq(buf_str(&b), "x");
}
END_TEST

START_TEST(folders_are_made_and_removed)
{
	ck_assert_int_eq(fs_mkdirs(at("a//b/c/"), &err), 0);
	ck_assert_int_eq(fs_mkdirs(at("a/b/c"), &err), 0);
	ck_assert(fs_is_dir(at("a/b/c")) && fs_exists(at("a/b/c")));
	write_file("a/f", "x");
	ck_assert_int_eq(fs_mkdirs(at("a/f/g"), &err), -1);
	ck_assert_int_eq(fs_mkdirs(at("a/f"), &err), -1);
	ck_assert(str_ends(err.message, "Not a directory"));
	ck_assert(!fs_is_dir(at("a/f")) && fs_exists(at("a/f")));
	ck_assert_int_eq(fs_mkdirs("", &err), -1);
	ck_assert_int_eq(fs_mkdirs("/", &err), 0);
	fault_arm("mkdir", 2, EACCES);
	ck_assert_int_eq(fs_mkdirs(at("x/y/z"), &err), -1);
	fault_disarm();
	ck_assert(fs_is_dir(at("x")) && !fs_exists(at("x/y")));
	ck_assert_int_eq(fs_remove_tree(at("a"), &err), 0);
	ck_assert_int_eq(fs_remove_tree(at("a"), &err), 0);
	expect_entries("x");
}
END_TEST

START_TEST(removal_follows_no_links)
{
	ck_assert_int_eq(fs_mkdirs(at("keep"), &err), 0);
	ck_assert_int_eq(fs_mkdirs(at("go/deep/er"), &err), 0);
	write_file("keep/f", "x");
	ck_assert_int_eq(symlink(at("keep"), at("go/deep/link")), 0);
	ck_assert_int_eq(symlink(at("keep"), at("link")), 0);
	ck_assert_int_eq(fs_remove_tree(at("go"), &err), 0);
	ck_assert_int_eq(fs_remove_tree(at("link"), &err), 0);
	expect_entries("keep");
	expect_file("keep/f", "x");
}
END_TEST

START_TEST(removal_tells_each_failure)
{
	unsigned nth;

	for (nth = 1; nth < 50; nth++) {
		int rc;

		ck_assert_int_eq(fs_mkdirs(at("t/u"), &err), 0);
		write_file("t/u/f", "x");
		fault_arm("*", nth, EIO);
		rc = fs_remove_tree(at("t"), &err);
		fault_disarm();
		if (rc == 0)
			break;
		ck_assert(str_ends(err.message, "Input/output error"));
	}
	/* Of t, of t/u: unlink, open, unlink; of the file: unlink. */
	ck_assert_uint_eq(nth, 8);
	expect_entries("");
}
END_TEST

START_TEST(lists_sorted)
{
	FP_AUTO(strs_release) struct strs names = STRS_INIT;

	write_file("b", "1");
	write_file(".hidden", "2");
	ck_assert_int_eq(rename(at("b"), at("c")), 0);
	write_file("a", "3");
	expect_entries(".hidden a c");
	fault_arm("open", 1, EMFILE);
	ck_assert_int_eq(fs_list(&names, root, &err), -1);
	ck_assert_int_eq(fs_list(&names, at("a"), &err), -1);
	ck_assert_uint_eq(names.n, 0);
}
END_TEST

START_TEST(opened_files_do_not_leak_into_children)
{
	FP_AUTO(closep) int fd = fs_open(at("f"), O_WRONLY | O_CREAT, 0600, &err);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}
END_TEST

static const struct {
	const char *path, *folder, *base;
} parts[] = {
	{ "a/b", "a", "b" },	   { "a", ".", "a" },	 { "/a", "/", "a" },
	{ "/a/b/c", "/a/b", "c" }, { "a//b", "a", "b" }, { "a/", "a", "" },
	{ "/", "/", "" },	   { "", ".", "" },	 { "//a", "/", "a" },
};

START_TEST(paths_have_parts)
{
	FP_AUTO(freep) char *folder = fs_dirname(parts[_i].path);

	ck_assert_str_eq(folder, parts[_i].folder);
	ck_assert_str_eq(fs_basename(parts[_i].path), parts[_i].base);
}
END_TEST

static const struct {
	const char *a, *b, *want;
} joins[] = {
	{ "a", "b", "a/b" },	 { "a/", "b", "a/b" }, { "a", "/b", "a/b" },
	{ "a//", "//b", "a/b" }, { "/", "b", "/b" },   { "", "b", "b" },
	{ "a", "", "a/" },
};

START_TEST(paths_are_joined_by_one_slash)
{
	FP_AUTO(freep) char *got = fs_join(joins[_i].a, joins[_i].b);

	ck_assert_str_eq(got, joins[_i].want);
}
END_TEST

START_TEST(the_program_knows_its_folder)
{
	FP_AUTO(freep) char *folder = fs_program_dir();
	FP_AUTO(freep) char *self = fs_join(folder, "test_fs");

	ck_assert_int_eq(folder[0], '/');
	ck_assert_msg(fs_exists(self), "%s", self);
}
END_TEST

static Suite *fs_suite(void)
{
	Suite *s = suite_create("base/fs");
	TCase *tc = tcase_create("fs");

	tcase_add_checked_fixture(tc, make_root, remove_root);
	tcase_add_test(tc, written_files_are_read);
	tcase_add_test(tc, limits_hold);
	tcase_add_test(tc, a_larger_file_comes_whole);
	tcase_add_test(tc, errors_name_the_file);
	tcase_add_test(tc, a_failed_write_keeps_the_old_file);
	tcase_add_test(tc, a_failed_first_write_leaves_nothing);
	tcase_add_test(tc, interrupted_calls_go_on);
	tcase_add_test(tc, folders_are_made_and_removed);
	tcase_add_test(tc, removal_follows_no_links);
	tcase_add_test(tc, removal_tells_each_failure);
	tcase_add_test(tc, lists_sorted);
	tcase_add_test(tc, opened_files_do_not_leak_into_children);
	tcase_add_loop_test(tc, paths_have_parts, 0, ARRAY_SIZE(parts));
	tcase_add_loop_test(tc, paths_are_joined_by_one_slash, 0, ARRAY_SIZE(joins));
	tcase_add_test(tc, the_program_knows_its_folder);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(fs_suite)
