#include "emulator/store.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/map.h"
#include "base/str.h"
#include "emulator/store_private.h"

#define STORE_VERSION  2
#define SEQUENCE_BLOCK INT64_C(1024)
#define STORE_MODE     0600
#define LOCK_TRIES     20
#define LOCK_PAUSE_MS  10
#define BUSY_MS	       5000
#define WAL_LIMIT      "67108864" /* bytes that the log keeps after a checkpoint */
#define WAL_PAGES      "8192"	  /* a checkpoint syncs, and everybody waits for it */

/* The message is SQLite's; a full disk is told by errno, as of any file. */
static int fail_sqlite(struct store *s, struct fp_error *err, const char *what)
{
	int code = sqlite3_errcode(s->db);
	enum fp_errc errc = FP_ERR_IO;

	if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
		errc = FP_ERR_STATE;
	errno = code == SQLITE_FULL ? ENOSPC : sqlite3_system_errno(s->db);
	return fp_fail(err, errc, "%s in '%s/state.db': %s", what, s->state,
		       sqlite3_errmsg(s->db));
}

static int take_lock(struct store *s, struct fp_error *err)
{
	FP_AUTO(freep) char *path = fs_join(s->state, "lock");

	s->lock_fd = fs_open(path, O_RDWR | O_CREAT, STORE_MODE, err);
	if (s->lock_fd < 0)
		return -1;
	/* Somebody may just be looking (emulator_in_use), or ending. */
	for (int i = 0; i < LOCK_TRIES; i++) {
		if (flock(s->lock_fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK)
			break;
		clock_sleep_ms(LOCK_PAUSE_MS);
	}
	if (errno != EWOULDBLOCK)
		return fp_fail_errno(err, "cannot lock '%s'", path);
	return fp_fail(err, FP_ERR_STATE,
		       "the state folder '%s' is in use by another emulator; stop it "
		       "(fpctl local down) or choose another folder with --state",
		       s->state);
}

/* SQLite gives its files the mode of the database, which holds secrets. */
static int make_private(const char *path, struct fp_error *err)
{
	FP_AUTO(closep) int fd = fs_open(path, O_RDWR | O_CREAT, STORE_MODE, err);

	if (fd < 0)
		return -1;
	return fchmod(fd, STORE_MODE) < 0
		       ? fp_fail_errno(err, "cannot protect '%s'", path)
		       : 0;
}

static int open_database(struct store *s, struct fp_error *err)
{
	FP_AUTO(freep) char *path = fs_join(s->state, "state.db");
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;

	if (make_private(path, err) < 0)
		return -1;
	if (sqlite3_open_v2(path, &s->db, flags, NULL) != SQLITE_OK)
		return fail_sqlite(s, err, "cannot open the state");
	sqlite3_busy_timeout(s->db, BUSY_MS);
	return store_script(s,
			    "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; "
			    "PRAGMA synchronous=NORMAL;"
			    "PRAGMA foreign_keys=ON; PRAGMA journal_size_limit=" WAL_LIMIT
			    "; PRAGMA wal_autocheckpoint=" WAL_PAGES
			    "; PRAGMA cache_size=-2048;",
			    err);
}

static int check_version(struct store *s, struct fp_error *err)
{
	struct store_rows r;
	int64_t version;

	if (store_query(&r, s, err, "PRAGMA user_version", "") < 0)
		return -1;
	version = store_next(&r) ? store_int(&r, 0) : 0;
	store_done(&r);
	if (version > STORE_VERSION)
		return fp_fail(err, FP_ERR_STATE,
			       "the state in '%s' was written by a newer fpctl (version "
			       "%lld, this one knows %d); use that one or another folder",
			       s->state, (long long)version, STORE_VERSION);
	if (version && version < STORE_VERSION)
		return fp_fail(
			err, FP_ERR_STATE,
			"the state in '%s' was written by an fpctl before the first "
			"release; remove the folder or use another",
			s->state);
	if (version == STORE_VERSION)
		return 0;
	return store_script(
		s,
		"CREATE TABLE sequence (id INTEGER PRIMARY KEY, next INTEGER NOT NULL);"
		"PRAGMA user_version=2",
		err);
}

/* Its mode is about to change, and what lies in its tmp/ and blobs/ to be removed. */
static int check_own(struct store *s, struct fp_error *err)
{
	static const char *const early[] = { "emulator.log", "lock" };
	FP_AUTO(freep) char *database = fs_join(s->state, "state.db");
	FP_AUTO(strs_release) struct strs names = STRS_INIT;
	size_t known = 0;

	if (fs_exists(database))
		return 0;
	if (fs_list(&names, s->state, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(early); i++)
		known += strs_has(&names, early[i]);
	if (names.n == known)
		return 0;
	return fp_fail(err, FP_ERR_STATE,
		       "the folder '%s' holds other things than an emulator's state; "
		       "choose a new or an empty one with --state",
		       s->state);
}

static int open_in(struct store *s, struct fp_error *err)
{
	if (fs_mkdirs(s->state, err) < 0 || check_own(s, err) < 0)
		return -1;
	if (chmod(s->state, 0700) < 0)
		return fp_fail_errno(err, "cannot protect the folder '%s'", s->state);
	if (take_lock(s, err) < 0 || open_database(s, err) < 0 ||
	    check_version(s, err) < 0)
		return -1;
	return store_blobs_open(s, err);
}

int store_open(struct store **out, const char *state, struct fp_error *err)
{
	struct store *s = xcalloc(1, sizeof(*s));
	pthread_mutexattr_t attr;

	(void)pthread_mutexattr_init(&attr);
	(void)pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	(void)pthread_mutex_init(&s->lock, &attr);
	(void)pthread_mutexattr_destroy(&attr);
	s->state = xstrdup(state);
	s->lock_fd = -1;
	if (open_in(s, err) < 0) {
		store_close(s);
		return fp_wrap(err, "cannot use the emulator's state");
	}
	*out = s;
	return 0;
}

static void drop_statement(void *stmt)
{
	sqlite3_finalize(stmt);
}

void store_close(struct store *s)
{
	if (!s)
		return;
	map_release(&s->statements, drop_statement);
	store_blobs_close(s);
	if (sqlite3_close(s->db) != SQLITE_OK)
		log_msg(LOG_ERROR, "the state was closed while a statement was open");
	closep(&s->lock_fd);
	(void)pthread_mutex_destroy(&s->lock);
	free(s->state);
	free(s);
}

int store_script(struct store *s, const char *sql, struct fp_error *err)
{
	int rc = 0;

	(void)pthread_mutex_lock(&s->lock);
	if (sqlite3_exec(s->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		rc = fail_sqlite(s, err, "cannot run a script");
	(void)pthread_mutex_unlock(&s->lock);
	return rc;
}

void store_on_commit(struct store *s, void (*fn)(void *arg), void *arg)
{
	(void)pthread_mutex_lock(&s->lock);
	s->on_commit = fn;
	s->on_commit_arg = arg;
	(void)pthread_mutex_unlock(&s->lock);
}

int store_begin(struct store *s, struct fp_error *err)
{
	(void)pthread_mutex_lock(&s->lock);
	if (s->depth++ > 0)
		return 0;
	s->doomed = s->reserved = false;
	s->changes = sqlite3_total_changes64(s->db);
	if (store_exec(s, err, "BEGIN IMMEDIATE", "") >= 0)
		return 0;
	s->depth--;
	(void)pthread_mutex_unlock(&s->lock);
	return -1;
}

/* The outermost end: undo, unless all went well. */
static void undo(struct store *s)
{
	struct fp_error err = { 0 };

	/* SQLite rolls back by itself on some errors, such as a full disk. */
	if (!sqlite3_get_autocommit(s->db) && store_exec(s, &err, "ROLLBACK", "") < 0)
		log_msg(LOG_ERROR, "%s", err.message);
	store_blobs_sweep(s, true);
	if (s->reserved)
		s->limit = s->next;
}

int store_commit(struct store *s, struct fp_error *err)
{
	void (*notify)(void *) = NULL;
	void *arg = s->on_commit_arg;
	int rc = 0;

	if (--s->depth > 0) {
		(void)pthread_mutex_unlock(&s->lock);
		return 0;
	}
	if (s->doomed)
		rc = fp_fail(err, FP_ERR_IO, "the transaction was rolled back inside");
	else if (store_exec(s, err, "COMMIT", "") < 0)
		rc = -1;
	if (rc < 0) {
		undo(s);
	} else {
		store_blobs_sweep(s, false);
		if (sqlite3_total_changes64(s->db) != s->changes)
			notify = s->on_commit;
	}
	(void)pthread_mutex_unlock(&s->lock);
	if (notify)
		notify(arg);
	return rc;
}

void store_rollback(struct store *s)
{
	s->doomed = true;
	if (--s->depth == 0)
		undo(s);
	(void)pthread_mutex_unlock(&s->lock);
}

/* Out of the cache while it runs, so that nesting the same text is safe. */
static sqlite3_stmt *take_statement(struct store *s, const char *sql)
{
	sqlite3_stmt *stmt = map_get(&s->statements, sql);

	if (stmt) {
		(void)map_put(&s->statements, sql, NULL);
		return stmt;
	}
	if (sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) !=
	    SQLITE_OK)
		return NULL;
	return stmt;
}

static void give_back(struct store *s, sqlite3_stmt *stmt)
{
	const char *sql = sqlite3_sql(stmt);

	(void)sqlite3_reset(stmt);
	(void)sqlite3_clear_bindings(stmt);
	if (map_get(&s->statements, sql))
		sqlite3_finalize(stmt);
	else
		(void)map_put(&s->statements, sql, stmt);
}

static int bind(sqlite3_stmt *stmt, const char *types, va_list args)
{
	int rc = SQLITE_OK;

	for (int i = 1; types[i - 1] && rc == SQLITE_OK; i++) {
		const void *data;
		size_t n;

		switch (types[i - 1]) {
		case 's':
			data = va_arg(args, const char *);
			rc = data ? sqlite3_bind_text(stmt, i, data, -1, SQLITE_TRANSIENT)
				  : sqlite3_bind_null(stmt, i);
			break;
		case 'i':
			rc = sqlite3_bind_int64(stmt, i, va_arg(args, int64_t));
			break;
		case 'b':
			data = va_arg(args, const void *);
			n = va_arg(args, size_t);
			rc = sqlite3_bind_blob64(stmt, i, data ? data : "", n,
						 SQLITE_TRANSIENT);
			break;
		default:
			fp_die("store: '%s' is no list of parameter types", types);
		}
	}
	return rc;
}

static int query(struct store_rows *r, struct store *s, struct fp_error *err,
		 const char *sql, const char *types, va_list args)
{
	(void)pthread_mutex_lock(&s->lock);
	r->store = s;
	r->stmt = take_statement(s, sql);
	if (r->stmt && bind(r->stmt, types, args) == SQLITE_OK)
		return 0;
	(void)fail_sqlite(s, err, "cannot prepare a statement");
	if (r->stmt)
		give_back(s, r->stmt);
	r->stmt = NULL;
	(void)pthread_mutex_unlock(&s->lock);
	return -1;
}

int store_query(struct store_rows *r, struct store *s, struct fp_error *err,
		const char *sql, const char *types, ...)
{
	va_list args;
	int rc;

	va_start(args, types);
	rc = query(r, s, err, sql, types, args);
	va_end(args);
	return rc;
}

bool store_next(struct store_rows *r)
{
	int rc = r->stmt ? sqlite3_step(r->stmt) : SQLITE_DONE;

	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		log_msg(LOG_ERROR, "the state cannot be read: %s",
			sqlite3_errmsg(r->store->db));
	return rc == SQLITE_ROW;
}

const char *store_text(const struct store_rows *r, int column)
{
	return (const char *)sqlite3_column_text(r->stmt, column);
}

int64_t store_int(const struct store_rows *r, int column)
{
	return sqlite3_column_int64(r->stmt, column);
}

void store_done(struct store_rows *r)
{
	struct store *s = r->store;

	if (!r->stmt)
		return;
	give_back(s, r->stmt);
	r->stmt = NULL;
	(void)pthread_mutex_unlock(&s->lock);
}

int store_exec(struct store *s, struct fp_error *err, const char *sql, const char *types,
	       ...)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	va_list args;
	int rc;

	va_start(args, types);
	rc = query(&r, s, err, sql, types, args);
	va_end(args);
	if (rc < 0)
		return -1;
	do
		rc = sqlite3_step(r.stmt);
	while (rc == SQLITE_ROW);
	if (rc != SQLITE_DONE)
		return fail_sqlite(s, err, "cannot write");
	return sqlite3_changes(s->db);
}

/* Reserved in blocks, so that most numbers cost no write. */
static int reserve(struct store *s, struct fp_error *err)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };

	/* The last block's row may have been rolled back; its numbers are used. */
	if (store_query(&r, s, err,
			"INSERT INTO sequence VALUES (1, ?1) ON CONFLICT (id) DO UPDATE"
			" SET next = MAX(next + ?2, excluded.next) RETURNING next",
			"ii", s->next + SEQUENCE_BLOCK, SEQUENCE_BLOCK) < 0)
		return -1;
	if (!store_next(&r))
		return fail_sqlite(s, err, "cannot reserve numbers");
	s->reserved = true;
	s->limit = store_int(&r, 0);
	s->next = FP_MAX(s->next, s->limit - SEQUENCE_BLOCK);
	return 0;
}

int store_sequence(struct store *s, int64_t *out, struct fp_error *err)
{
	if (s->next == s->limit && reserve(s, err) < 0)
		return -1;
	*out = ++s->next;
	return 0;
}
