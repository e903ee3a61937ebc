/*
 * A file that is being downloaded in pieces. It lies beside its place as NAME.fpctl-part,
 * locked; behind the object's last byte it notes of which object it is and which pieces
 * are there, so that one file is all that there is, and a process that was killed loses
 * no more than the pieces under way.
 */
#ifndef FP_AWS_S3_PARTIAL_H
#define FP_AWS_S3_PARTIAL_H

#include "base/base.h"
#include "base/error.h"

struct s3_partial {
	int fd;
	char *path;	   /* the temporary one; owned */
	const char *place; /* borrowed */
	int64_t size, note_end;
};
#define S3_PARTIAL_INIT              \
	{                            \
		-1, NULL, NULL, 0, 0 \
	}

/*
 * Make it, or open what an earlier run left; its mode is that of a file in its place.
 * `identity` is one line that says of what object it is; *same whether the pieces there
 * are of that. FP_ERR_INPUT when another process is at the same download.
 */
FP_MUST_CHECK int s3_partial_open(struct s3_partial *p, const char *place, int64_t size,
				  const char *identity, bool *same, struct fp_error *err);
/* How much of each piece is there: `have` has n zeros. */
void s3_partial_read(struct s3_partial *p, int64_t *have, size_t n);
/* Bytes at an offset, in pieces. */
FP_MUST_CHECK int s3_partial_write(struct s3_partial *p, int64_t at, const void *data,
				   size_t n, struct fp_error *err);
/* Note that this much of a piece (from 0) is there. From one thread at a time. */
void s3_partial_note(struct s3_partial *p, size_t piece, int64_t have);
/* It is whole: cut the notes off, sync, and put it in its place. */
FP_MUST_CHECK int s3_partial_finish(struct s3_partial *p, struct fp_error *err);
/* Remove what is there. */
void s3_partial_remove(struct s3_partial *p);
/* Close it and let it stay. */
void s3_partial_release(struct s3_partial *p);

#endif
