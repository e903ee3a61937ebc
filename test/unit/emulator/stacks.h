/*
 * CloudFormation over resource types of the test's own, which note what they are
 * asked to do. A test that includes this has one emulator, `cloud`.
 */
#ifndef FP_TEST_STACKS_H
#define FP_TEST_STACKS_H

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/service.h"

#define IDLE_MS 20000

/* What the fake types did: "+Topic", "~Topic", "-Topic", in their order. */
static FP_UNUSED struct buf done = BUF_INIT;
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

static FP_UNUSED void setup(void)
{
	open_cloud(NULL);
	object_path = fs_join(cloud.state, "t.yaml");
}

static FP_UNUSED void teardown(void)
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

static FP_UNUSED void succeed(const char *action, const char *const *members)
{
	FP_AUTO(json_freep) cJSON *out = ask(action, members);

	ck_assert_msg(out != NULL, "%s: %s: %s", action, cloud.call.fault.code,
		      cloud.call.fault.message);
}

#define OK(action, ...) succeed(action, (const char *const[]){ __VA_ARGS__, NULL })

static FP_UNUSED void refuse(const char *code, const char *text, const char *action,
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
static FP_UNUSED cJSON *stack_named(const char *name)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *out = cJSON_CreateObject();

	json_set_str(in, "StackName", name);
	if (bus_call(&cloud.call, "cloudformation", "DescribeStacks", in, out) < 0)
		return NULL;
	return cJSON_DetachItemFromArray(json_get(out, "Stacks"), 0);
}

static FP_UNUSED void has_status(const char *stack, const char *status)
{
	FP_AUTO(json_freep) cJSON *s = stack_named(stack);

	ck_assert_str_eq(json_str(s, "StackStatus", "none"), status);
}

/* All events, oldest first: "Topic CREATE_COMPLETE, ". */
static FP_UNUSED void read_events(struct buf *text, const char *stack)
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
static FP_UNUSED void deploy(const char *type, const char *name, const char *template)
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

#endif
