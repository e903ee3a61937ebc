#include "wire/sigv4.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "wire/sigv4_canonical.h"
#include "wire/uri.h"

#define TOKEN_HEADER "X-Amz-Security-Token"

/* What a presigned query carries; an earlier signature is replaced. */
static const char *const auth_params[] = {
	"X-Amz-Algorithm",     "X-Amz-Credential", "X-Amz-Date",
	"X-Amz-SignedHeaders", "X-Amz-Expires",	   "X-Amz-Security-Token",
	"X-Amz-Signature",
};

void aws_credentials_release(struct aws_credentials *c)
{
	free(c->access_key_id);
	c->access_key_id = NULL;
	str_wipe(&c->secret_access_key);
	str_wipe(&c->session_token);
	c->expires_ms = 0;
}

void aws_credentials_set(struct aws_credentials *out, const char *id, const char *secret,
			 const char *token)
{
	*out = (struct aws_credentials){
		.access_key_id = xstrdup(id),
		.secret_access_key = xstrdup(secret),
		.session_token = token ? xstrdup(token) : NULL,
	};
}

void aws_credentials_copy(struct aws_credentials *to, const struct aws_credentials *from)
{
	to->access_key_id = from->access_key_id ? xstrdup(from->access_key_id) : NULL;
	to->secret_access_key = from->secret_access_key ? xstrdup(from->secret_access_key)
							: NULL;
	to->session_token = from->session_token ? xstrdup(from->session_token) : NULL;
	to->expires_ms = from->expires_ms;
}

struct sigv4_scope sigv4_for(const char *service, const char *region, int64_t time_ms)
{
	bool s3 = sigv4_is_s3(service);

	return (struct sigv4_scope){
		.region = region,
		.service = service,
		.time_ms = time_ms,
		.s3_path = s3,
		.body_hash_header = s3,
	};
}

void sigv4_trace_release(struct sigv4_trace *t)
{
	buf_wipe(&t->canonical_request);
	buf_release(&t->string_to_sign);
	t->signature[0] = '\0';
}

/* RFC 9110, 5.6.2: what a name may be made of. */
static bool is_token(const char *s)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789!#$%&'*+-.^_`|~";

	return *s && strspn(s, letters) == strlen(s);
}

/* A line break must be a folding: followed by a space or a tab. */
static bool header_is_sound(const struct http_header *h)
{
	if (!is_token(h->name))
		return false;
	for (const char *s = h->value; *s; s++) {
		if (*s == '\r' && s[1] == '\n')
			s++;
		if ((*s == '\n' || *s == '\r') && s[1] != ' ' && s[1] != '\t')
			return false;
	}
	return true;
}

static bool is_streamed(const struct http_request *req)
{
	return req->body_fd >= 0 || req->source;
}

static int check_input(const struct http_request *req, const struct sigv4_scope *scope,
		       const struct aws_credentials *creds, struct fp_error *err)
{
	if (!scope->region || !*scope->region)
		return fp_fail(err, FP_ERR_INPUT, "a region is needed to sign a request");
	if (!scope->service || !*scope->service)
		return fp_fail(err, FP_ERR_INPUT,
			       "a service is needed to sign a request");
	if (strpbrk(scope->region, "/ ,\r\n") || strpbrk(scope->service, "/ ,\r\n") ||
	    strlen(scope->region) > SIGV4_MAX_NAME ||
	    strlen(scope->service) > SIGV4_MAX_NAME)
		return fp_fail(err, FP_ERR_INPUT,
			       "'%.100s' or '%.100s' is no region or service",
			       scope->region, scope->service);
	if (!creds->access_key_id || !*creds->access_key_id ||
	    !creds->secret_access_key || !*creds->secret_access_key)
		return fp_fail(
			err, FP_ERR_INPUT,
			"an access key and its secret are needed to sign a request");
	if (!*req->host && !headers_get(&req->headers, "Host"))
		return fp_fail(err, FP_ERR_INPUT, "the request to sign has no host");
	if (*req->path != '/')
		return fp_fail(err, FP_ERR_INPUT,
			       "the path '%.200s' does not begin with '/'", req->path);
	if (is_streamed(req) && !scope->payload_hash && !scope->s3_path)
		return fp_fail(err, FP_ERR_INPUT,
			       "the digest of a body that comes from a file is needed");
	for (size_t i = 0; i < req->headers.n; i++)
		if (!header_is_sound(&req->headers.v[i]))
			return fp_fail(
				err, FP_ERR_INPUT,
				"header '%.100s' holds a line break or is malformed",
				req->headers.v[i].name);
	return 0;
}

