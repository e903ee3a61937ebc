/*
 * Shorthands for cJSON, which owns the representation of JSON everywhere but in
 * templates. All getters accept NULL and wrong types, and then return the
 * default: a reader of outside data checks what it needs, not every step.
 */
#ifndef FP_JSON_H
#define FP_JSON_H

#include <cjson/cJSON.h>

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"

/* For FP_AUTO. */
void json_freep(cJSON **j);
/* The same for what holds secrets: its texts are overwritten first. */
void json_wipe_freep(cJSON **j);

/* A value takes 80 bytes, be it one digit in the text. */
#define JSON_MAX_VALUES 500000
/* Parse all of `text`; `what` names it in the error. The caller frees. FP_ERR_YAML when
 * it is malformed or nested over 1000 deep, FP_ERR_LIMIT for more than JSON_MAX_VALUES.
 */
FP_MUST_CHECK cJSON *json_parse(const char *text, size_t n, const char *what,
				struct fp_error *err);
/* Append compact, or indented, text. */
void json_print(struct buf *out, const cJSON *j);
void json_print_pretty(struct buf *out, const cJSON *j);
/* The same, owned by the caller. */
char *json_text(const cJSON *j);

/* Member by exact name, or by a path "a.b.c"; NULL when absent. */
cJSON *json_get(const cJSON *j, const char *path);
/* Text of a string member, or `fallback`; points into j. */
const char *json_str(const cJSON *j, const char *path, const char *fallback);
/* Number of a number member (its whole part), or of a string that is one. */
int64_t json_int(const cJSON *j, const char *path, int64_t fallback);
/* true/false, or "true"/"false" as the Query protocol has them. */
bool json_bool(const cJSON *j, const char *path, bool fallback);

/*
 * Set a member, replacing what is there. A NULL string sets nothing. Integers
 * are exact up to 2^53.
 */
void json_set_str(cJSON *object, const char *name, const char *value);
void json_set_fmt(cJSON *object, const char *name, const char *fmt, ...) FP_PRINTF(3, 4);
void json_set_int(cJSON *object, const char *name, int64_t value);
void json_set_bool(cJSON *object, const char *name, bool value);
/* Takes ownership of `value`. */
void json_set(cJSON *object, const char *name, cJSON *value);
/* A new empty array or object in it, owned by it. */
cJSON *json_set_array(cJSON *object, const char *name);
cJSON *json_set_object(cJSON *object, const char *name);
void json_push_str(cJSON *array, const char *value);
cJSON *json_push_object(cJSON *array);

/*
 * Append `s` as a JSON string with its quotes; UTF-8 stays as it is, and U+FFFD
 * stands for each byte that is not.
 */
void json_quote(struct buf *out, const char *s, size_t n);

/* json_each (item, array_or_object) { ... }; NULL has no items. */
#define json_each(item, j) \
	for (cJSON *item = (j) ? (j)->child : NULL; item; item = item->next)
/* The members of an object, which have names; a list from outside in its place has
 * none, and so no members. */
#define json_each_member(item, j)                                              \
	for (cJSON *item = (j) && cJSON_IsObject(j) ? (j)->child : NULL; item; \
	     item = item->next)

#endif
