#include "base/fs.h"
#include "command.h"
#include "graph/graph.h"

struct graph_opts {
	const char *format, *output;
};

static const struct opt opts[] = {
	{ 0, "format", OPT_STRING, offsetof(struct graph_opts, format),
	  "svg (default), mermaid or dot", "FORMAT" },
	{ 'o', "output", OPT_STRING, offsetof(struct graph_opts, output),
	  "write into this file; its ending tells the format", "FILE" },
};

static const struct {
	const char *name, *ending;
	void (*write)(struct buf *out, const struct graph *g);
} formats[] = {
	{ "svg", ".svg", graph_svg },
	{ "mermaid", ".mmd", graph_mermaid },
	{ "mermaid", ".mermaid", graph_mermaid },
	{ "dot", ".dot", graph_dot },
	{ "dot", ".gv", graph_dot },
};

/* By --format, else by the file's ending, else SVG. */
static int choose_format(size_t *out, const struct graph_opts *o, struct fp_error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		if (o->format ? str_eq(o->format, formats[i].name)
			      : o->output && str_ends(o->output, formats[i].ending)) {
			*out = i;
			return 0;
		}
	}
	*out = 0;
	if (o->format)
		return fp_fail(err, FP_ERR_USAGE,
			       "--format takes svg, mermaid or dot, not '%s'", o->format);
	if (o->output)
		return fp_fail(err, FP_ERR_USAGE,
			       "the ending of '%s' tells no format: use .svg, .mmd or "
			       ".dot, or give --format",
			       o->output);
	return 0;
}

static int graph_run(struct app *app, const void *args, struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(graph_release) struct graph g = { 0 };
	const struct graph_opts *o = args;
	size_t format;

	if (choose_format(&format, o, err) < 0 || app_rendering(app, err) < 0)
		return -1;
	graph_build(&g, &app->manifest, &app->rendering);
	if (app->global.json) {
		FP_AUTO(json_freep) cJSON *j = graph_json(&g);

		json_print_pretty(&text, j);
		buf_putc(&text, '\n');
	} else {
		formats[format].write(&text, &g);
	}
	if (!o->output) {
		(void)fwrite(text.data, 1, text.len, app->ui.out);
		return 0;
	}
	if (fs_write_atomic(o->output, text.data, text.len, 0644, err) < 0)
		return fp_wrap(err, "cannot write the picture");
	ui_note(&app->ui, "wrote %s", o->output);
	return 0;
}

const struct command cmd_graph = {
	.name = "graph",
	.summary = "draw the system as SVG, Mermaid or DOT",
	.details = "Buckets, queues, processors, topics and who hears of them, with the "
		   "way of what fails; and the stacks, when the manifest has a pipeline "
		   "or stacks of its own. The SVG needs nothing from outside and suits "
		   "light and dark screens. More than twelve buckets are drawn as one "
		   "with their number. Needs no AWS.",
	.examples = "fpctl graph -o docs/graph.svg\n"
		    "fpctl graph -e prod --format mermaid\n"
		    "fpctl graph --format dot | dot -Tpng -o system.png",
	.needs = NEED_MANIFEST,
	.opts = opts,
	.nopts = ARRAY_SIZE(opts),
	.opts_size = sizeof(struct graph_opts),
	.run = graph_run,
};
