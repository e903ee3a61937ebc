/*
 * CBOR, as Smithy's RPC v2 protocol has it, to and from cJSON.
 * Source: RFC 8949; Smithy 2.0, "Smithy RPC v2 CBOR protocol".
 */
#ifndef FP_WIRE_CBOR_H
#define FP_WIRE_CBOR_H

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "base/error.h"

/*
 * Of a whole body. Moments (tag 1) become their seconds, byte strings their base64.
 * FP_ERR_INPUT for what is malformed, nested over 32 deep, no text's UTF-8, or has a
 * character of value 0. The caller frees.
 */
FP_MUST_CHECK cJSON *cbor_decode(const void *data, size_t n, struct fp_error *err);
/* Append it; whole numbers as integers, moments (wire/shape.h) with their tag; members
 * that are null and the marks of maps are left out. */
void cbor_encode(struct buf *out, const cJSON *j);

#endif
