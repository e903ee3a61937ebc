/*
 * An answer as the network gives it, up to what it makes us do: the error that is told,
 * whether the call is made again and when, the clock that is believed, the region that a
 * bucket is said to lie in. Input: a byte for the method, two for the status, lines
 * "Name: value", an empty line, the body.
 */
#include <stdlib.h>
#include <string.h>

#include "aws/advice.h"
#include "aws/internal.h"
#include "aws/mend.h"
#include "base/str.h"
#include "wire/wire_error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct aws_client *client(void)
{
	static struct aws_client *c;
	struct aws_credentials creds = { .access_key_id = (char[]){ "AKIDEXAMPLE" },
					 .secret_access_key = (char[]){ "secret" } };
	struct aws_options o = { .region = "eu-west-1",
				 .endpoint_url = "http://127.0.0.1:1",
				 .credentials = &creds };

	if (!c && aws_client_new(&c, &o, NULL) < 0)
		abort();
	return c;
}

/* Consumes the header lines; returns where the body begins. */
static const char *read_head(struct http_response *res, const char *s)
{
	while (*s && *s != '\n') {
		size_t len = strcspn(s, "\n"), name = strcspn(s, ":\n");
		FP_AUTO(freep) char *key = xstrndup(s, name);
		FP_AUTO(freep)
		char *value = name + 1 < len ? xstrndup(s + name + 1, len - name - 1)
					     : xstrdup("");

		if (name && name < len)
			headers_add(&res->headers, key, value + strspn(value, " "));
		s += len + (s[len] == '\n');
	}
	return s + (*s == '\n');
}

static void check_plain(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			abort();
}

static void check_error(const struct fp_error *err, int status)
{
	if ((err->code != FP_ERR_AWS && err->code != FP_ERR_PROTOCOL) ||
	    err->http_status != status || !*err->message ||
	    (err->code == FP_ERR_AWS) != (*err->aws_code != '\0') ||
	    strlen(err->message) > 1500)
		abort();
	check_plain(err->message);
	check_plain(err->aws_code);
	check_plain(err->request_id);
	check_plain(err->host_id);
}

static void check_retry(const struct http_response *res, const struct fp_error *err)
{
	struct retry retry = { .service = "sts", .attempt = 1 };
	int64_t wait_ms = -1;

	if (retry_again(&retry, res, err, &wait_ms)
		    ? wait_ms < 0 || wait_ms > 25000
		    : retry_judge("sts", err) != RETRY_NEVER)
		abort();
}

/* Asks nobody: of the bucket itself everything has been said. */
static void check_mend(struct http_request *req, struct http_response *res,
		       struct fp_error *err)
{
	struct aws_send send = { .service = "s3", .what = "s3 X", .bucket = "b" };
	struct aws_progress p = { .c = client(),
				  .send = &send,
				  .req = req,
				  .res = res,
				  .path = req->path,
				  .region = "eu-west-1",
				  .skew_ms = atomic_load(&client()->skew_ms) };
	int rc = aws_mend(&p, err);

	if (rc < 0 || !bucket_region_ok(p.region) ||
	    (rc == 1) != (p.region_mended || p.clock_mended) ||
	    p.region_mended != !str_eq(p.region, "eu-west-1"))
		abort();
	if (rc == 1 && aws_mend(&p, err) == 1 && aws_mend(&p, err) != 0)
		abort(); /* each at most once */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const methods[] = { "GET", "HEAD", "PUT", "POST" };
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(response_release) struct http_response res = { 0 };
	FP_AUTO(freep) char *text = NULL;
	struct fp_error err = { 0 };
	const char *body;

	request_init(&req, n ? methods[data[0] % ARRAY_SIZE(methods)] : "GET", "/");
	if (n < 3)
		return 0;
	text = xstrndup((const char *)data + 3, n - 3);
	res.status = 100 + (data[1] << 8 | data[2]) % 500;
	body = read_head(&res, text);
	buf_puts(&res.body, body);
	(void)wire_is_error_document(&res);
	wire_read_error(&res, &err);
	check_error(&err, res.status);
	aws_advise(&err, "s3");
	check_retry(&res, &err);
	check_mend(&req, &res, &err);
	return 0;
}
