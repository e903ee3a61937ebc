/*
 * What an operation makes of a stack: its resources, events and status. The wire
 * is others' matter.
 */
#include "stacks.h"

/* What an operation does to resources, in which order, and where it ends. */
static const struct {
	const char *name, *first, *second; /* second NULL: delete */
	const char *status, *log;	   /* of the second; or of the first alone */
} scenarios[] = {
	{ "independent ones in the template's order", TOPIC("A", "a") TOPIC("B", "b"), "",
	  "CREATE_COMPLETE", "+A +B " },
	{ "what is needed comes first", USER("A", "B") TOPIC("B", "b"), "",
	  "CREATE_COMPLETE", "+B +A " },
	{ "a failed create is taken back",
	  TOPIC("A", "a") AFTER("B", "A") TOPIC("C", "bad"), "", "ROLLBACK_COMPLETE",
	  "+A +B -B -A " },
	{ "what must be kept outlives a failed create",
	  KEPT("A", "") TOPIC("B", "b") "  C: {Type: AWS::SNS::Topic, DependsOn: [A, B],"
					" Properties: {DisplayName: bad}}\n",
	  "", "ROLLBACK_COMPLETE", "+A +B -B " },
	{ "nothing else is touched", TOPIC("A", "a") TOPIC("B", "b"),
	  TOPIC("A", "a") TOPIC("B", "c"), "UPDATE_COMPLETE", "~B=c " },
	{ "one more and one less", TOPIC("A", "a") TOPIC("B", "b"),
	  TOPIC("A", "a") TOPIC("C", "c"), "UPDATE_COMPLETE", "+C -B " },
	{ "a new name replaces, users follow, the old one goes last",
	  BUCKET("A", "one") USER("B", "A"), BUCKET("A", "two") USER("B", "A"),
	  "UPDATE_COMPLETE", "+A ~B=two -A " },
	{ "another type replaces", TOPIC("A", "a"), BUCKET("A", "bbb"), "UPDATE_COMPLETE",
	  "+A -A " },
	{ "a kept one is replaced and stays",
	  "  A: {Type: AWS::S3::Bucket, UpdateReplacePolicy: Retain, Properties: "
	  "{BucketName: "
	  "one}}\n",
	  BUCKET("A", "two"), "UPDATE_COMPLETE", "+A " },
	{ "a kept one leaves the template and stays", KEPT("A", "") TOPIC("B", "b"),
	  TOPIC("B", "b"), "UPDATE_COMPLETE", "" },
	{ "a failed update gives all back what it had",
	  TOPIC("A", "a") TOPIC("B", "b") TOPIC("C", "c"),
	  TOPIC("A", "x") TOPIC("B", "y") TOPIC("C", "worse"), "UPDATE_ROLLBACK_COMPLETE",
	  "~A=x ~B=y ~A=a ~B=b ~C=c " },
	{ "the way back goes by what was needed before",
	  "  A: {Type: AWS::SNS::Topic, DependsOn: B, Properties: {DisplayName: "
	  "a}}\n" TOPIC("B", "b") TOPIC("C", "c"),
	  TOPIC("A", "x") TOPIC("B", "y") TOPIC("C", "worse"), "UPDATE_ROLLBACK_COMPLETE",
	  "~A=x ~B=y ~B=b ~A=a ~C=c " },
	{ "a failed update takes back new and replaced ones",
	  BUCKET("A", "one") USER("B", "A") TOPIC("D", "d"),
	  BUCKET("A", "two") USER("B", "A") TOPIC("C", "c") TOPIC("D", "worse"),
	  "UPDATE_ROLLBACK_COMPLETE", "+A ~B=two +C ~B=one ~D=d -C -A " },
	{ "a new one that fails", TOPIC("A", "a"), TOPIC("A", "x") TOPIC("B", "bad"),
	  "UPDATE_ROLLBACK_COMPLETE", "~A=x ~A=a " },
	{ "users are deleted first", USER("A", "B") TOPIC("B", "b") TOPIC("C", "c"), NULL,
	  "DELETE_COMPLETE", "-C -A -B " },
	{ "a kept one outlives its stack", KEPT("A", "") TOPIC("B", "b"), NULL,
	  "DELETE_COMPLETE", "-B " },
};

START_TEST(stack_becomes)
{
	const __typeof__(scenarios[0]) *c = &scenarios[_i];
	FP_AUTO(freep) char *first = xasprintf("TemplateBody=Resources:\n%s", c->first);
	FP_AUTO(json_freep) cJSON *created = ASK("CreateStack", "StackName=s", first);
	FP_AUTO(freep) char *id = xstrdup(json_str(created, "StackId", ""));

	ck_assert_msg(created != NULL, "%s: %s", c->name, cloud.call.fault.message);
	if (!c->second || *c->second)
		buf_clear(&done);
	if (!c->second) {
		OK("DeleteStack", "StackName=s");
	} else if (*c->second) {
		FP_AUTO(freep)
		char *second = xasprintf("TemplateBody=Resources:\n%s", c->second);

		OK("UpdateStack", "StackName=s", second);
	}
	has_status(id, c->status);
	ck_assert_msg(str_eq(buf_str(&done), c->log), "%s: '%s' instead of '%s'", c->name,
		      buf_str(&done), c->log);
}
END_TEST

