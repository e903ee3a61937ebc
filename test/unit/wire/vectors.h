/* The files of a folder of test/vectors: what botocore sends and reads. */
#ifndef FP_TEST_VECTORS_H
#define FP_TEST_VECTORS_H

#include "base/fs.h"
#include "base/json.h"
#include "base/str.h"
#include "check_main.h"

struct vectors {
	const char *folder;
	struct strs names;
};

/* For the suite, before any test. */
static inline int vectors_list(struct vectors *v)
{
	struct fp_error err = { 0 };

	if (fs_list(&v->names, v->folder, &err) < 0)
		fp_die("%s: run the tests from the repository's folder", err.message);
	return (int)v->names.n;
}

/* The i-th file, owned by the caller. */
static inline cJSON *vectors_load(const struct vectors *v, int i)
{
	FP_AUTO(freep) char *path = fs_join(v->folder, v->names.v[i]);
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	struct fp_error err = { 0 };
	cJSON *j;

	ck_assert_msg(fs_read(&text, path, 1 << 20, &err) == 0, "%s", err.message);
	j = json_parse(text.data, text.len, path, &err);
	ck_assert_msg(j != NULL, "%s", err.message);
	return j;
}

#endif
