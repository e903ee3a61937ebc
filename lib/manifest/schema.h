/*
 * The manifest's language: one table of fields, from which validation, defaults,
 * suggestions, the JSON Schema and the reference come. A new field is a new row.
 */
#ifndef FP_MANIFEST_SCHEMA_H
#define FP_MANIFEST_SCHEMA_H

#include "base/diag.h"
#include "yaml/node.h"

enum field_type {
	/* The rows PATH.NAME are its fields; null means {}. With `words` it may also be
	 * one of these words. */
	FIELD_OBJECT,
	FIELD_MAP,    /* items by name, which the row PATH.* describes; null means {} */
	FIELD_STRING, /* a number or boolean must be quoted to be one */
	FIELD_TEXT,   /* any scalar, as it is written */
	FIELD_BOOL,
	FIELD_INT,
	FIELD_DURATION, /* "90s", "15m", "1h", "30d"; becomes a number of seconds */
	FIELD_DAYS,	/* "30d"; becomes a number of days */
	FIELD_PERCENT,	/* "80%", or 0; becomes a number */
};

enum field_flag {
	FIELD_REQUIRED = 1,
	FIELD_LIST = 2,	  /* one or a list; becomes a list without duplicates */
	FIELD_FILLED = 4, /* the list must not be empty */
	FIELD_ONCE = 8,	  /* of the project: no environment has its own */
	FIELD_PARTIAL =
		16, /* an object that has the document's fields too, but those with
		     * FIELD_ONCE; without defaults, and nothing is required */
};

struct field {
	const char *path; /* "buckets.*.prefix"; "" is the document */
	enum field_type type;
	unsigned flags;
	const char *fallback; /* the default as YAML; NULL: absent stays absent */
	/* Of a map: anything but a map is the value of this field below it. */
	const char *shorthand;
	/* The rest is about a string, about a number, or about a map's keys. A string
	 * with both words and pattern is one of the words or matches. */
	const char *words;   /* the values allowed, separated by a space */
	const char *pattern; /* POSIX extended regular expression, and ECMA's alike */
	const char *allowed; /* what the pattern means: "an e-mail address" */
	const char *likely;  /* values to suggest one of, separated by a space */
	const char *unit;    /* of a number: "MiB" */
	int64_t min, max; /* bytes of a string, value of a number, seconds; 0, 0: any */
	size_t most;	  /* items of a list or map at most; 0: any number */
	const char *example; /* a value as YAML, for people */
	const char *doc;     /* one line for people */
};

/* Rows in depth-first order: each follows its parent; the first is "". */
struct schema {
	const struct field *fields;
	size_t n;
};

extern const struct schema manifest_schema;

/* The field's own name when it is directly under `parent` ("*" for items), or NULL. */
const char *schema_child(const struct field *parent, const struct field *f);

/*
 * Check a document and fill in the defaults. Returns the normal form: objects
 * have their fields in the table's order, lists are lists, durations numbers.
 * Findings go to `diags`; what they are about is left out of the result, so that
 * other rules can be checked in the same run.
 */
struct node *schema_check(const struct schema *s, struct arena *a, const struct node *doc,
			  struct diags *diags);
/* The same of a document that another one completes: no defaults, nothing required. */
struct node *schema_check_part(const struct schema *s, struct arena *a,
			       const struct node *doc, struct diags *diags);
/*
 * `base` with `over` (NULL: nothing) laid over it: maps merge, anything else
 * replaces, null takes away what it names (an item of a map of objects becomes
 * empty). Both are as written; what the table does not know, or knows as
 * FIELD_ONCE, is left out of `over`.
 */
const struct node *schema_merge(const struct schema *s, struct arena *a,
				const struct node *base, const struct node *over);

#endif
