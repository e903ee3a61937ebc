/*
 * The emulator's memory: one SQLite database (WAL) and content-addressed files.
 * What a committed call acknowledged survives kill -9 of the emulator. It is not
 * synced at every commit (synchronous=NORMAL, no fsync of objects), so a power
 * failure of the machine may take what the last seconds stored.
 */
#ifndef FP_EMULATOR_STORE_H
#define FP_EMULATOR_STORE_H

#include <sqlite3.h>

#include "base/buf.h"
#include "base/error.h"

struct store;
/* Opens or makes STATE/state.db. FP_ERR_STATE when it is damaged, newer, or in
 * use by another process, or when STATE is a folder of something else. */
FP_MUST_CHECK int store_open(struct store **out, const char *state, struct fp_error *err);
void store_close(struct store *s);
/* Run a script, such as a service's schema. */
FP_MUST_CHECK int store_script(struct store *s, const char *sql, struct fp_error *err);

/*
 * Transactions: store_begin takes the store for this thread (others wait) and
 * may be nested; only the outermost commit or rollback counts. A rollback at
 * any depth rolls all of it back. Keep them short: no I/O but the store's inside.
 */
FP_MUST_CHECK int store_begin(struct store *s, struct fp_error *err);
FP_MUST_CHECK int store_commit(struct store *s, struct fp_error *err);
void store_rollback(struct store *s);
/* Called behind each outermost commit that wrote something, with no lock held but
 * what the committing thread holds otherwise. One function; for the bus. */
void store_on_commit(struct store *s, void (*fn)(void *arg), void *arg);

/*
 * A statement, prepared once and cached by its text, bound by `types`: one letter
 * for each parameter: s (const char *, NULL is NULL), i (int64_t), b (const void *,
 * size_t). Must stand inside store_begin/store_commit when anything is written.
 *
 *	FP_AUTO(store_done) struct store_rows r = { 0 };
 *	if (store_query(&r, s, err, "SELECT a, b FROM t WHERE k = ?", "s", key) < 0)
 *		return -1;
 *	while (store_next(&r))
 *		... store_text(&r, 0), store_int(&r, 1) ...
 */
struct store_rows {
	struct store *store;
	sqlite3_stmt *stmt;
};
FP_MUST_CHECK int store_query(struct store_rows *r, struct store *s, struct fp_error *err,
			      const char *sql, const char *types, ...);
bool store_next(struct store_rows *r);
const char *store_text(const struct store_rows *r,
		       int column); /* NULL for NULL; until next */
int64_t store_int(const struct store_rows *r, int column);
void store_done(struct store_rows *r);
/* For what gives no rows; returns the number of changed rows, or -1. */
FP_MUST_CHECK int store_exec(struct store *s, struct fp_error *err, const char *sql,
			     const char *types, ...);

/* The next of numbers that only grow, also over restarts; some are left out. Inside a
 * transaction. */
FP_MUST_CHECK int store_sequence(struct store *s, int64_t *out, struct fp_error *err);

/*
 * Content-addressed blobs: files by their SHA-256, and small ones in the database.
 * store_blob_adopt renames a finished file into place. What was put or adopted
 * must get a reference (store_blob_ref), else it stays until the next start.
 */
#define STORE_INSIDE ((size_t)16 << 10) /* bytes; what store_blob_add should take */
FP_MUST_CHECK int store_blob_put(struct store *s, const void *data, size_t n,
				 char sha256[65], struct fp_error *err);
FP_MUST_CHECK int store_blob_adopt(struct store *s, const char *path, const char *sha256,
				   struct fp_error *err);
/* The file's place, whether it is there or not; owned by the caller. */
char *store_blob_path(struct store *s, const char *sha256);
/* The same of a file that is there: made when the bytes lie in the database. */
FP_MUST_CHECK int store_blob_file(struct store *s, const char *sha256, char **path,
				  struct fp_error *err);
/* To read it: all bytes are appended to `bytes` and *fd is -1, or it is the open file.
 * Call it while the store is taken (store_begin) when others may drop the blob. */
FP_MUST_CHECK int store_blob_open(struct store *s, const char *sha256, struct buf *bytes,
				  int *fd, struct fp_error *err);
/* Count references in the open transaction; a blob whose count falls to 0 is removed
 * after it. */
FP_MUST_CHECK int store_blob_ref(struct store *s, const char *sha256,
				 struct fp_error *err);
/* A reference to bytes that go into the database with it, unless they are stored. */
FP_MUST_CHECK int store_blob_add(struct store *s, const char *sha256, const void *data,
				 size_t n, struct fp_error *err);
FP_MUST_CHECK int store_blob_unref(struct store *s, const char *sha256,
				   struct fp_error *err);
/* A new path in STATE/tmp on the same file system; owned by the caller. */
char *store_tmp_path(struct store *s);

#endif
