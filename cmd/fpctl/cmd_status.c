/* fpctl status: each stack, how it is, and whether it is as the manifest says. */
#include "base/clock.h"
#include "base/json.h"
#include "stacks.h"

static enum ui_style style_of(const struct live_stack *live)
{
	if (!live->exists)
		return UI_DIM;
	if (str_ends(live->status, "_IN_PROGRESS"))
		return UI_YELLOW;
	if (str_ends(live->status, "_FAILED") || strstr(live->status, "ROLLBACK"))
		return UI_RED;
	return UI_PLAIN;
}

/* "same" or "differs", "none" where the manifest has no such stack any more; NULL when
 * there is no template to compare. */
static const char *template_state(const struct rendered_stack *s,
				  const struct live_stack *live)
{
	if (!live->exists || !live->template)
		return NULL;
	if (!s->template)
		return "none";
	return plan_template_equal(s, live) ? "same" : "differs";
}

/* A stack that the manifest does not have is shown only while it is there. */
static bool is_shown(const struct rendered_stack *s, const struct live_stack *live)
{
	return s->template || live->exists;
}

static void print_json(struct app *app, const struct rendering *r,
		       const struct live *live)
{
	FP_AUTO(json_freep) cJSON *all = cJSON_CreateObject();
	cJSON *list;

	stacks_project_json(all, app);
	list = json_set_array(all, "stacks");

	for (size_t i = 0; i < live->n; i++) {
		const struct rendered_stack *s = &r->stacks[i];
		const struct live_stack *l = &live->v[i];
		const char *template = template_state(s, l);
		cJSON *stack;
		char changed[25];

		if (!is_shown(s, l))
			continue;
		stack = json_push_object(list);
		json_set_str(stack, "name", s->name);
		json_set_str(stack, "stack", s->stack_name);
		json_set_bool(stack, "deployed", l->exists);
		if (l->exists)
			json_set_bool(stack, "protected", l->protect);
		json_set_str(stack, "status", l->status);
		json_set_str(stack, "id", l->stack_id);
		if (l->changed_ms) {
			time_iso(changed, l->changed_ms);
			json_set_str(stack, "changed", changed);
		}
		if (template)
			json_set_bool(stack, "differs", !str_eq(template, "same"));
	}
	app_print_json(app, all);
}

static void print_table(struct app *app, const struct rendering *r,
			const struct live *live)
{
	static const char *const headers[] = { "STACK", "STATUS", "CHANGED", "TEMPLATE" };
	FP_AUTO(ui_table_freep)
	struct ui_table *table = ui_table_new(headers, ARRAY_SIZE(headers));

	for (size_t i = 0; i < live->n; i++) {
		const struct rendered_stack *s = &r->stacks[i];
		const struct live_stack *l = &live->v[i];
		char changed[25] = "";
		const char *cells[] = { s->stack_name,
					l->exists ? l->status : "not deployed", changed,
					template_state(s, l) };

		if (!is_shown(s, l))
			continue;
		/* To the second: "2026-01-02T03:04:05Z". */
		if (l->changed_ms) {
			time_iso(changed, l->changed_ms);
			(void)snprintf(changed + 19, sizeof(changed) - 19, "Z");
		}
		ui_table_row(table, style_of(l), cells);
	}
	ui_table_print(table, &app->ui);
}

static int status_run(struct app *app, const void *args FP_UNUSED, struct fp_error *err)
{
	FP_AUTO(arena_release) struct arena arena = ARENA_INIT;
	FP_AUTO(live_release) struct live live = { NULL, 0 };
	struct deploy_context d;
	struct rendering all;

	if (stacks_observe(&live, &d, &all, &arena, app, err) < 0)
		return -1;
	if (app->global.json)
		print_json(app, &all, &live);
	else
		print_table(app, &all, &live);
	return 0;
}

const struct command cmd_status = {
	.name = "status",
	.summary = "show the stacks and whether they are as the manifest says",
	.details =
		"TEMPLATE says 'differs' where the deployed template is not the one "
		"that the manifest gives now; `fpctl deploy` would change it. 'none' is "
		"a stack for which the manifest has nothing any more; `fpctl destroy` "
		"deletes it with the others.",
	.examples = "fpctl status\n"
		    "fpctl status --json",
	.needs = NEED_MANIFEST,
	.run = status_run,
};
