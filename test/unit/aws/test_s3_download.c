/* Downloads that are broken off, disturbed and killed. */
#include "check_main.h"

#include "s3_bench.h"

START_TEST(a_download_goes_on)
{
	struct bench b;
	struct s3_result r;
	struct fp_error err;
	size_t before;

	bench_start(&b);
	put_object(&b, 6 * PART);
	b.s3.limited = true;
	b.s3.gets_left = 4;
	b.s3.cut_every = 4;
	ck_assert_int_eq(download(&b, 1, &r, &err), -1);
	ck_assert_msg(strstr(err.message, "run it again"), "%s", err.message);
	ck_assert(part_file_left(&b));
	ck_assert(!fs_exists(b.back));
	before = b.s3.sent;
	ck_assert_uint_eq(before, 3 * PART + PART / 2);
	b.s3.limited = false;
	b.s3.cut_every = 0;
	ck_assert_msg(download(&b, 1, &r, &err) == 0, "%s", err.message);
	ck_assert_uint_eq(b.s3.sent - before, 6 * PART - before);
	ck_assert_int_eq(r.reused, (int64_t)before);
	same_file(b.back, 6 * PART);
	bench_stop(&b);
}
END_TEST

/* What is there of the old object is no part of the new one. */
START_TEST(another_object_begins_anew)
{
	struct bench b;
	struct s3_result r;
	struct fp_error err;

	bench_start(&b);
	put_object(&b, 6 * PART);
	b.s3.limited = true;
	b.s3.gets_left = 3;
	ck_assert_int_eq(download(&b, 1, &r, &err), -1);
	b.s3.limited = false;
	put_object(&b, 6 * PART);
	b.s3.object.data[5] ^= 1;
	ck_assert_msg(download(&b, 1, &r, &err) == 0, "%s", err.message);
	ck_assert_int_eq(r.reused, 0);
	bench_stop(&b);
}
END_TEST

START_TEST(damage_is_noticed)
{
	struct bench b;
	struct s3_result r;
	struct fp_error err;

	bench_start(&b);
	put_object(&b, 3 * PART);
	b.s3.corrupt = true;
	ck_assert_int_eq(download(&b, 2, &r, &err), -1);
	ck_assert_int_eq(err.code, FP_ERR_PROTOCOL);
	ck_assert_msg(strstr(err.message, "crc64nvme"), "%s", err.message);
	ck_assert(!fs_exists(b.back));
	ck_assert(!part_file_left(&b));
	/* Nobody can tell where S3 has no checksum. */
	b.s3.no_checksum = true;
	ck_assert_msg(download(&b, 2, &r, &err) == 0, "%s", err.message);
	ck_assert_str_eq(r.checksum, "");
	/* But by the tag of the object, where that is one. */
	b.s3.md5 = true;
	put_object(&b, 3 * PART);
	ck_assert_int_eq(download(&b, 2, &r, &err), -1);
	ck_assert_int_eq(err.code, FP_ERR_PROTOCOL);
	ck_assert_msg(strstr(err.message, "md5"), "%s", err.message);
	b.s3.corrupt = false;
	ck_assert_msg(download(&b, 2, &r, &err) == 0, "%s", err.message);
	ck_assert_str_eq(r.checksum_name, "md5");
	bench_stop(&b);
}
END_TEST

/* The process ends in the middle of the only piece. */
static bool die_halfway(void *ctx FP_UNUSED, int64_t sent FP_UNUSED, int64_t received)
{
	if (received > 2 << 20)
		_exit(9);
	return true;
}

