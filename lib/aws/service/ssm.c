#include "aws/service/ssm.h"

#include "aws/members.h"
#include "base/json.h"

static const struct aws_api api = { .service = "ssm",
				    .version = "AmazonSSM",
				    .protocol = AWS_JSON_1_1 };

/* API Reference: of the names of one call. */
#define MAX_BATCH 10

int ssm_parameter(struct aws_client *c, const char *name, char **out,
		  struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = aws_input("Name", name);
	struct fp_error why = { 0 };

	json_set_bool(in, "WithDecryption", true);
	if (aws_call_for_text(c, &api, "GetParameter", in, "Parameter.Value", out,
			      &why) == 0)
		return 0;
	return str_eq(why.aws_code, "ParameterNotFound") ? 0 : aws_pass_error(err, &why);
}

int ssm_parameters(struct aws_client *c, const struct strs *names, cJSON **out,
		   struct fp_error *err)
{
	static const struct aws_batch batch = { &api, "GetParameters", "Names",
						"Parameters", MAX_BATCH };
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	json_set_bool(in, "WithDecryption", true);
	return aws_call_batches(c, &batch, names, in, out, err);
}
