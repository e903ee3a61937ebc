/*
 * Change sets as they are stored. Internal to service/cloudformation*.c.
 */
#ifndef FP_EMULATOR_CLOUDFORMATION_CHANGESET_H
#define FP_EMULATOR_CLOUDFORMATION_CHANGESET_H

#include "emulator/service/cloudformation.h"

struct change_set {
	int64_t seq; /* 0: not stored yet */
	char *id, *stack_id, *name;
	char *token;	 /* of CreateChangeSet, or NULL */
	cJSON *doc;	 /* as DescribeChangeSet shows it */
	cJSON *desired;	 /* as in struct engine_stack */
	cJSON *findings; /* of engine_check_properties */
};
void change_set_release(struct change_set *s);
/* By id, or by name of a stack: 1, or 0 when there is none. */
int change_set_find(struct change_set *out, struct call *c, const char *stack_id,
		    const char *name);
/* As a request names it; fault ChangeSetNotFound 404. */
int change_set_get(struct change_set *out, struct call *c, const cJSON *in);
int change_set_save(struct call *c, struct change_set *s);
/* Drop all of a stack but one. */
int change_sets_forget(struct call *c, const char *stack_id, const char *but);

#endif
