#include "base/json.h"
#include "base/str.h"
#include "emulator/common.h"
#include "emulator/service/lambda.h"

#define MAX_POLICY 20480

static cJSON *find_statement(const cJSON *policy, const char *sid)
{
	json_each (s, json_get(policy, "Statement"))
		if (str_eq(json_str(s, "Sid", NULL), sid))
			return s;
	return NULL;
}

static void add_principal(cJSON *statement, const char *principal)
{
	if (str_eq(principal, "*"))
		json_set_str(statement, "Principal", "*");
	else if (str_ends(principal, ".amazonaws.com"))
		json_set_str(json_set_object(statement, "Principal"), "Service",
			     principal);
	else if (strlen(principal) == 12 && strspn(principal, "0123456789") == 12)
		json_set_fmt(json_set_object(statement, "Principal"), "AWS",
			     "arn:aws:iam::%s:root", principal);
	else
		json_set_str(json_set_object(statement, "Principal"), "AWS", principal);
}

static void add_condition(cJSON *statement, const char *op, const char *key,
			  const char *value)
{
	cJSON *condition = json_get(statement, "Condition"), *object;

	if (!value)
		return;
	if (!condition)
		condition = json_set_object(statement, "Condition");
	object = cJSON_GetObjectItemCaseSensitive(condition, op);
	if (!object)
		object = json_set_object(condition, op);
	cJSON_AddStringToObject(object, key, value);
}

static cJSON *make_statement(const struct lambda_function *f, const cJSON *in)
{
	cJSON *s = cJSON_CreateObject();

	json_set_str(s, "Sid", json_str(in, "StatementId", ""));
	json_set_str(s, "Effect", "Allow");
	add_principal(s, json_str(in, "Principal", ""));
	json_set_str(s, "Action", json_str(in, "Action", ""));
	json_set_str(s, "Resource", json_str(f->config, "FunctionArn", ""));
	add_condition(s, "StringEquals", "AWS:SourceAccount",
		      json_str(in, "SourceAccount", NULL));
	add_condition(s, "ArnLike", "AWS:SourceArn", json_str(in, "SourceArn", NULL));
	add_condition(s, "StringEquals", "aws:PrincipalOrgID",
		      json_str(in, "PrincipalOrgID", NULL));
	add_condition(s, "StringEquals", "lambda:EventSourceToken",
		      json_str(in, "EventSourceToken", NULL));
	return s;
}

struct policy_change {
	const cJSON *in;
	cJSON *out;
};

static int add_permission(struct call *c, struct lambda_function *f, void *ctx)
{
	struct policy_change *p = ctx;
	const char *sid = json_str(p->in, "StatementId", "");
	FP_AUTO(freep) char *text = NULL, *policy = NULL;
	cJSON *statement;

	if (find_statement(f->policy, sid))
		return fault_set(
			&c->fault, 409, "ResourceConflictException",
			"The statement id (%s) provided already exists. Please provide "
			"a new statement id, or remove the existing statement.",
			sid);
	if (!f->policy) {
		f->policy = cJSON_CreateObject();
		json_set_str(f->policy, "Version", "2012-10-17");
		json_set_str(f->policy, "Id", "default");
		(void)json_set_array(f->policy, "Statement");
	}
	statement = make_statement(f, p->in);
	cJSON_AddItemToArray(json_get(f->policy, "Statement"), statement);
	text = json_text(statement);
	policy = json_text(f->policy);
	if (strlen(policy) > MAX_POLICY)
		return fault_set(
			&c->fault, 400, "PolicyLengthExceededException",
			"The final policy size (%zu) is bigger than the limit (%d).",
			strlen(policy), MAX_POLICY);
	json_set_str(p->out, "Statement", text);
	return 0;
}

int lambda_AddPermission(struct call *c, const cJSON *in, cJSON *out)
{
	static const char *const known[] = {
		"FunctionName",	    "StatementId", "Action",
		"Principal",	    "SourceArn",   "SourceAccount",
		"EventSourceToken", "Qualifier",   "RevisionId",
		"PrincipalOrgID",   NULL
	};
	struct policy_change p = { in, out };

	if (!require_str(c, in, "StatementId", "ValidationException") ||
	    !require_str(c, in, "Principal", "ValidationException") ||
	    !require_str(c, in, "Action", "ValidationException") ||
	    refuse_unsupported(c, "AddPermission", in, known) < 0)
		return -1;
	return lambda_change(c, in, add_permission, &p);
}

static int no_policy(struct call *c)
{
	return fault_set(&c->fault, 404, "ResourceNotFoundException",
			 "No policy is associated with the given resource.");
}

static int remove_permission(struct call *c, struct lambda_function *f, void *ctx)
{
	const struct policy_change *p = ctx;
	cJSON *s = find_statement(f->policy, json_str(p->in, "StatementId", ""));

	if (!f->policy)
		return no_policy(c);
	if (!s)
		return fault_set(&c->fault, 404, "ResourceNotFoundException",
				 "Statement %s is not found in resource policy.",
				 json_str(p->in, "StatementId", ""));
	cJSON_Delete(cJSON_DetachItemViaPointer(json_get(f->policy, "Statement"), s));
	if (!json_get(f->policy, "Statement")->child) {
		cJSON_Delete(f->policy);
		f->policy = NULL;
	}
	return 0;
}

int lambda_RemovePermission(struct call *c, const cJSON *in, cJSON *out)
{
	struct policy_change p = { in, out };

	return lambda_change(c, in, remove_permission, &p);
}

int lambda_GetPolicy(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(lambda_function_release) struct lambda_function f = LAMBDA_FUNCTION_INIT;
	FP_AUTO(freep) char *text = NULL;

	if (lambda_load(c, &f, json_str(in, "FunctionName", NULL),
			json_str(in, "Qualifier", NULL)) < 0)
		return -1;
	if (!f.policy)
		return no_policy(c);
	text = json_text(f.policy);
	json_set_str(out, "Policy", text);
	json_set_str(out, "RevisionId", json_str(f.config, "RevisionId", ""));
	return 0;
}

int lambda_FpctlMayInvoke(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(lambda_function_release) struct lambda_function f = LAMBDA_FUNCTION_INIT;

	if (lambda_load(c, &f, json_str(in, "FunctionName", NULL),
			json_str(in, "Qualifier", NULL)) < 0)
		return -1;
	json_set_bool(out, "Allowed",
		      policy_allows(f.policy, json_str(in, "Principal", ""),
				    "lambda:InvokeFunction",
				    json_str(in, "SourceArn", ""),
				    json_str(in, "SourceAccount", "")));
	return 0;
}
