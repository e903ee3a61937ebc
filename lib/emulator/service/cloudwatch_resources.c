/* Tags, and the resource types of CloudFormation. */
#include "base/json.h"
#include "base/str.h"
#include "emulator/bus.h"
#include "emulator/common.h"
#include "emulator/service/cloudwatch.h"
#include "wire/arn.h"

/* The tags of an alarm or a dashboard, in its own table. */
struct tagged {
	bool alarm;
	char *name;
	cJSON *tags;
};

static void tagged_release(struct tagged *t)
{
	free(t->name);
	cJSON_Delete(t->tags);
}

static int load_tagged(struct call *c, const cJSON *in, struct tagged *out)
{
	const char *text = json_str(in, "ResourceARN", "");
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };
	struct arn arn;
	const char *name;
	int rc;

	if (!arn_parse(&arn, text) || !str_eq(arn.service, "cloudwatch"))
		return fault_set(&c->fault, 400, "InvalidParameterValue",
				 "ResourceARN is no ARN of CloudWatch: '%s'", text);
	out->alarm = str_starts(arn.resource, "alarm:");
	name = strchr(arn.resource, out->alarm ? ':' : '/');
	out->name = xstrdup(name ? name + 1 : "");
	if (out->alarm)
		rc = store_query(&r, c->emu->store, &err,
				 "SELECT tags FROM cloudwatch_alarms WHERE region = ?"
				 " AND name = ?",
				 "ss", arn.region, out->name);
	else
		rc = store_query(&r, c->emu->store, &err,
				 "SELECT tags FROM cloudwatch_dashboards WHERE name = ?",
				 "s", out->name);
	if (rc < 0)
		return fault_from(&c->fault, &err);
	if (!store_next(&r))
		return fault_set(&c->fault, 404, "ResourceNotFound", "%s does not exist",
				 text);
	out->tags = cJSON_Parse(store_text(&r, 0));
	return 0;
}

static int change_tags(struct call *c, void *arg)
{
	const cJSON *in = arg;
	FP_AUTO(json_freep) cJSON *more = tags_from_list(json_get(in, "Tags"));
	FP_AUTO(tagged_release) struct tagged t = { 0 };
	FP_AUTO(freep) char *text = NULL;
	struct fp_error err = { 0 };
	int rc;

	if (load_tagged(c, in, &t) < 0)
		return -1;
	tags_merge(t.tags, more);
	json_each (key, json_get(in, "TagKeys"))
		cJSON_DeleteItemFromObjectCaseSensitive(t.tags,
							str_or(key->valuestring, ""));
	text = json_text(t.tags);
	if (t.alarm)
		rc = store_exec(c->emu->store, &err,
				"UPDATE cloudwatch_alarms SET tags = ? WHERE region = ?"
				" AND name = ?",
				"sss", text, c->region, t.name);
	else
		rc = store_exec(c->emu->store, &err,
				"UPDATE cloudwatch_dashboards SET tags = ? WHERE name ="
				" ?",
				"ss", text, t.name);
	return rc < 0 ? fault_from(&c->fault, &err) : 0;
}

int cloudwatch_TagResource(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return in_transaction(c, change_tags, (void *)(uintptr_t)in);
}

int cloudwatch_UntagResource(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return in_transaction(c, change_tags, (void *)(uintptr_t)in);
}

int cloudwatch_ListTagsForResource(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(tagged_release) struct tagged t = { 0 };

	if (load_tagged(c, in, &t) < 0)
		return -1;
	json_set(out, "Tags", tags_to_list(t.tags));
	return 0;
}

static int run(const struct resource_request *r, const char *action, const cJSON *in,
	       cJSON *out)
{
	return bus_call(r->call, "monitoring", action, in, out);
}

/* What bears the name already and was not made for this very resource, is not taken
 * over. */
static int check_own_or_none(const struct resource_request *r, const char *arn,
			     const char *type, const char *name)
{
	int foreign = resource_is_foreign(r, "monitoring", "ResourceARN", arn);

	if (foreign <= 0)
		return foreign;
	return fault_set(&r->call->fault, 409, "AlreadyExists",
			 "Resource of type '%s' with identifier '%s' already exists.",
			 type, name);
}

