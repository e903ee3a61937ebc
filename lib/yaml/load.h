/*
 * Text to nodes: YAML by libyaml; JSON (a document that begins with '{', '[' or '"')
 * by a reader of its own, since libyaml refuses some of it: tabs, long keys,
 * surrogate pairs.
 */
#ifndef FP_LOAD_H
#define FP_LOAD_H

#include "base/diag.h"
#include "yaml/node.h"

/* Guards against bombs and garbage; 0 takes the default. */
struct load_limits {
	size_t max_bytes; /* 4 MiB */
	size_t max_nodes; /* 1,000,000, aliases counted each time they are used */
	size_t max_depth; /* 100 */
};

/*
 * Parse one document. Anchors and merge keys ("<<") are expanded; a duplicate
 * key, a second document, a key that is no scalar, invalid UTF-8 and NUL bytes
 * are errors. `file` names the text in positions ("fpctl.yaml") and is copied.
 * An empty document gives a null scalar.
 *
 * All findings go to `diags` (duplicate keys do not stop the reading). Returns
 * -1 when there was any; `*out` is then NULL unless only duplicate keys were
 * found.
 */
FP_MUST_CHECK int node_load(struct node **out, struct arena *a, const char *text,
			    size_t n, const char *file, const struct load_limits *limits,
			    struct diags *diags);

/* As node_load; the first finding becomes `err` (code FP_ERR_YAML). */
FP_MUST_CHECK int node_load_one(struct node **out, struct arena *a, const char *text,
				size_t n, const char *file, struct fp_error *err);

#endif
