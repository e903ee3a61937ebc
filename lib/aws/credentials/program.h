/*
 * The program of a credential_process: its command line, and what it prints. For
 * process.c, and for its tests.
 */
#ifndef FP_AWS_PROGRAM_H
#define FP_AWS_PROGRAM_H

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "wire/sigv4.h"

/* It may have to ask the user something. */
#define PROGRAM_LIMIT_MS 120000LL

/*
 * Split a command as a shell does, but for all that is no quote: no variables, no
 * globs, no comments (as Python's shlex). False when a quote or escape does not end.
 */
bool program_split(struct strs *words, const char *text);

/*
 * Run argv (ends with NULL; argv[0] is a path) without a shell, with our standard input
 * and environment, and append its standard output, at most 1 MiB (FP_ERR_LIMIT).
 * FP_ERR_TIMEOUT after limit_ms, FP_ERR_INTERRUPTED on Ctrl-C: then it is killed.
 * FP_ERR_CREDENTIALS when its status is not 0, with the end of its standard error. It is
 * waited for in every case.
 */
FP_MUST_CHECK int program_run(struct buf *out, const char *const *argv, int64_t limit_ms,
			      struct fp_error *err);
/* The keys in what it printed. FP_ERR_CREDENTIALS, or FP_ERR_INPUT when it is no JSON. */
FP_MUST_CHECK int program_read(struct aws_credentials *out, const char *text, size_t n,
			       struct fp_error *err);

#endif
