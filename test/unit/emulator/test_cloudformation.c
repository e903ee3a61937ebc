/*
 * CloudFormation's engine against resource types of the test's own: what becomes of
 * resources, events and statuses. The wire is others' matter.
 */
#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/service.h"

#define IDLE_MS 20000

/* What the fake types did: "+Topic", "~Topic", "-Topic", in their order. */
static struct buf done = BUF_INIT;
static bool stuck;     /* nothing can be deleted */
static bool no_return; /* what was updated cannot be given back what it had */

static const char *text_of(const cJSON *properties)
{
	return json_str(properties, "DisplayName",
			json_str(properties, "BucketName", ""));
}

static int fake_create(const struct resource_request *r, struct resource *out)
{
	const char *name = json_str(r->properties, "BucketName",
				    json_str(r->properties, "RoleName", NULL));

	if (str_eq(text_of(r->properties), "bad"))
		return fault_set(&r->call->fault, 400, "InvalidName", "the name is bad");
	if (str_eq(text_of(r->properties), "taken"))
		return fault_set(&r->call->fault, 409, "AlreadyExists", "it is taken");
	buf_printf(&done, "+%s ", r->logical_id);
	out->physical_id = name ? xstrdup(name) : resource_name(r, 60);
	out->attributes = cJSON_CreateObject();
	json_set_fmt(out->attributes, "Arn", "arn:fake:%s", out->physical_id);
	json_set_fmt(out->attributes, "TopicName", "name-%s", out->physical_id);
	return 0;
}

static int fake_update(const struct resource_request *r, struct resource *inout)
{
	(void)inout;
	if (str_eq(text_of(r->properties), "worse") ||
	    (no_return && str_eq(text_of(r->properties), "a")))
		return fault_set(&r->call->fault, 409, "Conflict", "it cannot be worse");
	buf_printf(&done, "~%s=%s ", r->logical_id, text_of(r->properties));
	return 0;
}

static int fake_remove(const struct resource_request *r, const struct resource *old)
{
	(void)old;
	if (stuck)
		return fault_set(&r->call->fault, 409, "NotEmpty", "it is not empty");
	buf_printf(&done, "-%s ", r->logical_id);
	return 0;
}

static const struct resource_type fake_types[] = {
	{ "AWS::SNS::Topic", fake_create, fake_update, fake_remove },
	{ "AWS::S3::Bucket", fake_create, fake_update, fake_remove },
	{ "AWS::IAM::Role", fake_create, fake_update, fake_remove },
	{ NULL, NULL, NULL, NULL },
};

static char *object_path;

static int fake_object_path(struct call *c, const cJSON *in, cJSON *out)
{
	if (!str_eq(json_str(in, "Bucket", ""), "templates") ||
	    !str_eq(json_str(in, "Key", ""), "a/t.yaml"))
		return fault_set(&c->fault, 404, "NoSuchKey", "there is no such key");
	json_set_str(out, "Path", object_path);
	return 0;
}

static const struct operation fake_operations[] = {
	{ "GetObjectPath", fake_object_path },
	{ NULL, NULL },
};

static const struct service fake_s3 = { .name = "s3",
					.operations = fake_operations,
					.resources = fake_types };

extern const struct service service_cloudformation;

const struct service *const services[] = { &service_cloudformation, &fake_s3, NULL };

#include "emulator/cloud.h"

static struct cloud cloud;

static void open_cloud(char *state)
{
	struct fp_error err = { 0 };

	cloud_open(&cloud, state);
	ck_assert_int_eq(service_cloudformation.start(&cloud.emu, &err), 0);
	ck_assert_int_eq(bus_start(cloud.emu.bus, &err), 0);
}

/* In the order in which the emulator stops; returns its state. */
static char *stop_cloud(void)
{
	bus_quiesce(cloud.emu.bus);
	service_cloudformation.stop(&cloud.emu);
	return cloud_stop(&cloud);
}

static void setup(void)
{
	open_cloud(NULL);
	object_path = fs_join(cloud.state, "t.yaml");
}

static void teardown(void)
{
	scrap(stop_cloud());
	free(object_path);
	buf_release(&done);
}

