#include "wire/xml.h"

#include <expat.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define XML_MAX_DEPTH 64
#define XML_MAX_BYTES ((size_t)64 << 20)
/* A full answer of GetMetricData has 200,000; each takes about 60 bytes. */
#define XML_MAX_ELEMENTS 400000

/* An element that is open: its text is gathered here until it closes. */
struct open_element {
	struct xml *node, *last;
	struct buf text;
};

struct reader {
	XML_Parser parser;
	struct arena *arena;
	struct xml *root;
	struct open_element open[XML_MAX_DEPTH];
	size_t depth, elements;
	const char *refused; /* why we stopped the parser, or NULL */
};

static void refuse(struct reader *r, const char *why)
{
	r->refused = why;
	XML_StopParser(r->parser, XML_FALSE);
}

static void on_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
	struct reader *r = data;
	const char *colon = strrchr(name, ':');
	struct xml *x;

	(void)attributes;
	if (r->refused)
		return;
	if (r->depth == XML_MAX_DEPTH) {
		refuse(r, "elements are nested too deeply");
		return;
	}
	if (++r->elements > XML_MAX_ELEMENTS) {
		refuse(r, "it has too many elements");
		return;
	}
	x = arena_alloc(r->arena, sizeof(*x));
	x->name = arena_strdup(r->arena, colon ? colon + 1 : name);
	x->text = "";
	if (r->depth) {
		struct open_element *parent = &r->open[r->depth - 1];

		if (parent->last)
			parent->last->next = x;
		else
			parent->node->first = x;
		parent->last = x;
	} else {
		r->root = x;
	}
	r->open[r->depth].node = x;
	r->open[r->depth].last = NULL;
	buf_clear(&r->open[r->depth].text);
	r->depth++;
}

static void on_end(void *data, const XML_Char *name)
{
	struct reader *r = data;
	struct open_element *o;

	(void)name;
	if (r->refused)
		return;
	o = &r->open[--r->depth];
	if (o->text.len)
		o->node->text = arena_strndup(r->arena, o->text.data, o->text.len);
}

static void on_text(void *data, const XML_Char *s, int n)
{
	struct reader *r = data;

	if (!r->refused && r->depth)
		buf_add(&r->open[r->depth - 1].text, s, (size_t)n);
}

static void on_doctype(void *data, const XML_Char *name, const XML_Char *sysid,
		       const XML_Char *pubid, int has_internal)
{
	(void)name;
	(void)sysid;
	(void)pubid;
	(void)has_internal;
	refuse(data, "it has a document type, which is not allowed");
}

static int parse_all(struct reader *r, const char *text, size_t n, struct fp_error *err)
{
	if (XML_Parse(r->parser, text, (int)n, XML_TRUE) == XML_STATUS_OK)
		return 0;
	return fp_fail(err, FP_ERR_PROTOCOL, "malformed XML in line %lu: %s",
		       (unsigned long)XML_GetCurrentLineNumber(r->parser),
		       r->refused ? r->refused
				  : XML_ErrorString(XML_GetErrorCode(r->parser)));
}

int xml_parse(struct xml **root, struct arena *a, const char *text, size_t n,
	      struct fp_error *err)
{
	struct reader r = { .arena = a };
	int rc;

	if (n > XML_MAX_BYTES)
		return fp_fail(err, FP_ERR_PROTOCOL,
			       "XML of more than 64 MiB is refused");
	r.parser = XML_ParserCreate(NULL);
	if (!r.parser)
		fp_die("out of memory");
	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, on_start, on_end);
	XML_SetCharacterDataHandler(r.parser, on_text);
	XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
	rc = parse_all(&r, n ? text : "", n, err);
	XML_ParserFree(r.parser);
	for (size_t i = 0; i < XML_MAX_DEPTH; i++)
		buf_release(&r.open[i].text);
	if (rc == 0)
		*root = r.root;
	return rc;
}

static const struct xml *child_n(const struct xml *x, const char *name, size_t n)
{
	for (const struct xml *c = x ? x->first : NULL; c; c = c->next)
		if (strlen(c->name) == n && memcmp(c->name, name, n) == 0)
			return c;
	return NULL;
}

const struct xml *xml_child(const struct xml *x, const char *name)
{
	return child_n(x, name, strlen(name));
}

const char *xml_text(const struct xml *x, const char *path, const char *fallback)
{
	while (x && *path) {
		size_t n = strcspn(path, ".");

		x = child_n(x, path, n);
		path += n + (path[n] == '.');
	}
	return x ? x->text : fallback;
}

void xml_open(struct buf *out, const char *name)
{
	buf_putc(out, '<');
	buf_puts(out, name);
	buf_putc(out, '>');
}

void xml_close(struct buf *out, const char *name)
{
	buf_puts(out, "</");
	buf_puts(out, name);
	buf_putc(out, '>');
}

void xml_element(struct buf *out, const char *name, const char *text)
{
	if (!text)
		return;
	xml_open(out, name);
	xml_escape(out, text);
	xml_close(out, name);
}

void xml_element_int(struct buf *out, const char *name, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	xml_element(out, name, text);
}

/* Bytes of the character that `s` begins with, or 0 when XML has no way to say it. */
static size_t char_len(const char *s, size_t n)
{
	if ((unsigned char)*s < 0x20 && !strchr("\t\n\r", *s))
		return 0;
	if (n >= 3 && memcmp(s, "\xef\xbf", 2) == 0 && (s[2] == '\xbe' || s[2] == '\xbf'))
		return 0; /* U+FFFE and U+FFFF */
	return str_utf8_len(s, n);
}

static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\r': /* a reader would make a line feed of it */
		return "&#xD;";
	default:
		return NULL;
	}
}

void xml_escape(struct buf *out, const char *text)
{
	size_t left = strlen(text), n;

	for (const char *s = text; left; s += n, left -= n) {
		const char *e = entity(*s);

		n = char_len(s, left);
		if (e)
			buf_puts(out, e);
		else if (n)
			buf_add(out, s, n);
		else
			buf_puts(out, "\xef\xbf\xbd"); /* U+FFFD stands for it */
		n = n ? n : 1;
	}
}
