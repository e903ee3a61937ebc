/*
 * Paths inside a template: "Resources.Uploads.Properties.Tags[0].Key". Internal to
 * lib/cfn.
 */
#ifndef FP_CFN_PATH_H
#define FP_CFN_PATH_H

#include "yaml/node.h"

/* One step of a walk; lives on the stack of those who go down. */
struct step {
	const struct step *outer; /* NULL: the first */
	const char *key;	  /* NULL: an item of a list */
	size_t index;
};

/* Append the path; nothing for NULL. */
void path_put(struct buf *out, const struct step *at);
/*
 * Append the path, from `at` on, of the node (or the key) that stands at `pos` in the
 * document. False, and nothing appended, when there is none.
 */
bool path_find(struct buf *out, const struct step *at, const struct node *n,
	       struct fp_pos pos);

#endif
