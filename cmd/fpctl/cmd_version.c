#include "command.h"

static int version_run(struct app *app, const void *args, struct fp_error *err)
{
	(void)args;
	(void)err;
	if (app->global.json)
		fprintf(app->ui.out, "{\"version\":\"" FPCTL_VERSION "\"}\n");
	else
		fprintf(app->ui.out, "fpctl " FPCTL_VERSION "\n");
	return 0;
}

const struct command cmd_version = {
	.name = "version",
	.summary = "print the version",
	.run = version_run,
};
