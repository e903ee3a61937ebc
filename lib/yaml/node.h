/*
 * A YAML or JSON document as a tree of nodes, each with its place in the file.
 * Nodes live in an arena and are shared freely: nobody changes a node after the
 * document is built, and a mapping's pairs are changed by the functions below
 * only, since large mappings have an index.
 */
#ifndef FP_NODE_H
#define FP_NODE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

enum node_kind { NODE_SCALAR, NODE_SEQUENCE, NODE_MAPPING };

/* What a scalar means by YAML 1.2's core schema; a quoted one is a string. */
enum scalar_type { SCALAR_NULL, SCALAR_BOOL, SCALAR_INT, SCALAR_FLOAT, SCALAR_STRING };

struct node_pair {
	struct node *key; /* always a scalar */
	struct node *value;
};

struct node {
	enum node_kind kind;
	struct fp_pos pos;
	const char *tag; /* "!Ref" of a short form; NULL for the usual ones */
	union {
		struct {
			const char *text; /* NUL-terminated; may hold NULs inside */
			size_t len;
			enum scalar_type type;
		} scalar;
		struct {
			struct node **v;
			size_t n, cap;
		} seq;
		struct {
			struct node_pair *v; /* in the document's order */
			size_t n, cap;
			struct node_index *index; /* of large ones; kept by node_put */
		} map;
	};
};

/* Building. Texts are copied into the arena. `pos` of a new node is unknown. */
struct node *node_string(struct arena *a, const char *text);
struct node *node_string_n(struct arena *a, const char *text, size_t n);
struct node *node_int(struct arena *a, int64_t value);
struct node *node_bool(struct arena *a, bool value);
struct node *node_null(struct arena *a);
struct node *node_sequence(struct arena *a);
struct node *node_mapping(struct arena *a);
void node_push(struct arena *a, struct node *seq, struct node *item);
/* Append a pair; the caller sees to it that the key is new. */
void node_put(struct arena *a, struct node *map, const char *key, struct node *value);
void node_put_node(struct arena *a, struct node *map, struct node *key,
		   struct node *value);
/* Set or replace, for trees that are still being built. */
void node_set(struct arena *a, struct node *map, const char *key, struct node *value);
/* Take a pair out, order kept; in O(n). False when there was none. */
bool node_remove(struct arena *a, struct node *map, const char *key);
/* A node of the same contents, shared, that may get another tag or position. */
struct node *node_shallow(struct arena *a, const struct node *n);

/* Reading. All accept NULL and wrong kinds and then return NULL (or false). */
struct node *node_get(const struct node *map, const char *key);
const struct node_pair *node_find(const struct node *map, const char *key);
/* By path "a.b.2.c": keys, and indexes of sequences from 0. */
struct node *node_at(const struct node *n, const char *path);
const char *node_text(const struct node *scalar); /* NULL when not a scalar */
bool node_is(const struct node *scalar, const char *text);
bool node_is_null(const struct node *n); /* NULL counts as null */
/* Also of the strings "true" and "42", which CloudFormation takes for the same. */
bool node_as_bool(const struct node *n, bool *out);
bool node_as_int(const struct node *n, int64_t *out);
/* "string", "number", "true or false", "null", "list", "map", "function": for messages.
 */
const char *node_kind_name(const struct node *n);

/* The same structure and values; positions do not count, the keys' order not either. */
bool node_equal(const struct node *a, const struct node *b);
struct node *node_copy(struct arena *a, const struct node *n);

/*
 * How a plain scalar reads under YAML 1.2's core schema; but a decimal number with
 * leading zeros is a string, because 1.1 reads it as octal and because account ids
 * look like that.
 */
enum scalar_type node_scalar_type(const char *text, size_t n);
/* True when every YAML 1.1 and 1.2 reader takes this plain text for that string. */
bool node_plain_is_string(const char *text, size_t n);

/*
 * The long name of a short form: "!Ref" is "Ref", "!Condition" is "Condition", any
 * other "!Name" is "Fn::Name". Appends.
 */
void node_tag_function(struct buf *out, const char *tag);
/*
 * A node with the tag as the mapping that it is short for; `!GetAtt A.B` as the
 * list of both. A node without a tag is returned as it is.
 */
const struct node *node_long_form(struct arena *a, const struct node *n);

#endif
