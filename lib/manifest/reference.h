/*
 * The table as a document for people: docs/manifest.md.
 */
#ifndef FP_MANIFEST_REFERENCE_H
#define FP_MANIFEST_REFERENCE_H

#include "base/buf.h"
#include "manifest/schema.h"

/* Append Markdown: a section for each part of the manifest, with a table and an
 * example. */
void schema_reference(struct buf *out, const struct schema *s);
/*
 * Append the manifest that `fpctl init` writes, with comments from the table. `region`
 * and `github` may be NULL. The values are checked when the manifest is.
 */
void schema_starter(struct buf *out, const struct schema *s, const char *project,
		    const char *region, const char *github);

#endif
