/* Transfers of many requests, against one object of S3 in memory that misbehaves. */
#include "check_main.h"

#include "s3_bench.h"

static const struct {
	size_t size;
	unsigned parts;
} sizes[] = { { 0, 0 },	       { 1, 0 },	{ PART - 1, 0 }, { PART, 0 },
	      { PART + 1, 2 }, { 3 * PART, 3 }, { 8 * PART, 8 }, { 12 * PART + 5, 13 } };

START_TEST(there_and_back)
{
	struct bench b;
	struct s3_result r;
	struct fp_error err;

	bench_start(&b);
	write_file(&b, sizes[_i].size);
	ck_assert_msg(upload(&b, 3, &r, &err) == 0, "%s", err.message);
	same_bytes(&b.s3.object, sizes[_i].size, "the object");
	ck_assert_uint_eq(b.s3.part_puts, sizes[_i].parts);
	ck_assert_int_eq(r.size, (int64_t)sizes[_i].size);
	ck_assert_int_eq(r.reused, 0);
	ck_assert_str_eq(r.checksum_name, "crc64nvme");
	ck_assert_uint_eq(files_in(b.state), 0);
	ck_assert_msg(download(&b, 3, &r, &err) == 0, "%s", err.message);
	same_file(b.back, sizes[_i].size);
	ck_assert_str_eq(r.checksum_name, "crc64nvme");
	ck_assert(!part_file_left(&b));
	bench_stop(&b);
}
END_TEST

START_TEST(every_third_request_breaks)
{
	struct bench b;
	struct s3_result r;
	struct fp_error err;

	bench_start(&b);
	write_file(&b, 9 * PART + 1);
	b.s3.break_every = 3;
	ck_assert_msg(upload(&b, 1 + (unsigned)_i, &r, &err) == 0, "%s", err.message);
	b.s3.cut_every = 2;
	ck_assert_msg(download(&b, 1 + (unsigned)_i, &r, &err) == 0, "%s", err.message);
	same_file(b.back, 9 * PART + 1);
	/* A range that broke off goes on where it stopped. */
	ck_assert_uint_eq(b.s3.sent, 9 * PART + 1);
	bench_stop(&b);
}
END_TEST

START_TEST(an_upload_goes_on)
{
	struct bench b;
	struct s3_result r;
	struct fp_error err;
	unsigned before;

	bench_start(&b);
	write_file(&b, 5 * PART);
	b.s3.bad_part = 4;
	ck_assert_int_eq(upload(&b, 1, &r, &err), -1);
	ck_assert_msg(strstr(err.message, "run it again"), "%s", err.message);
	ck_assert_uint_eq(b.s3.aborts, 0);
	ck_assert_uint_eq(files_in(b.state), 1);
	b.s3.bad_part = 0;
	before = b.s3.part_puts;
	ck_assert_msg(upload(&b, 1, &r, &err) == 0, "%s", err.message);
	ck_assert_uint_eq(b.s3.part_puts - before, 2);
	ck_assert_uint_eq(b.s3.creates, 1);
	ck_assert_int_eq(r.reused, 3 * PART);
	same_bytes(&b.s3.object, 5 * PART, "the object");
	ck_assert_uint_eq(files_in(b.state), 0);
	bench_stop(&b);
}
END_TEST

/* Of another file by that name nothing is taken, and the old upload goes. */
START_TEST(another_file_begins_anew)
{
	struct bench b;
	struct s3_result r;
	struct fp_error err;

	bench_start(&b);
	write_file(&b, 5 * PART);
	b.s3.bad_part = 4;
	ck_assert_int_eq(upload(&b, 1, &r, &err), -1);
	b.s3.bad_part = 0;
	write_file(&b, 5 * PART + 1);
	ck_assert_msg(upload(&b, 1, &r, &err) == 0, "%s", err.message);
	ck_assert_uint_eq(b.s3.aborts, 1);
	ck_assert_uint_eq(b.s3.creates, 2);
	ck_assert_int_eq(r.reused, 0);
	same_bytes(&b.s3.object, 5 * PART + 1, "the object");
	bench_stop(&b);
}
END_TEST

