/*
 * Whether IAM will take the policies of the processors' roles. Internal to lib/render.
 */
#ifndef FP_RENDER_POLICIES_H
#define FP_RENDER_POLICIES_H

#include "base/diag.h"
#include "manifest/manifest.h"

/*
 * A role's inline policies hold 10,240 characters in sum, blanks not counted. A finding
 * for each processor whose role, in the lambda stack's template, has more.
 * Source: IAM User Guide, "IAM and AWS STS quotas".
 */
void policies_check(const struct node *template, const struct manifest *m,
		    struct diags *diags);

#endif
