/* A template or another text of a test's own, as nodes; its place is "t". */
#ifndef FP_TEST_LOAD_TEXT_H
#define FP_TEST_LOAD_TEXT_H

#include "check_main.h"
#include "yaml/load.h"

static inline struct node *load_text(struct arena *a, const char *text)
{
	struct fp_error err = { 0 };
	struct node *n;
	int rc = node_load_one(&n, a, text, strlen(text), "t", &err);

	ck_assert_msg(rc == 0, "%s: %s in\n%s", err.where, err.message, text);
	return n;
}

#endif
