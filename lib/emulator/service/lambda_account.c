/* GetAccountSettings: AWS's quotas of a region, and what is used of them. */
#include "base/json.h"
#include "emulator/service/lambda.h"

#define CONCURRENCY  1000
#define CODE_STORAGE INT64_C(80530636800)
#define MAX_ZIPPED   52428800
#define MAX_UNZIPPED 262144000

int lambda_GetAccountSettings(struct call *c, const cJSON *in FP_UNUSED, cJSON *out)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	cJSON *limit = json_set_object(out, "AccountLimit");
	cJSON *usage = json_set_object(out, "AccountUsage");
	struct fp_error err = { 0 };

	if (store_query(
		    &r, c->emu->store, &err,
		    "SELECT count(*), ifnull(sum(json_extract(config, '$.CodeSize')), 0),"
		    " ifnull(sum(max(concurrency, 0)), 0)"
		    " FROM lambda_functions WHERE region = ?",
		    "s", c->region) < 0)
		return fault_from(&c->fault, &err);
	if (!store_next(&r))
		return 0;
	json_set_int(limit, "TotalCodeSize", CODE_STORAGE);
	json_set_int(limit, "CodeSizeUnzipped", MAX_UNZIPPED);
	json_set_int(limit, "CodeSizeZipped", MAX_ZIPPED);
	json_set_int(limit, "ConcurrentExecutions", CONCURRENCY);
	json_set_int(limit, "UnreservedConcurrentExecutions",
		     CONCURRENCY - store_int(&r, 2));
	json_set_int(usage, "TotalCodeSize", store_int(&r, 1));
	json_set_int(usage, "FunctionCount", store_int(&r, 0));
	return 0;
}
