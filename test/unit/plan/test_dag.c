#include "check_main.h"

#include "base/buf.h"
#include "plan/dag.h"

#define MAX 6

/* Edges are "01" for: 1 waits for 0. */
static const struct {
	const char *name;
	size_t n;
	const char *edges[MAX];
	const char *fails;  /* nodes that fail */
	const char *order;  /* as dag_next gives them, one at a time */
	const char *states; /* D done, F failed, S skipped */
	bool reverse;
} runs[] = {
	{ "nothing", 0, { NULL }, "", "", "", false },
	{ "independent", 3, { NULL }, "", "012", "DDD", false },
	{ "a chain", 3, { "21", "10" }, "", "210", "DDD", false },
	{ "a chain in reverse", 3, { "21", "10" }, "", "012", "DDD", true },
	{ "the stacks of a project", 4, { "02", "12", "23" }, "", "0123", "DDDD", false },
	{ "the stacks destroyed", 4, { "02", "12", "23" }, "", "3201", "DDDD", true },
	{ "a failure skips those that wait",
	  4,
	  { "02", "12", "23" },
	  "1",
	  "01",
	  "DFSS",
	  false },
	{ "others go on", 4, { "01", "23" }, "0", "023", "FSDD", false },
	{ "an edge twice", 2, { "01", "01" }, "", "01", "DD", false },
};

START_TEST(nodes_run_in_order)
{
	const __typeof__(runs[0]) *r = &runs[_i];
	FP_AUTO(dag_release) struct dag d = { 0 };
	FP_AUTO(buf_release) struct buf order = BUF_INIT, states = BUF_INIT;
	size_t node;

	dag_init(&d, r->n);
	for (size_t i = 0; i < MAX && r->edges[i]; i++)
		dag_add(&d, (size_t)(r->edges[i][0] - '0'),
			(size_t)(r->edges[i][1] - '0'));
	if (r->reverse)
		dag_reverse(&d);
	ck_assert_int_eq(dag_check(&d, NULL), 0);
	while ((node = dag_next(&d)) != SIZE_MAX) {
		ck_assert(!dag_over(&d));
		buf_putc(&order, (char)('0' + node));
		dag_finish(&d, node, !strchr(r->fails, (char)('0' + node)));
	}
	ck_assert_msg(dag_over(&d), "%s", r->name);
	for (size_t i = 0; i < r->n; i++)
		buf_putc(&states, "WRDFS"[d.state[i]]);
	ck_assert_msg(strcmp(buf_str(&order), r->order) == 0, "%s: %s", r->name,
		      buf_str(&order));
	ck_assert_str_eq(buf_str(&states), r->states);
}
END_TEST

START_TEST(what_waits_is_not_given)
{
	FP_AUTO(dag_release) struct dag d = { 0 };

	dag_init(&d, 3);
	dag_add(&d, 0, 2);
	dag_add(&d, 1, 2);
	ck_assert_uint_eq(dag_next(&d), 0);
	ck_assert_uint_eq(dag_next(&d), 1);
	ck_assert_uint_eq(dag_next(&d), SIZE_MAX);
	dag_finish(&d, 0, true);
	ck_assert_uint_eq(dag_next(&d), SIZE_MAX);
	dag_finish(&d, 1, true);
	ck_assert_uint_eq(dag_next(&d), 2);
}
END_TEST

START_TEST(cycles_are_errors)
{
	FP_AUTO(dag_release) struct dag d = { 0 };
	struct fp_error err = { 0 };

	dag_init(&d, 4);
	dag_add(&d, 0, 1);
	dag_add(&d, 1, 2);
	dag_add(&d, 2, 1);
	ck_assert_int_eq(dag_check(&d, &err), -1);
	ck_assert_str_eq(err.message, "these wait for each other: 1, 2");
}
END_TEST

static Suite *dag_suite(void)
{
	Suite *s = suite_create("dag");
	TCase *tc = tcase_create("dag");

	tcase_add_loop_test(tc, nodes_run_in_order, 0, ARRAY_SIZE(runs));
	tcase_add_test(tc, what_waits_is_not_given);
	tcase_add_test(tc, cycles_are_errors);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(dag_suite)
