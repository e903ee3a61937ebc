/*
 * What the templates read of a manifest: its values, and those that follow from
 * them. docs/stacks.md lists the names. Internal to lib/render.
 */
#ifndef FP_RENDER_DERIVE_H
#define FP_RENDER_DERIVE_H

#include "manifest/manifest.h"

/* "invoices", or "invoices-dev" for the environment dev: what names begin with. */
const char *derive_prefix(struct arena *a, const struct manifest *m);

/* The value of `manifest` in templates. */
struct node *derive_manifest(struct arena *a, const struct manifest *m);

#endif
