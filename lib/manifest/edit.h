/*
 * Editing a manifest's text: a path and a value that the schema knows, the edit of
 * yaml/edit.h, and a result that is a valid manifest or is not given out.
 *
 * Reads and writes no file.
 */
#ifndef FP_MANIFEST_EDIT_H
#define FP_MANIFEST_EDIT_H

#include "base/diag.h"
#include "base/str.h"
#include "yaml/node.h"

struct manifest_edit {
	struct arena arena; /* owns the values */
	struct buf text; /* what the file must hold now; equal to the old one if `same` */
	const struct node *before, *after; /* at the path; NULL: nothing there */
	bool same;
	size_t left; /* findings that the manifest had before and still has */
};

/*
 * `path` as `fpctl -e ENVIRONMENT` means it: environments.ENVIRONMENT before it.
 * FP_ERR_NOT_FOUND when the manifest has no such environment. The text must be
 * readable; NULL for `environment` changes nothing.
 */
FP_MUST_CHECK int manifest_edit_environment(struct strs *path, const char *text, size_t n,
					    const char *file, const char *environment,
					    struct fp_error *err);

/*
 * The value that `given` means at `path`: YAML, but what a field takes as text is the
 * text itself unless it begins with a quote (or, for a list, a bracket): 111122223333
 * for an account stays a string. FP_ERR_INPUT when the path names no field, with the
 * nearest one, or when the YAML cannot be read.
 */
FP_MUST_CHECK int manifest_edit_value(const struct node **out, struct arena *a,
				      const struct strs *path, const char *given,
				      struct fp_error *err);

/*
 * Set `path` to `value`, or take it out (NULL). Items of maps are not made in passing
 * where a name is probably mistyped: FP_ERR_NOT_FOUND names the nearest one.
 *
 * FP_ERR_MANIFEST when the new text would not be valid: `diags` then has its findings
 * and out->text the new text, for showing lines. A manifest that was invalid before
 * may be edited when the edit leaves fewer findings. Other errors are those of
 * edit_set and edit_unset. Release `out` in any case.
 */
FP_MUST_CHECK int manifest_edit(struct manifest_edit *out, const char *text, size_t n,
				const char *file, const struct strs *path,
				const struct node *value, struct diags *diags,
				struct fp_error *err);
void manifest_edit_release(struct manifest_edit *e);

#endif
