/*
 * Editing a YAML text in place: one value set, one key or item taken out, and every
 * other byte as it was: comments, blank lines, quotes, indentation, line ends.
 *
 * What belongs to a key, and goes with it when it is taken out: its lines with the
 * comment behind its value, comment lines directly above in its own column (but not
 * the one that the file begins with), comment lines directly below that are indented
 * deeper, and the blank line above when another one, or nothing, follows.
 *
 * The result is read again and compared: it holds the old document with exactly that
 * change, or nothing is returned. Reads no file.
 */
#ifndef FP_EDIT_H
#define FP_EDIT_H

#include "base/str.h"
#include "yaml/node.h"

/*
 * Split "buckets.uploads.suffix.0": keys, and indexes of lists from 0. A name that
 * holds a dot is quoted, "like.this" or 'like.this', with the quote doubled inside.
 * FP_ERR_USAGE when a part is empty or a quote is open.
 */
FP_MUST_CHECK int edit_path_parse(struct strs *path, const char *text,
				  struct fp_error *err);
/* What stands at a part of a path in `n`; NULL when nothing does. */
const struct node *edit_step(const struct node *n, const char *part);
/* Append the path as edit_path_parse reads it. */
void edit_path_put(struct buf *out, const struct strs *path);

/*
 * Append the text with `value` at `path`. What is missing on the way is made as maps;
 * an index one behind a list's last item appends. New keys follow the last one of
 * their map, in the style of their siblings. `file` names the text in errors.
 *
 * FP_ERR_YAML: the text cannot be read. FP_ERR_INPUT, with the place: the way leads
 * through a scalar or an alias, what would change is shared through an anchor, or the
 * layout is one that cannot be edited in place. Nothing is appended then.
 */
FP_MUST_CHECK int edit_set(struct buf *out, const char *text, size_t n, const char *file,
			   const struct strs *path, const struct node *value,
			   struct fp_error *err);
/*
 * Append the text without what stands at `path`; a collection that loses its last
 * member stays as {} or []. FP_ERR_NOT_FOUND when nothing stands there; else as
 * edit_set.
 */
FP_MUST_CHECK int edit_unset(struct buf *out, const char *text, size_t n,
			     const char *file, const struct strs *path,
			     struct fp_error *err);

/* Append a value in one line, as it would be written into a new file: for messages. */
void edit_inline(struct buf *out, const struct node *value);

#endif
