/*
 * What templates read of the manifest's `pipeline:`. The stages, which need the
 * other environments rendered, are pipeline.c's. Internal to lib/render.
 */
#ifndef FP_RENDER_DERIVE_PIPELINE_H
#define FP_RENDER_DERIVE_PIPELINE_H

#include "manifest/manifest.h"

/* How an environment lies to the pipeline, which is in the first environment. */
struct pipeline_place {
	bool foreign;	     /* in another account, for all that is known */
	bool elsewhere;	     /* in another region */
	const char *account; /* the pipeline's; NULL: not known */
};

/* The account may live in the arena. */
struct pipeline_place pipeline_place_of(struct arena *a, const struct manifest *m);

/* The value of `manifest.pipeline` in templates: never NULL, and `exists` says whether
 * the manifest has one. docs/pipeline.md lists the names. */
struct node *derive_pipeline(struct arena *a, const struct manifest *m);

#endif
