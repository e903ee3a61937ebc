/*
 * What a template says about itself: parameters, resources, outputs, and who
 * depends on whom. Structure is checked here; values are eval.h's.
 */
#ifndef FP_CFN_TEMPLATE_H
#define FP_CFN_TEMPLATE_H

#include "base/diag.h"
#include "base/str.h"
#include "yaml/node.h"

/* CloudFormation's quotas. Source: User Guide, "CloudFormation quotas". */
#define CFN_MAX_BODY	   51200   /* bytes in a request */
#define CFN_MAX_URL_BODY   1048576 /* bytes by TemplateURL */
#define CFN_MAX_RESOURCES  500
#define CFN_MAX_PARAMETERS 200
#define CFN_MAX_OUTPUTS	   200
#define CFN_MAX_MAPPINGS   200

/*
 * Check all that CloudFormation would refuse and that shows without an account:
 * sections, logical IDs, parameters, mappings, conditions, references to what does not
 * exist, cycles, quotas, and the properties of the types that are known (facts.h),
 * policy documents included. What is a function is judged only as far as every value
 * of it would be refused.
 *
 * A finding begins with the path inside the template. All findings go to `diags`; -1
 * when there was any.
 */
FP_MUST_CHECK int cfn_template_check(const struct node *tmpl, struct diags *diags);

/* The same without the resources' properties: what ValidateTemplate refuses. */
FP_MUST_CHECK int cfn_template_check_structure(const struct node *tmpl,
					       struct diags *diags);

/*
 * As cfn_template_check, for a template that fpctl evaluates before CloudFormation sees
 * it: loops and AWS::LanguageExtensions' functions need no transform, and render-time
 * names are let pass. It is evaluated with nothing known, so that the functions' own
 * errors come out as well.
 */
FP_MUST_CHECK int cfn_check_source(const struct node *tmpl, struct diags *diags);

/* The same from a text; `file` is its name in the findings. */
FP_MUST_CHECK int cfn_check_text(const char *text, size_t n, const char *file,
				 struct diags *diags);

/*
 * The logical IDs that a resource waits for: DependsOn, Ref, GetAtt, Sub. Only
 * names that are resources of the template; each once, in order of appearance.
 */
void cfn_dependencies(struct strs *out, const struct node *tmpl, const char *logical_id);

/*
 * The resources in an order in which each follows what it depends on; ties keep
 * the template's order. A cycle is an error that names its members.
 */
FP_MUST_CHECK int cfn_resource_order(struct strs *out, const struct node *tmpl,
				     struct fp_error *err);

/*
 * Capabilities the template needs acknowledged: "CAPABILITY_NAMED_IAM" when an
 * IAM resource has a name of its own, "CAPABILITY_IAM" when it has none,
 * "CAPABILITY_AUTO_EXPAND" for a transform. NULL when none.
 */
const char *cfn_capability(const struct node *tmpl);

#endif
