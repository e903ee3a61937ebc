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
 * also after a restart, in order of acceptance where possible; the threads never
 * all wait for one service. A fault with
 * status 5xx or 429 is tried again with growing pauses up to `retries` times,
 * any other fault ends the delivery. 503 while the emulator stops is not
 * counted: the next start carries it out again.
 */
int bus_enqueue(struct call *c, const char *service, const char *action, const cJSON *in,
		unsigned retries, int64_t delay_ms);
/*
 * The same; when the delivery ends with a fault, `on_failure` (a delivery
 * {"service","action","input"}) is queued with "error" (code: message) and
 * "failed" (the input that was not accepted) put into its input.
 */
int bus_enqueue_else(struct call *c, const char *service, const char *action,
		     const cJSON *in, unsigned retries, int64_t delay_ms,
		     const cJSON *on_failure);

/* Wait until nothing is queued or running, for tests: false after `timeout_ms`. */
bool bus_idle(struct bus *b, int64_t timeout_ms);
/* Queued and running deliveries. */
int64_t bus_pending(struct bus *b);

/*
 * For emulator.c. bus_open: deliveries can be queued; bus_start: they are carried
 * out; bus_quiesce: none begins any more; bus_close: waits for those that run and
 * frees it.
 */
FP_MUST_CHECK int bus_open(struct bus **out, struct emulator *emu, struct fp_error *err);
FP_MUST_CHECK int bus_start(struct bus *b, struct fp_error *err);
void bus_quiesce(struct bus *b);
void bus_close(struct bus *b);

#endif