/* A request's members: "Name=value" each; "Name=[..." and "Name={..." are JSON. */
static cJSON *request(const char *const *members)
{
	cJSON *in = cJSON_CreateObject();

	for (; *members; members++) {
		size_t n = strcspn(*members, "=");
		FP_AUTO(freep) char *name = xstrndup(*members, n);
		const char *value = *members + n + 1;

		if (*value == '[')
			json_set(in, name, cJSON_Parse(value));
		else
			json_set_str(in, name, value);
	}
	return in;
}

/* The answer, or NULL with cloud.call.fault; waits for what it began. */
static cJSON *ask(const char *action, const char *const *members)
{
	FP_AUTO(json_freep) cJSON *in = request(members);
	cJSON *out = cJSON_CreateObject();

	memset(&cloud.call.fault, 0, sizeof(cloud.call.fault));
	if (bus_call(&cloud.call, "cloudformation", action, in, out) == 0) {
		ck_assert_msg(bus_idle(cloud.emu.bus, IDLE_MS), "%s does not end",
			      action);
		return out;
	}
	cJSON_Delete(out);
	return NULL;
}

#define ASK(action, ...) ask(action, (const char *const[]){ __VA_ARGS__, NULL })

static void succeed(const char *action, const char *const *members)
{
	FP_AUTO(json_freep) cJSON *out = ask(action, members);

	ck_assert_msg(out != NULL, "%s: %s: %s", action, cloud.call.fault.code,
		      cloud.call.fault.message);
}

#define OK(action, ...) succeed(action, (const char *const[]){ __VA_ARGS__, NULL })

static void refuse(const char *code, const char *text, const char *action,
		   const char *const *members)
{
	FP_AUTO(json_freep) cJSON *out = ask(action, members);

	ck_assert_msg(out == NULL, "%s succeeds", action);
	ck_assert_str_eq(cloud.call.fault.code, code);
	ck_assert_msg(strstr(cloud.call.fault.message, text) != NULL,
		      "'%s' is not in '%s'", text, cloud.call.fault.message);
}

#define REFUSED(code, text, action, ...) \
	refuse(code, text, action, (const char *const[]){ __VA_ARGS__, NULL })

/* The stack as DescribeStacks shows it, owned by the caller; NULL: there is none. */
static cJSON *stack_named(const char *name)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *out = cJSON_CreateObject();

	json_set_str(in, "StackName", name);
	if (bus_call(&cloud.call, "cloudformation", "DescribeStacks", in, out) < 0)
		return NULL;
	return cJSON_DetachItemFromArray(json_get(out, "Stacks"), 0);
}

static void has_status(const char *stack, const char *status)
{
	FP_AUTO(json_freep) cJSON *s = stack_named(stack);

	ck_assert_str_eq(json_str(s, "StackStatus", "none"), status);
}

/* All events, oldest first: "Topic CREATE_COMPLETE, ". */
static void read_events(struct buf *text, const char *stack)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *out = cJSON_CreateObject();
	int64_t last = INT64_MAX, ms;
	cJSON *list;

	json_set_str(in, "StackName", stack);
	ck_assert(bus_call(&cloud.call, "cloudformation", "DescribeStackEvents", in,
			   out) == 0);
	list = json_get(out, "StackEvents");
	for (int i = cJSON_GetArraySize(list); i-- > 0;) {
		const cJSON *e = cJSON_GetArrayItem(list, i);

		buf_printf(text, "%s %s, ", json_str(e, "LogicalResourceId", ""),
			   json_str(e, "ResourceStatus", ""));
	}
	json_each (e, list) {
		ck_assert(time_parse(json_str(e, "Timestamp", ""), &ms) && ms <= last);
		last = ms;
	}
}

/* A change set under that name, executed. */
static void deploy(const char *type, const char *name, const char *template)
{
	FP_AUTO(freep) char *set_type = xasprintf("ChangeSetType=%s", type);
	FP_AUTO(freep) char *set_name = xasprintf("ChangeSetName=%s", name);
	FP_AUTO(freep) char *body = xasprintf("TemplateBody=%s", template);

	OK("CreateChangeSet", "StackName=s", set_type, set_name, body);
	OK("ExecuteChangeSet", "StackName=s", set_name);
}

