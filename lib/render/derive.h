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
/* `manifest.buckets` and `manifest.processors`. */
struct node *derive_buckets(struct arena *a, const struct manifest *m);
struct node *derive_processors(struct arena *a, const struct manifest *m);
/* `manifest.topics`, `manifest.subscriptions` and `manifest.alerts`. */
void derive_topics(struct arena *a, struct node *out, const struct manifest *m);

/* Put a text; NULL leads to AWS::NoValue. */
void derive_text(struct arena *a, struct node *map, const char *key, const char *text);
/* Put a number; 0 leads to AWS::NoValue. */
void derive_number(struct arena *a, struct node *map, const char *key, int64_t number);
void derive_bool(struct arena *a, struct node *map, const char *key, bool value);

#endif
