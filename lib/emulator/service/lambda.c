#include "emulator/service/lambda.h"

#include "emulator/service/lambda_log.h"

const struct operation lambda_operations[] = {
#define X(name) { #name, lambda_##name },
	LAMBDA_OPERATIONS(X)
#undef X
		{ NULL, NULL }
};

/* Unpacked code of functions that are gone, or have other code now. */
static int forget_old_code(struct emulator *emu, struct fp_error *err)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };

	if (store_query(&r, emu->store, err,
			"SELECT region, name, code FROM lambda_functions", "") < 0)
		return -1;
	while (store_next(&r))
		lambda_code_forget(emu, store_text(&r, 0), store_text(&r, 1),
				   store_text(&r, 2), NULL);
	return 0;
}

static int start(struct emulator *emu, struct fp_error *err)
{
	if (forget_old_code(emu, err) < 0)
		return -1;
	lambda_log_start(emu);
	lambda_pool_start();
	return 0;
}

static void stop(struct emulator *emu FP_UNUSED)
{
	lambda_pool_stop();
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
