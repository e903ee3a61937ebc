/*
 * What an unfinished upload has sent, in a file of its own, so that another run of the
 * same upload goes on from there. Nothing in it is trusted: a part counts when the file's
 * bytes still have its checksum, and S3 compares all of them when the upload is
 * completed.
 */
#ifndef FP_AWS_S3_JOURNAL_H
#define FP_AWS_S3_JOURNAL_H

#include "base/error.h"

/* A part as S3 has it; texts are owned; etag NULL: it is missing. */
struct s3_part {
	char *etag, *checksum;
};
void s3_part_release(struct s3_part *p);

struct s3_journal {
	int fd; /* -1: nothing is remembered */
	char *path;
};
#define S3_JOURNAL_INIT  \
	{                \
		-1, NULL \
	}

/*
 * Open the journal of this name (a digest of what goes where) in `folder`, made when it
 * is not there. Remembers nothing when the folder cannot be used, or when another process
 * is at the same upload: neither keeps from uploading.
 */
void s3_journal_open(struct s3_journal *j, const char *folder, const char *name);
/*
 * Read it: the upload's ID, owned by the caller, or NULL when there is none; `same` says
 * whether it was begun with this very identity, which is one line. Parts beyond `n` are
 * left out.
 */
char *s3_journal_read(const struct s3_journal *j, const char *identity, bool *same,
		      struct s3_part *parts, size_t n);
/* Begin anew. */
void s3_journal_begin(struct s3_journal *j, const char *identity, const char *upload_id);
/* `number` counts from 0. From one thread at a time. */
void s3_journal_add(struct s3_journal *j, size_t number, const struct s3_part *p);
/* The upload is over: remove the file. */
void s3_journal_remove(struct s3_journal *j);
/* Close it and let it stay. */
void s3_journal_release(struct s3_journal *j);

#endif
