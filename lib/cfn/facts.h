/*
 * What CloudFormation says of each resource type: properties, which of them
 * replace the resource, attributes. From lib/cfn/facts.json, compiled in; its
 * head says where the facts come from.
 */
#ifndef FP_CFN_FACTS_H
#define FP_CFN_FACTS_H

#include "base/diag.h"
#include "yaml/node.h"

enum cfn_update { CFN_UPDATE_IN_PLACE, CFN_UPDATE_REPLACE, CFN_UPDATE_MAYBE };

/* Whether the type is known: "AWS::S3::Bucket". */
bool cfn_type_known(const char *type);
/* Whether it has this GetAtt attribute. */
bool cfn_type_has_attribute(const char *type, const char *attribute);
/* Whether it holds data that a replacement would lose. */
bool cfn_type_stateful(const char *type);
/* What changing a property does; `path` is dotted: "VersioningConfiguration.Status". */
enum cfn_update cfn_property_update(const char *type, const char *path);

/*
 * Check a resource's properties against the facts: unknown names (nearest
 * suggested), missing required ones, types, allowed values, patterns, lengths, ranges,
 * and the rules between properties; but not what policy documents say. Values that are
 * still functions are passed over. A finding begins with the path from "Properties" on.
 */
void cfn_check_properties(struct diags *diags, const char *type,
			  const struct node *resource);

#endif
