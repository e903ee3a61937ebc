/*
 * Checking a file as its bytes come by, in constant memory: its kind by what is
 * in it, the number of its records, and the first thing that is wrong.
 * Source: RFC 4180 (CSV), RFC 8259 (JSON), ndjson.org's specification.
 */
#ifndef FP_PROCESSOR_INSPECT_H
#define FP_PROCESSOR_INSPECT_H

#include "csv.h"
#include "finding.h"
#include "json_check.h"
#include "type.h"

/* As many bytes are looked at before the kind of file is decided. */
#define INSPECT_HEAD 4096

struct inspect {
	enum file_type type; /* TYPE_UNDECIDED until the head is there */
	struct type_guess guess;
	char head[INSPECT_HEAD];
	size_t nhead;
	int64_t size;  /* bytes fed */
	int64_t lines; /* of text */
	char last;     /* byte fed */
	struct csv csv;
	struct json_check json;
};

/* What came out. */
struct inspection {
	enum file_type type;
	int64_t size;
	int64_t records;      /* CSV: rows below the header; JSON: elements of the top
				 array, or 1; NDJSON and text: lines; -1: not counted */
	int64_t bad;	      /* CSV and NDJSON: how many records are wrong */
	struct finding first; /* what is wrong first; text "" when nothing is */
};

/* `name` is the object's key: its suffix is a hint where the content leaves a
 * choice. Keeps no pointer to it. */
void inspect_init(struct inspect *i, const char *name);
void inspect_feed(struct inspect *i, const void *data, size_t n);
/* At the end; the inspector is not to be fed again. */
void inspect_finish(struct inspect *i, struct inspection *out);

#endif
