/*
 * fpctl.lock, beside the manifest: which stack each bucket lies in, so that a bucket of
 * many never moves to another stack. YAML, to be kept under version control:
 *
 *   invoices-s3:
 *     - uploads
 *   invoices-s3-2:
 *     - scans
 */
#ifndef FP_LOCK_H
#define FP_LOCK_H

#include "command.h"

/* So many buckets can get along without one: they lie in one stack. */
#define LOCK_BUCKETS 100

/*
 * Read the file of m's folder, all environments, into `out`. That there is none is
 * fine. What is wrong in it goes to `diags`, and -1.
 */
FP_MUST_CHECK int lock_read(struct spread *out, const struct manifest *m,
			    struct diags *diags, struct fp_error *err);
/* Whether the project has such a file, or so many buckets that it gets one. */
bool lock_wanted(const struct manifest *m);
/*
 * Write where m's buckets lie by `r`, names sorted, one a line; other environments
 * stay as they are. Only when lock_wanted(), and
 * when something changes. Whole or not at all.
 */
FP_MUST_CHECK int lock_write(const struct manifest *m, const struct rendering *r,
			     struct fp_error *err);

#endif
