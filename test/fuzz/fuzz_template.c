/*
 * Any template: it is evaluated or findings say why not; what comes out can be
 * written, checked (properties, too) and ordered, and evaluated again. The source is
 * checked as `fpctl validate` does it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "cfn/eval.h"
#include "cfn/facts.h"
#include "cfn/template.h"
#include "yaml/emit.h"
#include "yaml/load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char known[] = "manifest: {project: p, retain: true, none: null,\n"
			    " list: [a, b], buckets: {x: {id: X, name: x, n: [1, 2]},\n"
			    " y: {id: Y, name: 'y', n: []}}}\n"
			    "Stage: prod\n";

static const struct node *ref(void *ctx, const char *name)
{
	return node_get(ctx, name);
}

static void check_result(struct arena *a, const struct node *out,
			 const struct cfn_scope *scope)
{
	FP_AUTO(buf_release) struct buf once = BUF_INIT, twice = BUF_INIT;
	FP_AUTO(diags_release) struct diags diags = DIAGS_INIT;
	FP_AUTO(strs_release) struct strs order = STRS_INIT;
	struct fp_error err = { 0 };
	struct node *again;

	node_emit_yaml(&once, out);
	node_emit_json(&twice, out, 0);
	cfn_check_properties(&diags, "AWS::S3::Bucket", out);
	cfn_check_properties(&diags, "AWS::IAM::Role", out);
	if (cfn_template_check(out, &diags) == 0 &&
	    cfn_resource_order(&order, out, &err) < 0)
		abort();
	cfn_capability(out);
	buf_clear(&twice);
	if (cfn_eval_template(&again, a, out, scope, &diags) == 0)
		node_emit_yaml(&twice, again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct load_limits limits = { 1u << 15, 5000, 40 };
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(diags_release) struct diags diags = DIAGS_INIT;
	struct cfn_scope scope = { .ref = ref };
	struct fp_error err = { 0 };
	struct node *tmpl, *out, *values;

	if (node_load_one(&values, &a, known, strlen(known), "known", &err) < 0)
		abort();
	scope.ctx = values;
	if (node_load(&tmpl, &a, (const char *)data, n, "fuzz", &limits, &diags) < 0)
		return 0;
	if (cfn_check_text((const char *)data, n, "fuzz", &diags) < 0 && diags.n == 0)
		abort();
	for (int i = 0; i < 2; i++) {
		scope.complete = i;
		if (cfn_eval_template(&out, &a, tmpl, &scope, &diags) == 0)
			check_result(&a, out, &scope);
		else if (diags.n == 0)
			abort();
		if (cfn_eval_value(&out, &a, tmpl, tmpl, &scope, &err) == 0 && out) {
			FP_AUTO(buf_release) struct buf text = BUF_INIT;

			node_emit_yaml(&text, out);
		}
	}
	return 0;
}
