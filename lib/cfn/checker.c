#include "cfn/checker.h"

#include <stdarg.h>

#define MAX_SHOWN 8   /* names in "one of: a, b" */
#define MAX_NEAR  200 /* findings: behind them nobody reads what may be meant */

FP_PRINTF(5, 0)
static void fail(const struct checker *c, const struct step *at, struct fp_pos pos,
		 const char *hint, const char *fmt, va_list args)
{
	FP_AUTO(buf_release) struct buf path = BUF_INIT;
	FP_AUTO(freep) char *message = NULL;

	if (vasprintf(&message, fmt, args) < 0)
		fp_die("out of memory");
	path_put(&path, at);
	diags_add(c->diags, pos, hint, "%s%s%s", buf_str(&path), at ? ": " : "", message);
}

void check_fail(const struct checker *c, const struct step *at, struct fp_pos pos,
		const char *hint, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fail(c, at, pos, hint, fmt, args);
	va_end(args);
}

static char *hint_of(const char *name, const char *const *names, size_t n)
{
	const char *near = str_nearest(name, names, n);
	struct buf out = BUF_INIT;

	if (near)
		return xasprintf("did you mean '%s'?", near);
	if (!n || n > MAX_SHOWN)
		return NULL;
	buf_puts(&out, n > 1 ? "one of: " : "it is ");
	for (size_t i = 0; i < n; i++)
		buf_printf(&out, "%s%s", i ? ", " : "", names[i]);
	return buf_detach(&out);
}

void check_fail_near(const struct checker *c, const struct step *at, struct fp_pos pos,
		     const char *name, const char *const *names, size_t n,
		     const char *fmt, ...)
{
	FP_AUTO(freep) char *hint = hint_of(name, names, n);
	va_list args;

	va_start(args, fmt);
	fail(c, at, pos, hint, fmt, args);
	va_end(args);
}

static void add_keys(struct strs *names, const struct node *map)
{
	for (size_t i = 0; map && map->kind == NODE_MAPPING && i < map->map.n; i++)
		strs_add(names, map->map.v[i].key->scalar.text);
}

void check_fail_near_key(const struct checker *c, const struct step *at,
			 struct fp_pos pos, const char *name, const struct node *a,
			 const struct node *b, const char *what)
{
	FP_AUTO(strs_release) struct strs names = STRS_INIT;
	FP_AUTO(freep) char *hint = NULL;
	const char *near;

	if (c->diags->n < MAX_NEAR) {
		add_keys(&names, a);
		add_keys(&names, b);
	}
	near = str_nearest(name, (const char *const *)names.v, names.n);
	if (near)
		hint = xasprintf("did you mean '%s'?", near);
	check_fail(c, at, pos, hint, "%s '%s'", what, name);
}

bool check_is_listed(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(names[i], name))
			return true;
	return false;
}

bool check_is_dynamic(const struct node *value)
{
	return value->kind == NODE_SCALAR &&
	       memchr(value->scalar.text, '{', value->scalar.len) &&
	       strstr(value->scalar.text, "{{resolve:");
}

bool check_is_function(const struct node *value)
{
	struct call call;

	return call_of(value, &call) != CALL_NONE || is_foreach_item(value) ||
	       check_is_dynamic(value);
}

bool check_is_macro_key(const char *key)
{
	return is_foreach_key(key) || str_eq(key, "Fn::Transform");
}

bool check_has_macro(const struct node *map)
{
	for (size_t i = 0; map && i < map->map.n; i++)
		if (check_is_macro_key(map->map.v[i].key->scalar.text))
			return true;
	return false;
}

size_t check_length(const struct node *text)
{
	size_t n = 0;

	for (size_t i = 0; i < text->scalar.len; n++) {
		size_t k = str_utf8_len(text->scalar.text + i, text->scalar.len - i);

		i += k ? k : 1;
	}
	return n;
}

const struct node *check_map(const struct checker *c, const struct step *at,
			     const struct node *value)
{
	if (!value || (value->kind == NODE_MAPPING && !value->tag))
		return value;
	check_fail(c, at, value->pos, NULL, "must be a map, not a %s",
		   node_kind_name(value));
	return NULL;
}
