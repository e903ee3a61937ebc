#include "wire/sigv4.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "wire/sigv4_canonical.h"
#include "wire/uri.h"

void sigv4_claim_release(struct sigv4_claim *c)
{
	free(c->access_key_id);
	free(c->date);
	free(c->region);
	free(c->service);
	free(c->signed_headers);
	free(c->signature);
	str_wipe(&c->session_token);
	*c = (struct sigv4_claim){ 0 };
}

int sigv4_refuse(struct fp_error *err, const char *aws_code, const char *fmt, ...)
{
	FP_AUTO(freep) char *text = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	fp_fail(err, FP_ERR_CREDENTIALS, "%s", str_or(text, aws_code));
	if (err)
		(void)snprintf(err->aws_code, sizeof(err->aws_code), "%s", aws_code);
	return -1;
}

static void take(char **to, const char *s, size_t n)
{
	free(*to);
	*to = xstrndup(s, n);
}

/* "AKID/20260102/us-east-1/s3/aws4_request". */
static bool read_credential(struct sigv4_claim *c, const char *text)
{
	FP_AUTO(strs_release) struct strs parts = STRS_INIT;

	strs_split(&parts, text, '/');
	if (parts.n != 5 || !str_eq(parts.v[4], "aws4_request") || !*parts.v[0] ||
	    strlen(parts.v[1]) != 8 || strlen(parts.v[2]) > SIGV4_MAX_NAME ||
	    strlen(parts.v[3]) > SIGV4_MAX_NAME)
		return false;
	take(&c->access_key_id, parts.v[0], strlen(parts.v[0]));
	take(&c->date, parts.v[1], strlen(parts.v[1]));
	take(&c->region, parts.v[2], strlen(parts.v[2]));
	take(&c->service, parts.v[3], strlen(parts.v[3]));
	return true;
}

static bool signs_host(const struct sigv4_claim *c)
{
	FP_AUTO(strs_release) struct strs names = STRS_INIT;

	strs_split(&names, c->signed_headers, ';');
	return strs_has(&names, "host");
}

/* Whether all parts are there and agree with each other; else what is wrong. */
static const char *claim_fault(const struct sigv4_claim *c, const char *amz_date)
{
	if (!c->access_key_id)
		return "the credential is missing or malformed";
	if (!c->signature || strlen(c->signature) != 64)
		return "the signature is missing or malformed";
	if (!c->signed_headers || !*c->signed_headers)
		return "the list of signed headers is missing";
	if (!signs_host(c))
		return "'host' must be a signed header";
	if (!amz_date)
		return "the date is missing: send X-Amz-Date";
	if (strncmp(amz_date, c->date, 8) != 0)
		return "the credential's date differs from the request's";
	return NULL;
}

/* One "Key=value" of the Authorization header. */
static void read_auth_part(struct sigv4_claim *c, const char *s, size_t n)
{
	const char *eq = memchr(s, '=', n);
	const char *value = eq ? eq + 1 : s;
	size_t name_len = eq ? (size_t)(eq - s) : 0, value_len = n - (size_t)(value - s);
	FP_AUTO(freep) char *name = xstrndup(s, name_len);

	if (str_eq(name, "Credential")) {
		FP_AUTO(freep) char *text = xstrndup(value, value_len);

		(void)read_credential(c,
				      text); /* claim_fault() tells if it is not there */
	} else if (str_eq(name, "SignedHeaders")) {
		take(&c->signed_headers, value, value_len);
	} else if (str_eq(name, "Signature")) {
		take(&c->signature, value, value_len);
	}
}

static int read_header_form(struct sigv4_claim *c, const struct http_request *req,
			    const char *auth, struct fp_error *err)
{
	const char *date = headers_get(&req->headers, "X-Amz-Date");
	const char *token = headers_get(&req->headers, "X-Amz-Security-Token");
	const char *s = auth + strlen(SIGV4_ALGORITHM), *fault;
	char amz_date[17];

	if (!str_starts(auth, SIGV4_ALGORITHM) || (*s != ' ' && *s != '\t'))
		return sigv4_refuse(err, "IncompleteSignature",
				    "only " SIGV4_ALGORITHM " signatures are supported");
	while (*s) {
		size_t n;

		s += strspn(s, " \t,");
		n = strcspn(s, ", \t");
		read_auth_part(c, s, n);
		s += n;
	}
	if (!date)
		date = headers_get(&req->headers, "Date");
	if (date && time_parse(date, &c->time_ms)) {
		time_amz(amz_date, c->time_ms);
		date = amz_date;
	} else {
		date = NULL;
	}
	fault = claim_fault(c, date);
	if (fault)
		return sigv4_refuse(err, "IncompleteSignature",
				    "the Authorization header is not valid: %s", fault);
	if (token)
		c->session_token = xstrdup(token);
	return 0;
}

