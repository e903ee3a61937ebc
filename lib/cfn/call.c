#include "cfn/call.h"

#include "base/str.h"

static const struct {
	const char *name, *tag;
} functions[FN_COUNT] = {
	[FN_AND] = { "Fn::And", "!And" },
	[FN_BASE64] = { "Fn::Base64", "!Base64" },
	[FN_CIDR] = { "Fn::Cidr", "!Cidr" },
	[FN_CONDITION] = { "Condition", "!Condition" },
	[FN_EQUALS] = { "Fn::Equals", "!Equals" },
	[FN_FIND_IN_MAP] = { "Fn::FindInMap", "!FindInMap" },
	[FN_GET_ATT] = { "Fn::GetAtt", "!GetAtt" },
	[FN_GET_AZS] = { "Fn::GetAZs", "!GetAZs" },
	[FN_GET_STACK_OUTPUT] = { "Fn::GetStackOutput", "!GetStackOutput" },
	[FN_IF] = { "Fn::If", "!If" },
	[FN_IMPORT_VALUE] = { "Fn::ImportValue", "!ImportValue" },
	[FN_JOIN] = { "Fn::Join", "!Join" },
	[FN_LENGTH] = { "Fn::Length", "!Length" },
	[FN_NOT] = { "Fn::Not", "!Not" },
	[FN_OR] = { "Fn::Or", "!Or" },
	[FN_REF] = { "Ref", "!Ref" },
	[FN_SELECT] = { "Fn::Select", "!Select" },
	[FN_SPLIT] = { "Fn::Split", "!Split" },
	[FN_SUB] = { "Fn::Sub", "!Sub" },
	[FN_TO_JSON_STRING] = { "Fn::ToJsonString", "!ToJsonString" },
	[FN_TRANSFORM] = { "Fn::Transform", "!Transform" },
};

const char *fn_name(enum fn fn)
{
	return functions[fn].name;
}

const char *fn_tag(enum fn fn)
{
	return functions[fn].tag;
}

/* By the name behind "!" or "Fn::". */
static bool find(const char *name, enum fn *fn)
{
	for (size_t i = 0; i < FN_COUNT; i++) {
		if (functions[i].tag[1] == name[0] &&
		    str_eq(functions[i].tag + 1, name)) {
			*fn = (enum fn)i;
			return true;
		}
	}
	return false;
}

const char *fn_nearest(const char *name)
{
	const char *names[FN_COUNT], *near;
	enum fn fn;

	name += name[0] == '!' ? 1 : str_starts(name, "Fn::") ? 4 : 0;
	for (size_t i = 0; i < FN_COUNT; i++)
		names[i] = functions[i].tag + 1;
	near = str_nearest(name, names, FN_COUNT);
	return near && find(near, &fn) ? functions[fn].name : NULL;
}

bool is_foreach_key(const char *key)
{
	return str_starts(key, "Fn::ForEach::");
}

bool is_foreach_item(const struct node *n)
{
	return n->kind == NODE_MAPPING && !n->tag && n->map.n == 1 &&
	       is_foreach_key(n->map.v[0].key->scalar.text);
}

enum call_status call_of(const struct node *n, struct call *call)
{
	const char *key, *name;

	*call = (struct call){ FN_COUNT, n, n };
	if (n->tag) {
		name = str_starts(n->tag, "!Fn::") ? n->tag + 5 : n->tag + 1;
		return find(name, &call->fn) ? CALL_FOUND : CALL_UNKNOWN;
	}
	if (n->kind != NODE_MAPPING || n->map.n != 1)
		return CALL_NONE;
	key = n->map.v[0].key->scalar.text;
	call->arg = n->map.v[0].value;
	if (key[0] != 'R' && key[0] != 'F')
		return CALL_NONE;
	if (str_eq(key, "Ref")) {
		call->fn = FN_REF;
		return CALL_FOUND;
	}
	if (!str_starts(key, "Fn::") || is_foreach_key(key))
		return CALL_NONE;
	if (!find(key + 4, &call->fn) || call->fn == FN_REF || call->fn == FN_CONDITION)
		return CALL_UNKNOWN;
	return CALL_FOUND;
}

bool is_known(const struct node *n)
{
	struct call call;

	if (n->kind == NODE_SCALAR && !n->tag)
		return true;
	if (call_of(n, &call) != CALL_NONE || is_foreach_item(n))
		return false;
	if (n->kind == NODE_SEQUENCE) {
		for (size_t i = 0; i < n->seq.n; i++)
			if (!is_known(n->seq.v[i]))
				return false;
	} else if (n->kind == NODE_MAPPING) {
		for (size_t i = 0; i < n->map.n; i++)
			if (!is_known(n->map.v[i].value))
				return false;
	}
	return true;
}