/* The same size and time, but other bytes: a part counts by its checksum only. */
START_TEST(changed_bytes_are_sent)
{
	struct bench b;
	struct s3_result r;
	struct fp_error err;
	struct stat st;
	struct timespec times[2];
	int fd;

	bench_start(&b);
	write_file(&b, 5 * PART);
	b.s3.bad_part = 4;
	ck_assert_int_eq(upload(&b, 1, &r, &err), -1);
	b.s3.bad_part = 0;
	fd = open(b.file, O_WRONLY | O_CLOEXEC);
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_int_eq(pwrite(fd, "!", 1, PART + 7), 1);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	ck_assert_int_eq(futimens(fd, times), 0);
	close(fd);
	ck_assert_msg(upload(&b, 1, &r, &err) == 0, "%s", err.message);
	ck_assert_int_eq(r.reused, 2 * PART);
	ck_assert_int_eq(b.s3.object.data[PART + 7], '!');
	bench_stop(&b);
}
END_TEST

START_TEST(a_forgotten_upload_begins_anew)
{
	struct bench b;
	struct s3_result r;
	struct fp_error err;

	bench_start(&b);
	write_file(&b, 5 * PART);
	b.s3.bad_part = 4;
	ck_assert_int_eq(upload(&b, 1, &r, &err), -1);
	b.s3.bad_part = 0;
	b.s3.forgets = true;
	ck_assert_msg(upload(&b, 1, &r, &err) == 0, "%s", err.message);
	ck_assert_uint_eq(b.s3.creates, 2);
	same_bytes(&b.s3.object, 5 * PART, "the object");
	bench_stop(&b);
}
END_TEST

/* S3 wants the parts again then. */
START_TEST(a_conflict_begins_anew)
{
	struct bench b;
	struct s3_result r;
	struct fp_error err;

	bench_start(&b);
	write_file(&b, 5 * PART);
	b.s3.conflict = true;
	ck_assert_msg(upload(&b, 1, &r, &err) == 0, "%s", err.message);
	ck_assert_uint_eq(b.s3.creates, 2);
	same_bytes(&b.s3.object, 5 * PART, "the object");
	bench_stop(&b);
}
END_TEST

START_TEST(a_part_that_is_not_there_begins_anew)
{
	struct bench b;
	struct s3_result r;
	struct fp_error err;

	bench_start(&b);
	write_file(&b, 5 * PART);
	b.s3.bad_part = 4;
	ck_assert_int_eq(upload(&b, 1, &r, &err), -1);
	b.s3.bad_part = 0;
	b.s3.unknown_part = true;
	ck_assert_msg(upload(&b, 1, &r, &err) == 0, "%s", err.message);
	ck_assert_uint_eq(b.s3.creates, 2);
	same_bytes(&b.s3.object, 5 * PART, "the object");
	bench_stop(&b);
}
END_TEST

START_TEST(a_file_of_the_system_has_bytes_in_spite_of_its_size)
{
	FP_AUTO(buf_release) struct buf want = BUF_INIT;
	struct bench b;

	if (fs_read(&want, "/proc/version", SIZE_MAX, NULL) < 0)
		return;
	bench_start(&b);
	ck_assert_int_eq(s3_put_file(b.c, "b", "k", "/proc/version", NULL, NULL, NULL),
			 0);
	ck_assert_str_eq(buf_str(&b.s3.object), buf_str(&want));
	bench_stop(&b);
}
END_TEST

/* Stops when the first answer is well over. */
static bool until_the_pause(void *ctx, int64_t sent FP_UNUSED, int64_t received FP_UNUSED)
{
	static int64_t answered_ms;
	const struct fake_s3 *s3 = ctx;

	if (s3->calls && !answered_ms)
		answered_ms = clock_monotonic_ms();
	return !answered_ms || clock_monotonic_ms() - answered_ms < 300;
}

