#include "render/policies.h"

#include "base/str.h"
#include "cfn/eval.h"
#include "manifest/naming.h"
#include "yaml/emit.h"

#define POLICIES_MAX 10240

/* Stand-ins for what only AWS knows, as long as they can be. */
struct stand_ins {
	struct node *partition, *account, *region, *suffix, *arn;
};

static const struct node *any_ref(void *ctx, const char *name)
{
	const struct stand_ins *s = ctx;

	if (str_eq(name, "AWS::Partition"))
		return s->partition;
	if (str_eq(name, "AWS::AccountId"))
		return s->account;
	if (str_eq(name, "AWS::Region"))
		return s->region;
	return str_eq(name, "AWS::URLSuffix") ? s->suffix : s->arn;
}

static const struct node *any_attribute(void *ctx, const char *logical_id FP_UNUSED,
					const char *attribute FP_UNUSED)
{
	return ((const struct stand_ins *)ctx)->arn;
}

static size_t size_of(const struct node *policies, const char *prefix)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	struct stand_ins s = {
		.partition = node_string(&a, "aws"),
		.account = node_string(&a, "000000000000"),
		.region = node_string(&a, "ap-southeast-1"),
		.suffix = node_string(&a, "amazonaws.com"),
		.arn = node_string(&a, arena_printf(&a,
						    "arn:aws:lambda:ap-southeast-1:"
						    "000000000000:function:%s-%020d",
						    prefix, 0)),
	};
	const struct cfn_scope scope = { .ref = any_ref,
					 .get_att = any_attribute,
					 .ctx = &s };
	struct fp_error ignored = { 0 };
	size_t sum = 0;

	for (size_t i = 0; policies->kind == NODE_SEQUENCE && i < policies->seq.n; i++) {
		struct node *document = node_get(policies->seq.v[i], "PolicyDocument");

		if (!document ||
		    cfn_eval_value(&document, &a, document, NULL, &scope, &ignored) < 0)
			continue;
		buf_clear(&text);
		node_emit_json(&text, document, 0);
		sum += text.len;
	}
	return sum;
}

void policies_check(const struct node *template, const struct manifest *m,
		    struct diags *diags)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	const char *prefix = naming_prefix(&a, m->project, m->environment);

	for (size_t i = 0; i < m->nprocessors; i++) {
		const struct manifest_processor *p = &m->processors[i];
		const char *role = arena_printf(&a, "%sRole", naming_id(&a, p->name));
		const struct node *policies = node_at(
			node_get(node_get(template, "Resources"), role),
			"Properties.Policies");
		size_t size = policies ? size_of(policies, prefix) : 0;

		if (size > POLICIES_MAX)
			diags_add(diags, p->pos,
				  "give it fewer secrets, keys or topics, or shorter "
				  "names",
				  "the policies of processor '%s' would have some %zu "
				  "characters, and IAM takes %d a role",
				  p->name, size, POLICIES_MAX);
	}
}
