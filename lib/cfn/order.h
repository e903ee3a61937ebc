/*
 * The order of resources, for the check and for those who create them. Internal to
 * lib/cfn.
 */
#ifndef FP_ORDER_H
#define FP_ORDER_H

#include "base/str.h"
#include "yaml/node.h"

/*
 * Append every logical ID after those that it waits for. False when there is a cycle:
 * `cycle` is then "A -> B -> A", and `*pos` is A's place.
 */
bool order_find(struct strs *out, const struct node *tmpl, struct buf *cycle,
		struct fp_pos *pos);
/* As order_find, for what each condition asks of other ones. */
bool order_find_conditions(const struct node *tmpl, struct buf *cycle,
			   struct fp_pos *pos);

#endif