/* Where another piece failed, nobody waits for this one's next attempt. */
START_TEST(a_pause_ends_with_the_transfer)
{
	struct bench b;
	struct fp_error err = { 0 };
	int64_t start = clock_monotonic_ms();

	bench_start(&b);
	aws_hurry(false);
	b.s3.busy = true;
	write_file(&b, 10);
	ck_assert_int_eq(s3_put_file(b.c, "b", "k", b.file, NULL,
				     &(struct http_progress){ until_the_pause, &b.s3 },
				     &err),
			 -1);
	ck_assert_int_eq(err.code, FP_ERR_INTERRUPTED);
	ck_assert_int_lt(clock_monotonic_ms() - start, 4000);
	bench_stop(&b);
}
END_TEST

START_TEST(a_lost_completion_is_found)
{
	struct bench b;
	struct s3_result r;
	struct fp_error err;

	bench_start(&b);
	write_file(&b, 3 * PART);
	b.s3.lost_completion = true;
	ck_assert_msg(upload(&b, 1, &r, &err) == 0, "%s", err.message);
	ck_assert_uint_eq(b.s3.completes, 1);
	ck_assert_str_eq(r.etag, b.s3.etag);
	bench_stop(&b);
}
END_TEST

static const size_t changing[] = { 10, 5 * PART };

START_TEST(a_changing_file_is_refused)
{
	struct bench b;
	struct s3_result r;
	struct fp_error err;

	bench_start(&b);
	write_file(&b, changing[_i]);
	b.s3.touch = b.file;
	if (changing[_i] <= PART) {
		/* In one request it was all read before. */
		ck_assert_msg(upload(&b, 1, &r, &err) == 0, "%s", err.message);
	} else {
		ck_assert_int_eq(upload(&b, 1, &r, &err), -1);
		ck_assert_int_eq(err.code, FP_ERR_INPUT);
		ck_assert_msg(strstr(err.message, "changed while it was sent"), "%s",
			      err.message);
		ck_assert(!b.s3.there);
		ck_assert_uint_eq(b.s3.aborts, 1);
		ck_assert_uint_eq(files_in(b.state), 0);
	}
	bench_stop(&b);
}
END_TEST

/* Fail each call of a kind once: what comes of it is all or nothing. */
static const char *const kinds[] = { "http",  "open",	"read",	 "write",
				     "fsync", "rename", "mkdir", "unlink" };

START_TEST(each_call_fails_once)
{
	for (unsigned n = 1;; n++) {
		struct bench b;
		struct s3_result r;
		struct fp_error err;
		bool fired, up;

		bench_start(&b);
		write_file(&b, 3 * PART + 1);
		fault_arm(kinds[_i], n, EIO);
		up = upload(&b, 1, &r, &err) == 0;
		fired = fault_count() >= n;
		fault_disarm();
		ck_assert_msg(up == b.s3.there, "%s %u: %s", kinds[_i], n, err.message);
		ck_assert_msg(up || !b.s3.uploading || files_in(b.state) == 1,
			      "%s %u: %s", kinds[_i], n, err.message);
		if (!up)
			ck_assert_msg(upload(&b, 1, &r, &err) == 0, "%s %u: %s",
				      kinds[_i], n, err.message);
		same_bytes(&b.s3.object, 3 * PART + 1, kinds[_i]);
		ck_assert(!b.s3.uploading);
		bench_stop(&b);
		if (!fired)
			return;
	}
}
END_TEST

START_TEST(each_call_of_a_download_fails_once)
{
	for (unsigned n = 1;; n++) {
		struct bench b;
		struct s3_result r;
		struct fp_error err;
		bool fired, down;

		bench_start(&b);
		put_object(&b, 3 * PART + 1);
		fault_arm(kinds[_i], n, EIO);
		down = download(&b, 1, &r, &err) == 0;
		fired = fault_count() >= n;
		fault_disarm();
		/* The folder's fsync comes behind the rename: the file is whole. */
		if (fs_exists(b.back))
			same_file(b.back, 3 * PART + 1);
		else
			ck_assert_msg(!down, "%s %u", kinds[_i], n);
		ck_assert_msg(!part_file_left(&b), "%s %u: %s", kinds[_i], n,
			      err.message);
		ck_assert_msg(down || download(&b, 1, &r, &err) == 0, "%s %u: %s",
			      kinds[_i], n, err.message);
		same_file(b.back, 3 * PART + 1);
		bench_stop(&b);
		if (!fired)
			return;
	}
}
END_TEST

