#include "stacks.h"

START_TEST(change_set_shows_changes)
{
	FP_AUTO(json_freep) cJSON *set = NULL;
	const cJSON *change;

	deploy("CREATE", "one",
	       "Resources:\n" BUCKET("A", "xxx") USER("B", "A") TOPIC("C", "c"));
	has_status("s", "CREATE_COMPLETE");
	OK("CreateChangeSet", "StackName=s", "ChangeSetName=two",
	   "TemplateBody=Resources:\n" BUCKET("A", "yyy") USER("B", "A") TOPIC("D", "d"));
	set = ASK("DescribeChangeSet", "StackName=s", "ChangeSetName=two");
	ck_assert_str_eq(json_str(set, "Status", ""), "CREATE_COMPLETE");
	ck_assert_str_eq(json_str(set, "ExecutionStatus", ""), "AVAILABLE");
	ck_assert_int_eq(cJSON_GetArraySize(json_get(set, "Changes")), 4);
	change = json_get(set, "Changes")->child;
	ck_assert_str_eq(json_str(change, "ResourceChange.LogicalResourceId", ""), "A");
	ck_assert_str_eq(json_str(change, "ResourceChange.Replacement", ""), "True");
	ck_assert_ptr_null(json_get(change, "ResourceChange.BeforeContext"));
	change = change->next;
	ck_assert_str_eq(json_str(change, "ResourceChange.LogicalResourceId", ""), "B");
	ck_assert_str_eq(json_str(json_get(change, "ResourceChange.Details")->child,
				  "Evaluation", ""),
			 "Dynamic");
	change = change->next;
	ck_assert_str_eq(json_str(change, "ResourceChange.Action", ""), "Add");
	ck_assert_str_eq(json_str(change->next, "ResourceChange.Action", ""), "Remove");
}
END_TEST

START_TEST(change_set_without_changes_fails)
{
	FP_AUTO(json_freep) cJSON *set = NULL;

	deploy("CREATE", "one", "Resources:\n" TOPIC("A", "a"));
	OK("CreateChangeSet", "StackName=s", "ChangeSetName=two",
	   "UsePreviousTemplate=true");
	set = ASK("DescribeChangeSet", "StackName=s", "ChangeSetName=two");
	ck_assert_str_eq(json_str(set, "Status", ""), "FAILED");
	ck_assert_str_eq(
		json_str(set, "StatusReason", ""),
		"The submitted information didn't contain changes. Submit different "
		"information to create a change set.");
	REFUSED("InvalidChangeSetStatus", "current status of [FAILED]",
		"ExecuteChangeSet", "StackName=s", "ChangeSetName=two");
	REFUSED("ValidationError", "No updates are to be performed.", "UpdateStack",
		"StackName=s", "UsePreviousTemplate=true");
}
END_TEST

START_TEST(change_set_tells_what_validation_found)
{
	FP_AUTO(json_freep) cJSON *set = NULL;
	FP_AUTO(json_freep) cJSON *events = NULL;

	OK("CreateChangeSet", "StackName=s", "ChangeSetName=one", "ChangeSetType=CREATE",
	   "TemplateBody=Resources:\n  A:\n    Type: AWS::SNS::Topic\n    Properties:\n"
	   "      DisplayNam: x\n");
	has_status("s", "REVIEW_IN_PROGRESS");
	set = ASK("DescribeChangeSet", "StackName=s", "ChangeSetName=one");
	ck_assert_str_eq(json_str(set, "Status", ""), "FAILED");
	ck_assert(strstr(json_str(set, "StatusReason", ""),
			 "[AWS::EarlyValidation::PropertyValidation]") != NULL);
	events = ASK("DescribeEvents", "StackName=s", "ChangeSetName=one");
	ck_assert_str_eq(json_str(json_get(events, "OperationEvents")->child,
				  "ValidationPath", ""),
			 "/Resources/A/Properties/DisplayNam");
	ck_assert(strstr(json_str(json_get(events, "OperationEvents")->child,
				  "ValidationStatusReason", ""),
			 "line 5") != NULL);
	OK("DeleteStack", "StackName=s");
	ck_assert_ptr_null(stack_named("s"));
}
END_TEST

