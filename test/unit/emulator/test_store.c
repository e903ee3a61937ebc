#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/digest.h"
#include "emulator/service.h"

const struct service *const services[] = { NULL };
#include "cloud.h"

#define TABLE "CREATE TABLE IF NOT EXISTS t (k TEXT PRIMARY KEY, v INTEGER)"

static struct store *open_store(char *state)
{
	struct fp_error err = { 0 };
	struct store *s;

	ck_assert_msg(store_open(&s, state, &err) == 0, "%s", err.message);
	ck_assert_int_eq(store_script(s, TABLE, &err), 0);
	return s;
}

static int64_t value(struct store *s, const char *key)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };

	ck_assert_int_eq(
		store_query(&r, s, NULL, "SELECT v FROM t WHERE k = ?", "s", key), 0);
	return store_next(&r) ? store_int(&r, 0) : -1;
}

static void put(struct store *s, const char *key, int64_t v)
{
	ck_assert_int_eq(store_exec(s, NULL, "INSERT OR REPLACE INTO t VALUES (?, ?)",
				    "si", key, v),
			 1);
}

/* What each sequence of begin, write, commit and rollback leaves. */
static const struct {
	const char *name, *steps; /* b c r, and w writes 1 more each time */
	int64_t want;
	bool fails; /* the last commit does */
} transactions[] = {
	{ "commit keeps", "bwc", 1, false },
	{ "rollback undoes", "bwr", -1, false },
	{ "inner commit waits for the outer one", "bbwcwc", 2, false },
	{ "inner rollback undoes all", "bwbwrc", -1, true },
	{ "outer rollback undoes the inner commit", "bbwcr", -1, false },
	{ "after a rollback all works again", "bwrbwc", 2, false },
};

START_TEST(nests_transactions)
{
	char *state = scratch();
	struct store *s = open_store(state);
	int64_t next = 1;
	int rc = 0;

	for (const char *p = transactions[_i].steps; *p; p++) {
		if (*p == 'b')
			ck_assert_int_eq(store_begin(s, NULL), 0);
		else if (*p == 'w')
			put(s, "k", next++);
		else if (*p == 'c')
			rc = store_commit(s, NULL);
		else
			store_rollback(s);
	}
	ck_assert_msg((rc < 0) == transactions[_i].fails, "%s", transactions[_i].name);
	ck_assert_msg(value(s, "k") == transactions[_i].want, "%s: %lld",
		      transactions[_i].name, (long long)value(s, "k"));
	store_close(s);
	scrap(state);
}
END_TEST

START_TEST(keeps_what_was_committed_when_killed)
{
	char *state = scratch();
	int ready[2];
	pid_t child;
	struct store *s;
	char c;

	ck_assert_int_eq(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		s = open_store(state);
		ck_assert_int_eq(store_begin(s, NULL), 0);
		put(s, "committed", 7);
		ck_assert_int_eq(store_commit(s, NULL), 0);
		ck_assert_int_eq(store_begin(s, NULL), 0);
		put(s, "open", 8);
		(void)!write(ready[1], "", 1);
		pause();
		_exit(0);
	}
	ck_assert_int_eq(read(ready[0], &c, 1), 1);
	ck_assert_int_eq(kill(child, SIGKILL), 0);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	s = open_store(state);
	ck_assert_int_eq(value(s, "committed"), 7);
	ck_assert_int_eq(value(s, "open"), -1);
	store_close(s);
	scrap(state);
}
END_TEST

START_TEST(nests_the_same_query)
{
	char *state = scratch();
	struct store *s = open_store(state);
	struct store_rows a, b;
	int n = 0;

	put(s, "x", 1);
	put(s, "y", 2);
	ck_assert_int_eq(store_query(&a, s, NULL, "SELECT k FROM t", ""), 0);
	while (store_next(&a)) {
		ck_assert_int_eq(store_query(&b, s, NULL, "SELECT k FROM t", ""), 0);
		while (store_next(&b))
			n++;
		store_done(&b);
	}
	store_done(&a);
	ck_assert_int_eq(n, 4);
	store_close(s);
	scrap(state);
}
END_TEST

static bool blob_there(struct store *s, const char *sha256)
{
	FP_AUTO(freep) char *path = store_blob_path(s, sha256);

	return fs_exists(path);
}

static void change_refs(struct store *s, const char *sha256, int by, bool commit)
{
	ck_assert_int_eq(store_begin(s, NULL), 0);
	for (int i = by; i > 0; i--)
		ck_assert_int_eq(store_blob_ref(s, sha256, NULL), 0);
	for (int i = by; i < 0; i++)
		ck_assert_int_eq(store_blob_unref(s, sha256, NULL), 0);
	if (commit)
		ck_assert_int_eq(store_commit(s, NULL), 0);
	else
		store_rollback(s);
}

