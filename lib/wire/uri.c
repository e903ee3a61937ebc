#include "wire/uri.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"

static bool is_unreserved(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

static void put_percent(struct buf *out, unsigned char c)
{
	static const char hex[] = "0123456789ABCDEF";
	char text[3] = { '%', hex[c >> 4], hex[c & 15] };

	buf_add(out, text, sizeof(text));
}

void uri_encode(struct buf *out, const char *s, size_t n, const char *keep)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (is_unreserved(c) || (c && strchr(keep, c)))
			buf_putc(out, (char)c);
		else
			put_percent(out, c);
	}
}

void uri_escape_illegal(struct buf *out, const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c <= 0x20 || c >= 0x7f || strchr("#\"<>\\^`{|}", c))
			put_percent(out, c);
		else
			buf_putc(out, (char)c);
	}
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

void uri_decode(struct buf *out, const char *s, size_t n, bool plus)
{
	for (size_t i = 0; i < n; i++) {
		int hi, lo;

		if (s[i] == '%' && n - i > 2 && (hi = hex_digit(s[i + 1])) >= 0 &&
		    (lo = hex_digit(s[i + 2])) >= 0) {
			buf_putc(out, (char)(hi << 4 | lo));
			i += 2;
		} else {
			buf_putc(out, plus && s[i] == '+' ? ' ' : s[i]);
		}
	}
}

static char *decode(const char *s, size_t n, bool plus)
{
	struct buf out = BUF_INIT;

	buf_reserve(&out, n);
	uri_decode(&out, s, n, plus);
	return buf_detach(&out);
}

static void add_pair(struct uri_params *p, const char *s, size_t n, bool plus)
{
	const char *eq = memchr(s, '=', n);
	size_t name_len = eq ? (size_t)(eq - s) : n;
	struct uri_param *param;

	if (p->n == p->cap) {
		p->cap = p->cap ? p->cap * 2 : 8;
		p->v = xrealloc(p->v, p->cap * sizeof(*p->v));
	}
	param = &p->v[p->n++];
	param->name = decode(s, name_len, plus);
	param->value = eq ? decode(eq + 1, n - name_len - 1, plus) : xstrdup("");
	param->has_value = eq != NULL;
}

void uri_params_parse(struct uri_params *p, const char *query, size_t n, bool plus)
{
	size_t start = 0;

	while (start < n) {
		const char *amp = memchr(query + start, '&', n - start);
		size_t end = amp ? (size_t)(amp - query) : n;

		if (end > start)
			add_pair(p, query + start, end - start, plus);
		start = end + 1;
	}
}

const char *uri_params_get(const struct uri_params *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (str_eq(p->v[i].name, name))
			return p->v[i].value;
	return NULL;
}

void uri_params_release(struct uri_params *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->v[i].name);
		str_wipe(&p->v[i].value); /* perhaps a token */
	}
	free(p->v);
	*p = (struct uri_params){ 0 };
}
