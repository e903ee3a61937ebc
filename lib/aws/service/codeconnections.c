#include "aws/service/codeconnections.h"

#include "aws/members.h"
#include "aws/paginate.h"
#include "base/json.h"
#include "wire/arn.h"

#define LOOK_FIRST_MS	2000
#define LOOK_SLOWEST_MS 10000
#define PATIENCE_MS	(3600 * 1000LL)

static const struct aws_api newer = {
	.service = "codeconnections",
	.version = "com.amazonaws.codeconnections.CodeConnections_20231201",
	.protocol = AWS_JSON_1_0
};
static const struct aws_api older = {
	.service = "codestar-connections",
	.version = "com.amazonaws.codestar.connections.CodeStar_connections_20191201",
	.protocol = AWS_JSON_1_0
};

int codeconnections_get(struct aws_client *c, const char *arn, cJSON **out,
			struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = aws_input("ConnectionArn", arn);
	const struct aws_api *api;
	struct arn parts;

	if (!arn_parse(&parts, arn) || !str_starts(parts.resource, "connection/") ||
	    (!str_eq(parts.service, newer.service) &&
	     !str_eq(parts.service, older.service)))
		return fp_fail(err, FP_ERR_INPUT,
			       "'%s' is no ARN of a connection: it looks like "
			       "arn:aws:codeconnections:REGION:ACCOUNT:connection/ID",
			       arn);
	api = str_eq(parts.service, older.service) ? &older : &newer;
	return aws_call_for(c, api, "GetConnection", in, "Connection", out, err);
}

struct connection_look {
	struct aws_client *c;
	const char *arn;
};

static int look(void *ctx, cJSON **found, struct fp_error *err)
{
	const struct connection_look *l = ctx;

	return codeconnections_get(l->c, l->arn, found, err);
}

static bool is_decided(const cJSON *connection)
{
	return !str_eq(json_str(connection, "ConnectionStatus", ""), "PENDING");
}

int codeconnections_wait(struct aws_client *c, const char *arn,
			 const struct aws_patience *patience, cJSON **out,
			 struct fp_error *err)
{
	FP_AUTO(freep) char *what = xasprintf("connection %s", arn);
	struct connection_look l = { c, arn };
	struct aws_waiter w = { .what = what,
				.look = look,
				.ctx = &l,
				.done = is_decided,
				.status = "ConnectionStatus",
				.min_ms = LOOK_FIRST_MS,
				.max_ms = LOOK_SLOWEST_MS,
				.timeout_ms = PATIENCE_MS };

	return aws_wait(&w, patience, out, err);
}

int codeconnections_list(struct aws_client *c, const char *provider, cJSON **out,
			 struct fp_error *err)
{
	static const struct aws_pages pages = { .api = &newer,
						.action = "ListConnections",
						.list = "Connections" };
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	json_set_str(in, "ProviderTypeFilter", provider);
	return aws_collect(c, &pages, in, 0, out, err);
}