static void sign_now(struct sigv4_trace *t, const struct http_request *req,
		     const struct sigv4_scope *scope, const struct sigv4_key *k,
		     const char *signed_headers, const char *payload_hash)
{
	const struct sigv4_canonical how = { scope->s3_path, scope->no_normalize,
					     signed_headers, payload_hash };

	sigv4_canonical_request(&t->canonical_request, req, &how);
	sigv4_string_to_sign(&t->string_to_sign, k, &t->canonical_request);
	sigv4_signature(t->signature, k, t->string_to_sign.data, t->string_to_sign.len);
}

/* Who wants to see what was computed gets it; else it goes. */
static void keep_trace(struct sigv4_trace *wanted, struct sigv4_trace *t)
{
	if (wanted)
		*wanted = *t;
	else
		sigv4_trace_release(t);
}

/*
 * The hash to sign: the caller's text, that of a header which the caller has
 * set, or the body's own digest.
 */
static void choose_payload_hash(struct buf *out, const struct http_request *req,
				const struct sigv4_scope *scope, bool presign)
{
	const char *header = headers_get(&req->headers, SIGV4_SHA_HEADER);
	char digest[SHA256_HEX_LEN];

	if (scope->payload_hash) {
		buf_puts(out, scope->payload_hash);
	} else if (header && (presign || !scope->body_hash_header || req->source)) {
		buf_puts(out, header);
	} else if (scope->s3_path && (presign || is_streamed(req))) {
		buf_puts(out, SIGV4_UNSIGNED_PAYLOAD);
	} else {
		sha256_hex(digest, req->body.data, req->body.len);
		buf_puts(out, digest);
	}
}

static void add_host(struct http_request *req)
{
	FP_AUTO(buf_release) struct buf host = BUF_INIT;

	if (headers_get(&req->headers, "Host"))
		return;
	sigv4_host(&host, req);
	headers_add(&req->headers, "Host", buf_str(&host));
}

/* Signed chunks follow the request's signature. */
static void hand_seed(const struct http_source *source, const struct sigv4_key *k,
		      const char signature[65])
{
	FP_AUTO(sigv4_seed_wipe) struct sigv4_seed seed = { .key = *k };

	if (!source || !source->seed)
		return;
	memcpy(seed.signature, signature, sizeof(seed.signature));
	source->seed(source->ctx, &seed);
}

int sigv4_sign(struct http_request *req, const struct sigv4_scope *scope,
	       const struct aws_credentials *creds, struct sigv4_trace *trace,
	       struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf payload = BUF_INIT;
	FP_AUTO(buf_release) struct buf names = BUF_INIT;
	FP_AUTO(buf_release) struct buf auth = BUF_INIT;
	struct sigv4_trace t = { 0 };
	FP_AUTO(sigv4_key_wipe) struct sigv4_key k = { 0 };

	if (check_input(req, scope, creds, err) < 0)
		return -1;
	sigv4_key_make(&k, creds->secret_access_key, scope->region, scope->service,
		       scope->time_ms);
	choose_payload_hash(&payload, req, scope, false);
	headers_remove(&req->headers, "Authorization");
	headers_remove(&req->headers, TOKEN_HEADER);
	add_host(req);
	if (creds->session_token)
		headers_add(&req->headers, TOKEN_HEADER, creds->session_token);
	headers_set(&req->headers, "X-Amz-Date", k.amz_date);
	if (scope->body_hash_header)
		headers_set(&req->headers, SIGV4_SHA_HEADER, buf_str(&payload));
	sigv4_signed_headers(&names, req,
			     scope->omit_session_token ? "x-amz-security-token" : NULL);
	sign_now(&t, req, scope, &k, buf_str(&names), buf_str(&payload));
	buf_reserve(&auth, names.len + sizeof(k.scope) + 256);
	buf_printf(&auth,
		   SIGV4_ALGORITHM " Credential=%s/%s, SignedHeaders=%s, Signature=%s",
		   creds->access_key_id, k.scope, buf_str(&names), t.signature);
	headers_set(&req->headers, "Authorization", buf_str(&auth));
	hand_seed(req->source, &k, t.signature);
	keep_trace(trace, &t);
	return 0;
}

