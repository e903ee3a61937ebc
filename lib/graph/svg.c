#include "graph/graph.h"
#include "graph/layout.h"
#include "graph/text.h"

#define MARGIN	   24.0
#define COLUMN_GAP 52.0
#define ROW_GAP	   18.0
#define PART_GAP   30.0 /* between the parts, the title of the lower one below it */
#define TITLE	   22.0

/* Inside a box: the mark of its kind, then three sizes of text. */
#define PADDING	    10.0
#define TEXT_LEFT   22.0
#define KIND_SIZE   10.0
#define NAME_SIZE   14.0
#define DETAIL_SIZE 11.0
#define KIND_LINE   13.0
#define NAME_LINE   18.0
#define DETAIL_LINE 15.0

/* Classes of the kinds, which the style below colours. */
static const char *const classes[GRAPH_KINDS] = {
	[GRAPH_BUCKET] = "bucket",	[GRAPH_QUEUE] = "queue",
	[GRAPH_PROCESSOR] = "function", [GRAPH_TOPIC] = "topic",
	[GRAPH_DEAD_LETTERS] = "dead",	[GRAPH_SUBSCRIBER] = "people",
	[GRAPH_MONITORING] = "watch",	[GRAPH_SOURCE] = "people",
	[GRAPH_PIPELINE] = "pipeline",	[GRAPH_STACK] = "stack",
};

static const char style[] =
	"<style>\n"
	"text{font-family:system-ui,-apple-system,\"Segoe UI\",\"Noto Sans\",Helvetica,"
	"Arial,sans-serif;fill:#1f2328}\n"
	".page{fill:#ffffff}\n"
	".box{fill:#f6f8fa;stroke:#d1d9e0}\n"
	".name{font-size:14px;font-weight:600}\n"
	".kind{font-size:10px;fill:#59636e}\n"
	".detail{font-size:11px;fill:#59636e}\n"
	".title{font-size:12px;font-weight:600;fill:#59636e}\n"
	".way{fill:none;stroke:#818b98;stroke-width:1.5}\n"
	".failure{stroke:#cf222e;stroke-dasharray:5 4}\n"
	".tip{fill:#818b98}\n"
	".failure-tip{fill:#cf222e}\n"
	".bucket{fill:#2da44e}.queue{fill:#bf3989}.function{fill:#e16f24}\n"
	".topic{fill:#8250df}.dead{fill:#cf222e}.people{fill:#0969da}\n"
	".watch{fill:#d4a72c}.pipeline{fill:#0a9396}.stack{fill:#6e7781}\n"
	"@media (prefers-color-scheme:dark){\n"
	"text{fill:#f0f6fc}\n"
	".page{fill:#0d1117}\n"
	".box{fill:#151b23;stroke:#3d444d}\n"
	".kind,.detail,.title{fill:#9198a1}\n"
	".way{stroke:#7d8590}\n"
	".failure{stroke:#f85149}\n"
	".tip{fill:#7d8590}\n"
	".failure-tip{fill:#f85149}\n"
	"}\n"
	"</style>\n";

static size_t detail_count(const struct graph_node *n)
{
	size_t i = 0;

	while (i < GRAPH_DETAILS && n->details[i])
		i++;
	return i;
}

static void measure(struct layout_box *box, const struct graph_node *n)
{
	double widest = text_width(graph_kind_name(n->kind), KIND_SIZE, false);
	double name = text_width(n->name, NAME_SIZE, true);

	widest = FP_MAX(widest, name);
	for (size_t i = 0; i < detail_count(n); i++) {
		double detail = text_width(n->details[i], DETAIL_SIZE, false);

		widest = FP_MAX(widest, detail);
	}
	box->rank = n->rank;
	box->width = TEXT_LEFT + widest + PADDING;
	box->height = 2 * PADDING + KIND_LINE + NAME_LINE +
		      DETAIL_LINE * (double)detail_count(n);
}

static void lay_out(struct layout *l, struct arena *a, const struct graph_part *p)
{
	*l = (struct layout){ .nboxes = p->nnodes,
			      .nedges = p->nedges,
			      .column_gap = COLUMN_GAP,
			      .row_gap = ROW_GAP };
	l->boxes = arena_array(a, p->nnodes + 1, sizeof(*l->boxes));
	l->edges = arena_array(a, p->nedges + 1, sizeof(*l->edges));
	for (size_t i = 0; i < p->nnodes; i++)
		measure(&l->boxes[i], &p->nodes[i]);
	for (size_t i = 0; i < p->nedges; i++)
		l->edges[i] = (struct layout_edge){ .from = p->edges[i].from,
						    .to = p->edges[i].to };
	layout_run(l, a);
}

