/*
 * What the files of cloudformation*.c share.
 */
#ifndef FP_AWS_CLOUDFORMATION_INTERNAL_H
#define FP_AWS_CLOUDFORMATION_INTERNAL_H

#include "aws/members.h"
#include "aws/paginate.h"
#include "aws/service/cloudformation.h"
#include "base/json.h"

extern const struct aws_api cloudformation_api;

/* {"StackName": stack} */
cJSON *cloudformation_input(const char *stack);
void cloudformation_put_config(cJSON *in, const struct deployment_config *config);
/* All pages of a list whose tokens are called NextToken. */
FP_MUST_CHECK int cloudformation_collect(struct aws_client *c, const char *action,
					 cJSON *in, const char *list, cJSON **out,
					 struct fp_error *err);
/* Whether a stack is not there: the one code stands for all wrong input, and only the
 * message tells them apart. */
bool cloudformation_is_absent(const struct fp_error *err);

#endif
