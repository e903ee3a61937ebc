#include "aws/service/s3_partial.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fault.h"
#include "base/fs.h"
#include "base/str.h"

#define SUFFIX	  ".fpctl-part"
#define MAX_NOTES ((size_t)4 << 20)

void s3_partial_release(struct s3_partial *p)
{
	closep(&p->fd);
	freep(&p->path);
	p->fd = -1;
}

void s3_partial_remove(struct s3_partial *p)
{
	if (p->fd >= 0)
		(void)unlink(p->path);
	s3_partial_release(p);
}

int s3_partial_write(struct s3_partial *p, int64_t at, const void *data, size_t n,
		     struct fp_error *err)
{
	const char *s = data;

	while (n) {
		ssize_t k = fault_point("write") ? -1 : pwrite(p->fd, s, n, at);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return fp_fail_errno(err, "cannot write '%s'", p->path);
		s += k;
		at += k;
		n -= (size_t)k;
	}
	return 0;
}

/* The notes as they are, behind the object's bytes. */
static bool read_notes(const struct s3_partial *p, struct buf *out)
{
	struct stat st;
	size_t want;
	ssize_t n;

	if (fstat(p->fd, &st) < 0 || st.st_size <= p->size)
		return false;
	want = (size_t)FP_MIN(st.st_size - p->size, (int64_t)MAX_NOTES);
	buf_reserve(out, want);
	n = fault_point("read") ? -1 : pread(p->fd, out->data, want, p->size);
	if (n <= 0)
		return false;
	out->len = (size_t)n;
	out->data[n] = '\0';
	return true;
}

static int begin(struct s3_partial *p, const char *identity, struct fp_error *err)
{
	FP_AUTO(freep) char *line = xasprintf("%s\n", identity);

	if (ftruncate(p->fd, 0) < 0)
		return fp_fail_errno(err, "cannot write '%s'", p->path);
	p->note_end = p->size + (int64_t)strlen(line);
	return s3_partial_write(p, p->size, line, strlen(line), err);
}

static int open_locked(struct s3_partial *p, struct fp_error *err)
{
	do {
		closep(&p->fd);
		/* In a folder of many users a link may lie there. */
		p->fd = fs_open(p->path, O_RDWR | O_CREAT | O_NOFOLLOW, 0666, err);
		if (p->fd < 0)
			return -1;
		/* Some file systems have no locks. */
		if (flock(p->fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
			return fp_fail(err, FP_ERR_INPUT,
				       "'%s' is in use: another download to '%s' is "
				       "under way",
				       p->path, p->place);
		/* Another process may just have finished, and renamed it. */
	} while (!fs_is_same(p->fd, p->path));
	return 0;
}

/* Who may read the file that is replaced may read the new one, and nobody else; its
 * owner must be able to go on with it. */
static int keep_mode(const struct s3_partial *p, struct fp_error *err)
{
	struct stat old;

	if (stat(p->place, &old) == 0 && fchmod(p->fd, (old.st_mode & 0777) | 0600) < 0)
		return fp_fail_errno(err, "cannot write '%s'", p->path);
	return 0;
}

int s3_partial_open(struct s3_partial *p, const char *place, int64_t size,
		    const char *identity, bool *same, struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf notes = BUF_INIT;
	FP_AUTO(freep) char *line = xasprintf("%s\n", identity);
	const char *end;

	p->place = place;
	p->size = size;
	p->path = xasprintf("%s" SUFFIX, place);
	if (open_locked(p, err) < 0) {
		s3_partial_release(p);
		return -1;
	}
	*same = read_notes(p, &notes) && str_starts(notes.data, line);
	if (keep_mode(p, err) < 0 || (!*same && begin(p, identity, err) < 0)) {
		s3_partial_remove(p);
		return -1;
	}
	if (!*same)
		return 0;
	/* What a crash cut off is written over. */
	end = strrchr(notes.data, '\n');
	p->note_end = size + (end - notes.data) + 1;
	return 0;
}

/* "7 8388608" */
static void read_note(const char *line, int64_t *have, size_t n)
{
	FP_AUTO(strs_release) struct strs words = STRS_INIT;
	int64_t piece, bytes;

	strs_split(&words, line, ' ');
	if (words.n == 2 && str_to_i64(words.v[0], 0, INT32_MAX, &piece) &&
	    (size_t)piece < n && str_to_i64(words.v[1], 0, INT64_MAX, &bytes))
		have[piece] = FP_MAX(have[piece], bytes);
}

void s3_partial_read(struct s3_partial *p, int64_t *have, size_t n)
{
	FP_AUTO(buf_release) struct buf notes = BUF_INIT;
	FP_AUTO(strs_release) struct strs lines = STRS_INIT;

	if (!read_notes(p, &notes))
		return;
	strs_split(&lines, notes.data, '\n');
	for (size_t i = 1; i + 1 < lines.n; i++)
		read_note(lines.v[i], have, n);
}

/* A note that cannot be written is left out: that piece is then asked for again. */
void s3_partial_note(struct s3_partial *p, size_t piece, int64_t have)
{
	FP_AUTO(freep) char *line = xasprintf("%zu %lld\n", piece, (long long)have);

	if (s3_partial_write(p, p->note_end, line, strlen(line), NULL) == 0)
		p->note_end += (int64_t)strlen(line);
}

/* The name must outlive a crash as the bytes do. */
static int sync_folder(const struct s3_partial *p, struct fp_error *err)
{
	FP_AUTO(freep) char *folder = fs_dirname(p->place);
	FP_AUTO(closep) int fd = fs_open(folder, O_RDONLY | O_DIRECTORY, 0, NULL);

	/* One may be written into and not be read. */
	if (fd < 0)
		return 0;
	/* EINVAL: a file system that has no such thing. */
	if ((fault_point("fsync") ? -1 : fsync(fd)) < 0 && errno != EINVAL)
		return fp_fail_errno(err, "cannot sync '%s'", folder);
	return 0;
}

int s3_partial_finish(struct s3_partial *p, struct fp_error *err)
{
	if (ftruncate(p->fd, p->size) < 0 ||
	    (fault_point("fsync") ? -1 : fsync(p->fd)) < 0)
		return fp_fail_errno(err, "cannot write '%s'", p->path);
	if ((fault_point("rename") ? -1 : rename(p->path, p->place)) < 0)
		return fp_fail_errno(err, "cannot write '%s'", p->place);
	s3_partial_release(p);
	return sync_folder(p, err);
}
