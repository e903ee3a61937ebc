#include "base/json.h"
#include "base/str.h"
#include "manifest/checker.h"
#include "manifest/rules.h"
#include "yaml/emit.h"

/* Source: Lambda Developer Guide, "Using environment variables". */
#define SIZE_MAX_BYTES 4096

static const char *const reserved[] = {
	"AWS_REGION",	     "AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV",
	"AWS_ACCESS_KEY",    "AWS_ACCESS_KEY_ID",  "AWS_SECRET_ACCESS_KEY",
	"AWS_SESSION_TOKEN", "LAMBDA_TASK_ROOT",   "LAMBDA_RUNTIME_DIR",
};

/* What stacks/lambda.yaml sets itself. */
#define TOPICS_VARIABLE "NOTIFICATION_TOPIC_ARNS"
#define OWN_PREFIX	"FPCTL_"
#define LONGEST_ARN	"arn:aws-us-gov:sns:ap-southeast-1:123456789012:"

static bool is_reserved(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++)
		if (str_eq(name, reserved[i]))
			return true;
	return str_starts(name, "AWS_LAMBDA_");
}

static void check_name(const struct rules *r, const struct node *key)
{
	const char *name = node_text(key);

	if (is_reserved(name))
		diags_add(r->diags, key->pos, "choose another name",
			  "Lambda reserves the environment variable '%s'", name);
	else if (str_eq(name, TOPICS_VARIABLE) || str_starts(name, OWN_PREFIX))
		diags_add(r->diags, key->pos, "choose another name",
			  "fpctl sets the environment variable '%s' itself", name);
}

static void put_variable(struct buf *json, const char *name, const char *value, size_t n)
{
	buf_putc(json, ',');
	json_quote(json, name, strlen(name));
	buf_putc(json, ':');
	json_quote(json, value, n);
}

static void put_map(struct buf *json, const struct node *map)
{
	for (size_t i = 0; map && i < map->map.n; i++)
		put_variable(json, node_text(map->map.v[i].key),
			     node_text(map->map.v[i].value),
			     map->map.v[i].value->scalar.len);
}

static void put_document(struct buf *json, const char *name, const struct node *value)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	if (!value || !value->map.n)
		return;
	node_emit_json(&text, value, 0);
	put_variable(json, name, buf_str(&text), text.len);
}

/* What FPCTL_RULES holds: see derive_processors.c in lib/render. */
static struct node *rules_document(const struct rules *r, const struct node *processor)
{
	static const char *const names[] = { "inspect", "on_success", "on_failure",
					     "report" };
	struct node *out = node_mapping(r->arena);

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct node *value = node_get(processor, names[i]);

		if (value && !node_is(value, "leave") && !node_is(value, "false"))
			node_put(r->arena, out, names[i], value);
	}
	return out;
}

/* The variables that fpctl adds, as long as they can be. */
static void put_own(const struct rules *r, const struct node_pair *p, const char *topics,
		    struct buf *json)
{
	put_variable(json, TOPICS_VARIABLE, topics, strlen(topics));
	put_variable(json, OWN_PREFIX "PROJECT", str_or(r->prefix, ""),
		     strlen(str_or(r->prefix, "")));
	put_variable(json, OWN_PREFIX "PROCESSOR", node_text(p->key), p->key->scalar.len);
	put_document(json, OWN_PREFIX "RULES", rules_document(r, p->value));
	put_document(json, OWN_PREFIX "SECRETS", node_get(p->value, "secrets"));
}

const char *rules_topic_arns(const struct rules *r)
{
	const struct node *topics = node_get(r->root, "notify");
	FP_AUTO(buf_release) struct buf arns = BUF_INIT;

	for (size_t i = 0; topics && i < topics->map.n; i++)
		buf_printf(&arns, LONGEST_ARN "%s-%s ", str_or(r->prefix, ""),
			   node_text(topics->map.v[i].key));
	/* Lambda allows less by far; and each processor has them. */
	buf_truncate(&arns, FP_MIN(arns.len, (size_t)2 * SIZE_MAX_BYTES));
	return arena_strdup(r->arena, buf_str(&arns));
}

/* A variable cannot have a value and be a secret. */
static void check_twice(const struct rules *r, const struct node *environment,
			const struct node *secrets)
{
	for (size_t i = 0; secrets && i < secrets->map.n; i++) {
		const struct node *key = secrets->map.v[i].key;

		if (node_get(environment, node_text(key)))
			diags_add(
				r->diags, key->pos, "remove one of them",
				"the variable '%s' is in 'environment' and in 'secrets'",
				node_text(key));
	}
}

void rules_check_variables(const struct rules *r, const struct node_pair *p,
			   const char *topics)
{
	const struct node *environment = node_get(p->value, "environment");
	const struct node *secrets = node_get(p->value, "secrets");
	FP_AUTO(buf_release) struct buf json = BUF_INIT;
	size_t own;

	for (size_t i = 0; environment && i < environment->map.n; i++)
		check_name(r, environment->map.v[i].key);
	for (size_t i = 0; secrets && i < secrets->map.n; i++)
		check_name(r, secrets->map.v[i].key);
	check_twice(r, environment, secrets);
	/* Lambda measures the variables as one JSON object. */
	put_own(r, p, topics, &json);
	own = json.len;
	put_map(&json, environment);
	if (json.len > SIZE_MAX_BYTES)
		diags_add(r->diags, p->key->pos,
			  "put large values into a parameter or an object, or use fewer "
			  "topics",
			  "processor %s: its environment has %zu bytes, %zu of them "
			  "fpctl's own; Lambda allows %d",
			  shown(r->arena, node_text(p->key)), json.len, own,
			  SIZE_MAX_BYTES);
}