START_TEST(a_killed_download_keeps_what_came)
{
	const size_t size = (size_t)4 << 20;
	const struct http_progress progress = { die_halfway, NULL };
	struct s3_transfer t = { .parallel = 1, .progress = &progress };
	struct s3_result r;
	struct fp_error err = { 0 };
	struct bench b;
	int status;
	pid_t pid;

	bench_start(&b);
	put_object(&b, size);
	pid = fork();
	if (pid == 0) {
		(void)!s3_download(b.c, "b", "k", NULL, b.back, &t, NULL, NULL);
		_exit(1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(WEXITSTATUS(status), 9);
	ck_assert(part_file_left(&b));
	t.progress = NULL;
	ck_assert_msg(s3_download(b.c, "b", "k", NULL, b.back, &t, &r, &err) == 0, "%s",
		      err.message);
	ck_assert_int_gt(r.reused, 1 << 20);
	same_file(b.back, size);
	bench_stop(&b);
}
END_TEST

/* Whatever became of a part file or a journal: what comes of it is right. */
static void cut_file(const char *path, size_t n)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	ck_assert_int_eq(fs_read(&text, path, SIZE_MAX, NULL), 0);
	if (n < text.len)
		ck_assert_int_eq(truncate(path, (off_t)n), 0);
	else
		fake_grow(path);
}

START_TEST(a_damaged_part_file_does_no_harm)
{
	struct bench b;
	struct s3_result r;
	struct fp_error err;
	FP_AUTO(freep) char *part = NULL;

	bench_start(&b);
	part = xasprintf("%s.fpctl-part", b.back);
	put_object(&b, 3 * PART);
	for (size_t n = 2 * PART; n < 3 * PART + 80; n += n < 3 * PART - 1 ? 99 : 1) {
		b.s3.limited = true;
		b.s3.gets_left = 2;
		ck_assert_int_eq(download(&b, 1, &r, &err), -1);
		b.s3.limited = false;
		cut_file(part, n);
		ck_assert_msg(download(&b, 1, &r, &err) == 0, "%zu: %s", n, err.message);
		same_file(b.back, 3 * PART);
		ck_assert(!part_file_left(&b));
	}
	bench_stop(&b);
}
END_TEST

START_TEST(a_damaged_journal_does_no_harm)
{
	for (size_t n = 0; n < 140; n += 3) {
		struct bench b;
		struct s3_result r;
		struct fp_error err;
		FP_AUTO(strs_release) struct strs names = STRS_INIT;
		FP_AUTO(freep) char *journal = NULL;

		bench_start(&b);
		write_file(&b, 3 * PART);
		b.s3.bad_part = 3;
		ck_assert_int_eq(upload(&b, 1, &r, &err), -1);
		b.s3.bad_part = 0;
		ck_assert_int_eq(fs_list(&names, b.state, NULL), 0);
		ck_assert_uint_eq(names.n, 1);
		journal = fs_join(b.state, names.v[0]);
		cut_file(journal, n);
		ck_assert_msg(upload(&b, 1, &r, &err) == 0, "%zu: %s", n, err.message);
		same_bytes(&b.s3.object, 3 * PART, "the object");
		ck_assert_uint_eq(files_in(b.state), 0);
		bench_stop(&b);
	}
}
END_TEST

START_TEST(a_link_in_the_part_files_place_is_refused)
{
	struct bench b;
	struct s3_result r;
	struct fp_error err;
	FP_AUTO(freep) char *part = NULL;

	bench_start(&b);
	put_object(&b, 3 * PART);
	write_file(&b, 50);
	part = xasprintf("%s.fpctl-part", b.back);
	ck_assert_int_eq(symlink(b.file, part), 0);
	ck_assert_int_eq(download(&b, 1, &r, &err), -1);
	same_file(b.file, 50);
	bench_stop(&b);
}
END_TEST

START_TEST(the_files_mode_stays)
{
	struct bench b;
	struct s3_result r;
	struct fp_error err;
	struct stat st;

	bench_start(&b);
	put_object(&b, 3 * PART);
	ck_assert_int_eq(fs_write_atomic(b.back, "secret", 6, 0640, NULL), 0);
	ck_assert_msg(download(&b, 1, &r, &err) == 0, "%s", err.message);
	ck_assert_int_eq(stat(b.back, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0640);
	bench_stop(&b);
}
END_TEST

START_TEST(two_downloads_to_one_place)
{
	FP_AUTO(closep) int fd = -1;
	FP_AUTO(freep) char *part = NULL;
	struct bench b;
	struct s3_result r;
	struct fp_error err;

	bench_start(&b);
	put_object(&b, 3 * PART);
	part = xasprintf("%s.fpctl-part", b.back);
	fd = open(part, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	ck_assert_int_eq(download(&b, 1, &r, &err), -1);
	ck_assert_msg(strstr(err.message, "another download"), "%s", err.message);
	ck_assert(part_file_left(&b));
	bench_stop(&b);
}
END_TEST

static Suite *s3_download_suite(void)
{
	Suite *s = suite_create("s3_download");
	TCase *tc = tcase_create("s3_download");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, a_download_goes_on);
	tcase_add_test(tc, another_object_begins_anew);
	tcase_add_test(tc, damage_is_noticed);
	tcase_add_test(tc, a_killed_download_keeps_what_came);
	tcase_add_test(tc, a_damaged_part_file_does_no_harm);
	tcase_add_test(tc, a_damaged_journal_does_no_harm);
	tcase_add_test(tc, a_link_in_the_part_files_place_is_refused);
	tcase_add_test(tc, the_files_mode_stays);
	tcase_add_test(tc, two_downloads_to_one_place);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(s3_download_suite)
