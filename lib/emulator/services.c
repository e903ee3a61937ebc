#include "emulator/service.h"

#include "base/str.h"

extern const struct service service_cloudformation, service_cloudwatch, service_iam,
	service_kms, service_lambda, service_logs, service_s3, service_sns, service_sqs,
	service_sts;

const struct service *const services[] = {
	&service_cloudformation,
	&service_cloudwatch,
	&service_iam,
	&service_kms,
	&service_lambda,
	&service_logs,
	&service_s3,
	&service_sns,
	&service_sqs,
	&service_sts,
	NULL,
};

const struct service *service_find(const char *name)
{
	for (size_t i = 0; services[i]; i++)
		if (str_eq(services[i]->name, name))
			return services[i];
	return NULL;
}
