/*
 * What the two parts of a graph are built with. Internal to lib/graph.
 */
#ifndef FP_GRAPH_BUILD_H
#define FP_GRAPH_BUILD_H

#include "graph/graph.h"

/* Returns the node's index. The name is not copied. */
size_t part_add(struct graph_part *p, enum graph_kind kind, const char *name,
		unsigned rank);
/* Another line for the last node but when it is empty; lives in the arena. */
void part_detail(struct graph *g, struct graph_part *p, const char *text);
void part_link(struct graph_part *p, size_t from, size_t to, bool failure);

void build_files(struct graph *g, const struct manifest *m);
void build_stacks(struct graph *g, const struct manifest *m, const struct rendering *r);

#endif
