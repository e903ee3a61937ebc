/*
 * The HTTP side: libmicrohttpd on 127.0.0.1, a thread a connection. Requests are
 * accepted for the names of this computer only, so that no web page reaches the
 * emulator by a name that it lets point here (DNS rebinding).
 */
#ifndef FP_EMULATOR_SERVER_H
#define FP_EMULATOR_SERVER_H

#include "emulator/service.h"

/* A listening socket on 127.0.0.1, or -1; `port` 0 takes a free one and is set to
 * it. FP_ERR_PORT when it is taken. */
FP_MUST_CHECK int server_listen(int *port, struct fp_error *err);

struct server;
/* Takes the socket, also when it fails. */
FP_MUST_CHECK int server_start(struct server **out, struct emulator *emu, int socket,
			       struct fp_error *err);
/* Accept nothing new; what comes on open connections is answered with 503. */
void server_drain(struct server *s);
/* Ends what is open, waits for its threads and frees it. */
void server_stop(struct server *s);

/* Whether a Host header names this computer: for the tests. */
bool server_host_is_local(const char *host);

#endif
