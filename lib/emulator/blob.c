#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/fault.h"
#include "base/fs.h"
#include "base/log.h"
#include "emulator/store_private.h"

/* Rows with a rowid, so that bytes are appended and only the names are scattered. */
static const char schema[] = "CREATE TABLE IF NOT EXISTS blobs ("
			     " sha256 TEXT PRIMARY KEY, refs INTEGER NOT NULL, data"
			     ")";

/* Two letters of fan-out: 256 folders hold a million objects well. */
static char *fan_out(struct store *s, const char *sha256)
{
	return xasprintf("%s/blobs/%.2s", s->state, sha256);
}

char *store_blob_path(struct store *s, const char *sha256)
{
	return xasprintf("%s/blobs/%.2s/%s", s->state, sha256, sha256);
}

char *store_tmp_path(struct store *s)
{
	unsigned long n;

	(void)pthread_mutex_lock(&s->lock);
	n = ++s->next_tmp;
	(void)pthread_mutex_unlock(&s->lock);
	return xasprintf("%s/tmp/%lu", s->state, n);
}

static int64_t references(struct store *s, const char *sha256)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };

	/* A file is only removed when it is certain that nobody needs it: a read that
	 * fails gives no row. */
	if (store_query(&r, s, &err,
			"SELECT IFNULL((SELECT refs FROM blobs WHERE sha256 = ?), 0)",
			"s", sha256) < 0)
		return 1;
	return store_next(&r) ? store_int(&r, 0) : 1;
}

static void remove_file(struct store *s, const char *sha256)
{
	FP_AUTO(freep) char *path = store_blob_path(s, sha256);

	if (unlink(path) < 0 && errno != ENOENT)
		log_msg(LOG_WARN, "cannot remove '%s'", path);
}

static void sweep(struct store *s, const struct strs *names)
{
	for (size_t i = 0; i < names->n; i++)
		if (!map_has(&s->pins, names->v[i]) && references(s, names->v[i]) == 0)
			remove_file(s, names->v[i]);
}

void store_blobs_sweep(struct store *s, bool undone)
{
	sweep(s, &s->dropped);
	if (undone)
		sweep(s, &s->taken);
	strs_release(&s->dropped);
	strs_release(&s->taken);
}

