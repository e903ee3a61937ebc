/* Join, Select, Split, Length, FindInMap. */
#include "base/str.h"
#include "cfn/evaluator.h"

/* The text of a known scalar, or NULL after a finding. */
static const char *text_of(struct evaluator *ev, const struct node *n, const char *what)
{
	if (n->kind == NODE_SCALAR && !n->tag && !node_is_null(n))
		return n->scalar.text;
	ev_fail(ev, n->pos, NULL, "%s takes a text, not a %s", what, node_kind_name(n));
	return NULL;
}

static void flush(struct evaluator *ev, struct node *out, struct buf *run,
		  struct fp_pos pos, bool *open)
{
	if (*open)
		node_push(ev->a, out, eval_text(ev, pos, buf_str(run), run->len));
	buf_clear(run);
	*open = false;
}

/* The items with known neighbours joined to one; NULL after a finding. */
static struct node *join_neighbours(struct evaluator *ev, const char *by,
				    struct node *list)
{
	FP_AUTO(buf_release) struct buf run = BUF_INIT;
	struct node *out = node_sequence(ev->a);
	struct fp_pos pos = list->pos;
	bool open = false;

	out->pos = list->pos;
	for (size_t i = 0; i < list->seq.n; i++) {
		struct node *item = list->seq.v[i];
		const char *text;

		if (!is_known(item)) {
			flush(ev, out, &run, pos, &open);
			node_push(ev->a, out, item);
			continue;
		}
		text = text_of(ev, item, "Fn::Join");
		if (!text)
			return NULL;
		if (open)
			buf_puts(&run, by);
		else
			pos = item->pos;
		buf_add(&run, text, item->scalar.len);
		open = true;
	}
	flush(ev, out, &run, pos, &open);
	return out;
}

/* Whether it is not known how many items a list will have. */
static bool is_open_list(const struct node *list)
{
	struct call c;

	if (call_of(list, &c) != CALL_NONE)
		return true;
	for (size_t i = 0; list->kind == NODE_SEQUENCE && i < list->seq.n; i++)
		if (is_foreach_item(list->seq.v[i]))
			return true;
	return false;
}

struct node *call_join(struct evaluator *ev, const struct call *c)
{
	struct node *args = eval_args(ev, c, 2, 2), *list;
	const char *by;

	if (!args)
		return NULL;
	list = args->seq.v[1];
	if (!is_known(args->seq.v[0]) || is_open_list(list))
		return eval_unknown(ev, c, args);
	by = text_of(ev, args->seq.v[0], "Fn::Join");
	if (!by)
		return NULL;
	if (list->kind != NODE_SEQUENCE)
		return ev_fail(ev, list->pos, NULL, "Fn::Join takes a list, not a %s",
			       node_kind_name(list));
	list = join_neighbours(ev, by, list);
	if (!list)
		return NULL;
	if (list->seq.n == 0)
		return eval_text(ev, c->node->pos, "", 0);
	if (list->seq.n == 1) {
		if (!is_known(list->seq.v[0]))
			return list->seq.v[0];
		list->seq.v[0]->pos = c->node->pos;
		return list->seq.v[0];
	}
	args->seq.v[1] = list;
	return eval_unknown(ev, c, args);
}

struct node *call_select(struct evaluator *ev, const struct call *c)
{
	struct node *args = eval_args(ev, c, 2, 2), *list;
	int64_t i;

	if (!args)
		return NULL;
	list = args->seq.v[1];
	if (!is_known(args->seq.v[0]) || is_open_list(list))
		return eval_unknown(ev, c, args);
	if (!node_as_int(args->seq.v[0], &i))
		return ev_fail(ev, args->seq.v[0]->pos, NULL,
			       "Fn::Select takes the item's number first, from 0");
	if (list->kind != NODE_SEQUENCE)
		return ev_fail(ev, list->pos, NULL, "Fn::Select takes a list, not a %s",
			       node_kind_name(list));
	if (i < 0 || (size_t)i >= list->seq.n)
		return ev_fail(ev, c->node->pos, NULL,
			       "Fn::Select asks for item %lld of a list of %zu",
			       (long long)i, list->seq.n);
	return list->seq.v[i];
}

struct node *call_split(struct evaluator *ev, const struct call *c)
{
	struct node *args = eval_args(ev, c, 2, 2), *out;
	const char *by, *text, *at;

