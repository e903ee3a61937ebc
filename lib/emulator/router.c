#include "emulator/exchange.h"

#include <unistd.h>

#include "base/digest.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "emulator/auth.h"
#include "emulator/common.h"
#include "wire/cbor.h"
#include "wire/query.h"
#include "wire/shape.h"
#include "wire/xml.h"

#define REST_BODY_LIMIT (INT64_C(5) << 30)   /* S3: one object */
#define ZIP_BODY_LIMIT	(INT64_C(100) << 20) /* Lambda: code of 50 MB in base64 */
#define FORM_BODY_LIMIT (INT64_C(16) << 20)

void exchange_init(struct exchange *x, struct emulator *emu)
{
	*x = (struct exchange){ .emu = emu };
	x->http.body_fd = -1;
	x->res.body_fd = -1;
	x->body.fd = -1;
	random_uuid(x->request_id);
}

void exchange_release(struct exchange *x)
{
	request_release(&x->http);
	sigv4_claim_release(&x->claim);
	str_wipe(&x->secret);
	body_release(&x->body);
	headers_release(&x->res.headers);
	buf_release(&x->res.body);
	if (x->res.body_fd >= 0)
		(void)close(x->res.body_fd);
}

static enum service_protocol guess_protocol(const struct http_request *http)
{
	const char *type = headers_get(&http->headers, "Content-Type");
	const char *target = headers_get(&http->headers, "X-Amz-Target");

	if (headers_get(&http->headers, "smithy-protocol"))
		return SERVICE_CBOR;
	if (target)
		return type && str_starts(type, "application/x-amz-json-1.0")
			       ? SERVICE_JSON_1_0
			       : SERVICE_JSON_1_1;
	/* A GET has its form in the URL. */
	if ((type && str_starts(type, "application/x-www-form-urlencoded")) ||
	    str_starts(http->query, "Action=") || strstr(http->query, "&Action="))
		return SERVICE_QUERY;
	if (type && str_starts(type, "application/json"))
		return SERVICE_REST_JSON;
	return SERVICE_REST_XML;
}

void router_identify(struct exchange *x)
{
	enum service_protocol looks = guess_protocol(&x->http);

	x->service = x->claim.service ? service_find(x->claim.service) : NULL;
	x->protocol = !x->service || x->service->also & SERVICE_ALSO(looks)
			      ? looks
			      : x->service->protocol;
	/* Of the services that are not here, hardly any answers a GET with XML. */
	if (!x->service && x->claim.service && x->protocol == SERVICE_REST_XML)
		x->protocol = SERVICE_REST_JSON;
}

int64_t router_body_limit(const struct exchange *x)
{
	switch (x->protocol) {
	case SERVICE_REST_XML:
		return REST_BODY_LIMIT;
	case SERVICE_REST_JSON:
		return ZIP_BODY_LIMIT;
	default:
		return FORM_BODY_LIMIT;
	}
}

static struct call call_of(struct exchange *x, const char *action)
{
	return (struct call){ .emu = x->emu,
			      .service = x->service->name,
			      .action = action,
			      .region = str_or(x->claim.region, x->emu->region),
			      .caller_arn = x->caller_arn,
			      .request_id = x->request_id };
}

static const struct operation *find_operation(const struct service *s, const char *name)
{
	for (const struct operation *o = s->operations; name && o && o->name; o++)
		if (str_eq(o->name, name))
			return o;
	return NULL;
}

/* What services say to each other is not for the outside, but for the messages, which
 * fpctl itself asks for. */
static bool is_internal(const char *name)
{
	return str_starts(name, "Fpctl") && !str_eq(name, "FpctlListMessages") &&
	       !str_eq(name, "FpctlClearMessages");
}

static int no_operation(struct exchange *x, const char *name)
{
	return fault_set(&x->fault, 501, "NotImplemented",
			 "the emulator has no operation %s of %s",
			 str_or(name, "(none named)"), x->service->name);
}

static int run_operation(struct exchange *x, const char *name, const cJSON *in,
			 cJSON *out)
{
	const struct operation *o = find_operation(x->service, name);
	struct call c = call_of(x, name);

	(void)snprintf(x->action, sizeof(x->action), "%s", str_or(name, ""));
	if (x->unsigned_form && (!name || !str_eq(name, x->service->open_operation)))
		return auth_refuse_unsigned(x);
	if (!o || is_internal(name))
		return no_operation(x, name);
	if (o->run(&c, in, out) == 0)
		return 0;
	x->fault = c.fault;
	return -1;
}

