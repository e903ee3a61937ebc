#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "wire/message.h"
#include "wire/query.h"
#include "wire/xml.h"

/* What an error answer says; the texts are owned by `arena`. */
struct finding {
	struct arena arena;
	const char *code, *message, *request_id;
};

/* For answers without a body (HEAD), and from what stands before the service. */
static const char *code_of_status(int status)
{
	static const struct {
		int status;
		const char *code;
	} codes[] = {
		{ 301, "PermanentRedirect" },
		{ 304, "NotModified" },
		{ 307, "TemporaryRedirect" },
		{ 400, "BadRequest" },
		{ 401, "Unauthorized" },
		{ 403, "AccessDenied" },
		{ 404, "NotFound" },
		{ 405, "MethodNotAllowed" },
		{ 409, "Conflict" },
		{ 412, "PreconditionFailed" },
		{ 413, "RequestEntityTooLarge" },
		{ 416, "InvalidRange" },
		{ 429, "TooManyRequests" },
		{ 500, "InternalError" },
		{ 502, "BadGateway" },
		{ 503, "ServiceUnavailable" },
		{ 504, "GatewayTimeout" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		if (codes[i].status == status)
			return codes[i].code;
	return "UnknownError";
}

/* "com.amazonaws.x#Code", "Code:http://..." and "Code;Sender" are Code. */
static const char *bare_code(struct arena *a, const char *text)
{
	const char *hash = text ? strchr(text, '#') : NULL;

	if (!text)
		return NULL;
	if (hash)
		text = hash + 1;
	return arena_strndup(a, text, strcspn(text, ":; ,"));
}

static void read_xml(struct finding *f, const struct buf *body)
{
	struct xml *root;
	const struct xml *e;

	if (xml_parse(&root, &f->arena, buf_str(body), body->len, NULL) < 0)
		return;
	/* S3's root is Error itself; EC2's errors stand in a list. */
	e = xml_child(root, "Errors") ? xml_child(root, "Errors") : root;
	e = xml_child(e, "Error") ? xml_child(e, "Error") : e;
	f->code = xml_text(e, "Code", NULL);
	f->message = xml_text(e, "Message", xml_text(e, "message", NULL));
	f->request_id = xml_text(e, "RequestId", NULL);
	if (!f->request_id)
		f->request_id = xml_text(root, "RequestId",
					 xml_text(root, "RequestID", NULL));
}

static void read_json(struct finding *f, const struct buf *body)
{
	FP_AUTO(json_freep)
	cJSON *j = json_parse(body->data, body->len, "an error", NULL);
	const char *message = json_str(j, "message", json_str(j, "Message", NULL));
	const char *code = json_str(j, "__type",
				    json_str(j, "code", json_str(j, "Code", NULL)));

	if (!message)
		message = json_str(j, "errorMessage", NULL);
	if (message)
		f->message = arena_strdup(&f->arena, message);
	f->code = bare_code(&f->arena, code);
}

static void read_headers(struct finding *f, const struct http_headers *h)
{
	const char *id = headers_get(h, "x-amzn-requestid");
	const char *code = headers_get(h, "x-amzn-query-error");

	if (!id)
		id = headers_get(h, "x-amz-request-id");
	if (id)
		f->request_id = id;
	/* Services that once spoke Query still give that protocol's code here. */
	if (!code && !f->code)
		code = headers_get(h, "x-amzn-errortype");
	if (code)
		f->code = bare_code(&f->arena, code);
}

static void release_finding(struct finding *f)
{
	arena_release(&f->arena);
}

static size_t leading_space(const struct buf *b)
{
	return strspn(buf_str(b), " \t\r\n");
}

void wire_read_error(const struct http_response *res, struct fp_error *err)
{
	FP_AUTO(release_finding) struct finding f = { ARENA_INIT, NULL, NULL, NULL };
	char first = buf_str(&res->body)[leading_space(&res->body)];

	if (first == '<')
		read_xml(&f, &res->body);
	else if (first == '{')
		read_json(&f, &res->body);
	read_headers(&f, &res->headers);
	if (f.message && *f.message)
		fp_fail(err, FP_ERR_AWS, "%s", f.message);
	else
		fp_fail(err, FP_ERR_AWS,
			"the service answered %s (status %d) without a message",
			str_or(f.code, code_of_status(res->status)), res->status);
	if (!err)
		return;
	err->http_status = res->status;
	(void)snprintf(err->aws_code, sizeof(err->aws_code), "%s",
		       str_or(f.code, code_of_status(res->status)));
	(void)snprintf(err->request_id, sizeof(err->request_id), "%s",
		       str_or(f.request_id, ""));
}
