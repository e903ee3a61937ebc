/*
 * What the files of lib/render share.
 */
#ifndef FP_RENDER_INTERNAL_H
#define FP_RENDER_INTERNAL_H

#include "render/render.h"

/* All stacks but the pipeline's, wired. As render_manifest. */
FP_MUST_CHECK int render_stacks(struct rendering *out, const struct render_input *in,
				struct diags *diags);
/*
 * Append the stack that template `name` (the project's own, else the built-in one) gives
 * with `manifest` as what templates read: to r->stacks, or to r->empty when no resource
 * is left. It is not wired yet. Findings go to `diags`; without any such template
 * nothing happens.
 */
void render_template(struct rendering *r, const struct render_input *in, const char *name,
		     const char *stack_name, const struct node *manifest,
		     struct diags *diags);

/* Note in r->empty that the manifest has nothing for the template `name`. */
void render_nothing(struct rendering *r, const char *name, const char *stack_name);

/* pipeline.c: append the stack PROJECT-pipeline to the others, which are there and wired;
 * to r->empty when the manifest has no pipeline. */
void pipeline_render(struct rendering *r, const struct render_input *in,
		     struct diags *diags);

#endif
