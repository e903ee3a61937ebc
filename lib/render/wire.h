/*
 * Which stack's output each parameter takes, and the order that follows.
 * Internal to lib/render.
 */
#ifndef FP_RENDER_WIRE_H
#define FP_RENDER_WIRE_H

#include "render/render.h"

/*
 * Fill `parameters` and `needs` of every stack, and put the stacks into an order
 * in which each follows what it needs; ties keep their order. Findings: an output
 * of two stacks, a parameter without a value, a cycle.
 */
void wire_stacks(struct rendering *r, const struct manifest *m, struct diags *diags);

#endif
