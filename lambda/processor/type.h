/*
 * What kind of file it is, by its first bytes; the name decides only where the
 * content leaves a choice.
 */
#ifndef FP_PROCESSOR_TYPE_H
#define FP_PROCESSOR_TYPE_H

#include "base/base.h"

enum file_type {
	TYPE_UNDECIDED,
	TYPE_EMPTY, /* nothing, or nothing but white space */
	TYPE_BINARY,
	TYPE_TEXT,
	TYPE_CSV,
	TYPE_JSON,
	TYPE_NDJSON,
};

/* "csv", "ndjson"; "unknown" when it is undecided. */
const char *type_name(enum file_type t);

/* What the name says, by its suffix (letters of either case). */
struct type_guess {
	enum file_type named; /* TYPE_CSV, TYPE_JSON, TYPE_NDJSON, or TYPE_UNDECIDED */
	char separator;	      /* '\t' for .tsv, else 0 */
};
struct type_guess type_of_name(const char *name);

/* The byte order mark's length, where the text begins with one: 0 or 3. */
size_t type_bom(const char *head, size_t n);

/*
 * Decide by the head, behind its byte order mark. `whole` when the file ends
 * with it. `*separator` is set for TYPE_CSV.
 */
enum file_type type_decide(const struct type_guess *guess, const char *head, size_t n,
			   bool whole, char *separator);

#endif
