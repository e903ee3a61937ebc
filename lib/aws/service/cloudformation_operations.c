/*
 * Operations on stacks but those of change sets, and waiting for their end.
 */
#include "aws/service/cloudformation_internal.h"

/* The SDKs' waiters look every 30 s, for an hour or two. */
#define LOOK_FIRST_MS	1000
#define LOOK_SLOWEST_MS 30000
#define PATIENCE_MS	(2 * 3600 * 1000LL)

int cloudformation_delete(struct aws_client *c, const char *stack,
			  const struct stack_deletion *how, struct fp_error *err)
{
	static const struct stack_deletion plain = { 0 };
	FP_AUTO(json_freep) cJSON *in = cloudformation_input(stack);

	how = how ? how : &plain;
	aws_put_list(in, "RetainResources", how->retain);
	json_set_str(in, "RoleARN", how->role);
	aws_put_token(in, "ClientRequestToken", how->token);
	json_set_str(in, "DeletionMode", how->force ? "FORCE_DELETE_STACK" : NULL);
	cloudformation_put_config(in, how->config);
	return aws_call(c, &cloudformation_api, "DeleteStack", in, NULL, err);
}

int cloudformation_cancel_update(struct aws_client *c, const char *stack,
				 const char *token, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = cloudformation_input(stack);

	aws_put_token(in, "ClientRequestToken", token);
	return aws_call(c, &cloudformation_api, "CancelUpdateStack", in, NULL, err);
}

static const struct rollback simple = { 0 };

int cloudformation_continue_rollback(struct aws_client *c, const char *stack,
				     const struct rollback *how, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = cloudformation_input(stack);

	how = how ? how : &simple;
	json_set_str(in, "RoleARN", how->role);
	aws_put_list(in, "ResourcesToSkip", how->skip);
	aws_put_flag(in, "ForceRollback", how->force);
	aws_put_token(in, "ClientRequestToken", how->token);
	return aws_call(c, &cloudformation_api, "ContinueUpdateRollback", in, NULL, err);
}

int cloudformation_rollback(struct aws_client *c, const char *stack,
			    const struct rollback *how, char **operation_id,
			    struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = cloudformation_input(stack), *answer = NULL;
	const char *id;

	how = how ? how : &simple;
	json_set_str(in, "RoleARN", how->role);
	aws_put_token(in, "ClientRequestToken", how->token);
	json_set_bool(in, "RetainExceptOnCreate", true);
	cloudformation_put_config(in, how->config);
	if (aws_call(c, &cloudformation_api, "RollbackStack", in, &answer, err) < 0)
		return -1;
	id = json_str(answer, "OperationId", NULL);
	if (operation_id)
		*operation_id = id ? xstrdup(id) : NULL;
	return 0;
}

struct stack_look {
	struct aws_client *c;
	const char *stack;
};

static int look(void *ctx, cJSON **found, struct fp_error *err)
{
	const struct stack_look *l = ctx;

	return cloudformation_stack(l->c, l->stack, found, err);
}

/* A stack that is only announced waits for its change set: nothing runs on it. */
static bool is_idle(const cJSON *stack)
{
	const char *status = json_str(stack, "StackStatus", "");

	return !str_ends(status, "_IN_PROGRESS") || str_eq(status, "REVIEW_IN_PROGRESS");
}

int cloudformation_wait(struct aws_client *c, const char *stack, const char *want,
			const struct aws_patience *patience, cJSON **out,
			struct fp_error *err)
{
	FP_AUTO(freep) char *what = xasprintf("stack '%s'", stack);
	struct stack_look l = { c, stack };
	struct aws_waiter w = { .what = what,
				.look = look,
				.ctx = &l,
				.done = is_idle,
				.status = "StackStatus",
				.min_ms = LOOK_FIRST_MS,
				.max_ms = LOOK_SLOWEST_MS,
				.timeout_ms = PATIENCE_MS };
	const char *status, *reason;

	if (aws_wait(&w, patience, out, err) < 0)
		return -1;
	status = json_str(*out, "StackStatus", "DELETE_COMPLETE");
	if (!want || str_eq(status, want))
		return 0;
	reason = json_str(*out, "StackStatusReason", NULL);
	(void)fp_fail(err, FP_ERR_STACK, "%s is %s, not %s%s%s", what, status, want,
		      reason ? ": " : "", str_or(reason, ""));
	json_freep(out);
	return -1;
}
