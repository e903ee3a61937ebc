/*
 * What the files of KMS share: symmetric keys that really encrypt, and aliases.
 * Key policies are kept, not enforced.
 * Source: AWS Key Management Service API Reference, 2014-11-01.
 */
#ifndef FP_EMULATOR_KMS_H
#define FP_EMULATOR_KMS_H

#include "emulator/service.h"

#define KMS_KEY_BYTES 32

struct kms_key {
	char id[37];	  /* a UUID */
	cJSON *doc;	  /* KeyMetadata, as DescribeKey gives it */
	cJSON *tags;	  /* object */
	char *policy;	  /* JSON */
	int64_t rotation; /* days; 0: off */
	unsigned char material[KMS_KEY_BYTES];
};
void kms_key_release(struct kms_key *k);

/* By id, ARN, "alias/NAME" or the alias's ARN. NotFoundException. */
int kms_load_key(struct call *c, const char *name, struct kms_key *out);
/* The same, of a key that can be used: DisabledException, KMSInvalidStateException. */
int kms_load_usable(struct call *c, const char *name, struct kms_key *out);
/* In a transaction. */
int kms_save_key(struct call *c, const struct kms_key *k);
const char *kms_arn(const struct kms_key *k);
int kms_invalid(struct call *c, const char *fmt, ...) FP_PRINTF(2, 3);
/* Load the key that `in` names as KeyId, have `change` change it, save it, all in one
 * transaction. A key that is to be deleted is refused. */
int kms_change(struct call *c, const cJSON *in,
	       int (*change)(struct call *c, struct kms_key *k, const cJSON *in));
/* Make a key of AWS's own, as alias/aws/s3 has; in a transaction. */
int kms_make_managed(struct call *c, const char *alias, struct kms_key *out);
/* In a transaction. */
int kms_set_alias(struct call *c, const char *name, const char *key_id);
/* What a listing asks for: Limit, or the usual number; Marker, or "". */
struct kms_page {
	int64_t left;
	const char *marker;
};
int kms_page(struct call *c, const cJSON *in, int64_t usual, int64_t max,
	     struct kms_page *out);

/* The formatter takes these for nested calls. */
/* clang-format off */
#define KMS_OPERATIONS(X) \
	X(CreateKey) X(DescribeKey) X(ListKeys) X(UpdateKeyDescription) \
	X(GetKeyPolicy) X(PutKeyPolicy) X(ListKeyPolicies) X(EnableKey) X(DisableKey) \
	X(EnableKeyRotation) X(DisableKeyRotation) X(GetKeyRotationStatus) \
	X(ScheduleKeyDeletion) X(CancelKeyDeletion) X(CreateAlias) X(UpdateAlias) \
	X(DeleteAlias) X(ListAliases) X(TagResource) X(UntagResource) \
	X(ListResourceTags) X(Encrypt) X(Decrypt) X(GenerateDataKey) \
	X(GenerateDataKeyWithoutPlaintext) X(FpctlUseKey)
/* clang-format on */
#define X(name) int kms_##name(struct call *c, const cJSON *in, cJSON *out);
KMS_OPERATIONS(X)
#undef X

extern const struct resource_type kms_resources[];

#endif