START_TEST(events_tell_the_story)
{
	FP_AUTO(buf_release) struct buf events = BUF_INIT;

	OK("CreateStack", "StackName=s",
	   "TemplateBody=Resources:\n" TOPIC("A", "a") TOPIC("B", "bad"));
	read_events(&events, "s");
	ck_assert_str_eq(buf_str(&events),
			 "s CREATE_IN_PROGRESS, A CREATE_IN_PROGRESS, A CREATE_COMPLETE, "
			 "B CREATE_IN_PROGRESS, B CREATE_FAILED, s ROLLBACK_IN_PROGRESS, "
			 "B DELETE_IN_PROGRESS, B DELETE_COMPLETE, A DELETE_IN_PROGRESS, "
			 "A DELETE_COMPLETE, s ROLLBACK_COMPLETE, ");
	REFUSED("ValidationError",
		"is in ROLLBACK_COMPLETE state and can not be updated.", "UpdateStack",
		"StackName=s", "TemplateBody=Resources:\n" TOPIC("A", "a"));
}
END_TEST

START_TEST(failure_stays_when_asked)
{
	OK("CreateStack", "StackName=s", "DisableRollback=true",
	   "TemplateBody=Resources:\n" TOPIC("A", "a") TOPIC("B", "bad"));
	has_status("s", "CREATE_FAILED");
	OK("UpdateStack", "StackName=s",
	   "TemplateBody=Resources:\n" TOPIC("A", "a") TOPIC("B", "b"));
	has_status("s", "UPDATE_COMPLETE");
	ck_assert_str_eq(buf_str(&done), "+A +B ");
	OK("UpdateStack", "StackName=s", "DisableRollback=true",
	   "TemplateBody=Resources:\n" TOPIC("A", "x") TOPIC("B", "worse"));
	has_status("s", "UPDATE_FAILED");
	OK("UpdateStack", "StackName=s",
	   "TemplateBody=Resources:\n" TOPIC("A", "x") TOPIC("B", "y"));
	has_status("s", "UPDATE_COMPLETE");
	OK("CreateStack", "StackName=t", "OnFailure=DELETE",
	   "TemplateBody=Resources:\n" TOPIC("A", "a") TOPIC("B", "bad"));
	ck_assert_ptr_null(stack_named("t"));
}
END_TEST

START_TEST(delete_that_fails_can_retain)
{
	OK("CreateStack", "StackName=s", "TemplateBody=Resources:\n" TOPIC("A", "a"));
	REFUSED("ValidationError", "DELETE_FAILED state", "DeleteStack", "StackName=s",
		"RetainResources=[\"A\"]");
	stuck = true;
	OK("DeleteStack", "StackName=s");
	has_status("s", "DELETE_FAILED");
	OK("DeleteStack", "StackName=s", "RetainResources=[\"A\"]");
	ck_assert_ptr_null(stack_named("s"));
	OK("DeleteStack", "StackName=s");
}
END_TEST

START_TEST(delete_can_be_forced)
{
	OK("CreateStack", "StackName=s", "TemplateBody=Resources:\n" TOPIC("A", "a"));
	stuck = true;
	OK("DeleteStack", "StackName=s", "DeletionMode=FORCE_DELETE_STACK");
	ck_assert_ptr_null(stack_named("s"));
}
END_TEST

START_TEST(rollback_that_fails_goes_on)
{
	OK("CreateStack", "StackName=s",
	   "TemplateBody=Resources:\n" TOPIC("A", "a") TOPIC("B", "b"));
	no_return = true;
	OK("UpdateStack", "StackName=s",
	   "TemplateBody=Resources:\n" TOPIC("A", "x") TOPIC("B", "worse"));
	has_status("s", "UPDATE_ROLLBACK_FAILED");
	REFUSED("ValidationError", "is in UPDATE_ROLLBACK_FAILED state", "UpdateStack",
		"StackName=s", "UsePreviousTemplate=true");
	OK("ContinueUpdateRollback", "StackName=s");
	has_status("s", "UPDATE_ROLLBACK_FAILED");
	OK("ContinueUpdateRollback", "StackName=s", "ResourcesToSkip=[\"A\"]");
	has_status("s", "UPDATE_ROLLBACK_COMPLETE");
	no_return = false;
	OK("UpdateStack", "StackName=s",
	   "TemplateBody=Resources:\n" TOPIC("A", "y") TOPIC("B", "b"));
	has_status("s", "UPDATE_COMPLETE");
}
END_TEST

