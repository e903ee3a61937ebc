/*
 * CloudFormation's intrinsic functions, evaluated as far as the values are
 * known. Rendering stops where only AWS knows the value and keeps the function;
 * the emulator runs the same code to the end.
 * Source: CloudFormation User Guide, "Intrinsic function reference", and the
 * AWS::LanguageExtensions transform (Fn::Length, Fn::ToJsonString,
 * Fn::ForEach, FindInMap's DefaultValue).
 *
 * Reads no clock, environment, file or network.
 */
#ifndef FP_CFN_EVAL_H
#define FP_CFN_EVAL_H

#include "base/diag.h"
#include "yaml/node.h"

/* What is known at this stage. Returned nodes are borrowed and may be of any kind. */
struct cfn_scope {
	/* The value of Ref NAME (a parameter, pseudo parameter, resource, or a
	 * render-time path such as "manifest.project"), or NULL: not known. */
	const struct node *(*ref)(void *ctx, const char *name);
	/* The value of Fn::GetAtt, or NULL: not known. May itself be NULL. */
	const struct node *(*get_att)(void *ctx, const char *logical_id,
				      const char *attribute);
	/* The value of an export (Fn::ImportValue), or NULL. May itself be NULL. */
	const struct node *(*import)(void *ctx, const char *name);
	/* Fn::GetStackOutput of {StackName, OutputName, Region, RoleArn}, or NULL. May
	 * itself be NULL. */
	const struct node *(*stack_output)(void *ctx, const struct node *args);
	void *ctx;
	/*
	 * Whether an unknown value is an error ("unresolved reference 'X'", with
	 * the place). Otherwise the function stays, its arguments evaluated as
	 * far as they go.
	 */
	bool complete;
	/* Whether there are more render-time names than `ref` gives: such a one stays. */
	bool open;
};

/*
 * Evaluate a whole template:
 * - Fn::ForEach in Parameters, Conditions, Resources, Outputs, in any mapping,
 *   and (our extension) as a list's item whose only key is Fn::ForEach::NAME;
 *   the loop runs over a list of scalars or maps, or over a map's entries in
 *   order (each entry's value, which names itself by its "name" or "id" keys;
 *   variable.key is the entry's key). Inside, ${variable} and ${variable.path}
 *   are replaced in keys and values, &{variable} too without what is no letter
 *   or digit, and !Ref variable.path gives the node itself. A body in a list
 *   that is a list itself gives all its items. A loop over a list that is not
 *   known stays;
 * - render-time names have a dot and begin in lower case; they are replaced in
 *   keys, in Fn::Sub, and in what Ref, GetAtt, Condition and DependsOn name. One
 *   that leads nowhere is an error at every stage; a null is AWS::NoValue;
 * - conditions that are known are folded: Fn::If takes its branch, a resource
 *   or output with a false Condition disappears (from DependsOn, too), a true one
 *   loses the key. Where a condition's name is expected, a render-time name that is
 *   true, false or null will do;
 * - Fn::ToJsonString with unknown texts inside becomes Fn::Sub, and Fn::Sub of one
 *   variable alone becomes Ref or GetAtt: neither needs a transform;
 * - AWS::NoValue removes the key or the item;
 * - parameters, mappings and conditions that nothing uses any more disappear;
 *   sections that became empty, too; `Transform: AWS::LanguageExtensions` is
 *   dropped once nothing needs it.
 * Values that the scope gives are taken as they are, not evaluated again. The
 * result shares nodes with `tmpl` and with the scope's values, which must live as
 * long; node_copy() sets it free.
 *
 * The order of keys is the template's. Short forms stay short (Fn::Sub becomes
 * !Sub), so that the output reads as a person would write it.
 *
 * Findings go to `diags`; returns -1 when there was any.
 */
FP_MUST_CHECK int cfn_eval_template(struct node **out, struct arena *a,
				    const struct node *tmpl,
				    const struct cfn_scope *scope, struct diags *diags);

/*
 * Evaluate one value, such as a resource's Properties. `tmpl` gives the mappings
 * and conditions that it may name, and may be NULL. `*out` is NULL when the
 * value is AWS::NoValue.
 */
FP_MUST_CHECK int cfn_eval_value(struct node **out, struct arena *a,
				 const struct node *value, const struct node *tmpl,
				 const struct cfn_scope *scope, struct fp_error *err);

#endif
