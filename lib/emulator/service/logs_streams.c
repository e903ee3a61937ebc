#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/common.h"
#include "emulator/service/logs.h"

#define MAX_PAGE   50
#define MAX_EVENTS 10000
#define MAX_BATCH  (1024 * 1024)
#define EVENT_SIZE 26 /* counted beside each message */
#define TOO_NEW_MS (2 * 60 * 60 * 1000)
#define TOO_OLD_MS (INT64_C(14) * 24 * 60 * 60 * 1000)

int logs_no_stream(struct call *c)
{
	return fault_set(&c->fault, 400, "ResourceNotFoundException",
			 "The specified log stream does not exist.");
}

int logs_find_stream(struct call *c, int64_t group, const char *name, int64_t *id)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };

	if (store_query(&r, c->emu->store, &err,
			"SELECT id FROM logs_streams WHERE group_id = ? AND name = ?",
			"is", group, name) < 0)
		return logs_fault(c, &err);
	*id = store_next(&r) ? store_int(&r, 0) : 0;
	return 0;
}

static int insert_stream(struct call *c, int64_t group, const char *name)
{
	struct fp_error err = { 0 };
	int n = store_exec(c->emu->store, &err,
			   "INSERT OR IGNORE INTO logs_streams (group_id, name, created)"
			   " VALUES (?, ?, ?)",
			   "isi", group, name, clock_now_ms());

	return n < 0 ? logs_fault(c, &err) : n;
}

static int create_stream(struct call *c, void *arg)
{
	const cJSON *in = arg;
	const char *name = json_str(in, "logStreamName", "");
	struct log_group g;
	int n;

	if (logs_find_group(c, in, &g) < 0)
		return -1;
	if (!*name || strlen(name) > 512 || strpbrk(name, ":*"))
		return fault_set(
			&c->fault, 400, "InvalidParameterException",
			"a log stream's name has 1 to 512 letters, none of them ':' or "
			"'*'");
	n = insert_stream(c, g.id, name);
	if (n == 0)
		return fault_set(&c->fault, 400, "ResourceAlreadyExistsException",
				 "The specified log stream already exists");
	return n < 0 ? -1 : 0;
}

int logs_CreateLogStream(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return in_transaction(c, create_stream, (void *)(uintptr_t)in);
}

static int find(struct call *c, const cJSON *in, struct log_group *g, int64_t *stream)
{
	if (logs_find_group(c, in, g) < 0 ||
	    logs_find_stream(c, g->id, json_str(in, "logStreamName", ""), stream) < 0)
		return -1;
	return *stream ? 0 : logs_no_stream(c);
}

static int delete_stream(struct call *c, void *arg)
{
	struct fp_error err = { 0 };
	struct log_group g;
	int64_t stream = 0;

	if (find(c, arg, &g, &stream) < 0)
		return -1;
	if (store_exec(c->emu->store, &err, "DELETE FROM logs_events WHERE stream_id = ?",
		       "i", stream) < 0 ||
	    store_exec(c->emu->store, &err, "DELETE FROM logs_streams WHERE id = ?", "i",
		       stream) < 0)
		return logs_fault(c, &err);
	return 0;
}

int logs_DeleteLogStream(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	return in_transaction(c, delete_stream, (void *)(uintptr_t)in);
}

static void describe(const struct call *c, const struct log_group *g, cJSON *item,
		     const struct store_rows *r)
{
	FP_AUTO(freep)
	char *resource = xasprintf("log-group:%s:log-stream:%s", g->name,
				   store_text(r, 0));
	FP_AUTO(freep) char *arn = service_arn(c, "logs", c->region, resource);

	json_set_str(item, "logStreamName", store_text(r, 0));
	json_set_int(item, "creationTime", store_int(r, 1));
	if (store_text(r, 2)) {
		json_set_int(item, "firstEventTimestamp", store_int(r, 2));
		json_set_int(item, "lastEventTimestamp", store_int(r, 3));
		json_set_int(item, "lastIngestionTime", store_int(r, 4));
	}
	json_set_str(item, "uploadSequenceToken", "1");
	json_set_str(item, "arn", arn);
	json_set_int(item, "storedBytes", 0);
}

/* One statement an order: an order cannot be bound. */
static const char *streams_sql(bool by_time, bool descending)
{
#define STREAMS                                                                         \
	"SELECT name, created, first, last, ingested FROM logs_streams WHERE group_id " \
	"= ?"
	if (by_time)
		return descending ? STREAMS
			       " ORDER BY IFNULL(last, created) DESC, id DESC"
				  : STREAMS " ORDER BY IFNULL(last, created), id";
	return descending ? STREAMS " ORDER BY name DESC" : STREAMS " ORDER BY name";
}

int logs_DescribeLogStreams(struct call *c, const cJSON *in, cJSON *out)
{
	const char *prefix = json_str(in, "logStreamNamePrefix", "");
	bool by_time = str_eq(json_str(in, "orderBy", NULL), "LastEventTime");
	int64_t limit = json_int(in, "limit", MAX_PAGE), skip, at = 0;
	FP_AUTO(store_done) struct store_rows r = { 0 };
	cJSON *list = json_set_array(out, "logStreams");
	struct fp_error err = { 0 };
	struct log_group g;

	if (logs_find_group(c, in, &g) < 0)
		return -1;
	if (limit < 1 || limit > MAX_PAGE || (by_time && *prefix))
		return fault_set(&c->fault, 400, "InvalidParameterException", "%s",
				 by_time && *prefix
					 ? "Cannot order by LastEventTime with a "
					   "logStreamNamePrefix."
					 : "limit is between 1 and 50");
	skip = json_int(in, "nextToken", 0);
	if (store_query(&r, c->emu->store, &err,
			streams_sql(by_time, json_bool(in, "descending", false)), "i",
			g.id) < 0)
		return logs_fault(c, &err);
	while (store_next(&r)) {
		if (!str_starts(store_text(&r, 0), prefix) || at++ < skip)
			continue;
		if (limit-- == 0) {
			json_set_fmt(out, "nextToken", "%lld", (long long)(at - 1));
			break;
		}
		describe(c, &g, json_push_object(list), &r);
	}
	return 0;
}

