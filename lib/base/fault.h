/*
 * Faults on demand: the tests make the Nth I/O call of a kind fail. Costs one
 * atomic load when nothing is armed.
 */
#ifndef FP_FAULT_H
#define FP_FAULT_H

#include "base/base.h"

/*
 * The nth call (from 1) of fault_point(op) from now on fails with `error` as
 * errno; op "*" counts every call. Replaces what was armed before.
 */
void fault_arm(const char *op, unsigned nth, int error);
void fault_disarm(void);
/* How many calls were counted since fault_arm. */
unsigned fault_count(void);

/* True when this call is to fail; errno is set then. */
bool fault_point(const char *op);

#endif
