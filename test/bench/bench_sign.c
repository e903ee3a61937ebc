/*
 * bench_sign COUNT: sign that many PutObject requests, each with its own key and time,
 * and print the microseconds that it took. What test/bench/sign.py asks of botocore.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "wire/sigv4.h"

#define START_MS 1767323045000LL

static const struct aws_credentials creds = {
	.access_key_id = (char *)"AKIAIOSFODNN7EXAMPLE",
	.secret_access_key = (char *)"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
	.session_token = (char *)"IQoJb3JpZ2luX2VjEXAMPLE//token+with/odd=characters==",
};

static int sign_one(int64_t i)
{
	const struct sigv4_scope scope = sigv4_for("s3", "eu-central-1",
						   START_MS + i * 1000);
	FP_AUTO(freep)
	char *path = xasprintf("/reports/2026/%06lld.csv", (long long)i);
	FP_AUTO(request_release) struct http_request req;
	struct fp_error err = { 0 };

	request_init(&req, "PUT", path);
	free(req.host);
	req.host = xstrdup("bucket.s3.eu-central-1.amazonaws.com");
	headers_add(&req.headers, "Content-Type", "text/csv");
	headers_add(&req.headers, "x-amz-meta-origin", "bench");
	headers_add(&req.headers, "User-Agent", "bench");
	buf_puts(&req.body, "a,b,c\n1,2,3\n");
	if (sigv4_sign(&req, &scope, &creds, NULL, &err) == 0)
		return 0;
	(void)fprintf(stderr, "bench_sign: %s\n", err.message);
	return -1;
}

int main(int argc, char **argv)
{
	struct timespec start, end;
	int64_t count;

	if (argc != 2 || !str_to_i64(argv[1], 1, INT64_MAX, &count))
		return EXIT_FAILURE;
	(void)clock_gettime(CLOCK_MONOTONIC, &start);
	for (int64_t i = 0; i < count; i++)
		if (sign_one(i) < 0)
			return EXIT_FAILURE;
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	printf("%lld\n", (long long)(end.tv_sec - start.tv_sec) * 1000000 +
				 (end.tv_nsec - start.tv_nsec) / 1000);
	return EXIT_SUCCESS;
}
