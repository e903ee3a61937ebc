#include "emulator/service/lambda.h"

#include "base/fs.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/bus.h"
#include "emulator/service/lambda_log.h"

const struct operation lambda_operations[] = {
#define X(name) { #name, lambda_##name },
	LAMBDA_OPERATIONS(X)
#undef X
		{ NULL, NULL }
};

static int forget_old_code_of(struct emulator *emu, const char *region, const char *name,
			      struct fp_error *err)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };

	if (store_query(&r, emu->store, err,
			"SELECT code FROM lambda_functions WHERE region = ? AND name = ?",
			"ss", region, name) < 0)
		return -1;
	lambda_code_forget(emu, region, name, store_next(&r) ? store_text(&r, 0) : NULL,
			   NULL);
	return 0;
}

/* Unpacked code of functions that are gone, or have other code now. */
static int forget_old_code(struct emulator *emu, struct fp_error *err)
{
	FP_AUTO(freep) char *folder = fs_join(emu->state, "functions");
	FP_AUTO(strs_release) struct strs regions = STRS_INIT;

	if (fs_is_dir(folder) && fs_list(&regions, folder, err) < 0)
		return -1;
	for (size_t i = 0; i < regions.n; i++) {
		FP_AUTO(freep) char *region = fs_join(folder, regions.v[i]);
		FP_AUTO(strs_release) struct strs names = STRS_INIT;

		if (fs_is_dir(region) && fs_list(&names, region, err) < 0)
			return -1;
		for (size_t k = 0; k < names.n; k++)
			if (forget_old_code_of(emu, regions.v[i], names.v[k], err) < 0)
				return -1;
	}
	return 0;
}

/* Their queues are there when all services have started: the bus runs behind that. */
static int begin_mappings(struct emulator *emu, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	struct call c = { .emu = emu, .region = emu->region };

	if (bus_enqueue(&c, "lambda", "FpctlSyncMappings", in, 0, 0) < 0)
		return fp_fail(err, FP_ERR_IO, "cannot begin: %s", c.fault.message);
	return 0;
}

static int start(struct emulator *emu, struct fp_error *err)
{
	if (forget_old_code(emu, err) < 0)
		return -1;
	lambda_log_start(emu);
	lambda_pool_start();
	lambda_pollers_start();
	return begin_mappings(emu, err);
}

static void stop(struct emulator *emu)
{
	lambda_pool_stop();
	lambda_pollers_stop(emu);
	lambda_log_stop();
}

extern const struct service service_lambda;
const struct service service_lambda = {
	.name = "lambda",
	.protocol = SERVICE_REST_JSON,
	.schema = lambda_schema,
	.operations = lambda_operations,
	.rest = lambda_rest,
	.resources = lambda_resources,
	.start = start,
	.stop = stop,
};
