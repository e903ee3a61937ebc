/*
 * What the walks over a document (check.c, merge.c) and the checks of single values
 * (scalar.c) share. Internal to lib/manifest.
 */
#ifndef FP_MANIFEST_CHECKER_H
#define FP_MANIFEST_CHECKER_H

#include <regex.h>

#include "manifest/schema.h"

#define CHILDREN_MAX 32 /* of one row; a table with more does not start */

/* The rows directly below a row; below FIELD_PARTIAL also the document's. */
struct children {
	const struct field **v;
	struct node **keys; /* their names, shared by all objects in normal form */
	size_t n;
};

/* Where in the document we are: "buckets", "uploads", "prefix". */
struct trail {
	const struct trail *up;
	const char *name;
};

struct checker {
	const struct schema *schema;
	struct arena *arena;
	struct diags *diags;
	struct children *children; /* by row */
	regex_t **patterns;	   /* by row; compiled at first use */
	struct node **defaults;	   /* by row, in normal form; made at first use */
	bool part;		   /* no defaults, and nothing is required */
	bool over;		   /* laid over another document: null resets */
	const struct trail *named; /* what messages call all that is checked, or NULL */
};

/*
 * The text in quotes, safe to print: control characters are replaced and a long
 * text is cut. Lives in the arena.
 */
const char *shown(struct arena *a, const char *text);
/* "'buckets.uploads.prefix'", or "the manifest". Lives in the arena. */
const char *trail_text(const struct checker *c, const struct trail *t);

/* What is below each row. Lives in the arena. */
struct children *schema_children(const struct schema *s, struct arena *a);
/* The row of a field of that name, or of a map's items for "*"; or NULL. */
const struct field *children_find(const struct children *c, const char *name);
/* The same as an index; c->n when there is none. */
size_t children_index(const struct children *c, const char *name);
/* The last part of the row's path: "prefix". */
const char *field_name(const struct field *f);

/* Check a key of a map against the map's row. */
void checker_key(struct checker *c, const struct field *f, const struct node *key,
		 const struct trail *at);
/* One value in normal form, or NULL after a finding. */
struct node *checker_scalar(struct checker *c, const struct field *f, struct node *in,
			    const struct trail *at);
/* Of those, the numbers: whole ones, durations, days, percentages. */
struct node *checker_number(struct checker *c, const struct field *f, struct node *in,
			    const struct trail *at);
/* A finding that it must be `want`; returns NULL. */
struct node *checker_wrong_type(struct checker *c, const struct node *in,
				const struct trail *at, const char *want,
				const char *hint);
bool checker_has_word(const struct field *f, const struct node *in);
/* "allowed: created, removed", or NULL when the row has nothing to say. */
const char *checker_allowed(struct checker *c, const struct field *f);

#endif
