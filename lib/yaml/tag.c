/* CloudFormation's short forms and the functions that they are short for. */
#include "base/str.h"
#include "yaml/node.h"

void node_tag_function(struct buf *out, const char *tag)
{
	const char *name = tag[0] == '!' ? tag + 1 : tag;

	if (!str_eq(name, "Ref") && !str_eq(name, "Condition") &&
	    !str_starts(name, "Fn::"))
		buf_puts(out, "Fn::");
	buf_puts(out, name);
}

static struct node *split_attribute(struct arena *a, const struct node *n)
{
	const char *dot = strchr(n->scalar.text, '.');
	struct node *list = node_sequence(a);
	struct node *id, *attribute;

	id = node_string_n(a, n->scalar.text, (size_t)(dot - n->scalar.text));
	attribute = node_string(a, dot + 1);
	list->pos = id->pos = attribute->pos = n->pos;
	node_push(a, list, id);
	node_push(a, list, attribute);
	return list;
}

const struct node *node_long_form(struct arena *a, const struct node *n)
{
	FP_AUTO(buf_release) struct buf name = BUF_INIT;
	struct node *map, *key, *arg;

	if (!n || !n->tag)
		return n;
	node_tag_function(&name, n->tag);
	if (str_eq(n->tag, "!GetAtt") && n->kind == NODE_SCALAR &&
	    strchr(n->scalar.text, '.')) {
		arg = split_attribute(a, n);
	} else {
		arg = node_shallow(a, n);
		arg->tag = NULL;
	}
	map = node_mapping(a);
	key = node_string(a, name.data);
	map->pos = key->pos = n->pos;
	node_put_node(a, map, key, arg);
	return map;
}
