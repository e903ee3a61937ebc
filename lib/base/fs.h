/*
 * Files. Everything that could lose data goes through here, so that the fault
 * tests can fail each call once (base/fault.h: "open", "read", "write",
 * "fsync", "rename", "mkdir", "unlink").
 */
#ifndef FP_FS_H
#define FP_FS_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"

/* The whole file, appended; more than `max` bytes is FP_ERR_LIMIT. */
FP_MUST_CHECK int fs_read(struct buf *out, const char *path, size_t max,
			  struct fp_error *err);
/*
 * Write all or nothing: a temporary file beside it, fsync, rename, fsync of the
 * folder. After a failure the old file is as it was and no other is left.
 */
FP_MUST_CHECK int fs_write_atomic(const char *path, const void *data, size_t n,
				  unsigned mode, struct fp_error *err);
/* Write n bytes, whatever write() accepts at a time. */
FP_MUST_CHECK int fs_write_all(int fd, const void *data, size_t n, const char *path,
			       struct fp_error *err);
/* open() with O_CLOEXEC; the error says what and why. Returns the fd or -1. */
FP_MUST_CHECK int fs_open(const char *path, int flags, unsigned mode,
			  struct fp_error *err);
/* Like mkdir -p, for folders of mode 0755 less the umask. */
FP_MUST_CHECK int fs_mkdirs(const char *path, struct fp_error *err);
/* Like rm -r; a path that does not exist is fine. Follows no links. */
FP_MUST_CHECK int fs_remove_tree(const char *path, struct fp_error *err);
/* Entries but "." and "..", sorted; `names` is a struct strs. */
struct strs;
FP_MUST_CHECK int fs_list(struct strs *names, const char *folder, struct fp_error *err);

bool fs_exists(const char *path);
bool fs_is_dir(const char *path);
/* Whether the path is still that of the open file: it was not removed or replaced. */
bool fs_is_same(int fd, const char *path);
/* "a/b" of "a" and "b", one slash between; owned by the caller. */
char *fs_join(const char *a, const char *b);
/* The folder of a path ("." when it has none); owned by the caller. */
char *fs_dirname(const char *path);
/* The part behind the last slash; points into `path`. */
const char *fs_basename(const char *path);
/* The folder that holds the running program; owned by the caller. */
char *fs_program_dir(void);

#endif
