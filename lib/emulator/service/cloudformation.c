#include "emulator/service/cloudformation.h"

static const struct operation operations[] = {
	{ "ContinueUpdateRollback", engine_continue_rollback },
	{ "CreateChangeSet", engine_create_change_set },
	{ "CreateStack", engine_create_stack },
	{ "DeleteChangeSet", engine_delete_change_set },
	{ "DeleteStack", engine_delete_stack },
	{ "DescribeAccountLimits", engine_describe_limits },
	{ "DescribeChangeSet", engine_describe_change_set },
	{ "DescribeEvents", engine_describe_operation_events },
	{ "DescribeStackEvents", engine_describe_events },
	{ "DescribeStackResource", engine_describe_resource },
	{ "DescribeStackResources", engine_describe_resources },
	{ "DescribeStacks", engine_describe_stacks },
	{ "ExecuteChangeSet", engine_execute_change_set },
	{ "GetTemplate", engine_get_template },
	{ "GetTemplateSummary", engine_get_template_summary },
	{ "ListChangeSets", engine_list_change_sets },
	{ "ListExports", engine_list_exports },
	{ "ListImports", engine_list_imports },
	{ "ListStackResources", engine_list_resources },
	{ "ListStacks", engine_list_stacks },
	{ "UpdateStack", engine_update_stack },
	{ "UpdateTerminationProtection", engine_protect_stack },
	{ "ValidateTemplate", engine_validate_template },
	/* From the bus alone. */
	{ "FpctlChangeSet", engine_plan_change_set },
	{ "FpctlExecute", engine_execute },
	{ NULL, NULL },
};

/* A resource that is nothing but its name, for templates that need one. */
static int create_handle(const struct resource_request *r, struct resource *out)
{
	out->physical_id = xasprintf("https://cloudformation-waitcondition.invalid/%s/%s",
				     r->stack_name, r->suffix);
	return 0;
}

static int remove_handle(const struct resource_request *r FP_UNUSED,
			 const struct resource *old FP_UNUSED)
{
	return 0;
}

static const struct resource_type resources[] = {
	{ "AWS::CloudFormation::WaitConditionHandle", create_handle, NULL,
	  remove_handle },
	{ NULL, NULL, NULL, NULL },
};

static int start(struct emulator *emu FP_UNUSED, struct fp_error *err FP_UNUSED)
{
	engine_stop(false);
	return 0;
}

static void stop(struct emulator *emu FP_UNUSED)
{
	engine_stop(true);
}

const struct service service_cloudformation = {
	.name = "cloudformation",
	.protocol = SERVICE_QUERY,
	.xmlns = "http://cloudformation.amazonaws.com/doc/2010-05-15/",
	.schema = engine_schema,
	.operations = operations,
	.resources = resources,
	.start = start,
	.stop = stop,
};