START_TEST(exports_are_kept_for_importers)
{
	OK("CreateStack", "StackName=s",
	   "TemplateBody=Resources:\n" TOPIC("A",
					     "a") "Outputs: {O: {Value: one, Export: "
						  "{Name: e}}}");
	OK("CreateStack", "StackName=t",
	   "TemplateBody=Resources:\n  A: {Type: AWS::SNS::Topic, Properties: "
	   "{DisplayName: "
	   "!ImportValue e}}\n");
	REFUSED("ValidationError", "Export e cannot be deleted as it is in use by t",
		"DeleteStack", "StackName=s");
	OK("UpdateStack", "StackName=s",
	   "TemplateBody=Resources:\n" TOPIC("A",
					     "a") "Outputs: {O: {Value: two, Export: "
						  "{Name: e}}}");
	has_status("s", "UPDATE_ROLLBACK_COMPLETE");
	OK("CreateStack", "StackName=u",
	   "TemplateBody=Resources:\n" TOPIC("A",
					     "a") "Outputs: {O: {Value: two, Export: "
						  "{Name: e}}}");
	has_status("u", "ROLLBACK_COMPLETE");
	OK("DeleteStack", "StackName=t");
	OK("DeleteStack", "StackName=s");
	ck_assert_ptr_null(stack_named("s"));
}
END_TEST

START_TEST(tags_alone_are_an_update)
{
	OK("CreateStack", "StackName=s", "TemplateBody=Resources:\n" TOPIC("A", "a"),
	   "Tags=[{\"Key\":\"b\",\"Value\":\"1\"},{\"Key\":\"a\",\"Value\":\"2\"}]");
	REFUSED("ValidationError", "No updates", "UpdateStack", "StackName=s",
		"UsePreviousTemplate=true",
		"Tags=[{\"Key\":\"a\",\"Value\":\"2\"},{\"Key\":\"b\",\"Value\":\"1\"}]");
	OK("UpdateStack", "StackName=s", "UsePreviousTemplate=true",
	   "Tags=[{\"Key\":\"a\",\"Value\":\"3\"}]");
	ck_assert_str_eq(buf_str(&done), "+A ~A=a ");
}
END_TEST

START_TEST(fixed_name_is_not_replaced)
{
	static const char role[] =
		"TemplateBody=Resources:\n  R: {Type: AWS::IAM::Role, "
		"Properties: {RoleName: fixed, AssumeRolePolicyDocument: {}, "
		"Path: %s}}\n";
	FP_AUTO(freep) char *first = xasprintf(role, "/a/");
	FP_AUTO(freep) char *second = xasprintf(role, "/b/");

	OK("CreateStack", "StackName=s", "Capabilities=[\"CAPABILITY_NAMED_IAM\"]",
	   first);
	OK("UpdateStack", "StackName=s", "Capabilities=[\"CAPABILITY_NAMED_IAM\"]",
	   second);
	has_status("s", "UPDATE_ROLLBACK_COMPLETE");
	ck_assert_str_eq(buf_str(&done), "+R ");
}
END_TEST

START_TEST(protected_stack_stays)
{
	OK("CreateStack", "StackName=s", "EnableTerminationProtection=true",
	   "TemplateBody=Resources:\n" TOPIC("A", "a"));
	REFUSED("ValidationError", "TerminationProtection", "DeleteStack", "StackName=s");
	OK("UpdateTerminationProtection", "StackName=s",
	   "EnableTerminationProtection=false");
	OK("DeleteStack", "StackName=s");
	ck_assert_ptr_null(stack_named("s"));
}
END_TEST

START_TEST(operation_goes_on_after_a_restart)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *out = cJSON_CreateObject();
	FP_AUTO(buf_release) struct buf body = BUF_INIT;

	buf_puts(&body, "Resources:\n");
	for (int i = 0; i < 40; i++)
		buf_printf(&body, "  T%d: {Type: AWS::SNS::Topic}\n", i);
	json_set_str(in, "StackName", "s");
	json_set_str(in, "TemplateBody", buf_str(&body));
	/* Stopped while the emulator closes: between two resources. */
	ck_assert(bus_call(&cloud.call, "cloudformation", "CreateStack", in, out) == 0);
	open_cloud(stop_cloud());
	ck_assert(bus_idle(cloud.emu.bus, IDLE_MS));
	has_status("s", "CREATE_COMPLETE");
}
END_TEST

static Suite *cloudformation_suite(void)
{
	Suite *s = suite_create("cloudformation");
	TCase *tc = tcase_create("engine");
	const TTest *const tests[] = {
		events_tell_the_story,	      failure_stays_when_asked,
		delete_that_fails_can_retain, delete_can_be_forced,
		rollback_that_fails_goes_on,  exports_are_kept_for_importers,
		tags_alone_are_an_update,     fixed_name_is_not_replaced,
		protected_stack_stays,	      operation_goes_on_after_a_restart,
	};

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, stack_becomes, 0, ARRAY_SIZE(scenarios));
	for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(cloudformation_suite)