static bool is_auth_param(const char *raw, size_t n)
{
	FP_AUTO(buf_release) struct buf name = BUF_INIT;
	const char *eq = memchr(raw, '=', n);

	uri_decode(&name, raw, eq ? (size_t)(eq - raw) : n, false);
	for (size_t i = 0; i < ARRAY_SIZE(auth_params); i++)
		if (str_eq(buf_str(&name), auth_params[i]))
			return true;
	return false;
}

static void drop_auth_params(struct http_request *req)
{
	struct buf kept = BUF_INIT;

	buf_reserve(&kept, strlen(req->query));
	for (const char *s = req->query; *s;) {
		size_t n = strcspn(s, "&");

		if (!is_auth_param(s, n)) {
			if (kept.len)
				buf_putc(&kept, '&');
			buf_add(&kept, s, n);
		}
		s += n + (s[n] == '&');
	}
	str_wipe(&req->query);
	req->query = buf_detach(&kept);
}

static void add_auth_params(struct http_request *req, const struct sigv4_key *k,
			    const char *access_key_id, const char *signed_headers,
			    int64_t expires_s)
{
	FP_AUTO(buf_release) struct buf credential = BUF_INIT;
	FP_AUTO(buf_release) struct buf expires = BUF_INIT;

	buf_printf(&credential, "%s/%s", access_key_id, k->scope);
	buf_printf(&expires, "%lld", (long long)expires_s);
	request_add_query(req, "X-Amz-Algorithm", SIGV4_ALGORITHM);
	request_add_query(req, "X-Amz-Credential", buf_str(&credential));
	request_add_query(req, "X-Amz-Date", k->amz_date);
	request_add_query(req, "X-Amz-SignedHeaders", signed_headers);
	request_add_query(req, "X-Amz-Expires", buf_str(&expires));
}

int sigv4_presign(struct http_request *req, const struct sigv4_scope *scope,
		  const struct aws_credentials *creds, int64_t expires_s,
		  struct sigv4_trace *trace, struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf payload = BUF_INIT;
	FP_AUTO(buf_release) struct buf names = BUF_INIT;
	struct sigv4_trace t = { 0 };
	FP_AUTO(sigv4_key_wipe) struct sigv4_key k = { 0 };

	if (expires_s < 1 || expires_s > SIGV4_MAX_EXPIRES_S)
		return fp_fail(err, FP_ERR_INPUT,
			       "a presigned url is valid for 1 to %d seconds, not %lld",
			       SIGV4_MAX_EXPIRES_S, (long long)expires_s);
	if (check_input(req, scope, creds, err) < 0)
		return -1;
	sigv4_key_make(&k, creds->secret_access_key, scope->region, scope->service,
		       scope->time_ms);
	choose_payload_hash(&payload, req, scope, true);
	headers_remove(&req->headers, "Authorization");
	headers_remove(&req->headers, "X-Amz-Date");
	headers_remove(&req->headers, TOKEN_HEADER);
	drop_auth_params(req);
	add_host(req);
	sigv4_signed_headers(&names, req, NULL);
	add_auth_params(req, &k, creds->access_key_id, buf_str(&names), expires_s);
	if (creds->session_token && !scope->omit_session_token)
		request_add_query(req, TOKEN_HEADER, creds->session_token);
	sign_now(&t, req, scope, &k, buf_str(&names), buf_str(&payload));
	if (creds->session_token && scope->omit_session_token)
		request_add_query(req, TOKEN_HEADER, creds->session_token);
	request_add_query(req, "X-Amz-Signature", t.signature);
	keep_trace(trace, &t);
	return 0;
}
