/*
 * sigv4: signs, verifies, encodes and decodes what a test asks for, one JSON object a
 * line on stdin and one a line on stdout. `op` says what:
 *   "sign", "presign"  a request -> canonical request, string to sign, signature,
 *                      headers and URL; and whether our own verifier takes it
 *   "encode"           `data` -> the aws-chunked `body` of a signed request
 *   "decode"           `body` -> the plain data and the trailers, or the error
 * Bytes are base64. An answer with `error` is a refusal.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/str.h"
#include "wire/chunked.h"
#include "wire/sigv4.h"
#include "wire/source.h"

static void bytes_of(struct buf *out, const cJSON *j, const char *name)
{
	const char *text = json_str(j, name, "");

	if (!base64_decode(out, text, strlen(text)))
		fp_die("%s is no base64", name);
}

static void set_bytes(cJSON *j, const char *name, const struct buf *bytes)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	base64_encode(&text, bytes->data, bytes->len);
	json_set_str(j, name, buf_str(&text));
}

static cJSON *headers_json(const struct http_headers *h)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < h->n; i++) {
		cJSON *pair = cJSON_CreateArray();

		json_push_str(pair, h->v[i].name);
		json_push_str(pair, h->v[i].value);
		(void)cJSON_AddItemToArray(list, pair);
	}
	return list;
}

struct asked {
	struct http_request req;
	struct sigv4_scope scope;
	struct aws_credentials creds;
	struct sigv4_trace trace;
};

static void asked_release(struct asked *a)
{
	request_release(&a->req);
	aws_credentials_release(&a->creds);
	sigv4_trace_release(&a->trace);
}

static char *copy_of(const cJSON *j, const char *name)
{
	const char *text = json_str(j, name, NULL);

	return text ? xstrdup(text) : NULL;
}

static int read_asked(struct asked *a, const cJSON *j, struct fp_error *err)
{
	request_init(&a->req, json_str(j, "method", "GET"), "/");
	if (request_set_url(&a->req, json_str(j, "url", ""), err) < 0)
		return -1;
	json_each (pair, json_get(j, "headers"))
		headers_add(&a->req.headers,
			    cJSON_GetStringValue(cJSON_GetArrayItem(pair, 0)),
			    cJSON_GetStringValue(cJSON_GetArrayItem(pair, 1)));
	bytes_of(&a->req.body, j, "body");
	a->scope = sigv4_for(json_str(j, "service", NULL), json_str(j, "region", NULL),
			     json_int(j, "time_ms", 0));
	a->scope.payload_hash = json_str(j, "payload_hash", NULL);
	a->scope.body_hash_header |= json_int(j, "body_hash_header", 0) != 0;
	a->creds.access_key_id = copy_of(j, "access_key");
	a->creds.secret_access_key = copy_of(j, "secret_key");
	a->creds.session_token = copy_of(j, "session_token");
	return 0;
}

/* What the receiving side says of the request as it would arrive. */
static int verify(const struct asked *a, struct fp_error *err)
{
	FP_AUTO(sigv4_claim_release) struct sigv4_claim claim = { 0 };
	const char *hash = strrchr(a->trace.canonical_request.data, '\n') + 1;

	if (sigv4_claim_read(&claim, &a->req, err) < 0)
		return -1;
	return sigv4_verify(&a->req, &claim, a->creds.secret_access_key, hash, err);
}

static int answer_signature(cJSON *out, const cJSON *j, bool presign,
			    struct fp_error *err)
{
	FP_AUTO(asked_release) struct asked a = { .req = { .body_fd = -1 } };
	FP_AUTO(freep) char *url = NULL;

	if (read_asked(&a, j, err) < 0)
		return -1;
	if ((presign ? sigv4_presign(&a.req, &a.scope, &a.creds,
				     json_int(j, "expires", 0), &a.trace, err)
		     : sigv4_sign(&a.req, &a.scope, &a.creds, &a.trace, err)) < 0)
		return -1;
	url = request_url(&a.req);
	json_set_str(out, "canonical_request", buf_str(&a.trace.canonical_request));
	json_set_str(out, "string_to_sign", buf_str(&a.trace.string_to_sign));
	json_set_str(out, "signature", a.trace.signature);
	json_set_str(out, "url", url);
	json_set(out, "headers", headers_json(&a.req.headers));
	return verify(&a, err);
}

