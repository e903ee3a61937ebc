/*
 * What the YAML and the JSON reader share. Internal to lib/yaml.
 */
#ifndef FP_LOADER_H
#define FP_LOADER_H

#include "yaml/load.h"

struct loader {
	struct arena *a;
	struct diags *diags;
	const char *file;
	struct load_limits limits;
	size_t nodes; /* aliases counted each time they are used */
	bool duplicates;
};

/* Add a finding; returns NULL, so that a reader fails in one line. */
struct node *loader_fail(struct loader *l, struct fp_pos pos, const char *hint,
			 const char *fmt, ...) FP_PRINTF(4, 5);
/* Count n more nodes; false after adding the finding that they are too many. */
bool loader_count(struct loader *l, struct fp_pos pos, size_t n);
/* Whether a collection at `depth` (the root's is 1) may open. */
bool loader_depth_ok(struct loader *l, struct fp_pos pos, size_t depth);
/* Append a pair; a duplicate key is a finding, and its first value stays. */
void loader_put(struct loader *l, struct node *map, struct node *key, struct node *value);

struct node *load_yaml(struct loader *l, const char *text, size_t n);
/*
 * RFC 8259, strictly. On failure returns NULL and gives what is wrong, without a
 * finding (the text may be YAML's flow style), unless a limit was passed.
 */
struct node *load_json(struct loader *l, const char *text, size_t n, struct fp_pos *where,
		       const char **problem);

#endif