static bool gather(void *ctx, const void *data, size_t n)
{
	buf_add(ctx, data, n);
	return true;
}

START_TEST(a_stream_goes_on)
{
	FP_AUTO(buf_release) struct buf got = BUF_INIT;
	const struct http_sink sink = { .write = gather, .ctx = &got };
	FP_AUTO(s3_object_release) struct s3_object o = { 0 };
	struct fp_error err = { 0 };
	struct bench b;

	bench_start(&b);
	put_object(&b, 3 * PART);
	b.s3.cut_every = 1;
	b.s3.limited = true;
	b.s3.gets_left = 4;
	ck_assert_int_eq(s3_get(b.c, "b", "k", NULL, &sink, &o, &err), -1);
	buf_clear(&got);
	/* The first answer is cut, the next one is not. */
	b.s3.limited = false;
	b.s3.cut_every = 2;
	b.s3.reads = 1;
	b.s3.sent = 0;
	ck_assert_msg(s3_get(b.c, "b", "k", NULL, &sink, &o, &err) == 0, "%s",
		      err.message);
	same_bytes(&got, 3 * PART, "the stream");
	ck_assert_uint_eq(b.s3.sent, 3 * PART);
	ck_assert_int_eq(o.size, 3 * PART);
	buf_clear(&got);
	b.s3.cut_every = 0;
	b.s3.corrupt = true;
	ck_assert_int_eq(s3_get(b.c, "b", "k", NULL, &sink, NULL, &err), -1);
	ck_assert_int_eq(err.code, FP_ERR_PROTOCOL);
	bench_stop(&b);
}
END_TEST

/* A pipe with n bytes in it, closed for writing. */
static int pipe_of(size_t n)
{
	FP_AUTO(buf_release) struct buf bytes = BUF_INIT;
	int fds[2];

	fill(&bytes, n);
	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(write(fds[1], buf_str(&bytes), n), (ssize_t)n);
	close(fds[1]);
	return fds[0];
}

START_TEST(a_pipe_is_uploaded)
{
	const struct s3_put_options o = { .transfer = { .part_size = PART,
							.parallel = 3 } };
	FP_AUTO(closep) int fd = pipe_of(sizes[_i].size);
	struct fp_error err = { 0 };
	struct s3_result r;
	struct bench b;

	bench_start(&b);
	ck_assert_msg(s3_upload_stream(b.c, "b", "k", fd, &o, &r, &err) == 0, "%s",
		      err.message);
	same_bytes(&b.s3.object, sizes[_i].size, "the object");
	ck_assert_int_eq(r.size, (int64_t)sizes[_i].size);
	bench_stop(&b);
}
END_TEST

START_TEST(a_pipe_that_fails_leaves_nothing)
{
	const struct s3_put_options o = { .transfer = { .part_size = PART } };
	FP_AUTO(closep) int fd = pipe_of(5 * PART);
	struct fp_error err = { 0 };
	struct bench b;

	bench_start(&b);
	fault_arm("read", 3, EIO);
	ck_assert_int_eq(s3_upload_stream(b.c, "b", "k", fd, &o, NULL, &err), -1);
	ck_assert_msg(strstr(err.message, "cannot read the input"), "%s", err.message);
	ck_assert(!b.s3.there);
	ck_assert(!b.s3.uploading);
	ck_assert_uint_eq(b.s3.aborts, 1);
	bench_stop(&b);
}
END_TEST

