#include "emulator/service/logs.h"

#include "base/clock.h"
#include "base/log.h"

static const char schema[] =
	"CREATE TABLE IF NOT EXISTS logs_groups ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, region TEXT NOT NULL, name TEXT NOT NULL,"
	" created INTEGER NOT NULL, retention INTEGER NOT NULL, tags TEXT NOT NULL,"
	" kms TEXT, UNIQUE (region, name));"
	"CREATE TABLE IF NOT EXISTS logs_streams ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, group_id INTEGER NOT NULL, name TEXT NOT "
	"NULL,"
	" created INTEGER NOT NULL, first INTEGER, last INTEGER, ingested INTEGER,"
	" UNIQUE (group_id, name));"
	"CREATE TABLE IF NOT EXISTS logs_events ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, group_id INTEGER NOT NULL,"
	" stream_id INTEGER NOT NULL, ms INTEGER NOT NULL, ingested INTEGER NOT NULL,"
	" message TEXT NOT NULL);"
	"CREATE INDEX IF NOT EXISTS logs_by_group ON logs_events (group_id, ms, id);"
	"CREATE INDEX IF NOT EXISTS logs_by_stream ON logs_events (stream_id, ms, id)";

/* Events that are older than their group keeps them. */
static int start(struct emulator *emu, struct fp_error *err)
{
	int n;

	if (store_begin(emu->store, err) < 0)
		return -1;
	n = store_exec(emu->store, err,
		       "DELETE FROM logs_events WHERE EXISTS (SELECT 1 FROM logs_groups g"
		       " WHERE g.id = group_id AND g.retention > 0"
		       " AND ms < ? - g.retention * 86400000)",
		       "i", clock_now_ms());
	if (n < 0) {
		store_rollback(emu->store);
		return -1;
	}
	if (n > 0)
		log_msg(LOG_INFO, "%d log lines were older than their group keeps them",
			n);
	return store_commit(emu->store, err);
}

static const struct operation operations[] = {
#define X(name) { #name, logs_##name },
	LOGS_OPERATIONS(X)
#undef X
		{ NULL, NULL }
};

extern const struct service service_logs;
const struct service service_logs = {
	.name = "logs",
	.protocol = SERVICE_JSON_1_1,
	.target = "Logs_20140328",
	.schema = schema,
	.operations = operations,
	.resources = logs_resources,
	.start = start,
};
