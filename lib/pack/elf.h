/*
 * The shared libraries that an ELF program needs, all of them, and the loader:
 * a bootstrap that brings them runs on any Linux, whatever its libc.
 * Source: System V ABI, "Dynamic Linking" (DT_NEEDED, DT_RPATH, DT_RUNPATH).
 */
#ifndef FP_PACK_ELF_H
#define FP_PACK_ELF_H

#include "base/error.h"
#include "base/str.h"

struct elf_closure {
	char *interpreter;     /* "/lib64/ld-linux-x86-64.so.2"; NULL: a static program */
	struct strs names;     /* sonames, sorted */
	struct strs paths;     /* of the same index: where each was found */
	char arch[8];          /* "x86_64" or "arm64" */
};

/* FP_ERR_BUILD when it is no ELF program, or names a library that is not found. */
FP_MUST_CHECK int elf_closure_of(struct elf_closure *out, const char *program,
				 struct fp_error *err);
void elf_closure_release(struct elf_closure *c);

#endif
