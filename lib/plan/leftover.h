/*
 * Stacks of buckets that the manifest no longer fills. They stay, for their data, but
 * they call nobody any more: what they called may go.
 */
#ifndef FP_LEFTOVER_H
#define FP_LEFTOVER_H

#include "plan/plan.h"

/*
 * `all` (its stacks in `a`) and `live` begin with the `n` stacks of the manifest. Those
 * s3 stacks behind them that are deployed move to the front of the rest and get a
 * template: the deployed one without its buckets' notifications, and without the
 * parameters that only those had. Returns how many stacks, the first ones of `all`, can
 * be deployed now.
 */
size_t plan_unwire_leftovers(struct rendering *all, struct live *live, struct arena *a,
			     size_t n);

#endif
