/* A bucket on this machine and a folder: what the tests of transfers stand on. */
#ifndef FP_TEST_S3_BENCH_H
#define FP_TEST_S3_BENCH_H

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/fs.h"
#include "fake_s3.h"

#define PART 1000

/* A server, a client and a folder of the test's own. */
struct bench {
	struct fake_s3 s3;
	struct test_server server;
	struct aws_client *c;
	char folder[64];
	char *file, *back, *state; /* paths in it */
};

static inline void bench_start(struct bench *b)
{
	struct aws_credentials creds = { .access_key_id = (char[]){ "AKIDEXAMPLE" },
					 .secret_access_key = (char[]){ "secret" } };
	struct aws_options o = { .region = "eu-west-1", .credentials = &creds };

	memset(b, 0, sizeof(*b));
	aws_hurry(true);
	test_server_start(&b->server, fake_s3, &b->s3);
	o.endpoint_url = b->server.url;
	ck_assert_int_eq(aws_client_new(&b->c, &o, NULL), 0);
	(void)snprintf(b->folder, sizeof(b->folder), "/tmp/fpctl-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(b->folder));
	b->file = fs_join(b->folder, "file");
	b->back = fs_join(b->folder, "back");
	b->state = fs_join(b->folder, "state");
}

static inline void bench_stop(struct bench *b)
{
	fault_disarm();
	aws_hurry(false);
	aws_client_freep(&b->c);
	test_server_stop(&b->server);
	fake_s3_release(&b->s3);
	ck_assert_int_eq(fs_remove_tree(b->folder, NULL), 0);
	free(b->file);
	free(b->back);
	free(b->state);
}

/* Bytes of which no two pieces are the same. */
static inline void fill(struct buf *b, size_t n)
{
	buf_clear(b);
	for (size_t i = 0; i < n; i++)
		buf_putc(b, (char)(i * 7 + i / 251));
}

static inline void write_file(struct bench *b, size_t n)
{
	FP_AUTO(buf_release) struct buf bytes = BUF_INIT;

	fill(&bytes, n);
	ck_assert_int_eq(fs_write_atomic(b->file, buf_str(&bytes), n, 0600, NULL), 0);
}

static inline void put_object(struct bench *b, size_t n)
{
	fill(&b->s3.object, n);
	fake_store(&b->s3);
}

static inline void same_bytes(const struct buf *got, size_t n, const char *what)
{
	FP_AUTO(buf_release) struct buf want = BUF_INIT;

	fill(&want, n);
	ck_assert_msg(got->len == n && memcmp(buf_str(got), buf_str(&want), n) == 0,
		      "%s: %zu bytes of %zu", what, got->len, n);
}

static inline void same_file(const char *path, size_t n)
{
	FP_AUTO(buf_release) struct buf got = BUF_INIT;

	ck_assert_int_eq(fs_read(&got, path, SIZE_MAX, NULL), 0);
	same_bytes(&got, n, path);
}

/* How many files there are in a folder; none when there is no folder. */
static inline size_t files_in(const char *folder)
{
	FP_AUTO(strs_release) struct strs names = STRS_INIT;

	return fs_list(&names, folder, NULL) < 0 ? 0 : names.n;
}

static inline bool part_file_left(const struct bench *b)
{
	FP_AUTO(freep) char *path = xasprintf("%s.fpctl-part", b->back);

	return fs_exists(path);
}

static inline int upload(struct bench *b, unsigned parallel, struct s3_result *r,
			 struct fp_error *err)
{
	struct s3_put_options o = {
		.transfer = { .parallel = parallel, .part_size = PART, .state = b->state }
	};

	*err = (struct fp_error){ 0 };
	return s3_upload(b->c, "b", "k", b->file, &o, r, err);
}

static inline int download(struct bench *b, unsigned parallel, struct s3_result *r,
			   struct fp_error *err)
{
	struct s3_transfer t = { .parallel = parallel, .part_size = PART };

	*err = (struct fp_error){ 0 };
	return s3_download(b->c, "b", "k", NULL, b->back, &t, r, err);
}

#endif