START_TEST(change_set_is_made_once)
{
	FP_AUTO(json_freep) cJSON *first = NULL;
	FP_AUTO(json_freep) cJSON *again = NULL;
	const char *body = "TemplateBody=Resources:\n" TOPIC("A", "a");

	first = ASK("CreateChangeSet", "StackName=s", "ChangeSetName=one",
		    "ChangeSetType=CREATE", "ClientToken=t", body);
	again = ASK("CreateChangeSet", "StackName=s", "ChangeSetName=one",
		    "ChangeSetType=CREATE", "ClientToken=t", body);
	ck_assert(cJSON_Compare(first, again, true));
	REFUSED("AlreadyExistsException", "name conflict", "CreateChangeSet",
		"StackName=s", "ChangeSetName=one", "ChangeSetType=CREATE",
		"ClientToken=u", body);
	OK("ExecuteChangeSet", "StackName=s", "ChangeSetName=one",
	   "ClientRequestToken=v");
	OK("ExecuteChangeSet", "StackName=s", "ChangeSetName=one",
	   "ClientRequestToken=v");
	ck_assert_str_eq(buf_str(&done), "+A ");
	REFUSED("ChangeSetNotFound", "does not exist", "DescribeChangeSet", "StackName=s",
		"ChangeSetName=other");
	REFUSED("ValidationError", "already exists and cannot be created again",
		"CreateChangeSet", "StackName=s", "ChangeSetName=two",
		"ChangeSetType=CREATE", body);
}
END_TEST

/* What a stack left behind goes into the next one, and stays when that fails. */
START_TEST(existing_bucket_is_taken_in)
{
	static const char body[] =
		"TemplateBody=Resources:\n  B: {Type: AWS::S3::Bucket, "
		"DeletionPolicy: Retain, Properties: {BucketName: taken}}\n"
		"  T: {Type: AWS::SNS::Topic, DependsOn: B, Properties: "
		"{DisplayName: %s}}\n";
	FP_AUTO(freep) char *good = xasprintf(body, "good");
	FP_AUTO(freep) char *bad = xasprintf(body, "bad");

	OK("CreateChangeSet", "StackName=s", "ChangeSetName=c", "ChangeSetType=CREATE",
	   "ImportExistingResources=true", bad);
	OK("ExecuteChangeSet", "StackName=s", "ChangeSetName=c",
	   "RetainExceptOnCreate=true");
	has_status("s", "ROLLBACK_COMPLETE");
	OK("CreateChangeSet", "StackName=t", "ChangeSetName=c", "ChangeSetType=CREATE",
	   "ImportExistingResources=true", good);
	OK("ExecuteChangeSet", "StackName=t", "ChangeSetName=c");
	has_status("t", "CREATE_COMPLETE");
	ck_assert_str_eq(buf_str(&done), "~B=taken ~B=taken +T ");
	/* Now it is another stack's. */
	OK("CreateChangeSet", "StackName=u", "ChangeSetName=c", "ChangeSetType=CREATE",
	   "ImportExistingResources=true", good);
	OK("ExecuteChangeSet", "StackName=u", "ChangeSetName=c");
	has_status("u", "ROLLBACK_COMPLETE");
}
END_TEST

static Suite *changeset_suite(void)
{
	Suite *s = suite_create("cloudformation change sets");
	TCase *tc = tcase_create("change sets");
	const TTest *const tests[] = {
		change_set_shows_changes,
		change_set_without_changes_fails,
		change_set_tells_what_validation_found,
		change_set_is_made_once,
		existing_bucket_is_taken_in,
	};

	tcase_add_checked_fixture(tc, setup, teardown);
	for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(changeset_suite)
