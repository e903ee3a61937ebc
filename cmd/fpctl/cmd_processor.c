/* fpctl processor: add, remove and list the manifest's processors. */
#include "base/fs.h"
#include "editing.h"

struct add_opts {
	const char *source, *arch, *timeout;
	int64_t memory, concurrency;
	struct strs environment;
	bool tracing, report;
};

#define ADD(field) offsetof(struct add_opts, field)
static const struct opt add_options[] = {
	{ 0, "source", OPT_STRING, ADD(source), "bundled, or a folder with C code",
	  "FOLDER" },
	{ 0, "arch", OPT_STRING, ADD(arch), "arm64 or x86_64", "ARCH" },
	{ 0, "memory", OPT_INT, ADD(memory), "memory in MiB, 128 to 10240", "MIB" },
	{ 0, "timeout", OPT_STRING, ADD(timeout), "how long an invocation may take: 60s",
	  "TIME" },
	{ 0, "concurrency", OPT_INT, ADD(concurrency), "invocations at once, reserved",
	  "N" },
	{ 0, "environment", OPT_LIST, ADD(environment),
	  "an environment variable; may be repeated", "NAME=VALUE" },
	{ 0, "tracing", OPT_FLAG, ADD(tracing), "trace with X-Ray", NULL },
	{ 0, "report", OPT_FLAG, ADD(report), "write KEY.report.json beside each file",
	  NULL },
};

static int variables_of(struct node **out, struct arena *a, const struct strs *given,
			struct fp_error *err)
{
	*out = node_mapping(a);
	for (size_t i = 0; i < given->n; i++) {
		const char *text = given->v[i], *equals = strchr(text, '=');

		if (!equals || equals == text)
			return fp_fail(err, FP_ERR_USAGE,
				       "--environment takes NAME=VALUE, not '%s'", text);
		node_set(a, *out, arena_strndup(a, text, (size_t)(equals - text)),
			 node_string(a, equals + 1));
	}
	return 0;
}

static int fields_of(struct node **out, struct arena *a, const struct add_opts *o,
		     struct fp_error *err)
{
	struct node *map = node_mapping(a), *variables;

	field_text(a, map, "source", o->source);
	field_text(a, map, "arch", o->arch);
	if (o->memory)
		node_put(a, map, "memory", node_int(a, o->memory));
	field_text(a, map, "timeout", o->timeout);
	if (o->concurrency)
		node_put(a, map, "concurrency", node_int(a, o->concurrency));
	field_true(a, map, "tracing", o->tracing);
	if (variables_of(&variables, a, &o->environment, err) < 0)
		return -1;
	if (variables->map.n)
		node_put(a, map, "environment", variables);
	field_true(a, map, "report", o->report);
	*out = map;
	return 0;
}

/* What is expected in the folder of a processor's own code. */
static void tell_source(struct editing *e, const char *source)
{
	FP_AUTO(freep) char *folder = fs_dirname(e->file);
	FP_AUTO(freep) char *path = NULL;

	if (!source || str_eq(source, "bundled"))
		return;
	path = source[0] == '/' || str_eq(folder, ".") ? xstrdup(source)
						       : fs_join(folder, source);
	if (!fs_is_dir(path))
		ui_note(&e->app->ui,
			"there is no folder '%s' yet: put the processor's C code there "
			"before `fpctl build`",
			path);
}

static int add_run(struct app *app, const void *args, struct fp_error *err)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(editing_release) struct editing e = { 0 };
	const struct add_opts *o = args;
	struct node *fields;

	if (fields_of(&fields, &a, o, err) < 0 ||
	    editing_open_item(&e, app, "processors", app->args[0], err) < 0 ||
	    editing_add(&e, fields, "processor", err) < 0)
		return -1;
	editing_tell(&e, "added the processor");
	tell_source(&e, o->source);
	return 0;
}

static int remove_run(struct app *app, const void *args FP_UNUSED, struct fp_error *err)
{
	FP_AUTO(editing_release) struct editing e = { 0 };

	if (editing_open_item(&e, app, "processors", app->args[0], err) < 0 ||
	    editing_remove(&e, "processor", err) < 0)
		return -1;
	editing_tell(&e, e.is_override
				 ? "removed the environment's own fields of the processor"
				 : "removed the processor");
	return 0;
}

static int list_run(struct app *app, const void *args FP_UNUSED, struct fp_error *err)
{
	static const char *const headers[] = { "PROCESSOR", "SOURCE",  "ARCH",
					       "MEMORY",    "TIMEOUT", "BUCKETS" };
	FP_AUTO(ui_table_freep)
	struct ui_table *table = ui_table_new(headers, ARRAY_SIZE(headers));
	const struct manifest *m = &app->manifest;

	(void)err;
	if (app->global.json) {
		editing_list_json(app, "processors");
		return 0;
	}
	for (size_t i = 0; i < m->nprocessors; i++) {
		const struct manifest_processor *p = &m->processors[i];
		FP_AUTO(buf_release) struct buf buckets = BUF_INIT;
		FP_AUTO(freep)
		char *memory = xasprintf("%lld MiB", (long long)p->memory_mib);
		FP_AUTO(freep)
		char *timeout = xasprintf("%lld s", (long long)p->timeout_s);
		const char *cells[] = {
			p->name, p->source, p->arch, memory, timeout, ""
		};

		for (size_t k = 0; k < m->nbuckets; k++)
			if (str_eq(m->buckets[k].processor, p->name))
				buf_printf(&buckets, "%s%s", buckets.len ? ", " : "",
					   m->buckets[k].name);
		cells[5] = buf_str(&buckets);
		ui_table_row(table, UI_PLAIN, cells);
	}
	ui_table_print(table, &app->ui);
	return 0;
}

static const struct command cmd_processor_add = {
	.name = "add",
	.summary = "add a processor to the manifest",
	.args = "NAME",
	.min_args = 1,
	.max_args = 1,
	.details =
		"One line, in the style of the processors that are there; all else in "
		"the file stays as it is, byte for byte. Nothing is made in the folder "
		"of --source: it must hold C code built against fpctl's runtime by the "
		"time of `fpctl build`.\n"
		"With -e the processor is added to that environment only.",
	.examples =
		"fpctl processor add archiver --memory 512 --timeout 2m\n"
		"fpctl processor add scanner --source scanner --environment LEVEL=high",
	.opts = add_options,
	.nopts = ARRAY_SIZE(add_options),
	.opts_size = sizeof(struct add_opts),
	.run = add_run,
};

static const struct command cmd_processor_remove = {
	.name = "remove",
	.summary = "take a processor out of the manifest",
	.args = "NAME",
	.min_args = 1,
	.max_args = 1,
	.details = "Refused while a bucket names it. The folder of its code stays.",
	.examples = "fpctl processor remove archiver",
	.run = remove_run,
};

static const struct command cmd_processor_list = {
	.name = "list",
	.summary = "list the manifest's processors",
	.details = "As -e's environment has them, or the first one. With --json every "
		   "field with its default.",
	.examples = "fpctl processor list",
	.needs = NEED_MANIFEST,
	.run = list_run,
};

static const struct command *const subs[] = { &cmd_processor_add, &cmd_processor_remove,
					      &cmd_processor_list, NULL };

const struct command cmd_processor = {
	.name = "processor",
	.summary = "add, remove and list the manifest's processors",
	.subs = subs,
};
