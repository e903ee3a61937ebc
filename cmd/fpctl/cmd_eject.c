/* fpctl eject: a built-in template as a file of the project, to be changed there. */
#include "base/fs.h"
#include "base/json.h"
#include "command.h"

static int unknown_template(const char *name, struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf all = BUF_INIT;
	const char *names[32], *near;
	size_t n = 0;

	while (n < ARRAY_SIZE(names) && (names[n] = render_builtin_name(n))) {
		buf_printf(&all, "%s%s", n ? ", " : "", names[n]);
		n++;
	}
	near = str_nearest(name, names, n);
	if (near)
		return fp_fail(err, FP_ERR_NOT_FOUND,
			       "there is no built-in template '%s': did you mean '%s'?",
			       name, near);
	return fp_fail(err, FP_ERR_NOT_FOUND,
		       "there is no built-in template '%s': there are %s", name,
		       buf_str(&all));
}

static void list_templates(struct app *app)
{
	FP_AUTO(json_freep) cJSON *all = cJSON_CreateArray();
	const char *name;

	for (size_t i = 0; (name = render_builtin_name(i)); i++)
		if (app->global.json)
			cJSON_AddItemToArray(all, cJSON_CreateString(name));
		else
			(void)fprintf(app->ui.out, "%s\n", name);
	if (app->global.json)
		app_print_json(app, all);
}

static int eject_run(struct app *app, const void *args FP_UNUSED, struct fp_error *err)
{
	const char *name = app->nargs ? app->args[0] : NULL, *text;
	FP_AUTO(freep) char *path = NULL;
	FP_AUTO(freep) char *folder = NULL;
	size_t n;

	if (!name) {
		list_templates(app);
		return 0;
	}
	text = render_builtin(name, &n);
	if (!text)
		return unknown_template(name, err);
	path = xasprintf("stacks/%s.yaml", name);
	if (app->global.file && strchr(app->global.file, '/')) {
		FP_AUTO(freep) char *relative = path;
		FP_AUTO(freep) char *beside = fs_dirname(app->global.file);

		path = fs_join(beside, relative);
	}
	if (fs_exists(path))
		return fp_fail(err, FP_ERR_USAGE,
			       "'%s' is there already; delete it to start from the "
			       "built-in one again",
			       path);
	folder = fs_dirname(path);
	if (fs_mkdirs(folder, err) < 0 || fs_write_atomic(path, text, n, 0644, err) < 0)
		return fp_wrap(err, "cannot copy the template '%s' out", name);
	ui_note(&app->ui, "wrote %s: it stands in for the built-in template from now on",
		path);
	return 0;
}

const struct command cmd_eject = {
	.name = "eject",
	.summary = "copy a built-in template out, to change it",
	.args = "[NAME]",
	.max_args = 1,
	.details =
		"The copy, stacks/NAME.yaml beside the manifest, is used instead of the "
		"built-in template as long as it is there. Without NAME it lists the "
		"templates. It never overwrites a file.",
	.examples = "fpctl eject\n"
		    "fpctl eject lambda",
	.run = eject_run,
};
