/* URLs, percent-encoding, query strings and ARNs. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "wire/arn.h"
#include "wire/message.h"
#include "wire/uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* What was encoded is what is decoded. */
static void encode_and_decode(const uint8_t *data, size_t n)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(buf_release) struct buf back = BUF_INIT;

	uri_encode(&text, (const char *)data, n, "/");
	uri_decode(&back, text.data, text.len, true);
	if (back.len != n || (n && memcmp(back.data, data, n) != 0))
		abort();
}

/* A URL that we take apart is one that we can put together. */
static void split_and_join(const char *text)
{
	FP_AUTO(request_release) struct http_request r, again;
	FP_AUTO(freep) char *url = NULL;

	request_init(&r, "GET", "/");
	request_init(&again, "GET", "/");
	if (request_set_url(&r, text, NULL) < 0)
		return;
	url = request_url(&r);
	if (request_set_url(&again, url, NULL) < 0 || !str_eq(r.host, again.host) ||
	    !str_eq(r.path, again.path) || !str_eq(r.query, again.query))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	FP_AUTO(freep) char *text = xstrndup((const char *)data, n);
	FP_AUTO(uri_params_release) struct uri_params p = URI_PARAMS_INIT;
	FP_AUTO(buf_release) struct buf escaped = BUF_INIT;
	struct arn arn;

	encode_and_decode(data, n);
	split_and_join(text);
	uri_params_parse(&p, (const char *)data, n, true);
	(void)uri_params_get(&p, "Action");
	uri_escape_illegal(&escaped, text);
	if (arn_parse(&arn, text) && !*arn.resource)
		abort();
	return 0;
}