struct put {
	const cJSON *in;
	cJSON *out;
	struct log_group group;
	int64_t stream;
};

static int check_batch(struct call *c, const cJSON *events)
{
	size_t n = 0, size = 0;
	int64_t last = INT64_MIN;

	json_each (e, events) {
		int64_t ms = json_int(e, "timestamp", -1);
		const char *message = json_str(e, "message", "");

		if (ms < 0 || !*message)
			return fault_set(&c->fault, 400, "InvalidParameterException",
					 "each log event has a timestamp and a message "
					 "that is not "
					 "empty");
		if (ms < last)
			return fault_set(
				&c->fault, 400, "InvalidParameterException",
				"Log events in a single PutLogEvents request must be in "
				"chronological order.");
		last = ms;
		size += strlen(message) + EVENT_SIZE;
		n++;
	}
	if (n < 1 || n > MAX_EVENTS || size > MAX_BATCH)
		return fault_set(
			&c->fault, 400, "InvalidParameterException",
			"Upload too large or empty: 1 to 10000 events and %d bytes at "
			"most, not %zu and %zu",
			MAX_BATCH, n, size);
	return 0;
}

static int insert_events(struct call *c, const struct put *p)
{
	int64_t now = clock_now_ms(), first = INT64_MAX, last = 0,
		oldest = now - TOO_OLD_MS;
	cJSON *rejected = cJSON_CreateObject();
	struct fp_error err = { 0 };
	int k = 0;

	if (p->group.retention && now - p->group.retention * 86400000 > oldest)
		oldest = now - p->group.retention * 86400000;
	json_each (e, json_get(p->in, "logEvents")) {
		int64_t ms = json_int(e, "timestamp", 0);

		k++;
		if (ms < oldest)
			json_set_int(rejected, "tooOldLogEventEndIndex", k);
		else if (ms > now + TOO_NEW_MS &&
			 !json_get(rejected, "tooNewLogEventStartIndex"))
			json_set_int(rejected, "tooNewLogEventStartIndex", k - 1);
		if (ms < oldest || ms > now + TOO_NEW_MS)
			continue;
		if (store_exec(c->emu->store, &err,
			       "INSERT INTO logs_events (group_id, stream_id, ms, "
			       "ingested, message)"
			       " VALUES (?, ?, ?, ?, ?)",
			       "iiiis", p->group.id, p->stream, ms, now,
			       json_str(e, "message", "")) < 0) {
			cJSON_Delete(rejected);
			return logs_fault(c, &err);
		}
		first = FP_MIN(first, ms);
		last = ms;
	}
	if (rejected->child)
		json_set(p->out, "rejectedLogEventsInfo", rejected);
	else
		cJSON_Delete(rejected);
	if (!last)
		return 0;
	if (store_exec(c->emu->store, &err,
		       "UPDATE logs_streams SET first = MIN(IFNULL(first, ?), ?),"
		       " last = MAX(IFNULL(last, 0), ?), ingested = ? WHERE id = ?",
		       "iiiii", first, first, last, now, p->stream) < 0)
		return logs_fault(c, &err);
	return 0;
}

static int put_events(struct call *c, void *arg)
{
	struct put *p = arg;

	if (find(c, p->in, &p->group, &p->stream) < 0)
		return -1;
	return insert_events(c, p);
}

int logs_PutLogEvents(struct call *c, const cJSON *in, cJSON *out)
{
	struct put p = { .in = in, .out = out };

	if (check_batch(c, json_get(in, "logEvents")) < 0 ||
	    in_transaction(c, put_events, &p) < 0)
		return -1;
	/* Not needed since 2023, but older clients hand it on. */
	json_set_str(out, "nextSequenceToken", "1");
	return 0;
}

static int put_lines(struct call *c, void *arg)
{
	struct put *p = arg;
	const char *stream = json_str(p->in, "logStreamName", "");
	struct fp_error err = { 0 };

	if (store_exec(c->emu->store, &err,
		       "INSERT OR IGNORE INTO logs_groups (region, name, created, "
		       "retention, tags)"
		       " VALUES (?, ?, ?, 0, '{}')",
		       "ssi", c->region, json_str(p->in, "logGroupName", ""),
		       clock_now_ms()) < 0)
		return logs_fault(c, &err);
	if (logs_find_group(c, p->in, &p->group) < 0 ||
	    insert_stream(c, p->group.id, stream) < 0 ||
	    logs_find_stream(c, p->group.id, stream, &p->stream) < 0)
		return -1;
	return insert_events(c, p);
}

/* For the services' own logs: makes the group and the stream, and takes any amount. */
int logs_FpctlPutLines(struct call *c, const cJSON *in, cJSON *out)
{
	struct put p = { .in = in, .out = out };

	return in_transaction(c, put_lines, &p);
}
