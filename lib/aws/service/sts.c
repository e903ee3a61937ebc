#include "aws/service/sts.h"

#include "base/clock.h"
#include "base/json.h"

/* A session too many does no harm. */
static const struct aws_api sts = { .service = "sts",
				    .version = "2011-06-15",
				    .protocol = AWS_QUERY,
				    .at_least_once = true };

void sts_identity_release(struct sts_identity *id)
{
	free(id->account);
	free(id->arn);
	free(id->user_id);
	*id = (struct sts_identity){ 0 };
}

int sts_caller(struct aws_client *c, struct sts_identity *out, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *answer = NULL;
	const char *account, *arn;

	if (aws_call(c, &sts, "GetCallerIdentity", NULL, &answer, err) < 0)
		return -1;
	account = json_str(answer, "Account", NULL);
	arn = json_str(answer, "Arn", NULL);
	if (!account || !arn)
		return fp_fail(err, FP_ERR_PROTOCOL,
			       "sts GetCallerIdentity: the answer has no account");
	out->account = xstrdup(account);
	out->arn = xstrdup(arn);
	out->user_id = xstrdup(json_str(answer, "UserId", ""));
	return 0;
}

void sts_session_release(struct sts_session *s)
{
	aws_credentials_release(&s->credentials);
	free(s->arn);
	free(s->id);
	*s = (struct sts_session){ 0 };
}

static int read_session(struct sts_session *out, const cJSON *answer, const char *action,
			struct fp_error *err)
{
	const char *id = json_str(answer, "Credentials.AccessKeyId", NULL);
	const char *secret = json_str(answer, "Credentials.SecretAccessKey", NULL);
	const char *token = json_str(answer, "Credentials.SessionToken", NULL);
	const char *expires = json_str(answer, "Credentials.Expiration", NULL);
	int64_t expires_ms;

	if (!id || !secret || !token || !time_parse(expires, &expires_ms))
		return fp_fail(err, FP_ERR_PROTOCOL,
			       "sts %s: the answer has no whole credentials", action);
	aws_credentials_set(&out->credentials, id, secret, token);
	out->credentials.expires_ms = expires_ms;
	out->arn = xstrdup(json_str(answer, "AssumedRoleUser.Arn", ""));
	out->id = xstrdup(json_str(answer, "AssumedRoleUser.AssumedRoleId", ""));
	return 0;
}

static int assume(struct aws_client *c, const char *action, const struct sts_role *role,
		  struct sts_session *out, struct fp_error *err)
{
	FP_AUTO(json_wipe_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_wipe_freep) cJSON *answer = NULL;

	json_set_str(in, "RoleArn", role->role_arn);
	json_set_str(in, "RoleSessionName", role->session_name);
	if (role->duration_s)
		json_set_int(in, "DurationSeconds", role->duration_s);
	json_set_str(in, "ExternalId", role->external_id);
	json_set_str(in, "SerialNumber", role->mfa_serial);
	json_set_str(in, "TokenCode", role->mfa_code);
	json_set_str(in, "WebIdentityToken", role->web_identity_token);
	if (aws_call(c, &sts, action, in, &answer, err) < 0)
		return -1;
	return read_session(out, answer, action, err);
}

int sts_assume_role(struct aws_client *c, const struct sts_role *role,
		    struct sts_session *out, struct fp_error *err)
{
	return assume(c, "AssumeRole", role, out, err);
}

int sts_assume_role_with_web_identity(struct aws_client *c, const struct sts_role *role,
				      struct sts_session *out, struct fp_error *err)
{
	return assume(c, "AssumeRoleWithWebIdentity", role, out, err);
}
