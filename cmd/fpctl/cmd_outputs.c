/* fpctl outputs: what the stacks are called in AWS. */
#include "base/json.h"
#include "stacks.h"

static void print_json(struct app *app, const struct rendering *r,
		       const struct live *live)
{
	FP_AUTO(json_freep) cJSON *all = cJSON_CreateObject();

	for (size_t i = 0; i < live->n; i++) {
		cJSON *stack;

		if (!live->v[i].exists)
			continue;
		stack = json_set_object(all, r->stacks[i].name);
		if (live->v[i].outputs)
			map_each (e, live->v[i].outputs)
				json_set_str(stack, e->key, e->value);
	}
	app_print_json(app, all);
}

static void print_table(struct app *app, const struct rendering *r,
			const struct live *live)
{
	static const char *const headers[] = { "STACK", "OUTPUT", "VALUE" };
	FP_AUTO(ui_table_freep)
	struct ui_table *table = ui_table_new(headers, ARRAY_SIZE(headers));

	for (size_t i = 0; i < live->n; i++) {
		const char *stack = r->stacks[i].stack_name;

		if (!live->v[i].outputs)
			continue;
		map_each (e, live->v[i].outputs) {
			const char *cells[] = { stack, e->key, e->value };

			ui_table_row(table, UI_PLAIN, cells);
		}
	}
	ui_table_print(table, &app->ui);
}

static bool nothing_deployed(const struct live *live)
{
	for (size_t i = 0; i < live->n; i++)
		if (live->v[i].exists)
			return false;
	return true;
}

static int outputs_run(struct app *app, const void *args FP_UNUSED, struct fp_error *err)
{
	FP_AUTO(arena_release) struct arena arena = ARENA_INIT;
	FP_AUTO(live_release) struct live live = { NULL, 0 };
	struct deploy_context d;
	struct rendering all;

	if (stacks_observe(&live, &d, &all, &arena, app, err) < 0)
		return -1;
	if (nothing_deployed(&live))
		return fp_fail(err, FP_ERR_NOT_FOUND,
			       "%s '%s' is not deployed; 'fpctl deploy' does it",
			       app->manifest.environment ? "environment" : "project",
			       stacks_word(app));
	if (app->global.json)
		print_json(app, &all, &live);
	else
		print_table(app, &all, &live);
	return 0;
}

const struct command cmd_outputs = {
	.name = "outputs",
	.summary = "show the outputs of the deployed stacks",
	.details = "The real names of buckets, functions and topics, as CloudFormation "
		   "gives them.\n"
		   "With --json one object: stack -> output -> value.",
	.examples = "fpctl outputs\n"
		    "fpctl outputs --json",
	.needs = NEED_MANIFEST,
	.run = outputs_run,
};
