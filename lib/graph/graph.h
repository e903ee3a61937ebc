/*
 * The system as a picture: what the manifest makes of buckets, processors, topics
 * and stacks, as SVG, Mermaid or DOT.
 *
 * Reads no clock, environment, file or network.
 */
#ifndef FP_GRAPH_H
#define FP_GRAPH_H

#include "base/json.h"
#include "manifest/manifest.h"
#include "render/render.h"

enum graph_kind {
	GRAPH_BUCKET,
	GRAPH_QUEUE,
	GRAPH_PROCESSOR,
	GRAPH_TOPIC,
	GRAPH_DEAD_LETTERS,
	GRAPH_SUBSCRIBER,
	GRAPH_MONITORING,
	GRAPH_SOURCE, /* the repository that a pipeline watches */
	GRAPH_PIPELINE,
	GRAPH_STACK,
	GRAPH_KINDS, /* how many there are */
};

#define GRAPH_DETAILS 2

struct graph_node {
	enum graph_kind kind;
	const char *name;		    /* "uploads" */
	const char *details[GRAPH_DETAILS]; /* "incoming/ *.csv"; NULL: no more */
	unsigned rank;			    /* its column, from the left */
};

struct graph_edge {
	size_t from, to; /* indexes of nodes; from's rank is the lower one */
	bool failure;	 /* the way of what could not be processed */
};

/* What is drawn together: how files flow, and how stacks are deployed. */
struct graph_part {
	const char *title; /* "files" */
	struct graph_node *nodes;
	size_t nnodes, cap_nodes;
	struct graph_edge *edges;
	size_t nedges, cap_edges;
};

struct graph {
	struct arena arena;
	const char *title; /* "invoices", "invoices-dev" */
	struct graph_part files, stacks;
};

/*
 * From one environment's manifest and its rendering. More than twelve buckets are
 * folded into one node a processor and way of delivery. The stacks are there when the
 * manifest has a pipeline or stacks of its own; otherwise that part is empty.
 * The graph keeps no pointer into `r`, but into `m`, which must outlive it.
 */
void graph_build(struct graph *g, const struct manifest *m, const struct rendering *r);
void graph_release(struct graph *g);

/* "S3 bucket": what a node of this kind is. */
const char *graph_kind_name(enum graph_kind kind);

/*
 * Append a picture that stands for itself: no script, no font or image from outside,
 * colours for light and for dark screens.
 */
void graph_svg(struct buf *out, const struct graph *g);
/* Append text in these languages; both read names as names, whatever they hold. */
void graph_dot(struct buf *out, const struct graph *g);
void graph_mermaid(struct buf *out, const struct graph *g);
/* {"title", "nodes": [{"id", "kind", "name", "details"}], "edges": [{"from", "to"}]} */
cJSON *graph_json(const struct graph *g);

#endif