/* The whole body in memory, for protocols that need all of it. */
static int load_body(struct exchange *x)
{
	struct fp_error err = { 0 };

	if (!x->body.path)
		return 0;
	if (fs_read(&x->body.memory, x->body.path, FORM_BODY_LIMIT, &err) < 0)
		return fault_from(&x->fault, &err);
	return 0;
}

static int answer_query(struct exchange *x)
{
	FP_AUTO(json_freep) cJSON *in = NULL;
	FP_AUTO(json_freep) cJSON *out = cJSON_CreateObject();
	const char *form = buf_str(&x->body.memory), *action;
	struct fp_error err = { 0 };

	if (!*form)
		form = x->http.query;
	in = query_decode_request(form, strlen(form), &err);
	if (!in)
		return fault_set(&x->fault, 400, "MalformedQueryString", "%s",
				 err.message);
	action = json_str(in, "Action", NULL);
	if (x->service->from_query)
		x->service->from_query(str_or(action, ""), in);
	if (run_operation(x, action, in, out) < 0)
		return -1;
	if (x->service->to_query)
		x->service->to_query(action, out);
	query_encode_response(&x->res.body, action, x->service->xmlns, x->request_id,
			      out);
	headers_set(&x->res.headers, "Content-Type", "text/xml");
	return 0;
}

static const char *json_type(const struct exchange *x)
{
	return x->protocol == SERVICE_JSON_1_0 ? "application/x-amz-json-1.0"
					       : "application/x-amz-json-1.1";
}

static int answer_json(struct exchange *x)
{
	FP_AUTO(json_freep) cJSON *in = NULL;
	FP_AUTO(json_freep) cJSON *out = cJSON_CreateObject();
	const char *target = headers_get(&x->http.headers, "X-Amz-Target");
	const char *dot = target ? strrchr(target, '.') : NULL;
	const char *action = dot ? dot + 1 : NULL;
	const struct buf *body = &x->body.memory;
	struct fp_error err = { 0 };

	in = json_parse(body->len ? body->data : "{}", body->len ? body->len : 2,
			"the request", &err);
	if (json_has_nul(body))
		return fault_set(&x->fault, 400, "SerializationException",
				 "the request has a character of value 0 in a text");
	if (!cJSON_IsObject(in))
		return fault_set(&x->fault, 400, "SerializationException",
				 "the request is no JSON object: %s", err.message);
	if (run_operation(x, action, in, out) < 0)
		return -1;
	if (x->service->also)
		shape_to_json(out);
	json_print(&x->res.body, out);
	headers_set(&x->res.headers, "Content-Type", json_type(x));
	return 0;
}

static void write_cbor(struct exchange *x, const cJSON *j)
{
	cbor_encode(&x->res.body, j);
	headers_set(&x->res.headers, "Content-Type", "application/cbor");
	headers_set(&x->res.headers, "smithy-protocol", "rpc-v2-cbor");
}

/* POST /service/SERVICE/operation/ACTION; what takes no input has no body. */
static int answer_cbor(struct exchange *x)
{
	FP_AUTO(json_freep) cJSON *in = NULL;
	FP_AUTO(json_freep) cJSON *out = cJSON_CreateObject();
	const char *slash = strrchr(x->http.path, '/');
	const struct buf *body = &x->body.memory;
	struct fp_error err = { 0 };

	if (body->len)
		in = cbor_decode(body->data, body->len, &err);
	else
		in = cJSON_CreateObject();
	if (!cJSON_IsObject(in))
		return fault_set(&x->fault, 400, "SerializationException",
				 "the request is no CBOR map: %s", err.message);
	if (run_operation(x, slash ? slash + 1 : NULL, in, out) < 0)
		return -1;
	write_cbor(x, out);
	return 0;
}

static int answer_rest(struct exchange *x)
{
	struct rest_request req = { .http = &x->http,
				    .body_path = x->body.path,
				    .body_size = x->body.size };
	struct call c = call_of(x, NULL);
	int rc;

	memcpy(req.body_sha256, x->body.sha256_hex, sizeof(req.body_sha256));
	memcpy(req.body_md5, x->body.md5_hex, sizeof(req.body_md5));
	if (x->body.checksum) {
		req.checksum_name = checksum_name(x->body.checksum);
		req.checksum = x->body.checksum_text;
		req.checksum_added = x->body.checksum_added;
	}
	/* The decoded body stands where services look for it. */
	x->http.body = x->body.memory;
	x->body.memory = (struct buf)BUF_INIT;
	x->res.status = 200;
	rc = x->service->rest(&c, &req, &x->res);
	(void)snprintf(x->action, sizeof(x->action), "%s", str_or(c.action, ""));
	if (rc < 0)
		x->fault = c.fault;
	return rc;
}