	if (!args)
		return NULL;
	if (!is_known(args))
		return eval_unknown(ev, c, args);
	by = text_of(ev, args->seq.v[0], "Fn::Split");
	text = by ? text_of(ev, args->seq.v[1], "Fn::Split") : NULL;
	if (!text)
		return NULL;
	if (!*by)
		return ev_fail(ev, c->node->pos, NULL,
			       "Fn::Split takes a delimiter that is not empty");
	out = node_sequence(ev->a);
	out->pos = c->node->pos;
	for (; (at = strstr(text, by)) != NULL; text = at + strlen(by))
		node_push(ev->a, out,
			  eval_text(ev, c->node->pos, text, (size_t)(at - text)));
	node_push(ev->a, out, eval_text(ev, c->node->pos, text, strlen(text)));
	return out;
}

struct node *call_length(struct evaluator *ev, const struct call *c)
{
	struct node *list = eval_arg(ev, c), *out;

	if (!list)
		return NULL;
	if (is_open_list(list))
		return eval_unknown(ev, c, list);
	if (list->kind == NODE_SCALAR)
		return ev_fail(ev, c->node->pos, NULL,
			       "Fn::Length takes a list, not a %s", node_kind_name(list));
	out = node_int(ev->a, (int64_t)(list->kind == NODE_SEQUENCE ? list->seq.n
								    : list->map.n));
	out->pos = c->node->pos;
	return out;
}

static const char *near_key(struct evaluator *ev, const struct node *map,
			    const char *name)
{
	FP_AUTO(strs_release) struct strs names = STRS_INIT;
	const char *near;

	for (size_t i = 0; map && map->kind == NODE_MAPPING && i < map->map.n; i++)
		strs_add(&names, map->map.v[i].key->scalar.text);
	near = str_nearest(name, (const char *const *)names.v, names.n);
	return near ? arena_printf(ev->a, "did you mean '%s'?", near) : NULL;
}

/* A macro may still give what is not there. */
static bool is_open_map(const struct evaluator *ev, const struct node *map)
{
	const struct node *transform = node_get(ev->tmpl, "Transform");

	return node_get(map, "Fn::Transform") || node_get(ev->tmpl, "Fn::Transform") ||
	       (transform && !node_is(transform, "AWS::LanguageExtensions"));
}

static struct node *find_in_map(struct evaluator *ev, const struct call *c,
				struct node *args, struct node *fallback)
{
	const struct node *at = ev->mappings;
	char path[512] = "";

	for (size_t i = 0; i < 3; i++) {
		const char *key = text_of(ev, args->seq.v[i], "Fn::FindInMap");
		const struct node *inner = key ? node_get(at, key) : NULL;

		if (!key)
			return NULL;
		if (!inner && is_open_map(ev, at) && !ev->scope->complete)
			return eval_unknown(ev, c, args);
		if (!inner && fallback)
			return fallback;
		if (!inner)
			return ev_fail(ev, args->seq.v[i]->pos, near_key(ev, at, key),
				       i ? "the mapping '%s' has no '%s'"
					 : "no mapping%s is named '%s'",
				       path, key);
		snprintf(path + strlen(path), sizeof(path) - strlen(path), "%s%s",
			 i ? "." : "", key);
		at = inner;
	}
	return (struct node *)at;
}

/* The fourth argument's DefaultValue, evaluated; *ok is false after a finding. */
static struct node *default_value(struct evaluator *ev, const struct call *c,
				  const struct node *args, bool *ok)
{
	*ok = true;
	if (args->seq.n < 4)
		return NULL;
	if (node_get(args->seq.v[3], "DefaultValue"))
		return node_get(args->seq.v[3], "DefaultValue");
	if (node_get(c->arg->seq.v[3], "DefaultValue"))
		return NO_VALUE;
	*ok = false;
	return ev_fail(ev, args->seq.v[3]->pos, NULL,
		       "Fn::FindInMap takes {DefaultValue: ...} as its fourth argument");
}

struct node *call_find_in_map(struct evaluator *ev, const struct call *c)
{
	struct node *args = eval_args(ev, c, 3, 4), *fallback;
	bool ok;

	if (!args)
		return NULL;
	fallback = default_value(ev, c, args, &ok);
	if (!ok)
		return NULL;
	for (size_t i = 0; i < 3; i++)
		if (!is_known(args->seq.v[i]))
			return eval_unknown(ev, c, args);
	return find_in_map(ev, c, args, fallback);
}