START_TEST(a_copy_in_parts)
{
	const struct s3_place place = { "b", "k", NULL };
	const struct s3_transfer t = { .part_size = PART, .parallel = 2 };
	struct fp_error err = { 0 };
	struct s3_result r;
	struct bench b;

	bench_start(&b);
	put_object(&b, 4 * PART + 9);
	ck_assert_msg(s3_copy(b.c, &place, &place, &t, &r, &err) == 0, "%s", err.message);
	same_bytes(&b.s3.object, 4 * PART + 9, "the copy");
	ck_assert_uint_eq(b.s3.part_puts, 5);
	ck_assert_int_eq(r.size, 4 * PART + 9);
	bench_stop(&b);
}
END_TEST

/* A bucket with one object, whose name XML cannot hold. */
static void strange_bucket(void *ctx, const struct test_request *req,
			   struct test_answer *out)
{
	bool *there = ctx;

	if (str_eq(req->method, "DELETE")) {
		ck_assert_str_eq(req->target, "/b/a%01b%20c?versionId=1");
		*there = false;
		out->status = 204;
		return;
	}
	ck_assert_msg(strstr(req->target, "encoding-type=url"), "%s", req->target);
	buf_puts(&out->body, "<R><EncodingType>url</EncodingType>");
	if (*there)
		buf_puts(&out->body, "<Version><Key>a%01b+c</Key>"
				     "<VersionId>1</VersionId></Version>");
	buf_puts(&out->body, "</R>");
}

START_TEST(a_name_that_xml_cannot_hold_is_deleted)
{
	struct aws_credentials creds = { .access_key_id = (char[]){ "AKIDEXAMPLE" },
					 .secret_access_key = (char[]){ "secret" } };
	struct aws_options o = { .region = "eu-west-1", .credentials = &creds };
	FP_AUTO(aws_client_freep) struct aws_client *c = NULL;
	struct fp_error err = { 0 };
	struct test_server server;
	int64_t deleted = 0;
	bool there = true;
	int rc;

	test_server_start(&server, strange_bucket, &there);
	o.endpoint_url = server.url;
	ck_assert_int_eq(aws_client_new(&c, &o, NULL), 0);
	rc = s3_empty(c, "b", &deleted, &err);
	test_server_stop(&server);
	ck_assert_msg(rc == 0, "%s", err.message);
	ck_assert_int_eq(deleted, 1);
	ck_assert(!there);
}
END_TEST

static Suite *s3_transfer_suite(void)
{
	Suite *s = suite_create("s3_transfer");
	TCase *tc = tcase_create("s3_transfer");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, there_and_back, 0, ARRAY_SIZE(sizes));
	tcase_add_loop_test(tc, every_third_request_breaks, 0, 3);
	tcase_add_test(tc, an_upload_goes_on);
	tcase_add_test(tc, another_file_begins_anew);
	tcase_add_test(tc, changed_bytes_are_sent);
	tcase_add_test(tc, a_forgotten_upload_begins_anew);
	tcase_add_test(tc, a_conflict_begins_anew);
	tcase_add_test(tc, a_part_that_is_not_there_begins_anew);
	tcase_add_test(tc, a_file_of_the_system_has_bytes_in_spite_of_its_size);
	tcase_add_test(tc, a_pause_ends_with_the_transfer);
	tcase_add_test(tc, a_lost_completion_is_found);
	tcase_add_loop_test(tc, a_changing_file_is_refused, 0, ARRAY_SIZE(changing));
	tcase_add_loop_test(tc, each_call_fails_once, 0, ARRAY_SIZE(kinds));
	tcase_add_loop_test(tc, each_call_of_a_download_fails_once, 0, ARRAY_SIZE(kinds));
	tcase_add_test(tc, a_stream_goes_on);
	tcase_add_loop_test(tc, a_pipe_is_uploaded, 0, ARRAY_SIZE(sizes));
	tcase_add_test(tc, a_pipe_that_fails_leaves_nothing);
	tcase_add_test(tc, a_copy_in_parts);
	tcase_add_test(tc, a_name_that_xml_cannot_hold_is_deleted);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(s3_transfer_suite)
