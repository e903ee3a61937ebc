#include "base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

#include "base/digest.h"
#include "base/fault.h"
#include "base/str.h"

#define READ_SIZE ((size_t)64 << 10)

static int io_open(int at, const char *path, int flags, unsigned mode)
{
	int fd;

	if (fault_point("open"))
		return -1;
	do
		fd = openat(at, path, flags | O_CLOEXEC, (mode_t)mode);
	while (fd < 0 && errno == EINTR);
	return fd;
}

static int io_fsync(int fd)
{
	return fault_point("fsync") ? -1 : fsync(fd);
}

static int io_rename(const char *from, const char *to)
{
	return fault_point("rename") ? -1 : rename(from, to);
}

static int io_unlink(int at, const char *path, int flags)
{
	return fault_point("unlink") ? -1 : unlinkat(at, path, flags);
}

int fs_open(const char *path, int flags, unsigned mode, struct fp_error *err)
{
	int fd = io_open(AT_FDCWD, path, flags, mode);

	return fd < 0 ? fp_fail_errno(err, "cannot open '%s'", path) : fd;
}

/* At most one byte more than `max`, which tells that there are too many. */
static int read_up_to(struct buf *out, int fd, size_t max, size_t hint)
{
	size_t got = 0, limit = max < SIZE_MAX ? max + 1 : max;

	/* One more than the size, so that the end shows without growing. */
	buf_reserve(out, FP_MIN(hint, max) + 1);
	while (got < limit) {
		size_t want;
		ssize_t n;

		if (out->cap - out->len < 2)
			buf_reserve(out, READ_SIZE);
		want = FP_MIN(out->cap - out->len - 1, limit - got);
		n = fault_point("read") ? -1 : read(fd, out->data + out->len, want);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		got += (size_t)n;
		out->len += (size_t)n;
	}
	out->data[out->len] = '\0';
	return 0;
}

int fs_read(struct buf *out, const char *path, size_t max, struct fp_error *err)
{
	FP_AUTO(closep) int fd = fs_open(path, O_RDONLY, 0, err);
	size_t start = out->len, hint = 0;
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		hint = (size_t)st.st_size;
	if (read_up_to(out, fd, max, hint) < 0) {
		buf_truncate(out, start);
		return fp_fail_errno(err, "cannot read '%s'", path);
	}
	if (out->len - start > max) {
		buf_truncate(out, start);
		return fp_fail(err, FP_ERR_LIMIT, "'%s' is larger than %zu bytes", path,
			       max);
	}
	return 0;
}

int fs_write_all(int fd, const void *data, size_t n, const char *path,
		 struct fp_error *err)
{
	const char *p = data;

	while (n) {
		ssize_t k = fault_point("write") ? -1 : write(fd, p, n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return fp_fail_errno(err, "cannot write '%s'", path);
		p += k;
		n -= (size_t)k;
	}
	return 0;
}

/* The folder's entry is what a crash would lose. */
static int sync_folder(const char *path, struct fp_error *err)
{
	FP_AUTO(freep) char *folder = fs_dirname(path);
	FP_AUTO(closep) int fd = fs_open(folder, O_RDONLY | O_DIRECTORY, 0, err);

	if (fd < 0)
		return -1;
	/* EINVAL: a file system that has no such thing. */
	if (io_fsync(fd) < 0 && errno != EINVAL)
		return fp_fail_errno(err, "cannot sync '%s'", folder);
	return 0;
}

static int write_new(const char *path, const void *data, size_t n, unsigned mode,
		     struct fp_error *err)
{
	FP_AUTO(closep) int fd = fs_open(path, O_WRONLY | O_CREAT | O_EXCL, mode, err);

	if (fd < 0)
		return -1;
	if (fs_write_all(fd, data, n, path, err) < 0)
		return -1;
	return io_fsync(fd) < 0 ? fp_fail_errno(err, "cannot sync '%s'", path) : 0;
}

/*
 * Put `fresh` in the place of `path`. The old file keeps a second name until
 * the folder is synced, so that a failure there can be undone as well.
 */
static int replace(const char *path, const char *fresh, const char *old,
		   struct fp_error *err)
{
	bool kept = linkat(AT_FDCWD, path, AT_FDCWD, old, 0) == 0;
	bool none = !kept && errno == ENOENT;