/* What happens to the file of a blob: + and - change its count, p puts it again,
 * u undoes the change before (a rollback). */
static const struct {
	const char *name, *steps;
	bool there;
} blobs[] = {
	{ "put without a reference stays for now", "", true },
	{ "one reference", "+", true },
	{ "given back", "+-", false },
	{ "two holders, one leaves", "++-", true },
	{ "two holders, both leave", "++--", false },
	{ "giving back is undone", "+u", true },
	{ "taking is undone", "U", false },
	{ "put again between", "+p-", true },
	{ "put again and taken again", "+p-+", true },
};

START_TEST(counts_references)
{
	char *state = scratch(), sha256[65];
	struct store *s = open_store(state);

	ck_assert_int_eq(store_blob_put(s, "abc", 3, sha256, NULL), 0);
	for (const char *p = blobs[_i].steps; *p; p++) {
		if (*p == '+' || *p == '-')
			change_refs(s, sha256, *p == '+' ? 1 : -1, true);
		else if (*p == 'u' || *p == 'U')
			change_refs(s, sha256, *p == 'u' ? -1 : 1, false);
		else
			ck_assert_int_eq(store_blob_put(s, "abc", 3, sha256, NULL), 0);
	}
	ck_assert_msg(blob_there(s, sha256) == blobs[_i].there, "%s", blobs[_i].name);
	store_close(s);
	scrap(state);
}
END_TEST

START_TEST(sweeps_what_a_crash_left)
{
	char *state = scratch(), kept[65], lost[65];
	struct store *s = open_store(state);
	FP_AUTO(freep) char *tmp = store_tmp_path(s);
	FP_AUTO(strs_release) struct strs names = STRS_INIT;
	FP_AUTO(freep) char *folder = fs_join(state, "tmp");

	ck_assert_int_eq(store_blob_put(s, "kept", 4, kept, NULL), 0);
	change_refs(s, kept, 1, true);
	ck_assert_int_eq(store_blob_put(s, "lost", 4, lost, NULL), 0);
	ck_assert_int_eq(fs_write_atomic(tmp, "half", 4, 0600, NULL), 0);
	store_close(s);
	s = open_store(state);
	ck_assert(blob_there(s, kept));
	ck_assert(!blob_there(s, lost));
	ck_assert_int_eq(fs_list(&names, folder, NULL), 0);
	ck_assert_uint_eq(names.n, 0);
	store_close(s);
	scrap(state);
}
END_TEST

/* Small bytes in the database are read as a file's are, and become one on demand. */
START_TEST(keeps_small_bytes_inside)
{
	static const struct {
		const char *name;
		size_t n;
	} sizes[] = { { "empty", 0 }, { "one", 1 }, { "the most", STORE_INSIDE } };
	static const char data[STORE_INSIDE] = { 'a', '\0', 'b' };
	char *state = scratch(), sha256[65];
	struct store *s = open_store(state);

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		FP_AUTO(buf_release) struct buf bytes = BUF_INIT, file = BUF_INIT;
		FP_AUTO(freep) char *path = NULL;
		int fd;

		sha256_hex(sha256, data, sizes[i].n);
		ck_assert_int_eq(store_begin(s, NULL), 0);
		ck_assert_int_eq(store_blob_add(s, sha256, data, sizes[i].n, NULL), 0);
		ck_assert_int_eq(store_commit(s, NULL), 0);
		ck_assert_msg(!blob_there(s, sha256), "%s: a file", sizes[i].name);
		change_refs(s, sha256, 1, true);
		change_refs(s, sha256, -1, true);
		ck_assert_int_eq(store_blob_open(s, sha256, &bytes, &fd, NULL), 0);
		ck_assert_int_eq(fd, -1);
		ck_assert_uint_eq(bytes.len, sizes[i].n);
		ck_assert_int_eq(store_blob_file(s, sha256, &path, NULL), 0);
		ck_assert_int_eq(fs_read(&file, path, STORE_INSIDE, NULL), 0);
		ck_assert_uint_eq(file.len, sizes[i].n);
		ck_assert_mem_eq(buf_str(&file), data, sizes[i].n);
		change_refs(s, sha256, -1, true);
		ck_assert_msg(!fs_exists(path), "%s: the file stays", sizes[i].name);
		ck_assert_int_eq(store_blob_open(s, sha256, &bytes, &fd, NULL), -1);
	}
	store_close(s);
	scrap(state);
}
END_TEST

