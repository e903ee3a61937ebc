/*
 * The normal form of a manifest as values. Internal to lib/manifest.
 */
#ifndef FP_MANIFEST_READ_H
#define FP_MANIFEST_READ_H

#include "manifest/manifest.h"

/* Fill all that comes from `m->root`, which has no findings against it. */
void manifest_read(struct manifest *m);

#endif
