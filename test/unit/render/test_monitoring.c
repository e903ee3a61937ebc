/*
 * The alarms and the dashboard. Its body is checked against the CloudWatch API
 * Reference, "Dashboard Body Structure and Syntax".
 */
#include "base/json.h"
#include "renders.h"

#define MAX_WIDGETS	      500
#define MAX_WIDGET_METRICS    500
#define MAX_DASHBOARD_METRICS 2500
#define MAX_WIDGET_ALARMS     100
#define MAX_QUERY_GROUPS      50

#define COLUMNS		      24
#define MAX_ROWS	      1000

/* What is known only to AWS, as it may be there. */
static const struct {
	const char *name, *value;
} pseudo[] = {
	{ "${AWS::Region}", "eu-west-1" },
	{ "${AWS::AccountId}", "111122223333" },
	{ "${AWS::Partition}", "aws" },
};

static cJSON *body_of(const struct rendering *r)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;
	struct fp_error err = { 0 };
	const struct node *n = stack_node(r, "monitoring",
					  "Resources.Dashboard.Properties.DashboardBody");
	const char *s;
	cJSON *j;

	ck_assert_ptr_nonnull(n);
	ck_assert_str_eq(n->tag, "!Sub");
	for (s = node_text(n); *s;) {
		size_t i = 0;

		while (i < ARRAY_SIZE(pseudo) && !str_starts(s, pseudo[i].name))
			i++;
		if (i < ARRAY_SIZE(pseudo)) {
			buf_puts(&b, pseudo[i].value);
			s += strlen(pseudo[i].name);
		} else {
			ck_assert_msg(!str_starts(s, "${"), "unknown variable: %.40s", s);
			buf_putc(&b, *s++);
		}
	}
	j = json_parse(b.data, b.len, "body", &err);
	ck_assert_msg(j != NULL, "%s", err.message);
	return j;
}

struct grid {
	bool taken[MAX_ROWS][COLUMNS];
};

static void place(struct grid *g, const cJSON *w)
{
	int64_t x = json_int(w, "x", -1), y = json_int(w, "y", -1);
	int64_t width = json_int(w, "width", -1), height = json_int(w, "height", -1);

	ck_assert(x >= 0 && x < COLUMNS && y >= 0 && width >= 1 && height >= 1);
	ck_assert(x + width <= COLUMNS && y + height <= MAX_ROWS);
	for (int64_t row = y; row < y + height; row++)
		for (int64_t column = x; column < x + width; column++) {
			ck_assert_msg(!g->taken[row][column], "overlap at %d, %d",
				      (int)column, (int)row);
			g->taken[row][column] = true;
		}
}

/* [namespace, name, (dimension, value)..., {options}] */
static void check_metric(const cJSON *metric)
{
	static const char *const options[] = { "label",	 "stat",   "color", "yAxis",
					       "period", "region", "id",    "visible" };
	int n = cJSON_GetArraySize(metric), i = 0;

	ck_assert(cJSON_IsArray(metric));
	json_each (it, metric) {
		if (i++ < n - 1 || !cJSON_IsObject(it)) {
			ck_assert(cJSON_IsString(it) && it->valuestring[0]);
			continue;
		}
		n--;
		json_each (option, it) {
			size_t k = 0;

			while (k < ARRAY_SIZE(options) &&
			       !str_eq(options[k], option->string))
				k++;
			ck_assert_msg(k < ARRAY_SIZE(options), "option '%s'",
				      option->string);
		}
	}
	ck_assert_msg(n >= 4 && n % 2 == 0, "a metric of %d texts", n);
}

static int check_metric_widget(const cJSON *p)
{
	const cJSON *metrics = json_get(p, "metrics");
	int64_t period = json_int(p, "period", 0);
	int n = cJSON_GetArraySize(metrics);

	ck_assert(str_eq(json_str(p, "view", ""), "timeSeries"));
	ck_assert(cJSON_IsBool(json_get(p, "stacked")));
	ck_assert(period == 60 || period == 300 || period == 3600);
	ck_assert_msg(n >= 1 && n <= MAX_WIDGET_METRICS, "%d metrics", n);
	json_each (metric, metrics)
		check_metric(metric);
	return n;
}

static void check_alarm_widget(const cJSON *p)
{
	const cJSON *alarms = json_get(p, "alarms");
	int n = cJSON_GetArraySize(alarms);

	ck_assert_msg(n >= 1 && n <= MAX_WIDGET_ALARMS, "%d alarms", n);
	json_each (arn, alarms)
		ck_assert(str_starts(arn->valuestring,
				     "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:"));
}

static void check_log_widget(const cJSON *p)
{
	const char *query = json_str(p, "query", "");
	int groups = 0;

	ck_assert(str_starts(query, "SOURCE '/aws/lambda/"));
	for (const char *s = query; (s = strstr(s, "SOURCE '")); s++)
		groups++;
	ck_assert_msg(groups <= MAX_QUERY_GROUPS, "%d log groups", groups);
	ck_assert(str_eq(json_str(p, "view", ""), "table"));
}

