/*
 * Numbers in the one form that YAML 1.1, YAML 1.2 and JSON read alike. Internal to
 * lib/yaml.
 */
#ifndef FP_NUMBER_H
#define FP_NUMBER_H

#include "yaml/node.h"

/*
 * Append a SCALAR_INT or SCALAR_FLOAT. False (and nothing appended) when there is
 * no such form: .inf, .nan, and hexadecimal beyond an int64_t.
 */
bool number_put(struct buf *out, const struct node *n);

#endif
