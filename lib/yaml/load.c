#include "yaml/load.h"

#include <stdarg.h>

#include "base/str.h"
#include "yaml/loader.h"

#define MAX_BYTES (4u << 20)
#define MAX_NODES 1000000u
#define MAX_DEPTH 100u

struct node *loader_fail(struct loader *l, struct fp_pos pos, const char *hint,
			 const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	diags_vadd(l->diags, pos, hint, fmt, args);
	va_end(args);
	return NULL;
}

bool loader_count(struct loader *l, struct fp_pos pos, size_t n)
{
	l->nodes += n;
	if (l->nodes <= l->limits.max_nodes)
		return true;
	loader_fail(l, pos, "use fewer aliases, or split the document",
		    "the document has more than %zu values", l->limits.max_nodes);
	return false;
}

bool loader_depth_ok(struct loader *l, struct fp_pos pos, size_t depth)
{
	if (depth <= l->limits.max_depth)
		return true;
	loader_fail(l, pos, NULL, "nested deeper than %zu levels", l->limits.max_depth);
	return false;
}

void loader_put(struct loader *l, struct node *map, struct node *key, struct node *value)
{
	const struct node_pair *first = node_find(map, key->scalar.text);

	if (!first) {
		node_put_node(l->a, map, key, value);
		return;
	}
	l->duplicates = true;
	loader_fail(l, key->pos, "remove or rename one of them",
		    "duplicate key '%s': it is already at line %u, column %u",
		    key->scalar.text, first->key->pos.line, first->key->pos.column);
}

/* The first NUL or malformed UTF-8, or n. */
static size_t first_bad_byte(const char *text, size_t n)
{
	size_t i = 0;

	while (i < n) {
		size_t len = str_utf8_len(text + i, n - i);

		if (!len || text[i] == '\0')
			return i;
		i += len;
	}
	return n;
}

static bool check_text(struct loader *l, const char *text, size_t n)
{
	struct fp_pos pos = { l->file, 1, 1 };
	size_t bad;

	if (n > l->limits.max_bytes) {
		loader_fail(l, pos, NULL,
			    "the document has %zu bytes; at most %zu are read", n,
			    l->limits.max_bytes);
		return false;
	}
	bad = first_bad_byte(text, n);
	if (bad == n)
		return true;
	for (size_t i = 0; i < bad; i++) {
		if (text[i] == '\n') {
			pos.line++;
			pos.column = 1;
		} else if ((text[i] & 0xc0) != 0x80) {
			pos.column++;
		}
	}
	if (text[bad] == '\0')
		loader_fail(l, pos, NULL, "a NUL byte: this is no text file");
	else
		loader_fail(l, pos, "save the file as UTF-8",
			    "byte 0x%02x is not valid UTF-8", (unsigned char)text[bad]);
	return false;
}

static bool is_before(struct fp_pos a, struct fp_pos b)
{
	return a.line != b.line ? a.line < b.line : a.column < b.column;
}

/*
 * Text in braces or quotes is JSON, or YAML's flow style. When it is neither, the reader
 * that came further knows better what is wrong.
 */
static struct node *load_json_like(struct loader *l, const char *text, size_t n)
{
	size_t before = l->diags->n;
	const char *problem = NULL;
	struct fp_pos where = { 0 };
	struct node *node = load_json(l, text, n, &where, &problem);

	if (node || !problem)
		return node;
	l->nodes = 0;
	l->duplicates = false;
	l->diags->n = before;
	node = load_yaml(l, text, n);
	if (!node && is_before(l->diags->v[l->diags->n - 1].pos, where)) {
		l->diags->n = before;
		loader_fail(l, where, NULL, "%s", problem);
	}
	return node;
}

int node_load(struct node **out, struct arena *a, const char *text, size_t n,
	      const char *file, const struct load_limits *limits, struct diags *diags)
{
	struct loader l = { .a = a, .diags = diags, .file = arena_strdup(a, file) };
	size_t before = diags->n, lead = 0;

	*out = NULL;
	if (limits)
		l.limits = *limits;
	if (!l.limits.max_bytes)
		l.limits.max_bytes = MAX_BYTES;
	if (!l.limits.max_nodes)
		l.limits.max_nodes = MAX_NODES;
	if (!l.limits.max_depth)
		l.limits.max_depth = MAX_DEPTH;
	if (!check_text(&l, text, n))
		return -1;
	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		n -= 3;
	}
	while (lead < n && strchr(" \t\r\n", text[lead]))
		lead++;
	if (lead < n && strchr("{[\"", text[lead]))
		*out = load_json_like(&l, text, n);
	else
		*out = load_yaml(&l, text, n);
	return diags->n > before ? -1 : 0;
}

int node_load_one(struct node **out, struct arena *a, const char *text, size_t n,
		  const char *file, struct fp_error *err)
{
	FP_AUTO(diags_release) struct diags diags = DIAGS_INIT;
	const struct diag *first;

	if (node_load(out, a, text, n, file, NULL, &diags) == 0)
		return 0;
	*out = NULL;
	first = &diags.v[0];
	if (first->hint)
		return fp_fail_at(err, FP_ERR_YAML, first->pos, "%s: %s", first->message,
				  first->hint);
	return fp_fail_at(err, FP_ERR_YAML, first->pos, "%s", first->message);
}
