/*
 * Looking at many bytes at once, for the fast paths of the checks.
 */
#ifndef FP_PROCESSOR_SCAN_H
#define FP_PROCESSOR_SCAN_H

#include "base/base.h"

/* How often `c` stands in the n bytes. */
size_t scan_count(const char *p, size_t n, char c);
/* The first byte that cannot simply stand in a JSON string: a quote, a backslash,
 * a control character or one over 0x7e; `end` when there is none. */
const char *scan_plain(const char *p, const char *end);

#endif
