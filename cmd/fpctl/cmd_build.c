#include "base/json.h"
#include "code.h"

static void print_json(struct app *app, const struct deploy_code *code, size_t n)
{
	FP_AUTO(json_freep) cJSON *root = cJSON_CreateObject();
	cJSON *list = json_set_array(root, "processors");

	for (size_t i = 0; i < n; i++) {
		cJSON *j = json_push_object(list);

		json_set_str(j, "processor", code[i].processor);
		json_set_str(j, "arch", app->manifest.processors[i].arch);
		json_set_str(j, "key", code[i].asset.key);
		json_set_str(j, "sha256", code[i].asset.sha256);
		json_set_int(j, "size", code[i].asset.size);
		json_set_str(j, "path", code[i].asset.path);
		json_set_bool(j, "unchanged", code[i].asset.unchanged);
	}
	app_print_json(app, root);
}

static void print_table(struct app *app, const struct deploy_code *code, size_t n)
{
	static const char *const headers[] = { "PROCESSOR", "ARCH", "SIZE", "STATE",
					       "KEY" };
	FP_AUTO(ui_table_freep)
	struct ui_table *t = ui_table_new(headers, ARRAY_SIZE(headers));

	for (size_t i = 0; i < n; i++) {
		const struct asset *a = &code[i].asset;
		char size[16];
		const char *cells[] = { code[i].processor,
					app->manifest.processors[i].arch, size,
					a->unchanged ? "unchanged" : "built", a->key };

		ui_bytes(size, a->size);
		ui_table_row(t, UI_PLAIN, cells);
	}
	ui_table_print(t, &app->ui);
}

static int build_run(struct app *app, const void *args, struct fp_error *err)
{
	struct deploy_code *code;
	size_t n;

	(void)args;
	if (code_build(app, &code, &n, err) < 0)
		return -1;
	if (app->global.json)
		print_json(app, code, n);
	else
		print_table(app, code, n);
	code_release(code, n);
	return 0;
}

const struct command cmd_build = {
	.name = "build",
	.summary = "make the zips of the processors",
	.details = "Each zip is named by the SHA-256 of its bytes, and the same program "
		   "gives the same bytes: code that did not change is never uploaded "
		   "again. The zips are in .fpctl/build beside the manifest.\n"
		   "A processor with a folder as its source is built by `make` there, if "
		   "the folder has a Makefile (FPCTL_ARCH says for which processor), and "
		   "must then have a program named bootstrap. Needs no AWS.",
	.examples = "fpctl build\n"
		    "fpctl build --json",
	.needs = NEED_MANIFEST,
	.run = build_run,
};
