#include "base/str.h"
#include "graph/graph.h"

static const char *const colours[GRAPH_KINDS] = {
	[GRAPH_BUCKET] = "#2da44e",	  [GRAPH_QUEUE] = "#bf3989",
	[GRAPH_PROCESSOR] = "#e16f24",	  [GRAPH_TOPIC] = "#8250df",
	[GRAPH_DEAD_LETTERS] = "#cf222e", [GRAPH_SUBSCRIBER] = "#0969da",
	[GRAPH_MONITORING] = "#d4a72c",	  [GRAPH_SOURCE] = "#0969da",
	[GRAPH_PIPELINE] = "#0a9396",	  [GRAPH_STACK] = "#6e7781",
};

/* Within quotes; a backslash would be an escape such as \N, the node's name. */
static void put_escaped(struct buf *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			buf_putc(out, '\\');
		if ((unsigned char)*s >= ' ' && *s != 0x7f)
			buf_putc(out, *s);
	}
}

static void put_part(struct buf *out, const struct graph_part *p, size_t first)
{
	for (size_t i = 0; i < p->nnodes; i++) {
		const struct graph_node *n = &p->nodes[i];

		buf_printf(out, "  n%zu [color=\"%s\", label=\"%s\\n", first + i,
			   colours[n->kind], graph_kind_name(n->kind));
		put_escaped(out, n->name);
		for (size_t k = 0; k < GRAPH_DETAILS && n->details[k]; k++) {
			buf_puts(out, "\\n");
			put_escaped(out, n->details[k]);
		}
		buf_puts(out, "\"];\n");
	}
	for (size_t i = 0; i < p->nedges; i++)
		buf_printf(out, "  n%zu -> n%zu%s;\n", first + p->edges[i].from,
			   first + p->edges[i].to,
			   p->edges[i].failure ? " [style=dashed, color=\"#cf222e\"]"
					       : "");
}

void graph_dot(struct buf *out, const struct graph *g)
{
	buf_puts(out, "digraph \"");
	put_escaped(out, g->title);
	buf_puts(out, "\" {\n"
		      "  rankdir=LR;\n"
		      "  node [shape=box, style=rounded, fontname=\"sans-serif\", "
		      "fontsize=11, penwidth=1.5];\n"
		      "  edge [color=\"#818b98\", arrowsize=0.7];\n");
	put_part(out, &g->files, 0);
	put_part(out, &g->stacks, g->files.nnodes);
	buf_puts(out, "}\n");
}
