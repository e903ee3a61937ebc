/*
 * As much of CloudFormation and S3 as a deployment asks for, in memory, with
 * faults on demand. Resources are not made: a stack's are said to be there.
 */
#ifndef FP_FAKE_AWS_H
#define FP_FAKE_AWS_H

#include "base/json.h"
#include "test_server.h"
#include "wire/query.h"
#include "yaml/load.h"

struct fake_stack {
	char name[64], id[128], status[48];
	char *template, *next_template; /* deployed, and of the change set */
	cJSON *parameters, *tags, *next_parameters, *next_tags;
	cJSON *events; /* oldest first */
	char change_set[64];
	int polls; /* how many more an operation lasts */
	bool deleted;
	bool pending_delete, protect, nested;
};

/* Its messages get fewer by `falls` with each look at it. */
struct fake_queue {
	const char *name;
	int messages, falls;
};

struct fake_aws {
	struct test_server http;
	struct fake_stack stacks[32]; /* with those that were deleted */
	size_t n, nevents;
	struct strs log;	     /* "CreateChangeSet p-sns" */
	struct strs objects;	     /* "bucket/key" */
	char *uploaded;		     /* the template that was uploaded last */
	int lasts;		     /* polls that an operation lasts */
	struct fake_queue queues[4]; /* those that hold something */
	/* Faults: the action, or the name of the stack, that they hit; or NULL. */
	const char *throttled;	 /* this action, once */
	const char *unavailable; /* this action, so many times during operations */
	int unavailable_times;
	const char *refused;	    /* its change set fails, with `reason` */
	const char *rolled_back;    /* its operation fails, with `reason` */
	const char *not_deleted;    /* its deletion fails, with `reason` */
	const char *execute_denied; /* ExecuteChangeSet answers AccessDenied */
	const char *reason;
	bool listing_denied; /* only stacks that are named are told of */
};

static struct fake_stack *fake_find(struct fake_aws *f, const char *name)
{
	for (size_t i = f->n; i > 0; i--) {
		struct fake_stack *s = &f->stacks[i - 1];

		if (str_eq(s->id, name) || (!s->deleted && str_eq(s->name, name)))
			return s;
	}
	return NULL;
}

static void fake_event(struct fake_aws *f, struct fake_stack *s, const char *resource,
		       const char *type, const char *status, const char *reason)
{
	cJSON *e = cJSON_CreateObject();

	json_set_fmt(e, "EventId", "e%zu", ++f->nevents);
	json_set_str(e, "StackId", s->id);
	json_set_str(e, "LogicalResourceId", resource ? resource : s->name);
	json_set_str(e, "PhysicalResourceId", resource ? resource : s->id);
	json_set_str(e, "ResourceType", type ? type : "AWS::CloudFormation::Stack");
	json_set_str(e, "ResourceStatus", status);
	json_set_str(e, "ResourceStatusReason", reason);
	json_set_str(e, "Timestamp", "2026-01-02T03:04:05.678Z");
	cJSON_AddItemToArray(s->events, e);
	if (!resource)
		(void)snprintf(s->status, sizeof(s->status), "%s", status);
}

static struct fake_stack *fake_add(struct fake_aws *f, const char *name)
{
	struct fake_stack *s = &f->stacks[f->n++];

	ck_assert_uint_lt(f->n, ARRAY_SIZE(f->stacks));
	(void)snprintf(s->name, sizeof(s->name), "%s", name);
	(void)snprintf(s->id, sizeof(s->id), "arn:aws:cloudformation:r:1:stack/%s/%zu",
		       name, f->n);
	s->events = cJSON_CreateArray();
	return s;
}

