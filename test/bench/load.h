/*
 * Load for the benchmarks of the emulator: connections of bare sockets that send
 * requests signed in advance, so that the client costs next to nothing; and the
 * bare servers that are the floor.
 */
#ifndef FP_BENCH_LOAD_H
#define FP_BENCH_LOAD_H

#include "emulator/emulator.h"
#include "wire/message.h"

#define CALLERS 10 /* the most at a time */

/* Bytes as they go over the wire. */
struct load {
	struct buf *v; /* requests */
	size_t n;
};
void load_release(struct load *l);
/* Sign for the emulator's root key and append; takes the contents of `req`. */
void load_add(struct load *l, const struct emulator_address *a, const char *service,
	      struct http_request *req);

int load_connect(int port);
/* Send one request and read its answer: the body into `body`, and the Runtime API's
 * request ID into `id` (both may be NULL). Returns the status; ends the program when
 * the connection fails. */
int load_exchange(int fd, const struct buf *request, struct buf *body, char id[64]);

/*
 * All requests, each `callers`-th by one connection, to the port; an answer other
 * than `status` ends the program. Returns microseconds a request: of the whole, or,
 * with one caller, the median.
 */
double load_run(const struct load *l, int port, size_t callers, int status);

/* The floor: a process with libmicrohttpd alone that reads a request and answers 200
 * with `answer` bytes; with `hand_over`, after another process has had the body and
 * sent it back. Sets the port; the pid. */
int floor_start(int *port, size_t answer, bool hand_over);
void floor_stop(int pid);

double now_us(void);
double median(double *v, size_t n);
FP_PRINTF(1, 2) _Noreturn void give_up(const char *fmt, ...);

#endif
