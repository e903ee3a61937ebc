/*
 * A text of known and unknown parts: a plain string when all is known, else what
 * Fn::Sub needs. Internal to lib/cfn.
 */
#ifndef FP_SUBBUILD_H
#define FP_SUBBUILD_H

#include "cfn/evaluator.h"

struct sub_build {
	struct evaluator *ev;
	struct fp_pos pos;
	const struct node *given; /* the call's own variables, or NULL */
	struct buf plain;	  /* what it reads as */
	struct buf kept;	  /* the same as Fn::Sub's text */
	struct node *vars;	  /* variables that Fn::Sub needs, or NULL */
	struct node *only;	  /* the last unknown part */
	size_t pieces, unknown;
	bool quoted; /* it is inside a JSON string: what is known gets escaped */
};

void sub_build_release(struct sub_build *b);
void sub_build_text(struct sub_build *b, const char *text, size_t len);
/* ${name}, which stays; `value` is the function that says the same. */
void sub_build_name(struct sub_build *b, const char *name, struct node *value);
/*
 * An evaluated value: text when it is known, else inline where Fn::Sub can say it,
 * else as the variable `name`. False after a finding.
 */
bool sub_build_value(struct sub_build *b, const char *name, struct node *value);
struct node *sub_build_finish(struct sub_build *b);

#endif