#define TOPIC(id, name) \
	"  " id ": {Type: AWS::SNS::Topic, Properties: {DisplayName: " name "}}\n"
#define BUCKET(id, name) \
	"  " id ": {Type: AWS::S3::Bucket, Properties: {BucketName: " name "}}\n"
#define AFTER(id, on) "  " id ": {Type: AWS::SNS::Topic, DependsOn: " on "}\n"
#define KEPT(id, more)                                                    \
	"  " id ": {Type: AWS::SNS::Topic, DeletionPolicy: Retain, " more \
	"Properties: {}}\n"
#define USER(id, of) \
	"  " id ": {Type: AWS::SNS::Topic, Properties: {DisplayName: !Ref " of "}}\n"

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
	{ "another type replaces", TOPIC("A", "a"), BUCKET("A", "b"), "UPDATE_COMPLETE",
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
	  "~A=x ~B=y ~C=c ~B=b ~A=a " },
	{ "a failed update takes back new and replaced ones",
	  BUCKET("A", "one") USER("B", "A") TOPIC("D", "d"),
	  BUCKET("A", "two") USER("B", "A") TOPIC("C", "c") TOPIC("D", "worse"),
	  "UPDATE_ROLLBACK_COMPLETE", "+A ~B=two +C ~D=d ~B=one -C -A " },
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

/* What is refused at once, by its code and a part of the text. */
static const struct {
	const char *template, *code, *text;
} refusals[] = {
	{ "a: [", "ValidationError", "YAML not well-formed" },
	{ "{\"a\": ", "ValidationError", "JSON not well-formed" },
	{ "text", "ValidationError", "unsupported structure" },
	{ "Description: x\n", "ValidationError", "At least one Resources member" },
	{ "Resources:\n  A:\n    Type: AWS::Nobody::Knows\n", "ValidationError",
	  "Unrecognized resource types: [AWS::Nobody::Knows] (template line 3" },
	{ "Resources:\n  A:\n    Type: AWS::SNS::Topic\n    Properties:\n      "
	  "DisplayNam: x\n",
	  "ValidationError", "(line 5, column 7)" },
	{ "Resources:\n" USER("A", "Missing"), "ValidationError", "Missing" },
	{ "Resources:\n" USER("A", "B") USER("B", "A"), "ValidationError",
	  "wait for one another" },
	{ "Resources:\n  R: {Type: AWS::IAM::Role, Properties: {RoleName: x, "
	  "AssumeRolePolicyDocument: {}}}\n",
	  "InsufficientCapabilitiesException", "[CAPABILITY_NAMED_IAM]" },
	{ "Transform: AWS::Serverless-2016-10-31\nResources:\n" TOPIC("A", "a"),
	  "NotImplemented", "AWS::Serverless" },
	{ "Rules: {}\nResources:\n" TOPIC("A", "a"), "NotImplemented",
	  "template line 1" },
	{ "Resources:\n" TOPIC("A", "'{{resolve:ssm:x}}'"), "NotImplemented", "dynamic" },
	{ "Resources:\n  A: {Type: AWS::SNS::Topic, Properties: {DisplayName: "
	  "!ImportValue "
	  "nothing}}\n",
	  "ValidationError", "No export named nothing found." },
};

START_TEST(template_is_refused)
{
	const __typeof__(refusals[0]) *c = &refusals[_i];
	FP_AUTO(freep) char *body = xasprintf("TemplateBody=%s", c->template);

	REFUSED(c->code, c->text, "CreateStack", "StackName=s", body);
	ck_assert_ptr_null(stack_named("s"));
}
END_TEST

#define DECLARED(type) \
	"TemplateBody=Parameters: {P: {" type "}}\nResources:\n" USER("A", "P")
#define GIVEN(value) \
	"Parameters=[{\"ParameterKey\":\"P\",\"ParameterValue\":\"" value "\"}]"

