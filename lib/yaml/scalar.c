/* What plain scalars mean, by YAML 1.2's core schema and by YAML 1.1's types. */
#include "base/str.h"
#include "yaml/node.h"

struct text {
	const char *s, *end;
};

static bool one_of(const char *text, size_t n, const char *const *words, size_t nwords)
{
	for (size_t i = 0; i < nwords; i++)
		if (strlen(words[i]) == n && memcmp(words[i], text, n) == 0)
			return true;
	return false;
}

/* As one_of, whatever the case of the letters. */
static bool one_of_any_case(const char *text, size_t n, const char *const *words,
			    size_t nwords)
{
	char lower[16];

	if (n >= sizeof(lower))
		return false;
	memcpy(lower, text, n);
	lower[n] = '\0';
	return one_of(str_lower(lower), n, words, nwords);
}

static bool eat(struct text *t, const char *set)
{
	if (t->s == t->end || *t->s == '\0' || !strchr(set, *t->s))
		return false;
	t->s++;
	return true;
}

static size_t eat_all(struct text *t, const char *set)
{
	size_t n = 0;

	while (eat(t, set))
		n++;
	return n;
}

static bool eat_word(struct text *t, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(t->end - t->s) < n || memcmp(t->s, word, n) != 0)
		return false;
	t->s += n;
	return true;
}

#define DIGITS "0123456789"
#define HEX    DIGITS "abcdefABCDEF"

/* YAML 1.2.2, section 10.3.2: [-+]?[0-9]+ | 0o[0-7]+ | 0x[0-9a-fA-F]+ */
static bool is_core_int(struct text t)
{
	struct text u = t;

	if (eat_word(&u, "0o"))
		return eat_all(&u, "01234567") > 0 && u.s == u.end;
	if (eat_word(&u, "0x"))
		return eat_all(&u, HEX) > 0 && u.s == u.end;
	eat(&t, "-+");
	if (t.end - t.s > 1 && *t.s == '0')
		return false;
	return eat_all(&t, DIGITS) > 0 && t.s == t.end;
}

/* [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)? and the infinities. */
static bool is_core_float(struct text t)
{
	static const char *const inf[] = { ".inf", ".Inf", ".INF" };
	static const char *const nan[] = { ".nan", ".NaN", ".NAN" };
	size_t before, behind = 0;
	bool dot, exponent;

	if (one_of(t.s, (size_t)(t.end - t.s), nan, ARRAY_SIZE(nan)))
		return true;
	eat(&t, "-+");
	if (one_of(t.s, (size_t)(t.end - t.s), inf, ARRAY_SIZE(inf)))
		return true;
	before = eat_all(&t, DIGITS);
	dot = eat(&t, ".");
	if (dot)
		behind = eat_all(&t, DIGITS);
	if (before + behind == 0)
		return false;
	exponent = eat(&t, "eE");
	if (exponent) {
		eat(&t, "-+");
		if (eat_all(&t, DIGITS) == 0)
			return false;
	}
	return (dot || exponent) && t.s == t.end;
}

enum scalar_type node_scalar_type(const char *text, size_t n)
{
	static const char *const nulls[] = { "", "~", "null", "Null", "NULL" };
	static const char *const bools[] = { "true",  "True",  "TRUE",
					     "false", "False", "FALSE" };
	struct text t = { text, text + n };

	if (one_of(text, n, nulls, ARRAY_SIZE(nulls)))
		return SCALAR_NULL;
	if (one_of(text, n, bools, ARRAY_SIZE(bools)))
		return SCALAR_BOOL;
	if (is_core_int(t))
		return SCALAR_INT;
	if (is_core_float(t))
		return SCALAR_FLOAT;
	return SCALAR_STRING;
}

/*
 * Whether some reader takes it for a number: YAML 1.1 has _ and , in numbers,
 * binary, octal by a leading zero, and base 60 ("1:30"). Errs on the side of yes.
 */
static bool looks_numeric(struct text t)
{
	bool digits;

	eat(&t, "-+");
	if (eat_word(&t, "0x") || eat_word(&t, "0X"))
		return eat_all(&t, HEX "_"), t.s == t.end;
	if (eat_word(&t, "0b") || eat_word(&t, "0B") || eat_word(&t, "0o"))
		return eat_all(&t, DIGITS "_"), t.s == t.end;
	digits = eat_all(&t, DIGITS) > 0;
	eat_all(&t, DIGITS "_,");
	while (digits && eat(&t, ":"))
		if (eat_all(&t, DIGITS) == 0)
			return false;
	if (eat(&t, ".") && eat_all(&t, DIGITS "_") > 0)
		digits = true;
	if (!digits)
		return false;
	if (eat(&t, "eE")) {
		eat(&t, "-+");
		eat_all(&t, DIGITS);
	}
	return t.s == t.end;
}

/* yyyy-m-d, alone or with a time behind it. */
static bool looks_like_date(struct text t)
{
	if (eat_all(&t, DIGITS) != 4 || !eat(&t, "-"))
		return false;
	if (eat_all(&t, DIGITS) == 0 || !eat(&t, "-") || eat_all(&t, DIGITS) == 0)
		return false;
	return t.s == t.end || *t.s == 'T' || *t.s == 't' || *t.s == ' ';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_other_type(const char *text, size_t n)
{
	static const char *const words[] = { "",    "~",    "null", "true",  "false",
					     "yes", "no",   "on",   "off",   "y",
					     "n",   ".inf", ".nan", "+.inf", "-.inf",
					     "=",   "<<" };
	struct text t = { text, text + n };

	/* Numbers and dates begin with no letter, and no word is longer than false. */
	if (is_letter(text[0]) && n > 5)
		return false;
	return one_of_any_case(text, n, words, ARRAY_SIZE(words)) || looks_numeric(t) ||
	       looks_like_date(t) || is_core_float(t);
}

/*
 * Whether the characters may stand in a plain scalar: no control characters, no
 * line breaks (also those that only YAML 1.1 knows: U+0085, U+2028, U+2029), no
 * byte order mark.
 */
static bool characters_are_plain(const unsigned char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] > '#' && s[i] < 0x7f && s[i] != ':')
			continue;
		if (s[i] < 0x20 || s[i] == 0x7f)
			return false;
		if (s[i] == 0xc2 && i + 1 < n && s[i + 1] < 0xa0)
			return false;
		if (s[i] == 0xe2 && i + 2 < n && s[i + 1] == 0x80 &&
		    (s[i + 2] & 0xfe) == 0xa8)
			return false;
		if (s[i] == 0xef && i + 2 < n && s[i + 1] >= 0xbb)
			return false;
		if (s[i] == ':' && (i + 1 == n || s[i + 1] == ' '))
			return false;
		if (s[i] == '#' && i > 0 && s[i - 1] == ' ')
			return false;
	}
	return true;
}

bool node_plain_is_string(const char *text, size_t n)
{
	if (n == 0 || text[0] == ' ' || text[n - 1] == ' ')
		return false;
	if (text[0] == '\0' || strchr("?:,[]{}#&*!|>'\"%@`", text[0]))
		return false;
	if (text[0] == '-' && (n == 1 || text[1] == ' '))
		return false;
	if (n >= 3 && (memcmp(text, "---", 3) == 0 || memcmp(text, "...", 3) == 0))
		return false;
	return characters_are_plain((const unsigned char *)text, n) &&
	       !is_other_type(text, n);
}
