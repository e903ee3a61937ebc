/*
 * A CSV file checked as it streams by: RFC 4180's quoting, line ends CRLF or LF,
 * every row with as many columns as the header.
 */
#ifndef FP_PROCESSOR_CSV_H
#define FP_PROCESSOR_CSV_H

#include "finding.h"

enum csv_state {
	CSV_FIELD,    /* at a field's first byte */
	CSV_PLAIN,    /* inside one without quotes */
	CSV_QUOTED,   /* inside quotes */
	CSV_QUOTE,    /* behind a quote inside quotes: the end, or a doubled one */
	CSV_QUOTE_CR, /* the same, and a CR behind it */
	CSV_SKIP,     /* the row is wrong: to its end */
};

struct csv {
	char separator;
	enum csv_state state;
	int64_t row;	  /* of the spreadsheet, from 1; blank ones count */
	int64_t line;	  /* of the file, from 1 */
	int64_t row_line; /* where the row began */
	int64_t columns;  /* of the header; 0: not read yet, -1: not known */
	int64_t fields;	  /* separators of this row so far */
	int64_t bytes;	  /* of this row, blank or not: 0, 1, many */
	bool cr;	  /* its only byte is a CR */
	int64_t records, bad;
	struct finding first;
};

void csv_init(struct csv *c, char separator);
void csv_feed(struct csv *c, const char *data, size_t n);
void csv_finish(struct csv *c);

#endif
