/*
 * The shared libraries that an ELF program needs, all of them, and the loader:
 * a bootstrap that brings them runs on any Linux, whatever its libc.
 * Source: System V ABI, "Dynamic Linking" (DT_NEEDED, DT_RPATH, DT_RUNPATH), and
 * ld.so(8) for where it looks.
 */
#ifndef FP_PACK_ELF_H
#define FP_PACK_ELF_H

#include "base/error.h"
#include "base/str.h"

struct elf_closure {
	char *interpreter; /* "/lib64/ld-linux-x86-64.so.2"; NULL: a static program */
	struct strs names; /* sonames, sorted */
	struct strs paths; /* of the same index: where each was found */
	char arch[8];	   /* "x86_64" or "arm64" */
};

/* FP_ERR_BUILD when it is no ELF program, or names a library that is not found. */
FP_MUST_CHECK int elf_closure_of(struct elf_closure *out, const char *program,
				 struct fp_error *err);
void elf_closure_release(struct elf_closure *c);

/* What one ELF file says of itself. */
struct elf_info {
	char arch[8];	     /* "x86_64" or "arm64" */
	char *interpreter;   /* NULL when it names none */
	struct strs needed;  /* DT_NEEDED, in its order */
	struct strs rpath;   /* DT_RPATH's folders, as written */
	struct strs runpath; /* DT_RUNPATH's */
};

/*
 * Read an ELF64 little-endian program or library for x86-64 or arm64 from
 * memory. Every offset is checked: the file is outside input. FP_ERR_BUILD.
 */
FP_MUST_CHECK int elf_parse(struct elf_info *out, const void *data, size_t n,
			    struct fp_error *err);
void elf_info_release(struct elf_info *i);

#endif
