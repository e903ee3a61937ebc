/*
 * The local cloud: an AWS endpoint on 127.0.0.1 with its state in a folder.
 * This is the only header that programs outside this folder include.
 */
#ifndef FP_EMULATOR_H
#define FP_EMULATOR_H

#include "base/error.h"

#define EMULATOR_PORT	 4566
#define EMULATOR_ACCOUNT "000000000000"
#define EMULATOR_REGION	 "us-east-1"

struct emulator_options {
	const char *state;  /* folder, made when missing */
	int port;	    /* 0: any free one */
	const char *region; /* NULL: EMULATOR_REGION; used where a request names none */
	const char *log;    /* file for its log; NULL: stderr */
};

/* How to reach a running emulator; texts owned. */
struct emulator_address {
	char *url; /* "http://127.0.0.1:4566" */
	int port;
	long pid;
	char *access_key_id, *secret_access_key; /* the state folder's own */
	char *region;
};
void emulator_address_release(struct emulator_address *a);

/*
 * Serve until SIGTERM or SIGINT (or emulator_stop from another thread), then
 * stop functions and flush. The address is in STATE/address.json while it runs.
 * FP_ERR_PORT when the port is taken, FP_ERR_STATE when the state is in use by
 * another emulator, damaged, or of a newer version.
 */
FP_MUST_CHECK int emulator_serve(const struct emulator_options *o, struct fp_error *err);
void emulator_stop(void);

/*
 * Read STATE/address.json and see that the process answers. Returns 1 when it
 * runs, 0 when not, -1 with `err` when the folder cannot be read.
 */
FP_MUST_CHECK int emulator_find(struct emulator_address *out, const char *state,
				struct fp_error *err);

/* Whether any emulator holds the state folder: one that starts, serves or stops. */
bool emulator_in_use(const char *state);

#endif
