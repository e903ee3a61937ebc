/*
 * A manifest as one of its environments. Internal to lib/manifest.
 */
#ifndef FP_MANIFEST_ENVIRONMENT_H
#define FP_MANIFEST_ENVIRONMENT_H

#include "base/map.h"
#include "manifest/manifest.h"

/* A finding of a merged document. */
struct saying {
	size_t at;    /* in the diags */
	size_t count; /* of the environments that it is about */
	const struct manifest_environment *first; /* of these; NULL: there is none */
};

/* Findings of several environments, each once. */
struct findings {
	struct diags *out;
	struct map places; /* where the document itself is wrong: "12:7" */
	struct map said;   /* place and message of each other one -> its saying */
	struct saying *v;
	size_t n, cap;
};

/* What `diags` holds from `first` on is about the document itself. */
void findings_init(struct findings *f, struct diags *diags, size_t first);
/*
 * Once all environments of `m` were checked: say whose a finding is that only some have,
 * unless it stands in that environment's own part. Not after the diags were sorted.
 */
void findings_name(struct findings *f, const struct manifest *m);
void findings_release(struct findings *f);

/* Read `m->environments` from the checked part of the document. */
void environments_read(struct manifest *m, const struct node *part);
/* "known: dev, prod", or what to do when there is none. */
const char *environments_known(struct arena *a, const struct manifest *m);
/* The environment of that name (NULL: the first), or NULL after a finding. */
const struct manifest_environment *
environment_find(const struct manifest *m, const char *name, struct diags *diags);
/*
 * Check `m->document` as the environment `e` (NULL: the manifest has none). Returns
 * the normal form, with whatever was wrong left out.
 */
const struct node *environment_check(const struct manifest *m, struct arena *a,
				     const struct manifest_environment *e,
				     struct findings *f);

#endif