static int answer_encode(cJSON *out, const cJSON *j, struct fp_error *err)
{
	FP_AUTO(asked_release) struct asked a = { .req = { .body_fd = -1 } };
	FP_AUTO(chunked_source_freep) struct chunked_source *c = NULL;
	FP_AUTO(buf_release) struct buf data = BUF_INIT;
	FP_AUTO(buf_release) struct buf body = BUF_INIT;
	const struct chunked_options options = {
		.form = (enum chunked_form)json_int(j, "form", 0),
		.checksum = json_str(j, "checksum", NULL),
		.chunk_size = (size_t)json_int(j, "chunk_size", 0),
	};
	struct source_bytes bytes;
	struct http_source inner;

	if (read_asked(&a, j, err) < 0)
		return -1;
	bytes_of(&data, j, "data");
	bytes = (struct source_bytes){ .data = data.data, .size = data.len };
	inner = source_memory(&bytes);
	if (chunked_source_new(&c, &inner, &options, err) < 0)
		return -1;
	chunked_source_attach(c, &a.req);
	if (sigv4_sign(&a.req, &a.scope, &a.creds, &a.trace, err) < 0)
		return -1;
	buf_reserve(&body, (size_t)a.req.source->size);
	if (source_read_all(a.req.source, body.data, (size_t)a.req.source->size, err) < 0)
		return -1;
	body.len = (size_t)a.req.source->size;
	json_set_str(out, "signature", a.trace.signature);
	json_set_str(out, "checksum", chunked_source_checksum(c));
	json_set(out, "headers", headers_json(&a.req.headers));
	set_bytes(out, "body", &body);
	return 0;
}

static int answer_decode(cJSON *out, const cJSON *j, struct fp_error *err)
{
	FP_AUTO(asked_release) struct asked a = { .req = { .body_fd = -1 } };
	FP_AUTO(sigv4_claim_release) struct sigv4_claim claim = { 0 };
	FP_AUTO(headers_release) struct http_headers trailers = { 0 };
	FP_AUTO(chunked_freep) struct chunked *c = NULL;
	FP_AUTO(buf_release) struct buf data = BUF_INIT;
	enum chunked_form form = (enum chunked_form)json_int(j, "form", 0);

	if (read_asked(&a, j, err) < 0)
		return -1;
	if (sigv4_claim_read(&claim, &a.req, err) < 0)
		return -1;
	c = chunked_new(form, &claim, a.creds.secret_access_key, &trailers);
	if (chunked_feed(c, &data, a.req.body.data, a.req.body.len, err) < 0)
		return -1;
	if (!chunked_done(c))
		return fp_fail(err, FP_ERR_PROTOCOL, "the body ends too early");
	set_bytes(out, "data", &data);
	json_set(out, "trailers", headers_json(&trailers));
	return 0;
}

static int answer(cJSON *out, const cJSON *j, struct fp_error *err)
{
	const char *op = json_str(j, "op", NULL);

	if (str_eq(op, "encode"))
		return answer_encode(out, j, err);
	if (str_eq(op, "decode"))
		return answer_decode(out, j, err);
	return answer_signature(out, j, str_eq(op, "presign"), err);
}

int main(void)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	while ((n = getline(&line, &room, stdin)) > 0) {
		struct fp_error err = { 0 };
		FP_AUTO(json_freep) cJSON *out = cJSON_CreateObject();
		FP_AUTO(json_freep) cJSON *j = json_parse(line, (size_t)n, "stdin", &err);
		char *text;

		if (!j || answer(out, j, &err) < 0)
			json_set_str(out, "error", err.message);
		text = cJSON_PrintUnformatted(out);
		puts(text);
		cJSON_free(text);
		(void)fflush(stdout);
	}
	free(line);
	sigv4_forget_keys();
	return EXIT_SUCCESS;
}
