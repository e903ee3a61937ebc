#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/common.h"
#include "emulator/service/s3_rules.h"

#define CONFIG_KIND	"notification"
#define DELIVER_RETRIES 10

/* Who is asked whether S3 may send there, and how it is sent. */
static const struct destination {
	const char *kind, *service, *may, *target, *action;
} destinations[] = {
	{ "lambda", "lambda", "FpctlMayInvoke", "FunctionName", "Invoke" },
	{ "sns", "sns", "FpctlMayPublish", "TopicArn", "Publish" },
	{ "sqs", "sqs", "FpctlMaySend", "QueueArn", "FpctlSend" },
};

static const struct destination *destination_of(const cJSON *rule)
{
	const char *kind = json_str(rule, "Kind", "");

	for (size_t i = 0; i < ARRAY_SIZE(destinations); i++)
		if (str_eq(destinations[i].kind, kind))
			return &destinations[i];
	return NULL;
}

static bool matches(const cJSON *rule, const char *event, const char *key)
{
	FP_AUTO(freep) char *full = xasprintf("s3:%s", event);

	if (!str_starts(key, json_str(rule, "Prefix", "")) ||
	    !str_ends(key, json_str(rule, "Suffix", "")))
		return false;
	json_each (pattern, json_get(rule, "Events"))
		if (str_glob(pattern->valuestring, full))
			return true;
	return false;
}

/* As the event has keys: percent-encoded, a space as '+'. */
static char *event_key(const char *key)
{
	struct buf out = BUF_INIT;

	for (const char *s = key; *s; s++) {
		if (*s == ' ')
			buf_putc(&out, '+');
		else
			uri_encode(&out, s, 1, "/");
	}
	return buf_detach(&out);
}

static void describe_object(cJSON *j, const char *event, const struct s3_object *o)
{
	FP_AUTO(freep) char *key = event_key(o->key);
	char sequencer[17];

	json_set_str(j, "key", key);
	if (!str_starts(event, "ObjectRemoved:")) {
		json_set_int(j, "size", o->size);
		json_set_str(j, "eTag", o->etag);
	}
	if (o->version_id && *o->version_id && !str_eq(o->version_id, S3_NULL_VERSION))
		json_set_str(j, "versionId", o->version_id);
	s3_sequencer(sequencer, o->seq);
	json_set_str(j, "sequencer", sequencer);
}

/* {"Records":[...]}, structure version 2.1; owned by the caller. */
static cJSON *make_event(const struct call *c, const struct s3_bucket *b,
			 const cJSON *rule, const char *event, const struct s3_object *o)
{
	cJSON *top = cJSON_CreateObject();
	cJSON *record = json_push_object(json_set_array(top, "Records"));
	cJSON *part;
	char now[25];

	time_iso(now, clock_now_ms());
	json_set_str(record, "eventVersion", "2.1");
	json_set_str(record, "eventSource", "aws:s3");
	json_set_str(record, "awsRegion", b->region);
	json_set_str(record, "eventTime", now);
	json_set_str(record, "eventName", event);
	json_set_fmt(json_set_object(record, "userIdentity"), "principalId", "AWS:%s",
		     str_or(c->caller_arn, c->emu->account));
	json_set_str(json_set_object(record, "requestParameters"), "sourceIPAddress",
		     "127.0.0.1");
	part = json_set_object(record, "responseElements");
	json_set_str(part, "x-amz-request-id", str_or(c->request_id, "-"));
	json_set_str(part, "x-amz-id-2", str_or(c->request_id, "-"));
	part = json_set_object(record, "s3");
	json_set_str(part, "s3SchemaVersion", "1.0");
	json_set_str(part, "configurationId", json_str(rule, "Id", ""));
	record = json_set_object(part, "bucket");
	json_set_str(record, "name", b->name);
	json_set_str(json_set_object(record, "ownerIdentity"), "principalId",
		     S3_OWNER_ID);
	json_set_fmt(record, "arn", "arn:aws:s3:::%s", b->name);
	describe_object(json_set_object(part, "object"), event, o);
	return top;
}

static int send_event(struct call *c, const cJSON *rule, const cJSON *event)
{
	const struct destination *d = destination_of(rule);
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(freep) char *text = json_text(event);

	if (!d)
		return 0;
	json_set_str(in, d->target, json_str(rule, "Arn", ""));
	if (str_eq(d->kind, "lambda")) {
		json_set_str(in, "InvocationType", "Event");
		json_set_str(in, "Payload", text);
	} else if (str_eq(d->kind, "sqs")) {
		json_set_str(in, "MessageBody", text);
	} else {
		json_set_str(in, "Subject", "Amazon S3 Notification");
		json_set_str(in, "Message", text);
	}
	return bus_enqueue(c, d->service, d->action, in, DELIVER_RETRIES, 0);
}

static cJSON *stored_rules(struct call *c, const char *bucket)
{
	FP_AUTO(freep) char *text = s3_config_get(c, bucket, CONFIG_KIND);

	return text ? cJSON_Parse(text) : NULL;
}

