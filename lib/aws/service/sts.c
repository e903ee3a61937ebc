#include "aws/service/sts.h"

#include "base/json.h"

static const struct aws_api sts = { .service = "sts",
				    .version = "2011-06-15",
				    .protocol = AWS_QUERY };

void sts_identity_release(struct sts_identity *id)
{
	free(id->account);
	free(id->arn);
	*id = (struct sts_identity){ 0 };
}

int sts_caller(struct aws_client *c, struct sts_identity *out, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *answer = NULL;
	const char *account, *arn;

	if (aws_call(c, &sts, "GetCallerIdentity", NULL, &answer, err) < 0)
		return -1;
	account = json_str(answer, "Account", NULL);
	arn = json_str(answer, "Arn", NULL);
	if (!account || !arn)
		return fp_fail(err, FP_ERR_PROTOCOL,
			       "sts GetCallerIdentity: the answer has no account");
	out->account = xstrdup(account);
	out->arn = xstrdup(arn);
	return 0;
}
