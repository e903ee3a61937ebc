/*
 * What an answer's cJSON says beyond JSON, so that one answer serves every protocol:
 * maps, whose member "__map" is true (see query.h), and moments.
 */
#ifndef FP_WIRE_SHAPE_H
#define FP_WIRE_SHAPE_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

/* Set a member to a moment: Query writes it as ISO 8601, JSON as seconds since 1970, CBOR
 * as those with their tag. */
void shape_set_time(cJSON *object, const char *name, int64_t ms);
/* Append one to an array. */
void shape_push_time(cJSON *array, int64_t ms);
/* Whether it is one. */
bool shape_is_time(const cJSON *j, int64_t *ms);
/* Read a moment of a request: seconds since 1970, or a text of them, or ISO 8601. */
bool shape_read_time(const cJSON *j, int64_t *ms);

/* Make it plain JSON, in place: moments as seconds, maps without their mark. */
void shape_to_json(cJSON *j);

#endif
