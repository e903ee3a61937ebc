#include "aws/service/iam.h"

#include "aws/members.h"
#include "base/json.h"
#include "wire/uri.h"

static const struct aws_api api = { .service = "iam",
				    .version = "2010-05-08",
				    .protocol = AWS_QUERY };

static void decode_policy(cJSON *role)
{
	const char *encoded = json_str(role, "AssumeRolePolicyDocument", NULL);
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	if (!encoded)
		return;
	uri_decode(&text, encoded, strlen(encoded), false);
	json_set_str(role, "AssumeRolePolicyDocument", buf_str(&text));
}

int iam_role(struct aws_client *c, const char *name, cJSON **out, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = aws_input("RoleName", name);
	struct fp_error why = { 0 };

	if (aws_call_for(c, &api, "GetRole", in, "Role", out, &why) < 0)
		return str_eq(why.aws_code, "NoSuchEntity") ? 0
							    : aws_pass_error(err, &why);
	decode_policy(*out);
	return 0;
}
