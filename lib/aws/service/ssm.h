/*
 * AWS Systems Manager, Parameter Store.
 */
#ifndef FP_AWS_SSM_H
#define FP_AWS_SSM_H

#include "aws/client.h"
#include "base/str.h"

/*
 * A parameter's value, decrypted, owned by the caller; *out is NULL when there is no
 * such parameter. The name may have a version or label behind it ("/a/b:3").
 */
FP_MUST_CHECK int ssm_parameter(struct aws_client *c, const char *name, char **out,
				struct fp_error *err);
/*
 * Many, however many: an array of Name, Type, Value, Version ..., owned by the caller;
 * those that do not exist are left out.
 */
FP_MUST_CHECK int ssm_parameters(struct aws_client *c, const struct strs *names,
				 cJSON **out, struct fp_error *err);

#endif
