#include "graph/layout.h"

#include "base/error.h"

#define SWEEPS	   12
#define PASSES	   16
#define WAY_HEIGHT 6.0 /* what a way through a column takes */
#define CROSSING_MAX                                                      \
	4000 /* edges between two columns for which crossings are counted \
	      */

/* A box, or the place where an edge passes through a column. */
struct spot {
	size_t box; /* SIZE_MAX: none */
	unsigned rank;
	double height, centre;
	double key; /* the wished place in the order, or row */
	size_t order;
};

struct link {
	size_t from, to; /* spots of neighbouring columns */
};

struct work {
	struct layout *l;
	struct spot *spots;
	size_t nspots;
	struct link *links;
	size_t nlinks;
	size_t **columns; /* spots by rank, in their order */
	size_t *ncolumn;
	size_t nranks;
	size_t *first; /* of each edge: its first spot within a column */
};

static size_t span(const struct layout *l, const struct layout_edge *e)
{
	unsigned from = l->boxes[e->from].rank, to = l->boxes[e->to].rank;

	if (to <= from)
		fp_die("a way of a graph runs backwards");
	return to - from;
}

/* Columns without a box disappear. */
static void close_gaps(struct work *w, struct arena *a)
{
	struct layout *l = w->l;
	unsigned highest = 0;
	size_t *at;

	for (size_t i = 0; i < l->nboxes; i++)
		highest = FP_MAX(highest, l->boxes[i].rank);
	at = arena_array(a, highest + 2, sizeof(*at));
	for (size_t i = 0; i < l->nboxes; i++)
		at[l->boxes[i].rank + 1] = 1;
	for (size_t i = 1; i <= highest + 1u; i++)
		at[i] += at[i - 1];
	for (size_t i = 0; i < l->nboxes; i++)
		l->boxes[i].rank = (unsigned)at[l->boxes[i].rank];
	w->nranks = at[highest + 1];
}

static size_t add_spot(struct work *w, size_t box, unsigned rank, double height)
{
	w->spots[w->nspots] = (struct spot){ .box = box, .rank = rank, .height = height };
	w->columns[rank][w->ncolumn[rank]++] = w->nspots;
	return w->nspots++;
}

static void make_spots(struct work *w, struct arena *a)
{
	struct layout *l = w->l;
	size_t ways = 0, n;

	for (size_t i = 0; i < l->nedges; i++)
		ways += span(l, &l->edges[i]);
	n = l->nboxes + ways;
	w->spots = arena_array(a, n + 1, sizeof(*w->spots));
	w->links = arena_array(a, ways + 1, sizeof(*w->links));
	w->first = arena_array(a, l->nedges + 1, sizeof(*w->first));
	w->columns = arena_array(a, w->nranks + 1, sizeof(*w->columns));
	w->ncolumn = arena_array(a, w->nranks + 1, sizeof(*w->ncolumn));
	for (size_t i = 0; i < w->nranks; i++)
		w->columns[i] = arena_array(a, n + 1, sizeof(**w->columns));
	for (size_t i = 0; i < l->nboxes; i++)
		add_spot(w, i, l->boxes[i].rank, l->boxes[i].height);
	for (size_t i = 0; i < l->nedges; i++) {
		size_t at = l->edges[i].from, steps = span(l, &l->edges[i]);
		unsigned rank = l->boxes[at].rank;

		w->first[i] = w->nspots;
		while (--steps) {
			size_t next = add_spot(w, SIZE_MAX, ++rank, WAY_HEIGHT);

			w->links[w->nlinks++] = (struct link){ at, next };
			at = next;
		}
		w->links[w->nlinks++] = (struct link){ at, l->edges[i].to };
	}
}

static void number_column(struct work *w, size_t rank)
{
	for (size_t i = 0; i < w->ncolumn[rank]; i++)
		w->spots[w->columns[rank][i]].order = i;
}

