#include <stdarg.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/common.h"
#include "emulator/service/cloudwatch.h"
#include "wire/shape.h"

#define LETTERS	   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
#define NAME_LIMIT 255
#define GRID	   24
#define WIDGETS	   500
#define PAGE	   1000

static char *dashboard_arn(const struct call *c, const char *name)
{
	FP_AUTO(freep) char *resource = xasprintf("dashboard/%s", name);

	return service_arn(c, "cloudwatch", "", resource);
}

/* {"dataPath": ..., "message": ...}, as the API gives them in its error. */
static void find(cJSON *findings, const char *message, const char *fmt, ...)
	FP_PRINTF(3, 4);
static void find(cJSON *findings, const char *message, const char *fmt, ...)
{
	cJSON *item = json_push_object(findings);
	char path[128];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	json_set_str(item, "dataPath", path);
	json_set_str(item, "message", message);
}

static void check_place(cJSON *findings, const cJSON *widget, int i)
{
	static const struct {
		const char *name;
		int min, max;
	} places[] = { { "x", 0, GRID - 1 },
		       { "y", 0, INT32_MAX },
		       { "width", 1, GRID },
		       { "height", 1, 1000 } };

	for (size_t k = 0; k < ARRAY_SIZE(places); k++) {
		const cJSON *v = json_get(widget, places[k].name);

		if (v && !cJSON_IsNumber(v))
			find(findings, "Should be integer", "/widgets/%d/%s", i,
			     places[k].name);
		else if (v && (v->valuedouble < places[k].min ||
			       v->valuedouble > places[k].max))
			find(findings, "Is out of range", "/widgets/%d/%s", i,
			     places[k].name);
	}
}

static void check_metrics(cJSON *findings, const cJSON *properties, int i)
{
	const cJSON *metrics = json_get(properties, "metrics");

	if (metrics && !cJSON_IsArray(metrics)) {
		find(findings, "Should be array", "/widgets/%d/properties/metrics", i);
		return;
	}
	json_each (metric, metrics)
		if (!cJSON_IsArray(metric) || !metric->child)
			find(findings, "Should be array of metric arrays",
			     "/widgets/%d/properties/metrics", i);
	if (!metrics && !json_get(properties, "annotations"))
		find(findings, "Should match some schema in anyOf",
		     "/widgets/%d/properties", i);
}

/* Source: CloudWatch API Reference, "Dashboard Body Structure and Syntax". */
static void check_widget(cJSON *findings, const cJSON *widget, int i)
{
	static const struct {
		const char *type, *required; /* a property */
	} types[] = { { "metric", "region" }, { "text", "markdown" },
		      { "log", "region" },    { "alarm", "alarms" },
		      { "explorer", NULL },   { "custom", "endpoint" } };
	const char *type = json_str(widget, "type", NULL);
	const cJSON *properties = json_get(widget, "properties");
	size_t k = 0;

	check_place(findings, widget, i);
	while (k < ARRAY_SIZE(types) && !str_eq(types[k].type, type))
		k++;
	if (!type)
		find(findings, "Should have required property 'type'", "/widgets/%d", i);
	else if (k == ARRAY_SIZE(types))
		find(findings, "Should be equal to one of the allowed values",
		     "/widgets/%d/type", i);
	if (!cJSON_IsObject(properties)) {
		find(findings, "Should have required property 'properties'",
		     "/widgets/%d", i);
		return;
	}
	if (k < ARRAY_SIZE(types) && types[k].required &&
	    !json_get(properties, types[k].required)) {
		FP_AUTO(freep)
		char *text = xasprintf("Should have required property '%s'",
				       types[k].required);

		find(findings, text, "/widgets/%d/properties", i);
	}
	if (str_eq(type, "metric"))
		check_metrics(findings, properties, i);
}

static int refuse_body(struct call *c, const cJSON *findings)
{
	int n = cJSON_GetArraySize(findings);
	FP_AUTO(freep) char *text = json_text(findings);

	if (!n)
		return 0;
	return fault_set(&c->fault, 400, "InvalidParameterInput",
			 "The dashboard body is invalid, there are %d validation "
			 "errors: %s",
			 n, text);
}

static int check_body(struct call *c, const char *text)
{
	FP_AUTO(json_freep) cJSON *body = json_parse(text, strlen(text), "it", NULL);
	FP_AUTO(json_freep) cJSON *findings = cJSON_CreateArray();
	const cJSON *widgets = json_get(body, "widgets");
	int i = 0;

	if (!cJSON_IsObject(body))
		return fault_set(&c->fault, 400, "InvalidParameterInput",
				 "The field DashboardBody must be a valid JSON object");
	if (!cJSON_IsArray(widgets))
		find(findings, "Should have required property 'widgets'", "/");
	else if (cJSON_GetArraySize(widgets) > WIDGETS)
		find(findings, "Has too many widgets", "/widgets");
	json_each (widget, widgets)
		check_widget(findings, widget, i++);
	return refuse_body(c, findings);
}

