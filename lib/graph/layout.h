/*
 * Boxes in columns and the ways between them: rows are chosen so that few ways cross
 * and most run straight. Source: the layered drawing of Sugiyama, Tagawa and Toda
 * (1981), with barycentres for the order and isotonic regression for the rows.
 */
#ifndef FP_GRAPH_LAYOUT_H
#define FP_GRAPH_LAYOUT_H

#include "base/arena.h"

struct layout_box {
	double width, height;
	unsigned rank; /* the column, counted from the left; gaps are closed */
	double x, y;   /* out: the top left corner */
};

struct layout_point {
	double x, y;
};

struct layout_edge {
	size_t from, to; /* boxes; to's rank is the higher one */
	/* Out: the start, two points a column that is crossed, the end. In the arena. */
	struct layout_point *points;
	size_t npoints;
};

struct layout {
	struct layout_box *boxes;
	size_t nboxes;
	struct layout_edge *edges;
	size_t nedges;
	double column_gap, row_gap;
	double width, height; /* out: of everything, which begins at 0, 0 */
};

/* Boxes of a column get the width of the widest one. */
void layout_run(struct layout *l, struct arena *a);

#endif
