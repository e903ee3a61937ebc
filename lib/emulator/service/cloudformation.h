/*
 * The emulator's CloudFormation: what its files share. Internal to
 * service/cloudformation*.c.
 *
 * Everything that must outlive a crash is in the store: a stack, what it was made
 * of, what it is about to become and each resource's state. An operation is a
 * delivery of the action FpctlExecute, which looks at the stack's status and goes
 * on from there, so that one that was cut is carried out again and ends the same.
 */
#ifndef FP_EMULATOR_CLOUDFORMATION_H
#define FP_EMULATOR_CLOUDFORMATION_H

#include "base/arena.h"
#include "base/map.h"
#include "base/str.h"
#include "cfn/eval.h"
#include "emulator/service.h"
#include "yaml/node.h"

#define ENGINE_STACK_TYPE     "AWS::CloudFormation::Stack"
#define ENGINE_USER_INITIATED "User Initiated"

/*
 * A stack. `deployed` and the operation's "Desired" are objects {Template,
 * Parameters: [{ParameterKey, ParameterValue}], Tags, Capabilities,
 * NotificationARNs, RoleARN}. The operation has besides {Id, Type, Token,
 * DisableRollback, OnFailure, RetainExceptOnCreate, Retain, Force, Skip,
 * Import, ChangeSetId}.
 */
struct engine_stack {
	int64_t seq; /* 0: not stored yet */
	char *id, *name;
	cJSON *doc;	  /* as DescribeStacks shows it */
	cJSON *deployed;  /* what it was last made of; NULL: nothing yet */
	cJSON *operation; /* what goes on; NULL: nothing */
};
void engine_stack_release(struct engine_stack *s);
const char *engine_status(const struct engine_stack *s);
/* Whether an operation goes on. */
bool engine_busy(const struct engine_stack *s);

enum engine_place {
	PLACE_LIVE, /* what the logical ID means */
	PLACE_OLD,  /* replaced or no more wanted; back to live when rolled back */
	PLACE_DROP, /* replaced by an operation that failed: never comes back */
	PLACE_GONE, /* deleted with its stack; kept to be shown */
};

/*
 * A resource. Its definition `def` is {Type, Properties, DeletionPolicy,
 * UpdateReplacePolicy, Metadata, Depends: [logical IDs]}, values evaluated.
 */
struct engine_resource {
	int64_t seq; /* 0: not stored yet */
	char *logical_id, *type;
	char *physical_id; /* NULL: not made yet */
	char *suffix;	   /* for generated names */
	char *status, *reason;
	int64_t updated_ms;
	cJSON *def, *attributes;
	cJSON *before; /* {def, attributes} that the operation changed in place, or NULL
			*/
	enum engine_place place;
	bool fresh;   /* made by the operation that goes on */
	bool pending; /* not stored: still to be removed or restored in this run */
};
struct engine_resources {
	struct engine_resource **v; /* in the order in which they were made */
	size_t n, cap;
};
void engine_resources_release(struct engine_resources *l);
/* The one in PLACE_LIVE, or NULL. */
struct engine_resource *engine_live(const struct engine_resources *l,
				    const char *logical_id);
/* A new one, owned by the list, not stored yet; takes `def`. */
struct engine_resource *engine_resources_add(struct engine_resources *l,
					     const char *logical_id, cJSON *def);

/*
 * cloudformation_store.c. All give -1 with c->fault. Nested transactions as
 * store.h has them.
 */
extern const char engine_schema[];
int engine_begin(struct call *c);
int engine_commit(struct call *c);
void engine_rollback(struct call *c);
/* By name (those that are not deleted) or id (any): 1, or 0 when there is none. */
int engine_stack_find(struct engine_stack *out, struct call *c, const char *name);
/* The same, and ValidationError "Stack with id X does not exist". */
int engine_stack_get(struct engine_stack *out, struct call *c, const char *name);
int engine_stack_save(struct call *c, struct engine_stack *s);
/* The id of the stack that has the resource now, owned by the caller, or NULL. */
char *engine_owner(struct call *c, const char *physical_id);
int engine_resources_load(struct engine_resources *out, struct call *c,
			  const char *stack_id);
int engine_resource_save(struct call *c, const char *stack_id, struct engine_resource *r);
/* Out of the list, too. */
int engine_resource_erase(struct call *c, struct engine_resources *l,
			  struct engine_resource *r);
/* Replace the exports and imports of a stack. */
int engine_exports_save(struct call *c, const struct engine_stack *s,
			const cJSON *outputs, const struct strs *imports);
/* The value, owned by the caller, or NULL; `owner` (may be NULL) is its stack's id. */
char *engine_export(struct call *c, const char *name, char **owner);
/* The name of a stack other than `s` that imports it, owned by the caller, or NULL. */
char *engine_importer(struct call *c, const struct engine_stack *s, const char *name);

/* cloudformation_event.c */
/* Set the stack's status, save it, and add its event: one transaction. */
int engine_transition(struct call *c, struct engine_stack *s, const char *status,
		      const char *reason);
