#include "aws/service/cloudformation.h"

#include "base/json.h"
#include "base/str.h"

/* An answer that always names a next page must not hold us for ever. */
#define MAX_PAGES 10000

static const struct aws_api api = { .service = "cloudformation",
				    .version = "2010-05-15",
				    .protocol = AWS_QUERY };

static cJSON *for_stack(const char *stack)
{
	cJSON *in = cJSON_CreateObject();

	json_set_str(in, "StackName", stack);
	return in;
}

/* The one code stands for all wrong input; only the message tells them apart. */
static bool does_not_exist(const struct fp_error *err)
{
	return str_eq(err->aws_code, "ValidationError") &&
	       strstr(err->message, "does not exist");
}

int cloudformation_stack(struct aws_client *c, const char *stack, cJSON **out,
			 struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = for_stack(stack), *answer = NULL;
	struct fp_error why = { 0 };

	*out = NULL;
	if (aws_call(c, &api, "DescribeStacks", in, &answer, &why) < 0) {
		if (does_not_exist(&why))
			return 0;
		if (err)
			*err = why;
		return -1;
	}
	*out = cJSON_DetachItemFromArray(json_get(answer, "Stacks"), 0);
	if (*out && json_str(*out, "StackStatus", NULL))
		return 0;
	json_freep(out);
	return fp_fail(err, FP_ERR_PROTOCOL,
		       "cloudformation DescribeStacks: the answer has no status of '%s'",
		       stack);
}

int cloudformation_template(struct aws_client *c, const char *stack, struct buf *out,
			    struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = for_stack(stack), *answer = NULL;
	const char *body;

	json_set_str(in, "TemplateStage", "Original");
	if (aws_call(c, &api, "GetTemplate", in, &answer, err) < 0)
		return -1;
	body = json_str(answer, "TemplateBody", NULL);
	if (!body)
		return fp_fail(err, FP_ERR_PROTOCOL,
			       "cloudformation GetTemplate: the answer has no template");
	buf_puts(out, body);
	return 0;
}

static void put_pairs(cJSON *in, const char *list, const struct map *m, const char *key,
		      const char *value)
{
	cJSON *to;

	if (!m || m->n == 0)
		return;
	to = json_set_array(in, list);
	map_each (e, m) {
		cJSON *pair = json_push_object(to);

		json_set_str(pair, key, e->key);
		json_set_str(pair, value, e->value);
	}
}

int cloudformation_create_change_set(struct aws_client *c, const struct change_set *s,
				     char **stack_id, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = for_stack(s->stack), *answer = NULL;
	const char *id;

	json_set_str(in, "ChangeSetName", s->name);
	json_set_str(in, "ChangeSetType", s->type);
	json_set_str(in, "TemplateBody", s->body);
	json_set_str(in, "TemplateURL", s->url);
	json_set_str(in, "ClientToken", s->token);
	put_pairs(in, "Parameters", s->params, "ParameterKey", "ParameterValue");
	put_pairs(in, "Tags", s->tags, "Key", "Value");
	if (s->capability)
		json_push_str(json_set_array(in, "Capabilities"), s->capability);
	if (aws_call(c, &api, "CreateChangeSet", in, &answer, err) < 0)
		return -1;
	id = json_str(answer, "StackId", NULL);
	*stack_id = xstrdup(id ? id : s->stack);
	return 0;
}

static cJSON *for_change_set(const char *stack, const char *name)
{
	cJSON *in = for_stack(stack);

	json_set_str(in, "ChangeSetName", name);
	return in;
}

int cloudformation_change_set(struct aws_client *c, const char *stack, const char *name,
			      cJSON **out, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = for_change_set(stack, name);

	return aws_call(c, &api, "DescribeChangeSet", in, out, err);
}

int cloudformation_delete_change_set(struct aws_client *c, const char *stack,
				     const char *name, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = for_change_set(stack, name);

	return aws_call(c, &api, "DeleteChangeSet", in, NULL, err);
}

int cloudformation_execute(struct aws_client *c, const char *stack, const char *name,
			   const char *token, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = for_change_set(stack, name);

	json_set_str(in, "ClientRequestToken", token);
	json_set_bool(in, "RetainExceptOnCreate", true);
	return aws_call(c, &api, "ExecuteChangeSet", in, NULL, err);
}

