/*
 * The facts as they stand in facts.json. Internal to lib/cfn.
 *
 * A property's fact is a text of words ("string required replace"), or a map of `is`
 * (the words) and `of`, `items`, `values`, `enum`.
 */
#ifndef FP_FACTBOOK_H
#define FP_FACTBOOK_H

#include "yaml/node.h"

/* What is known of a resource type, or NULL. Parsed on first use, by any thread. */
const struct node *factbook_type(const char *type);
/* Whether `word` is among a property's words. */
bool factbook_says(const struct node *fact, const char *word);

#endif
