#include "graph/layout.h"

#include "base/error.h"
#include "check_main.h"

#define SEEDS	60
#define NEARLY	0.01
#define ROW_GAP 10.0
#define COLUMN	40.0

static uint64_t state;

static unsigned pick(unsigned n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(state >> 33) % n;
}

/* Boxes of any size in some columns, and ways to the right. */
static void make(struct layout *l, struct arena *a, unsigned seed)
{
	state = seed;
	*l = (struct layout){ .nboxes = 1 + pick(40),
			      .column_gap = COLUMN,
			      .row_gap = ROW_GAP };
	l->boxes = arena_array(a, l->nboxes, sizeof(*l->boxes));
	l->edges = arena_array(a, 200, sizeof(*l->edges));
	for (size_t i = 0; i < l->nboxes; i++)
		l->boxes[i] = (struct layout_box){ .width = 20 + pick(200),
						   .height = 20 + pick(80),
						   .rank = 3 * pick(1 + seed % 7) };
	for (unsigned i = 0; i < 120; i++) {
		size_t from = pick((unsigned)l->nboxes), to = pick((unsigned)l->nboxes);

		if (l->boxes[from].rank < l->boxes[to].rank)
			l->edges[l->nedges++] = (struct layout_edge){ .from = from,
								      .to = to };
	}
}

static bool apart(const struct layout_box *a, const struct layout_box *b)
{
	return a->y + a->height + ROW_GAP <= b->y + NEARLY ||
	       b->y + b->height + ROW_GAP <= a->y + NEARLY;
}

START_TEST(boxes_do_not_overlap)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	struct layout l;

	make(&l, &a, (unsigned)_i);
	layout_run(&l, &a);
	for (size_t i = 0; i < l.nboxes; i++) {
		const struct layout_box *b = &l.boxes[i];

		ck_assert(b->x >= 0 && b->y >= -NEARLY);
		ck_assert(b->x + b->width <= l.width + NEARLY);
		ck_assert(b->y + b->height <= l.height + NEARLY);
		for (size_t k = 0; k < i; k++) {
			const struct layout_box *o = &l.boxes[k];

			if (b->rank == o->rank)
				ck_assert(apart(b, o) && b->x == o->x);
			else
				ck_assert(b->rank < o->rank ? b->x + b->width < o->x
							    : o->x + o->width < b->x);
		}
	}
}
END_TEST

START_TEST(ways_go_from_box_to_box)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	struct layout l;

	make(&l, &a, (unsigned)_i);
	layout_run(&l, &a);
	for (size_t i = 0; i < l.nedges; i++) {
		const struct layout_edge *e = &l.edges[i];
		const struct layout_box *from = &l.boxes[e->from], *to = &l.boxes[e->to];
		const struct layout_point *last = &e->points[e->npoints - 1];

		ck_assert_uint_eq(e->npoints, 2 * (to->rank - from->rank));
		ck_assert_double_eq_tol(e->points[0].x, from->x + from->width, NEARLY);
		ck_assert_double_eq_tol(e->points[0].y, from->y + from->height / 2,
					NEARLY);
		ck_assert_double_eq_tol(last->x, to->x, NEARLY);
		ck_assert_double_eq_tol(last->y, to->y + to->height / 2, NEARLY);
		for (size_t k = 1; k < e->npoints; k++)
			ck_assert(e->points[k].x >= e->points[k - 1].x);
	}
}
END_TEST

/* Three above three, linked the other way round: a layout without crossings exists. */
START_TEST(ways_do_not_cross_where_they_need_not)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	struct layout_box boxes[6];
	struct layout_edge edges[3];
	struct layout l = { .boxes = boxes,
			    .nboxes = 6,
			    .edges = edges,
			    .nedges = 3,
			    .column_gap = COLUMN,
			    .row_gap = ROW_GAP };

	for (size_t i = 0; i < 6; i++)
		boxes[i] =
			(struct layout_box){ .width = 50, .height = 20, .rank = i / 3 };
	for (size_t i = 0; i < 3; i++)
		edges[i] = (struct layout_edge){ .from = i, .to = 5 - i };
	layout_run(&l, &a);
	for (size_t i = 0; i < 3; i++)
		ck_assert_double_eq_tol(edges[i].points[0].y, edges[i].points[1].y,
					NEARLY);
}
END_TEST

START_TEST(nothing_has_no_size)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	struct layout l = { .width = 1, .height = 1 };

	layout_run(&l, &a);
	ck_assert(l.width == 0 && l.height == 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("layout");
	TCase *tc = tcase_create("layout");

	tcase_add_loop_test(tc, boxes_do_not_overlap, 0, SEEDS);
	tcase_add_loop_test(tc, ways_go_from_box_to_box, 0, SEEDS);
	tcase_add_test(tc, ways_do_not_cross_where_they_need_not);
	tcase_add_test(tc, nothing_has_no_size);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
