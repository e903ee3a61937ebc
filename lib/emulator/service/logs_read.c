#include "base/json.h"
#include "base/str.h"
#include "emulator/common.h"
#include "emulator/service/logs.h"

#define MAX_EVENTS 10000
#define MAX_ANSWER (1024 * 1024)

/* Where a page ends: behind the event of this time and number. */
struct position {
	int64_t ms, id;
};

static bool read_position(struct position *p, const char *token, char direction)
{
	FP_AUTO(strs_release) struct strs parts = STRS_INIT;

	if (token[0] != direction || token[1] != '/')
		return false;
	strs_split(&parts, token + 2, '/');
	return parts.n == 2 && str_to_i64(parts.v[0], 0, INT64_MAX, &p->ms) &&
	       str_to_i64(parts.v[1], 0, INT64_MAX, &p->id);
}

static void set_position(cJSON *out, const char *member, char direction,
			 struct position p)
{
	json_set_fmt(out, member, "%c/%020lld/%020lld", direction, (long long)p.ms,
		     (long long)p.id);
}

static int bad_token(struct call *c)
{
	return fault_set(&c->fault, 400, "InvalidParameterException",
			 "The specified nextToken is invalid.");
}

static void add_event(cJSON *list, const struct store_rows *r)
{
	cJSON *e = json_push_object(list);

	json_set_int(e, "timestamp", store_int(r, 1));
	json_set_str(e, "message", store_text(r, 3));
	json_set_int(e, "ingestionTime", store_int(r, 2));
}

struct get {
	int64_t stream, from, to, limit;
	struct position after;
	bool backward;
};

static int read_get(struct call *c, const cJSON *in, struct get *g)
{
	const char *token = json_str(in, "nextToken", NULL);
	struct log_group group;

	if (logs_find_group(c, in, &group) < 0 ||
	    logs_find_stream(c, group.id, json_str(in, "logStreamName", ""), &g->stream) <
		    0)
		return -1;
	if (!g->stream)
		return logs_no_stream(c);
	g->from = json_int(in, "startTime", 0);
	g->to = json_int(in, "endTime", INT64_MAX);
	g->limit = json_int(in, "limit", MAX_EVENTS);
	if (g->limit < 1 || g->limit > MAX_EVENTS)
		return fault_set(&c->fault, 400, "InvalidParameterException",
				 "limit is between 1 and %d", MAX_EVENTS);
	g->backward = !json_bool(in, "startFromHead", false);
	g->after = g->backward ? (struct position){ INT64_MAX, INT64_MAX }
			       : (struct position){ 0, 0 };
	if (!token)
		return 0;
	g->backward = token[0] == 'b';
	return read_position(&g->after, token, g->backward ? 'b' : 'f') ? 0
									: bad_token(c);
}

static int query_get(struct call *c, const struct get *g, struct store_rows *r)
{
#define EVENTS                                                                  \
	"SELECT id, ms, ingested, message FROM logs_events WHERE stream_id = ?" \
	" AND ms >= ? AND ms < ?"
	struct fp_error err = { 0 };
	int rc = store_query(r, c->emu->store, &err,
			     g->backward ? EVENTS " AND (ms, id) < (?, ?)"
						  " ORDER BY ms DESC, id DESC LIMIT ?"
					 : EVENTS " AND (ms, id) > (?, ?)"
						  " ORDER BY ms, id LIMIT ?",
			     "iiiiii", g->stream, g->from, g->to, g->after.ms,
			     g->after.id, g->limit);

	return rc < 0 ? logs_fault(c, &err) : 0;
}

static void reverse(cJSON *list)
{
	cJSON *turned = cJSON_CreateArray(), *item;

	while ((item = cJSON_DetachItemFromArray(list, 0)))
		(void)cJSON_InsertItemInArray(turned, 0, item);
	list->child = turned->child;
	turned->child = NULL;
	cJSON_Delete(turned);
}

