/*
 * A program from outside: no damage makes the parser read beyond it.
 */
#include "pack/elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct fp_error err = { 0 };
	struct elf_info info;

	if (elf_parse(&info, data, n, &err) < 0) {
		if (err.code != FP_ERR_BUILD)
			fp_die("an error without its code");
		return 0;
	}
	if (!info.arch[0])
		fp_die("a program without a processor");
	elf_info_release(&info);
	return 0;
}
