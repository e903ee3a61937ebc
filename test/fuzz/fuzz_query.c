/*
 * Forms of the Query protocol, and error answers of every kind. What a form is
 * decoded to is encoded and decoded again without a change of shape.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "wire/message.h"
#include "wire/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void read_error(const uint8_t *data, size_t n)
{
	FP_AUTO(response_release) struct http_response res = { .status = 400 };
	struct fp_error err = { 0 };

	buf_add(&res.body, data, n);
	wire_read_error(&res, &err);
	if (err.code != FP_ERR_AWS || !*err.aws_code || !*err.message)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	FP_AUTO(json_freep)
	cJSON *form = query_decode_request((const char *)data, n, NULL);
	FP_AUTO(json_freep) cJSON *again = NULL;
	FP_AUTO(buf_release) struct buf out = BUF_INIT;
	struct fp_error err = { 0 };

	read_error(data, n);
	if (!form)
		return 0;
	query_encode_response(&out, "A", "http://x/", "r", form);
	buf_clear(&out);
	query_encode_request(&out, "A", "V", form);
	again = query_decode_request(out.data, out.len, &err);
	/* Wrappers of our own deepen what was flat, and names may be given twice. */
	if (!again && err.code != FP_ERR_INPUT)
		abort();
	return 0;
}
