/*
 * What several services need alike: faults from the store, tags, ARNs, and the
 * refusal of what the emulator does not do.
 */
#ifndef FP_EMULATOR_COMMON_H
#define FP_EMULATOR_COMMON_H

#include "emulator/service.h"

/* Run the statements of `run` in one transaction; rolled back when it returns -1. */
int in_transaction(struct call *c, int (*run)(struct call *c, void *ctx), void *ctx);

/* "arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE"; region "" for global services. Owned. */
char *service_arn(const struct call *c, const char *service, const char *region,
		  const char *resource);

/* ValidationError-like fault unless the member is a non-empty text; NULL then. */
const char *require_str(struct call *c, const cJSON *in, const char *name,
			const char *fault_code);

/*
 * Fault NotImplemented, naming the first member of `object` that is in none of
 * the texts of `supported` (ends with NULL); `what` is "AWS::SNS::Topic". Empty
 * members (null, "", [], {}) pass.
 */
int refuse_unsupported(struct call *c, const char *what, const cJSON *object,
		       const char *const *supported);

/* Tags are kept as an object {key: value}; the APIs also have lists of {Key,Value}. */
cJSON *tags_from_list(const cJSON *list);	   /* new object, owned by the caller */
cJSON *tags_to_list(const cJSON *object);	   /* new array, owned by the caller */
void tags_merge(cJSON *object, const cJSON *from); /* from's win */
/* A resource's own tags over the stack's, and those by which CloudFormation marks
 * what it makes; new object, owned by the caller. */
cJSON *tags_of_resource(const struct resource_request *r);
/* Whether these tags say that the thing was made for this very resource, by a
 * create that was cut off. */
bool tags_are_of_resource(const cJSON *tags, const struct resource_request *r);

/*
 * Whether a thing that is there, by its ARN, belongs to something else: 1, or 0 when
 * there is none or a create that was cut off made it for this very resource; -1 with a
 * fault. Asks the service's ListTagsForResource, whose member for the ARN is `member`.
 */
int resource_is_foreign(const struct resource_request *r, const char *service,
			const char *member, const char *arn);

/* Whether the fault is a 404: then it is taken away, for gone is as good as removed. */
bool resource_gone(const struct resource_request *r);
/* A create that fails leaves nothing behind: remove what `out` says was made, and
 * release `out`. Returns -1; the fault stays the one that was there. */
int resource_undo(const struct resource_request *r,
		  int (*remove)(const struct resource_request *r,
				const struct resource *old),
		  struct resource *out);

/* Value of a member that may be JSON or a text of JSON, as text; NULL when absent.
 * Owned by the caller. */
char *json_or_text(const cJSON *in, const char *name);
/* Whether a text of JSON has \u0000 in it, at which cJSON would cut a value. */
bool json_has_nul(const struct buf *text);

/*
 * Whether a resource policy lets a service ("s3.amazonaws.com") do `action` on
 * behalf of `source_arn` of `source_account`. Of conditions it knows those on
 * aws:SourceArn and aws:SourceAccount; a statement with another one does not allow.
 */
bool policy_allows(const cJSON *policy, const char *service, const char *action,
		   const char *source_arn, const char *source_account);

#endif
