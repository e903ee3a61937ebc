/*
 * Faults on demand: the tests make the Nth I/O call of a kind fail. Costs one
 * atomic load when nothing is armed.
 */
#ifndef FP_FAULT_H
#define FP_FAULT_H

#include "base/base.h"

#define FAULT_KIND_LEN 32

/*
 * The nth call (from 1) of fault_point(op) from now on fails with `error` as
 * errno; op "*" counts every call. Replaces what was armed before.
 */
void fault_arm(const char *op, unsigned nth, int error);
/*
 * The same from a text, as the environment's FPCTL_FAULT has it: "OP:NTH",
 * "OP:FIRST-LAST" or either with ":KIND" behind, such as "http:1-3:status=503". The
 * point knows its kinds; errno is EIO. False (and nothing armed) for another text.
 */
bool fault_arm_text(const char *text);
void fault_disarm(void);
/* How many calls were counted since fault_arm. */
unsigned fault_count(void);

/* True when this call is to fail; errno is set then. */
bool fault_point(const char *op);
/* As well how: "" when it was not said. */
bool fault_point_kind(const char *op, char kind[FAULT_KIND_LEN]);

#endif