/* The types' counts as "alarm log metric text". */
static void check_body(const struct rendering *r, const char *want)
{
	FP_AUTO(json_freep) cJSON *j = body_of(r);
	FP_AUTO(freep) struct grid *grid = xcalloc(1, sizeof(*grid));
	int alarm = 0, log = 0, metric = 0, text = 0, metrics = 0;
	char got[64];

	json_each (w, json_get(j, "widgets")) {
		const char *type = json_str(w, "type", "");
		const cJSON *p = json_get(w, "properties");

		place(grid, w);
		ck_assert(cJSON_IsObject(p));
		if (str_eq(type, "text")) {
			ck_assert(json_str(p, "markdown", "")[0]);
			text++;
			continue;
		}
		ck_assert_msg(json_str(p, "title", "")[0], "a %s widget without title",
			      type);
		if (str_eq(type, "alarm")) {
			check_alarm_widget(p);
			alarm++;
			continue;
		}
		ck_assert_str_eq(json_str(p, "region", ""), "eu-west-1");
		if (str_eq(type, "metric")) {
			metrics += check_metric_widget(p);
			metric++;
		} else {
			ck_assert_str_eq(type, "log");
			check_log_widget(p);
			log++;
		}
	}
	ck_assert_int_le(alarm + log + metric + text, MAX_WIDGETS);
	ck_assert_int_le(metrics, MAX_DASHBOARD_METRICS);
	snprintf(got, sizeof(got), "%d %d %d %d", alarm, log, metric, text);
	ck_assert_str_eq(got, want);
}

/* A manifest of n processors, each with a bucket. */
static void many(struct buf *b, size_t n, const char *bucket)
{
	buf_puts(b, "project: p\nprocessors:\n");
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "  f%zu: {}\n", i);
	buf_puts(b, "buckets:\n");
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "  b%zu: {processor: f%zu%s}\n", i, i, bucket);
}

static const struct {
	const char *name;
	size_t processors;
	const char *bucket, *more, *widgets;
} bodies[] = {
	{ "one processor", 1, "", "", "1 1 8 1" },
	{ "one with a queue", 1, ", delivery: queue", "", "1 1 10 1" },
	{ "no alarm", 2, "",
	  "monitoring: {alarms: {errors: 0, throttles: 0, duration_p99: 0, "
	  "dead_letters: 0}}\n",
	  "0 1 8 1" },
	{ "a pipeline", 2, "", "pipeline: {github: o/r}\n", "1 1 9 2" },
	{ "a pipeline and queues", 11, ", delivery: queue", "pipeline: {github: o/r}\n",
	  "1 1 11 2" },
	/* What a lambda stack holds at most; more alarms than one widget takes. */
	{ "many", 48, ", delivery: queue", "pipeline: {github: o/r}\n", "2 1 11 2" },
	{ "more than one query takes", 60, "", "", "3 1 8 1" },
};

START_TEST(bodies_are_as_cloudwatch_wants_them)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(rendering_release) struct rendering r;

	many(&text, bodies[_i].processors, bodies[_i].bucket);
	buf_puts(&text, bodies[_i].more);
	render_text(&r, buf_str(&text), NULL);
	check_body(&r, bodies[_i].widgets);
}
END_TEST

#define ONE	  "project: p\nbuckets: {uploads: {}}\n"
#define ALARM	  "Resources.DefaultDurationAlarm.Properties."
#define NO_ALARMS "errors: 0, throttles: 0, duration_p99: 0, dead_letters: 0"

/* `want` NULL: nothing is there. */
static const struct {
	const char *name, *text, *path, *want;
} values[] = {
	{ "80 % of 60 s", ONE, ALARM "Threshold", "48000" },
	{ "of the own timeout",
	  ONE "processors: {default: {timeout: 5m}}\nmonitoring: {alarms: {duration_p99: "
	      "50%}}\n",
	  ALARM "Threshold", "150000" },
	{ "silence is good", ONE, ALARM "TreatMissingData", "notBreaching" },
	{ "no alert: no action", ONE, ALARM "AlarmActions", NULL },
	{ "an alert: its topic", ONE "monitoring: {alert: a@example.com}\n",
	  ALARM "AlarmActions.0", "AlertTopicArn" },
	{ "and when it is over", ONE "monitoring: {alert: a@example.com}\n",
	  ALARM "OKActions.0", "AlertTopicArn" },
	{ "0 is no alarm", ONE "monitoring: {alarms: {duration_p99: 0}}\n",
	  ALARM "AlarmName", NULL },
	{ "an own threshold", ONE "monitoring: {alarms: {errors: 7}}\n",
	  "Resources.DefaultErrorsAlarm.Properties.Threshold", "7" },
	{ "dead letters of the processor's queue", ONE,
	  "Resources.DefaultDeadLettersAlarm.Properties.Dimensions.0.Value",
	  "p-default-dead-letters" },
	{ "no dashboard", ONE "monitoring: {dashboard: false}\n",
	  "Resources.Dashboard.Type", NULL },
	{ "a dashboard alone", ONE "monitoring: {alarms: {" NO_ALARMS "}}\n",
	  "Resources.Dashboard.Properties.DashboardName", "p" },
	{ "nothing at all: no stack",
	  ONE "monitoring: {dashboard: false, alarms: {" NO_ALARMS "}}\n", "Resources",
	  NULL },
};

START_TEST(alarms_follow_the_manifest)
{
	FP_AUTO(rendering_release) struct rendering r;
	const struct node *n;

	render_text(&r, values[_i].text, NULL);
	n = stack_node(&r, "monitoring", values[_i].path);
	if (values[_i].want)
		ck_assert_msg(node_is(n, values[_i].want), "'%s'",
			      str_or(node_text(n), "(none)"));
	else
		ck_assert_ptr_null(n);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("render/monitoring");
	TCase *tc = tcase_create("monitoring");

	tcase_add_loop_test(tc, bodies_are_as_cloudwatch_wants_them, 0,
			    ARRAY_SIZE(bodies));
	tcase_add_loop_test(tc, alarms_follow_the_manifest, 0, ARRAY_SIZE(values));
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
