/*
 * What is wrong in a file, and where.
 */
#ifndef FP_PROCESSOR_FINDING_H
#define FP_PROCESSOR_FINDING_H

#include "base/base.h"

struct finding {
	int64_t row;	/* CSV: as a spreadsheet counts, the header is 1; JSON: line */
	int64_t column; /* CSV: of the table, from 1; JSON: byte in the line, from 1 */
	char text[160]; /* "3 columns where the header has 4"; "" when there is none */
};

/* Keeps the first one only. */
void finding_set(struct finding *f, int64_t row, int64_t column, const char *fmt, ...)
	FP_PRINTF(4, 5);

#endif
