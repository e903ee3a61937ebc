/*
 * What the commands about deployed stacks share.
 */
#ifndef FP_STACKS_H
#define FP_STACKS_H

#include "command.h"
#include "deploy/deploy.h"

/* Manifest, rendering and client, ready to use; no code and no report yet. */
FP_MUST_CHECK int stacks_context(struct deploy_context *d, struct app *app,
				 struct fp_error *err);
/*
 * The same, and what is there of all stacks that the project may have, those of an
 * earlier manifest too: `all`, which lives in `arena`, is then d's rendering.
 */
FP_MUST_CHECK int stacks_observe(struct live *live, struct deploy_context *d,
				 struct rendering *all, struct arena *arena,
				 struct app *app, struct fp_error *err);
/* The summary's numbers as members of an object, for --json. */
void stacks_summary_json(cJSON *out, const struct deploy_summary *sum, int64_t took_ms);

#endif
