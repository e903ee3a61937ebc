/*
 * Requests as the emulator gets them: method, URL and headers, a line each, and the
 * body behind an empty line. Reading a claim never fails badly, and whatever we
 * sign, we accept, with the same secret and method only.
 */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/str.h"
#include "wire/sigv4.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct aws_credentials creds = { .access_key_id = (char *)"AKIDEXAMPLE",
					      .secret_access_key = (char *)"secret",
					      .session_token = (char *)"token/+=" };

/* "METHOD\nURL\nName:value\n...\n\nbody"; false when it is no request. */
static bool read_request(struct http_request *req, const char *text)
{
	FP_AUTO(strs_release) struct strs lines = STRS_INIT;
	const char *body = strstr(text, "\n\n");
	FP_AUTO(freep)
	char *head = xstrndup(text, body ? (size_t)(body - text) : strlen(text));

	strs_split(&lines, head, '\n');
	request_init(req, lines.v[0], "/");
	if (lines.n < 2 || !*lines.v[0] || request_set_url(req, lines.v[1], NULL) < 0)
		return false;
	for (size_t i = 2; i < lines.n; i++) {
		char *colon = strchr(lines.v[i], ':');

		if (!colon)
			continue;
		*colon = '\0';
		headers_add(&req->headers, lines.v[i], colon + 1);
	}
	buf_puts(&req->body, body ? body + 2 : "");
	return true;
}

static void verify_claim(const struct http_request *req)
{
	FP_AUTO(sigv4_claim_release) struct sigv4_claim claim = { 0 };

	if (sigv4_claim_read(&claim, req, NULL) == 0 &&
	    sigv4_verify(req, &claim, "secret", SHA256_EMPTY_HEX, NULL) == 0)
		abort(); /* an HMAC was guessed */
}

static void sign_and_verify(struct http_request *req, bool presign, const char *service)
{
	FP_AUTO(sigv4_trace_release) struct sigv4_trace t = { 0 };
	FP_AUTO(sigv4_claim_release) struct sigv4_claim claim = { 0 };
	const struct sigv4_scope scope = sigv4_for(service, "us-east-1", 1767323045000);
	int rc = presign ? sigv4_presign(req, &scope, &creds, 60, &t, NULL)
			 : sigv4_sign(req, &scope, &creds, &t, NULL);
	const char *hash;

	if (rc < 0)
		return;
	hash = strrchr(buf_str(&t.canonical_request), '\n') + 1;
	if (sigv4_claim_read(&claim, req, NULL) < 0 ||
	    sigv4_verify(req, &claim, creds.secret_access_key, hash, NULL) < 0)
		abort();
	if (sigv4_verify(req, &claim, "another", hash, NULL) == 0)
		abort();
	*req->method ^= 0x20;
	if (sigv4_verify(req, &claim, creds.secret_access_key, hash, NULL) == 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const services[] = { "s3", "lambda" };
	FP_AUTO(freep) char *text = xstrndup((const char *)data, n);
	FP_AUTO(request_release) struct http_request req = { .body_fd = -1 };

	if (!read_request(&req, text))
		return 0;
	verify_claim(&req);
	for (int i = 0; i < 4; i++) {
		FP_AUTO(request_release) struct http_request again = { .body_fd = -1 };

		(void)read_request(&again, text);
		sign_and_verify(&again, i & 1, services[i >> 1]);
	}
	return 0;
}
