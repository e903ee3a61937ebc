/*
 * Building a processor of the user's by its own Makefile.
 */
#ifndef FP_CODE_MAKE_H
#define FP_CODE_MAKE_H

#include "command.h"

/*
 * Run `make` in the folder with FPCTL_ARCH in its environment, for at most
 * --timeout (else ten minutes). What it printed is shown when it fails, and as
 * it comes with --verbose. FP_ERR_BUILD, FP_ERR_TIMEOUT or FP_ERR_INTERRUPTED.
 */
FP_MUST_CHECK int code_make(struct app *app, const char *folder, const char *arch,
			    struct fp_error *err);

#endif