/* Only when the stack's or its own tags changed, for an update keeps what is there. */
static int set_tags(const struct resource_request *r, const char *arn)
{
	FP_AUTO(json_freep) cJSON *before = tags_from_list(json_get(r->previous, "Tags"));
	FP_AUTO(json_freep) cJSON *tags = tags_of_resource(r);
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	cJSON *keys;

	json_set_str(in, "ResourceARN", arn);
	keys = json_set_array(in, "TagKeys");
	json_each_member (tag, before)
		json_push_str(keys, tag->string);
	if (before->child && run(r, "UntagResource", in, NULL) < 0)
		return -1;
	cJSON_DeleteItemFromObjectCaseSensitive(in, "TagKeys");
	json_set(in, "Tags", tags_to_list(tags));
	return run(r, "TagResource", in, NULL);
}

static int put_alarm(const struct resource_request *r, const char *name, const char *arn)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_Duplicate(r->properties, true);
	FP_AUTO(json_freep) cJSON *tags = tags_of_resource(r);

	json_set_str(in, "AlarmName", name);
	json_set(in, "Tags", tags_to_list(tags));
	if (run(r, "PutMetricAlarm", in, NULL) < 0)
		return -1;
	return set_tags(r, arn);
}

static int alarm_create(const struct resource_request *r, struct resource *out)
{
	const char *given = json_str(r->properties, "AlarmName", NULL);
	FP_AUTO(freep) char *name = given ? xstrdup(given) : resource_name(r, 255);
	FP_AUTO(freep) char *resource = xasprintf("alarm:%s", name);
	FP_AUTO(freep)
	char *arn = service_arn(r->call, "cloudwatch", r->call->region, resource);

	if (check_own_or_none(r, arn, "AWS::CloudWatch::Alarm", name) < 0 ||
	    put_alarm(r, name, arn) < 0)
		return -1;
	out->physical_id = xstrdup(name);
	out->attributes = cJSON_CreateObject();
	json_set_str(out->attributes, "Arn", arn);
	return 0;
}

static int alarm_update(const struct resource_request *r, struct resource *inout)
{
	return put_alarm(r, inout->physical_id, json_str(inout->attributes, "Arn", ""));
}

static int alarm_remove(const struct resource_request *r, const struct resource *old)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	json_push_str(json_set_array(in, "AlarmNames"), old->physical_id);
	return run(r, "DeleteAlarms", in, NULL) < 0 && !resource_gone(r) ? -1 : 0;
}

static int put_dashboard(const struct resource_request *r, const char *name)
{
	static const char *const known[] = { "DashboardName", "DashboardBody", "Tags",
					     NULL };
	FP_AUTO(freep) char *arn = NULL;
	FP_AUTO(freep) char *resource = xasprintf("dashboard/%s", name);
	FP_AUTO(freep) char *body = json_or_text(r->properties, "DashboardBody");
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	if (refuse_unsupported(r->call, "AWS::CloudWatch::Dashboard", r->properties,
			       known) < 0)
		return -1;
	arn = service_arn(r->call, "cloudwatch", "", resource);
	if (!r->previous &&
	    check_own_or_none(r, arn, "AWS::CloudWatch::Dashboard", name) < 0)
		return -1;
	json_set_str(in, "DashboardName", name);
	json_set_str(in, "DashboardBody", str_or(body, ""));
	if (run(r, "PutDashboard", in, NULL) < 0)
		return -1;
	return set_tags(r, arn);
}

static int dashboard_create(const struct resource_request *r, struct resource *out)
{
	const char *given = json_str(r->properties, "DashboardName", NULL);
	FP_AUTO(freep) char *name = given ? xstrdup(given) : resource_name(r, 255);

	if (put_dashboard(r, name) < 0)
		return -1;
	out->physical_id = xstrdup(name);
	out->attributes = cJSON_CreateObject();
	return 0;
}

static int dashboard_update(const struct resource_request *r, struct resource *inout)
{
	return put_dashboard(r, inout->physical_id);
}

static int dashboard_remove(const struct resource_request *r, const struct resource *old)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	json_push_str(json_set_array(in, "DashboardNames"), old->physical_id);
	return run(r, "DeleteDashboards", in, NULL) < 0 && !resource_gone(r) ? -1 : 0;
}

const struct resource_type cloudwatch_resources[] = {
	{ "AWS::CloudWatch::Alarm", alarm_create, alarm_update, alarm_remove },
	{ "AWS::CloudWatch::Dashboard", dashboard_create, dashboard_update,
	  dashboard_remove },
	{ NULL, NULL, NULL, NULL },
};
