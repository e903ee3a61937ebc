/* fpctl deploy: build the code, bring the stacks up, say what changed. */
#include "base/clock.h"
#include "base/json.h"
#include "code.h"
#include "progress.h"
#include "stacks.h"

static void print_json(struct app *app, const struct deploy_summary *sum, int64_t took_ms)
{
	FP_AUTO(json_freep) cJSON *j = cJSON_CreateObject();

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
		buf_printf(&text, ", failed %zu", sum->failed);
	if (sum->skipped)
		buf_printf(&text, ", skipped %zu", sum->skipped);
	(void)fprintf(app->ui.out, "%s in %s\n", buf_str(&text), took);
}

/* Of stacks that are there, but for which the manifest has nothing any more. */
static int tell_leftovers(struct app *app, const struct deploy_context *d,
			  struct fp_error *err)
{
	const struct rendering gone = { .stacks = app->rendering.empty,
					.nstacks = app->rendering.nempty };
	FP_AUTO(live_release) struct live live = { NULL, 0 };
	struct deploy_context of_gone = *d;

	of_gone.rendering = &gone;
	if (deploy_observe(&live, &of_gone, err) < 0)
		return -1;
	for (size_t i = 0; i < live.n; i++)
		if (live.v[i].exists)
			ui_note(&app->ui,
				"stack %s stays, though the manifest has nothing for it "
				"any more; `fpctl destroy` deletes it with the others",
				gone.stacks[i].stack_name);
	return 0;
}

static int run_with_code(struct app *app, struct deploy_context *d, struct fp_error *err)
{
	struct progress *progress = progress_new(&app->ui, &app->rendering, false);
	int64_t start = clock_monotonic_ms();
	struct deploy_summary sum = { 0 };
	bool begun;
	int rc;

	d->report = progress_event;
	d->report_ctx = progress;
	rc = deploy_run(d, &sum, err);
	progress_freep(&progress);
	/* A failure before the first stack leaves nothing to sum up. */
	begun = sum.created + sum.updated + sum.unchanged + sum.failed + sum.skipped > 0;
	if (rc == 0 || begun)
		print_summary(app, &sum, clock_monotonic_ms() - start);
	return rc;
}

static int deploy_command(struct app *app, const void *args FP_UNUSED,
			  struct fp_error *err)
{
	struct deploy_code *code;
	struct deploy_context d;
	size_t n;
	int rc;

	if (stacks_context(&d, app, err) < 0 || tell_leftovers(app, &d, err) < 0 ||
	    code_build(app, &code, &n, err) < 0)
		return -1;
	d.code = code;
	d.ncode = n;
	rc = run_with_code(app, &d, err);
	code_release(code, n);
	return rc;
}

const struct command cmd_deploy = {
	.name = "deploy",
	.summary = "bring the stacks up, or up to date",
	.details =
		"Builds the processors, creates and updates the stacks by change sets, "
		"those that do not wait for each other at the same time. What is as the "
		"manifest says is left alone. A failure's cause is the last line.\n"
		"Ctrl-C only stops looking: CloudFormation goes on, and the same "
		"command again follows it.",
	.examples = "fpctl deploy\n"
		    "fpctl deploy --local\n"
		    "fpctl deploy --json --timeout 20m",
	.needs = NEED_MANIFEST,
	.run = deploy_command,
};
