/*
 * The pieces of a text with placeholders: "a ${Name} ${!kept}". Internal to lib/cfn.
 */
#ifndef FP_SUBTEXT_H
#define FP_SUBTEXT_H

#include "base/base.h"

enum sub_kind {
	SUB_END,
	SUB_TEXT,     /* as it stands */
	SUB_VARIABLE, /* the name of ${Name} or ${ Name }; may hold placeholders itself */
	SUB_ESCAPED,  /* "kept" of ${!kept}, which means the text "${kept}" */
};

struct sub_piece {
	enum sub_kind kind;
	const char *text;
	size_t len;
};

/* The piece at *s, which moves behind it. A "${" that nothing closes is text. */
struct sub_piece sub_next(const char **s, const char *end);

#endif
