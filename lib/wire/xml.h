/*
 * XML, both ways: a writer, and a reader on expat with caps on depth and size.
 */
#ifndef FP_WIRE_XML_H
#define FP_WIRE_XML_H

#include <cjson/cJSON.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

struct xml {
	const char *name; /* without its namespace prefix */
	const char *text; /* character data directly inside, never NULL */
	struct xml *first, *next;
};

/* Depth at most 64, at most 64 MiB and 400,000 elements; no DTDs or entities.
 * FP_ERR_PROTOCOL. */
FP_MUST_CHECK int xml_parse(struct xml **root, struct arena *a, const char *text,
			    size_t n, struct fp_error *err);
const struct xml *xml_child(const struct xml *x, const char *name); /* or NULL */
/* Text at a path "Error.Code", or `fallback`. */
const char *xml_text(const struct xml *x, const char *path, const char *fallback);

/* Writing: names are trusted, texts are escaped (a carriage return as &#xD;); U+FFFD
 * stands for what XML cannot hold: other control characters, malformed UTF-8. */
void xml_open(struct buf *out, const char *name);
void xml_close(struct buf *out, const char *name);
void xml_element(struct buf *out, const char *name, const char *text); /* NULL: nothing */
void xml_element_int(struct buf *out, const char *name, int64_t value);
void xml_escape(struct buf *out, const char *text);

#endif
