/*
 * Small ELF files made by hand, for either processor.
 */
#ifndef FP_TEST_FAKE_ELF_H
#define FP_TEST_FAKE_ELF_H

#include "base/buf.h"

struct fake_elf {
	unsigned machine;      /* 62 or 183 */
	const char *interp;    /* or NULL */
	const char *needed[4]; /* up to four, NULL-terminated */
	const char *rpath, *runpath;
};

static inline void fake_put(struct buf *b, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		buf_putc(b, (char)(v >> (8 * i)));
}

static inline void fake_phdr(struct buf *b, unsigned type, uint64_t offset, uint64_t size)
{
	fake_put(b, type, 4);
	fake_put(b, 4, 4);
	fake_put(b, offset, 8);
	fake_put(b, 0x400000 + offset, 8);
	fake_put(b, 0x400000 + offset, 8);
	fake_put(b, size, 8);
	fake_put(b, size, 8);
	fake_put(b, 8, 8);
}

static inline void fake_dyn(struct buf *b, uint64_t tag, uint64_t value)
{
	fake_put(b, tag, 8);
	fake_put(b, value, 8);
}

static inline uint64_t fake_string(struct buf *strings, const char *s)
{
	uint64_t at = strings->len;

	buf_add(strings, s, strlen(s) + 1);
	return at;
}

/* Header, three program headers, the dynamic section, the strings. */
static inline void fake_elf(struct buf *out, const struct fake_elf *e)
{
	FP_AUTO(buf_release) struct buf dyn = BUF_INIT, strings = BUF_INIT;
	uint64_t dyn_at = 64 + 3 * 56, strings_at, interp_at = 0;
	size_t count = 3; /* DT_STRTAB, DT_STRSZ, DT_NULL */

	for (size_t i = 0; i < 4 && e->needed[i]; i++)
		count++;
	count += (e->rpath != NULL) + (e->runpath != NULL);
	strings_at = dyn_at + count * 16;
	buf_putc(&strings, '\0');
	for (size_t i = 0; i < 4 && e->needed[i]; i++)
		fake_dyn(&dyn, 1, fake_string(&strings, e->needed[i]));
	if (e->rpath)
		fake_dyn(&dyn, 15, fake_string(&strings, e->rpath));
	if (e->runpath)
		fake_dyn(&dyn, 29, fake_string(&strings, e->runpath));
	if (e->interp)
		interp_at = strings_at + fake_string(&strings, e->interp);
	fake_dyn(&dyn, 5, 0x400000 + strings_at);
	fake_dyn(&dyn, 10, strings.len);
	fake_dyn(&dyn, 0, 0);

	buf_add(out, "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0", 16);
	fake_put(out, 3, 2);
	fake_put(out, e->machine, 2);
	fake_put(out, 1, 4);
	fake_put(out, 0, 8);
	fake_put(out, 64, 8);
	buf_fill(out, '\0', 54 - out->len);
	fake_put(out, 56, 2);
	fake_put(out, 3, 2);
	buf_fill(out, '\0', 64 - out->len);
	fake_phdr(out, 1, 0, strings_at + strings.len);
	fake_phdr(out, 2, dyn_at, dyn.len);
	if (e->interp)
		fake_phdr(out, 3, interp_at, strlen(e->interp) + 1);
	else
		fake_phdr(out, 4, 0, 0);
	buf_add(out, dyn.data, dyn.len);
	buf_add(out, strings.data, strings.len);
}

#endif
