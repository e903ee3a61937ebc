/*
 * From the manifest's processors to the zips that Lambda gets.
 */
#ifndef FP_CODE_H
#define FP_CODE_H

#include "command.h"
#include "deploy/deploy.h"

/*
 * Make the zip of every processor of app->manifest in .fpctl/build beside the
 * manifest. A folder given as `source` is built with its Makefile, if it has
 * one. The names are the manifest's; the caller calls code_release. FP_ERR_BUILD.
 */
FP_MUST_CHECK int code_build(struct app *app, struct deploy_code **out, size_t *n,
			     struct fp_error *err);
void code_release(struct deploy_code *code, size_t n);

#endif
