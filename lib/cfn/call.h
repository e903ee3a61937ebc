/*
 * Which intrinsic function a node is: short form (`!Sub x`) or long form
 * ({"Fn::Sub": x}). Internal to lib/cfn.
 */
#ifndef FP_CALL_H
#define FP_CALL_H

#include "yaml/node.h"

enum fn {
	FN_AND,
	FN_BASE64,
	FN_CIDR,
	FN_CONDITION,
	FN_EQUALS,
	FN_FIND_IN_MAP,
	FN_GET_ATT,
	FN_GET_AZS,
	FN_GET_STACK_OUTPUT,
	FN_IF,
	FN_IMPORT_VALUE,
	FN_JOIN,
	FN_LENGTH,
	FN_NOT,
	FN_OR,
	FN_REF,
	FN_SELECT,
	FN_SPLIT,
	FN_SUB,
	FN_TO_JSON_STRING,
	FN_TRANSFORM,
	FN_COUNT,
};

struct call {
	enum fn fn;
	const struct node *node; /* the whole */
	/*
	 * The argument. Of a short form it is `node` itself, whose tag is then
	 * to be passed over.
	 */
	const struct node *arg;
};

enum call_status { CALL_NONE, CALL_FOUND, CALL_UNKNOWN };

/*
 * CALL_UNKNOWN: it looks like a function ("!Foo", "Fn::Foo" alone in a map), but
 * none is named so. {"Condition": X} is a function only where a condition is
 * expected, so that it is not recognised here; "Fn::ForEach::X" is none either.
 */
enum call_status call_of(const struct node *n, struct call *call);
/* "Fn::Sub", "Ref" */
const char *fn_name(enum fn fn);
/* "!Sub", "!Ref" */
const char *fn_tag(enum fn fn);
/* The nearest function's long name to "!Foo" or "Fn::Foo", or NULL. */
const char *fn_nearest(const char *name);

bool is_foreach_key(const char *key);
/* Whether it is a map whose only key is "Fn::ForEach::X": what a list splices. */
bool is_foreach_item(const struct node *n);
/* Whether no function is in it, at any depth. */
bool is_known(const struct node *n);

#endif