/* An operation has ended: well, or as the fault says. */
static void fake_finish(struct fake_aws *f, struct fake_stack *s)
{
	bool create = str_eq(s->status, "CREATE_IN_PROGRESS");

	if (s->pending_delete && str_eq(f->not_deleted, s->name)) {
		fake_event(f, s, "Bucket", "AWS::S3::Bucket", "DELETE_FAILED", f->reason);
		fake_event(f, s, NULL, NULL, "DELETE_FAILED", "it failed");
	} else if (s->pending_delete) {
		fake_event(f, s, NULL, NULL, "DELETE_COMPLETE", NULL);
		s->deleted = true;
	} else if (str_eq(f->rolled_back, s->name)) {
		fake_event(f, s, "Cancelled", "AWS::SNS::Topic", "CREATE_FAILED",
			   "Resource creation cancelled");
		fake_event(f, s, "Culprit", "AWS::IAM::Role", "CREATE_FAILED", f->reason);
		fake_event(f, s, "Later", "AWS::IAM::Role", "CREATE_FAILED",
			   "something later");
		fake_event(f, s, NULL, NULL,
			   create ? "ROLLBACK_COMPLETE" : "UPDATE_ROLLBACK_COMPLETE",
			   NULL);
	} else {
		fake_event(f, s, "Resource", "AWS::SNS::Topic", "CREATE_COMPLETE", NULL);
		fake_event(f, s, NULL, NULL,
			   create ? "CREATE_COMPLETE" : "UPDATE_COMPLETE", NULL);
		if (s->next_template) {
			free(s->template);
			cJSON_Delete(s->parameters);
			cJSON_Delete(s->tags);
			s->template = s->next_template;
			s->parameters = s->next_parameters;
			s->tags = s->next_tags;
			s->next_template = NULL;
			s->next_parameters = s->next_tags = NULL;
		}
	}
}

static void fake_poll(struct fake_aws *f, struct fake_stack *s)
{
	if (s->polls > 0 && --s->polls == 0)
		fake_finish(f, s);
}

/* Each output's value is "value-of-NAME". */
static void fake_outputs(const struct fake_stack *s, cJSON *out)
{
	FP_AUTO(arena_release) struct arena arena = ARENA_INIT;
	struct node *t = NULL;
	const struct node *outputs;

	if (!s->template ||
	    node_load_one(&t, &arena, s->template, strlen(s->template), "t", NULL) < 0)
		return;
	outputs = node_get(t, "Outputs");
	for (size_t i = 0; outputs && i < outputs->map.n; i++) {
		cJSON *o = json_push_object(out);
		const char *name = node_text(outputs->map.v[i].key);

		json_set_str(o, "OutputKey", name);
		json_set_fmt(o, "OutputValue", "value-of-%s", name);
	}
}

static cJSON *fake_copy(const cJSON *j)
{
	return j ? cJSON_Duplicate(j, true) : cJSON_CreateArray();
}

static void fake_describe(const struct fake_stack *s, cJSON *list)
{
	cJSON *d = json_push_object(list);

	json_set_str(d, "StackName", s->name);
	json_set_str(d, "StackId", s->id);
	json_set_str(d, "StackStatus", s->status);
	json_set_str(d, "CreationTime", "2026-01-02T03:04:05.678Z");
	json_set_bool(d, "EnableTerminationProtection", s->protect);
	json_set(d, "Parameters", fake_copy(s->parameters));
	json_set(d, "Tags", fake_copy(s->tags));
	json_set_str(d, "ParentId", s->nested ? "of-another-one" : NULL);
	fake_outputs(s, json_set_array(d, "Outputs"));
}

/* The one, or all that there are. */
static cJSON *fake_describe_stacks(const struct fake_aws *f, const struct fake_stack *s)
{
	cJSON *result = cJSON_CreateObject();
	cJSON *list = json_set_array(result, "Stacks");

	if (s)
		fake_describe(s, list);
	for (size_t i = 0; !s && i < f->n; i++)
		if (!f->stacks[i].deleted)
			fake_describe(&f->stacks[i], list);
	return result;
}

