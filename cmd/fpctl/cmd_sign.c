#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "command.h"
#include "wire/chunked.h"
#include "wire/sigv4.h"
#include "wire/source.h"

#define DEFAULT_EXPIRES_S 3600

struct sign_opts {
	const char *method, *url, *data, *service, *time;
	const char *access_key, *secret_key, *session_token;
	const char *chunked, *checksum;
	struct strs headers;
	int64_t expires_s, chunk_size;
	bool query, no_normalize, body_hash_header, omit_session_token, unsigned_payload;
};

#define FIELD(name) offsetof(struct sign_opts, name)
static const struct opt opts[] = {
	{ 'X', "method", OPT_STRING, FIELD(method), "the request's method (default GET)",
	  "METHOD" },
	{ 0, "url", OPT_STRING, FIELD(url), "the request's URL", "URL" },
	{ 'H', "header", OPT_LIST, FIELD(headers), "a header to send; may be repeated",
	  "'NAME: VALUE'" },
	{ 0, "data", OPT_STRING, FIELD(data), "the request's body", "TEXT" },
	{ 0, "service", OPT_STRING, FIELD(service), "the service's signing name: s3, sts",
	  "NAME" },
	{ 0, "time", OPT_STRING, FIELD(time), "sign for this time (default now)",
	  "20260102T030405Z" },
	{ 0, "access-key", OPT_STRING, FIELD(access_key),
	  "sign with this key, not the usual credentials", "ID" },
	{ 0, "secret-key", OPT_STRING, FIELD(secret_key), "the access key's secret",
	  "SECRET" },
	{ 0, "session-token", OPT_STRING, FIELD(session_token),
	  "the token of temporary credentials", "TOKEN" },
	{ 0, "query", OPT_FLAG, FIELD(query), "presign: put the signature into the URL",
	  NULL },
	{ 0, "expires", OPT_INT, FIELD(expires_s),
	  "how long a presigned URL is valid (default 3600)", "SECONDS" },
	{ 0, "unsigned-payload", OPT_FLAG, FIELD(unsigned_payload),
	  "leave the body out of the signature: UNSIGNED-PAYLOAD", NULL },
	{ 0, "chunked", OPT_STRING, FIELD(chunked),
	  "send the body in chunks (aws-chunked): signed, signed-trailer or "
	  "unsigned-trailer",
	  "FORM" },
	{ 0, "checksum", OPT_STRING, FIELD(checksum),
	  "the checksum of the trailer (default crc64nvme)", "NAME" },
	{ 0, "chunk-size", OPT_INT, FIELD(chunk_size),
	  "the bytes of data in a chunk (default 65536)", "BYTES" },
	{ 0, "no-normalize", OPT_FLAG, FIELD(no_normalize),
	  "keep dot segments and double slashes of the path", NULL },
	{ 0, "body-hash-header", OPT_FLAG, FIELD(body_hash_header),
	  "send x-amz-content-sha256, as S3 has it", NULL },
	{ 0, "omit-session-token", OPT_FLAG, FIELD(omit_session_token),
	  "add the session token after signing", NULL },
};

/* "Name: value"; the value may be folded over several lines. */
static int add_header(struct http_request *req, const char *text, struct fp_error *err)
{
	const char *colon = strchr(text, ':');
	FP_AUTO(freep) char *name = NULL;

	if (!colon || colon == text)
		return fp_fail(err, FP_ERR_USAGE,
			       "--header takes 'NAME: VALUE', not '%.200s'", text);
	name = xstrndup(text, (size_t)(colon - text));
	headers_add(&req->headers, name, colon + 1 + strspn(colon + 1, " "));
	return 0;
}

static int make_request(struct http_request *req, const struct sign_opts *o,
			struct fp_error *err)
{
	request_init(req, str_or(o->method, "GET"), "/");
	if (!o->url)
		return fp_fail(err, FP_ERR_USAGE, "which request? give --url URL");
	if (request_set_url(req, o->url, err) < 0)
		return -1;
	for (size_t i = 0; i < o->headers.n; i++)
		if (add_header(req, o->headers.v[i], err) < 0)
			return -1;
	buf_puts(&req->body, str_or(o->data, ""));
	return 0;
}

/* What the body is in chunks; NULL when it is sent as it is. */
struct chunks {
	struct source_bytes bytes;
	struct http_source inner;
	struct chunked_source *source;
	struct buf framing; /* as it goes over the wire, the data left out */
};

static void chunks_release(struct chunks *c)
{
	chunked_source_freep(&c->source);
	buf_release(&c->framing);
}

