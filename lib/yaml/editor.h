/*
 * A text taken apart for editing: where each node stands in its bytes. Internal to
 * lib/yaml.
 */
#ifndef FP_EDITOR_H
#define FP_EDITOR_H

#include "yaml/edit.h"

enum span_style {
	SPAN_EMPTY, /* no text at all: null */
	SPAN_PLAIN,
	SPAN_SINGLE,
	SPAN_DOUBLE,
	SPAN_LITERAL, /* | and > */
	SPAN_ALIAS,
	SPAN_BLOCK, /* collections */
	SPAN_FLOW,
};

struct span_item {
	struct span *key; /* NULL in a list */
	struct span *value;
};

/* Bytes from `start` on, before `end`, without what only separates it from others. */
struct span {
	enum node_kind kind;
	enum span_style style;
	size_t start; /* its tag or anchor when it has one */
	size_t body;  /* behind these; of a flow collection its bracket */
	size_t end;
	/* Of a block scalar: what becomes of line breaks at its end, "|+" and "|-". */
	bool keeps, strips;
	bool has_properties;   /* a tag or an anchor */
	const char *text;      /* of a scalar */
	const char *anchor;    /* that it defines, or of an alias uses; or NULL */
	struct span *target;   /* of an alias */
	struct span *up;       /* the collection that holds it */
	struct span_item *v;   /* of a collection */
	size_t n, cap, index;  /* index: its own in `up` */
	unsigned line, column; /* from 1, of `start` */
};

struct splice {
	size_t from, to;  /* bytes to take out */
	const char *text; /* to put there */
};

struct editor {
	const char *text; /* behind a byte order mark */
	size_t n;
	const char *file;
	struct arena *arena;
	struct span *root;
	struct span **aliases;
	size_t naliases, cap;
	struct splice splices[8];
	size_t nsplices;
	const char *newline; /* the text's own */
	size_t indent;	     /* spaces a level of maps */
	size_t dash;	     /* of a list's dash below its key's column */
	char quote;	     /* what the text quotes with */
	bool json;
	struct fp_error *err;
};

/* edit_span.c: fill e->root and the text's habits. */
FP_MUST_CHECK int editor_read(struct editor *e);
/* The item of a map with the key, or NULL. */
struct span_item *span_find(const struct span *map, const char *key);
/* Where its text ends. */
size_t item_end(const struct span_item *it);
/* FP_ERR_INPUT at the span; returns -1. */
int editor_fail(struct editor *e, const struct span *at, const char *fmt, ...)
	FP_PRINTF(3, 4);

/* Lines. */
size_t line_start(const struct editor *e, size_t at);
size_t line_end(const struct editor *e, size_t at); /* before its line break */
size_t line_next(const struct editor *e, size_t at);
/* Whether only spaces stand between the line's start and `at`. */
bool begins_line(const struct editor *e, size_t at);
size_t skip_blanks(const struct editor *e, size_t at);
/* The byte behind a key's colon; 0 when there is none. */
size_t behind_colon(const struct editor *e, const struct span *key);
size_t column_of(const struct editor *e, size_t at);

/* Take out [from, to) and put `text` (copied) there. Splices may not overlap. */
void editor_splice(struct editor *e, size_t from, size_t to, const char *text, size_t n);

/* edit_put.c: writing values. */
void put_key(const struct editor *e, struct buf *out, const struct span *map,
	     const char *key);
/* In one line; `old` is what stood there (for its quotes) or NULL. */
void put_inline(const struct editor *e, struct buf *out, const struct node *n,
		const struct span *old, bool in_flow);
/*
 * "key: value" of a new pair whose key stands in `column`, in one line or several.
 * `siblings` is the map it goes into, or NULL when that is new; `depth` that of the
 * map (the root's is 0).
 */
void put_pair(const struct editor *e, struct buf *out, const struct span *siblings,
	      size_t depth, size_t column, const char *key, const struct node *value);
/* The members of a collection, each on a line of its own that begins in `column`. */
void put_members(const struct editor *e, struct buf *out, size_t depth, size_t column,
		 const struct node *n);
/* Whether a new value should be written in several lines in the collection `up`. */
bool wants_block(const struct editor *e, const struct span *up, size_t depth,
		 size_t column, const char *key, const struct node *value);
/* Spaces from a map's column to that of a collection in it. */
size_t step_of(const struct editor *e, const struct span *map, enum node_kind kind);

/*
 * edit_block.c: the line that begins a member, or the comment lines directly above in
 * its column; none of them begins before byte `low` (-1: any may).
 */
size_t first_line(const struct editor *e, size_t start, size_t column, int64_t low);

/* edit_block.c and edit_flow.c: what changes in a collection. */
FP_MUST_CHECK int block_insert(struct editor *e, struct span *c, size_t depth,
			       const char *key, const struct node *value);
FP_MUST_CHECK int block_remove(struct editor *e, struct span *c, size_t i);
FP_MUST_CHECK int block_replace(struct editor *e, struct span *old, size_t depth,
				const struct node *value);
FP_MUST_CHECK int flow_insert(struct editor *e, struct span *c, const char *key,
			      const struct node *value);
FP_MUST_CHECK int flow_remove(struct editor *e, struct span *c, size_t i);
FP_MUST_CHECK int flow_replace(struct editor *e, struct span *old,
			       const struct node *value);

#endif
