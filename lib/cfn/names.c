/* Names: the loops' variables, then what the scope knows, by path. */
#include <ctype.h>

#include "base/str.h"
#include "cfn/evaluator.h"
#include "cfn/subtext.h"

#define MAX_NAME 512

/* Whether `name` is the variable or a path from it; *path is then "" or "a.b". */
static bool is_path_of(const struct frame *f, const char *name, const char **path)
{
	if (strncmp(name, f->var, f->len) != 0)
		return false;
	if (name[f->len] != '\0' && name[f->len] != '.')
		return false;
	*path = name[f->len] ? name + f->len + 1 : "";
	return true;
}

static const struct node *scope_ref(const struct evaluator *ev, const char *name)
{
	return ev->scope->ref ? ev->scope->ref(ev->scope->ctx, name) : NULL;
}

/* By the longest beginning of the path that the scope knows. */
static enum known resolve_path(const struct evaluator *ev, const char *name,
			       const struct node **value)
{
	char prefix[MAX_NAME];
	size_t len = strlen(name);

	/* "Bucket.Arn" is an attribute of what Ref knows, not a path into it. */
	if (len >= sizeof(prefix) || !islower((unsigned char)name[0]))
		return UNKNOWN;
	memcpy(prefix, name, len + 1);
	for (char *dot; (dot = strrchr(prefix, '.')) != NULL;) {
		const struct node *known;

		*dot = '\0';
		known = scope_ref(ev, prefix);
		if (!known)
			continue;
		*value = node_at(known, name + (dot - prefix) + 1);
		return *value ? KNOWN : MISSING;
	}
	return UNKNOWN;
}

enum known name_resolve(const struct evaluator *ev, const char *name,
			const struct node **value)
{
	const char *path;

	for (const struct frame *f = ev->frames; f; f = f->outer) {
		if (!is_path_of(f, name, &path))
			continue;
		*value = f->value;
		if (!f->value)
			return OPAQUE;
		if (*path)
			*value = node_at(f->value, path);
		if (!*value && f->key && str_eq(path, "key"))
			*value = eval_text((struct evaluator *)ev, f->value->pos, f->key,
					   strlen(f->key));
		return *value ? KNOWN : MISSING;
	}
	*value = scope_ref(ev, name);
	return *value ? KNOWN : resolve_path(ev, name, value);
}

static void add_keys(struct strs *names, const struct node *map)
{
	if (!map || map->kind != NODE_MAPPING)
		return;
	for (size_t i = 0; i < map->map.n && names->n < 2000; i++)
		strs_add(names, map->map.v[i].key->scalar.text);
}

static const char *hint_of(struct evaluator *ev, const char *prefix, int len,
			   const char *name, const struct strs *names)
{
	const char *near = str_nearest(name, (const char *const *)names->v, names->n);

	return near ? arena_printf(ev->a, "did you mean '%.*s%s'?", len, prefix, near)
		    : NULL;
}

const char *name_hint(struct evaluator *ev, const char *name)
{
	FP_AUTO(strs_release) struct strs names = STRS_INIT;
	const char *dot = strrchr(name, '.');
	const struct node *parent = NULL;

	if (dot) {
		FP_AUTO(freep) char *path = xstrndup(name, (size_t)(dot - name));

		if (name_resolve(ev, path, &parent) == KNOWN) {
			add_keys(&names, parent);
			return hint_of(ev, name, (int)(dot - name) + 1, dot + 1, &names);
		}
	}
	for (const struct frame *f = ev->frames; f; f = f->outer)
		strs_add_owned(&names, xstrndup(f->var, f->len));
	add_keys(&names, node_get(ev->tmpl, "Parameters"));
	add_keys(&names, node_get(ev->tmpl, "Resources"));
	return hint_of(ev, "", 0, name, &names);
}