	if (io_rename(fresh, path) < 0) {
		(void)fp_fail_errno(err, "cannot replace '%s'", path);
		if (kept)
			(void)unlink(old);
		return -1;
	}
	if (sync_folder(path, err) == 0) {
		if (!kept || io_unlink(AT_FDCWD, old, 0) == 0)
			return 0;
		(void)fp_fail_errno(err, "cannot remove '%s'", old);
	}
	if (kept)
		(void)rename(old, path);
	else if (none)
		(void)unlink(path);
	return -1;
}

int fs_write_atomic(const char *path, const void *data, size_t n, unsigned mode,
		    struct fp_error *err)
{
	FP_AUTO(freep) char *fresh = NULL;
	FP_AUTO(freep) char *old = NULL;
	char id[37];

	random_uuid(id);
	fresh = xasprintf("%s.%s.new", path, id);
	old = xasprintf("%s.%s.old", path, id);
	if (write_new(fresh, data, n, mode, err) < 0 ||
	    replace(path, fresh, old, err) < 0) {
		(void)unlink(fresh);
		return -1;
	}
	return 0;
}

static int make_folder(const char *path, struct fp_error *err)
{
	if (!fault_point("mkdir") && (mkdir(path, 0755) == 0 || errno == EEXIST)) {
		if (fs_is_dir(path))
			return 0;
		errno = ENOTDIR;
	}
	return fp_fail_errno(err, "cannot make the folder '%s'", path);
}

int fs_mkdirs(const char *path, struct fp_error *err)
{
	FP_AUTO(freep) char *part = xstrdup(path);

	if (fs_is_dir(path))
		return 0;
	for (char *p = part + 1; *part && *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (!fs_is_dir(part) && make_folder(part, err) < 0)
			return -1;
		*p = '/';
	}
	return make_folder(part, err);
}

static int list_fd(struct strs *names, int fd, const char *path, struct fp_error *err)
{
	const struct dirent *e;
	DIR *dir = fdopendir(fd);

	if (!dir) {
		(void)close(fd);
		return fp_fail_errno(err, "cannot list '%s'", path);
	}
	while ((e = readdir(dir)))
		if (!str_eq(e->d_name, ".") && !str_eq(e->d_name, ".."))
			strs_add(names, e->d_name);
	(void)closedir(dir);
	return 0;
}

int fs_list(struct strs *names, const char *folder, struct fp_error *err)
{
	int fd = fs_open(folder, O_RDONLY | O_DIRECTORY, 0, err);

	if (fd < 0 || list_fd(names, fd, folder, err) < 0)
		return -1;
	strs_sort(names);
	return 0;
}

/* `path` is for the errors; entries are named by folder fd and never followed. */
static int remove_at(int at, const char *name, const char *path, struct fp_error *err)
{
	FP_AUTO(strs_release) struct strs names = STRS_INIT;
	FP_AUTO(closep) int fd = -1;
	int copy;

	if (io_unlink(at, name, 0) == 0 || errno == ENOENT)
		return 0;
	/* Linux says EISDIR of a folder, POSIX EPERM. */
	if (errno != EISDIR && errno != EPERM)
		return fp_fail_errno(err, "cannot remove '%s'", path);
	fd = io_open(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	copy = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (copy < 0)
		return fp_fail_errno(err, "cannot open '%s'", path);
	if (list_fd(&names, copy, path, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		FP_AUTO(freep) char *inner = fs_join(path, names.v[i]);

		if (remove_at(fd, names.v[i], inner, err) < 0)
			return -1;
	}
	if (io_unlink(at, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return fp_fail_errno(err, "cannot remove '%s'", path);
	return 0;
}

int fs_remove_tree(const char *path, struct fp_error *err)
{
	return remove_at(AT_FDCWD, path, path, err);
}

bool fs_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

bool fs_is_same(int fd, const char *path)
{
	struct stat opened, named;

	return fstat(fd, &opened) == 0 && stat(path, &named) == 0 &&
	       opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

bool fs_is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

char *fs_join(const char *a, const char *b)
{
	size_t n = strlen(a);

	if (!n)
		return xstrdup(b);
	while (*b == '/')
		b++;
	while (n && a[n - 1] == '/')
		n--;
	return xasprintf("%.*s/%s", (int)n, a, b);
}

char *fs_dirname(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return xstrdup(".");
	while (slash > path && slash[-1] == '/')
		slash--;
	return slash == path ? xstrdup("/") : xstrndup(path, (size_t)(slash - path));
}

const char *fs_basename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

char *fs_program_dir(void)
{
	char path[PATH_MAX];
#ifdef __APPLE__
	char raw[PATH_MAX];
	uint32_t size = sizeof(raw);

	if (_NSGetExecutablePath(raw, &size) != 0 || !realpath(raw, path))
		fp_die("cannot find the running program");
#else
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n < 0)
		fp_die("cannot find the running program: %s", strerror(errno));
	path[n] = '\0';
#endif
	return fs_dirname(path);
}
