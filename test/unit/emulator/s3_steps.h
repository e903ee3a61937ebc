/*
 * Requests to S3 as tables of steps, without a server. A test that includes this defines
 * `services`, in which service_s3 is one, before.
 */
#ifndef FP_TEST_S3_STEPS_H
#define FP_TEST_S3_STEPS_H

#include "base/digest.h"
#include "base/json.h"
#include "base/str.h"
#include "cloud.h"
#include "emulator/service/s3.h"

#define PARTS(etag)                                                              \
	"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\"" etag \
	"\"</ETag></Part></CompleteMultipartUpload>"
#define MD5_ABC "900150983cd24fb0d6963f7d28e17f72"

/* One request and what must come of it. */
struct step {
	const char *method, *target, *headers; /* "A: b\nC: d" */
	const char *body;
	int status;	 /* of a success; or of the fault */
	const char *has; /* in the fault's code, the answer's body or its headers */
};

/* Of the last upload that was begun: stands for '$'. */
static char upload_id[64];

static void add_headers(struct http_request *http, const char *text)
{
	FP_AUTO(strs_release) struct strs lines = STRS_INIT;

	strs_split(&lines, text, '\n');
	for (size_t i = 0; i < lines.n; i++) {
		char *colon = strstr(lines.v[i], ": ");

		*colon = '\0';
		headers_add(&http->headers, lines.v[i], colon + 2);
	}
}

static void make_request(struct rest_request *req, struct http_request *http,
			 const struct step *s)
{
	FP_AUTO(buf_release) struct buf url = BUF_INIT;
	const char *dollar = strchr(s->target, '$'), *body = str_or(s->body, "");
	uint8_t md5[MD5_LEN];
	FP_AUTO(digest_freep) struct digest *d = digest_new("MD5");

	buf_puts(&url, "http://127.0.0.1");
	buf_add(&url, s->target,
		dollar ? (size_t)(dollar - s->target) : strlen(s->target));
	buf_puts(&url, dollar ? upload_id : "");
	request_init(http, s->method, "/");
	ck_assert_int_eq(request_set_url(http, buf_str(&url), NULL), 0);
	if (s->headers)
		add_headers(http, s->headers);
	buf_puts(&http->body, body);
	*req = (struct rest_request){ .http = http, .body_size = (int64_t)strlen(body) };
	sha256_hex(req->body_sha256, body, strlen(body));
	digest_update(d, body, strlen(body));
	hex_encode(req->body_md5, md5, digest_final(d, md5));
}

/* All that came, as one text: headers, then the body. */
static void print_answer(struct buf *out, struct rest_response *res)
{
	char *chunk = xcalloc(1, (size_t)res->file_size + 1);

	for (size_t i = 0; i < res->headers.n; i++)
		buf_printf(out, "%s: %s\n", res->headers.v[i].name,
			   res->headers.v[i].value);
	if (res->body_fd >= 0) {
		ck_assert_int_eq(pread(res->body_fd, chunk, (size_t)res->file_size,
				       res->file_offset),
				 res->file_size);
		ck_assert_int_eq(close(res->body_fd), 0);
		buf_puts(out, chunk);
	} else if (res->body.len) {
		buf_puts(out, buf_str(&res->body));
	}
	free(chunk);
}

static void remember_upload(const char *answer)
{
	const char *id = strstr(answer, "<UploadId>");

	if (id && strstr(answer, "InitiateMultipartUploadResult"))
		(void)snprintf(upload_id, sizeof(upload_id), "%.36s", id + 10);
}

/* Returns the status of the answer, or of the fault, which is in `answer` with all. */
static int perform(struct cloud *c, const struct step *s, struct buf *answer)
{
	struct rest_response res = { .status = 200, .body_fd = -1 };
	struct http_request http;
	struct rest_request req;
	int rc;

	make_request(&req, &http, s);
	memset(&c->call.fault, 0, sizeof(c->call.fault));
	rc = service_s3.rest(&c->call, &req, &res);
	print_answer(answer, &res);
	if (rc < 0)
		buf_printf(answer, "%s %s", c->call.fault.code, c->call.fault.message);
	request_release(&http);
	headers_release(&res.headers);
	buf_release(&res.body);
	return rc < 0 ? c->call.fault.status : res.status;
}

static void take_step(struct cloud *c, const char *name, const struct step *s)
{
	FP_AUTO(buf_release) struct buf answer = BUF_INIT;
	int status = perform(c, s, &answer);

	ck_assert_msg(status == s->status, "%s: %s %s: %d\n%s", name, s->method,
		      s->target, status, buf_str(&answer));
	ck_assert_msg(!s->has || strstr(buf_str(&answer), s->has),
		      "%s: %s %s: no '%s' in\n%s", name, s->method, s->target, s->has,
		      buf_str(&answer));
	remember_upload(buf_str(&answer));
}

#endif
