/*
 * One call to AWS as the library makes it, for the end-to-end tests; prints one JSON
 * object: how it ended, after how many requests and how long, and the most memory that
 * was used.
 *
 *	call [timeout=MS] query|json|rest-json SERVICE ACTION
 *	call [timeout=MS] [body=BYTES] [once] s3 METHOD OPERATION BUCKET PATH
 *	call judge	lines "SERVICE STATUS CODE" on stdin; prints what kind each is
 *
 * Endpoint, region and credentials come from the environment, as AWS_MAX_ATTEMPTS does,
 * and a fault at the transport's seam from FPCTL_FAULT (lib/http/inject.h).
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "aws/client.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/json.h"
#include "base/str.h"
#include "http/retry.h"

struct job {
	int64_t timeout_ms, body_bytes;
	bool once;
	char **words; /* what is no option */
	int n;
};

static void on_interrupt(int signo FP_UNUSED)
{
	http_interrupt();
}

static void read_job(struct job *job, int argc, char **argv)
{
	*job = (struct job){ .body_bytes = -1 };
	for (argc--, argv++; argc > 0; argc--, argv++) {
		if (str_starts(*argv, "timeout="))
			(void)str_to_i64(*argv + 8, 0, INT32_MAX, &job->timeout_ms);
		else if (str_starts(*argv, "body="))
			(void)str_to_i64(*argv + 5, 0, INT32_MAX, &job->body_bytes);
		else if (str_eq(*argv, "once"))
			job->once = true;
		else
			break;
	}
	job->words = argv;
	job->n = argc;
}

static int call_s3(struct aws_client *c, const struct job *job, struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(response_release) struct http_response res = { 0 };
	struct aws_rest how = { .service = "s3",
				.operation = job->words[2],
				.bucket = job->words[3],
				.once = job->once };
	FILE *body = job->body_bytes >= 0 ? tmpfile() : NULL;
	int rc;

	request_init(&req, job->words[1], job->words[4]);
	if (body) {
		if (ftruncate(fileno(body), job->body_bytes) < 0)
			fp_die("no space for the body");
		req.body_fd = fileno(body);
		req.body_size = job->body_bytes;
		headers_set(&req.headers, "x-amz-content-sha256", "UNSIGNED-PAYLOAD");
	}
	rc = aws_rest(c, &how, &req, &res, err);
	if (body)
		(void)fclose(body);
	return rc;
}

static int call(struct aws_client *c, const struct job *job, struct fp_error *err)
{
	static const char *const protocols[] = { "query", "json-1.0", "json",
						 "rest-json" };
	struct aws_api api = { .service = job->words[1], .version = "2011-06-15" };
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(json_freep) cJSON *out = NULL;

	while (!str_eq(protocols[api.protocol], job->words[0]))
		if (++api.protocol == ARRAY_SIZE(protocols))
			fp_die("no such protocol");
	request_init(&req, "GET", "/things");
	if (api.protocol == AWS_REST_JSON)
		return aws_call_rest(c, &api, job->words[2], &req, NULL, &out, err);
	return aws_call(c, &api, job->words[2], NULL, &out, err);
}

/* getrusage would tell of what this process was before it became this program. */
static int64_t peak_kib(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	char line[256];
	long kib = 0;

	while (status && fgets(line, sizeof(line), status))
		if (sscanf(line, "VmHWM: %ld", &kib) == 1)
			break;
	if (status)
		(void)fclose(status);
	return kib;
}

static void add_error(cJSON *out, const struct fp_error *err)
{
	json_set_int(out, "code", (int)err->code);
	json_set_int(out, "number", err->number ? err->number : (unsigned)err->code);
	json_set_str(out, "awsCode", err->aws_code);
	json_set_int(out, "status", err->http_status);
	json_set_str(out, "requestId", err->request_id);
	json_set_bool(out, "unsent", err->unsent);
	json_set_str(out, "message", err->message);
	json_set_str(out, "next", err->next);
}

static int judge_lines(void)
{
	static const char *const kinds[] = { [RETRY_NEVER] = "never",
					     [RETRY_TRANSIENT] = "transient",
					     [RETRY_THROTTLED] = "throttled" };
	char service[64], code[128];
	int status;

	while (scanf("%63s %d %127s", service, &status, code) == 3) {
		struct fp_error err = { .code = FP_ERR_AWS, .http_status = status };

		(void)snprintf(err.aws_code, sizeof(err.aws_code), "%s", code);
		puts(kinds[retry_judge(service, &err)]);
	}
	return 0;
}

int main(int argc, char **argv)
{
	FP_AUTO(aws_client_freep) struct aws_client *c = NULL;
	FP_AUTO(json_freep) cJSON *out = cJSON_CreateObject();
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	struct aws_options options = { 0 };
	struct fp_error err = { 0 };
	int64_t start = clock_monotonic_ms();
	struct job job;
	int rc;

	if (argc == 2 && str_eq(argv[1], "judge"))
		return judge_lines();
	if (getenv("FPCTL_FAULT") && !fault_arm_text(getenv("FPCTL_FAULT")))
		fp_die("FPCTL_FAULT is no fault");
	read_job(&job, argc, argv);
	if (job.n != (job.n && str_eq(job.words[0], "s3") ? 5 : 3))
		fp_die("see test/peer/call.c for the arguments");
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGINT, on_interrupt);
	options.total_timeout_ms = job.timeout_ms;
	rc = aws_client_new(&c, &options, &err);
	if (rc == 0)
		rc = str_eq(job.words[0], "s3") ? call_s3(c, &job, &err)
						: call(c, &job, &err);
	json_set_bool(out, "ok", rc == 0);
	json_set_int(out, "requests", c ? aws_client_requests(c) : 0);
	json_set_int(out, "ms", clock_monotonic_ms() - start);
	json_set_int(out, "peakKiB", peak_kib());
	if (rc < 0)
		add_error(out, &err);
	json_print(&text, out);
	(void)puts(buf_str(&text));
	return 0;
}
