/*
 * A zip from outside: whatever is in it stays in the folder, and under the cap.
 */
#include <sys/stat.h>

#include "base/fs.h"
#include "base/str.h"
#include "pack/zip.h"

#define MAX_BYTES ((int64_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int64_t bytes_below(const char *folder)
{
	FP_AUTO(strs_release) struct strs names = STRS_INIT;
	int64_t sum = 0;

	if (fs_list(&names, folder, NULL) < 0)
		fp_die("a folder that cannot be listed");
	for (size_t i = 0; i < names.n; i++) {
		FP_AUTO(freep) char *path = fs_join(folder, names.v[i]);
		struct stat st;

		if (lstat(path, &st) < 0 || !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
			fp_die("neither a file nor a folder came out");
		sum += S_ISDIR(st.st_mode) ? bytes_below(path) : (int64_t)st.st_size;
	}
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static char top[] = "/tmp/fpctl-fuzz-XXXXXX";
	static char *inner;
	FP_AUTO(strs_release) struct strs around = STRS_INIT;

	if (!inner) {
		if (!mkdtemp(top))
			fp_die("cannot make a folder in /tmp");
		inner = fs_join(top, "inner");
	}
	if (fs_mkdirs(inner, NULL) < 0)
		fp_die("cannot make a folder");
	/* What came out before an error is the caller's to remove, and is looked at, too.
	 */
	(void)!pack_unzip(inner, data, n, MAX_BYTES, NULL);
	if (bytes_below(inner) > MAX_BYTES)
		fp_die("more came out than was allowed");
	if (fs_list(&around, top, NULL) < 0 || around.n != 1)
		fp_die("something left the folder");
	if (fs_remove_tree(inner, NULL) < 0)
		fp_die("what came out cannot be removed");
	return 0;
}
