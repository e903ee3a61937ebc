#include "graph/graph.h"

#include <expat.h>
#include <regex.h>

#include "base/str.h"
#include "check_main.h"

#define HEAD "project: invoices\n"

static struct manifest m;
static struct rendering rendering;
static struct graph g;

static void build(const char *text)
{
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(buf_release) struct buf found = BUF_INIT;
	static const char own[] = "Resources: {Inbox: {Type: 'AWS::SQS::Queue'}}\n";
	const struct render_source source = { .name = "reports",
					      .path = "reports.yaml",
					      .text = own,
					      .n = sizeof(own) - 1 };
	struct render_input in = { .manifest = &m };
	int rc = manifest_parse(&m, text, strlen(text), "f.yaml", NULL, &d);

	if (rc == 0 && m.nstacks) {
		in.sources = &source;
		in.nsources = 1;
	}
	if (rc == 0)
		rc = render_manifest(&rendering, &in, &d);
	diags_format(&found, &d, NULL, 0, 10);
	ck_assert_msg(rc == 0, "%s", buf_str(&found));
	graph_build(&g, &m, &rendering);
}

static void teardown(void)
{
	graph_release(&g);
	rendering_release(&rendering);
	manifest_release(&m);
}

static const struct graph_node *find(const struct graph_part *p, enum graph_kind kind,
				     const char *name)
{
	for (size_t i = 0; i < p->nnodes; i++)
		if (p->nodes[i].kind == kind && str_eq(p->nodes[i].name, name))
			return &p->nodes[i];
	return NULL;
}

static const struct {
	const char *name, *manifest;
	/* Of the edges "FROM > TO" by kind and name, one that must be there. */
	enum graph_kind from;
	const char *from_name;
	enum graph_kind to;
	const char *to_name;
} links[] = {
	{ "a bucket and its processor", HEAD "buckets: {uploads: {}}\n", GRAPH_BUCKET,
	  "uploads", GRAPH_PROCESSOR, "default" },
	{ "a bucket and its queue", HEAD "buckets: {a: {delivery: queue}}\n",
	  GRAPH_BUCKET, "a", GRAPH_QUEUE, "default" },
	{ "a queue and its processor", HEAD "buckets: {a: {delivery: queue}}\n",
	  GRAPH_QUEUE, "default", GRAPH_PROCESSOR, "default" },
	{ "what a queue gives up", HEAD "buckets: {a: {delivery: queue}}\n", GRAPH_QUEUE,
	  "default", GRAPH_DEAD_LETTERS, "default" },
	{ "a processor and a topic", HEAD "notify: {results: {}}\n", GRAPH_PROCESSOR,
	  "default", GRAPH_TOPIC, "results" },
	{ "a topic and an address", HEAD "notify: ops@example.com\n", GRAPH_TOPIC,
	  "notifications", GRAPH_SUBSCRIBER, "ops@example.com" },
	{ "a queue by its name",
	  HEAD "notify: {a: {sqs: 'arn:aws:sqs:eu-west-1:111122223333:audit'}}\n",
	  GRAPH_TOPIC, "a", GRAPH_SUBSCRIBER, "audit" },
	{ "what failed and its alarm", HEAD, GRAPH_DEAD_LETTERS, "default",
	  GRAPH_MONITORING, "alarms and dashboard" },
	{ "an alarm and who hears it", HEAD "monitoring: {alert: me@example.com}\n",
	  GRAPH_MONITORING, "alarms and dashboard", GRAPH_SUBSCRIBER, "me@example.com" },
	{ "alarms alone", HEAD "monitoring: {dashboard: false}\n", GRAPH_DEAD_LETTERS,
	  "default", GRAPH_MONITORING, "alarms" },
	{ "a dashboard alone",
	  HEAD "monitoring: {alarms: {errors: 0, throttles: 0, duration_p99: 0, "
	       "dead_letters: 0}}\n",
	  GRAPH_DEAD_LETTERS, "default", GRAPH_MONITORING, "dashboard" },
	{ "a repository and its pipeline", HEAD "pipeline: {github: a/b}\n", GRAPH_SOURCE,
	  "a/b", GRAPH_PIPELINE, "pipeline" },
	{ "a pipeline and a stack", HEAD "pipeline: {github: a/b}\n", GRAPH_PIPELINE,
	  "pipeline", GRAPH_STACK, "artifacts" },
	{ "a stack that waits",
	  HEAD "stacks: {reports: {template: reports.yaml, needs: lambda}}\n",
	  GRAPH_STACK, "lambda", GRAPH_STACK, "reports" },
};

