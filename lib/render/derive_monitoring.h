/*
 * What stacks/monitoring.yaml reads: the alarms' thresholds, and where the
 * dashboard's widgets stand. Internal to lib/render.
 */
#ifndef FP_RENDER_DERIVE_MONITORING_H
#define FP_RENDER_DERIVE_MONITORING_H

#include "manifest/manifest.h"

/* The value of `manifest.monitoring` in templates; docs/monitoring.md lists it. */
struct node *derive_monitoring(struct arena *a, const struct manifest *m);

#endif
