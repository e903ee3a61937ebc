#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/bus.h"
#include "emulator/common.h"
#include "emulator/service/lambda.h"
#include "wire/arn.h"

#define MAX_BATCH     10000
#define SMALL_BATCH   10 /* what may be without a window */
#define MAX_WINDOW    300
#define DEFAULT_ITEMS 100
#define REPORTS	      "ReportBatchItemFailures"

#define COLUMNS                                                              \
	"SELECT uuid, region, function, source, enabled, config, tags FROM " \
	"lambda_mappings"

void lambda_mapping_release(struct lambda_mapping *m)
{
	free(m->uuid);
	free(m->region);
	free(m->function);
	free(m->source);
	cJSON_Delete(m->config);
	cJSON_Delete(m->tags);
	memset(m, 0, sizeof(*m));
}

static void read_row(struct lambda_mapping *m, const struct store_rows *r)
{
	m->uuid = xstrdup(store_text(r, 0));
	m->region = xstrdup(store_text(r, 1));
	m->function = xstrdup(store_text(r, 2));
	m->source = xstrdup(store_text(r, 3));
	m->enabled = store_int(r, 4);
	m->config = cJSON_Parse(store_text(r, 5));
	m->tags = cJSON_Parse(store_text(r, 6));
}

static int no_mapping(struct call *c)
{
	return fault_set(&c->fault, 404, "ResourceNotFoundException",
			 "The resource you requested does not exist.");
}

static int load(struct call *c, const char *uuid, struct lambda_mapping *out)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };

	memset(out, 0, sizeof(*out));
	if (store_query(&r, c->emu->store, &err, COLUMNS " WHERE uuid = ? AND region = ?",
			"ss", str_or(uuid, ""), c->region) < 0)
		return fault_from(&c->fault, &err);
	if (!store_next(&r))
		return no_mapping(c);
	read_row(out, &r);
	return 0;
}

int lambda_mapping_find(struct call *c, const char *function, const char *source,
			struct lambda_mapping *out)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };

	memset(out, 0, sizeof(*out));
	if (store_query(&r, c->emu->store, &err,
			COLUMNS " WHERE function = ? AND source = ?", "ss", function,
			source) < 0)
		return fault_from(&c->fault, &err);
	if (!store_next(&r))
		return no_mapping(c);
	read_row(out, &r);
	return 0;
}

static int save(struct call *c, const struct lambda_mapping *m)
{
	FP_AUTO(freep) char *config = json_text(m->config), *tags = json_text(m->tags);
	struct fp_error err = { 0 };

	if (store_exec(c->emu->store, &err,
		       "INSERT OR REPLACE INTO lambda_mappings"
		       " (uuid, region, function, source, enabled, config, tags)"
		       " VALUES (?, ?, ?, ?, ?, ?, ?)",
		       "ssssiss", m->uuid, m->region, m->function, m->source,
		       (int64_t)m->enabled, config, tags) < 0)
		return fault_from(&c->fault, &err);
	return 0;
}

static int bad(struct call *c, const char *text)
{
	return fault_set(&c->fault, 400, "InvalidParameterValueException", "%s", text);
}

static int set_response_types(struct call *c, cJSON *config, const cJSON *in)
{
	const cJSON *types = json_get(in, "FunctionResponseTypes");

	if (!types)
		return 0;
	json_each (type, types)
		if (!str_eq(cJSON_GetStringValue(type), REPORTS))
			return bad(c, "FunctionResponseTypes holds nothing but " REPORTS);
	json_set(config, "FunctionResponseTypes", cJSON_Duplicate(types, true));
	return 0;
}

static int set_scaling(struct call *c, cJSON *config, const cJSON *in)
{
	static const char *const known[] = { "MaximumConcurrency", NULL };
	const cJSON *scaling = json_get(in, "ScalingConfig");
	int64_t n = json_int(scaling, "MaximumConcurrency", 2);

	if (!scaling)
		return 0;
	if (refuse_unsupported(c, "ScalingConfig", scaling, known) < 0)
		return -1;
	if (n < 2 || n > 1000)
		return bad(c, "MaximumConcurrency is between 2 and 1000");
	if (scaling->child)
		json_set(config, "ScalingConfig", cJSON_Duplicate(scaling, true));
	else
		cJSON_DeleteItemFromObjectCaseSensitive(config, "ScalingConfig");
	return 0;
}

/* AWS asks the queue, too: it is there, and hides a message for as long as the
 * function may run. */
