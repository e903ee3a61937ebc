/*
 * AWS CodeConnections, formerly CodeStar Connections. An ARN of the older prefix is
 * asked for at the older service: the IAM actions follow the ARN's prefix.
 */
#ifndef FP_AWS_CODECONNECTIONS_H
#define FP_AWS_CODECONNECTIONS_H

#include "aws/client.h"
#include "aws/waiter.h"

/*
 * The connection, owned by the caller: ConnectionName, ConnectionArn, ProviderType,
 * OwnerAccountId, ConnectionStatus (PENDING, AVAILABLE, ERROR), HostArn. FP_ERR_AWS
 * ResourceNotFoundException; FP_ERR_INPUT for what is no connection's ARN.
 */
FP_MUST_CHECK int codeconnections_get(struct aws_client *c, const char *arn, cJSON **out,
				      struct fp_error *err);
/*
 * Wait until somebody completed the handshake in the console: until it is no longer
 * PENDING. In ERROR it is no failure of the call.
 */
FP_MUST_CHECK int codeconnections_wait(struct aws_client *c, const char *arn,
				       const struct aws_patience *patience, cJSON **out,
				       struct fp_error *err);
/* All of the region, an array of them; `provider` ("GitHub") may be NULL. */
FP_MUST_CHECK int codeconnections_list(struct aws_client *c, const char *provider,
				       cJSON **out, struct fp_error *err);

#endif
