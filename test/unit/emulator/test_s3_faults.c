#include <errno.h>
#include <limits.h>
#include <pthread.h>

#include "base/fault.h"
#include "emulator/service.h"

extern const struct service service_s3;
const struct service *const services[] = { &service_s3, NULL };
#include "s3_steps.h"

/* No blob outlives its objects, whatever was done before. */
START_TEST(leaves_no_files)
{
	static const struct step empty[] = {
		{ "PUT", "/bkt", NULL, NULL, 200, NULL },
		{ "PUT", "/bkt/k", NULL, "abc", 200, NULL },
		{ "PUT", "/bkt/k", NULL, "abcd", 200, NULL },
		{ "PUT", "/bkt/l", "x-amz-copy-source: bkt/k", NULL, 200, NULL },
		{ "POST", "/bkt/k?uploads", NULL, NULL, 200, NULL },
		{ "PUT", "/bkt/k?partNumber=1&uploadId=$", NULL, "abc", 200, NULL },
		{ "POST", "/bkt/k?uploadId=$", NULL, PARTS(MD5_ABC), 200, NULL },
		{ "PUT", "/bkt/k", "If-None-Match: *", "refused", 412, NULL },
		{ "DELETE", "/bkt/k", NULL, NULL, 204, NULL },
		{ "DELETE", "/bkt/l", NULL, NULL, 204, NULL },
		{ 0 },
	};
	struct cloud c;
	FP_AUTO(strs_release) struct strs fans = STRS_INIT;
	FP_AUTO(freep) char *blobs = NULL;

	cloud_open(&c, NULL);
	for (const struct step *s = empty; s->method; s++)
		take_step(&c, "leaves no files", s);
	blobs = fs_join(c.state, "blobs");
	ck_assert_int_eq(fs_list(&fans, blobs, NULL), 0);
	ck_assert_uint_gt(fans.n, 0);
	for (size_t i = 0; i < fans.n; i++) {
		FP_AUTO(strs_release) struct strs files = STRS_INIT;
		FP_AUTO(freep) char *fan = fs_join(blobs, fans.v[i]);

		ck_assert_int_eq(fs_list(&files, fan, NULL), 0);
		ck_assert_msg(files.n == 0, "%s/%s is left", fan,
			      files.n ? files.v[0] : "");
	}
	cloud_close(&c);
}
END_TEST

/* Every I/O call of a put that becomes a file fails once, as on a full disk: the old
 * object stays, and the next put works. */
START_TEST(survives_a_full_disk)
{
	static char old_text[STORE_INSIDE + 2], new_text[STORE_INSIDE + 2];
	static const struct step bucket = { "PUT", "/bkt", NULL, NULL, 200, NULL };
	static const struct step old = { "PUT", "/bkt/k", NULL, old_text, 200, NULL };
	static const struct step new = { "PUT", "/bkt/k", NULL, new_text, 200, NULL };
	static const struct step refused = { "PUT",    "/bkt/k", NULL,
					     new_text, 507,	 "ServiceUnavailable" };
	static const struct step still_old = {
		"GET", "/bkt/k", NULL, NULL, 200, old_text
	};
	FP_AUTO(strs_release) struct strs left = STRS_INIT;
	FP_AUTO(freep) char *tmp = NULL;
	unsigned calls, nth = 1;
	struct cloud c;

	memset(old_text, 'o', STORE_INSIDE + 1);
	memset(new_text, 'n', STORE_INSIDE + 1);
	cloud_open(&c, NULL);
	take_step(&c, "bucket", &bucket);
	take_step(&c, "old", &old);
	fault_arm("*", UINT_MAX, ENOSPC);
	take_step(&c, "count", &old);
	calls = fault_count();
	ck_assert_uint_ge(calls, 3);
	for (; nth <= calls; nth++) {
		fault_arm("*", nth, ENOSPC);
		take_step(&c, "refused", &refused);
		fault_disarm();
		take_step(&c, "still old", &still_old);
	}
	take_step(&c, "new", &new);
	tmp = fs_join(c.state, "tmp");
	ck_assert_int_eq(fs_list(&left, tmp, NULL), 0);
	ck_assert_uint_eq(left.n, 0);
	cloud_close(&c);
}
END_TEST

