#include "graph/graph.h"

#include "base/str.h"
#include "graph/build.h"

static const char *const kind_names[GRAPH_KINDS] = {
	[GRAPH_BUCKET] = "S3 bucket",
	[GRAPH_QUEUE] = "SQS queue",
	[GRAPH_PROCESSOR] = "Lambda function",
	[GRAPH_TOPIC] = "SNS topic",
	[GRAPH_DEAD_LETTERS] = "dead-letter queue",
	[GRAPH_SUBSCRIBER] = "subscriber",
	[GRAPH_MONITORING] = "CloudWatch",
	[GRAPH_SOURCE] = "GitHub",
	[GRAPH_PIPELINE] = "CodePipeline",
	[GRAPH_STACK] = "stack",
};

const char *graph_kind_name(enum graph_kind kind)
{
	return kind_names[kind];
}

size_t part_add(struct graph_part *p, enum graph_kind kind, const char *name,
		unsigned rank)
{
	if (p->nnodes == p->cap_nodes) {
		p->cap_nodes = p->cap_nodes ? 2 * p->cap_nodes : 16;
		p->nodes = xrealloc(p->nodes, p->cap_nodes * sizeof(*p->nodes));
	}
	p->nodes[p->nnodes] =
		(struct graph_node){ .kind = kind, .name = name, .rank = rank };
	return p->nnodes++;
}

void part_detail(struct graph *g, struct graph_part *p, const char *text)
{
	struct graph_node *n = &p->nodes[p->nnodes - 1];
	size_t i = 0;

	while (i < GRAPH_DETAILS && n->details[i])
		i++;
	if (*text && i < GRAPH_DETAILS)
		n->details[i] = arena_strdup(&g->arena, text);
}

void part_link(struct graph_part *p, size_t from, size_t to, bool failure)
{
	if (p->nedges == p->cap_edges) {
		p->cap_edges = p->cap_edges ? 2 * p->cap_edges : 16;
		p->edges = xrealloc(p->edges, p->cap_edges * sizeof(*p->edges));
	}
	p->edges[p->nedges++] = (struct graph_edge){ from, to, failure };
}

void graph_build(struct graph *g, const struct manifest *m, const struct rendering *r)
{
	*g = (struct graph){ .files = { .title = "files" },
			     .stacks = { .title = "deployment" } };
	g->title = m->environment
			   ? arena_printf(&g->arena, "%s-%s", m->project, m->environment)
			   : m->project;
	build_files(g, m);
	if (m->pipeline || m->nstacks)
		build_stacks(g, m, r);
}

static void part_release(struct graph_part *p)
{
	free(p->nodes);
	free(p->edges);
}

void graph_release(struct graph *g)
{
	part_release(&g->files);
	part_release(&g->stacks);
	arena_release(&g->arena);
	*g = (struct graph){ 0 };
}

static void part_json(cJSON *nodes, cJSON *edges, const struct graph_part *p,
		      size_t first)
{
	for (size_t i = 0; i < p->nnodes; i++) {
		const struct graph_node *n = &p->nodes[i];
		cJSON *j = json_push_object(nodes), *details;

		json_set_int(j, "id", (int64_t)(first + i));
		json_set_str(j, "kind", kind_names[n->kind]);
		json_set_str(j, "name", n->name);
		details = json_set_array(j, "details");
		for (size_t k = 0; k < GRAPH_DETAILS && n->details[k]; k++)
			json_push_str(details, n->details[k]);
	}
	for (size_t i = 0; i < p->nedges; i++) {
		cJSON *j = json_push_object(edges);

		json_set_int(j, "from", (int64_t)(first + p->edges[i].from));
		json_set_int(j, "to", (int64_t)(first + p->edges[i].to));
		json_set_bool(j, "failure", p->edges[i].failure);
	}
}

cJSON *graph_json(const struct graph *g)
{
	cJSON *root = cJSON_CreateObject();
	cJSON *nodes, *edges;

	json_set_str(root, "title", g->title);
	nodes = json_set_array(root, "nodes");
	edges = json_set_array(root, "edges");
	part_json(nodes, edges, &g->files, 0);
	part_json(nodes, edges, &g->stacks, g->files.nnodes);
	return root;
}
