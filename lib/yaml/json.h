/*
 * Nodes to cJSON and back, for what leaves the world of templates: a Lambda's
 * environment, a resource's properties inside the emulator.
 */
#ifndef FP_NODE_JSON_H
#define FP_NODE_JSON_H

#include <cjson/cJSON.h>

#include "yaml/node.h"

/* A new tree, owned by the caller. Null becomes null, numbers become numbers
 * when they survive the way to a double and back, else strings. */
cJSON *node_to_json(const struct node *n);
struct node *node_from_json(struct arena *a, const cJSON *j);

#endif
