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

/* The name between the braces; spaces around it do not count. */
static struct sub_piece variable(const char *from, const char *close)
{
	while (from < close && *from == ' ')
		from++;
	while (from < close && close[-1] == ' ')
		close--;
	return (struct sub_piece){ SUB_VARIABLE, from, (size_t)(close - from) };
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
		return escaped ? (struct sub_piece){ SUB_ESCAPED, from,
						     (size_t)(close - from) }
			       : variable(from, close);
	}
	if (opens(from, end))
		p = end;
	while (p < end && !opens(p, end))
		p++;
	*s = p;
	return (struct sub_piece){ SUB_TEXT, from, (size_t)(p - from) };
}
