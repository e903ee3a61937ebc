/*
 * What the schema's table cannot say: rules about several values at once, and
 * AWS's own about names. Internal to lib/manifest.
 */
#ifndef FP_MANIFEST_RULES_H
#define FP_MANIFEST_RULES_H

#include "base/diag.h"
#include "yaml/node.h"

/*
 * Check the normal form as the environment of that name, which may be NULL; fields
 * that were found wrong before are absent from it.
 */
void rules_check(const struct node *root, const char *environment, struct arena *a,
		 struct diags *diags);
/* One bucket's filters: overlaps and number. Keys and values as in the normal form. */
void rules_check_filters(const char *name, const struct node *bucket, struct arena *a,
			 struct diags *diags);
/* One processor's environment variables: reserved names and size. */
void rules_check_environment(const struct node *environment, struct diags *diags);

#endif