/* The database is full: what was accepted is there, what was not is refused as on a
 * full disk and leaves nothing, and deleting helps. */
START_TEST(survives_a_full_database)
{
	static const struct step bucket = { "PUT", "/bkt", NULL, NULL, 200, NULL };
	static char text[STORE_INSIDE];
	char path[32];
	struct step put = { "PUT", path, NULL, text, 200, NULL };
	struct step get = { "GET", path, NULL, NULL, 200, text };
	struct step delete = { "DELETE", path, NULL, NULL, 204, NULL };
	int n = 0, status = 200;
	struct cloud c;

	cloud_open(&c, NULL);
	take_step(&c, "bucket", &bucket);
	ck_assert_int_eq(store_script(c.emu.store, "PRAGMA max_page_count = 100", NULL),
			 0);
	for (; status == 200 && n < 26; n++) {
		FP_AUTO(buf_release) struct buf answer = BUF_INIT;

		memset(text, 'a' + n, sizeof(text) - 1);
		(void)snprintf(path, sizeof(path), "/bkt/k%d", n);
		status = perform(&c, &put, &answer);
	}
	ck_assert_int_eq(status, 507);
	ck_assert_int_gt(n, 3);
	get.status = 404;
	get.has = NULL;
	take_step(&c, "refused", &get);
	get.status = 200;
	get.has = text;
	for (int i = 0; i < n - 1; i++) {
		memset(text, 'a' + i, sizeof(text) - 1);
		(void)snprintf(path, sizeof(path), "/bkt/k%d", i);
		take_step(&c, "accepted", &get);
	}
	take_step(&c, "room again", &delete);
	take_step(&c, "put again", &put);
	cloud_close(&c);
}
END_TEST

#define THREADS 4
#define ROUNDS	100

/* Put, read and delete the same few keys, with the same few contents. */
static void *quarrel(void *arg)
{
	static const char *const contents[] = { "red", "green", "blue" };
	struct cloud mine = *(struct cloud *)arg;

	for (int i = 0; i < ROUNDS; i++) {
		FP_AUTO(freep) char *key = xasprintf("/bkt/k%d", i % 3);
		struct step put = { "PUT", key, NULL, contents[i % 2], 200, NULL };
		struct step copy = { "PUT", "/bkt/copy", "x-amz-copy-source: bkt/kept",
				     NULL,  200,	 NULL };
		struct step drop = { "DELETE", key, NULL, NULL, 204, NULL };

		take_step(&mine, "put", &put);
		take_step(&mine, "copy", &copy);
		take_step(&mine, "drop", &drop);
	}
	return NULL;
}

START_TEST(stands_many_threads)
{
	static const struct step before[] = {
		{ "PUT", "/bkt", NULL, NULL, 200, NULL },
		{ "PUT", "/bkt/kept", NULL, "red", 200, NULL },
		{ 0 },
	};
	static const struct step after[] = {
		{ "GET", "/bkt/kept", NULL, NULL, 200, "red" },
		{ "GET", "/bkt/copy", NULL, NULL, 200, "red" },
		{ "GET", "/bkt?list-type=2", NULL, NULL, 200, "<KeyCount>2</KeyCount>" },
		{ 0 },
	};
	pthread_t threads[THREADS];
	struct cloud c;

	cloud_open(&c, NULL);
	for (const struct step *s = before; s->method; s++)
		take_step(&c, "before", s);
	for (size_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, quarrel, &c), 0);
	for (size_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	for (const struct step *s = after; s->method; s++)
		take_step(&c, "after", s);
	cloud_close(&c);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("s3 faults");
	TCase *tc = tcase_create("s3 faults");

	tcase_add_test(tc, leaves_no_files);
	tcase_add_test(tc, survives_a_full_disk);
	tcase_add_test(tc, survives_a_full_database);
	tcase_add_test(tc, stands_many_threads);
	suite_add_tcase(s, tc);
	return s;
}
CHECK_MAIN(suite)
