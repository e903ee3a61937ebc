#include "scan.h"

/* GCC's and clang's vectors: SSE2 on x86-64, NEON on arm64. */
typedef uint8_t vec __attribute__((vector_size(16)));
typedef uint64_t vec64 __attribute__((vector_size(16)));

#define LANES ((size_t)16)

static vec load(const void *p)
{
	vec v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Each byte of a half holds a count of at most 255. */
static size_t sum_bytes(uint64_t half)
{
	const uint64_t low = 0x00ff00ff00ff00ffu;

	half = (half & low) + ((half >> 8) & low);
	return (size_t)((half * 0x0001000100010001u) >> 48);
}

static size_t sum(vec v)
{
	vec64 halves = (vec64)v;

	return sum_bytes(halves[0]) + sum_bytes(halves[1]);
}

size_t scan_count(const char *p, size_t n, char c)
{
	/* From `LANES - k` on, k ones stand in front of nothing. */
	static const uint8_t masks[2 * LANES] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
						  0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1,
						  1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };
	const vec want = (vec){ 0 } + (uint8_t)c;
	size_t total = 0, rest = n % LANES;

	if (n < LANES) {
		for (size_t i = 0; i < n; i++)
			total += p[i] == c;
		return total;
	}
	for (const char *end = p + n - rest; p < end;) {
		vec counts = { 0 };

		/* Before a lane can overflow. */
		for (int i = 0; i < 255 && p < end; i++, p += LANES)
			counts -= (vec)(load(p) == want);
		total += sum(counts);
	}
	/* The last ones by a load that overlaps what is counted already. */
	if (rest)
		total += sum((vec)(load(p + rest - LANES) == want) & load(masks + rest));
	return total;
}

static bool any(vec v)
{
	vec64 halves = (vec64)v;

	return (halves[0] | halves[1]) != 0;
}

static bool plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

const char *scan_plain(const char *p, const char *end)
{
	while ((size_t)(end - p) >= LANES) {
		vec v = load(p);

		/* v - 0x20 >= 0x5f: below a space, or above a tilde. */
		if (any((vec)(v - 0x20 >= 0x5f) | (vec)(v == '"') | (vec)(v == '\\')))
			break;
		p += LANES;
	}
	while (p < end && plain((unsigned char)*p))
		p++;
	return p;
}
