/*
 * For the tests of lib/cfn: a scope made of a YAML text, and results as texts.
 */
#ifndef FP_TEST_EVALUATE_H
#define FP_TEST_EVALUATE_H

#include "base/str.h"
#include "cfn/eval.h"
#include "load_text.h"
#include "yaml/emit.h"

/* What Ref gives; "att:ID.Attribute" and "export:NAME" are for the others. */
static const char known_values[] =
	"manifest:\n"
	"  project: inv\n"
	"  retain: true\n"
	"  off: false\n"
	"  none: null\n"
	"  count: 3\n"
	"  dollar: a${b}c\n"
	"  list: [a, b]\n"
	"  rules: [{Name: prefix, Value: in/}]\n"
	"  tags: {team: fin, cost: low}\n"
	"  buckets:\n"
	"    up: {id: Up, name: up, keep: true, filters: [{e: c1}, {e: c2}]}\n"
	"    down: {id: Down, name: down, keep: false, filters: []}\n"
	"Stage: prod\n"
	"Zones: [x, y]\n"
	"att:Known.Arn: arn:known\n"
	"att:Known.Out.Url: https://known\n"
	"export:exp: exported\n";

static inline const struct node *known_ref(void *ctx, const char *name)
{
	return node_get(ctx, name);
}

static inline const struct node *known_att(void *ctx, const char *id,
					   const char *attribute)
{
	char key[256];

	snprintf(key, sizeof(key), "att:%s.%s", id, attribute);
	return node_get(ctx, key);
}

static inline const struct node *known_export(void *ctx, const char *name)
{
	char key[256];

	snprintf(key, sizeof(key), "export:%s", name);
	return node_get(ctx, key);
}

static inline const struct node *known_output(void *ctx, const struct node *args)
{
	return node_is(node_get(args, "StackName"), "other") ? node_get(ctx, "Stage")
							     : NULL;
}

/* The scope; `more` adds to what is known, and may be NULL. */
static inline struct cfn_scope known_scope(struct arena *a, bool complete)
{
	struct cfn_scope scope = { .ref = known_ref,
				   .get_att = known_att,
				   .import = known_export,
				   .stack_output = known_output,
				   .complete = complete };
	struct node *known = load_text(a, known_values);

	if (complete)
		node_put(a, known, "AWS::Region", node_string(a, "eu-west-1"));
	scope.ctx = known;
	return scope;
}

/* The result as YAML (or compact JSON), or the findings, a line each. */
static inline void evaluate(struct buf *out, const char *text, bool complete, bool json)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	struct cfn_scope scope = known_scope(&a, complete);
	struct node *result;

	if (cfn_eval_template(&result, &a, load_text(&a, text), &scope, &d) == 0 && json)
		node_emit_json(out, result, 0);
	else if (result)
		node_emit_yaml(out, result);
	for (size_t i = 0; i < d.n; i++)
		buf_printf(out, "%u:%u: %s%s%s\n", d.v[i].pos.line, d.v[i].pos.column,
			   d.v[i].message, d.v[i].hint ? "; " : "",
			   str_or(d.v[i].hint, ""));
}

#endif