/* `text`: what is said when it is refused, else NULL. */
static const struct {
	const char *template, *given, *text;
} parameters[] = {
	{ DECLARED("Type: String"), GIVEN("x"), NULL },
	{ DECLARED("Type: String"), "Parameters=[]", "Parameters: [P] must have values" },
	{ DECLARED("Type: String, Default: x"), "Parameters=[]", NULL },
	{ "TemplateBody=Resources:\n" TOPIC("A", "a"), GIVEN("x"),
	  "Parameters: [P] do not exist in the template" },
	{ DECLARED("Type: Number, MinValue: 2, MaxValue: 10"), GIVEN("9.5"), NULL },
	{ DECLARED("Type: Number, MinValue: 2, MaxValue: 10"), GIVEN("1"),
	  "not less than 2" },
	{ DECLARED("Type: Number, MinValue: 2, MaxValue: 10"), GIVEN("11"),
	  "not greater than 10" },
	{ DECLARED("Type: Number"), GIVEN("0x10"), "must be a number" },
	{ DECLARED("Type: String, AllowedValues: [a, b]"), GIVEN("b"), NULL },
	{ DECLARED("Type: String, AllowedValues: [a, b]"), GIVEN("c"), "AllowedValues" },
	{ DECLARED("Type: String, AllowedPattern: '\\d{2}-[\\w.\\-]+'"),
	  GIVEN("12-a.b-c"), NULL },
	{ DECLARED("Type: String, AllowedPattern: '\\d{2}'"), GIVEN("123"),
	  "match pattern" },
	{ DECLARED("Type: String, AllowedPattern: '(?:a|b)*'"), GIVEN("abba"), NULL },
	{ DECLARED("Type: String, AllowedPattern: '[a', ConstraintDescription: w"),
	  GIVEN("a"), "cannot read" },
	{ DECLARED("Type: String, MinLength: 2, ConstraintDescription: two letters"),
	  GIVEN("a"), "two letters" },
	{ DECLARED("Type: String, MaxLength: 2"), GIVEN("abc"), "at most this many" },
	{ DECLARED("Type: 'AWS::SSM::Parameter::Value<String>'"), GIVEN("/x"),
	  "Systems Manager" },
	{ DECLARED("Type: 'AWS::EC2::KeyPair::KeyName'"), GIVEN("k"), NULL },
	{ DECLARED("Type: String"),
	  "Parameters=[{\"ParameterKey\":\"P\",\"UsePreviousValue\":"
	  "\"true\"}]",
	  "not in the previous template" },
};

START_TEST(parameter_is_checked)
{
	const __typeof__(parameters[0]) *c = &parameters[_i];
	FP_AUTO(json_freep)
	cJSON *out = ASK("CreateStack", "StackName=s", c->template, c->given);

	ck_assert_msg((out == NULL) == (c->text != NULL), "row %d: %s", _i,
		      cloud.call.fault.message);
	if (c->text)
		ck_assert_msg(strstr(cloud.call.fault.message, c->text) != NULL,
			      "row %d: %s", _i, cloud.call.fault.message);
}
END_TEST

START_TEST(list_parameter_is_a_list)
{
	FP_AUTO(json_freep) cJSON *s = NULL;

	OK("CreateStack", "StackName=s",
	   "TemplateBody=Parameters: {P: {Type: CommaDelimitedList}, "
	   "S: {Type: String, NoEcho: true, Default: x}}\nResources:\n" TOPIC(
		   "A", "a") "Outputs: {O: {Value: !Join ['-', !Ref P]}}",
	   GIVEN("a, b ,c"));
	s = stack_named("s");
	ck_assert_str_eq(json_str(s->child ? json_get(s, "Outputs")->child : NULL,
				  "OutputValue", ""),
			 "a-b-c");
	ck_assert_str_eq(
		json_str(json_get(s, "Parameters")->child->next, "ParameterValue", ""),
		"****");
}
END_TEST

