/*
 * Time: reading the clock, and the texts that AWS uses.
 */
#ifndef FP_CLOCK_H
#define FP_CLOCK_H

#include "base/base.h"

#include <time.h>

int64_t clock_now_ms(void);	  /* since the epoch */
int64_t clock_monotonic_ms(void); /* for measuring */
void clock_sleep_ms(int64_t ms);  /* returns early on a signal */

/* "20260102T030405Z"; `out` holds 17 bytes. */
void time_amz(char out[17], int64_t ms);
/* "2026-01-02T03:04:05.678Z"; `out` holds 25 bytes. */
void time_iso(char out[25], int64_t ms);
/* "Fri, 02 Jan 2026 03:04:05 GMT", as HTTP dates are; `out` holds 30 bytes. */
void time_http(char out[30], int64_t ms);
/*
 * Any of the three back to milliseconds; false when it is none of them. The ISO
 * form may also be as RFC 3339 and Python have it: "2026-01-02 03:04:05.678901+01:00",
 * without a fraction or with many digits, its zone "UTC", "+0100" or "+01", in small
 * letters. Without a zone it is no moment.
 */
bool time_parse(const char *s, int64_t *ms);

#endif
