#include "base/str.h"

#include <errno.h>
#include <inttypes.h>

#include "base/error.h"

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool str_eq(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool str_ieq(const char *a, const char *b)
{
	if (!a || !b)
		return a == b;
	while (*a && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return lower(*a) == lower(*b);
}

bool str_starts(const char *s, const char *prefix)
{
	while (*prefix)
		if (*s++ != *prefix++)
			return false;
	return true;
}

bool str_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), k = strlen(suffix);

	return n >= k && memcmp(s + n - k, suffix, k) == 0;
}

bool str_glob(const char *pattern, const char *s)
{
	const char *star = NULL, *resume = NULL;

	/* Only the last star can need another try: linear for sane patterns. */
	while (*s) {
		if (*pattern == '*') {
			star = ++pattern;
			resume = s;
		} else if (*pattern == '?' || *pattern == *s) {
			pattern++;
			s++;
		} else if (star) {
			pattern = star;
			s = ++resume;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

const char *str_or(const char *s, const char *fallback)
{
	return s && *s ? s : fallback;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool str_to_i64(const char *s, int64_t min, int64_t max, int64_t *out)
{
	const char *digits;
	char *end;
	intmax_t v;

	if (!s)
		return false;
	digits = *s == '-' || *s == '+' ? s + 1 : s;
	/* strtoimax would skip spaces and take a second sign. */
	if (!is_digit(*digits))
		return false;
	errno = 0;
	v = strtoimax(s, &end, 10);
	if (errno || *end || v < min || v > max)
		return false;
	*out = v;
	return true;
}

#define NEAREST_MAX 128 /* longer names are no typing errors */

/* Optimal string alignment: an edit, or a swap of neighbours, costs 1. */
static size_t edit_distance(const char *a, size_t na, const char *b, size_t nb)
{
	size_t rows[3][NEAREST_MAX + 1];
	size_t *before = rows[0], *above = rows[1], *row = rows[2];

	for (size_t j = 0; j <= nb; j++)
		above[j] = before[j] = j;
	for (size_t i = 1; i <= na; i++) {
		size_t *oldest = before;

		row[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			char x = lower(a[i - 1]), y = lower(b[j - 1]);
			size_t d = above[j - 1] + (x != y);

			d = FP_MIN(d, above[j] + 1);
			d = FP_MIN(d, row[j - 1] + 1);
			if (i > 1 && j > 1 && x == lower(b[j - 2]) &&
			    y == lower(a[i - 2]))
				d = FP_MIN(d, before[j - 2] + 1);
			row[j] = d;
		}
		before = above;
		above = row;
		row = oldest;
	}
	return above[nb];
}

const char *str_nearest(const char *s, const char *const *candidates, size_t n)
{
	const char *best = NULL;
	size_t best_distance = SIZE_MAX, len = strlen(s);

	for (size_t i = 0; len <= NEAREST_MAX && i < n; i++) {
		size_t nc = strlen(candidates[i]), d;

		if (nc > NEAREST_MAX)
			continue;
		d = edit_distance(s, len, candidates[i], nc);
		if (d * 3 <= FP_MAX(len, nc) && d < best_distance) {
			best = candidates[i];
			best_distance = d;
		}
	}
	return best;
}

char *str_lower(char *s)
{
	for (char *p = s; *p; p++)
		*p = lower(*p);
	return s;
}

size_t str_utf8_len(const char *s, size_t n)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t len;

	if (!n)
		return 0;
	if (u[0] < 0x80)
		return 1;
	len = u[0] < 0xc2 ? 0 : u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : u[0] < 0xf5 ? 4 : 0;
	if (!len || len > n)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((u[i] & 0xc0) != 0x80)
			return 0;
	/* Overlong forms, surrogates, and what lies above U+10FFFF. */
	if ((u[0] == 0xe0 && u[1] < 0xa0) || (u[0] == 0xed && u[1] > 0x9f) ||
	    (u[0] == 0xf0 && u[1] < 0x90) || (u[0] == 0xf4 && u[1] > 0x8f))
		return 0;
	return len;
}

bool mem_eq_secret(const void *a, const void *b, size_t n)
{
	const volatile unsigned char *x = a, *y = b;
	unsigned char differs = 0;

	for (size_t i = 0; i < n; i++)
		differs |= x[i] ^ y[i];
	return !differs;
}

void mem_wipe(void *p, size_t n)
{
	memset(p, 0, n);
	__asm__ volatile("" : : "r"(p) : "memory");
}

void str_wipe(char **text)
{
	if (*text)
		mem_wipe(*text, strlen(*text));
	freep(text);
}

void hex_encode(char *out, const void *data, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = data;

	for (size_t i = 0; i < n; i++) {
		*out++ = digits[p[i] >> 4];
		*out++ = digits[p[i] & 15];
	}
	*out = '\0';
}

void strs_add(struct strs *l, const char *s)
{
	strs_add_owned(l, xstrdup(s));
}

void strs_add_owned(struct strs *l, char *s)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 8;
		l->v = xrealloc(l->v, l->cap * sizeof(*l->v));
	}
	l->v[l->n++] = s;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void strs_sort(struct strs *l)
{
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), compare);
}

bool strs_has(const struct strs *l, const char *s)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i], s) == 0)
			return true;
	return false;
}

void strs_release(struct strs *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	*l = (struct strs)STRS_INIT;
}

void strs_split(struct strs *l, const char *s, char sep)
{
	const char *end;

	while ((end = strchr(s, sep))) {
		strs_add_owned(l, xstrndup(s, (size_t)(end - s)));
		s = end + 1;
	}
	strs_add(l, s);
}