int cloudformation_delete(struct aws_client *c, const char *stack, const char *token,
			  struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = for_stack(stack);

	json_set_str(in, "ClientRequestToken", token);
	return aws_call(c, &api, "DeleteStack", in, NULL, err);
}

int cloudformation_protect(struct aws_client *c, const char *stack, bool on,
			   struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = for_stack(stack);

	json_set_bool(in, "EnableTerminationProtection", on);
	return aws_call(c, &api, "UpdateTerminationProtection", in, NULL, err);
}

/*
 * Move the items of one page to `all`. True when the item with the id `after`
 * came: it and what follows are known already.
 */
static bool take_page(cJSON *all, cJSON *page, const char *id_member, const char *after)
{
	cJSON *item;

	while ((item = cJSON_DetachItemFromArray(page, 0))) {
		if (after && str_eq(json_str(item, id_member, NULL), after)) {
			cJSON_Delete(item);
			return true;
		}
		cJSON_AddItemToArray(all, item);
	}
	return false;
}

/* All pages of a list; up to the item `after`, in the service's order. */
static int all_pages(struct aws_client *c, const char *action, cJSON *in,
		     const char *list, const char *id_member, const char *after,
		     cJSON *all, struct fp_error *err)
{
	for (int i = 0; i < MAX_PAGES; i++) {
		FP_AUTO(json_freep) cJSON *answer = NULL;
		const char *next;

		if (aws_call(c, &api, action, in, &answer, err) < 0)
			return -1;
		if (take_page(all, json_get(answer, list), id_member, after))
			return 0;
		next = json_str(answer, "NextToken", "");
		if (!*next)
			return 0;
		json_set_str(in, "NextToken", next);
	}
	return fp_fail(err, FP_ERR_PROTOCOL, "cloudformation %s: the list does not end",
		       action);
}

static void reverse(cJSON *list)
{
	cJSON *turned = cJSON_CreateArray(), *item;

	while ((item = cJSON_DetachItemFromArray(list, 0)))
		(void)cJSON_InsertItemInArray(turned, 0, item);
	while ((item = cJSON_DetachItemFromArray(turned, 0)))
		cJSON_AddItemToArray(list, item);
	cJSON_Delete(turned);
}

int cloudformation_events(struct aws_client *c, const char *stack, const char *after,
			  cJSON **out, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = for_stack(stack), *all = cJSON_CreateArray();

	struct fp_error why = { 0 };

	*out = NULL;
	if (all_pages(c, "DescribeStackEvents", in, "StackEvents", "EventId", after, all,
		      &why) < 0) {
		if (does_not_exist(&why))
			return 0;
		if (err)
			*err = why;
		return -1;
	}
	reverse(all);
	*out = all;
	all = NULL;
	return 0;
}

int cloudformation_stacks(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject(), *all = cJSON_CreateArray();

	*out = NULL;
	if (all_pages(c, "DescribeStacks", in, "Stacks", "StackId", NULL, all, err) < 0)
		return -1;
	*out = all;
	all = NULL;
	return 0;
}

int cloudformation_resources(struct aws_client *c, const char *stack, cJSON **out,
			     struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = for_stack(stack), *all = cJSON_CreateArray();

	if (all_pages(c, "ListStackResources", in, "StackResourceSummaries",
		      "LogicalResourceId", NULL, all, err) < 0)
		return -1;
	*out = all;
	all = NULL;
	return 0;
}

int cloudformation_findings(struct aws_client *c, const char *stack,
			    const char *change_set, struct buf *out, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = for_change_set(stack, change_set);
	FP_AUTO(json_freep) cJSON *all = cJSON_CreateArray();

	json_set_bool(json_set_object(in, "Filters"), "FailedEvents", true);
	if (all_pages(c, "DescribeEvents", in, "OperationEvents", "EventId", NULL, all,
		      err) < 0)
		return -1;
	json_each (e, all) {
		const char *path = json_str(e, "ValidationPath", NULL);
		const char *reason = json_str(e, "ValidationStatusReason", NULL);

		if (!reason)
			continue;
		buf_printf(out, "%s%s%s%s", out->len ? "; " : "",
			   str_or(path, json_str(e, "LogicalResourceId", "")),
			   path ? ": " : " ", reason);
	}
	return 0;
}
