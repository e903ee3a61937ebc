/* fpctl local: the emulator of AWS on this machine. */
#include "base/json.h"
#include "local.h"

struct up_opts {
	bool foreground;
};

static const struct opt up_options[] = {
	{ 0, "foreground", OPT_FLAG, offsetof(struct up_opts, foreground),
	  "stay in this terminal until Ctrl-C", NULL },
};

static void print_address(struct app *app, const struct emulator_address *at,
			  const char *state)
{
	FP_AUTO(json_freep) cJSON *j = cJSON_CreateObject();

	json_set_bool(j, "running", at != NULL);
	if (at) {
		json_set_str(j, "url", at->url);
		json_set_int(j, "port", at->port);
		json_set_int(j, "pid", at->pid);
		json_set_str(j, "region", at->region);
		json_set_str(j, "account", EMULATOR_ACCOUNT);
	}
	json_set_str(j, "state", state);
	app_print_json(app, j);
}

static int serve(struct app *app, const char *state, struct fp_error *err)
{
	struct emulator_options o = { .state = state,
				      .port = EMULATOR_PORT,
				      .region = app->global.region };

	if (app->global.port > UINT16_MAX)
		return fp_fail(err, FP_ERR_USAGE, "--port takes a number up to 65535");
	if (app->global.port >= 0)
		o.port = (int)app->global.port;
	return emulator_serve(&o, err);
}

static int up_run(struct app *app, const void *args, struct fp_error *err)
{
	FP_AUTO(emulator_address_release) struct emulator_address at = { 0 };
	const struct up_opts *o = args;
	FP_AUTO(freep) char *state = local_state(app, err);

	if (!state)
		return -1;
	if (o->foreground)
		return serve(app, state, err);
	if (local_ensure(app, &at, err) < 0)
		return -1;
	if (app->global.json) {
		print_address(app, &at, state);
		return 0;
	}
	(void)fprintf(app->ui.out, "%s\n", at.url);
	ui_note(&app->ui,
		"the emulator runs (process %ld, state in '%s'); what to do next:\n"
		"  fpctl deploy --local              deploy the manifest to it\n"
		"  eval \"$(fpctl local env)\"         let any AWS client use it\n"
		"  fpctl local down                  stop it, its state stays",
		at.pid, state);
	return 0;
}

static int down_run(struct app *app, const void *args FP_UNUSED, struct fp_error *err)
{
	int rc = local_stop(app, err);

	if (rc < 0)
		return -1;
	ui_note(&app->ui,
		rc ? "the emulator is stopped" : "the emulator was not running");
	return 0;
}

static int status_run(struct app *app, const void *args FP_UNUSED, struct fp_error *err)
{
	static const char *const headers[] = { "ADDRESS", "PROCESS", "REGION", "STATE" };
	FP_AUTO(emulator_address_release) struct emulator_address at = { 0 };
	FP_AUTO(freep) char *state = local_state(app, err);
	FP_AUTO(freep) char *pid = NULL;
	FP_AUTO(ui_table_freep) struct ui_table *table = NULL;
	int rc = state ? local_find(app, &at, err) : -1;

	if (state && app->global.json)
		print_address(app, rc < 0 ? NULL : &at, state);
	if (rc < 0 || app->global.json)
		return rc;
	pid = xasprintf("%ld", at.pid);
	table = ui_table_new(headers, ARRAY_SIZE(headers));
	ui_table_row(table, UI_PLAIN, (const char *[]){ at.url, pid, at.region, state });
	ui_table_print(table, &app->ui);
	return 0;
}

/* In single quotes, as sh wants them. */
static void print_export(FILE *to, const char *name, const char *value)
{
	(void)fprintf(to, "export %s='", name);
	for (const char *s = value; *s; s++) {
		if (*s == '\'')
			(void)fputs("'\\''", to);
		else
			(void)fputc(*s, to);
	}
	(void)fputs("'\n", to);
}

static int env_run(struct app *app, const void *args FP_UNUSED, struct fp_error *err)
{
	FP_AUTO(emulator_address_release) struct emulator_address at = { 0 };
	FP_AUTO(json_freep) cJSON *j = NULL;

	if (local_find(app, &at, err) < 0)
		return -1;
	j = cJSON_CreateObject();
	json_set_str(j, "AWS_ENDPOINT_URL", at.url);
	json_set_str(j, "AWS_ACCESS_KEY_ID", at.access_key_id);
	json_set_str(j, "AWS_SECRET_ACCESS_KEY", at.secret_access_key);
	json_set_str(j, "AWS_REGION", at.region);
	json_set_str(j, "AWS_DEFAULT_REGION", at.region);
	if (app->global.json) {
		app_print_json(app, j);
		return 0;
	}
	(void)fputs("unset AWS_PROFILE AWS_SESSION_TOKEN\n", app->ui.out);
	json_each (item, j)
		print_export(app->ui.out, item->string, item->valuestring);
	return 0;
}

static const struct command up = {
	.name = "up",
	.summary = "start the emulator, in the background",
	.details = "Listens on 127.0.0.1, port 4566 unless --port says otherwise, and "
		   "keeps all in --state. Does nothing when it runs already.",
	.examples = "fpctl local up\n"
		    "fpctl local up --port 0 --state build/state\n"
		    "fpctl local up --foreground",
	.opts = up_options,
	.nopts = ARRAY_SIZE(up_options),
	.opts_size = sizeof(struct up_opts),
	.run = up_run,
};

static const struct command down = {
	.name = "down",
	.summary = "stop the emulator; its state stays",
	.run = down_run,
};

static const struct command status = {
	.name = "status",
	.summary = "show whether the emulator runs, and where",
	.details = "Exit status 1 when it does not run.",
	.run = status_run,
};

static const struct command env = {
	.name = "env",
	.summary = "print the environment that lets AWS clients use the emulator",
	.details = "Lines for sh, or one object with --json. Clients older than "
		   "AWS_ENDPOINT_URL (awscli before 2.13) also need --endpoint-url.",
	.examples = "eval \"$(fpctl local env)\"\n"
		    "aws --endpoint-url \"$AWS_ENDPOINT_URL\" s3 ls",
	.run = env_run,
};

static const struct command *const subs[] = {
	&up, &down, &status, &env, &cmd_local_messages, NULL,
};

extern const struct command cmd_local;
const struct command cmd_local = {
	.name = "local",
	.summary = "the emulator of AWS on this machine",
	.details = "An AWS endpoint on 127.0.0.1 with what this system needs of S3, "
		   "Lambda, SNS, SQS, KMS, IAM, STS, CloudWatch and CloudFormation. Its "
		   "state outlives it in a folder: --state, else $FPCTL_STATE, else "
		   "fpctl/local in $XDG_STATE_HOME (~/.local/state).",
	.subs = subs,
};