static int check_queue(struct call *c, const struct lambda_mapping *m)
{
	FP_AUTO(lambda_function_release) struct lambda_function f = LAMBDA_FUNCTION_INIT;
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *out = cJSON_CreateObject();
	struct call asking = *c;
	int64_t hidden, timeout;

	json_set_str(in, "QueueArn", m->source);
	if (bus_call(&asking, "sqs", "FpctlDescribeQueue", in, out) < 0)
		return fault_set(
			&c->fault, 400, "InvalidParameterValueException",
			"Error occurred while ReceiveMessage. SQS Error Code: %s. "
			"SQS Error Message: %s",
			asking.fault.code, asking.fault.message);
	if (lambda_load(c, &f, m->function, NULL) < 0)
		return -1;
	hidden = json_int(out, "VisibilityTimeout", 0);
	timeout = json_int(f.config, "Timeout", 0);
	if (hidden < timeout)
		return fault_set(&c->fault, 400, "InvalidParameterValueException",
				 "Queue visibility timeout: %lld seconds is less than "
				 "Function timeout: %lld seconds",
				 (long long)hidden, (long long)timeout);
	return 0;
}

static int apply(struct call *c, struct lambda_mapping *m, const cJSON *in)
{
	cJSON *config = m->config;

	if (lambda_set_within(c, config, in, "BatchSize", 1, MAX_BATCH) < 0 ||
	    lambda_set_within(c, config, in, "MaximumBatchingWindowInSeconds", 0,
			      MAX_WINDOW) < 0 ||
	    set_response_types(c, config, in) < 0 || set_scaling(c, config, in) < 0)
		return -1;
	if (json_int(config, "BatchSize", 0) > SMALL_BATCH &&
	    json_int(config, "MaximumBatchingWindowInSeconds", 0) < 1)
		return bad(c, "Maximum batch window in seconds must be greater than 0 if "
			      "maximum batch size is greater than 10");
	m->enabled = json_bool(in, "Enabled", m->enabled);
	json_set_str(config, "State", m->enabled ? "Enabled" : "Disabled");
	json_set_str(config, "FunctionArn", m->function);
	json_set_int(config, "LastModified", clock_now_ms() / 1000);
	return check_queue(c, m);
}

static int refuse_others(struct call *c, const cJSON *in)
{
	static const char *const known[] = { "EventSourceArn",
					     "FunctionName",
					     "Enabled",
					     "BatchSize",
					     "MaximumBatchingWindowInSeconds",
					     "FunctionResponseTypes",
					     "ScalingConfig",
					     "Tags",
					     "UUID",
					     NULL };

	return refuse_unsupported(c, "event source mappings", in, known);
}

static int check_source(struct call *c, const cJSON *in, const struct lambda_function *f)
{
	const char *source = require_str(c, in, "EventSourceArn",
					 "InvalidParameterValueException");
	struct arn arn;

	if (!source)
		return -1;
	if (!arn_parse(&arn, source) || !str_eq(arn.service, "sqs"))
		return fault_set(
			&c->fault, 501, "NotImplemented",
			"the emulator maps the events of SQS queues only, not of "
			"'%s'",
			source);
	return str_eq(arn.region, f->region)
		       ? 0
		       : bad(c, "The queue and the function are in different regions");
}

static void copy_members(cJSON *out, const cJSON *from)
{
	json_each_member (m, from)
		json_set(out, m->string, cJSON_Duplicate(m, true));
}

static void fill_new(struct call *c, struct lambda_mapping *m, const cJSON *in,
		     const struct lambda_function *f)
{
	char uuid[37];

	random_uuid(uuid);
	m->uuid = xstrdup(uuid);
	m->region = xstrdup(f->region);
	m->function = xstrdup(json_str(f->config, "FunctionArn", ""));
	m->source = xstrdup(json_str(in, "EventSourceArn", ""));
	m->enabled = true;
	m->tags = cJSON_CreateObject();
	tags_merge(m->tags, json_get(in, "Tags"));
	m->config = cJSON_CreateObject();
	json_set_str(m->config, "UUID", uuid);
	json_set_int(m->config, "BatchSize", SMALL_BATCH);
	json_set_int(m->config, "MaximumBatchingWindowInSeconds", 0);
	json_set_str(m->config, "EventSourceArn", m->source);
	json_set_str(m->config, "StateTransitionReason", "USER_INITIATED");
	json_set_fmt(m->config, "EventSourceMappingArn",
		     "arn:%s:lambda:%s:%s:event-source-mapping:%s",
		     arn_partition(m->region), m->region, c->emu->account, uuid);
	(void)json_set_array(m->config, "FunctionResponseTypes");
}

struct mapping_ctx {
	const cJSON *in;
	cJSON *out;
};

