#include "render/derive_monitoring.h"

#include "base/map.h"
#include "manifest/naming.h"
#include "render/derive.h"

/*
 * Source: CloudWatch API Reference, "Dashboard Body Structure and Syntax": an alarm
 * widget takes 100 alarms; Logs Insights queries 50 log groups at once. A metric
 * widget takes 500 metrics and a dashboard 2,500: 125 processors, more than a lambda
 * stack holds, make 375 and 1,500.
 */
#define WIDGET_ALARMS_MAX 100
#define QUERY_GROUPS_MAX  50

/* Beyond that many, three percentiles a processor are a tangle: p99 alone is left. */
#define PERCENTILES_MAX 10

/* Heights on the dashboard's grid. */
#define TEXT_ROWS      2
#define GRAPH_ROWS     6
#define LOG_ROWS       8
#define ALARMS_A_ROW   8
#define ALARM_ROWS_MAX 12
#define MS_PER_SECOND  1000
#define PERCENT	       100

/* The alarms of one kind: the threshold, and whether there is any. */
static void put_threshold(struct arena *a, struct node *alarms, const char *kind,
			  int64_t threshold)
{
	struct node *it = node_mapping(a);

	derive_bool(a, it, "on", threshold > 0);
	node_put(a, it, "threshold", node_int(a, threshold));
	node_put(a, alarms, kind, it);
}

/* The processors with a queue, in one pass over the buckets. */
static void find_queued(struct map *out, const struct manifest *m)
{
	for (size_t i = 0; i < m->nbuckets; i++)
		if (m->buckets[i].queue)
			map_put(out, m->buckets[i].processor, (void *)m);
}

static struct node *processor_of(struct arena *a, const struct manifest *m, size_t i)
{
	const struct manifest_processor *p = &m->processors[i];
	struct node *it = node_mapping(a);

	node_put(a, it, "name", node_string(a, p->name));
	node_put(a, it, "id", node_string(a, naming_id(a, p->name)));
	node_put(a, it, "slow_ms",
		 node_int(a, p->timeout_s * MS_PER_SECOND *
				     m->monitoring.alarms.duration_p99 / PERCENT));
	return it;
}

/* The names of all alarms, in the template's order. */
static struct node *alarm_names(struct arena *a, const struct manifest *m)
{
	const struct manifest_alarms *alarms = &m->monitoring.alarms;
	const struct {
		const char *kind;
		bool on;
	} kinds[] = {
		{ "errors", alarms->errors > 0 },
		{ "throttles", alarms->throttles > 0 },
		{ "duration", alarms->duration_p99 > 0 },
		{ "dead-letters", alarms->dead_letters > 0 },
	};
	const char *prefix = derive_prefix(a, m);
	struct node *names = node_sequence(a);

	for (size_t i = 0; i < m->nprocessors; i++)
		for (size_t k = 0; k < ARRAY_SIZE(kinds); k++)
			if (kinds[k].on)
				node_push(
					a, names,
					node_string(a, arena_printf(a, "%s-%s-%s", prefix,
								    m->processors[i].name,
								    kinds[k].kind)));
	return names;
}

static int64_t alarm_rows(size_t n)
{
	size_t rows = 1 + (n + ALARMS_A_ROW - 1) / ALARMS_A_ROW;

	return (int64_t)FP_MIN(rows, (size_t)ALARM_ROWS_MAX);
}

/* Widgets of alarms, each under the one before; `*y` is then below the last. */
static struct node *alarm_widgets(struct arena *a, const struct node *names, int64_t *y)
{
	struct node *widgets = node_sequence(a);

	for (size_t i = 0; i < names->seq.n;) {
		size_t end = FP_MIN(i + WIDGET_ALARMS_MAX, names->seq.n);
		struct node *it = node_mapping(a), *some = node_sequence(a);
		int64_t height = alarm_rows(end - i);

		while (i < end)
			node_push(a, some, names->seq.v[i++]);
		node_put(a, it, "y", node_int(a, *y));
		node_put(a, it, "height", node_int(a, height));
		node_put(a, it, "alarms", some);
		node_push(a, widgets, it);
		*y += height;
	}
	return widgets;
}

/* Where each row of widgets begins; rows that have none take no place. */
static void put_layout(struct arena *a, struct node *out, const struct manifest *m,
		       bool queues)
{
	const struct {
		const char *name;
		int64_t height;
	} rows[] = {
		{ "invocations", GRAPH_ROWS }, { "duration", GRAPH_ROWS },
		{ "files", GRAPH_ROWS },       { "queues", queues ? GRAPH_ROWS : 0 },
		{ "logs", LOG_ROWS },	       { "pipeline", GRAPH_ROWS },
	};
	struct node *at = node_mapping(a);
	int64_t y = TEXT_ROWS;

	node_put(a, out, "alarm_widgets", alarm_widgets(a, alarm_names(a, m), &y));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		node_put(a, at, rows[i].name, node_int(a, y));
		y += rows[i].height;
	}
	node_put(a, out, "row", at);
}

struct node *derive_monitoring(struct arena *a, const struct manifest *m)
{
	const struct manifest_monitoring *on = &m->monitoring;
	struct node *out = node_mapping(a), *alarms = node_mapping(a);
	struct node *all = node_sequence(a), *queued = node_sequence(a);
	struct node *logged = node_sequence(a);
	struct map with_queue = MAP_INIT;

	find_queued(&with_queue, m);
	for (size_t i = 0; i < m->nprocessors; i++) {
		struct node *it = processor_of(a, m, i);

		node_push(a, all, it);
		if (map_get(&with_queue, m->processors[i].name))
			node_push(a, queued, it);
		if (i < QUERY_GROUPS_MAX)
			node_push(a, logged, it);
	}
	map_release(&with_queue, NULL);
	derive_bool(a, out, "dashboard", on->dashboard && m->nprocessors > 0);
	derive_bool(a, out, "alert", on->nalert > 0);
	node_put(a, out, "retention", node_int(a, on->retention_days));
	put_threshold(a, alarms, "errors", on->alarms.errors);
	put_threshold(a, alarms, "throttles", on->alarms.throttles);
	put_threshold(a, alarms, "duration", on->alarms.duration_p99);
	put_threshold(a, alarms, "dead_letters", on->alarms.dead_letters);
	node_put(a, out, "alarms", alarms);
	node_put(a, out, "processors", all);
	derive_bool(a, out, "detailed", m->nprocessors <= PERCENTILES_MAX);
	derive_bool(a, out, "queues", queued->seq.n > 0);
	node_put(a, out, "queued", queued);
	node_put(a, out, "logged", logged);
	put_layout(a, out, m, queued->seq.n > 0);
	return out;
}
