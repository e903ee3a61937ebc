/*
 * What the walk over the document (check.c) and the checks of single values
 * (scalar.c) share. Internal to lib/manifest.
 */
#ifndef FP_MANIFEST_CHECKER_H
#define FP_MANIFEST_CHECKER_H

#include <regex.h>

#include "manifest/schema.h"

struct checker {
	const struct schema *schema;
	struct arena *arena;
	struct diags *diags;
	regex_t **patterns;	/* by row; compiled at first use */
	struct node **defaults; /* by row, in normal form; made at first use */
};

/*
 * The text in quotes, safe to print: control characters are replaced and a long
 * text is cut. Lives in the arena.
 */
const char *shown(struct arena *a, const char *text);

/* Check a key of a map against the map's row; `where` is "'buckets'". */
void checker_key(struct checker *c, const struct field *f, const struct node *key,
		 const char *where);
/* One value in normal form, or NULL after a finding; `where` is "'project'". */
struct node *checker_scalar(struct checker *c, const struct field *f, struct node *in,
			    const char *where);
/* "allowed: created, removed", or NULL when the row has nothing to say. */
const char *checker_allowed(struct checker *c, const struct field *f);

#endif
