/*
 * A folder of a test's own, removed with all that is in it.
 */
#ifndef FP_TEST_PACK_TEMP_H
#define FP_TEST_PACK_TEMP_H

#include <check.h>
#include <stdlib.h>

#include "base/fs.h"
#include "base/str.h"

static inline char *temp_folder(void)
{
	const char *base = str_or(getenv("TMPDIR"), "/tmp");
	char *path = xasprintf("%s/fpctl-pack-XXXXXX", base);

	ck_assert_ptr_nonnull(mkdtemp(path));
	return path;
}

/* For FP_AUTO. */
static inline void temp_removep(char **path)
{
	ck_assert_int_eq(fs_remove_tree(*path, NULL), 0);
	free(*path);
}

#endif
