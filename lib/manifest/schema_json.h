/*
 * The table as a JSON Schema, for editors and for validators in other languages.
 * Source: json-schema.org, draft 2020-12.
 */
#ifndef FP_MANIFEST_SCHEMA_JSON_H
#define FP_MANIFEST_SCHEMA_JSON_H

#include "base/json.h"
#include "manifest/schema.h"

/*
 * A new tree, owned by the caller. It accepts what schema_check() accepts, but cannot
 * say all: durations have a range, lengths are counted in bytes, and "true" in quotes
 * is a boolean there.
 */
cJSON *schema_json(const struct schema *s);

#endif