static bool has_edge(const struct graph_part *p, const struct graph_node *from,
		     const struct graph_node *to)
{
	for (size_t i = 0; i < p->nedges; i++)
		if (&p->nodes[p->edges[i].from] == from &&
		    &p->nodes[p->edges[i].to] == to)
			return true;
	return false;
}

START_TEST(graph_links)
{
	const __typeof__(links[0]) *c = &links[_i];
	const struct graph_part *p;

	build(c->manifest);
	p = find(&g.files, c->from, c->from_name) ? &g.files : &g.stacks;
	ck_assert_msg(
		has_edge(p, find(p, c->from, c->from_name), find(p, c->to, c->to_name)),
		"%s", c->name);
	for (size_t i = 0; i < p->nedges; i++)
		ck_assert_uint_lt(p->nodes[p->edges[i].from].rank,
				  p->nodes[p->edges[i].to].rank);
}
END_TEST

START_TEST(graph_leaves_out_what_follows)
{
	build(HEAD "buckets: {a: {}}\npipeline: {github: a/b}\n");
	/* s3 waits for sns only through lambda. */
	ck_assert(has_edge(&g.stacks, find(&g.stacks, GRAPH_STACK, "sns"),
			   find(&g.stacks, GRAPH_STACK, "lambda")));
	ck_assert(!has_edge(&g.stacks, find(&g.stacks, GRAPH_STACK, "sns"),
			    find(&g.stacks, GRAPH_STACK, "s3")));
	ck_assert_ptr_null(find(&g.stacks, GRAPH_STACK, "pipeline"));
}
END_TEST

static void put_buckets(struct buf *text, size_t n)
{
	buf_puts(text, HEAD "processors: {other: {}}\nbuckets:\n");
	for (size_t i = 0; i < n; i++)
		buf_printf(text, "  b%03zu: {delivery: %s, processor: %s}\n", i,
			   i % 2 ? "queue" : "direct", i == 3 ? "other" : "default");
}

START_TEST(graph_folds_many_buckets)
{
	static const struct {
		size_t buckets, nodes;
		const char *name;
	} cases[] = { { 12, 12, "b011" },
		      { 13, 3, "7 buckets" },
		      { 300, 3, "150 buckets" },
		      { 300, 3, "b003" } };
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	size_t n = 0;

	put_buckets(&text, cases[_i].buckets);
	build(buf_str(&text));
	for (size_t i = 0; i < g.files.nnodes; i++)
		n += g.files.nodes[i].kind == GRAPH_BUCKET;
	ck_assert_uint_eq(n, cases[_i].nodes);
	ck_assert_ptr_nonnull(find(&g.files, GRAPH_BUCKET, cases[_i].name));
}
END_TEST

/* Texts that mean something in XML, Mermaid or DOT. */
static const char odd[] = HEAD
	"tags: {a: b}\n"
	"buckets:\n"
	"  a: {prefix: 'x\"<&>`%;{}[y](z)|_~$#', suffix: '\\N\\'}\n"
	"  b: {prefix: \"\\u00fc\\u7d4c\\u7406\\uffff/\", delivery: queue}\n"
	"notify:\n"
	"  results: {https: ['https://www.example.com/a?b=c&d=<e>']}\n";

static void check_xml(const struct buf *svg)
{
	XML_Parser p = XML_ParserCreate("UTF-8");
	enum XML_Status rc = XML_Parse(p, svg->data, (int)svg->len, 1);

	ck_assert_msg(rc == XML_STATUS_OK, "line %lu: %s", XML_GetCurrentLineNumber(p),
		      XML_ErrorString(XML_GetErrorCode(p)));
	XML_ParserFree(p);
}