static cJSON *fake_list_events(struct fake_stack *s)
{
	cJSON *result = cJSON_CreateObject();
	cJSON *list = json_set_array(result, "StackEvents");

	json_each (e, s->events)
		(void)cJSON_InsertItemInArray(list, 0, cJSON_Duplicate(e, true));
	return result;
}

static void fake_list_queues(const struct fake_stack *s, cJSON *list)
{
	FP_AUTO(arena_release) struct arena arena = ARENA_INIT;
	struct node *t = NULL;
	const struct node *all;

	if (!s->template ||
	    node_load_one(&t, &arena, s->template, strlen(s->template), "t", NULL) < 0)
		return;
	all = node_get(t, "Resources");
	for (size_t i = 0; all && i < all->map.n; i++) {
		const char *name = node_text(
			node_at(all->map.v[i].value, "Properties.QueueName"));
		cJSON *r;

		if (!name)
			continue;
		r = json_push_object(list);
		json_set_str(r, "ResourceType", "AWS::SQS::Queue");
		json_set_str(r, "LogicalResourceId", node_text(all->map.v[i].key));
		json_set_fmt(r, "PhysicalResourceId", "https://sqs/1/%s", name);
	}
}

static cJSON *fake_resources(const struct fake_stack *s)
{
	cJSON *result = cJSON_CreateObject();
	cJSON *list = json_set_array(result, "StackResourceSummaries");
	bool artifacts = str_ends(s->name, "-artifacts");
	cJSON *r;

	fake_list_queues(s, list);
	if (!artifacts && !str_ends(s->name, "-s3"))
		return result;
	r = json_push_object(list);
	json_set_str(r, "ResourceType", "AWS::S3::Bucket");
	json_set_str(r, "LogicalResourceId",
		     artifacts ? "ArtifactBucket" : "UploadsBucket");
	json_set_str(r, "PhysicalResourceId",
		     artifacts ? "value-of-ArtifactBucketName"
			       : "value-of-UploadsBucketName");
	return result;
}

static cJSON *fake_create_change_set(struct fake_aws *f, struct fake_stack *s,
				     const cJSON *in)
{
	cJSON *result = cJSON_CreateObject();
	const char *url = json_str(in, "TemplateURL", NULL);

	if (!s) {
		s = fake_add(f, json_str(in, "StackName", ""));
		fake_event(f, s, NULL, NULL, "REVIEW_IN_PROGRESS", NULL);
	}
	free(s->next_template);
	s->next_template = xstrdup(url ? str_or(f->uploaded, "")
				       : json_str(in, "TemplateBody", ""));
	cJSON_Delete(s->next_parameters);
	cJSON_Delete(s->next_tags);
	s->next_parameters = fake_copy(json_get(in, "Parameters"));
	s->next_tags = fake_copy(json_get(in, "Tags"));
	(void)snprintf(s->change_set, sizeof(s->change_set), "%s",
		       json_str(in, "ChangeSetName", ""));
	json_set_str(result, "StackId", s->id);
	return result;
}

static cJSON *fake_describe_change_set(struct fake_aws *f, const struct fake_stack *s)
{
	cJSON *result = cJSON_CreateObject();
	bool bad = str_eq(f->refused, s->name);

	json_set_str(result, "Status", bad ? "FAILED" : "CREATE_COMPLETE");
	json_set_str(result, "StatusReason", bad ? f->reason : NULL);
	return result;
}

static void fake_error(struct test_answer *out, int status, const char *code,
		       const char *message)
{
	out->status = status;
	query_encode_error(&out->body, "x", "req", code, message, true);
}

static void fake_start(struct fake_aws *f, struct fake_stack *s, const char *status)
{
	fake_event(f, s, NULL, NULL, status, NULL);
	s->polls = f->lasts;
	if (!s->polls)
		fake_finish(f, s);
}

