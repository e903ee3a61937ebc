/*
 * The names that a manifest's items get in AWS. The manifest's checks and the
 * rendering must agree on them.
 */
#ifndef FP_MANIFEST_NAMING_H
#define FP_MANIFEST_NAMING_H

#include "base/arena.h"

/* Of every stack: the project and, where it has any, the environment. */
#define NAMING_PROJECT_TAG     "fpctl:project"
#define NAMING_ENVIRONMENT_TAG "fpctl:environment"

/* What all names begin with: "invoices-dev", or "invoices" without an environment. */
const char *naming_prefix(struct arena *a, const char *project, const char *environment);

/*
 * CamelCase of the letters and digits: "raw-data" gives "RawData". As a part of
 * a logical ID, which takes nothing else. Lives in the arena.
 */
char *naming_id(struct arena *a, const char *name);

/*
 * What S3 would refuse about PREFIX-NAME-ACCOUNT-REGION, or NULL when nothing;
 * `*hint` says what to do. `region` may be NULL: then the longest counts; without
 * a `prefix` the length is not checked. Texts live in the arena.
 * Source: S3 User Guide, "General purpose bucket naming rules".
 */
const char *naming_bucket_problem(struct arena *a, const char *prefix, const char *name,
				  const char *region, const char **hint);

/* The bucket for the processors' code: PREFIX-artifacts-ACCOUNT-REGION. */
#define NAMING_ARTIFACTS "artifacts"

/* The same about the length alone. */
const char *naming_too_long(struct arena *a, const char *prefix, const char *name,
			    const char *region, const char **hint);

/* What S3 would refuse about every bucket PREFIX-NAME-ACCOUNT-REGION, or NULL. */
const char *naming_prefix_problem(struct arena *a, const char *prefix);

#endif