static int create(struct call *c, void *arg)
{
	FP_AUTO(lambda_function_release) struct lambda_function f = LAMBDA_FUNCTION_INIT;
	FP_AUTO(lambda_mapping_release) struct lambda_mapping m = { 0 }, same = { 0 };
	struct mapping_ctx *x = arg;

	if (lambda_load(c, &f, json_str(x->in, "FunctionName", NULL), NULL) < 0 ||
	    check_source(c, x->in, &f) < 0)
		return -1;
	fill_new(c, &m, x->in, &f);
	if (lambda_mapping_find(c, m.function, m.source, &same) == 0)
		return fault_set(&c->fault, 409, "ResourceConflictException",
				 "An event source mapping with SQS arn (\" %s \") and "
				 "function (\" %s \") already exists. Please update or "
				 "delete the existing mapping with UUID %s",
				 m.source, f.name, same.uuid);
	if (c->fault.status != 404)
		return -1;
	memset(&c->fault, 0, sizeof(c->fault));
	if (apply(c, &m, x->in) < 0)
		return -1;
	copy_members(x->out, m.config);
	return save(c, &m);
}

int lambda_CreateEventSourceMapping(struct call *c, const cJSON *in, cJSON *out)
{
	struct mapping_ctx x = { in, out };

	if (refuse_others(c, in) < 0 || in_transaction(c, create, &x) < 0)
		return -1;
	return lambda_pollers_sync(c);
}

static int update(struct call *c, void *arg)
{
	FP_AUTO(lambda_function_release) struct lambda_function f = LAMBDA_FUNCTION_INIT;
	FP_AUTO(lambda_mapping_release) struct lambda_mapping m = { 0 };
	struct mapping_ctx *x = arg;
	const char *function = json_str(x->in, "FunctionName", NULL);
	const cJSON *tags = json_get(x->in, "Tags");

	if (load(c, json_str(x->in, "UUID", NULL), &m) < 0 ||
	    lambda_load(c, &f, str_or(function, m.function), NULL) < 0)
		return -1;
	free(m.function);
	m.function = xstrdup(json_str(f.config, "FunctionArn", ""));
	if (tags) {
		cJSON_Delete(m.tags);
		m.tags = cJSON_CreateObject();
		tags_merge(m.tags, tags);
	}
	if (apply(c, &m, x->in) < 0)
		return -1;
	copy_members(x->out, m.config);
	return save(c, &m);
}

int lambda_UpdateEventSourceMapping(struct call *c, const cJSON *in, cJSON *out)
{
	struct mapping_ctx x = { in, out };

	if (refuse_others(c, in) < 0 || in_transaction(c, update, &x) < 0)
		return -1;
	return lambda_pollers_sync(c);
}

int lambda_GetEventSourceMapping(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(lambda_mapping_release) struct lambda_mapping m = { 0 };

	if (load(c, json_str(in, "UUID", NULL), &m) < 0)
		return -1;
	copy_members(out, m.config);
	return 0;
}

static int drop(struct call *c, void *arg)
{
	FP_AUTO(lambda_mapping_release) struct lambda_mapping m = { 0 };
	struct mapping_ctx *x = arg;
	struct fp_error err = { 0 };

	if (load(c, json_str(x->in, "UUID", NULL), &m) < 0)
		return -1;
	copy_members(x->out, m.config);
	json_set_str(x->out, "State", "Deleting");
	if (store_exec(c->emu->store, &err, "DELETE FROM lambda_mappings WHERE uuid = ?",
		       "s", m.uuid) < 0)
		return fault_from(&c->fault, &err);
	return 0;
}

int lambda_DeleteEventSourceMapping(struct call *c, const cJSON *in, cJSON *out)
{
	struct mapping_ctx x = { in, out };

	return in_transaction(c, drop, &x) < 0 ? -1 : lambda_pollers_sync(c);
}

static bool is_wanted(const struct lambda_mapping *m, const char *source,
		      const char *name)
{
	char plain[141], own[141];

	if (source && !str_eq(source, m->source))
		return false;
	return !name || (lambda_name_of(plain, name) &&
			 lambda_name_of(own, m->function) && str_eq(plain, own));
}

int lambda_ListEventSourceMappings(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	int64_t max = json_int(in, "MaxItems", DEFAULT_ITEMS);
	cJSON *list = json_set_array(out, "EventSourceMappings");
	FP_AUTO(freep) char *last = NULL;
	struct fp_error err = { 0 };

	if (max < 1 || max > DEFAULT_ITEMS)
		max = DEFAULT_ITEMS;
	if (store_query(&r, c->emu->store, &err,
			COLUMNS " WHERE region = ? AND uuid > ? ORDER BY uuid", "ss",
			c->region, json_str(in, "Marker", "")) < 0)
		return fault_from(&c->fault, &err);
	while (store_next(&r)) {
		FP_AUTO(lambda_mapping_release) struct lambda_mapping m = { 0 };

		read_row(&m, &r);
		if (!is_wanted(&m, json_str(in, "EventSourceArn", NULL),
			       json_str(in, "FunctionName", NULL)))
			continue;
		if (max-- == 0) {
			json_set_str(out, "NextMarker", last);
			break;
		}
		freep(&last);
		last = xstrdup(m.uuid);
		cJSON_AddItemToArray(list, cJSON_Duplicate(m.config, true));
	}
	return 0;
}
