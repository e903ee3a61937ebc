#include "wire/crc.h"

#include <pthread.h>
#include <string.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

/*
 * A register of 64 bits holds a polynomial reflected: bit i stands for x^(63-i).
 * Those of 32 bits stand in its upper half, so that one code serves all.
 */
static const struct {
	uint64_t poly;
	unsigned unused; /* low bits that are always 0 */
} kinds[CRC_KINDS] = {
	[CRC_32] = { 0xEDB88320ULL << 32, 32 },
	[CRC_32C] = { 0x82F63B78ULL << 32, 32 },
	[CRC_64NVME] = { 0x9A6C9329AC4BC9B5ULL, 0 },
};

#define ONE (UINT64_C(1) << 63)

static struct tables {
	uint64_t slice[8][256]; /* [k]: a byte that k others follow; low-aligned */
	uint64_t fold512[2], fold128[2];
} tables[CRC_KINDS];
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool has_clmul;

static uint64_t times_x(enum crc_kind k, uint64_t v)
{
	uint64_t carry = v & UINT64_C(1) << kinds[k].unused;

	return ((v ^ carry) >> 1) ^ (carry ? kinds[k].poly : 0);
}

static uint64_t multiply(enum crc_kind k, uint64_t a, uint64_t b)
{
	uint64_t product = 0;

	for (; a; a <<= 1, b = times_x(k, b))
		product ^= (a & ONE) ? b : 0;
	return product;
}

/* x^n modulo the polynomial. */
static uint64_t power_of_x(enum crc_kind k, uint64_t n)
{
	uint64_t square = ONE >> 1, v = ONE;

	for (; n; n >>= 1, square = multiply(k, square, square))
		if (n & 1)
			v = multiply(k, v, square);
	return v;
}

uint64_t crc_shift(enum crc_kind kind, uint64_t reg, uint64_t n)
{
	unsigned unused = kinds[kind].unused;
	/* x^8 to the power of n: eight times n may not fit. */
	uint64_t square = power_of_x(kind, 8), v = reg << unused;

	for (; n; n >>= 1, square = multiply(kind, square, square))
		if (n & 1)
			v = multiply(kind, v, square);
	return v >> unused;
}

static void make_tables(void)
{
	for (enum crc_kind k = 0; k < CRC_KINDS; k++) {
		struct tables *t = &tables[k];

		for (unsigned i = 0; i < 256; i++) {
			uint64_t v = i;

			for (int bit = 0; bit < 8; bit++)
				v = (v >> 1) ^
				    (v & 1 ? kinds[k].poly >> kinds[k].unused : 0);
			t->slice[0][i] = v;
		}
		for (unsigned i = 0; i < 256; i++)
			for (unsigned n = 1; n < 8; n++)
				t->slice[n][i] = (t->slice[n - 1][i] >> 8) ^
						 t->slice[0][t->slice[n - 1][i] & 0xff];
		/* One power less: a product of reflected factors is one bit short. */
		t->fold512[0] = power_of_x(k, 512 + 64 - 1);
		t->fold512[1] = power_of_x(k, 512 - 1);
		t->fold128[0] = power_of_x(k, 128 + 64 - 1);
		t->fold128[1] = power_of_x(k, 128 - 1);
	}
#ifdef __x86_64__
	has_clmul = __builtin_cpu_supports("pclmul");
#endif
}

static uint64_t advance_by_table(const struct tables *t, uint64_t reg, const uint8_t *p,
				 size_t n)
{
	for (; n >= 8; n -= 8, p += 8) {
		uint64_t v = reg, next = 0;

		for (unsigned i = 0; i < 8; i++)
			v ^= (uint64_t)p[i] << (8 * i);
		for (unsigned i = 0; i < 8; i++)
			next ^= t->slice[7 - i][(v >> (8 * i)) & 0xff];
		reg = next;
	}
	for (; n; n--, p++)
		reg = (reg >> 8) ^ t->slice[0][(reg ^ *p) & 0xff];
	return reg;
}

#ifdef __x86_64__
#define FOLD_MIN 128

__attribute__((target("pclmul"))) static inline __m128i fold(__m128i v, __m128i by,
							     __m128i next)
{
	return _mm_xor_si128(_mm_xor_si128(_mm_clmulepi64_si128(v, by, 0x00),
					   _mm_clmulepi64_si128(v, by, 0x11)),
			     next);
}

static inline __m128i load(const uint8_t *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}

/*
 * Sixty-four bytes a step: each of four vectors is moved over the next 512 bits by
 * a carry-less multiplication with x^512 modulo the polynomial (V. Gopal et al.,
 * "Fast CRC computation for generic polynomials using PCLMULQDQ", 2009). What
 * remains are 16 bytes with the same CRC, which the tables finish.
 */
__attribute__((target("pclmul"))) static uint64_t
advance_by_folding(const struct tables *t, uint64_t reg, const uint8_t *p, size_t n)
{
	const __m128i by512 = _mm_set_epi64x((long long)t->fold512[1],
					     (long long)t->fold512[0]);
	const __m128i by128 = _mm_set_epi64x((long long)t->fold128[1],
					     (long long)t->fold128[0]);
	__m128i v[4];
	uint8_t rest[16];

	for (unsigned i = 0; i < 4; i++)
		v[i] = load(p + 16 * (size_t)i);
	v[0] = _mm_xor_si128(v[0], _mm_cvtsi64_si128((long long)reg));
	for (p += 64, n -= 64; n >= 64; p += 64, n -= 64)
		for (unsigned i = 0; i < 4; i++)
			v[i] = fold(v[i], by512, load(p + 16 * (size_t)i));
	for (unsigned i = 1; i < 4; i++)
		v[i] = fold(v[i - 1], by128, v[i]);
	for (; n >= 16; p += 16, n -= 16)
		v[3] = fold(v[3], by128, load(p));
	_mm_storeu_si128((__m128i *)(void *)rest, v[3]);
	return advance_by_table(t, advance_by_table(t, 0, rest, sizeof(rest)), p, n);
}
#endif

uint64_t crc_advance(enum crc_kind kind, uint64_t reg, const void *data, size_t n)
{
	(void)pthread_once(&once, make_tables);
#ifdef __x86_64__
	if (has_clmul && n >= FOLD_MIN)
		return advance_by_folding(&tables[kind], reg, data, n);
#endif
	return advance_by_table(&tables[kind], reg, data, n);
}
