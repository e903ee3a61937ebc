/*
 * The check of a template: its state, and what its files call of one another.
 * Internal to lib/cfn.
 *
 * A finding begins with the path inside the template:
 * "Resources.Uploads.Properties.Tags[0]: the required property 'Value' is missing".
 */
#ifndef FP_CFN_CHECKER_H
#define FP_CFN_CHECKER_H

#include "base/diag.h"
#include "base/str.h"
#include "cfn/call.h"
#include "cfn/factbook.h"
#include "cfn/path.h"

struct checker {
	struct diags *diags;
	const struct node *tmpl;
	/* The sections that are maps; NULL when absent or something else. */
	const struct node *parameters, *resources, *conditions, *mappings, *outputs;
	/* A loop or a macro may still make what seems to be missing. */
	bool open;
	/* The template is evaluated before CloudFormation sees it. */
	bool source;
	bool folded;	 /* it was: parameters that nothing uses are gone */
	bool complete;	 /* and the manifest has nothing to add */
	bool properties; /* they are checked, too */
	bool extended;	 /* it has the transform AWS::LanguageExtensions */
	/* Where the check is. */
	bool in_conditions, in_properties;
	const char *type; /* of the resource at hand */
};

/* checker.c */
void check_fail(const struct checker *c, const struct step *at, struct fp_pos pos,
		const char *hint, const char *fmt, ...) FP_PRINTF(5, 6);
/* With "did you mean 'x'?" where one of the names is near, else the few there are. */
void check_fail_near(const struct checker *c, const struct step *at, struct fp_pos pos,
		     const char *name, const char *const *names, size_t n,
		     const char *fmt, ...) FP_PRINTF(7, 8);
/* As check_fail_near, by the keys of two maps, either of which may be NULL. */
void check_fail_near_key(const struct checker *c, const struct step *at,
			 struct fp_pos pos, const char *name, const struct node *a,
			 const struct node *b, const char *what);
bool check_is_listed(const char *const *names, size_t n, const char *name);
/* A value that is a function, a loop or a dynamic reference: not known yet. */
bool check_is_function(const struct node *value);
/* A text with a dynamic reference: "{{resolve:...}}". */
bool check_is_dynamic(const struct node *value);
/* Loops and macros may give any key. */
bool check_is_macro_key(const char *key);
bool check_has_macro(const struct node *map);
/* Characters, not bytes. */
size_t check_length(const struct node *text);
/* The value as a plain map; a finding and NULL when it is something else. */
const struct node *check_map(const struct checker *c, const struct step *at,
			     const struct node *value);

/* check_parameters.c */
void check_parameters(const struct checker *c);
/* Whether it is a parameter of several values. */
bool check_is_list_parameter(const struct checker *c, const char *name);

/* check_sections.c */
void check_top(const struct checker *c);
void check_mappings(const struct checker *c);
void check_outputs(const struct checker *c);
void check_rules(const struct checker *c);
/* Every entry is named by letters and digits; loops are passed over. */
void check_ids(const struct checker *c, const struct node *section, const char *name);

/* check_resources.c */
void check_resources(const struct checker *c);
void check_condition_name(const struct checker *c, const struct step *at,
			  const struct node *name);

/* check_references.c: what Conditions, Resources and Outputs name, and cycles. */
void check_references(const struct checker *c);
/* Whether it refers to a name that fpctl replaces when it renders. */
bool check_names_manifest(const struct checker *c, const struct node *n);

/* check_properties.c */
void check_properties(const struct checker *c, const struct step *at,
		      const struct node *resource);
void check_value(const struct checker *c, const struct fact *fact, const struct step *at,
		 const struct node *value);
/* check_limits.c */
void check_scalar_limits(const struct checker *c, const struct fact *fact,
			 const struct step *at, const struct node *value);
void check_list_limits(const struct checker *c, const struct fact *fact,
		       const struct step *at, const struct node *value);
void check_key(const struct checker *c, const struct fact *fact, const struct step *at,
	       const struct node *key);
void check_object_rules(const struct checker *c, const struct fact *fact,
			const struct step *at, const struct node *value);
/* Whether the property's form allows this text. */
bool check_form_allows(const struct fact *fact, const char *text);
/* check_fit.c: what a function gives, where a property wants something else. */
void check_fit(const struct checker *c, const struct fact *fact, const struct step *at,
	       const struct call *call);
/* check_fifo.c: queues and topics that keep the order, and who takes them. */
void check_fifo(const struct checker *c, const struct step *at,
		const struct node *resource);
/* check_policy.c; a text is JSON. */
void check_policy(const struct checker *c, enum fact_policy kind, const struct step *at,
		  const struct node *value);
/* check_functions.c */
enum gives { GIVES_ANYTHING, GIVES_TEXT, GIVES_LIST };
enum gives check_gives(const struct checker *c, const struct call *call);
/* Whether CloudFormation will refuse AWS::LanguageExtensions' functions. */
bool check_lacks_transform(const struct checker *c);
/* The functions and dynamic references in a value; NULL is fine. */
void check_functions(const struct checker *c, const struct step *at,
		     const struct node *n);

#endif
