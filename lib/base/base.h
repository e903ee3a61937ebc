/*
 * What every file may lean on: attributes, scope cleanup, array size.
 */
#ifndef FP_BASE_H
#define FP_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/banned.h"

#define FP_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define FP_MUST_CHECK	      __attribute__((warn_unused_result))
#define FP_NORETURN	      __attribute__((noreturn))
#define FP_UNUSED	      __attribute__((unused))

/* Call `fn(&variable)` when the variable goes out of scope. */
#define FP_AUTO(fn)   __attribute__((cleanup(fn)))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define FP_MIN(a, b)  ((a) < (b) ? (a) : (b))
#define FP_MAX(a, b)  ((a) > (b) ? (a) : (b))

#endif
