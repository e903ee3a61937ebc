#include "emulator/service/sns.h"

#include <stdarg.h>

static const char schema[] =
	"CREATE TABLE IF NOT EXISTS sns_topics ("
	" arn TEXT PRIMARY KEY, attributes TEXT NOT NULL, tags TEXT NOT NULL) WITHOUT "
	"ROWID;"
	"CREATE TABLE IF NOT EXISTS sns_subscriptions ("
	" arn TEXT PRIMARY KEY, topic TEXT NOT NULL, protocol TEXT NOT NULL,"
	" endpoint TEXT NOT NULL, attributes TEXT NOT NULL, UNIQUE (topic, protocol, "
	"endpoint)"
	") WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS sns_messages ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT NOT NULL UNIQUE,"
	" topic TEXT NOT NULL, subject TEXT, message TEXT NOT NULL, attributes TEXT NOT "
	"NULL,"
	" timestamp TEXT NOT NULL, deliveries TEXT NOT NULL)";

int sns_invalid(struct call *c, const char *fmt, ...)
{
	char text[900];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return fault_set(&c->fault, 400, "InvalidParameter", "Invalid parameter: %s",
			 text);
}

static const struct operation operations[] = {
#define X(name) { #name, sns_##name },
	SNS_OPERATIONS(X)
#undef X
		{ NULL, NULL }
};

extern const struct service service_sns;
const struct service service_sns = {
	.name = "sns",
	.protocol = SERVICE_QUERY,
	.xmlns = "http://sns.amazonaws.com/doc/2010-03-31/",
	.schema = schema,
	.operations = operations,
	.resources = sns_resources,
};