/* Numbers only grow, whatever is rolled back, and over restarts. */
START_TEST(counts_up)
{
	char *state = scratch();
	struct store *s = open_store(state);
	int64_t last = 0, n;

	for (int i = 0; i < 5000; i++) {
		ck_assert_int_eq(store_begin(s, NULL), 0);
		ck_assert_int_eq(store_sequence(s, &n, NULL), 0);
		if (i % 3)
			ck_assert_int_eq(store_commit(s, NULL), 0);
		else
			store_rollback(s);
		ck_assert_int_gt(n, last);
		last = n;
		if (i % 1000 == 999) {
			store_close(s);
			s = open_store(state);
		}
	}
	store_close(s);
	scrap(state);
}
END_TEST

START_TEST(is_private)
{
	char *state = scratch();
	struct store *s = open_store(state);
	FP_AUTO(freep) char *path = fs_join(state, "state.db");
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(stat(state, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0700);
	store_close(s);
	scrap(state);
}
END_TEST

/* A state that cannot be used, and what is said about it. */
static const struct {
	const char *name, *sql, *bytes, *says;
} unusable[] = {
	{ "newer", "PRAGMA user_version = 99", NULL, "newer fpctl" },
	{ "damaged", NULL, "this is no database, but it is long enough to look like one",
	  "not a database" },
};

START_TEST(refuses_an_unusable_state)
{
	char *state = scratch();
	FP_AUTO(freep) char *path = fs_join(state, "state.db");
	struct fp_error err = { 0 };
	struct store *s;

	if (unusable[_i].sql) {
		s = open_store(state);
		ck_assert_int_eq(store_script(s, unusable[_i].sql, &err), 0);
		store_close(s);
	} else {
		ck_assert_int_eq(fs_write_atomic(path, unusable[_i].bytes,
						 strlen(unusable[_i].bytes), 0600, &err),
				 0);
	}
	ck_assert_int_lt(store_open(&s, state, &err), 0);
	ck_assert_int_eq(err.code, FP_ERR_STATE);
	ck_assert_msg(strstr(err.message, unusable[_i].says), "%s", err.message);
	scrap(state);
}
END_TEST

/* "--state ~" must not take ~/tmp for its own. */
START_TEST(leaves_another_folder_alone)
{
	char *state = scratch();
	FP_AUTO(freep) char *log = fs_join(state, "emulator.log");
	FP_AUTO(freep) char *tmp = fs_join(state, "tmp");
	struct fp_error err = { 0 };
	struct store *s;
	struct stat st;

	ck_assert_int_eq(fs_mkdirs(tmp, &err), 0);
	ck_assert_int_eq(chmod(state, 0755), 0);
	ck_assert_int_lt(store_open(&s, state, &err), 0);
	ck_assert_int_eq(err.code, FP_ERR_STATE);
	ck_assert_ptr_nonnull(strstr(err.message, "holds other things"));
	ck_assert(fs_is_dir(tmp));
	ck_assert_int_eq(stat(state, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0755);
	/* What comes before the database is no other thing. */
	ck_assert_int_eq(fs_remove_tree(tmp, &err), 0);
	ck_assert_int_eq(fs_write_atomic(log, "x", 1, 0600, &err), 0);
	store_close(open_store(state));
	scrap(state);
}
END_TEST

START_TEST(belongs_to_one_process)
{
	char *state = scratch();
	struct store *s = open_store(state), *second;
	struct fp_error err = { 0 };

	ck_assert(emulator_in_use(state));
	ck_assert_int_lt(store_open(&second, state, &err), 0);
	ck_assert_int_eq(err.code, FP_ERR_STATE);
	ck_assert_msg(strstr(err.message, "in use"), "%s", err.message);
	store_close(s);
	ck_assert(!emulator_in_use(state));
	scrap(state);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("store");
	TCase *tc = tcase_create("store");

	tcase_add_loop_test(tc, nests_transactions, 0, ARRAY_SIZE(transactions));
	tcase_add_test(tc, keeps_what_was_committed_when_killed);
	tcase_add_test(tc, nests_the_same_query);
	tcase_add_loop_test(tc, counts_references, 0, ARRAY_SIZE(blobs));
	tcase_add_test(tc, sweeps_what_a_crash_left);
	tcase_add_test(tc, keeps_small_bytes_inside);
	tcase_add_test(tc, counts_up);
	tcase_add_test(tc, is_private);
	tcase_add_loop_test(tc, refuses_an_unusable_state, 0, ARRAY_SIZE(unusable));
	tcase_add_test(tc, leaves_another_folder_alone);
	tcase_add_test(tc, belongs_to_one_process);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