static void put_text(struct buf *out, const char *class, double x, double y,
		     const char *text)
{
	buf_printf(out, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">", class, x, y);
	text_xml(out, text, TEXT_SHOWN);
	buf_puts(out, "</text>\n");
}

static void put_box(struct buf *out, const struct layout_box *b,
		    const struct graph_node *n)
{
	double x = b->x + TEXT_LEFT, y = b->y + PADDING + KIND_SIZE - 1;

	/* Browsers show the title of a group, here the whole name, under the mouse. */
	buf_puts(out, "<g><title>");
	text_xml(out, n->name, SIZE_MAX);
	buf_printf(out,
		   "</title>\n"
		   "<rect class=\"box\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
		   "height=\"%.1f\" rx=\"9\"/>\n"
		   "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"4\" height=\"%.1f\" "
		   "rx=\"2\"/>\n",
		   b->x, b->y, b->width, b->height, classes[n->kind], b->x + PADDING - 1,
		   b->y + PADDING, b->height - 2 * PADDING);
	put_text(out, "kind", x, y, graph_kind_name(n->kind));
	y += NAME_LINE;
	put_text(out, "name", x, y, n->name);
	for (size_t i = 0; i < detail_count(n); i++)
		put_text(out, "detail", x, y + DETAIL_LINE * (double)(i + 1) + 1,
			 n->details[i]);
	buf_puts(out, "</g>\n");
}

/* Level at both ends, straight through the columns between. */
static void put_way(struct buf *out, const struct layout_edge *e, bool failure)
{
	const struct layout_point *p = e->points;

	buf_printf(out, "<path class=\"way%s\" marker-end=\"url(#%s)\" d=\"M%.1f %.1f",
		   failure ? " failure" : "", failure ? "failure-tip" : "tip", p[0].x,
		   p[0].y);
	for (size_t i = 1; i < e->npoints; i += 2) {
		double middle = (p[i - 1].x + p[i].x) / 2;
		/* The tip is drawn behind the way's end. */
		double end = p[i].x - (i + 1 == e->npoints ? 7 : 0);

		buf_printf(out, "C%.1f %.1f %.1f %.1f %.1f %.1f", middle, p[i - 1].y,
			   middle, p[i].y, end, p[i].y);
		if (i + 1 < e->npoints)
			buf_printf(out, "L%.1f %.1f", p[i + 1].x, p[i + 1].y);
	}
	buf_puts(out, "\"/>\n");
}

static void put_part(struct buf *out, const struct layout *l, const struct graph_part *p,
		     double y)
{
	buf_printf(out, "<g transform=\"translate(%.1f %.1f)\">\n", MARGIN, y);
	for (size_t i = 0; i < l->nedges; i++)
		put_way(out, &l->edges[i], p->edges[i].failure);
	for (size_t i = 0; i < l->nboxes; i++)
		put_box(out, &l->boxes[i], &p->nodes[i]);
	buf_puts(out, "</g>\n");
}

static void put_marker(struct buf *out, const char *id)
{
	buf_printf(out,
		   "<marker id=\"%s\" viewBox=\"0 0 8 8\" refX=\"1\" refY=\"4\" "
		   "markerWidth=\"8\" markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" "
		   "orient=\"auto\"><path class=\"%s\" d=\"M0 0L8 4L0 8z\"/></marker>\n",
		   id, id);
}

static void put_head(struct buf *out, const struct graph *g, double width, double height)
{
	buf_printf(out,
		   "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" "
		   "height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" role=\"img\">\n<title>",
		   width, height, width, height);
	text_xml(out, g->title, SIZE_MAX);
	buf_puts(out, "</title>\n");
	buf_puts(out, style);
	buf_puts(out, "<defs>\n");
	put_marker(out, "tip");
	put_marker(out, "failure-tip");
	buf_printf(out,
		   "</defs>\n<rect class=\"page\" width=\"%.0f\" height=\"%.0f\" "
		   "rx=\"12\"/>\n",
		   width, height);
}

void graph_svg(struct buf *out, const struct graph *g)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	struct layout files, stacks;
	double below, height, width;

	lay_out(&files, &a, &g->files);
	lay_out(&stacks, &a, &g->stacks);
	below = MARGIN + files.height + PART_GAP;
	height = 2 * MARGIN + files.height;
	width = 2 * MARGIN + FP_MAX(files.width, stacks.width);
	if (stacks.nboxes)
		height += PART_GAP + TITLE + stacks.height;
	put_head(out, g, width, height);
	put_part(out, &files, &g->files, MARGIN);
	if (stacks.nboxes) {
		put_text(out, "title", MARGIN, below + TITLE / 2, g->stacks.title);
		put_part(out, &stacks, &g->stacks, below + TITLE);
	}
	buf_puts(out, "</svg>\n");
}