static int begin_chunks(struct chunks *c, struct http_request *req,
			const struct sign_opts *o, struct fp_error *err)
{
	static const char *const forms[] = { "signed", "signed-trailer",
					     "unsigned-trailer" };
	struct chunked_options options = { .chunk_size = (size_t)o->chunk_size };
	size_t form = 0;

	if (!o->chunked)
		return o->checksum || o->chunk_size
			       ? fp_fail(err, FP_ERR_USAGE,
					 "--checksum and --chunk-size belong to "
					 "--chunked")
			       : 0;
	if (o->query || o->unsigned_payload)
		return fp_fail(err, FP_ERR_USAGE,
			       "--chunked is signed by a header and has a body hash of "
			       "its own");
	while (form < ARRAY_SIZE(forms) && !str_eq(o->chunked, forms[form]))
		form++;
	if (form == ARRAY_SIZE(forms))
		return fp_fail(err, FP_ERR_USAGE,
			       "--chunked is signed, signed-trailer or unsigned-trailer, "
			       "not '%.50s'",
			       o->chunked);
	options.form = (enum chunked_form)form;
	options.checksum = options.form == CHUNKED_SIGNED
				   ? o->checksum
				   : str_or(o->checksum, "crc64nvme");
	c->bytes = (struct source_bytes){ req->body.data, req->body.len, 0 };
	c->inner = source_memory(&c->bytes);
	if (chunked_source_new(&c->source, &c->inner, &options, err) < 0)
		return -1;
	chunked_source_attach(c->source, req);
	return 0;
}

/* "10000;chunk-signature=...", "[65536 bytes]" and so on, to the trailer. */
static int frame_chunks(struct chunks *c, struct fp_error *err)
{
	const struct http_source *body = chunked_source_body(c->source);
	FP_AUTO(buf_release) struct buf all = BUF_INIT;
	size_t at = 0, left = 1;

	buf_reserve(&all, (size_t)body->size);
	if (source_read_all(body, all.data, (size_t)body->size, err) < 0)
		return -1;
	all.len = (size_t)body->size;
	while (left && at < all.len) {
		size_t line = (size_t)((char *)memchr(all.data + at, '\r', all.len - at) -
				       all.data) -
			      at;

		left = (size_t)strtoull(all.data + at, NULL, 16);
		buf_add(&c->framing, all.data + at, line);
		buf_putc(&c->framing, '\n');
		if (left)
			buf_printf(&c->framing, "[%zu bytes]\n", left);
		at += line + 2 + left + (left ? 2 : 0);
	}
	for (; at < all.len; at++)
		if (all.data[at] != '\r')
			buf_putc(&c->framing, all.data[at]);
	while (c->framing.len && c->framing.data[c->framing.len - 1] == '\n')
		buf_truncate(&c->framing, c->framing.len - 1);
	return 0;
}

static int find_credentials(struct aws_credentials *creds, struct app *app,
			    const struct sign_opts *o, struct fp_error *err)
{
	const struct aws_credentials given = {
		.access_key_id = (char *)o->access_key,
		.secret_access_key = (char *)o->secret_key,
		.session_token = (char *)o->session_token
	};

	if (!o->access_key != !o->secret_key)
		return fp_fail(err, FP_ERR_USAGE,
			       "--access-key and --secret-key go together");
	if (o->session_token && !o->access_key)
		return fp_fail(err, FP_ERR_USAGE,
			       "--session-token belongs to an --access-key");
	if (o->access_key) {
		aws_credentials_copy(creds, &given);
		return 0;
	}
	if (app_aws(app, err) < 0)
		return -1;
	return aws_client_credentials(app->aws, creds, err);
}

static int make_scope(struct sigv4_scope *scope, struct app *app,
		      const struct sign_opts *o, struct fp_error *err)
{
	const char *region = app->global.region;
	int64_t now = clock_now_ms();

	if (!o->service)
		return fp_fail(err, FP_ERR_USAGE,
			       "for which service? give --service NAME");
	if (o->time && !time_parse(o->time, &now))
		return fp_fail(err, FP_ERR_USAGE,
			       "--time takes a time like 20260102T030405Z, not '%.100s'",
			       o->time);
	if (!region) {
		if (app_aws(app, err) < 0)
			return -1;
		region = aws_client_region(app->aws);
	}
	*scope = sigv4_for(o->service, region, now);
	scope->no_normalize = o->no_normalize;
	scope->body_hash_header |= o->body_hash_header || o->unsigned_payload;
	scope->payload_hash = o->unsigned_payload ? SIGV4_UNSIGNED_PAYLOAD : NULL;
	scope->omit_session_token = o->omit_session_token;
	return 0;
}

/* A header that is given several times is one list, as HTTP has it. */
static cJSON *headers_json(const struct http_headers *h)
{
	cJSON *j = cJSON_CreateObject();

	for (size_t i = 0; i < h->n; i++) {
		const char *value = h->v[i].value;
		const cJSON *seen = cJSON_GetObjectItem(j, h->v[i].name);
		FP_AUTO(freep) char *name = xstrdup(seen ? seen->string : h->v[i].name);

		if (seen)
			json_set_fmt(j, name, "%s,%s", seen->valuestring, value);
		else
			json_set_str(j, name, value);
	}
	return j;
}

