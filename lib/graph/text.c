#include "graph/text.h"

#include "base/str.h"

#define ELLIPSIS "\xe2\x80\xa6"

/* Width in hundredths of the font's size. */
static unsigned char_width(const char *s, size_t k)
{
	if (k > 2)
		return (unsigned char)*s >= 0xe3 ? 100 : 72; /* Han and beyond: square */
	if (k == 2)
		return 62;
	if (strchr("ijlI|.,:;'!()[]{} ", *s))
		return 40;
	if (strchr("frt/-*\"", *s))
		return 46;
	if (strchr("#<>+=~^&", *s))
		return 84;
	if (strchr("mwMW@%", *s))
		return 92;
	return *s >= 'A' && *s <= 'Z' ? 70 : 60;
}

static size_t char_length(const char *s)
{
	size_t k = str_utf8_len(s, strlen(s));

	return k ? k : 1;
}

/* Where the first `max` characters of UTF-8 end. */
static size_t prefix(const char *s, size_t max)
{
	size_t at = 0;

	while (max-- && s[at])
		at += char_length(s + at);
	return at;
}

double text_width(const char *s, double size, bool bold)
{
	size_t end = prefix(s, TEXT_SHOWN);
	unsigned sum = s[end] ? 100 : 0;

	for (size_t at = 0; at < end; at += char_length(s + at))
		sum += char_width(s + at, char_length(s + at));
	return sum * size / 100 * (bold ? 1.13 : 1);
}

void text_xml(struct buf *out, const char *s, size_t max)
{
	size_t end = prefix(s, max);

	for (size_t at = 0, k; at < end; at += k) {
		unsigned char c = (unsigned char)s[at];

		k = char_length(s + at);
		if (c == '&')
			buf_puts(out, "&amp;");
		else if (c == '<')
			buf_puts(out, "&lt;");
		else if (c == '>')
			buf_puts(out, "&gt;");
		else if (c == '"')
			buf_puts(out, "&quot;");
		else if (c >= ' ' && c != 0x7f && str_utf8_len(s + at, k) &&
			 memcmp(s + at, "\xef\xbf\xbe", FP_MIN(k, 3)) != 0 &&
			 memcmp(s + at, "\xef\xbf\xbf", FP_MIN(k, 3)) != 0)
			buf_add(out, s + at, k);
	}
	if (s[end])
		buf_puts(out, ELLIPSIS);
}
