#include "cfn/subtext.h"

static bool opens(const char *s, const char *end)
{
	return end - s >= 2 && s[0] == '$' && s[1] == '{';
}

/* The '}' of the "${" at s, or NULL. */
static const char *closing(const char *s, const char *end)
{
	bool escaped = end - s > 2 && s[2] == '!';
	size_t depth = 0;

	for (; s < end; s++) {
		if (opens(s, end) && (!escaped || depth == 0))
			depth++;
		else if (*s == '}' && --depth == 0)
			return s;
	}
	return NULL;
}

struct sub_piece sub_next(const char **s, const char *end)
{
	const char *from = *s, *p = from, *close = NULL;

	if (from == end)
		return (struct sub_piece){ SUB_END, from, 0 };
	if (opens(from, end) && (close = closing(from, end)) != NULL) {
		bool escaped = from[2] == '!';

		from += escaped ? 3 : 2;
		*s = close + 1;
		return (struct sub_piece){ escaped ? SUB_ESCAPED : SUB_VARIABLE, from,
					   (size_t)(close - from) };
	}
	if (opens(from, end))
		p = end;
	while (p < end && !opens(p, end))
		p++;
	*s = p;
	return (struct sub_piece){ SUB_TEXT, from, (size_t)(p - from) };
}
