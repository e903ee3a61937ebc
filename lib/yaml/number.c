#include "yaml/number.h"

/* "0x1f" and "0o17", which not every reader knows, as decimal numbers. */
static bool put_based(struct buf *out, const struct node *n)
{
	int64_t value;

	if (!node_as_int(n, &value))
		return false;
	buf_printf(out, "%lld", (long long)value);
	return true;
}

/*
 * YAML 1.1 wants a point and a signed exponent ("1.0e+3"), JSON a digit on both
 * sides of the point and no leading zeros.
 */
static void put_float(struct buf *out, const char *s)
{
	size_t whole, part;

	if (*s == '-' || *s == '+') {
		if (*s == '-')
			buf_putc(out, '-');
		s++;
	}
	s += strspn(s, "0");
	whole = strspn(s, "0123456789");
	buf_add(out, whole ? s : "0", whole ? whole : 1);
	s += whole;
	s += *s == '.';
	part = strspn(s, "0123456789");
	buf_putc(out, '.');
	buf_add(out, part ? s : "0", part ? part : 1);
	s += part;
	if (*s != 'e' && *s != 'E')
		return;
	buf_putc(out, 'e');
	s++;
	if (*s != '-' && *s != '+')
		buf_putc(out, '+');
	buf_puts(out, s);
}

bool number_put(struct buf *out, const struct node *n)
{
	const char *s = n->scalar.text;

	if (n->scalar.type == SCALAR_FLOAT) {
		if (strpbrk(s, "nN"))
			return false;
		put_float(out, s);
		return true;
	}
	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'o'))
		return put_based(out, n);
	buf_puts(out, *s == '+' ? s + 1 : s);
	return true;
}