static cJSON *fake_act(struct fake_aws *f, const char *action, struct fake_stack *s,
		       const cJSON *in)
{
	cJSON *result = cJSON_CreateObject();

	if (str_eq(action, "CreateChangeSet") || str_eq(action, "DescribeStacks") ||
	    str_eq(action, "DescribeStackEvents") ||
	    str_eq(action, "ListStackResources") || str_eq(action, "DescribeChangeSet")) {
		cJSON_Delete(result);
		if (str_eq(action, "CreateChangeSet"))
			return fake_create_change_set(f, s, in);
		if (str_eq(action, "DescribeStacks"))
			return fake_describe_stacks(f, s);
		if (str_eq(action, "ListStackResources"))
			return fake_resources(s);
		if (str_eq(action, "DescribeChangeSet"))
			return fake_describe_change_set(f, s);
		fake_poll(f, s);
		return fake_list_events(s);
	}
	if (str_eq(action, "GetTemplate"))
		json_set_str(result, "TemplateBody", s->template ? s->template : "{}");
	if (str_eq(action, "UpdateTerminationProtection"))
		s->protect = json_bool(in, "EnableTerminationProtection", false);
	if (str_eq(action, "ExecuteChangeSet"))
		fake_start(f, s,
			   str_eq(s->status, "REVIEW_IN_PROGRESS")
				   ? "CREATE_IN_PROGRESS"
				   : "UPDATE_IN_PROGRESS");
	if (str_eq(action, "DeleteStack")) {
		s->pending_delete = true;
		fake_start(f, s, "DELETE_IN_PROGRESS");
	}
	return result;
}

static void fake_cloudformation(struct fake_aws *f, const struct test_request *req,
				struct test_answer *out)
{
	FP_AUTO(json_freep)
	cJSON *in = query_decode_request(req->body, req->body_len, NULL);
	FP_AUTO(json_freep) cJSON *result = NULL;
	const char *action = json_str(in, "Action", "");
	const char *name = json_str(in, "StackName", "");
	struct fake_stack *s = fake_find(f, name);

	strs_add_owned(&f->log, xasprintf("%s %s", action, s ? s->name : name));
	if (str_eq(f->throttled, action)) {
		f->throttled = NULL;
		fake_error(out, 400, "Throttling", "Rate exceeded");
	} else if (str_eq(f->unavailable, action) && s && s->polls > 0 &&
		   f->unavailable_times > 0) {
		f->unavailable_times--;
		fake_error(out, 503, "ServiceUnavailable", "come back later");
	} else if (!s && str_eq(action, "DescribeStacks") && !*name &&
		   f->listing_denied) {
		fake_error(out, 403, "AccessDenied", "not you");
	} else if (!s && !str_eq(action, "CreateChangeSet") &&
		   !(str_eq(action, "DescribeStacks") && !*name)) {
		fake_error(out, 400, "ValidationError", "Stack with id x does not exist");
	} else if (str_eq(action, "ExecuteChangeSet") &&
		   str_eq(f->execute_denied, s->name)) {
		fake_error(out, 403, "AccessDenied", "not you");
	} else {
		result = fake_act(f, action, s, in);
		query_encode_response(&out->body, action, "x", "req", result);
	}
}

static void fake_versions(struct fake_aws *f, const char *bucket, struct test_answer *out)
{
	FP_AUTO(freep) char *prefix = xasprintf("%s/", bucket);

	buf_puts(&out->body, "<R>");
	for (size_t i = 0; i < f->objects.n; i++)
		if (str_starts(f->objects.v[i], prefix))
			buf_printf(&out->body,
				   "<Version><Key>%s</Key><VersionId>1</VersionId></"
				   "Version>",
				   f->objects.v[i] + strlen(prefix));
	buf_puts(&out->body, "</R>");
}

/* Deletes all of the bucket: that is what it is asked for here. */
static void fake_delete_objects(struct fake_aws *f, const char *bucket)
{
	struct strs kept = STRS_INIT;
	FP_AUTO(freep) char *prefix = xasprintf("%s/", bucket);

	for (size_t i = 0; i < f->objects.n; i++)
		if (!str_starts(f->objects.v[i], prefix))
			strs_add(&kept, f->objects.v[i]);
	strs_release(&f->objects);
	f->objects = kept;
}

