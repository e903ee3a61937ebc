/*
 * Finding and starting the emulator on this machine.
 */
#ifndef FP_LOCAL_H
#define FP_LOCAL_H

#include "command.h"
#include "emulator/emulator.h"

/* --state, FPCTL_STATE, or fpctl/local in XDG_STATE_HOME (~/.local/state); owned. */
FP_MUST_CHECK char *local_state(const struct app *app, struct fp_error *err);

/* The one that runs on the state folder; FP_ERR_NOT_FOUND when none does. */
FP_MUST_CHECK int local_find(struct app *app, struct emulator_address *out,
			     struct fp_error *err);

/*
 * The same, but starts one in the background when none runs: this very program as
 * `local up --foreground`, in a session of its own, logging to STATE/emulator.log.
 * Returns when it answers. FP_ERR_PORT when its port is taken.
 */
FP_MUST_CHECK int local_ensure(struct app *app, struct emulator_address *out,
			       struct fp_error *err);

/* Stop it and wait for its end. Returns 1, or 0 when none ran. */
FP_MUST_CHECK int local_stop(struct app *app, struct fp_error *err);

/* cmd_local_messages.c */
extern const struct command cmd_local_messages;

#endif
