/*
 * What is wrong with documents, as every command shows it.
 */
#ifndef FP_FINDINGS_H
#define FP_FINDINGS_H

#include "command.h"

/* The text of a document that cannot be read a second time, such as a pipe. */
struct findings_source {
	const char *file, *text;
};

/*
 * Print all on stderr, each with its line, and fail with their number: "`what` has 2
 * errors". `known` may be NULL; other files are read for their lines, and one that
 * cannot be read shows none. Sorts them and drops what was found twice.
 */
int findings_fail(struct app *app, struct diags *d, const struct findings_source *known,
		  enum fp_errc code, const char *what, struct fp_error *err);
/* By place, each once. */
void findings_sort(struct diags *d);
/* A list of {file, line, column, message, hint}; what is not known is left out. */
cJSON *findings_json(const struct diags *d);

#endif