static void fake_put(struct fake_aws *f, const char *object,
		     const struct test_request *req, struct test_answer *out)
{
	strs_add(&f->objects, object);
	if (strstr(object, "/templates/")) {
		free(f->uploaded);
		f->uploaded = xstrndup(req->body, req->body_len);
	}
	buf_puts(&out->headers, "ETag: \"x\"\r\n");
}

static void fake_s3(struct fake_aws *f, const struct test_request *req,
		    struct test_answer *out)
{
	FP_AUTO(freep) char *object = xstrdup(req->target + 1);
	FP_AUTO(freep) char *bucket = xstrndup(object, strcspn(object, "/?"));
	char *query = strchr(object, '?');

	if (query)
		*query++ = '\0';
	strs_add_owned(&f->log, xasprintf("%s %s%s%s", req->method, object,
					  query ? "?" : "", query ? query : ""));
	if (query && str_starts(query, "versions"))
		fake_versions(f, bucket, out);
	else if (query)
		fake_delete_objects(f, bucket);
	else if (str_eq(req->method, "PUT"))
		fake_put(f, object, req, out);
	else if (str_eq(req->method, "HEAD") && !strs_has(&f->objects, object))
		out->status = 404;
	else if (str_eq(req->method, "DELETE"))
		out->status = 204;
}

/* GetQueueAttributes: a queue of which nothing was said is empty. */
static void fake_sqs(struct fake_aws *f, const struct test_request *req,
		     struct test_answer *out)
{
	FP_AUTO(json_freep) cJSON *in = json_parse(req->body, req->body_len, "in", NULL);
	const char *url = json_str(in, "QueueUrl", "");
	int messages = 0;

	strs_add_owned(&f->log, xasprintf("GetQueueAttributes %s", url));
	for (size_t i = 0; i < ARRAY_SIZE(f->queues); i++) {
		struct fake_queue *q = &f->queues[i];

		if (!q->name || !str_ends(url, q->name))
			continue;
		messages = q->messages;
		q->messages = FP_MAX(q->messages - q->falls, 0);
	}
	if (messages < 0) {
		out->status = 400;
		buf_puts(&out->body, "{\"__type\":\"QueueDoesNotExist\"}");
		return;
	}
	/* Some wait, some are being processed, one is delayed. */
	buf_printf(&out->body,
		   "{\"Attributes\":{\"ApproximateNumberOfMessages\":\"%d\","
		   "\"ApproximateNumberOfMessagesNotVisible\":\"%d\","
		   "\"ApproximateNumberOfMessagesDelayed\":\"%d\"}}",
		   messages / 2, messages - messages / 2 - (messages == 1),
		   messages == 1);
}

static void fake_answer_all(void *ctx, const struct test_request *req,
			    struct test_answer *out)
{
	if (strstr(req->head, "AmazonSQS.GetQueueAttributes"))
		fake_sqs(ctx, req, out);
	else if (str_eq(req->method, "POST") && str_eq(req->target, "/"))
		fake_cloudformation(ctx, req, out);
	else
		fake_s3(ctx, req, out);
}

static void fake_aws_start(struct fake_aws *f)
{
	test_server_start(&f->http, fake_answer_all, f);
}

static void fake_aws_stop(struct fake_aws *f)
{
	test_server_stop(&f->http);
	for (size_t i = 0; i < f->n; i++) {
		struct fake_stack *s = &f->stacks[i];

		free(s->template);
		free(s->next_template);
		cJSON_Delete(s->parameters);
		cJSON_Delete(s->tags);
		cJSON_Delete(s->next_parameters);
		cJSON_Delete(s->next_tags);
		cJSON_Delete(s->events);
	}
	strs_release(&f->log);
	strs_release(&f->objects);
	free(f->uploaded);
}

#endif
