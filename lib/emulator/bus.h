/*
 * How services reach one another: a call now, or a delivery that outlives a
 * crash.
 */
#ifndef FP_EMULATOR_BUS_H
#define FP_EMULATOR_BUS_H

#include "emulator/service.h"

/*
 * Carry out another service's operation in this thread, as service `c->service`.
 * `out` may be NULL. -1 with c->fault.
 */
int bus_call(struct call *c, const char *service, const char *action, const cJSON *in,
	     cJSON *out);

/*
 * Queue an operation to be carried out soon, by one of the bus's threads. It is
 * written in the caller's open transaction when there is one (store_begin), so
 * it happens if and only if what caused it happened. Delivered at least once,
 * also after a restart, in order of acceptance where possible. A fault with
 * status 5xx or 429 is tried again with growing pauses up to `retries` times;
 * then `on_failure` (a JSON delivery {"service","action","input"} or NULL) is
 * queued with {"error","input"} merged, and the delivery ends.
 */
int bus_enqueue(struct call *c, const char *service, const char *action, const cJSON *in,
		unsigned retries, int64_t delay_ms);

/* Wait until nothing is queued or running, for tests: false after `timeout_ms`. */
bool bus_idle(struct bus *b, int64_t timeout_ms);
/* Queued and running deliveries. */
int64_t bus_pending(struct bus *b);

/* For emulator.c. */
FP_MUST_CHECK int bus_start(struct bus **out, struct emulator *emu, struct fp_error *err);
void bus_stop(struct bus *b);

#endif
