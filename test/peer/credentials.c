/*
 * What the chain finds in this process's environment, as one JSON object:
 *   credentials [--profile NAME] [--region NAME]
 * TEST_MFA_CODE is what the user types when she is asked.
 */
#include "aws/credentials.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"

static char *type_code(void *ctx FP_UNUSED, const char *prompt FP_UNUSED)
{
	const char *code = getenv("TEST_MFA_CODE");

	return code ? xstrdup(code) : NULL;
}

static const char *const results[] = {
	[CRED_FOUND] = "found", [CRED_NONE] = "none", [CRED_ERROR] = "error"
};

static void add_report(cJSON *out, const struct cred_report *report)
{
	cJSON *list = json_set_array(out, "report");

	for (size_t i = 0; i < report->n; i++) {
		cJSON *step = json_push_object(list);

		json_set_str(step, "provider", report->v[i].provider);
		json_set_str(step, "result", results[report->v[i].result]);
		json_set_str(step, "why", report->v[i].why);
	}
}

static void add_credentials(cJSON *out, const struct aws_credentials *creds,
			    const char *provider)
{
	char at[25];

	json_set_str(out, "access_key_id", creds->access_key_id);
	json_set_str(out, "secret_access_key", creds->secret_access_key);
	json_set_str(out, "session_token", creds->session_token);
	if (creds->expires_ms) {
		time_iso(at, creds->expires_ms);
		json_set_str(out, "expires", at);
	}
	json_set_str(out, "provider", provider);
}

int main(int argc, char **argv)
{
	FP_AUTO(aws_credentials_release) struct aws_credentials creds = { 0 };
	FP_AUTO(cred_report_release) struct cred_report report = { 0 };
	FP_AUTO(json_freep) cJSON *out = cJSON_CreateObject();
	FP_AUTO(freep) char *text = NULL;
	struct aws_env env = aws_env_process();
	struct cred_question q = { .env = &env };
	struct fp_error err = { 0 };
	const char *provider = NULL;

	for (int i = 1; i + 1 < argc; i += 2) {
		if (str_eq(argv[i], "--profile"))
			env.profile = argv[i + 1];
		else if (str_eq(argv[i], "--region"))
			q.region = argv[i + 1];
	}
	env.ask = type_code;
	if (cred_resolve(&creds, &provider, &q, &report, &err) < 0)
		json_set_str(out, "error", err.message);
	else
		add_credentials(out, &creds, provider);
	add_report(out, &report);
	text = json_text(out);
	return puts(text) < 0;
}
