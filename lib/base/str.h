/*
 * Strings: comparing, splitting, numbers, the nearest name.
 */
#ifndef FP_STR_H
#define FP_STR_H

#include "base/base.h"

bool str_eq(const char *a, const char *b);  /* NULL equals only NULL */
bool str_ieq(const char *a, const char *b); /* ASCII letters without case */
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);
/* Whether `s` matches a glob of `*` and `?`, as IAM and ARNs have them. */
bool str_glob(const char *pattern, const char *s);
/* `s` or, when it is NULL or empty, `fallback`. */
const char *str_or(const char *s, const char *fallback);

/*
 * Whole-string decimal number in [min, max]. Returns false (and leaves *out)
 * for anything else: empty, spaces, sign without digits, trailing text.
 */
bool str_to_i64(const char *s, int64_t min, int64_t max, int64_t *out);

/*
 * The candidate that `s` was probably meant to be, or NULL when none is near:
 * at most a third of the letters wrong, a swap of neighbours counting as one and
 * a letter's case as none.
 */
const char *str_nearest(const char *s, const char *const *candidates, size_t n);

/* ASCII letters to lower case in place; returns s. */
char *str_lower(char *s);

/*
 * The length in bytes of the UTF-8 character that `s` (n bytes) begins with; 0
 * when there is none or it is malformed.
 */
size_t str_utf8_len(const char *s, size_t n);

/* Constant-time comparison of n bytes: for signatures and secrets. */
bool mem_eq_secret(const void *a, const void *b, size_t n);
/* Overwrite so that the compiler keeps it. */
void mem_wipe(void *p, size_t n);
/* For FP_AUTO, and by hand: as freep, of a secret or NULL, which is overwritten first. */
void str_wipe(char **text);

/* Hexadecimal digits, lower case; `out` holds 2n+1 bytes. */
void hex_encode(char *out, const void *data, size_t n);

/* A list of owned strings. */
struct strs {
	char **v;
	size_t n, cap;
};
#define STRS_INIT          \
	{                  \
		NULL, 0, 0 \
	}
void strs_add(struct strs *l, const char *s); /* copies */
void strs_add_owned(struct strs *l, char *s); /* takes */
void strs_sort(struct strs *l);		      /* by byte values */
bool strs_has(const struct strs *l, const char *s);
void strs_release(struct strs *l);
/* The parts of `s` between `sep`, empty ones kept. */
void strs_split(struct strs *l, const char *s, char sep);

#endif
