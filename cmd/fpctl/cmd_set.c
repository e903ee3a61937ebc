/* fpctl set, fpctl unset: one value of the manifest, in place. */
#include "editing.h"
#include "yaml/edit.h"

static void print(struct editing *e, bool set)
{
	FP_AUTO(buf_release) struct buf path = BUF_INIT;
	FP_AUTO(freep) char *before = editing_shown(e->edit.before);
	FP_AUTO(freep) char *after = editing_shown(e->edit.after);
	FILE *out = e->app->ui.out;

	edit_path_put(&path, &e->path);
	if (e->app->global.json)
		editing_print_json(e);
	else if (e->edit.same)
		fprintf(out, "%s is %s already\n", path.data, after);
	else if (set)
		fprintf(out, "set %s: %s -> %s\n", path.data, before, after);
	else
		fprintf(out, "unset %s: %s\n", path.data, before);
	editing_note_left(e);
}

/* Whether buckets may have come or gone, and not only fields of one. */
static bool is_of_buckets(const struct strs *path)
{
	size_t n = path->n;

	if (str_eq(path->v[0], "buckets"))
		return n <= 2;
	return str_eq(path->v[0], "environments") &&
	       (n <= 2 || (str_eq(path->v[2], "buckets") && n <= 4));
}

static int change(struct app *app, const char *text, const char *given,
		  struct fp_error *err)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(strs_release) struct strs path = STRS_INIT;
	FP_AUTO(editing_release) struct editing e = { 0 };
	const struct node *value = NULL;

	if (edit_path_parse(&path, text, err) < 0 ||
	    editing_open(&e, app, &path, err) < 0)
		return -1;
	if (given && manifest_edit_value(&value, &a, &e.path, given, err) < 0)
		return -1;
	if (editing_apply(&e, value, err) < 0)
		return -1;
	if (is_of_buckets(&e.path))
		editing_lock(&e);
	print(&e, given != NULL);
	return 0;
}

static int set_run(struct app *app, const void *args FP_UNUSED, struct fp_error *err)
{
	return change(app, app->args[0], app->args[1], err);
}

static int unset_run(struct app *app, const void *args FP_UNUSED, struct fp_error *err)
{
	return change(app, app->args[0], NULL, err);
}

const struct command cmd_set = {
	.name = "set",
	.summary = "set a value in the manifest",
	.args = "PATH VALUE",
	.min_args = 2,
	.max_args = 2,
	.details = "PATH is names with dots between: buckets.uploads.expire. A name with "
		   "a dot "
		   "in it is quoted: 'buckets.\"a.b\".prefix'. A number is an item of a "
		   "list; "
		   "one behind the last appends.\n"
		   "VALUE is YAML: 30d, true, [.csv, .json], {move: done/}. What a field "
		   "takes "
		   "as text is that text: an account's number stays a string.\n"
		   "With -e the path is meant in that environment: `fpctl -e prod set "
		   "region "
		   "us-east-1` sets environments.prod.region.\n"
		   "The file is replaced in one step, and everything else in it stays as "
		   "it is, "
		   "byte for byte: comments, blank lines, quotes, indentation. A "
		   "manifest that "
		   "would not be valid is not written.",
	.examples = "fpctl set buckets.uploads.expire 30d\n"
		    "fpctl set buckets.uploads.suffix '[.csv, .json]'\n"
		    "fpctl set processors.default.memory 512\n"
		    "fpctl set environments.prod.account 111122223333\n"
		    "fpctl -e prod set buckets.uploads.expire 3650d",
	.run = set_run,
};

const struct command cmd_unset = {
	.name = "unset",
	.summary = "take a value out of the manifest",
	.args = "PATH",
	.min_args = 1,
	.max_args = 1,
	.details = "The field then has its default. What belongs to it goes with it: the "
		   "comment behind it, comment lines directly above it, and one of two "
		   "blank "
		   "lines around it. Everything else stays as it is, byte for byte.\n"
		   "With -e the path is meant in that environment, which then has the "
		   "value of "
		   "all environments again.",
	.examples = "fpctl unset buckets.uploads.expire\n"
		    "fpctl -e prod unset buckets.uploads.expire",
	.run = unset_run,
};
