#include "emulator/service/sqs.h"

#include <stdarg.h>

#include "base/json.h"
#include "base/str.h"

static const char schema[] =
	"CREATE TABLE IF NOT EXISTS sqs_queues ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, region TEXT NOT NULL, name TEXT NOT NULL,"
	" attributes TEXT NOT NULL, tags TEXT NOT NULL, created_ms INTEGER NOT NULL,"
	" modified_ms INTEGER NOT NULL, UNIQUE (region, name));"
	"CREATE TABLE IF NOT EXISTS sqs_messages ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, queue INTEGER NOT NULL,"
	" message_id TEXT NOT NULL, body TEXT NOT NULL, attributes TEXT, system TEXT,"
	" sender TEXT NOT NULL, sent_ms INTEGER NOT NULL, visible_ms INTEGER NOT NULL,"
	" received INTEGER NOT NULL, first_ms INTEGER, receipt TEXT,"
	" taken INTEGER NOT NULL DEFAULT 0,"
	" source TEXT);"
	"CREATE INDEX IF NOT EXISTS sqs_messages_visible ON sqs_messages"
	" (queue, visible_ms, id);";

int sqs_invalid(struct call *c, const char *fmt, ...)
{
	char text[900];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return fault_set(&c->fault, 400, "InvalidParameterValue", "%s", text);
}

const char *sqs_require(struct call *c, const cJSON *in, const char *name)
{
	const char *s = json_str(in, name, NULL);

	if (s && *s)
		return s;
	(void)fault_set(&c->fault, 400, "MissingParameter",
			"The request must contain the parameter %s.", name);
	return NULL;
}

int sqs_number(struct call *c, const cJSON *in, const char *name, int64_t min,
	       int64_t max, int64_t fallback, int64_t *out)
{
	const cJSON *j = json_get(in, name);

	bool given = j && !cJSON_IsNull(j);

	*out = given ? json_int(in, name, INT64_MIN) : fallback;
	if (!given || (*out >= min && *out <= max))
		return 0;
	return sqs_invalid(c,
			   "Value for parameter %s is invalid. Reason: Must be between "
			   "%lld and %lld.",
			   name, (long long)min, (long long)max);
}

/* The exceptions' names in the model, where they are not the code's end. */
static const char *error_shape(const char *action FP_UNUSED, const char *code)
{
	if (str_eq(code, SQS_CODE "NonExistentQueue"))
		return "QueueDoesNotExist";
	if (str_eq(code, "QueueAlreadyExists"))
		return "QueueNameExists";
	return str_starts(code, SQS_CODE) ? code + strlen(SQS_CODE) : code;
}

static const struct operation operations[] = {
#define X(name) { #name, sqs_##name },
	SQS_OPERATIONS(X)
#undef X
		{ NULL, NULL }
};

/* The functions that had taken messages are gone with the emulator that ran them:
 * what they held is there again, and this was no attempt. */
static int give_back(struct emulator *emu, struct fp_error *err)
{
	if (store_begin(emu->store, err) < 0)
		return -1;
	if (store_exec(emu->store, err,
		       "UPDATE sqs_messages SET visible_ms = 0, taken = 0,"
		       " received = received - 1 WHERE taken = 1",
		       "") < 0) {
		store_rollback(emu->store);
		return -1;
	}
	return store_commit(emu->store, err);
}

static int start(struct emulator *emu, struct fp_error *err)
{
	sqs_wait_start();
	return give_back(emu, err);
}

static void stop(struct emulator *emu FP_UNUSED)
{
	sqs_wait_stop();
}

extern const struct service service_sqs;
const struct service service_sqs = {
	.name = "sqs",
	.protocol = SERVICE_JSON_1_0,
	.also = SERVICE_ALSO(SERVICE_QUERY),
	.xmlns = "http://queue.amazonaws.com/doc/2012-11-05/",
	.target = "AmazonSQS",
	.schema = schema,
	.operations = operations,
	.error_shape = error_shape,
	.from_query = sqs_from_query,
	.to_query = sqs_to_query,
	.resources = sqs_resources,
	.start = start,
	.stop = stop,
};