static int read_query_form(struct sigv4_claim *c, const struct uri_params *p,
			   struct fp_error *err)
{
	const char *code = "AuthorizationQueryParametersError", *fault;
	const char *credential = uri_params_get(p, "X-Amz-Credential");
	const char *date = uri_params_get(p, "X-Amz-Date");
	const char *names = uri_params_get(p, "X-Amz-SignedHeaders");
	const char *signature = uri_params_get(p, "X-Amz-Signature");
	const char *token = uri_params_get(p, "X-Amz-Security-Token");
	const char *expires = uri_params_get(p, "X-Amz-Expires");

	c->presigned = true;
	if (!str_eq(uri_params_get(p, "X-Amz-Algorithm"), SIGV4_ALGORITHM))
		return sigv4_refuse(err, code,
				    "X-Amz-Algorithm must be " SIGV4_ALGORITHM);
	if (credential)
		(void)read_credential(c, credential);
	if (names)
		c->signed_headers = xstrdup(names);
	if (signature)
		c->signature = xstrdup(signature);
	if (token)
		c->session_token = xstrdup(token);
	if (!date || strlen(date) != 16 || !time_parse(date, &c->time_ms))
		date = NULL;
	fault = claim_fault(c, date);
	if (fault)
		return sigv4_refuse(err, code, "the presigned url is not valid: %s",
				    fault);
	if (!expires || !str_to_i64(expires, 1, SIGV4_MAX_EXPIRES_S, &c->expires_s))
		return sigv4_refuse(err, code,
				    "X-Amz-Expires must be a number of seconds from 1 to "
				    "604800");
	return 0;
}

int sigv4_claim_read(struct sigv4_claim *c, const struct http_request *req,
		     struct fp_error *err)
{
	FP_AUTO(uri_params_release) struct uri_params p = URI_PARAMS_INIT;
	const char *auth = headers_get(&req->headers, "Authorization");
	int rc;

	*c = (struct sigv4_claim){ 0 };
	uri_params_parse(&p, req->query, strlen(req->query), false);
	if (auth)
		rc = read_header_form(c, req, auth, err);
	else if (uri_params_get(&p, "X-Amz-Algorithm") ||
		 uri_params_get(&p, "X-Amz-Signature"))
		rc = read_query_form(c, &p, err);
	else
		rc = sigv4_refuse(err, "MissingAuthenticationToken",
				  "the request carries no signature");
	if (rc < 0)
		sigv4_claim_release(c);
	return rc;
}

void sigv4_claim_seed(struct sigv4_seed *seed, const struct sigv4_claim *claim,
		      const char *secret)
{
	sigv4_key_make(&seed->key, secret, claim->region, claim->service, claim->time_ms);
	(void)snprintf(seed->signature, sizeof(seed->signature), "%s", claim->signature);
}

int sigv4_verify(const struct http_request *req, const struct sigv4_claim *claim,
		 const char *secret, const char *payload_hash, struct fp_error *err)
{
	const struct sigv4_canonical how = { .s3_path = sigv4_is_s3(claim->service),
					     .signed_headers = claim->signed_headers,
					     .payload_hash = payload_hash };
	FP_AUTO(buf_wipe) struct buf canonical = BUF_INIT;
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(sigv4_key_wipe) struct sigv4_key k;
	char expected[65];

	sigv4_key_make(&k, secret, claim->region, claim->service, claim->time_ms);
	sigv4_canonical_request(&canonical, req, &how);
	sigv4_string_to_sign(&text, &k, &canonical);
	sigv4_signature(expected, &k, text.data, text.len);
	if (strlen(claim->signature) != 64 ||
	    !mem_eq_secret(expected, claim->signature, 64))
		return sigv4_refuse(
			err, "SignatureDoesNotMatch",
			"the request signature that was computed does not match the "
			"one that was sent: check the secret access key and the "
			"signing method");
	return 0;
}
