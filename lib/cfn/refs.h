/*
 * Every reference in a value: what Ref, GetAtt, Sub, If, Condition and FindInMap
 * name. Internal to lib/cfn.
 */
#ifndef FP_REFS_H
#define FP_REFS_H

#include "cfn/call.h"

enum ref_kind { REF_NAME, REF_ATTRIBUTE, REF_CONDITION, REF_MAPPING };

struct ref {
	enum ref_kind kind;
	const char *name; /* NULL: by a function, so any; lives as long as the call */
	const char *attribute; /* of REF_ATTRIBUTE; NULL when a function gives it */
	struct fp_pos pos;
};

typedef void ref_fn(void *ctx, const struct ref *ref);

/* `conditions`: whether {"Condition": name} counts, as it does under Conditions. */
void each_ref(const struct node *n, bool conditions, ref_fn *fn, void *ctx);

#endif
