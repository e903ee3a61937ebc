/*
 * Scalars as text, which whole documents (emit.c) and edits of one (edit_put.c) write
 * alike. Internal to lib/yaml.
 */
#ifndef FP_EMITTER_H
#define FP_EMITTER_H

#include "yaml/node.h"

/* Whether all of the text may stand in a YAML text as it is; `besides` too. */
bool emit_printable(const char *s, size_t n, const char *besides);
/* In double quotes, with what escapes are needed. */
void emit_double(struct buf *out, const char *s, size_t n);
/* In single quotes; the text has no line break and is printable. */
void emit_single(struct buf *out, const char *s, size_t n);
/* What is no string (null, true, 1.5), in the form that every reader knows. */
void emit_value(struct buf *out, const struct node *scalar);

#endif