/* The same for a resource. */
int engine_resource_set(struct call *c, const struct engine_stack *s,
			struct engine_resource *r, const char *status,
			const char *reason);
/* The ClientRequestToken of the last operation, owned by the caller, or NULL. */
char *engine_last_token(struct call *c, const struct engine_stack *s);
/* Now in AWS's form, owned by the caller. */
char *engine_now(void);
int engine_describe_events(struct call *c, const cJSON *in, cJSON *out);
int engine_describe_operation_events(struct call *c, const cJSON *in, cJSON *out);

/* cloudformation_template.c */
struct engine_template {
	struct arena arena;
	struct node *source; /* as it was written */
	struct node *folded; /* conditions and loops resolved; set by engine_fold */
};
void engine_template_release(struct engine_template *t);
/*
 * The text that the request names: TemplateBody, TemplateURL or UsePreviousTemplate
 * (of `stack`, which may be NULL). Owned by the caller; NULL with c->fault.
 */
char *engine_template_text(struct call *c, const cJSON *in,
			   const struct engine_stack *stack);
int engine_template_load(struct engine_template *t, struct call *c, const char *text);
/* The provider of a type, and the service that registered it; NULL: none. */
const struct resource_type *engine_type(const char *type, const char **service);
/* "Unrecognized resource types" unless every resource's type has a provider. */
int engine_check_types(struct call *c, const struct node *tmpl);
/* The capability that `t` (folded) needs and `given` does not have: fault. */
int engine_capabilities(struct call *c, const struct engine_template *t,
			const cJSON *given);
/* What the properties' check finds, as a list of {Path, Reason, LogicalResourceId,
 * ResourceType}; owned by the caller. */
cJSON *engine_check_properties(const struct engine_template *t);
/* The names of DeclaredTransforms; owned by the caller. */
cJSON *engine_transforms(const struct node *source);

/* cloudformation_parameters.c */
/*
 * What the parameters are worth: `given` is the request's list, `previous` the
 * stack's (may be NULL). Fills `out` with {ParameterKey, ParameterValue} in the
 * template's order.
 */
int engine_parameters(struct call *c, const struct node *source, const cJSON *given,
		      const cJSON *previous, cJSON *out);
/* A parameter's value as Ref gives it. */
struct node *engine_parameter_node(struct arena *a, const struct node *source,
				   const char *name, const char *value);
/* The list as Describe shows it: NoEcho hidden. Owned by the caller. */
cJSON *engine_parameters_shown(const struct node *source, const cJSON *parameters);

/* cloudformation_scope.c */
struct engine_scope {
	struct call *call;
	struct arena *arena; /* the template's: folding shares nodes */
	struct map values;   /* parameters and pseudo parameters */
	const struct engine_resources *resources; /* NULL until the template is folded */
	struct strs unknown;	      /* logical IDs whose values are not known yet */
	struct strs imports, missing; /* exports that were asked for, and found or not */
	struct cfn_scope cfn;
};
void engine_scope_init(struct engine_scope *s, struct call *c,
		       const struct engine_stack *st, const cJSON *desired,
		       struct engine_template *t);
void engine_scope_release(struct engine_scope *s);
/* Fill t->folded, and see that every resource's type is known. */
int engine_fold(struct engine_template *t, struct call *c, struct engine_scope *s);
/*
 * A resource's definition, as far as it is known (all of it when `complete`); owned
 * by the caller. NULL with `err`.
 */
cJSON *engine_definition(const struct engine_template *t, struct engine_scope *s,
			 const char *logical_id, bool complete, struct fp_error *err);
/* The stack's outputs as DescribeStacks shows them, in the same manner. */
cJSON *engine_outputs(const struct engine_template *t, struct engine_scope *s,
		      bool complete, struct fp_error *err);

/* cloudformation_diff.c */
enum engine_change { CHANGE_NONE, CHANGE_IN_PLACE, CHANGE_MAYBE, CHANGE_REPLACE };
/* What becomes of a resource whose definition changes; `details` (may be NULL) gets
 * ResourceChangeDetail objects. `tags`: the stack's tags changed. */
enum engine_change engine_compare(const cJSON *before, const cJSON *after, bool tags,
				  cJSON *details);
/*
 * The changes from the stack's resources to the desired state as DescribeChangeSet
 * shows them; *any says whether there is anything to do, be it of outputs or tags.
 */
int engine_changes(struct call *c, const struct engine_stack *s, const cJSON *desired,
		   struct engine_template *t, cJSON *changes, bool *any);
bool engine_tags_differ(const struct engine_stack *s, const cJSON *desired);

/* cloudformation_request.c: what CreateStack, UpdateStack and CreateChangeSet share. */
/*
 * From a request to a desired state: template, parameters, tags, capabilities,
 * all checked. `s` is the stack as it is, or a new one. Owned by the caller; NULL
 * with c->fault.
 */
cJSON *engine_desire(struct call *c, const cJSON *in, const struct engine_stack *s,
		     struct engine_template *t);
