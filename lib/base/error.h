/*
 * Errors: filled by the callee, wrapped once a layer, printed by main().
 */
#ifndef FP_ERROR_H
#define FP_ERROR_H

#include "base/base.h"
#include "base/error_codes.h"

enum fp_errc {
	FP_OK = 0,
#define X(name, number, summary, advice) FP_ERR_##name = number,
	FP_ERRORS(X)
#undef X
};

/* The table of error_codes.h; ends with number 0. */
struct fp_error_kind {
	unsigned number;
	const char *summary, *advice;
};
extern const struct fp_error_kind fp_error_kinds[];

/* A place in a file; line and column count from 1, 0 means unknown. */
struct fp_pos {
	const char *file; /* borrowed: lives as long as the document's arena */
	unsigned line, column;
};

/*
 * Filled by the callee, never on success. Owns its text, because cleanup frees
 * the manifest before main() prints the error.
 */
struct fp_error {
	enum fp_errc code;
	bool unsent;	     /* the request reached nobody: sending it again is safe */
	unsigned number;     /* a finer stable number, for printing; 0: `code` is it */
	const char *next;    /* what to do next, beside what the message says; or NULL */
	char where[256];     /* "fpctl.yaml:12:7", or "" */
	char aws_code[128];  /* "ValidationError", or "" */
	int http_status;     /* 0 when no response came */
	char request_id[80]; /* x-amzn-requestid of the answer, or "" */
	char host_id[96];    /* S3's x-amz-id-2, which its support asks for too, or "" */
	char message[2048];  /* outermost context first; may have several lines */
};

/*
 * All return -1, so failing is one line: return fp_fail(err, ...);
 * `err` may be NULL when the reason does not matter. errno is kept.
 */
int fp_fail(struct fp_error *err, enum fp_errc code, const char *fmt, ...)
	FP_PRINTF(3, 4);
/* As fp_fail, with the place; the code is given too. */
int fp_fail_at(struct fp_error *err, enum fp_errc code, struct fp_pos pos,
	       const char *fmt, ...) FP_PRINTF(4, 5);
/* As fp_fail with ": " and strerror(errno) behind the text; code FP_ERR_IO. */
int fp_fail_errno(struct fp_error *err, const char *fmt, ...) FP_PRINTF(2, 3);
/* Put "context: " before the message that is there. */
int fp_wrap(struct fp_error *err, const char *fmt, ...) FP_PRINTF(2, 3);
/* Put "; hint" behind it: what to do next. */
int fp_hint(struct fp_error *err, const char *fmt, ...) FP_PRINTF(2, 3);

/* Out of memory, or a broken promise inside fpctl: print and abort. */
FP_NORETURN void fp_die(const char *fmt, ...) FP_PRINTF(1, 2);

/* Never NULL: out of memory aborts, in one place. */
void *xmalloc(size_t n);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) FP_PRINTF(1, 2);

/* For FP_AUTO: free(*p) of any pointer variable; p is its address. */
void freep(void *p);
/* For FP_AUTO: close(*fd) unless it is negative. */
void closep(int *fd);

#endif
