/*
 * Nodes to text. The output is deterministic, and reads back to equal nodes
 * under YAML 1.1 and 1.2 alike: "on", "012345678901", "1e3" and "2012-10-17"
 * stay strings.
 */
#ifndef FP_EMIT_H
#define FP_EMIT_H

#include "yaml/node.h"

/*
 * Append as block-style YAML, two spaces an indentation, short-form tags kept
 * (`!Ref X`), short empty collections as {} and [], texts with line breaks as
 * literal blocks, one newline at the end.
 */
void node_emit_yaml(struct buf *out, const struct node *n);

/*
 * Append as JSON, `indent` spaces a level (0: compact). Short forms are written as
 * the long ones: `!Ref X` as {"Ref": "X"}. Hexadecimal and octal numbers become
 * decimal ones, and .inf and .nan strings.
 */
void node_emit_json(struct buf *out, const struct node *n, unsigned indent);

#endif
