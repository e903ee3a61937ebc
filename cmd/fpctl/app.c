#include "app.h"

#include <stdarg.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "emulator/emulator.h"
#include "findings.h"
#include "local.h"

static const char *manifest_path(const struct app *app)
{
	return str_or(app->global.file, "fpctl.yaml");
}

bool app_manifest_exists(const struct app *app)
{
	return fs_exists(manifest_path(app));
}

int app_manifest(struct app *app, struct fp_error *err)
{
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(freep) char *source = NULL;
	const char *path = manifest_path(app);
	struct findings_source known = { .file = path };

	if (app->has_manifest)
		return 0;
	if (manifest_load(&app->manifest, path, app->global.environment, &d, &source,
			  err) < 0) {
		manifest_release(&app->manifest);
		known.text = source;
		return d.n ? findings_fail(app, &d, &known, FP_ERR_MANIFEST, path, err)
			   : -1;
	}
	app->has_manifest = true;
	return 0;
}

static bool can_ask(const struct app *app)
{
	return !app->global.no_input && isatty(STDIN_FILENO);
}

/* A line that the user types; false when she gave up. */
static bool read_line(struct app *app, const char *prompt, char *answer, size_t size)
{
	fflush(app->ui.out);
	fprintf(app->ui.err, "%s ", prompt);
	fflush(app->ui.err);
	if (!fgets(answer, (int)size, stdin))
		return false;
	answer[strcspn(answer, "\n")] = '\0';
	return true;
}

static int ask(struct app *app, const char *prompt, char *answer, size_t size,
	       struct fp_error *err)
{
	if (!can_ask(app))
		return fp_fail(err, FP_ERR_CONFIRM,
			       "this needs a confirmation and nobody can be asked; "
			       "give --yes when you are sure");
	if (!read_line(app, prompt, answer, size))
		return fp_fail(err, FP_ERR_CONFIRM, "no answer was given");
	return 0;
}

/* For a role that wants a second factor: as aws_env.ask. */
static char *ask_code(void *ctx, const char *prompt)
{
	struct app *app = ctx;
	char answer[64] = "";
	char *code = NULL;

	if (can_ask(app) && read_line(app, prompt, answer, sizeof(answer)) && *answer)
		code = xstrdup(answer);
	mem_wipe(answer, sizeof(answer));
	return code;
}

/* The client of the emulator, which is started when none runs. */
static int local_client(struct app *app, const struct aws_options *asked,
			struct fp_error *err)
{
	struct emulator_address at = { 0 };
	struct aws_options o = *asked;
	struct aws_credentials keys = { 0 };
	int rc = local_ensure(app, &at, err);

	if (rc == 0) {
		keys.access_key_id = at.access_key_id;
		keys.secret_access_key = at.secret_access_key;
		o.endpoint_url = at.url;
		o.endpoint_from = "--local";
		o.credentials = &keys;
		o.region = str_or(o.region, at.region);
		rc = aws_client_new(&app->aws, &o, err);
	}
	emulator_address_release(&at);
	return rc;
}

int app_aws(struct app *app, struct fp_error *err)
{
	struct aws_env env = aws_env_process();
	struct aws_options o = {
		.env = &env,
		.region = app->global.region,
		.profile = app->global.profile,
		.endpoint_url = app->global.endpoint_url,
		.total_timeout_ms = app->global.timeout_ms,
	};

	if (app->aws)
		return 0;
	env.ask = ask_code;
	env.ask_ctx = app;
	if (!o.region && app->has_manifest) {
		o.region = app->manifest.region;
		o.region_from = "the manifest";
	}
	if (app->global.local && app->global.endpoint_url)
		return fp_fail(err, FP_ERR_USAGE,
			       "--local and --endpoint-url exclude each other");
	if (app->global.local)
		return local_client(app, &o, err);
	return aws_client_new(&app->aws, &o, err);
}

int app_confirm_word(struct app *app, const char *word, struct fp_error *err,
		     const char *fmt, ...)
{
	FP_AUTO(freep) char *prompt = NULL;
	char answer[128] = "", question[512];
	va_list ap;

	if (app->global.yes)
		return 0;
	va_start(ap, fmt);
	vsnprintf(question, sizeof(question), fmt, ap);
	va_end(ap);
	prompt = xasprintf("%s\nType %s to go on:", question, word);
	if (ask(app, prompt, answer, sizeof(answer), err) < 0)
		return -1;
	if (str_eq(answer, word))
		return 0;
	return fp_fail(err, FP_ERR_CONFIRM, "not confirmed, nothing was done");
}

void app_print_json(struct app *app, const cJSON *j)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	json_print_pretty(&text, j);
	(void)fprintf(app->ui.out, "%s\n", buf_str(&text));
}

void app_release(struct app *app)
{
	aws_client_freep(&app->aws);
	if (app->has_rendering)
		rendering_release(&app->rendering);
	if (app->has_manifest)
		manifest_release(&app->manifest);
}
