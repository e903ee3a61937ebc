/*
 * Change sets.
 */
#include "aws/service/cloudformation_internal.h"

#define LOOK_FIRST_MS	250
#define LOOK_SLOWEST_MS 5000
#define PATIENCE_MS	(3600 * 1000LL)

/* A parameter without a value keeps the one that the stack has. */
static void put_params(cJSON *in, const struct map *params)
{
	aws_put_pairs(in, "Parameters", params, "ParameterKey", "ParameterValue");
	json_each (p, json_get(in, "Parameters"))
		if (!json_get(p, "ParameterValue"))
			json_set_bool(p, "UsePreviousValue", true);
}

static cJSON *describe_input(const struct change_set *s)
{
	cJSON *in = cloudformation_input(s->stack);

	json_set_str(in, "ChangeSetName", s->name);
	json_set_str(in, "ChangeSetType", s->type);
	json_set_str(in, "TemplateBody", s->body);
	json_set_str(in, "TemplateURL", s->url);
	aws_put_flag(in, "UsePreviousTemplate", !s->body && !s->url);
	put_params(in, s->params);
	aws_put_pairs(in, "Tags", s->tags, "Key", "Value");
	if (s->capability)
		json_push_str(json_set_array(in, "Capabilities"), s->capability);
	json_set_str(in, "RoleARN", s->role);
	aws_put_token(in, "ClientToken", s->token);
	json_set_str(in, "Description", s->description);
	json_set_str(in, "OnStackFailure", s->on_failure);
	aws_put_flag(in, "ImportExistingResources", s->import_existing);
	json_set_str(in, "DeploymentMode", s->revert_drift ? "REVERT_DRIFT" : NULL);
	cloudformation_put_config(in, s->config);
	return in;
}

int cloudformation_create_change_set(struct aws_client *c, const struct change_set *s,
				     char **stack_id, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = describe_input(s), *answer = NULL;

	if (aws_call(c, &cloudformation_api, "CreateChangeSet", in, &answer, err) < 0)
		return -1;
	*stack_id = xstrdup(json_str(answer, "StackId", s->stack));
	return 0;
}

static cJSON *change_set_input(const char *stack, const char *name)
{
	cJSON *in = cloudformation_input(stack);

	json_set_str(in, "ChangeSetName", name);
	return in;
}

int cloudformation_change_set(struct aws_client *c, const char *stack, const char *name,
			      cJSON **out, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = change_set_input(stack, name);

	return aws_call(c, &cloudformation_api, "DescribeChangeSet", in, out, err);
}

/* The first page is kept; the changes of the others go behind its own. */
static bool join_changes(void *ctx, cJSON *page)
{
	cJSON *from = cJSON_DetachItemFromObjectCaseSensitive(page, "Changes");
	cJSON **whole = ctx;

	if (!*whole) {
		*whole = cJSON_Duplicate(page, true);
		(void)json_set_array(*whole, "Changes");
	}
	(void)aws_move_items(json_get(*whole, "Changes"), from, SIZE_MAX);
	cJSON_Delete(from);
	return true;
}

int cloudformation_changes(struct aws_client *c, const char *stack, const char *name,
			   bool values, cJSON **out, struct fp_error *err)
{
	static const struct aws_pages pages = { .api = &cloudformation_api,
						.action = "DescribeChangeSet" };
	FP_AUTO(json_freep) cJSON *in = change_set_input(stack, name), *whole = NULL;

	*out = NULL;
	aws_put_flag(in, "IncludePropertyValues", values);
	if (aws_paginate(c, &pages, in, join_changes, &whole, err) < 0)
		return -1;
	cJSON_DeleteItemFromObjectCaseSensitive(whole, "NextToken");
	*out = whole;
	whole = NULL;
	return 0;
}

int cloudformation_change_sets(struct aws_client *c, const char *stack, cJSON **out,
			       struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = cloudformation_input(stack);

	return cloudformation_collect(c, "ListChangeSets", in, "Summaries", out, err);
}

int cloudformation_delete_change_set(struct aws_client *c, const char *stack,
				     const char *name, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = change_set_input(stack, name);

	return aws_call(c, &cloudformation_api, "DeleteChangeSet", in, NULL, err);
}

int cloudformation_execute(struct aws_client *c, const char *stack, const char *name,
			   const char *token, bool disable_rollback, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = change_set_input(stack, name);

	aws_put_token(in, "ClientRequestToken", token);
	aws_put_flag(in, "DisableRollback", disable_rollback);
	aws_put_flag(in, "RetainExceptOnCreate", !disable_rollback);
	return aws_call(c, &cloudformation_api, "ExecuteChangeSet", in, NULL, err);
}

bool cloudformation_is_making(const cJSON *change_set)
{
	const char *status = json_str(change_set, "Status", "");

	return str_eq(status, "CREATE_PENDING") || str_eq(status, "CREATE_IN_PROGRESS");
}

bool cloudformation_is_empty(const cJSON *change_set)
{
	const char *reason = json_str(change_set, "StatusReason", "");

	return str_eq(json_str(change_set, "Status", ""), "FAILED") &&
	       (strstr(reason, "didn't contain changes") ||
		strstr(reason, "No updates are to be performed"));
}

struct change_look {
	struct aws_client *c;
	const char *stack, *name;
};

static int look(void *ctx, cJSON **found, struct fp_error *err)
{
	const struct change_look *l = ctx;

	return cloudformation_change_set(l->c, l->stack, l->name, found, err);
}

static bool is_made(const cJSON *change_set)
{
	return !cloudformation_is_making(change_set);
}

int cloudformation_wait_change_set(struct aws_client *c, const char *stack,
				   const char *name, const struct aws_patience *patience,
				   cJSON **out, struct fp_error *err)
{
	FP_AUTO(freep)
	char *what = xasprintf("change set '%s' of stack '%s'", name, stack);
	struct change_look l = { c, stack, name };
	struct aws_waiter w = { .what = what,
				.look = look,
				.ctx = &l,
				.done = is_made,
				.status = "Status",
				.min_ms = LOOK_FIRST_MS,
				.max_ms = LOOK_SLOWEST_MS,
				.timeout_ms = PATIENCE_MS };

	return aws_wait(&w, patience, out, err);
}
