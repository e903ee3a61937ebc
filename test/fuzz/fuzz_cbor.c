/*
 * CBOR of requests. What was decoded is encoded, and that can be decoded.
 */
#include <stdlib.h>

#include "base/json.h"
#include "wire/cbor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	FP_AUTO(json_freep) cJSON *first = cbor_decode(data, n, NULL);
	FP_AUTO(json_freep) cJSON *second = NULL;
	FP_AUTO(buf_release) struct buf once = BUF_INIT;

	if (!first)
		return 0;
	cbor_encode(&once, first);
	second = cbor_decode(once.data, once.len, NULL);
	if (!second)
		abort();
	return 0;
}
