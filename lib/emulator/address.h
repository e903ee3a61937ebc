/*
 * STATE/address.json: how other programs find a running emulator.
 */
#ifndef FP_EMULATOR_ADDRESS_H
#define FP_EMULATOR_ADDRESS_H

#include "emulator/emulator.h"

char *address_path(const char *state); /* owned by the caller */
/* Readable by its owner only, for it holds the root key. */
FP_MUST_CHECK int address_write(const struct emulator_address *a, const char *state,
				struct fp_error *err);

#endif
