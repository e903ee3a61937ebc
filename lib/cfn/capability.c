#include "cfn/call.h"
#include "cfn/template.h"

/* The properties that give an IAM resource a name of its own. */
static const char *const names[] = { "GroupName", "InstanceProfileName",
				     "ManagedPolicyName", "RoleName", "UserName" };

/* The strongest that a resource asks for: 0 none, 1 IAM, 2 named IAM. */
static int iam_level(const struct node *resource)
{
	const char *type = node_text(node_get(resource, "Type"));
	const struct node *properties = node_get(resource, "Properties");

	if (!type || !str_starts(type, "AWS::IAM::"))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (node_get(properties, names[i]) && !str_eq(type, "AWS::IAM::Policy"))
			return 2;
	return 1;
}

static bool has_transform(const struct node *n)
{
	struct call c;

	if (n->tag && call_of(n, &c) == CALL_FOUND && c.fn == FN_TRANSFORM)
		return true;
	for (size_t i = 0; n->kind == NODE_SEQUENCE && i < n->seq.n; i++)
		if (has_transform(n->seq.v[i]))
			return true;
	for (size_t i = 0; n->kind == NODE_MAPPING && i < n->map.n; i++) {
		const char *key = n->map.v[i].key->scalar.text;

		if (is_foreach_key(key) || str_eq(key, "Fn::Transform") ||
		    has_transform(n->map.v[i].value))
			return true;
	}
	return false;
}

const char *cfn_capability(const struct node *tmpl)
{
	const struct node *resources = node_get(tmpl, "Resources");
	int level = 0;

	for (size_t i = 0;
	     resources && resources->kind == NODE_MAPPING && i < resources->map.n; i++)
		level = FP_MAX(level, iam_level(resources->map.v[i].value));
	if (level)
		return level == 2 ? "CAPABILITY_NAMED_IAM" : "CAPABILITY_IAM";
	return node_get(tmpl, "Transform") || has_transform(tmpl)
		       ? "CAPABILITY_AUTO_EXPAND"
		       : NULL;
}