/* A new stack that is not stored yet. */
void engine_stack_new(struct engine_stack *s, struct call *c, const char *name);
/* "1 validation error detected" unless it is a name of at most 128 characters. */
int engine_check_name(struct call *c, const char *member, const char *name);
/* Begin an operation: status, event, delivery. Takes `operation`. */
int engine_start(struct call *c, struct engine_stack *s, cJSON *operation,
		 const char *status);
/* Show in DescribeStacks what it is made of. */
void engine_show(struct engine_stack *s, const cJSON *desired, const struct node *source);
/* A new operation; owned by the caller; takes `desired`. */
cJSON *engine_operation(const cJSON *in, const char *type, cJSON *desired);
/* Whether the stack can be updated; else ValidationError. */
int engine_may_update(struct call *c, const struct engine_stack *s);

/* cloudformation_execute.c, _apply.c, _remove.c */
struct engine_run {
	struct call *call;
	struct engine_stack stack;
	const cJSON *desired; /* borrowed from the stack */
	const cJSON *tags;    /* the stack's, that its resources get; borrowed */
	struct engine_template template;
	struct engine_resources resources;
	struct engine_scope scope;
	struct strs failed; /* logical IDs */
};
/* A run's steps return 0, STEP_FAILED (it is told in an event), or -1 with the call's
 * fault when nothing can be said, so that it must be tried again. */
#define STEP_FAILED 1
int engine_execute(struct call *c, const cJSON *in, cJSON *out);
/* Create or update what the desired state asks for. */
int engine_apply(struct engine_run *run);
/* Give what was updated in place its former properties, in the order of the former
 * template. What cannot be so is in run->failed. */
int engine_restore(struct engine_run *run);
/* Delete the chosen ones, those that depend on others first; OLD: what is no more
 * live, or never was. What cannot be deleted is in run->failed. */
enum engine_removal { REMOVE_ALL, REMOVE_OLD };
int engine_remove(struct engine_run *run, enum engine_removal which);
/* Ask the provider; a create that finds the resource there takes it in where the
 * operation allows that, and it is not `fresh` then. On failure `reason` gets the text
 * for the event. */
int engine_provider_create(struct engine_run *run, struct engine_resource *r,
			   struct buf *reason);
int engine_provider_update(struct engine_run *run, struct engine_resource *r,
			   const cJSON *properties, const cJSON *previous,
			   struct buf *reason);
int engine_provider_remove(struct engine_run *run, const struct engine_resource *r,
			   struct buf *reason);
/* The emulator stops: go on after the next start. */
int engine_stopping(struct call *c);
void engine_stop(bool stop);

/* cloudformation_changeset.c */
int engine_create_change_set(struct call *c, const cJSON *in, cJSON *out);
int engine_plan_change_set(struct call *c, const cJSON *in, cJSON *out);
int engine_describe_change_set(struct call *c, const cJSON *in, cJSON *out);
int engine_execute_change_set(struct call *c, const cJSON *in, cJSON *out);
int engine_delete_change_set(struct call *c, const cJSON *in, cJSON *out);
int engine_list_change_sets(struct call *c, const cJSON *in, cJSON *out);
/* The operation that executed it has ended. */
int engine_change_set_ended(struct call *c, const char *id, bool good);
int engine_change_sets_erase(struct call *c, const struct engine_stack *s);
/* What is to be shown as the change set's template (TemplateBody), owned. */
char *engine_change_set_template(struct call *c, const cJSON *in);
/* Its findings as DescribeEvents shows them, appended to `list`. */
int engine_change_set_findings(struct call *c, const cJSON *in, cJSON *list);

/* cloudformation_stack.c, cloudformation_show.c */
int engine_create_stack(struct call *c, const cJSON *in, cJSON *out);
int engine_update_stack(struct call *c, const cJSON *in, cJSON *out);
int engine_delete_stack(struct call *c, const cJSON *in, cJSON *out);
int engine_continue_rollback(struct call *c, const cJSON *in, cJSON *out);
int engine_protect_stack(struct call *c, const cJSON *in, cJSON *out);
int engine_describe_stacks(struct call *c, const cJSON *in, cJSON *out);
int engine_list_stacks(struct call *c, const cJSON *in, cJSON *out);
int engine_describe_resource(struct call *c, const cJSON *in, cJSON *out);
int engine_describe_resources(struct call *c, const cJSON *in, cJSON *out);
int engine_list_resources(struct call *c, const cJSON *in, cJSON *out);
int engine_list_exports(struct call *c, const cJSON *in, cJSON *out);
int engine_list_imports(struct call *c, const cJSON *in, cJSON *out);
int engine_get_template(struct call *c, const cJSON *in, cJSON *out);
int engine_get_template_summary(struct call *c, const cJSON *in, cJSON *out);
int engine_describe_limits(struct call *c, const cJSON *in, cJSON *out);
int engine_validate_template(struct call *c, const cJSON *in, cJSON *out);

#endif
