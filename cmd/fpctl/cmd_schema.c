#include "base/fs.h"
#include "command.h"
#include "manifest/reference.h"
#include "manifest/schema_json.h"

struct schema_opts {
	const char *output;
	bool markdown;
};

static const struct opt opts[] = {
	{ 'o', "output", OPT_STRING, offsetof(struct schema_opts, output),
	  "write into this file", "FILE" },
	{ 0, "markdown", OPT_FLAG, offsetof(struct schema_opts, markdown),
	  "the same as a reference for people", NULL },
};

static int schema_run(struct app *app, const void *args, struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	const struct schema_opts *o = args;

	if (o->markdown) {
		schema_reference(&text, &manifest_schema);
	} else {
		FP_AUTO(json_freep) cJSON *j = schema_json(&manifest_schema);

		json_print_pretty(&text, j);
		buf_putc(&text, '\n');
	}
	if (!o->output) {
		(void)fwrite(text.data, 1, text.len, app->ui.out);
		return 0;
	}
	if (fs_write_atomic(o->output, text.data, text.len, 0644, err) < 0)
		return fp_wrap(err, "cannot write the schema");
	ui_note(&app->ui, "wrote %s", o->output);
	return 0;
}

const struct command cmd_schema = {
	.name = "schema",
	.summary = "write the manifest's JSON Schema, for editors",
	.details = "A JSON Schema of draft 2020-12. An editor uses it when the manifest "
		   "begins with the line\n"
		   "# yaml-language-server: $schema=fpctl.schema.json\n"
		   "With --markdown it is the reference of all fields.",
	.examples = "fpctl schema -o fpctl.schema.json\n"
		    "fpctl schema --markdown",
	.opts = opts,
	.nopts = ARRAY_SIZE(opts),
	.opts_size = sizeof(struct schema_opts),
	.run = schema_run,
};
