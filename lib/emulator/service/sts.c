#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/auth.h"
#include "emulator/bus.h"
#include "wire/arn.h"

#define DEFAULT_LIFETIME_S 3600
#define SHORTEST_S	   900
#define LONGEST_S	   43200
#define SESSION_NAME_MAX   64

/* "arn:aws:sts::000000000000:assumed-role/ROLE/SESSION" -> "AROA...:SESSION". */
static char *user_id(const struct call *c)
{
	const char *session = strrchr(c->caller_arn, '/');

	if (!session)
		return xstrdup(c->emu->account);
	return xasprintf("AROAFPCTLLOCALROLE000:%s", session + 1);
}

static int get_caller_identity(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(freep) char *id = user_id(c);

	(void)in;
	json_set_str(out, "UserId", id);
	json_set_str(out, "Account", c->emu->account);
	json_set_str(out, "Arn", c->caller_arn);
	return 0;
}

static bool is_session_name(const char *s)
{
	size_t n = strlen(s);

	return n >= 2 && n <= SESSION_NAME_MAX &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			 "_+=,.@-") == n;
}

static int check_role(struct call *c, const char *role_arn)
{
	FP_AUTO(json_freep) cJSON *query = cJSON_CreateObject();
	const char *slash = strrchr(role_arn, '/');
	struct arn arn;

	if (!arn_parse(&arn, role_arn) || !str_eq(arn.service, "iam") ||
	    !str_starts(arn.resource, "role/"))
		return fault_set(&c->fault, 400, "ValidationError", "%s is invalid",
				 role_arn);
	json_set_str(query, "RoleName", slash + 1);
	if (bus_call(c, "iam", "GetRole", query, NULL) < 0)
		return fault_set(&c->fault, 403, "AccessDenied",
				 "%s%s is not authorized to perform: sts:%s on resource: "
				 "%s",
				 *c->caller_arn ? "User: " : "Whoever holds the token",
				 c->caller_arn, c->action, role_arn);
	return 0;
}

/* A session for whoever may have it: the credentials part of the answer. */
static int give_session(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(aws_credentials_release) struct aws_credentials creds = { 0 };
	const char *role = json_str(in, "RoleArn", "");
	const char *session = json_str(in, "RoleSessionName", "");
	int64_t lifetime = json_int(in, "DurationSeconds", DEFAULT_LIFETIME_S);
	FP_AUTO(freep) char *arn = auth_session_arn(c->emu, role, session);
	struct fp_error err = { 0 };
	cJSON *part;
	char expires[25];

	if (!is_session_name(session))
		return fault_set(&c->fault, 400, "ValidationError",
				 "RoleSessionName must have 2 to 64 letters, digits or "
				 "_+=,.@-");
	if (lifetime < SHORTEST_S || lifetime > LONGEST_S)
		return fault_set(&c->fault, 400, "ValidationError",
				 "DurationSeconds must be from %d to %d", SHORTEST_S,
				 LONGEST_S);
	if (check_role(c, role) < 0)
		return -1;
	if (auth_issue_session(c->emu, role, session, lifetime * 1000, &creds, &err) < 0)
		return fault_from(&c->fault, &err);
	time_iso(expires, creds.expires_ms);
	part = json_set_object(out, "Credentials");
	json_set_str(part, "AccessKeyId", creds.access_key_id);
	json_set_str(part, "SecretAccessKey", creds.secret_access_key);
	json_set_str(part, "SessionToken", creds.session_token);
	json_set_str(part, "Expiration", expires);
	part = json_set_object(out, "AssumedRoleUser");
	json_set_fmt(part, "AssumedRoleId", "AROAFPCTLLOCALROLE000:%s", session);
	json_set_str(part, "Arn", arn);
	return 0;
}

/* One of the parts between a token's dots: base64 for URLs, of a JSON object. */
static cJSON *token_part(const char *text, size_t n)
{
	FP_AUTO(buf_release) struct buf plain = BUF_INIT, json = BUF_INIT;
	cJSON *j;

	for (size_t i = 0; i < n; i++)
		buf_putc(&plain, text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i]);
	while (plain.len % 4)
		buf_putc(&plain, '=');
	if (n == 0 || !base64_decode(&json, buf_str(&plain), plain.len))
		return NULL;
	j = json_parse(buf_str(&json), json.len, "the token", NULL);
	if (cJSON_IsObject(j))
		return j;
	json_freep(&j);
	return NULL;
}

/* The claims of a JWT, "HEADER.CLAIMS.SIGNATURE". Nobody's keys are known here, so its
 * signature is not looked at. */
static cJSON *token_claims(const char *token)
{
	const char *dot = strchr(token, '.'), *last = strrchr(token, '.');
	FP_AUTO(json_freep) cJSON *header = NULL;

	if (!dot || dot == last || !last[1] ||
	    memchr(dot + 1, '.', (size_t)(last - dot - 1)))
		return NULL;
	header = token_part(token, (size_t)(dot - token));
	return header ? token_part(dot + 1, (size_t)(last - dot - 1)) : NULL;
}

static int assume_role_with_web_identity(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(json_freep)
	cJSON *claims = token_claims(json_str(in, "WebIdentityToken", ""));
	int64_t expires_s = json_int(claims, "exp", 0);

	if (!claims)
		return fault_set(&c->fault, 400, "InvalidIdentityToken",
				 "The ID Token provided is not a valid JWT");
	if (expires_s && expires_s * 1000 < clock_now_ms())
		return fault_set(&c->fault, 400, "ExpiredTokenException",
				 "Token expired: current date/time must be before the "
				 "expiration date/time");
	if (give_session(c, in, out) < 0)
		return -1;
	json_set_str(out, "SubjectFromWebIdentityToken", json_str(claims, "sub", NULL));
	json_set_str(out, "Audience", json_str(claims, "aud", NULL));
	json_set_str(out, "Provider", json_str(claims, "iss", NULL));
	return 0;
}

static const struct operation operations[] = {
	{ "GetCallerIdentity", get_caller_identity },
	{ "AssumeRole", give_session },
	{ "AssumeRoleWithWebIdentity", assume_role_with_web_identity },
	{ NULL, NULL },
};

extern const struct service service_sts;
const struct service service_sts = {
	.name = "sts",
	.protocol = SERVICE_QUERY,
	.xmlns = "https://sts.amazonaws.com/doc/2011-06-15/",
	.operations = operations,
	.open_operation = "AssumeRoleWithWebIdentity",
};
