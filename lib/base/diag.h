/*
 * Many findings in one run: the manifest's and the templates' errors. Each is
 * "file:line:column: message", with the line shown and a caret below it.
 */
#ifndef FP_DIAG_H
#define FP_DIAG_H

#include <stdarg.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

struct diag {
	struct fp_pos pos;
	char *message; /* lower case, no full stop */
	char *hint;    /* what to do: "did you mean 'suffix'?"; or NULL */
};

struct diags {
	struct diag *v;
	size_t n, cap;
	struct arena arena; /* owns the texts and the file names */
};
#define DIAGS_INIT                     \
	{                              \
		NULL, 0, 0, ARENA_INIT \
	}

/* A message or hint of more than 4,000 bytes is cut. */
void diags_add(struct diags *d, struct fp_pos pos, const char *hint, const char *fmt, ...)
	FP_PRINTF(4, 5);
void diags_vadd(struct diags *d, struct fp_pos pos, const char *hint, const char *fmt,
		va_list args) FP_PRINTF(4, 0);
/* By file, line and column. */
void diags_sort(struct diags *d);
/*
 * Append all as text. `source` is the document that they are about (for the
 * lines shown), and may be NULL. At most `max` findings; the rest is counted.
 */
void diags_format(struct buf *out, const struct diags *d, const char *source, size_t n,
		  size_t max);
void diags_release(struct diags *d);

#endif