static void print_json(struct app *app, const struct http_request *req,
		       const struct sigv4_trace *t, const char *url,
		       const struct chunks *chunks)
{
	FP_AUTO(json_freep) cJSON *j = cJSON_CreateObject();

	json_set_str(j, "canonical_request", buf_str(&t->canonical_request));
	json_set_str(j, "string_to_sign", buf_str(&t->string_to_sign));
	json_set_str(j, "signature", t->signature);
	json_set(j, "headers", headers_json(&req->headers));
	json_set_str(j, "url", url);
	if (chunks->source) {
		json_set_str(j, "body", buf_str(&chunks->framing));
		json_set_int(j, "body_length", chunked_source_body(chunks->source)->size);
	}
	app_print_json(app, j);
}

static void print_section(struct ui *ui, const char *title, const char *text)
{
	fprintf(ui->out, "%s%s%s\n%s\n\n", ui_on(ui, ui->out, UI_BOLD), title,
		ui_off(ui, ui->out), text);
}

static void print_text(struct app *app, const struct http_request *req,
		       const struct sigv4_trace *t, const char *url,
		       const struct chunks *chunks)
{
	FP_AUTO(buf_release) struct buf headers = BUF_INIT;

	for (size_t i = 0; i < req->headers.n; i++)
		buf_printf(&headers, "%s%s: %s", i ? "\n" : "", req->headers.v[i].name,
			   req->headers.v[i].value);
	print_section(&app->ui, "canonical request", buf_str(&t->canonical_request));
	print_section(&app->ui, "string to sign", buf_str(&t->string_to_sign));
	print_section(&app->ui, "signature", t->signature);
	print_section(&app->ui, "headers", buf_str(&headers));
	if (chunks->source)
		print_section(&app->ui, "body", buf_str(&chunks->framing));
	fprintf(app->ui.out, "%surl%s\n%s\n", ui_on(&app->ui, app->ui.out, UI_BOLD),
		ui_off(&app->ui, app->ui.out), url);
}

static int sign_run(struct app *app, const void *args, struct fp_error *err)
{
	const struct sign_opts *o = args;
	FP_AUTO(request_release) struct http_request req = { .body_fd = -1 };
	FP_AUTO(aws_credentials_release) struct aws_credentials creds = { 0 };
	FP_AUTO(sigv4_trace_release) struct sigv4_trace trace = { 0 };
	FP_AUTO(chunks_release) struct chunks chunks = { 0 };
	FP_AUTO(freep) char *url = NULL;
	struct sigv4_scope scope;
	int rc;

	if (o->expires_s && !o->query)
		return fp_fail(err, FP_ERR_USAGE, "--expires belongs to --query");
	if (make_request(&req, o, err) < 0 || make_scope(&scope, app, o, err) < 0 ||
	    begin_chunks(&chunks, &req, o, err) < 0 ||
	    find_credentials(&creds, app, o, err) < 0)
		return -1;
	if (o->query)
		rc = sigv4_presign(&req, &scope, &creds,
				   o->expires_s ? o->expires_s : DEFAULT_EXPIRES_S,
				   &trace, err);
	else
		rc = sigv4_sign(&req, &scope, &creds, &trace, err);
	if (rc < 0 || (chunks.source && frame_chunks(&chunks, err) < 0))
		return -1;
	url = request_url(&req);
	if (app->global.json)
		print_json(app, &req, &trace, url, &chunks);
	else
		print_text(app, &req, &trace, url, &chunks);
	return 0;
}

const struct command cmd_sign = {
	.name = "sign",
	.summary = "show the signature of a request, and what it is made of",
	.details =
		"Shows the canonical request, the string to sign, the signature, and "
		"the headers and the URL that would be sent; sends nothing. For S3 the "
		"path is taken as it is and x-amz-content-sha256 is signed, as the SDKs "
		"do; --region and --profile are those of every command. With --chunked "
		"also the lines between the data of an aws-chunked body: each chunk's "
		"size and signature, and the trailer. What is shown holds the session "
		"token, which is sent, and never the secret access key; a secret in "
		"--secret-key can be seen by others on this machine, so prefer the "
		"environment or a profile.",
	.examples =
		"fpctl sign --service sts --region us-east-1 --url "
		"'https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version="
		"2011-06-15'\n"
		"fpctl sign --query --expires 900 --service s3 --region eu-west-1 --url "
		"https://BUCKET.s3.eu-west-1.amazonaws.com/KEY\n"
		"fpctl sign --chunked signed-trailer --data hello -X PUT --service s3 "
		"--region eu-west-1 --url https://BUCKET.s3.eu-west-1.amazonaws.com/KEY",
	.opts = opts,
	.nopts = ARRAY_SIZE(opts),
	.opts_size = sizeof(struct sign_opts),
	.run = sign_run,
};
