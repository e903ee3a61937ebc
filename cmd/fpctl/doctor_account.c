/* Who one is for AWS: settings, credentials, account. */
#include "aws/service/sts.h"
#include "base/clock.h"
#include "base/json.h"
#include "doctor.h"

static void say_setting(struct doctor *d, const char *check, const struct aws_setting *s)
{
	cJSON *j = doctor_say(d, check, DOCTOR_OK, NULL, "%s, from %s", s->value,
			      s->from);

	json_set_str(j, "value", s->value);
	json_set_str(j, "from", s->from);
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
		{ "FIPS", &s->fips },
		{ "dual stack", &s->dualstack },
		{ "S3 addresses", &s->s3_addressing_style },
	};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (others[i].setting->value &&
		    !str_eq(others[i].setting->from, "the default"))
			say_setting(d, others[i].name, others[i].setting);
}

void doctor_settings(struct doctor *d)
{
	struct fp_error err = { 0 };

	if (app_aws(d->app, &err) < 0) {
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
	say_setting(d, "profile", &d->settings->profile);
	say_setting(d, "region", &d->settings->region);
	say_others(d);
}

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
		doctor_detail(d, "%s: %s", s->provider, s->why);
	}
}

static const char *provider_of(const struct cred_report *report)
{
	for (size_t i = 0; i < report->n; i++)
		if (report->v[i].result == CRED_FOUND)
			return report->v[i].provider;
	return "?";
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

void doctor_credentials(struct doctor *d)
{
	FP_AUTO(aws_credentials_release) struct aws_credentials creds = { 0 };
	FP_AUTO(cred_report_release) struct cred_report report = { 0 };
	struct fp_error err = { 0 };
	cJSON *j;

	if (!d->settings)
		return;
	if (d->app->global.local) {
		d->has_credentials = true;
		doctor_say(d, "credentials", DOCTOR_OK, NULL, "the emulator's own");
		return;
	}
	d->has_credentials = aws_client_credential_report(d->app->aws, &report, &err) ==
				     0 &&
			     aws_client_credentials(d->app->aws, &creds, &err) == 0;
	if (d->has_credentials)
		j = say_found(d, &creds, provider_of(&report));
	else
		j = doctor_say(
			d, "credentials", DOCTOR_FAIL,
			"choose a profile with --profile, sign in ('aws sso login', "
			"'aws login'), or set AWS_ACCESS_KEY_ID and "
			"AWS_SECRET_ACCESS_KEY; with no account: --local",
			"%s", err.message);
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
}

void doctor_identity(struct doctor *d)
{
	FP_AUTO(sts_identity_release) struct sts_identity id = { 0 };
	struct fp_error err = { 0 };

	if (!d->has_credentials)
		return;
	if (sts_caller(d->app->aws, &id, &err) < 0) {
		d->has_credentials = false;
		doctor_say_error(d, "identity", DOCTOR_FAIL, NULL, &err);
		return;
	}
	say_identity(d, &id);
}
