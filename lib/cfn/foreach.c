/*
 * Fn::ForEach::Name: [variable, list, body].
 * Source: CloudFormation User Guide, "Fn::ForEach".
 */
#include "base/str.h"
#include "cfn/evaluator.h"

/* A round that fails is the last: the next ones would fail alike. */
struct loop {
	const struct node *node; /* where it stands */
	const struct node *variable, *body;
	struct node *over;
	bool known;
};

static bool is_identifier(const struct node *n)
{
	const char *s = node_text(n);

	if (!s || n->tag || !*s || (*s >= '0' && *s <= '9'))
		return false;
	for (; *s; s++)
		if (!(*s >= '0' && *s <= '9') && !(*s >= 'A' && *s <= 'Z') &&
		    !(*s >= 'a' && *s <= 'z'))
			return false;
	return true;
}

static bool loop_fails(struct evaluator *ev, const struct node *at, const char *why)
{
	ev_fail(ev, at->pos, NULL, "Fn::ForEach %s", why);
	return false;
}

/* Read `value`, the loop's three parts, and evaluate what it runs over. */
static bool loop_open(struct evaluator *ev, const struct node *value, struct loop *loop)
{
	struct call c;

	if (value->kind != NODE_SEQUENCE || value->tag || value->seq.n != 3)
		return loop_fails(ev, value,
				  "takes a list of 3: variable, list and body");
	*loop = (struct loop){ .node = value,
			       .variable = value->seq.v[0],
			       .body = value->seq.v[2] };
	if (!is_identifier(loop->variable))
		return loop_fails(ev, loop->variable,
				  "takes a variable of letters and digits first");
	loop->over = eval_node(ev, value->seq.v[1]);
	if (!loop->over)
		return false;
	if (loop->over == NO_VALUE) {
		loop->over = node_sequence(ev->a);
		loop->over->pos = value->seq.v[1]->pos;
	}
	loop->known = call_of(loop->over, &c) == CALL_NONE;
	for (size_t i = 0;
	     loop->known && loop->over->kind == NODE_SEQUENCE && i < loop->over->seq.n;
	     i++)
		loop->known = call_of(loop->over->seq.v[i], &c) == CALL_NONE;
	if (!loop->known && ev->scope->complete)
		return loop_fails(ev, loop->over,
				  "runs over a list that is not known here");
	if (loop->known && loop->over->kind == NODE_SCALAR)
		return loop_fails(ev, loop->over,
				  "runs over a list or a map, not a text");
	return true;
}

static struct frame *frame_new(struct evaluator *ev, const struct loop *loop,
			       const struct frame *outer)
{
	struct frame *f = arena_alloc(ev->a, sizeof(*f));

	f->var = loop->variable->scalar.text;
	f->len = loop->variable->scalar.len;
	f->outer = outer;
	return f;
}

static size_t loop_rounds(const struct loop *loop)
{
	return loop->over->kind == NODE_SEQUENCE ? loop->over->seq.n : loop->over->map.n;
}

/* The frame of round i: a new one, since conditions remember theirs. */
static struct frame *loop_round(struct evaluator *ev, const struct loop *loop,
				const struct frame *outer, size_t i)
{
	struct frame *f = frame_new(ev, loop, outer);

	if (loop->over->kind == NODE_SEQUENCE) {
		f->value = loop->over->seq.v[i];
	} else {
		f->key = loop->over->map.v[i].key->scalar.text;
		f->value = loop->over->map.v[i].value;
	}
	return f;
}

/* The loop as it is, with what is known inside folded. */
static struct node *loop_keep(struct evaluator *ev, const struct loop *loop)
{
	const struct frame *outer = ev->frames;
	struct node *out = node_sequence(ev->a), *body;

	ev->frames = frame_new(ev, loop, outer);
	body = eval_node(ev, loop->body);
	ev->frames = outer;
	if (!body || body == NO_VALUE)
		return NULL;
	out->pos = loop->node->pos;
	node_push(ev->a, out, (struct node *)loop->variable);
	node_push(ev->a, out, loop->over);
	node_push(ev->a, out, body);
	return out;
}

static const char *loop_key(struct evaluator *ev, const struct node *key)
{
	return name_expand(ev, key->pos, key->scalar.text, key->scalar.len, true);
}

static bool unroll_entry(struct evaluator *ev, const struct node_pair *p, entry_fn *fn,
			 void *ctx)
{
	const struct frame *outer = ev->frames;
	struct loop loop;
	bool ok = true;

	if (!eval_within_limits(ev, p->value) || !loop_open(ev, p->value, &loop))
		return false;
	if (!loop.known) {
		struct node *kept = loop_keep(ev, &loop);
		const char *key = loop_key(ev, p->key);

		return kept && key &&
		       fn(ev, eval_text(ev, p->key->pos, key, strlen(key)), kept, true,
			  ctx);
	}
	if (loop.body->kind != NODE_MAPPING || loop.body->tag)
		return loop_fails(ev, loop.body, "among keys takes a map as its body");
	ev->depth++;
	for (size_t i = 0; ok && i < loop_rounds(&loop); i++) {
		ev->frames = loop_round(ev, &loop, outer, i);
		ok = each_entry(ev, loop.body, fn, ctx);
	}
	ev->depth--;
	ev->frames = outer;
	return ok;
}

bool each_entry(struct evaluator *ev, const struct node *map, entry_fn *fn, void *ctx)
{
	bool ok = true;

	for (size_t i = 0; i < map->map.n; i++) {
		const struct node_pair *p = &map->map.v[i];
		struct node *key = p->key;
		const char *text;

		if (is_foreach_key(key->scalar.text)) {
			ok &= unroll_entry(ev, p, fn, ctx);
			continue;
		}
		text = loop_key(ev, key);
		if (text && text != key->scalar.text)
			key = eval_text(ev, key->pos, text, strlen(text));
		ok &= text && fn(ev, key, p->value, false, ctx);
	}
	return ok;
}

static void splice_value(struct evaluator *ev, struct node *value, struct node *seq)
{
	if (value->kind != NODE_SEQUENCE || value->tag) {
		node_push(ev->a, seq, value);
		return;
	}
	for (size_t i = 0; i < value->seq.n; i++)
		node_push(ev->a, seq, value->seq.v[i]);
}

bool splice_items(struct evaluator *ev, const struct node *item, struct node *seq)
{
	const struct frame *outer = ev->frames;
	struct loop loop;
	bool ok = true;

	if (!eval_within_limits(ev, item) || !loop_open(ev, item->map.v[0].value, &loop))
		return false;
	if (!loop.known) {
		struct node *kept = loop_keep(ev, &loop), *map;

		if (!kept)
			return false;
		map = node_mapping(ev->a);
		map->pos = item->pos;
		node_put_node(ev->a, map, item->map.v[0].key, kept);
		node_push(ev->a, seq, map);
		return true;
	}
	for (size_t i = 0; ok && i < loop_rounds(&loop); i++) {
		struct node *value;

		ev->frames = loop_round(ev, &loop, outer, i);
		value = eval_node(ev, loop.body);
		if (value && value != NO_VALUE)
			splice_value(ev, value, seq);
		ok = value != NULL;
	}
	ev->frames = outer;
	return ok;
}
