/* Who one is for AWS: settings, credentials, account. */
#include "aws/service/sts.h"
#include "base/clock.h"
#include "base/json.h"
#include "doctor.h"

static cJSON *say_setting(struct doctor *d, const char *check,
			  const struct aws_setting *s)
{
	/* An endpoint may have a password in it. */
	FP_AUTO(freep) char *shown = url_shown(s->value);
	cJSON *j = doctor_say(d, check, DOCTOR_OK, NULL, "%s, from %s", shown, s->from);

	json_set_str(j, "value", shown);
	json_set_str(j, "from", s->from);
	return j;
}

static bool is_default(const struct aws_setting *s)
{
	return !s->value || str_eq(s->from, "the default");
}

static void say_profile(struct doctor *d)
{
	const struct aws_setting *s = &d->settings->profile;
	cJSON *j;

	if (!is_default(s)) {
		say_setting(d, "profile", s);
		return;
	}
	j = doctor_say(d, "profile", DOCTOR_OK, NULL, "%s; none is chosen", s->value);
	json_set_str(j, "value", s->value);
	json_set_str(j, "from", s->from);
}

/* Where the environment says something else, one may have counted on that. */
static void say_region(struct doctor *d)
{
	static const char *const vars[] = { "AWS_REGION", "AWS_DEFAULT_REGION" };
	const struct aws_setting *s = &d->settings->region;

	say_setting(d, "region", s);
	for (size_t i = 0; i < ARRAY_SIZE(vars); i++) {
		const char *other = getenv(vars[i]);

		if (!other || !*other || str_eq(s->from, vars[i]))
			continue;
		if (!str_eq(other, s->value))
			doctor_detail(d, "%s goes before %s, which is %s", s->from,
				      vars[i], other);
		return;
	}
}

/* What is as everybody has it needs no line. */
static void say_others(struct doctor *d)
{
	const struct aws_settings *s = d->settings;
	const struct {
		const char *name;
		const struct aws_setting *setting;
	} others[] = {
		{ "endpoint", &s->endpoint_url },
		{ "attempts", &s->max_attempts },
		{ "retry mode", &s->retry_mode },
		{ "FIPS", &s->fips },
		{ "dual stack", &s->dualstack },
		{ "S3 addresses", &s->s3_addressing_style },
		{ "S3 dual stack", &s->s3_dualstack },
		{ "STS endpoint", &s->sts_regional_endpoints },
	};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (!is_default(others[i].setting))
			say_setting(d, others[i].name, others[i].setting);
}

/* Where the region alone is wrong, the rest can be looked at from another one. */
static bool without_region(struct doctor *d)
{
	const char *given = d->app->global.region;
	struct fp_error err = { 0 };

	if (d->app->global.local)
		return false;
	d->app->global.region = DOCTOR_REGION;
	d->no_region = app_aws(d->app, &err) == 0;
	if (!d->no_region)
		d->app->global.region = given;
	return d->no_region;
}

void doctor_settings(struct doctor *d)
{
	struct fp_error err = { 0 };

	if (app_aws(d->app, &err) < 0 && !without_region(d)) {
		doctor_say_error(d, "settings", DOCTOR_FAIL, NULL, &err);
		return;
	}
	d->settings = aws_client_settings(d->app->aws);
	if (d->app->global.local) {
		doctor_say(d, "region", DOCTOR_OK, NULL, "%s, of the emulator at %s",
			   aws_client_region(d->app->aws),
			   d->settings->endpoint_url.value);
		return;
	}
	say_profile(d);
	if (d->no_region)
		doctor_say_error(d, "region", DOCTOR_FAIL,
				 "until there is one, " DOCTOR_REGION " is looked at",
				 &err);
	else
		say_region(d);
	say_others(d);
}

