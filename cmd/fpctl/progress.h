/*
 * What a deployment looks like while it runs: a block that is redrawn on a
 * terminal, plain lines otherwise. On stderr, so that stdout stays data.
 */
#ifndef FP_PROGRESS_H
#define FP_PROGRESS_H

#include "deploy/deploy.h"
#include "ui/ui.h"

/* Borrows `ui` and `r`; shows nothing when ui->quiet. */
struct progress;
struct progress *progress_new(struct ui *ui, const struct rendering *r, bool destroying);
/* The callback for struct deploy_context; ctx is the struct progress. */
void progress_event(void *ctx, const struct deploy_event *e);
/* Draws for the last time; what follows may be printed. */
void progress_freep(struct progress **p);

#endif
