#include "aws/service/s3_journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"

#define MAX_JOURNAL ((size_t)4 << 20) /* 10,000 parts take 2 MiB */

void s3_part_release(struct s3_part *p)
{
	freep(&p->etag);
	freep(&p->checksum);
}

void s3_journal_release(struct s3_journal *j)
{
	closep(&j->fd);
	freep(&j->path);
	j->fd = -1;
}

void s3_journal_remove(struct s3_journal *j)
{
	if (j->fd >= 0)
		(void)unlink(j->path);
	s3_journal_release(j);
}

void s3_journal_open(struct s3_journal *j, const char *folder, const char *name)
{
	if (!folder || fs_mkdirs(folder, NULL) < 0)
		return;
	j->path = fs_join(folder, name);
	j->fd = fs_open(j->path, O_RDWR | O_CREAT | O_APPEND, 0600, NULL);
	/* Another process may just have ended its upload, and removed the file. */
	if (j->fd < 0 || flock(j->fd, LOCK_EX | LOCK_NB) < 0 ||
	    !fs_is_same(j->fd, j->path))
		s3_journal_release(j);
}

/* "7 ETAG CHECKSUM" */
static void read_part(const char *line, struct s3_part *parts, size_t n)
{
	FP_AUTO(strs_release) struct strs words = STRS_INIT;
	int64_t number;

	strs_split(&words, line, ' ');
	if (words.n != 3 || !str_to_i64(words.v[0], 0, INT32_MAX, &number) ||
	    (size_t)number >= n)
		return;
	s3_part_release(&parts[number]);
	parts[number] = (struct s3_part){ words.v[1], words.v[2] };
	words.v[1] = words.v[2] = NULL;
}

char *s3_journal_read(const struct s3_journal *j, const char *identity, bool *same,
		      struct s3_part *parts, size_t n)
{
	FP_AUTO(strs_release) struct strs lines = STRS_INIT;
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	*same = false;
	if (j->fd < 0 || fs_read(&text, j->path, MAX_JOURNAL, NULL) < 0)
		return NULL;
	strs_split(&lines, buf_str(&text), '\n');
	/* Behind the last line end is nothing, or what a crash cut off. */
	if (lines.n < 3 || !*lines.v[1])
		return NULL;
	*same = str_eq(lines.v[0], identity);
	for (size_t i = 2; *same && i + 1 < lines.n; i++)
		read_part(lines.v[i], parts, n);
	return xstrdup(lines.v[1]);
}

/* A journal that cannot be written is given up: the upload itself is not in danger. */
static void append(struct s3_journal *j, const char *text)
{
	if (j->fd >= 0 && fs_write_all(j->fd, text, strlen(text), j->path, NULL) < 0)
		s3_journal_remove(j);
}

void s3_journal_begin(struct s3_journal *j, const char *identity, const char *upload_id)
{
	FP_AUTO(freep) char *head = xasprintf("%s\n%s\n", identity, upload_id);

	if (j->fd >= 0 && ftruncate(j->fd, 0) < 0)
		s3_journal_remove(j);
	append(j, head);
}

void s3_journal_add(struct s3_journal *j, size_t number, const struct s3_part *p)
{
	FP_AUTO(freep)
	char *line = xasprintf("%zu %s %s\n", number, p->etag, p->checksum);

	append(j, line);
}