struct node *name_unresolved(struct evaluator *ev, struct fp_pos pos, const char *name)
{
	return ev_fail(ev, pos, name_hint(ev, name), "unresolved reference '%s'", name);
}

/* What a loop's variable reads as in a text. A map is named by its name or id. */
static const struct node *text_value(const struct node *value, const char *name)
{
	const struct node *inner;

	if (value->kind != NODE_MAPPING || value->tag || strchr(name, '.'))
		return value;
	inner = node_get(value, "name");
	return inner						? inner
	       : str_or(node_text(node_get(value, "id")), NULL) ? node_get(value, "id")
								: value;
}

static bool put_value(struct evaluator *ev, struct fp_pos pos, struct buf *out,
		      const char *name, const struct node *value, bool letters_only)
{
	value = text_value(value, name);
	if (value->kind != NODE_SCALAR || value->tag || node_is_null(value)) {
		ev_fail(ev, pos, NULL, "'%s' is a %s: it cannot be put into a text", name,
			node_kind_name(value));
		return false;
	}
	for (const char *s = value->scalar.text; *s; s++)
		if (!letters_only || (*s >= '0' && *s <= '9') ||
		    (*s >= 'A' && *s <= 'Z') || (*s >= 'a' && *s <= 'z'))
			buf_putc(out, *s);
	return true;
}

static bool is_loop_name(const struct evaluator *ev, const char *name)
{
	const char *path;

	for (const struct frame *f = ev->frames; f; f = f->outer)
		if (is_path_of(f, name, &path))
			return true;
	return false;
}

/* Put the value of ${name}, or the placeholder when it is not ours to replace. */
static bool expand_one(struct evaluator *ev, struct fp_pos pos, struct buf *out,
		       char sign, const char *text, size_t len, bool paths)
{
	FP_AUTO(freep) char *name = xstrndup(text, len);
	const struct node *value;
	bool loop = is_loop_name(ev, name);
	bool path = paths && name[0] >= 'a' && name[0] <= 'z' && strchr(name, '.');
	enum known known = loop || path ? name_resolve(ev, name, &value) : UNKNOWN;

	if (known == MISSING) {
		name_unresolved(ev, pos, name);
		return false;
	}
	if (known == KNOWN)
		return put_value(ev, pos, out, name, value, sign == '&');
	buf_printf(out, "%c{%s}", sign, name);
	return true;
}

/* The end of "${name}" at s, or NULL; the innermost one of nested ones. */
static const char *placeholder_end(const char *s, const char *end)
{
	if (end - s < 4 || (s[0] != '$' && s[0] != '&') || s[1] != '{' || s[2] == '!')
		return NULL;
	for (s += 2; s < end; s++) {
		if (*s == '}')
			return s;
		if (*s == '{')
			return NULL;
	}
	return NULL;
}

const char *name_expand(struct evaluator *ev, struct fp_pos pos, const char *text,
			size_t len, bool paths)
{
	FP_AUTO(buf_release) struct buf out = BUF_INIT;
	const char *end = text + len, *s = text, *close;
	bool found = false;

	if (!memchr(text, '{', len))
		return text;
	while (s < end) {
		close = placeholder_end(s, end);
		if (!close) {
			buf_putc(&out, *s++);
			continue;
		}
		if (!expand_one(ev, pos, &out, *s, s + 2, (size_t)(close - s) - 2, paths))
			return NULL;
		found = true;
		s = close + 1;
	}
	if (!found || (out.len == len && memcmp(out.data, text, len) == 0))
		return text;
	return arena_strndup(ev->a, out.data, out.len);
}

const char *name_arg(struct evaluator *ev, const struct node *arg, const char *what)
{
	if (arg->kind == NODE_SCALAR)
		return name_expand(ev, arg->pos, arg->scalar.text, arg->scalar.len, true);
	ev_fail(ev, arg->pos, NULL, "%s takes a name, not a %s", what,
		node_kind_name(arg));
	return NULL;
}
