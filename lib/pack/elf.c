#include "pack/elf.h"

/* The numbers of the ELF specification; <elf.h> is not on every system. */
enum {
	EHDR_SIZE = 64,
	EHDR_MACHINE = 18,
	EHDR_PHOFF = 32,
	EHDR_PHENTSIZE = 54,
	EHDR_PHNUM = 56,
	PHDR_SIZE = 56,
	PT_LOAD = 1,
	PT_DYNAMIC = 2,
	PT_INTERP = 3,
	MACHINE_X86_64 = 62,
	MACHINE_AARCH64 = 183,
	DYN_SIZE = 16,
	DT_NULL = 0,
	DT_NEEDED = 1,
	DT_STRTAB = 5,
	DT_STRSZ = 10,
	DT_RPATH = 15,
	DT_RUNPATH = 29,
};

#define MAX_NEEDED 1000
#define MAX_STRING 4096

struct image {
	const uint8_t *data;
	size_t n;
	uint64_t phoff;
	size_t phentsize, phnum;
};

struct segment {
	uint64_t type, offset, address, size;
};

/* `at + bytes <= n`, where the sum may overflow. */
static bool inside(const struct image *im, uint64_t at, uint64_t bytes)
{
	return at <= im->n && bytes <= im->n - at;
}

/* Little-endian; the caller has checked that the bytes are there. */
static uint64_t number(const struct image *im, uint64_t at, unsigned bytes)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < bytes; i++)
		v |= (uint64_t)im->data[at + i] << (8 * i);
	return v;
}

static int read_header(struct image *im, struct elf_info *out, struct fp_error *err)
{
	static const uint8_t
		magic[] = { 0x7f, 'E', 'L', 'F', 2 /* 64 bit */, 1 /* LE */ };
	uint64_t machine;

	if (im->n < EHDR_SIZE || memcmp(im->data, magic, sizeof(magic)) != 0)
		return fp_fail(err, FP_ERR_BUILD, "not a 64-bit Linux program");
	machine = number(im, EHDR_MACHINE, 2);
	if (machine != MACHINE_X86_64 && machine != MACHINE_AARCH64)
		return fp_fail(err, FP_ERR_BUILD, "neither for x86_64 nor for arm64");
	(void)snprintf(out->arch, sizeof(out->arch), "%s",
		       machine == MACHINE_X86_64 ? "x86_64" : "arm64");
	im->phoff = number(im, EHDR_PHOFF, 8);
	im->phentsize = (size_t)number(im, EHDR_PHENTSIZE, 2);
	im->phnum = (size_t)number(im, EHDR_PHNUM, 2);
	if (im->phnum && (im->phentsize < PHDR_SIZE ||
			  !inside(im, im->phoff, im->phnum * im->phentsize)))
		return fp_fail(err, FP_ERR_BUILD,
			       "damaged: its program headers lie outside");
	return 0;
}

static struct segment segment_at(const struct image *im, size_t i)
{
	uint64_t at = im->phoff + i * im->phentsize;

	return (struct segment){ .type = number(im, at, 4),
				 .offset = number(im, at + 8, 8),
				 .address = number(im, at + 16, 8),
				 .size = number(im, at + 32, 8) };
}

static bool find_segment(const struct image *im, uint64_t type, struct segment *out)
{
	for (size_t i = 0; i < im->phnum; i++) {
		*out = segment_at(im, i);
		if (out->type == type)
			return inside(im, out->offset, out->size);
	}
	return false;
}

/* Where a virtual address lies in the file. */
static bool file_offset(const struct image *im, uint64_t address, uint64_t *offset)
{
	for (size_t i = 0; i < im->phnum; i++) {
		struct segment s = segment_at(im, i);

		if (s.type == PT_LOAD && address >= s.address &&
		    address - s.address < s.size) {
			*offset = s.offset + (address - s.address);
			return inside(im, *offset, 0);
		}
	}
	return false;
}

/* The string at `at`, which ends before `limit`; NULL when it does not. */
static const char *string_at(const struct image *im, uint64_t at, uint64_t limit)
{
	const char *s;
	size_t n;

	if (at >= limit || !inside(im, at, limit - at))
		return NULL;
	s = (const char *)im->data + at;
	n = (size_t)FP_MIN(limit - at, (uint64_t)MAX_STRING);
	return memchr(s, '\0', n) ? s : NULL;
}

static uint64_t dynamic_value(const struct image *im, const struct segment *dyn,
			      uint64_t tag)
{
	for (uint64_t at = 0; at + DYN_SIZE <= dyn->size; at += DYN_SIZE) {
		uint64_t t = number(im, dyn->offset + at, 8);

		if (t == DT_NULL)
			break;
		if (t == tag)
			return number(im, dyn->offset + at + 8, 8);
	}
	return 0;
}

static int take_string(struct elf_info *out, uint64_t tag, const char *s,
		       struct fp_error *err)
{
	if (!s)
		return fp_fail(err, FP_ERR_BUILD,
			       "damaged: a library's name lies outside");
	if (tag == DT_RPATH || tag == DT_RUNPATH) {
		strs_split(tag == DT_RPATH ? &out->rpath : &out->runpath, s, ':');
		return 0;
	}
	if (out->needed.n >= MAX_NEEDED)
		return fp_fail(err, FP_ERR_BUILD, "it needs more than %d libraries",
			       MAX_NEEDED);
	strs_add(&out->needed, s);
	return 0;
}

static int read_dynamic(const struct image *im, struct elf_info *out,
			struct fp_error *err)
{
	struct segment dyn;
	uint64_t table, size;

	if (!find_segment(im, PT_DYNAMIC, &dyn))
		return 0;
	size = dynamic_value(im, &dyn, DT_STRSZ);
	if (!file_offset(im, dynamic_value(im, &dyn, DT_STRTAB), &table) ||
	    !inside(im, table, size))
		return fp_fail(err, FP_ERR_BUILD,
			       "damaged: its string table lies outside");
	for (uint64_t at = 0; at + DYN_SIZE <= dyn.size; at += DYN_SIZE) {
		uint64_t tag = number(im, dyn.offset + at, 8);
		uint64_t value = number(im, dyn.offset + at + 8, 8);

		if (tag == DT_NULL)
			break;
		if (tag != DT_NEEDED && tag != DT_RPATH && tag != DT_RUNPATH)
			continue;
		if (take_string(out, tag,
				value < size ? string_at(im, table + value, table + size)
					     : NULL,
				err) < 0)
			return -1;
	}
	return 0;
}

int elf_parse(struct elf_info *out, const void *data, size_t n, struct fp_error *err)
{
	struct image im = { .data = data, .n = n };
	struct segment interp;

	memset(out, 0, sizeof(*out));
	if (read_header(&im, out, err) < 0)
		return -1;
	if (find_segment(&im, PT_INTERP, &interp)) {
		const char *s = string_at(&im, interp.offset,
					  interp.offset + interp.size);

		if (!s)
			return fp_fail(err, FP_ERR_BUILD,
				       "damaged: its loader's name lies outside");
		out->interpreter = xstrdup(s);
	}
	if (read_dynamic(&im, out, err) < 0) {
		elf_info_release(out);
		return -1;
	}
	return 0;
}

void elf_info_release(struct elf_info *i)
{
	free(i->interpreter);
	strs_release(&i->needed);
	strs_release(&i->rpath);
	strs_release(&i->runpath);
	memset(i, 0, sizeof(*i));
}
