/*
 * What commands share: the manifest, its rendering, the AWS client, questions.
 * The functions for commands are declared in command.h.
 */
#ifndef FP_APP_H
#define FP_APP_H

#include "command.h"

void app_release(struct app *app);

#endif