int logs_GetLogEvents(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct position first, last;
	size_t size = 0;
	cJSON *list;
	struct get g;
	bool any = false;

	if (read_get(c, in, &g) < 0 || query_get(c, &g, &r) < 0)
		return -1;
	list = json_set_array(out, "events");
	first = last = g.after;
	while (size < MAX_ANSWER && store_next(&r)) {
		last = (struct position){ store_int(&r, 1), store_int(&r, 0) };
		first = any ? first : last;
		any = true;
		size += strlen(store_text(&r, 3));
		add_event(list, &r);
	}
	if (g.backward)
		reverse(list);
	/* The same token again means: there is nothing more in this direction. */
	set_position(out, "nextForwardToken", 'f', g.backward ? first : last);
	set_position(out, "nextBackwardToken", 'b', g.backward ? last : first);
	return 0;
}

struct filter {
	struct log_group group;
	struct logs_filter *pattern;
	const cJSON *names;
	const char *prefix;
	int64_t from, to, limit;
	struct position after;
};

static int read_filter(struct call *c, const cJSON *in, struct filter *f)
{
	const char *token = json_str(in, "nextToken", NULL);
	struct fp_error err = { 0 };

	if (logs_find_group(c, in, &f->group) < 0)
		return -1;
	f->names = json_get(in, "logStreamNames");
	f->prefix = json_str(in, "logStreamNamePrefix", "");
	f->from = json_int(in, "startTime", 0);
	f->to = json_int(in, "endTime", INT64_MAX - 1);
	f->limit = json_int(in, "limit", MAX_EVENTS);
	if (f->limit < 1 || f->limit > MAX_EVENTS)
		return fault_set(&c->fault, 400, "InvalidParameterException",
				 "limit is between 1 and %d", MAX_EVENTS);
	if (token && !read_position(&f->after, token, 'n'))
		return bad_token(c);
	if (logs_filter_parse(&f->pattern, json_str(in, "filterPattern", NULL), &err) < 0)
		return fault_set(&c->fault, 400, "InvalidParameterException", "%s",
				 err.message);
	return 0;
}

static bool is_wanted_stream(const struct filter *f, const char *name)
{
	if (!str_starts(name, f->prefix))
		return false;
	if (!f->names || !f->names->child)
		return true;
	json_each (n, f->names)
		if (str_eq(cJSON_GetStringValue(n), name))
			return true;
	return false;
}

static int run_filter(struct call *c, const struct filter *f, cJSON *out)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	cJSON *list = json_set_array(out, "events");
	int64_t left = f->limit;
	struct fp_error err = { 0 };
	struct position last = f->after;
	size_t size = 0;

	if (store_query(
		    &r, c->emu->store, &err,
		    "SELECT e.id, e.ms, e.ingested, e.message, s.name FROM logs_events e"
		    " JOIN logs_streams s ON s.id = e.stream_id"
		    " WHERE e.group_id = ? AND e.ms >= ? AND e.ms <= ?"
		    " AND (e.ms, e.id) > (?, ?) ORDER BY e.ms, e.id",
		    "iiiii", f->group.id, f->from, f->to, f->after.ms, f->after.id) < 0)
		return logs_fault(c, &err);
	while (store_next(&r)) {
		if (!is_wanted_stream(f, store_text(&r, 4)) ||
		    !logs_filter_matches(f->pattern, store_text(&r, 3)))
			continue;
		if (left-- == 0 || size > MAX_ANSWER) {
			set_position(out, "nextToken", 'n', last);
			break;
		}
		last = (struct position){ store_int(&r, 1), store_int(&r, 0) };
		size += strlen(store_text(&r, 3));
		add_event(list, &r);
		json_set_str(list->child->prev, "logStreamName", store_text(&r, 4));
		json_set_fmt(list->child->prev, "eventId", "%020lld%036lld",
			     (long long)last.ms, (long long)last.id);
	}
	(void)json_set_array(out, "searchedLogStreams");
	return 0;
}

int logs_FilterLogEvents(struct call *c, const cJSON *in, cJSON *out)
{
	struct filter f = { .pattern = NULL };
	int rc = read_filter(c, in, &f);

	if (rc == 0)
		rc = run_filter(c, &f, out);
	logs_filter_freep(&f.pattern);
	return rc;
}
