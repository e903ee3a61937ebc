#include "render/derive_pipeline.h"

#include "base/str.h"
#include "render/derive.h"

/* Source: CodeConnections API Reference, CreateConnection; EventBridge, PutRule. */
#define CONNECTION_NAME_MAX 32
#define RULE_NAME_MAX	    64

static void put_text(struct arena *a, struct node *map, const char *key, const char *text)
{
	node_put(a, map, key, node_string(a, text ? text : ""));
}

static void put_flag(struct arena *a, struct node *map, const char *key, bool value)
{
	node_put(a, map, key, node_bool(a, value));
}

/* The region of the first environment, where the pipeline is; NULL: the caller's. */
static const char *pipeline_region(const struct manifest *m)
{
	const char *own = m->nenvironments ? m->environments[0].region : NULL;

	return own ? own : node_text(node_get(m->document, "region"));
}

static bool same(const char *x, const char *y)
{
	return x && y ? str_eq(x, y) : x == y;
}

struct pipeline_place pipeline_place_of(const struct manifest *m)
{
	struct pipeline_place p = { .here = !m->nenvironments };

	if (p.here)
		return p;
	p.account = m->environments[0].account;
	p.here = str_eq(m->environment, m->environments[0].name);
	p.foreign = m->account && p.account && !str_eq(m->account, p.account);
	p.elsewhere = !same(m->region, pipeline_region(m));
	return p;
}

/*
 * Source: CodeBuild User Guide, "Docker images provided by CodeBuild", "Lambda
 * compute images", "Build environment compute modes and types".
 */
static const struct machine {
	const char *word, *type, *compute, *image;
	bool lambda; /* takes neither a timeout nor a cache */
} machines[] = {
	{ "lambda-arm", "ARM_LAMBDA_CONTAINER", "BUILD_LAMBDA_2GB",
	  "aws/codebuild/amazonlinux-aarch64-lambda-standard:nodejs22", true },
	{ "lambda-x86", "LINUX_LAMBDA_CONTAINER", "BUILD_LAMBDA_2GB",
	  "aws/codebuild/amazonlinux-x86_64-lambda-standard:nodejs22", true },
	{ "arm-small", "ARM_CONTAINER", "BUILD_GENERAL1_SMALL",
	  "aws/codebuild/amazonlinux-aarch64-standard:3.0", false },
	{ "small", "LINUX_CONTAINER", "BUILD_GENERAL1_SMALL",
	  "aws/codebuild/amazonlinux-x86_64-standard:5.0", false },
	{ "medium", "LINUX_CONTAINER", "BUILD_GENERAL1_MEDIUM",
	  "aws/codebuild/amazonlinux-x86_64-standard:5.0", false },
	{ "large", "LINUX_CONTAINER", "BUILD_GENERAL1_LARGE",
	  "aws/codebuild/amazonlinux-x86_64-standard:5.0", false },
};

static struct node *machine_of(struct arena *a, const char *word)
{
	struct node *it = node_mapping(a);
	size_t i = 0;

	while (i < ARRAY_SIZE(machines) && !str_eq(machines[i].word, word))
		i++;
	if (i == ARRAY_SIZE(machines))
		fp_die("'%s' of a checked manifest is no compute", word);
	put_text(a, it, "type", machines[i].type);
	put_text(a, it, "compute", machines[i].compute);
	put_text(a, it, "image", machines[i].image);
	put_flag(a, it, "lambda", machines[i].lambda);
	return it;
}

/* The topics hear of failures and approvals, each by a rule of its own: EventBridge
 * gives a rule five targets. */
static struct node *rules_of(struct arena *a, const struct manifest *m)
{
	struct node *rules = node_sequence(a);

	for (size_t i = 0; i < m->ntopics; i++) {
		struct node *it = node_mapping(a);
		const char *name = arena_printf(a, "%s-pipeline-%s", m->project,
						m->topics[i].name);

		if (strlen(name) > RULE_NAME_MAX)
			name = arena_printf(a, "%s-pipeline-topic-%zu", m->project,
					    i + 1);
		put_text(a, it, "name", name);
		put_text(a, it, "id", arena_printf(a, "%zu", i + 1));
		put_text(
			a, it, "topic",
			arena_printf(a, "%s-%s", derive_prefix(a, m), m->topics[i].name));
		node_push(a, rules, it);
	}
	return rules;
}

static struct node *texts_of(struct arena *a, const char *const *v, size_t n)
{
	struct node *list = node_sequence(a);

	for (size_t i = 0; i < n; i++)
		node_push(a, list, node_string(a, v[i]));
	return list;
}

static void put_source(struct arena *a, struct node *out, const struct manifest *m)
{
	const struct manifest_pipeline *p = m->pipeline;
	bool old = p->connection && strstr(p->connection, ":codestar-connections:");

	put_text(a, out, "github", p->github);
	put_text(a, out, "branch", p->branch);
	put_flag(a, out, "filtered", p->npaths > 0);
	node_put(a, out, "paths", texts_of(a, (const char *const *)p->paths, p->npaths));
	put_flag(a, out, "given", p->connection != NULL);
	put_text(a, out, "connection", p->connection);
	put_text(a, out, "connection_name",
		 arena_printf(a, "%.*s", CONNECTION_NAME_MAX, m->project));
	/* The action must have the name of the service that the ARN has. */
	put_text(a, out, "connections", old ? "codestar-connections" : "codeconnections");
}

/* Whether the environment's key stack is there. */
static bool has_key(const struct manifest *m)
{
	for (size_t i = 0; i < m->nbuckets; i++)
		if (m->buckets[i].encryption == ENCRYPT_KMS)
			return true;
	return false;
}

struct node *derive_pipeline(struct arena *a, const struct manifest *m)
{
	struct pipeline_place place = pipeline_place_of(m);
	struct node *out = node_mapping(a);

	put_flag(a, out, "exists", m->pipeline != NULL);
	put_flag(a, out, "here", m->pipeline && place.here);
	if (!m->pipeline)
		return out;
	put_flag(a, out, "foreign", place.foreign);
	put_flag(a, out, "elsewhere", place.elsewhere);
	put_text(a, out, "account", place.account);
	put_flag(a, out, "deploys_key", has_key(m));
	put_source(a, out, m);
	node_put(a, out, "machine", machine_of(a, m->pipeline->compute));
	node_put(a, out, "rules", rules_of(a, m));
	return out;
}
