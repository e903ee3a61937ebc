/*
 * Forms of the Query protocol. What a form is decoded to is encoded and decoded again
 * without a change of shape.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "wire/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	FP_AUTO(json_freep)
	cJSON *form = query_decode_request((const char *)data, n, NULL);
	FP_AUTO(json_freep) cJSON *again = NULL;
	FP_AUTO(buf_release) struct buf out = BUF_INIT;
	struct fp_error err = { 0 };

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