/* Insertion keeps equals as they were; columns are nearly sorted after some sweeps. */
static void sort_column(struct work *w, size_t rank)
{
	size_t *v = w->columns[rank];

	for (size_t i = 1; i < w->ncolumn[rank]; i++) {
		size_t it = v[i], k = i;

		for (; k && w->spots[v[k - 1]].key > w->spots[it].key; k--)
			v[k] = v[k - 1];
		v[k] = it;
	}
	number_column(w, rank);
}

/*
 * Each spot's key: the mean of its neighbours' places (or rows) on one side. Without
 * any there it keeps its own.
 */
static void mean_keys(struct work *w, bool rightward, bool rows, unsigned *counts)
{
	for (size_t i = 0; i < w->nspots; i++) {
		w->spots[i].key = 0;
		counts[i] = 0;
	}
	for (size_t i = 0; i < w->nlinks; i++) {
		size_t to = rightward ? w->links[i].to : w->links[i].from;
		size_t from = rightward ? w->links[i].from : w->links[i].to;
		const struct spot *s = &w->spots[from];

		w->spots[to].key += rows ? s->centre : (double)s->order;
		counts[to]++;
	}
	for (size_t i = 0; i < w->nspots; i++) {
		struct spot *s = &w->spots[i];

		if (counts[i])
			s->key /= counts[i];
		else
			s->key = rows ? s->centre : (double)s->order;
	}
}

/* Pairs of links between the same columns that cross. */
static size_t crossings(const struct work *w)
{
	size_t n = 0;

	if (w->nlinks > CROSSING_MAX)
		return 0;
	for (size_t i = 0; i < w->nlinks; i++) {
		const struct spot *a = &w->spots[w->links[i].from];
		const struct spot *b = &w->spots[w->links[i].to];

		for (size_t k = 0; k < i; k++) {
			const struct spot *c = &w->spots[w->links[k].from];
			const struct spot *d = &w->spots[w->links[k].to];

			if (a->rank == c->rank)
				n += (a->order < c->order && b->order > d->order) ||
				     (a->order > c->order && b->order < d->order);
		}
	}
	return n;
}

/* Sweeps to and fro; what crosses least is kept. */
static void choose_order(struct work *w, struct arena *a)
{
	unsigned *counts = arena_array(a, w->nspots + 1, sizeof(*counts));
	size_t *best = arena_array(a, w->nspots + 1, sizeof(*best));
	size_t least = SIZE_MAX, now;

	for (size_t r = 0; r < w->nranks; r++)
		number_column(w, r);
	for (unsigned sweep = 0; sweep <= SWEEPS && least; sweep++) {
		now = crossings(w);
		if (now < least) {
			least = now;
			for (size_t i = 0; i < w->nspots; i++)
				best[i] = w->spots[i].order;
		}
		for (size_t r = 1; r < w->nranks; r++) {
			size_t at = sweep % 2 ? w->nranks - 1 - r : r;

			mean_keys(w, sweep % 2 == 0, false, counts);
			sort_column(w, at);
		}
	}
	for (size_t i = 0; i < w->nspots; i++)
		w->spots[i].key = (double)best[i];
	for (size_t r = 0; r < w->nranks; r++)
		sort_column(w, r);
}

/*
 * The rows nearest to the keys that keep the order and the gaps: isotonic regression
 * by pooling neighbours that would overlap.
 */
