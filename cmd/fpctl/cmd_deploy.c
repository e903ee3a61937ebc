/* fpctl deploy: build the code, bring the stacks up, say what changed. */
#include "base/clock.h"
#include "base/json.h"
#include "code.h"
#include "http/client.h"
#include "plan/leftover.h"
#include "progress.h"
#include "stacks.h"

static void print_json(struct app *app, const struct deploy_summary *sum, int64_t took_ms)
{
	FP_AUTO(json_freep) cJSON *j = cJSON_CreateObject();

	stacks_project_json(j, app);
	stacks_summary_json(j, sum, took_ms);
	json_set_bool(j, "changed", sum->created + sum->updated > 0);
	app_print_json(app, j);
}

static void print_summary(struct app *app, const struct deploy_summary *sum,
			  int64_t took_ms)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	char took[24];

	if (app->global.json) {
		print_json(app, sum, took_ms);
		return;
	}
	if (sum->created + sum->updated + sum->failed + sum->skipped == 0) {
		(void)fprintf(app->ui.out,
			      "no changes: %zu stacks are as the manifest says\n",
			      sum->unchanged);
		return;
	}
	ui_duration(took, took_ms);
	buf_printf(&text, "created %zu, updated %zu, unchanged %zu", sum->created,
		   sum->updated, sum->unchanged);
	if (sum->failed)
		buf_printf(&text, ", %s %zu",
			   http_interrupted() ? "not finished" : "failed", sum->failed);
	if (sum->skipped)
		buf_printf(&text, ", skipped %zu", sum->skipped);
	(void)fprintf(app->ui.out, "%s in %s\n", buf_str(&text), took);
}

/* Of stacks that are there, but for which the manifest has nothing any more. What is not
 * protected by the manifest now must not stand in the way of `fpctl destroy`. */
static int tell_leftovers(struct app *app, const struct deploy_context *d,
			  const struct rendering *all, struct live *live,
			  struct fp_error *err)
{
	for (size_t i = app->rendering.nstacks; i < live->n; i++) {
		struct live_stack *l = &live->v[i];

		if (!l->exists)
			continue;
		ui_note(&app->ui,
			"stack %s stays, though the manifest has nothing for it any "
			"more%s; `fpctl destroy` deletes it with the others",
			all->stacks[i].stack_name,
			spread_number(all->stacks[i].name)
				? ": its buckets keep their files and call nobody"
				: "");
		if (l->protect && plan_protection_differs(l, d->manifest) &&
		    deploy_unprotect(d, l, err) < 0)
			return -1;
	}
	return 0;
}

static bool would_change(const struct plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		if (plan->v[i].action != PLAN_NONE)
			return true;
	return false;
}

/* What is protected is changed by whoever typed its name. */
static int confirm_protected(struct app *app, const struct deploy_context *d,
			     struct fp_error *err)
{
	FP_AUTO(plan_release) struct plan plan = PLAN_INIT;
	struct map keys = MAP_INIT;
	int rc;

	if (!app->manifest.protect || app->global.yes)
		return 0;
	for (size_t i = 0; i < d->ncode; i++)
		(void)map_put(&keys, d->code[i].processor, d->code[i].asset.key);
	rc = plan_build(&plan, d->rendering, d->observed, &keys, d->manifest, err);
	map_release(&keys, NULL);
	if (rc < 0 || !would_change(&plan))
		return rc;
	return app_confirm_word(app, stacks_word(app), err,
				"Environment '%s' is protected, and this changes it "
				"(region %s).",
				stacks_word(app), aws_client_region(app->aws));
}

static int run_with_code(struct app *app, struct deploy_context *d, struct fp_error *err)
{
	struct progress *progress = progress_new(&app->ui, d->rendering, false);
	int64_t start = clock_monotonic_ms();
	struct deploy_summary sum = { 0 };
	bool begun;
	int rc;

	d->report = progress_event;
	d->report_ctx = progress;
	rc = deploy_run(d, &sum, err);
	/* What was read before to plan it was sent, too. */
	sum.requests = aws_client_requests(app->aws);
	progress_freep(&progress);
	/* A failure before the first stack leaves nothing to sum up. */
	begun = sum.created + sum.updated + sum.unchanged + sum.failed + sum.skipped > 0;
	if (rc == 0 || begun)
		print_summary(app, &sum, clock_monotonic_ms() - start);
	return rc;
}

static int deploy_observed(struct app *app, struct deploy_context *d,
			   struct fp_error *err)
{
	struct deploy_code *code;
	size_t n;
	int rc;

	if (code_build(app, &code, &n, err) < 0)
		return -1;
	d->code = code;
	d->ncode = n;
	rc = confirm_protected(app, d, err) < 0 ? -1 : run_with_code(app, d, err);
	code_release(code, n);
	return rc;
}

static int deploy_command(struct app *app, const void *args FP_UNUSED,
			  struct fp_error *err)
{
	FP_AUTO(arena_release) struct arena arena = ARENA_INIT;
	FP_AUTO(live_release) struct live live = { NULL, 0 };
	struct deploy_context d;
	struct rendering all;

	if (stacks_observe(&live, &d, &all, &arena, app, err) < 0 ||
	    tell_leftovers(app, &d, &all, &live, err) < 0 || app_write_lock(app, err) < 0)
		return -1;
	if (app->global.local && app->manifest.pipeline &&
	    manifest_is_first(&app->manifest))
		ui_note(&app->ui,
			"the emulator has no CodePipeline: stack %s-pipeline is left out",
			app->manifest.project);
	all.nstacks = plan_unwire_leftovers(&all, &live, &arena, app->rendering.nstacks);
	d.rendering = &all;
	d.observed = &live;
	return deploy_observed(app, &d, err);
}

const struct command cmd_deploy = {
	.name = "deploy",
	.summary = "bring the stacks up, or up to date",
	.details =
		"Builds the processors, creates and updates the stacks by change sets, "
		"those that do not wait for each other at the same time. What is as the "
		"manifest says is left alone. A failure's cause is the last line.\n"
		"Of several environments -e chooses one; the first is the default. One "
		"that "
		"is protected asks for its name to be typed on a terminal; elsewhere "
		"--yes "
		"is needed.\n"
		"Ctrl-C only stops looking: CloudFormation goes on, and the same "
		"command again follows it.",
	.examples = "fpctl deploy\n"
		    "fpctl deploy -e prod\n"
		    "fpctl deploy --local\n"
		    "fpctl deploy --json --timeout 20m",
	.needs = NEED_MANIFEST,
	.run = deploy_command,
};
