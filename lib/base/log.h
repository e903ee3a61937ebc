/*
 * Diagnostics for --verbose and the emulator's own log. Off unless log_open was
 * called; safe from any thread. Never log a secret.
 */
#ifndef FP_LOG_H
#define FP_LOG_H

#include "base/base.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Write messages up to `level` to `to` (borrowed; NULL switches off). */
void log_open(FILE *to, enum log_level level);
bool log_enabled(enum log_level level);
void log_msg(enum log_level level, const char *fmt, ...) FP_PRINTF(2, 3);

#endif
