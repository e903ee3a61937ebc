/*
 * The regular expressions of the facts and of parameters, by PCRE2. Internal to
 * lib/cfn.
 *
 * They are written for ECMA 262 or Python: \u0041, \Z for the very end, `$` for the
 * very end too. Classes such as \w are ASCII's.
 */
#ifndef FP_PATTERN_H
#define FP_PATTERN_H

#include "base/base.h"

enum pattern_result {
	PATTERN_MATCHES,
	PATTERN_DIFFERS,
	PATTERN_UNDECIDED, /* too much work, or a dialect that is not ours */
	PATTERN_BROKEN,	   /* no dialect takes it: a parenthesis that nothing closes */
};

/*
 * Whether the pattern occurs in the text; anchored only as it says itself. Compiled
 * once and kept, so `pattern` should be one of few. Any thread may ask.
 */
enum pattern_result pattern_match(const char *pattern, const char *text, size_t n);
/* Whether it matches the text from its beginning to its end. */
enum pattern_result pattern_match_whole(const char *pattern, const char *text, size_t n);

#endif
