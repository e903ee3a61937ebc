/*
 * The bundled processor's bootstrap: Lambda starts it, and it asks for work
 * until it is ended.
 */
#include <unistd.h>

#include "base/str.h"
#include "handler.h"

static int fail(const struct fp_error *err)
{
	(void)fprintf(stderr, "%s\n", err->message);
	return EXIT_FAILURE;
}

int main(void)
{
	const char *topic = getenv("NOTIFICATION_TOPIC_ARN");
	FP_AUTO(aws_client_freep) struct aws_client *aws = NULL;
	struct processor processor = { .topic = topic && *topic ? topic : NULL,
				       .log_fd = STDOUT_FILENO };
	struct aws_options options = { 0 };
	struct fp_error err = { 0 };

	if (aws_client_new(&aws, &options, &err) < 0) {
		runtime_init_failed("Runtime.InitError", &err);
		return fail(&err);
	}
	processor.aws = aws;
	return runtime_run(processor_handle, &processor, &err) < 0 ? fail(&err)
								   : EXIT_SUCCESS;
}
