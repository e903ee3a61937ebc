/*
 * What the files of IAM share. Roles and policies are stored and checked for
 * form; they are not enforced. IAM is global: no region in its keys.
 */
#ifndef FP_EMULATOR_IAM_H
#define FP_EMULATOR_IAM_H

#include "emulator/service.h"

#define IAM_ITEMS      100 /* of a page, unless more are asked for */
#define IAM_MAX_ITEMS  1000
#define IAM_MAX_INLINE 10240 /* characters of a role's inline policies, in sum */

enum iam_document { IAM_TRUST, IAM_IDENTITY };

/*
 * Check a policy document's form; MalformedPolicyDocument says what is wrong.
 * Enough of the grammar that what passes is meant as a policy, not all of it.
 */
int iam_check_document(struct call *c, const char *text, enum iam_document kind);

/* The fault of what does not exist. */
int iam_no_entity(struct call *c, const char *what, const char *name);
/* A text as IAM answers documents: percent-encoded. */
void iam_set_document(cJSON *object, const char *member, const char *text);
/* "AROA" and 17 letters and digits. */
void iam_new_id(char out[22], const char *prefix);

/*
 * Cut the list `member` of `out` to the page that MaxItems and Marker ask for. It is
 * sorted by `key` of its objects, or by its texts themselves when `key` is NULL.
 */
int iam_page(struct call *c, const cJSON *in, cJSON *out, const char *member,
	     const char *key);

/* The formatter takes these for nested calls. */
/* clang-format off */
#define IAM_OPERATIONS(X) \
	X(CreateRole) X(GetRole) X(ListRoles) X(UpdateRole) \
	X(UpdateAssumeRolePolicy) X(DeleteRole) X(TagRole) X(UntagRole) \
	X(ListRoleTags) X(FpctlRoleTrusts) X(PutRolePolicy) X(GetRolePolicy) \
	X(ListRolePolicies) X(DeleteRolePolicy) X(AttachRolePolicy) \
	X(DetachRolePolicy) X(ListAttachedRolePolicies) X(CreatePolicy) \
	X(GetPolicy) X(GetPolicyVersion) X(ListPolicies) X(DeletePolicy) \
	X(FpctlReplacePolicy)
/* clang-format on */
#define X(name) int iam_##name(struct call *c, const cJSON *in, cJSON *out);
IAM_OPERATIONS(X)
#undef X

extern const struct resource_type iam_resources[];

#endif