START_TEST(svg_stands_for_itself)
{
	FP_AUTO(buf_release) struct buf svg = BUF_INIT, again = BUF_INIT;

	build(odd);
	graph_svg(&svg, &g);
	check_xml(&svg);
	ck_assert_ptr_null(strstr(svg.data, "<script"));
	ck_assert_ptr_null(strstr(svg.data, "href"));
	ck_assert_ptr_null(strstr(svg.data, "nan"));
	ck_assert_ptr_nonnull(strstr(svg.data, "prefers-color-scheme:dark"));
	ck_assert_ptr_nonnull(strstr(svg.data, "x&quot;&lt;&amp;&gt;`"));
	graph_svg(&again, &g);
	ck_assert_str_eq(svg.data, again.data);
}
END_TEST

START_TEST(svg_of_hardly_anything)
{
	FP_AUTO(buf_release) struct buf svg = BUF_INIT;

	build(HEAD);
	graph_svg(&svg, &g);
	check_xml(&svg);
}
END_TEST

/* Each line is a node, its text without quotes, or an edge between such. */
static void check_lines(const struct buf *text, const char *pattern, size_t head,
			size_t foot)
{
	FP_AUTO(strs_release) struct strs lines = STRS_INIT;
	regex_t r;

	ck_assert_int_eq(regcomp(&r, pattern, REG_EXTENDED | REG_NOSUB), 0);
	strs_split(&lines, text->data, '\n');
	ck_assert_str_eq(lines.v[lines.n - 1], "");
	for (size_t i = head; i + 1 + foot < lines.n; i++)
		ck_assert_msg(regexec(&r, lines.v[i], 0, NULL, 0) == 0, "%s", lines.v[i]);
	regfree(&r);
}

#define MERMAID_TEXT "\"([^\"#<>`;{}|*_~$]|#[0-9]+;|<br>)*\""
START_TEST(mermaid_is_well_formed)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	build(odd);
	graph_mermaid(&text, &g);
	ck_assert(str_starts(text.data, "flowchart LR\n"));
	check_lines(&text,
		    "^  n[0-9]+( (-->|-[.]->) n[0-9]+|"
		    "(\\[|\\[\\(|\\[\\[|\\(\\[|\\(|\\{\\{)" MERMAID_TEXT
		    "(\\]|\\)\\]|\\]\\]|\\]\\)|\\)|\\}\\}))$",
		    1, 0);
	/* What it would read as a link is broken up. */
	ck_assert_ptr_null(strstr(text.data, "://"));
	ck_assert_ptr_nonnull(strstr(text.data, "https:"));
}
END_TEST

START_TEST(dot_is_well_formed)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	build(odd);
	graph_dot(&text, &g);
	check_lines(&text,
		    "^  n[0-9]+( -> n[0-9]+( \\[[^]\"]*\"#[0-9a-f]{6}\"\\])?;|"
		    " \\[color=\"#[0-9a-f]{6}\", label=\"([^\"\\]|\\\\.)*\"\\];)$",
		    4, 1);
	ck_assert(str_ends(text.data, "}\n"));
}
END_TEST

START_TEST(json_has_all_of_it)
{
	FP_AUTO(json_freep) cJSON *j = NULL;

	build(HEAD "buckets: {a: {}}\npipeline: {github: a/b}\n");
	j = graph_json(&g);
	ck_assert_str_eq(json_str(j, "title", ""), "invoices");
	ck_assert_int_eq(cJSON_GetArraySize(json_get(j, "nodes")),
			 (int)(g.files.nnodes + g.stacks.nnodes));
	ck_assert_int_eq(cJSON_GetArraySize(json_get(j, "edges")),
			 (int)(g.files.nedges + g.stacks.nedges));
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("graph");
	TCase *tc = tcase_create("graph");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_loop_test(tc, graph_links, 0, ARRAY_SIZE(links));
	tcase_add_test(tc, graph_leaves_out_what_follows);
	tcase_add_loop_test(tc, graph_folds_many_buckets, 0, 4);
	tcase_add_test(tc, svg_stands_for_itself);
	tcase_add_test(tc, svg_of_hardly_anything);
	tcase_add_test(tc, mermaid_is_well_formed);
	tcase_add_test(tc, dot_is_well_formed);
	tcase_add_test(tc, json_has_all_of_it);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
