/* fpctl doctor: is everything here that a deployment needs? */
#include <stdarg.h>
#include <stdio.h>

#include "base/json.h"
#include "doctor.h"

#define NAME_COLUMNS 13

/* What a check builds on; each includes those above it. */
enum doctor_need { NEED_NOTHING_YET, NEED_SETTINGS, NEED_STS, NEED_CREDENTIALS };

static const struct {
	const char *word;
	enum ui_style style;
} states[] = {
	[DOCTOR_OK] = { "ok", UI_GREEN },
	[DOCTOR_WARN] = { "warn", UI_YELLOW },
	[DOCTOR_FAIL] = { "fail", UI_RED },
	[DOCTOR_SKIP] = { "skip", UI_DIM },
};

static void print_line(struct doctor *d, const char *check, enum doctor_state state,
		       const char *text, const char *mend)
{
	struct ui *ui = &d->app->ui;

	if (d->app->global.json)
		return;
	(void)fprintf(ui->out, "%s%-4s%s  %-*s ", ui_on(ui, ui->out, states[state].style),
		      states[state].word, ui_off(ui, ui->out), NAME_COLUMNS, check);
	ui_puts(ui->out, text);
	if (mend) {
		(void)fprintf(ui->out, "\n      %*s -> ", NAME_COLUMNS, "");
		ui_puts(ui->out, mend);
	}
	(void)fputc('\n', ui->out);
	/* The next check may wait for the network. */
	(void)fflush(ui->out);
}

cJSON *doctor_say(struct doctor *d, const char *check, enum doctor_state state,
		  const char *mend, const char *fmt, ...)
{
	FP_AUTO(freep) char *text = NULL;
	cJSON *j = json_push_object(d->checks);
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		fp_die("out of memory");
	va_end(ap);
	d->count[state]++;
	json_set_str(j, "check", check);
	json_set_str(j, "state", states[state].word);
	json_set_str(j, "text", text);
	json_set_str(j, "mend", mend);
	print_line(d, check, state, text, mend);
	return j;
}

void doctor_detail(struct doctor *d, const char *fmt, ...)
{
	FP_AUTO(freep) char *text = NULL;
	struct ui *ui = &d->app->ui;
	va_list ap;

	if (d->app->global.json)
		return;
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		fp_die("out of memory");
	va_end(ap);
	(void)fprintf(ui->out, "      %*s   %s", NAME_COLUMNS, "",
		      ui_on(ui, ui->out, UI_DIM));
	ui_puts(ui->out, text);
	(void)fprintf(ui->out, "%s\n", ui_off(ui, ui->out));
}

cJSON *doctor_say_error(struct doctor *d, const char *check, enum doctor_state state,
			const char *mend, const struct fp_error *err)
{
	bool code = err->aws_code[0], request = err->request_id[0];
	cJSON *j = doctor_say(d, check, state, mend ? mend : err->next,
			      "%s%s%s%s%s%s%s%s%s", err->where, err->where[0] ? ": " : "",
			      err->message, code || request ? " (" : "", err->aws_code,
			      code && request ? ", " : "", request ? "request " : "",
			      err->request_id, code || request ? ")" : "");

	if (code)
		json_set_str(j, "aws_code", err->aws_code);
	if (request)
		json_set_str(j, "request_id", err->request_id);
	return j;
}

static void print_json(struct doctor *d)
{
	FP_AUTO(json_freep) cJSON *j = cJSON_CreateObject();

	json_set_bool(j, "ok", d->count[DOCTOR_FAIL] == 0);
	json_set_int(j, "warnings", (int64_t)d->count[DOCTOR_WARN]);
	json_set_int(j, "failures", (int64_t)d->count[DOCTOR_FAIL]);
	json_set(j, "checks", d->checks);
	app_print_json(d->app, j);
}

/* What has to be well before a check can say anything; NULL when it is. */
static const char *missing(const struct doctor *d, enum doctor_need need)
{
	if (need >= NEED_SETTINGS && !d->settings)
		return "not before the settings are mended";
	if (need >= NEED_STS && !d->has_sts)
		return "not before sts answers";
	if (need >= NEED_CREDENTIALS && !d->has_credentials)
		return "not before there are credentials";
	return NULL;
}

static void look(struct doctor *d)
{
	static const struct {
		const char *name;
		enum doctor_need need;
		void (*run)(struct doctor *);
	} checks[] = {
		{ "fpctl", NEED_NOTHING_YET, doctor_fpctl },
		{ "manifest", NEED_NOTHING_YET, doctor_manifest },
		{ "settings", NEED_NOTHING_YET, doctor_settings },
		{ "credentials", NEED_SETTINGS, doctor_credentials },
		{ "proxy", NEED_SETTINGS, doctor_proxy },
		{ "certificates", NEED_SETTINGS, doctor_certificates },
		{ "endpoints", NEED_SETTINGS, doctor_endpoints },
		{ "identity", NEED_CREDENTIALS, doctor_identity },
	};

	for (size_t i = 0; i < ARRAY_SIZE(checks) && !http_interrupted(); i++) {
		const char *why = missing(d, checks[i].need);

		if (why)
			doctor_say(d, checks[i].name, DOCTOR_SKIP, NULL, "%s", why);
		else
			checks[i].run(d);
	}
	if (d->has_identity && !http_interrupted())
		doctor_project(d);
}

static int doctor_run(struct app *app, const void *args FP_UNUSED, struct fp_error *err)
{
	struct doctor d = { .app = app, .checks = cJSON_CreateArray() };

	doctor_tools_start(&d);
	look(&d);
	doctor_tools(&d);
	if (app->global.json)
		print_json(&d);
	else
		cJSON_Delete(d.checks);
	if (http_interrupted())
		return fp_fail(err, FP_ERR_INTERRUPTED, "stopped");
	if (d.count[DOCTOR_FAIL])
		return fp_fail(err, FP_ERR_DOCTOR, "%zu of %zu checks failed",
			       d.count[DOCTOR_FAIL],
			       d.count[DOCTOR_OK] + d.count[DOCTOR_WARN] +
				       d.count[DOCTOR_FAIL]);
	return 0;
}

const struct command cmd_doctor = {
	.name = "doctor",
	.summary = "check all that a deployment needs: credentials, region, network, "
		   "quotas",
	.details =
		"Each line says ok, warn, fail or skip (cannot be told here), and below "
		"what is not well how to mend it. Nothing is changed, and no secret is "
		"shown. With --local the emulator is looked at. The exit status is 1 "
		"when something failed.",
	.examples = "fpctl doctor\n"
		    "fpctl doctor -e prod --profile deploy --json",
	.run = doctor_run,
};
