#include "graph/graph.h"

/* Shapes by kind: what stands before and behind the text. */
static const char *const shapes[GRAPH_KINDS][2] = {
	[GRAPH_BUCKET] = { "[(\"", "\")]" },	   [GRAPH_QUEUE] = { "[[\"", "\"]]" },
	[GRAPH_PROCESSOR] = { "[\"", "\"]" },	   [GRAPH_TOPIC] = { "([\"", "\"])" },
	[GRAPH_DEAD_LETTERS] = { "[[\"", "\"]]" }, [GRAPH_SUBSCRIBER] = { "(\"", "\")" },
	[GRAPH_MONITORING] = { "{{\"", "\"}}" },   [GRAPH_SOURCE] = { "(\"", "\")" },
	[GRAPH_PIPELINE] = { "[\"", "\"]" },	   [GRAPH_STACK] = { "[\"", "\"]" },
};

#define JOINER "\xe2\x81\xa0" /* without width, and no part of an address */

/* Mermaid reads texts as Markdown and refuses links; these are where they begin. */
static bool is_link(const char *s)
{
	return *s == '@' || strncmp(s, "://", 3) == 0 || strncmp(s, "](", 2) == 0 ||
	       strncasecmp(s, "w.", 2) == 0;
}

/*
 * Letters, digits and what is harmless in a quoted text stay; the rest becomes a
 * character's number, as Mermaid writes it: #35; for the number sign.
 */
static void put_escaped(struct buf *out, const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c < ' ' || c == 0x7f)
			continue;
		if (strchr("\"#<>&`\\%;{}[]()|*_~$", c))
			buf_printf(out, "#%d;", c);
		else
			buf_putc(out, (char)c);
		if (is_link(s))
			buf_puts(out, JOINER);
	}
}

static void put_part(struct buf *out, const struct graph_part *p, size_t first)
{
	for (size_t i = 0; i < p->nnodes; i++) {
		const struct graph_node *n = &p->nodes[i];

		buf_printf(out, "  n%zu%s%s<br>", first + i, shapes[n->kind][0],
			   graph_kind_name(n->kind));
		put_escaped(out, n->name);
		for (size_t k = 0; k < GRAPH_DETAILS && n->details[k]; k++) {
			buf_puts(out, "<br>");
			put_escaped(out, n->details[k]);
		}
		buf_printf(out, "%s\n", shapes[n->kind][1]);
	}
	for (size_t i = 0; i < p->nedges; i++)
		buf_printf(out, "  n%zu %s n%zu\n", first + p->edges[i].from,
			   p->edges[i].failure ? "-.->" : "-->", first + p->edges[i].to);
}

void graph_mermaid(struct buf *out, const struct graph *g)
{
	buf_puts(out, "flowchart LR\n");
	put_part(out, &g->files, 0);
	put_part(out, &g->stacks, g->files.nnodes);
}
