/*
 * Stacks as they are: reading them, and what they are protected by.
 */
#include "aws/service/cloudformation_internal.h"

/* Setting what is set, and deleting what is gone, do no harm. */
static const char *const harmless[] = { "DeleteChangeSet", "UpdateTerminationProtection",
					"DetectStackDrift", NULL };

const struct aws_api cloudformation_api = { .service = "cloudformation",
					    .version = "2010-05-15",
					    .protocol = AWS_QUERY,
					    .repeatable = harmless };

cJSON *cloudformation_input(const char *stack)
{
	return aws_input("StackName", stack);
}

void cloudformation_put_config(cJSON *in, const struct deployment_config *config)
{
	cJSON *to;

	if (!config)
		return;
	to = json_set_object(in, "DeploymentConfig");
	json_set_str(to, "Mode", config->express ? "EXPRESS" : "STANDARD");
	json_set_bool(to, "DisableRollback", config->disable_rollback);
}

int cloudformation_collect(struct aws_client *c, const char *action, cJSON *in,
			   const char *list, cJSON **out, struct fp_error *err)
{
	struct aws_pages pages = { .api = &cloudformation_api,
				   .action = action,
				   .list = list };

	return aws_collect(c, &pages, in, 0, out, err);
}

bool cloudformation_is_absent(const struct fp_error *err)
{
	return str_eq(err->aws_code, "ValidationError") &&
	       strstr(err->message, "does not exist");
}

int cloudformation_stack(struct aws_client *c, const char *stack, cJSON **out,
			 struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = cloudformation_input(stack), *answer = NULL;
	struct fp_error why = { 0 };

	*out = NULL;
	if (aws_call(c, &cloudformation_api, "DescribeStacks", in, &answer, &why) < 0)
		return cloudformation_is_absent(&why) ? 0 : aws_pass_error(err, &why);
	*out = cJSON_DetachItemFromArray(json_get(answer, "Stacks"), 0);
	if (*out && json_str(*out, "StackStatus", NULL))
		return 0;
	json_freep(out);
	return fp_fail(err, FP_ERR_PROTOCOL,
		       "cloudformation DescribeStacks: the answer has no status of '%s'",
		       stack);
}

int cloudformation_stacks(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	return cloudformation_collect(c, "DescribeStacks", in, "Stacks", out, err);
}

int cloudformation_list(struct aws_client *c, const struct strs *statuses, cJSON **out,
			struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	aws_put_list(in, "StackStatusFilter", statuses);
	return cloudformation_collect(c, "ListStacks", in, "StackSummaries", out, err);
}

int cloudformation_template_of(struct aws_client *c, const char *stack,
			       const char *change_set, bool processed, struct buf *out,
			       struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = cloudformation_input(stack);
	FP_AUTO(freep) char *body = NULL;

	json_set_str(in, "ChangeSetName", change_set);
	json_set_str(in, "TemplateStage", processed ? "Processed" : "Original");
	if (aws_call_for_text(c, &cloudformation_api, "GetTemplate", in, "TemplateBody",
			      &body, err) < 0)
		return -1;
	buf_puts(out, body);
	return 0;
}

int cloudformation_template(struct aws_client *c, const char *stack, struct buf *out,
			    struct fp_error *err)
{
	return cloudformation_template_of(c, stack, NULL, false, out, err);
}

int cloudformation_resources(struct aws_client *c, const char *stack, cJSON **out,
			     struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = cloudformation_input(stack);

	return cloudformation_collect(c, "ListStackResources", in,
				      "StackResourceSummaries", out, err);
}

int cloudformation_account_limits(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	return cloudformation_collect(c, "DescribeAccountLimits", in, "AccountLimits",
				      out, err);
}

int cloudformation_exports(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	return cloudformation_collect(c, "ListExports", in, "Exports", out, err);
}

int cloudformation_imports(struct aws_client *c, const char *export, cJSON **out,
			   struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = aws_input("ExportName", export);
	struct fp_error why = { 0 };

	if (cloudformation_collect(c, "ListImports", in, "Imports", out, &why) == 0)
		return 0;
	/* That nobody imports it is an error to CloudFormation. */
	if (!str_eq(why.aws_code, "ValidationError") ||
	    !strstr(why.message, "is not imported by any stack"))
		return aws_pass_error(err, &why);
	*out = cJSON_CreateArray();
	return 0;
}

int cloudformation_protect(struct aws_client *c, const char *stack, bool on,
			   struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = cloudformation_input(stack);

	json_set_bool(in, "EnableTerminationProtection", on);
	return aws_call(c, &cloudformation_api, "UpdateTerminationProtection", in, NULL,
			err);
}
