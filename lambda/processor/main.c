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

/* With spaces between; none are sent when the variable is not set. */
static void add_topics(struct strs *out)
{
	FP_AUTO(strs_release) struct strs words = STRS_INIT;

	strs_split(&words, str_or(getenv("NOTIFICATION_TOPIC_ARNS"), ""), ' ');
	for (size_t i = 0; i < words.n; i++)
		if (*words.v[i])
			strs_add(out, words.v[i]);
}

int main(void)
{
	FP_AUTO(aws_client_freep) struct aws_client *aws = NULL;
	FP_AUTO(strs_release) struct strs topics = STRS_INIT;
	struct processor processor = { .log_fd = STDOUT_FILENO };
	struct aws_options options = { 0 };
	struct fp_error err = { 0 };

	if (aws_client_new(&aws, &options, &err) < 0) {
		runtime_init_failed("Runtime.InitError", &err);
		return fail(&err);
	}
	add_topics(&topics);
	processor.aws = aws;
	processor.topics = topics;
	return runtime_run(processor_handle, &processor, &err) < 0 ? fail(&err)
								   : EXIT_SUCCESS;
}