int s3_notify(struct call *c, const struct s3_bucket *b, const char *event,
	      const struct s3_object *o)
{
	FP_AUTO(json_freep) cJSON *rules = stored_rules(c, b->name);

	if (!rules)
		return c->fault.status ? -1 : 0;
	json_each (rule, rules) {
		FP_AUTO(json_freep) cJSON *j = NULL;

		if (!matches(rule, event, o->key))
			continue;
		j = make_event(c, b, rule, event, o);
		if (send_event(c, rule, j) < 0)
			return -1;
	}
	return 0;
}

static int check_destination(struct call *c, const char *bucket, const cJSON *rule)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *out = cJSON_CreateObject();
	const struct destination *d = destination_of(rule);
	const char *arn = json_str(rule, "Arn", "");
	struct call asking = *c;

	json_set_str(in, d->target, arn);
	json_set_str(in, "Principal", "s3.amazonaws.com");
	json_set_fmt(in, "SourceArn", "arn:aws:s3:::%s", bucket);
	json_set_str(in, "SourceAccount", c->emu->account);
	if (bus_call(&asking, d->service, d->may, in, out) == 0 &&
	    json_bool(out, "Allowed", false))
		return 0;
	return fault_set(
		&c->fault, 400, "InvalidArgument",
		"Unable to validate the following destination configurations (%s: "
		"%s)",
		arn,
		asking.fault.status ? asking.fault.message
				    : "its policy does not let this bucket in");
}

static bool sends_to(const cJSON *rule, const cJSON *end, const char *arn)
{
	for (; rule && rule != end; rule = rule->next)
		if (str_eq(json_str(rule, "Arn", ""), arn))
			return true;
	return false;
}

/* Topics and queues that are new to the bucket hear of it; functions do not. */
static int send_test_events(struct call *c, const char *bucket, const cJSON *rules)
{
	FP_AUTO(json_freep) cJSON *before = stored_rules(c, bucket);
	FP_AUTO(json_freep) cJSON *event = cJSON_CreateObject();
	char now[25];

	if (!before && c->fault.status)
		return -1;
	time_iso(now, clock_now_ms());
	json_set_str(event, "Service", "Amazon S3");
	json_set_str(event, "Event", "s3:TestEvent");
	json_set_str(event, "Time", now);
	json_set_str(event, "Bucket", bucket);
	json_set_str(event, "RequestId", str_or(c->request_id, "-"));
	json_set_str(event, "HostId", str_or(c->request_id, "-"));
	json_each (rule, rules) {
		const char *arn = json_str(rule, "Arn", "");

		if (!str_eq(json_str(rule, "Kind", ""), "lambda") &&
		    !sends_to(before ? before->child : NULL, NULL, arn) &&
		    !sends_to(rules->child, rule, arn) && send_event(c, rule, event) < 0)
			return -1;
	}
	return 0;
}

struct notify_ctx {
	const char *bucket;
	const cJSON *rules;
};

static int set_rules(struct call *c, void *arg)
{
	const struct notify_ctx *x = arg;
	FP_AUTO(freep)
	char *text = x->rules && x->rules->child ? json_text(x->rules) : NULL;

	if (send_test_events(c, x->bucket, x->rules) < 0)
		return -1;
	return s3_config_set(c, x->bucket, CONFIG_KIND, text);
}

int s3_notify_set(struct call *c, const char *bucket, const cJSON *rules)
{
	struct notify_ctx x = { bucket, rules };

	if (s3_rules_check(c, rules) < 0)
		return -1;
	json_each (rule, rules)
		if (check_destination(c, bucket, rule) < 0)
			return -1;
	return in_transaction(c, set_rules, &x);
}

static int get_notification(struct s3_request *r)
{
	FP_AUTO(json_freep) cJSON *rules = NULL;
	struct s3_bucket b;

	if (s3_bucket_find(r->call, r->bucket, &b) < 0)
		return -1;
	rules = stored_rules(r->call, r->bucket);
	if (!rules && r->call->fault.status)
		return -1;
	s3_begin_xml(r, "NotificationConfiguration");
	s3_rules_write(&r->res->body, rules);
	xml_close(&r->res->body, "NotificationConfiguration");
	return 0;
}

static int put_notification(struct s3_request *r)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(json_freep) cJSON *rules = NULL;
	struct s3_bucket b;
	struct xml *root;

	if (s3_bucket_find(r->call, r->bucket, &b) < 0 || s3_read_xml(r, &a, &root) < 0)
		return -1;
	rules = s3_rules_from_xml(r->call, root);
	return rules ? s3_notify_set(r->call, r->bucket, rules) : -1;
}

const struct s3_route s3_notify_routes[] = {
	{ "GET", 1, "notification", NULL, "GetBucketNotificationConfiguration",
	  get_notification },
	{ "PUT", 1, "notification", NULL, "PutBucketNotificationConfiguration",
	  put_notification },
	{ 0 },
};
