/*
 * What the commands about deployed stacks share.
 */
#ifndef FP_STACKS_H
#define FP_STACKS_H

#include "command.h"
#include "deploy/deploy.h"

/*
 * Manifest, rendering and client, ready to use; no code and no report yet. Says which
 * environment it is when none was named, and sees that the credentials are of the
 * manifest's account. With --local there is no such account, and no pipeline's stack.
 */
FP_MUST_CHECK int stacks_context(struct deploy_context *d, struct app *app,
				 struct fp_error *err);
/*
 * The same, and what is there of all stacks that the project may have, those of an
 * earlier manifest too: `all`, which lives in `arena`, is then d's rendering. It begins
 * with the stacks of app->rendering, in which each bucket is where it is deployed.
 */
FP_MUST_CHECK int stacks_observe(struct live *live, struct deploy_context *d,
				 struct rendering *all, struct arena *arena,
				 struct app *app, struct fp_error *err);
/* The summary's numbers as members of an object, for --json. */
void stacks_summary_json(cJSON *out, const struct deploy_summary *sum, int64_t took_ms);
/* "project", and "environment" where there is one. */
void stacks_project_json(cJSON *out, const struct app *app);
/* What is typed to confirm: the environment's name, else the project's. */
const char *stacks_word(const struct app *app);

#endif