static void place_column(struct work *w, size_t rank, struct arena *a)
{
	size_t n = w->ncolumn[rank], blocks = 0;
	double *sum = arena_array(a, n + 1, sizeof(*sum));
	double *offset = arena_array(a, n + 1, sizeof(*offset));
	size_t *count = arena_array(a, n + 1, sizeof(*count));

	for (size_t i = 0; i < n; i++) {
		const struct spot *s = &w->spots[w->columns[rank][i]];

		if (i) {
			const struct spot *above = &w->spots[w->columns[rank][i - 1]];

			offset[i] = offset[i - 1] + (above->height + s->height) / 2 +
				    w->l->row_gap;
		}
		sum[blocks] = s->key - offset[i];
		count[blocks++] = 1;
		while (blocks > 1 &&
		       sum[blocks - 2] * (double)count[blocks - 1] >=
			       sum[blocks - 1] * (double)count[blocks - 2]) {
			sum[blocks - 2] += sum[blocks - 1];
			count[blocks - 2] += count[blocks - 1];
			blocks--;
		}
	}
	for (size_t b = 0, i = 0; b < blocks; b++)
		for (size_t k = 0; k < count[b]; k++, i++)
			w->spots[w->columns[rank][i]].centre = sum[b] / (double)count[b] +
							       offset[i];
}

static void choose_rows(struct work *w, struct arena *a)
{
	unsigned *counts = arena_array(a, w->nspots + 1, sizeof(*counts));

	for (size_t i = 0; i < w->nspots; i++)
		w->spots[i].key = 0;
	for (size_t r = 0; r < w->nranks; r++)
		place_column(w, r, a);
	for (unsigned pass = 0; pass < PASSES; pass++) {
		for (size_t r = 1; r < w->nranks; r++) {
			mean_keys(w, pass % 2 == 0, true, counts);
			place_column(w, pass % 2 ? w->nranks - 1 - r : r, a);
		}
	}
}

static void place_boxes(struct work *w, double *left, double *right)
{
	struct layout *l = w->l;
	double top = 0, bottom = 0, x = 0;

	for (size_t i = 0; i < w->nspots; i++) {
		const struct spot *s = &w->spots[i];

		if (!i || s->centre - s->height / 2 < top)
			top = s->centre - s->height / 2;
		if (!i || s->centre + s->height / 2 > bottom)
			bottom = s->centre + s->height / 2;
		if (s->box != SIZE_MAX && l->boxes[s->box].width > right[s->rank])
			right[s->rank] = l->boxes[s->box].width;
	}
	for (size_t r = 0; r < w->nranks; r++) {
		left[r] = x;
		right[r] += x;
		x = right[r] + l->column_gap;
	}
	for (size_t i = 0; i < w->nspots; i++) {
		struct spot *s = &w->spots[i];

		s->centre -= top;
		if (s->box == SIZE_MAX)
			continue;
		l->boxes[s->box].x = left[s->rank];
		l->boxes[s->box].width = right[s->rank] - left[s->rank];
		l->boxes[s->box].y = s->centre - s->height / 2;
	}
	l->width = x - l->column_gap;
	l->height = bottom - top;
}

static void place_edge(struct work *w, size_t i, const double *left, const double *right,
		       struct arena *a)
{
	struct layout_edge *e = &w->l->edges[i];
	size_t steps = span(w->l, e), n = 0;
	struct layout_point *p = arena_array(a, 2 * steps, sizeof(*p));

	p[n++] = (struct layout_point){ right[w->spots[e->from].rank],
					w->spots[e->from].centre };
	for (size_t k = 0; k + 1 < steps; k++) {
		const struct spot *s = &w->spots[w->first[i] + k];

		p[n++] = (struct layout_point){ left[s->rank], s->centre };
		p[n++] = (struct layout_point){ right[s->rank], s->centre };
	}
	p[n++] = (struct layout_point){ left[w->spots[e->to].rank],
					w->spots[e->to].centre };
	e->points = p;
	e->npoints = n;
}

void layout_run(struct layout *l, struct arena *a)
{
	struct work w = { .l = l };
	double *left, *right;

	l->width = l->height = 0;
	if (!l->nboxes)
		return;
	close_gaps(&w, a);
	make_spots(&w, a);
	choose_order(&w, a);
	choose_rows(&w, a);
	left = arena_array(a, w.nranks, sizeof(*left));
	right = arena_array(a, w.nranks, sizeof(*right));
	place_boxes(&w, left, right);
	for (size_t i = 0; i < l->nedges; i++)
		place_edge(&w, i, left, right, a);
}
