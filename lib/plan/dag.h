/*
 * Who may run now: the stacks of a deployment (or, in reverse, of a destruction).
 */
#ifndef FP_PLAN_DAG_H
#define FP_PLAN_DAG_H

#include "base/error.h"

enum dag_state { DAG_WAITING, DAG_RUNNING, DAG_DONE, DAG_FAILED, DAG_SKIPPED };

struct dag_edge {
	size_t from, to; /* `to` waits for `from` */
};

struct dag {
	enum dag_state *state;
	size_t n;
	struct dag_edge *edges;
	size_t nedges, cap;
};

void dag_init(struct dag *d, size_t n);
void dag_add(struct dag *d, size_t from, size_t to);
/* Turn every edge round: for destroying. */
void dag_reverse(struct dag *d);
/* FP_ERR_TEMPLATE with the members' indexes in `cycle` when there is a cycle. */
FP_MUST_CHECK int dag_check(const struct dag *d, struct fp_error *err);
/* A node that may start: marks it running. SIZE_MAX when none may start now. */
size_t dag_next(struct dag *d);
/* Failing skips everything that waits for it. */
void dag_finish(struct dag *d, size_t node, bool ok);
bool dag_over(const struct dag *d); /* nothing waits or runs */
void dag_release(struct dag *d);

#endif
