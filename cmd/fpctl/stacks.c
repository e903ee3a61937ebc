#include "stacks.h"

#include "aws/service/sts.h"
#include "base/json.h"

#define PIPELINE "pipeline"

/* Of several environments the first is meant, and one should know. */
static void tell_environment(struct app *app)
{
	const struct manifest *m = &app->manifest;

	if (m->environment && m->nenvironments > 1 && !app->global.environment)
		ui_note(&app->ui, "environment '%s', the first of %zu; -e names another",
			m->environment, m->nenvironments);
}

static int check_account(struct app *app, struct fp_error *err)
{
	const struct manifest *m = &app->manifest;
	FP_AUTO(sts_identity_release) struct sts_identity who = { 0 };

	if (!m->account || app->global.local)
		return 0;
	if (sts_caller(app->aws, &who, err) < 0)
		return -1;
	if (str_eq(who.account, m->account))
		return 0;
	return fp_fail(err, FP_ERR_INPUT,
		       "environment '%s' belongs into account %s, and these credentials "
		       "are of account %s (%s): choose others with --profile, or "
		       "correct `account` in %s",
		       str_or(m->environment, ""), m->account, who.account, who.arn,
		       m->path);
}

/* The emulator has no CodePipeline yet, and no laptop deploys itself. */
static size_t without_pipeline(struct rendered_stack *stacks, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (!str_eq(stacks[i].name, PIPELINE))
			stacks[kept++] = stacks[i];
	return kept;
}

static void leave_out_pipeline(struct app *app)
{
	struct rendering *r = &app->rendering;

	if (!app->global.local)
		return;
	r->nstacks = without_pipeline(r->stacks, r->nstacks);
	r->nempty = without_pipeline(r->empty, r->nempty);
}

int stacks_context(struct deploy_context *d, struct app *app, struct fp_error *err)
{
	if (app_rendering(app, err) < 0 || app_aws(app, err) < 0)
		return -1;
	tell_environment(app);
	leave_out_pipeline(app);
	*d = (struct deploy_context){
		.aws = app->aws,
		.manifest = &app->manifest,
		.rendering = &app->rendering,
		.timeout_ms = app->global.timeout_ms,
	};
	return check_account(app, err);
}

int stacks_observe(struct live *live, struct deploy_context *d, struct rendering *all,
		   struct arena *arena, struct app *app, struct fp_error *err)
{
	FP_AUTO(spread_release) struct spread where = SPREAD_INIT;
	bool moved;

	if (stacks_context(d, app, err) < 0 ||
	    deploy_observe_all(live, all, arena, &where, d, err) < 0)
		return -1;
	if (app_place(app, &where, &moved, err) < 0) {
		live_release(live);
		return -1;
	}
	if (moved) {
		/* The stacks may be other ones now. */
		live_release(live);
		leave_out_pipeline(app);
		d->rendering = &app->rendering;
		if (deploy_observe_all(live, all, arena, NULL, d, err) < 0)
			return -1;
	}
	d->rendering = all;
	return 0;
}

void stacks_summary_json(cJSON *out, const struct deploy_summary *sum, int64_t took_ms)
{
	json_set_int(out, "created", (int64_t)sum->created);
	json_set_int(out, "updated", (int64_t)sum->updated);
	json_set_int(out, "unchanged", (int64_t)sum->unchanged);
	json_set_int(out, "deleted", (int64_t)sum->deleted);
	json_set_int(out, "failed", (int64_t)sum->failed);
	json_set_int(out, "skipped", (int64_t)sum->skipped);
	json_set_int(out, "uploaded", (int64_t)sum->uploaded);
	json_set_int(out, "requests", sum->requests);
	json_set_int(out, "duration_ms", took_ms);
}

void stacks_project_json(cJSON *out, const struct app *app)
{
	json_set_str(out, "project", app->manifest.project);
	json_set_str(out, "environment", app->manifest.environment);
}

const char *stacks_word(const struct app *app)
{
	return str_or(app->manifest.environment, app->manifest.project);
}