/* The last step is told by its line already when it failed. */
static void say_steps(struct doctor *d, cJSON *j, const struct cred_report *report)
{
	static const char *const results[] = {
		[CRED_FOUND] = "found", [CRED_NONE] = "none", [CRED_ERROR] = "error"
	};
	cJSON *list = json_set_array(j, "providers");

	for (size_t i = 0; i < report->n; i++) {
		const struct cred_step *s = &report->v[i];
		cJSON *one = json_push_object(list);

		json_set_str(one, "provider", s->provider);
		json_set_str(one, "result", results[s->result]);
		json_set_str(one, "why", s->why);
		if (s->result != CRED_ERROR)
			doctor_detail(d, "%s: %s", s->provider, s->why);
	}
}

static const struct cred_step *last_step(const struct cred_report *report)
{
	return report->n ? &report->v[report->n - 1] : NULL;
}

static cJSON *say_found(struct doctor *d, const struct aws_credentials *creds,
			const char *provider)
{
	int64_t left = creds->expires_ms - clock_now_ms();
	char text[24];

	if (!creds->expires_ms)
		return doctor_say(d, "credentials", DOCTOR_OK, NULL,
				  "%s, of the %s provider", creds->access_key_id,
				  provider);
	ui_duration(text, FP_MAX(left, 0));
	return doctor_say(d, "credentials", DOCTOR_OK, NULL,
			  "%s, of the %s provider, for another %s", creds->access_key_id,
			  provider, text);
}

/* One that failed says itself what to do. */
static cJSON *say_not_found(struct doctor *d, const struct cred_step *last,
			    struct fp_error *err)
{
	if (last && last->result == CRED_NONE)
		return doctor_say(
			d, "credentials", DOCTOR_FAIL,
			"choose a profile with --profile, sign in ('aws sso login', "
			"'aws login'), or set AWS_ACCESS_KEY_ID and "
			"AWS_SECRET_ACCESS_KEY; with no account: --local",
			"no provider has any");
	return doctor_say_error(d, "credentials", DOCTOR_FAIL, NULL, err);
}

void doctor_credentials(struct doctor *d)
{
	FP_AUTO(aws_credentials_release) struct aws_credentials creds = { 0 };
	FP_AUTO(cred_report_release) struct cred_report report = { 0 };
	struct fp_error err = { 0 };
	cJSON *j;

	if (d->app->global.local) {
		d->has_credentials = true;
		doctor_say(d, "credentials", DOCTOR_OK, NULL, "the emulator's own");
		return;
	}
	d->has_credentials = aws_client_credential_report(d->app->aws, &report, &err) ==
				     0 &&
			     aws_client_credentials(d->app->aws, &creds, &err) == 0;
	j = d->has_credentials ? say_found(d, &creds, last_step(&report)->provider)
			       : say_not_found(d, last_step(&report), &err);
	say_steps(d, j, &report);
}

/* The account that the manifest's environment is for, when it says so. */
static void say_identity(struct doctor *d, const struct sts_identity *id)
{
	const char *want = d->app->has_manifest && !d->app->global.local
				   ? d->app->manifest.account
				   : NULL;
	bool other = want && !str_eq(want, id->account);
	cJSON *j = doctor_say(
		d, "identity", other ? DOCTOR_FAIL : DOCTOR_OK,
		other ? "choose a profile of the manifest's account with --profile"
		      : NULL,
		"%s, account %s%s%s", id->arn, id->account,
		other ? ", but the manifest wants " : "", other ? want : "");

	json_set_str(j, "account", id->account);
	json_set_str(j, "arn", id->arn);
	d->has_identity = !other && !d->no_region;
}

void doctor_identity(struct doctor *d)
{
	FP_AUTO(sts_identity_release) struct sts_identity id = { 0 };
	struct fp_error err = { 0 };

	if (sts_caller(d->app->aws, &id, &err) < 0)
		doctor_say_error(d, "identity", DOCTOR_FAIL, NULL, &err);
	else
		say_identity(d, &id);
}
