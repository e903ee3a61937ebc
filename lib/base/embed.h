/*
 * Files compiled into the binary by tools/embed: tables that end with a NULL
 * name. The bytes are followed by a NUL.
 */
#ifndef FP_EMBED_H
#define FP_EMBED_H

#include <stddef.h>

struct embed {
	const char *name; /* the file's name without folder and ending: "s3" */
	const unsigned char *data;
	size_t size;
};

/* The same of YAML files by tools/embed_nodes, parsed already; nobody may change them. */
struct node;
struct embed_nodes {
	const char *name;
	const struct node *root;
};

#endif
