/* fpctl destroy: everything down again, and no data lost unasked. */
#include "aws/service/sts.h"
#include "base/clock.h"
#include "base/json.h"
#include "progress.h"
#include "stacks.h"

struct destroy_opts {
	bool delete_data;
};

static const struct opt opts[] = {
	{ 0, "delete-data", OPT_FLAG, offsetof(struct destroy_opts, delete_data),
	  "empty the buckets first, all versions", NULL },
};

static void list_queues(struct app *app, const struct deploy_queues *queues)
{
	for (size_t i = 0; i < queues->n; i++) {
		const struct deploy_queue *q = &queues->v[i];

		if (q->messages)
			ui_note(&app->ui, "queue %s holds %lld message%s", q->name,
				(long long)q->messages, q->messages == 1 ? "" : "s");
	}
}

/* What would go, on stderr: which buckets, holding how much. */
static void list_buckets(struct app *app, const struct deploy_buckets *buckets)
{
	for (size_t i = 0; i < buckets->n; i++) {
		const struct deploy_bucket *b = &buckets->v[i];

		if (!b->objects)
			continue;
		ui_note(&app->ui, "bucket %s holds %lld%s object%s%s", b->name,
			(long long)b->objects,
			b->objects >= DEPLOY_COUNT_LIMIT ? "+" : "",
			b->objects == 1 ? "" : "s",
			b->artifacts ? " (code, which fpctl build makes anew)" : "");
	}
}

static size_t count_deployed(const struct live *live)
{
	size_t n = 0;

	for (size_t i = 0; i < live->n; i++)
		n += live->v[i].exists;
	return n;
}

/* Before anything is asked or counted. */
static int refuse_protected(const struct app *app, const struct rendering *all,
			    const struct live *live, struct fp_error *err)
{
	const struct manifest *m = &app->manifest;

	for (size_t i = 0; i < live->n; i++) {
		if (!live->v[i].exists || !live->v[i].protect)
			continue;
		if (m->environment)
			return fp_fail(err, FP_ERR_INPUT,
				       "stack %s is protected against deletion, so "
				       "nothing was deleted; set `protect: false` for "
				       "environment '%s' and run `fpctl deploy -e %s` "
				       "first",
				       all->stacks[i].stack_name, m->environment,
				       m->environment);
		return fp_fail(err, FP_ERR_INPUT,
			       "stack %s is protected against deletion, so nothing was "
			       "deleted; switch that off with 'aws cloudformation "
			       "update-termination-protection'",
			       all->stacks[i].stack_name);
	}
	if (m->protect && count_deployed(live))
		return fp_fail(err, FP_ERR_INPUT,
			       "environment '%s' is protected, so nothing was deleted; "
			       "set `protect: false` and run `fpctl deploy -e %s` first",
			       m->environment, m->environment);
	return 0;
}

/* Say what goes, and have it confirmed. */
static int confirm(struct app *app, const struct deploy_context *d,
		   const struct live *live, bool delete_data, struct fp_error *err)
{
	FP_AUTO(deploy_data_release) struct deploy_data data = { 0 };
	FP_AUTO(sts_identity_release) struct sts_identity who = { 0 };
	size_t n = count_deployed(live);

	if (deploy_find_data(&data, d, live, err) < 0)
		return -1;
	list_buckets(app, &data.buckets);
	list_queues(app, &data.queues);
	if (!delete_data && deploy_check_data(&data, err) < 0)
		return -1;
	if (app->global.yes)
		return 0;
	if (sts_caller(app->aws, &who, err) < 0)
		return -1;
	return app_confirm_word(
		app, stacks_word(app), err,
		"This deletes %zu stack%s of account %s, region %s%s.", n,
		n == 1 ? "" : "s", who.account, aws_client_region(app->aws),
		delete_data ? ", and all data in their buckets and queues" : "");
}

static void print_result(struct app *app, const struct deploy_summary *sum,
			 int64_t took_ms)
{
	FP_AUTO(json_freep) cJSON *j = NULL;
	char took[24];

	if (app->global.json) {
		j = cJSON_CreateObject();
		stacks_project_json(j, app);
		stacks_summary_json(j, sum, took_ms);
		app_print_json(app, j);
		return;
	}
	ui_duration(took, took_ms);
	if (sum->deleted)
		(void)fprintf(app->ui.out, "deleted %zu stack%s in %s\n", sum->deleted,
			      sum->deleted == 1 ? "" : "s", took);
	else
		(void)fprintf(app->ui.out, "nothing to do: %s '%s' is not deployed\n",
			      app->manifest.environment ? "environment" : "project",
			      stacks_word(app));
}

static int destroy_run(struct app *app, const void *args, struct fp_error *err)
{
	const struct destroy_opts *o = args;
	FP_AUTO(arena_release) struct arena arena = ARENA_INIT;
	struct rendering all;
	FP_AUTO(live_release) struct live live = { NULL, 0 };
	FP_AUTO(progress_freep) struct progress *progress = NULL;
	struct deploy_summary sum = { 0 };
	struct deploy_context d;
	int64_t start;

	if (stacks_observe(&live, &d, &all, &arena, app, err) < 0 ||
	    refuse_protected(app, &all, &live, err) < 0)
		return -1;
	if (count_deployed(&live) && confirm(app, &d, &live, o->delete_data, err) < 0)
		return -1;
	start = clock_monotonic_ms();
	progress = progress_new(&app->ui, &all, true);
	d.report = progress_event;
	d.report_ctx = progress;
	if (deploy_destroy(&d, o->delete_data, &sum, err) < 0)
		return -1;
	progress_freep(&progress);
	print_result(app, &sum, clock_monotonic_ms() - start);
	return 0;
}

const struct command cmd_destroy = {
	.name = "destroy",
	.summary = "delete the stacks",
	.details =
		"Stacks go in the reverse order of their making. A bucket that holds "
		"objects stops it before anything is deleted; --delete-data empties the "
		"buckets first, all versions of all objects. It is the same for a queue "
		"of dead letters; a processor's queue is waited for until it is empty.\n"
		"What is protected (`protect: true` of an environment) is not deleted.\n"
		"Asks for the environment's name on a terminal, or the project's where "
		"there are no environments; elsewhere --yes is needed.",
	.examples = "fpctl destroy\n"
		    "fpctl destroy -e dev\n"
		    "fpctl destroy --delete-data --yes",
	.needs = NEED_MANIFEST,
	.opts = opts,
	.nopts = ARRAY_SIZE(opts),
	.opts_size = sizeof(struct destroy_opts),
	.run = destroy_run,
};