/* What kill -9 left between a file's arrival and its row. */
static int sweep_folder(struct store *s, const char *folder, struct fp_error *err)
{
	FP_AUTO(strs_release) struct strs names = STRS_INIT;

	if (fs_list(&names, folder, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++)
		if (references(s, names.v[i]) == 0)
			remove_file(s, names.v[i]);
	return 0;
}

static int sweep_all(struct store *s, const char *blobs, struct fp_error *err)
{
	FP_AUTO(strs_release) struct strs names = STRS_INIT;

	if (fs_list(&names, blobs, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		FP_AUTO(freep) char *folder = fs_join(blobs, names.v[i]);

		if (sweep_folder(s, folder, err) < 0)
			return -1;
	}
	return 0;
}

int store_blobs_open(struct store *s, struct fp_error *err)
{
	FP_AUTO(freep) char *tmp = fs_join(s->state, "tmp");
	FP_AUTO(freep) char *blobs = fs_join(s->state, "blobs");

	if (store_script(s, schema, err) < 0 || fs_remove_tree(tmp, err) < 0 ||
	    fs_mkdirs(tmp, err) < 0 || fs_mkdirs(blobs, err) < 0)
		return -1;
	return sweep_all(s, blobs, err);
}

static void pin(struct store *s, const char *sha256)
{
	uintptr_t n = (uintptr_t)map_get(&s->pins, sha256);

	(void)map_put(&s->pins, sha256, (void *)(n + 1));
}

static void unpin(struct store *s, const char *sha256)
{
	uintptr_t n = (uintptr_t)map_get(&s->pins, sha256);

	if (n > 1)
		(void)map_put(&s->pins, sha256, (void *)(n - 1));
	else if (n)
		(void)map_remove(&s->pins, sha256);
}

void store_blobs_close(struct store *s)
{
	map_release(&s->pins, NULL);
	strs_release(&s->taken);
	strs_release(&s->dropped);
}

static int move(const char *from, const char *to)
{
	return fault_point("rename") ? -1 : rename(from, to);
}

int store_blob_adopt(struct store *s, const char *path, const char *sha256,
		     struct fp_error *err)
{
	FP_AUTO(freep) char *to = store_blob_path(s, sha256);
	FP_AUTO(freep) char *folder = fan_out(s, sha256);
	int rc = 0;

	(void)pthread_mutex_lock(&s->lock);
	if (move(path, to) < 0) {
		if (errno != ENOENT || fs_mkdirs(folder, err) < 0 || move(path, to) < 0)
			rc = fp_fail_errno(err, "cannot store '%s'", to);
	}
	if (rc == 0)
		pin(s, sha256);
	(void)pthread_mutex_unlock(&s->lock);
	return rc;
}

static int put_file(struct store *s, const void *data, size_t n, const char *sha256,
		    struct fp_error *err)
{
	FP_AUTO(freep) char *tmp = store_tmp_path(s);
	int fd = fs_open(tmp, O_WRONLY | O_CREAT | O_EXCL, 0600, err);
	int rc;

	if (fd < 0)
		return -1;
	rc = fs_write_all(fd, data, n, tmp, err);
	if (close(fd) < 0 && rc == 0)
		rc = fp_fail_errno(err, "cannot write '%s'", tmp);
	if (rc == 0)
		rc = store_blob_adopt(s, tmp, sha256, err);
	if (rc < 0) {
		int saved = errno;

		(void)unlink(tmp);
		errno = saved;
	}
	return rc;
}

int store_blob_put(struct store *s, const void *data, size_t n, char sha256[65],
		   struct fp_error *err)
{
	sha256_hex(sha256, data, n);
	return put_file(s, data, n, sha256, err);
}

/* 1: `bytes` has them; 0: they do not lie in the database. */
static int read_inside(struct store *s, const char *sha256, struct buf *bytes,
		       struct fp_error *err)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	const void *data;

	if (store_query(&r, s, err,
			"SELECT data FROM blobs WHERE sha256 = ? AND data IS NOT NULL",
			"s", sha256) < 0)
		return -1;
	if (!store_next(&r))
		return 0;
	data = sqlite3_column_blob(r.stmt, 0);
	if (data)
		buf_add(bytes, data, (size_t)sqlite3_column_bytes(r.stmt, 0));
	return 1;
}

int store_blob_open(struct store *s, const char *sha256, struct buf *bytes, int *fd,
		    struct fp_error *err)
{
	FP_AUTO(freep) char *path = NULL;
	int rc = read_inside(s, sha256, bytes, err);

	*fd = -1;
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	path = store_blob_path(s, sha256);
	*fd = fs_open(path, O_RDONLY, 0, err);
	return *fd < 0 ? -1 : 0;
}

int store_blob_file(struct store *s, const char *sha256, char **path,
		    struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf bytes = BUF_INIT;
	int rc = 0;

	*path = store_blob_path(s, sha256);
	(void)pthread_mutex_lock(&s->lock);
	if (!fs_exists(*path)) {
		rc = read_inside(s, sha256, &bytes, err);
		if (rc == 0)
			rc = fp_fail(err, FP_ERR_IO, "the stored file '%s' is not there",
				     *path);
		if (rc == 1)
			rc = put_file(s, bytes.data, bytes.len, sha256, err);
		if (rc == 0)
			unpin(s, sha256);
	}
	(void)pthread_mutex_unlock(&s->lock);
	if (rc < 0)
		freep(path);
	return rc;
}

/* The bytes of what gets a reference must be somewhere. */
static int check_there(struct store *s, const char *sha256, struct fp_error *err)
{
	FP_AUTO(freep) char *path = store_blob_path(s, sha256);
	FP_AUTO(buf_release) struct buf bytes = BUF_INIT;
	int rc;

	if (access(path, R_OK) == 0)
		return 0;
	rc = read_inside(s, sha256, &bytes, err);
	if (rc == 0)
		return fp_fail_errno(err, "the stored file '%s' is not there", path);
	return rc < 0 ? -1 : 0;
}

#define ADD_REFERENCE " ON CONFLICT (sha256) DO UPDATE SET refs = refs + 1"

int store_blob_ref(struct store *s, const char *sha256, struct fp_error *err)
{
	unpin(s, sha256);
	strs_add(&s->taken, sha256);
	if (check_there(s, sha256, err) < 0)
		return -1;
	return store_exec(s, err,
			  "INSERT INTO blobs (sha256, refs) VALUES (?, 1)" ADD_REFERENCE,
			  "s", sha256) < 0
		       ? -1
		       : 0;
}

int store_blob_add(struct store *s, const char *sha256, const void *data, size_t n,
		   struct fp_error *err)
{
	return store_exec(s, err,
			  "INSERT INTO blobs (sha256, refs, data)"
			  " VALUES (?, 1, ?)" ADD_REFERENCE,
			  "sb", sha256, data, n) < 0
		       ? -1
		       : 0;
}

int store_blob_unref(struct store *s, const char *sha256, struct fp_error *err)
{
	strs_add(&s->dropped, sha256);
	if (store_exec(s, err, "UPDATE blobs SET refs = refs - 1 WHERE sha256 = ?", "s",
		       sha256) < 0)
		return -1;
	return store_exec(s, err, "DELETE FROM blobs WHERE sha256 = ? AND refs <= 0", "s",
			  sha256) < 0
		       ? -1
		       : 0;
}
