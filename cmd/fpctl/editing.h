/*
 * What the commands that edit the manifest share: reading the file, the edit, writing
 * it back in one step, and telling what became of it.
 */
#ifndef FP_EDITING_H
#define FP_EDITING_H

#include <dirent.h>

#include "command.h"
#include "manifest/edit.h"

struct editing {
	struct app *app;
	const char *file; /* as given */
	char *real;	  /* what is replaced: behind links */
	unsigned mode;	  /* its permissions, */
	uid_t owner;	  /* and whose it is */
	gid_t group;
	DIR *folder;	  /* locked: of two edits at once the second sees the first */
	struct buf text;  /* what it holds */
	struct strs path; /* what is edited, with -e's environment before it */
	bool is_override; /* editing_remove: all environments have it, too */
	struct manifest_edit edit;
};

/*
 * Read the manifest, and take the path; with -e it is meant in that environment.
 * FP_ERR_IO when it is no regular file, or read-only. Until the release no other
 * fpctl edits a manifest in that folder. Release `e` in any case.
 */
FP_MUST_CHECK int editing_open(struct editing *e, struct app *app,
			       const struct strs *path, struct fp_error *err);
/*
 * Set the path, or take it out (NULL), and replace the file when that changes it. On
 * failure the file is as it was; findings are printed.
 */
FP_MUST_CHECK int editing_apply(struct editing *e, const struct node *value,
				struct fp_error *err);
/* editing_open of an item: "buckets", "uploads". */
FP_MUST_CHECK int editing_open_item(struct editing *e, struct app *app, const char *map,
				    const char *name, struct fp_error *err);
/* editing_apply of one that must not be there yet; `kind` is what messages call it. */
FP_MUST_CHECK int editing_add(struct editing *e, const struct node *value,
			      const char *kind, struct fp_error *err);
/* Take out one that must be there, in the environment of -e if that is given. */
FP_MUST_CHECK int editing_remove(struct editing *e, const char *kind,
				 struct fp_error *err);
/* "added the bucket 'x':" and the lines, or JSON. */
void editing_tell(struct editing *e, const char *what);
/* A list of the items with their names, defaults filled in. */
void editing_list_json(struct app *app, const char *map);
/* Keep fpctl.lock true after buckets came or went; that it fails is a note. Nothing is
 * done while the manifest has errors. */
void editing_lock(struct editing *e);
/* {file, path, changed, before, after} for --json. */
void editing_print_json(struct editing *e);
/* Note on stderr what stays to be mended. */
void editing_note_left(struct editing *e);
void editing_release(struct editing *e);

/* The value in one line, or "(nothing)"; owned by the caller. */
char *editing_shown(const struct node *value);

/* For `add`: put a field whose option was given. NULL and empty lists put nothing. */
void field_text(struct arena *a, struct node *map, const char *name, const char *value);
void field_list(struct arena *a, struct node *map, const char *name,
		const struct strs *values);
void field_true(struct arena *a, struct node *map, const char *name, bool value);

#endif