START_TEST(change_set_shows_changes)
{
	FP_AUTO(json_freep) cJSON *set = NULL;
	const cJSON *change;

	deploy("CREATE", "one",
	       "Resources:\n" BUCKET("A", "x") USER("B", "A") TOPIC("C", "c"));
	has_status("s", "CREATE_COMPLETE");
	OK("CreateChangeSet", "StackName=s", "ChangeSetName=two",
	   "TemplateBody=Resources:\n" BUCKET("A", "y") USER("B", "A") TOPIC("D", "d"));
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

START_TEST(template_comes_from_s3)
{
	static const char text[] = "Resources:\n" TOPIC("A", "a");
	FP_AUTO(json_freep) cJSON *template = NULL;

	ck_assert(fs_write_atomic(object_path, text, sizeof(text) - 1, 0600, NULL) == 0);
	OK("CreateStack", "StackName=s",
	   "TemplateURL=https://templates.s3.eu-west-1.amazonaws.com/a/t.yaml");
	OK("CreateStack", "StackName=t",
	   "TemplateURL=http://127.0.0.1:4566/templates/a/t.yaml");
	REFUSED("ValidationError", "S3 error", "CreateStack", "StackName=u",
		"TemplateURL=http://127.0.0.1:4566/templates/b");
	template = ASK("GetTemplate", "StackName=t");
	ck_assert_str_eq(json_str(template, "TemplateBody", ""), text);
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

START_TEST(pages_follow_one_another)
{
	FP_AUTO(buf_release) struct buf body = BUF_INIT;
	FP_AUTO(json_freep) cJSON *first = NULL;
	FP_AUTO(json_freep) cJSON *second = NULL;
	FP_AUTO(freep) char *next = NULL;

	buf_puts(&body, "TemplateBody=Resources:\n");
	for (int i = 0; i < 130; i++)
		buf_printf(&body, "  T%d: {Type: AWS::SNS::Topic}\n", i);
	OK("CreateStack", "StackName=s", buf_str(&body));
	first = ASK("ListStackResources", "StackName=s");
	ck_assert_int_eq(cJSON_GetArraySize(json_get(first, "StackResourceSummaries")),
			 100);
	next = xasprintf("NextToken=%s", json_str(first, "NextToken", ""));
	second = ASK("ListStackResources", "StackName=s", next);
	ck_assert_int_eq(cJSON_GetArraySize(json_get(second, "StackResourceSummaries")),
			 30);
	ck_assert_ptr_null(json_get(second, "NextToken"));
	ck_assert_str_eq(json_str(json_get(second, "StackResourceSummaries")->child,
				  "LogicalResourceId", ""),
			 "T100");
}
END_TEST

START_TEST(unknown_things_are_refused)
{
	REFUSED("ValidationError", "Stack with id x does not exist", "DescribeStacks",
		"StackName=x");
	REFUSED("ValidationError", "Stack [x] does not exist", "UpdateStack",
		"StackName=x", "TemplateBody=x");
	REFUSED("ValidationError", "failed to satisfy constraint", "CreateStack",
		"StackName=1x", "TemplateBody=x");
	REFUSED("NotImplemented", "'StackPolicyBody' of CreateStack", "CreateStack",
		"StackName=x", "TemplateBody=x", "StackPolicyBody={}");
	REFUSED("ValidationError", "Template Body must be specified", "CreateStack",
		"StackName=x");
	OK("DeleteStack", "StackName=x");
}
END_TEST

static Suite *cloudformation_suite(void)
{
	Suite *s = suite_create("cloudformation");
	TCase *tc = tcase_create("engine");
	const TTest *const tests[] = {
		list_parameter_is_a_list,
		change_set_shows_changes,
		change_set_without_changes_fails,
		change_set_tells_what_validation_found,
		change_set_is_made_once,
		existing_bucket_is_taken_in,
		template_comes_from_s3,
		events_tell_the_story,
		failure_stays_when_asked,
		delete_that_fails_can_retain,
		delete_can_be_forced,
		rollback_that_fails_goes_on,
		exports_are_kept_for_importers,
		tags_alone_are_an_update,
		fixed_name_is_not_replaced,
		protected_stack_stays,
		operation_goes_on_after_a_restart,
		pages_follow_one_another,
		unknown_things_are_refused,
	};

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, stack_becomes, 0, ARRAY_SIZE(scenarios));
	tcase_add_loop_test(tc, template_is_refused, 0, ARRAY_SIZE(refusals));
	tcase_add_loop_test(tc, parameter_is_checked, 0, ARRAY_SIZE(parameters));
	for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(cloudformation_suite)