static int carry_out(struct exchange *x)
{
	if (!x->service)
		return fault_set(&x->fault, 501, "NotImplemented",
				 "the emulator has no service '%s'", x->claim.service);
	x->res.status = 200;
	switch (x->protocol) {
	case SERVICE_QUERY:
		return load_body(x) < 0 ? -1 : answer_query(x);
	case SERVICE_JSON_1_0:
	case SERVICE_JSON_1_1:
		return load_body(x) < 0 ? -1 : answer_json(x);
	case SERVICE_CBOR:
		return load_body(x) < 0 ? -1 : answer_cbor(x);
	default:
		return answer_rest(x);
	}
}

static void write_s3_error(struct exchange *x)
{
	struct buf *b = &x->res.body;

	buf_puts(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	xml_open(b, "Error");
	xml_element(b, "Code", x->fault.code);
	xml_element(b, "Message", x->fault.message);
	xml_element(b, "Resource", x->http.path);
	xml_element(b, "RequestId", x->request_id);
	xml_close(b, "Error");
}

/* Where a service once spoke Query, its clients are told both names of an error. */
static const char *error_type(struct exchange *x)
{
	const struct service *s = x->service;
	FP_AUTO(freep) char *query = NULL;
	const char *shape;

	if (!s || !s->error_shape)
		return x->fault.code;
	query = xasprintf("%s;%s", x->fault.code,
			  x->fault.status < 500 ? "Sender" : "Receiver");
	headers_set(&x->res.headers, "x-amzn-query-error", query);
	shape = s->error_shape(x->action, x->fault.code);
	return str_or(shape, x->fault.code);
}

static void write_json_error(struct exchange *x, const char *type_name)
{
	FP_AUTO(json_freep) cJSON *j = cJSON_CreateObject();
	const char *type = error_type(x);

	if (x->protocol == SERVICE_REST_JSON)
		json_set_str(j, "Type", x->fault.status < 500 ? "User" : "Service");
	else
		json_set_str(j, "__type", type);
	json_set_str(j, "message", x->fault.message);
	headers_set(&x->res.headers, "x-amzn-ErrorType", type);
	if (x->protocol == SERVICE_CBOR) {
		write_cbor(x, j);
		return;
	}
	json_print(&x->res.body, j);
	headers_set(&x->res.headers, "Content-Type", type_name);
}

static void write_fault(struct exchange *x)
{
	const char *xmlns = x->service ? x->service->xmlns : NULL;

	buf_clear(&x->res.body);
	if (x->res.body_fd >= 0)
		(void)close(x->res.body_fd);
	x->res.body_fd = -1;
	x->res.status = x->fault.status;
	switch (x->protocol) {
	case SERVICE_QUERY:
		query_encode_error(&x->res.body, str_or(xmlns, ""), x->request_id,
				   x->fault.code, x->fault.message,
				   x->fault.status < 500);
		headers_set(&x->res.headers, "Content-Type", "text/xml");
		break;
	case SERVICE_REST_XML:
		/* A 304 has no body. */
		if (x->fault.status != 304)
			write_s3_error(x);
		headers_set(&x->res.headers, "Content-Type", "application/xml");
		break;
	case SERVICE_REST_JSON:
		write_json_error(x, "application/json");
		break;
	default:
		write_json_error(x, json_type(x));
		break;
	}
}

/* A presigned query, also a malformed one, holds what is not for the log. */
static void log_exchange(const struct exchange *x)
{
	bool presigned = x->claim.presigned || strcasestr(x->http.query, "X-Amz-S");
	const char *query = presigned ? "" : x->http.query;

	if (!log_enabled(LOG_INFO))
		return;
	log_msg(x->res.status >= 500 ? LOG_ERROR : LOG_INFO,
		"%s %s: %s %s%s%s: %d%s%s%s%s", str_or(x->claim.service, "-"),
		str_or(x->action, "-"), x->http.method, x->http.path, *query ? "?" : "",
		query, x->res.status, x->fault.status ? " " : "", x->fault.code,
		x->fault.status ? ": " : "", x->fault.message);
}

void router_answer(struct exchange *x)
{
	if (!x->fault.status && carry_out(x) < 0 && !x->fault.status)
		(void)fault_set(&x->fault, 500, "InternalError", "no reason was given");
	if (x->fault.status)
		write_fault(x);
	headers_set(&x->res.headers,
		    x->protocol == SERVICE_REST_XML ? "x-amz-request-id"
						    : "x-amzn-RequestId",
		    x->request_id);
	log_exchange(x);
}