static int put_dashboard(struct call *c, void *arg)
{
	const cJSON *in = arg;
	FP_AUTO(json_freep) cJSON *tags = tags_from_list(json_get(in, "Tags"));
	FP_AUTO(freep) char *text = json_text(tags);
	struct fp_error err = { 0 };

	if (store_exec(c->emu->store, &err,
		       "INSERT INTO cloudwatch_dashboards (name, body, modified, tags)"
		       " VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
		       " body = excluded.body, modified = excluded.modified",
		       "ssis", json_str(in, "DashboardName", ""),
		       json_str(in, "DashboardBody", ""), clock_now_ms(), text) < 0)
		return fault_from(&c->fault, &err);
	return 0;
}

int cloudwatch_PutDashboard(struct call *c, const cJSON *in, cJSON *out)
{
	const char *name = json_str(in, "DashboardName", "");

	if (!*name || strlen(name) > NAME_LIMIT || name[strspn(name, LETTERS)])
		return fault_set(&c->fault, 400, "InvalidParameterInput",
				 "The field DashboardName must contain 1 to %d letters, "
				 "digits, dashes and underscores",
				 NAME_LIMIT);
	if (check_body(c, json_str(in, "DashboardBody", "")) < 0)
		return -1;
	(void)json_set_array(out, "DashboardValidationMessages");
	return in_transaction(c, put_dashboard, (void *)(uintptr_t)in);
}

static int no_dashboard(struct call *c, const char *name)
{
	return fault_set(&c->fault, 404, "ResourceNotFound",
			 "Dashboard %s does not exist", name);
}

int cloudwatch_GetDashboard(struct call *c, const cJSON *in, cJSON *out)
{
	const char *name = require_str(c, in, "DashboardName", "InvalidParameterValue");
	FP_AUTO(freep) char *arn = dashboard_arn(c, str_or(name, ""));
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };

	if (!name)
		return -1;
	if (store_query(&r, c->emu->store, &err,
			"SELECT body FROM cloudwatch_dashboards WHERE name = ?", "s",
			name) < 0)
		return fault_from(&c->fault, &err);
	if (!store_next(&r))
		return no_dashboard(c, name);
	json_set_str(out, "DashboardArn", arn);
	json_set_str(out, "DashboardBody", store_text(&r, 0));
	json_set_str(out, "DashboardName", name);
	return 0;
}

int cloudwatch_ListDashboards(struct call *c, const cJSON *in, cJSON *out)
{
	const char *prefix = json_str(in, "DashboardNamePrefix", "");
	FP_AUTO(store_done) struct store_rows r = { 0 };
	cJSON *list = json_set_array(out, "DashboardEntries");
	struct fp_error err = { 0 };
	int left = PAGE;

	if (store_query(&r, c->emu->store, &err,
			"SELECT name, modified, LENGTH(CAST(body AS BLOB)) FROM"
			" cloudwatch_dashboards WHERE name > ? ORDER BY name",
			"s", json_str(in, "NextToken", "")) < 0)
		return fault_from(&c->fault, &err);
	while (store_next(&r)) {
		FP_AUTO(freep) char *arn = dashboard_arn(c, store_text(&r, 0));
		cJSON *item;

		if (!str_starts(store_text(&r, 0), prefix))
			continue;
		if (left-- == 0) {
			json_set_str(out, "NextToken",
				     json_str(list->child->prev, "DashboardName", ""));
			break;
		}
		item = json_push_object(list);
		json_set_str(item, "DashboardName", store_text(&r, 0));
		json_set_str(item, "DashboardArn", arn);
		shape_set_time(item, "LastModified", store_int(&r, 1));
		json_set_int(item, "Size", store_int(&r, 2));
	}
	return 0;
}

static int delete_dashboards(struct call *c, void *arg)
{
	const cJSON *names = arg;
	struct fp_error err = { 0 };

	json_each (name, names) {
		const char *text = str_or(name->valuestring, "");
		int n = store_exec(c->emu->store, &err,
				   "DELETE FROM cloudwatch_dashboards WHERE name = ?",
				   "s", text);

		if (n < 0)
			return fault_from(&c->fault, &err);
		if (n == 0)
			return no_dashboard(c, text);
	}
	return 0;
}

int cloudwatch_DeleteDashboards(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	const cJSON *names = json_get(in, "DashboardNames");

	if (!names || !names->child)
		return fault_set(&c->fault, 400, "InvalidParameterValue",
				 "the parameter 'DashboardNames' is required");
	return in_transaction(c, delete_dashboards, (void *)(uintptr_t)names);
}
