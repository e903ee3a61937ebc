#include "render/derive_pipeline.h"

#include "base/str.h"
#include "render/derive.h"

/* Source: CodeConnections API Reference, CreateConnection; EventBridge, PutRule. */
#define CONNECTION_NAME_MAX 32
#define RULE_NAME_MAX	    64
/* CodePipeline cuts the pipeline's name for the folder of its artifacts. */
#define FOLDER_NAME_MAX 20

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

/*
 * The account of the first environment, else the one that the connection is in: where
 * the pipeline is. NULL: not known. Lives in the arena.
 */
static const char *pipeline_account(struct arena *a, const struct manifest *m)
{
	const char *arn = m->pipeline ? m->pipeline->connection : NULL;

	if (m->nenvironments && m->environments[0].account)
		return m->environments[0].account;
	/* arn:PARTITION:SERVICE:REGION:ACCOUNT:... */
	for (int i = 0; arn && i < 4; i++) {
		arn = strchr(arn, ':');
		arn = arn ? arn + 1 : NULL;
	}
	return arn && *arn ? arena_strndup(a, arn, strcspn(arn, ":")) : NULL;
}

static bool differs(const char *account, const char *own)
{
	return account && !(own && str_eq(account, own));
}

struct pipeline_place pipeline_place_of(struct arena *a, const struct manifest *m)
{
	struct pipeline_place p = { .account = pipeline_account(a, m) };

	if (manifest_is_first(m))
		return p;
	p.foreign = differs(m->account, p.account);
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
	derive_text(a, it, "type", machines[i].type);
	derive_text(a, it, "compute", machines[i].compute);
	derive_text(a, it, "image", machines[i].image);
	derive_bool(a, it, "lambda", machines[i].lambda);
	return it;
}

static void push_rule(struct arena *a, struct node *rules, const struct manifest *m,
		      const char *topic)
{
	struct node *it = node_mapping(a);
	size_t number = rules->seq.n + 1;
	const char *name = arena_printf(a, "%s-pipeline-%s", m->project, topic);

	if (strlen(name) > RULE_NAME_MAX)
		name = arena_printf(a, "%s-pipeline-topic-%zu", m->project, number);
	derive_text(a, it, "name", name);
	derive_text(a, it, "id", arena_printf(a, "%zu", number));
	derive_text(a, it, "topic", arena_printf(a, "%s-%s", derive_prefix(a, m), topic));
	node_push(a, rules, it);
}

/* The topics that hear of failures and approvals, each by a rule of its own: EventBridge
 * gives a rule five targets. */
static struct node *rules_of(struct arena *a, const struct manifest *m)
{
	struct node *rules = node_sequence(a);

	for (size_t i = 0; i < m->ntopics; i++)
		push_rule(a, rules, m, m->topics[i].name);
	if (m->monitoring.nalert)
		push_rule(a, rules, m, "alerts");
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

	derive_text(a, out, "github", p->github);
	derive_text(a, out, "branch", p->branch);
	derive_bool(a, out, "filtered", p->npaths > 0);
	node_put(a, out, "paths", texts_of(a, (const char *const *)p->paths, p->npaths));
	derive_bool(a, out, "makes_connection", !p->connection);
	derive_text(a, out, "connection", p->connection);
	derive_text(a, out, "connection_name",
		    arena_printf(a, "%.*s", CONNECTION_NAME_MAX, m->project));
	/* The action must have the name of the service that the ARN has. */
	derive_text(a, out, "connections",
		    old ? "codestar-connections" : "codeconnections");
}

/* Whether another account's role reads artifacts; they are then encrypted with a key
 * of the pipeline. */
static bool is_read_abroad(const struct manifest *m, const char *own)
{
	for (size_t i = 1; i < m->nenvironments; i++)
		if (differs(m->environments[i].account, own))
			return true;
	return false;
}

/* "!Sub" of a text with the pipeline's account in it; this one's when it is not known. */
static struct node *sub(struct arena *a, const struct pipeline_place *p,
			const char *before, const char *after)
{
	struct node *n = node_string(
		a,
		arena_printf(a, "%s%s%s", before,
			     p->foreign && p->account ? p->account : "${AWS::AccountId}",
			     after));

	n->tag = "!Sub";
	return n;
}

/* What is the pipeline's, as an environment's roles name it. */
static void put_owner(struct arena *a, struct node *out, const struct manifest *m,
		      const struct pipeline_place *p)
{
	static const char iam[] = "arn:${AWS::Partition}:iam::";
	struct node *roles = node_sequence(a);

	node_put(a, out, "owner", sub(a, p, iam, ":root"));
	node_push(a, roles,
		  sub(a, p, iam, arena_printf(a, ":role/%s-pipeline", m->project)));
	node_push(a, roles,
		  sub(a, p, iam, arena_printf(a, ":role/%s-pipeline-build", m->project)));
	node_put(a, out, "roles", roles);
	node_put(a, out, "artifacts",
		 sub(a, p,
		     arena_printf(a, "arn:${AWS::Partition}:s3:::%s-pipeline-",
				  m->project),
		     "-${AWS::Region}/*"));
	node_put(a, out, "keys",
		 sub(a, p, "arn:${AWS::Partition}:kms:${AWS::Region}:", ":key/*"));
}

struct node *derive_pipeline(struct arena *a, const struct manifest *m)
{
	struct pipeline_place place = pipeline_place_of(a, m);
	struct node *out = node_mapping(a);

	derive_bool(a, out, "exists", m->pipeline != NULL);
	derive_bool(a, out, "in_prefix", m->pipeline && !m->environment);
	if (!m->pipeline) {
		derive_bool(a, out, "makes_connection", false);
		derive_bool(a, out, "keyed", false);
		node_put(a, out, "rules", node_sequence(a));
		return out;
	}
	derive_bool(a, out, "hands_artifacts", !place.elsewhere);
	derive_bool(a, out, "hands_key",
		    !place.elsewhere && is_read_abroad(m, place.account));
	put_owner(a, out, m, &place);
	derive_text(a, out, "folder",
		    arena_printf(a, "%.*s", FOLDER_NAME_MAX,
				 arena_printf(a, "%s-pipeline", m->project)));
	put_source(a, out, m);
	node_put(a, out, "machine", machine_of(a, m->pipeline->compute));
	node_put(a, out, "rules", rules_of(a, m));
	return out;
}
