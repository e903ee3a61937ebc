/*
 * Errors: filled by the callee, wrapped once a layer, printed by main().
 */
#ifndef FP_ERROR_H
#define FP_ERROR_H

#include "base/base.h"

/*
 * Every error's stable code, its name and what it means. The numbers are
 * documented in docs/errors.md and never change their meaning; `make lint`
 * compares the two.
 */
#define FP_ERRORS(X)                                                    \
	X(USAGE, 1001, "the command line is wrong")                     \
	X(INPUT, 1002, "a value is not acceptable")                     \
	X(IO, 1003, "a file cannot be read or written")                 \
	X(NOT_FOUND, 1004, "something named does not exist")            \
	X(LIMIT, 1005, "an input is larger than its limit")             \
	X(TIMEOUT, 1006, "the time allowed ran out")                    \
	X(INTERRUPTED, 1007, "stopped by Ctrl-C or a signal")           \
	X(CONFIRM, 1008, "a confirmation was needed and not given")     \
	X(INTERNAL, 1009, "fpctl itself is at fault")                   \
	X(YAML, 2001, "a YAML or JSON document is malformed")           \
	X(MANIFEST, 2002, "the manifest is not valid")                  \
	X(TEMPLATE, 3001, "a template is not valid")                    \
	X(UNRESOLVED, 3002, "a template refers to what does not exist") \
	X(NETWORK, 4001, "no answer came from the endpoint")            \
	X(AWS, 4002, "the service refused the request")                 \
	X(CREDENTIALS, 4003, "no usable credentials were found")        \
	X(PROTOCOL, 4004, "an answer cannot be understood")             \
	X(STACK, 5001, "a stack operation failed")                      \
	X(BUILD, 5002, "a processor cannot be built")                   \
	X(PORT, 6001, "the emulator's port is taken")                   \
	X(STATE, 6002, "the emulator's state cannot be used")

enum fp_errc {
	FP_OK = 0,
#define X(name, number, summary) FP_ERR_##name = number,
	FP_ERRORS(X)
#undef X
};

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
	char where[256];     /* "fpctl.yaml:12:7", or "" */
	char aws_code[128];  /* "ValidationError", or "" */
	int http_status;     /* 0 when no response came */
	char request_id[80]; /* x-amzn-requestid of the answer, or "" */
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
