#include "aws/credentials/role.h"

#include "base/clock.h"
#include "base/json.h"
#include "wire/arn.h"

static char *cache_name(const struct sts_role *role)
{
	char duration[24];
	struct cred_arg args[] = {
		{ "DurationSeconds", role->duration_s ? duration : NULL, true },
		{ "ExternalId", role->external_id, false },
		{ "RoleArn", role->role_arn, false },
		{ "RoleSessionName", role->session_name, false },
		{ "SerialNumber", role->mfa_serial, false },
	};

	(void)snprintf(duration, sizeof(duration), "%lld", (long long)role->duration_s);
	return cred_cache_name(args, ARRAY_SIZE(args), false);
}

bool role_cached(struct aws_credentials *out, const struct cred_context *c,
		 const struct sts_role *role)
{
	FP_AUTO(freep) char *name = cache_name(role);

	return cred_cache_read(out, c, name);
}

static void cache(const struct cred_context *c, const struct sts_role *role,
		  const struct sts_session *s)
{
	FP_AUTO(freep) char *name = cache_name(role);
	FP_AUTO(json_freep) cJSON *more = cJSON_CreateObject();
	cJSON *user = json_set_object(more, "AssumedRoleUser");
	struct arn arn;

	json_set_str(user, "AssumedRoleId", s->id);
	json_set_str(user, "Arn", s->arn);
	cred_cache_write(c, name, &s->credentials,
			 arn_parse(&arn, s->arn) ? arn.account : NULL, more);
}

int role_assume(struct aws_credentials *out, const struct cred_context *c,
		const struct sts_role *role, const struct aws_credentials *source,
		struct fp_error *err)
{
	FP_AUTO(freep)
	char *made_up = xasprintf("fpctl-session-%lld",
				  (long long)(clock_now_ms() / 1000));
	FP_AUTO(aws_client_freep) struct aws_client *client = NULL;
	FP_AUTO(sts_session_release) struct sts_session session = { 0 };
	struct aws_options options = cred_client_options(c);
	struct sts_role named = *role;
	int rc;

	if (!named.session_name)
		named.session_name = made_up;
	options.credentials = source;
	options.anonymous = !source;
	if (aws_client_new(&client, &options, err) < 0)
		return -1;
	rc = source ? sts_assume_role(client, &named, &session, err)
		    : sts_assume_role_with_web_identity(client, &named, &session, err);
	if (rc < 0)
		return -1;
	cache(c, role, &session);
	*out = session.credentials;
	session.credentials = (struct aws_credentials){ 0 };
	return 0;
}
