/*
 * How CloudFormation makes resources without knowing the services: each service
 * registers the resource types that it owns (struct service.resources).
 */
#ifndef FP_EMULATOR_PROVIDER_H
#define FP_EMULATOR_PROVIDER_H

#include <cjson/cJSON.h>

#include "base/base.h"

struct call;

/* A resource that exists. */
struct resource {
	char *physical_id; /* what Ref gives; owned */
	cJSON *attributes; /* what GetAtt gives: object of strings; owned */
};

struct resource_request {
	struct call *call; /* its fault explains a failure; its region and account hold */
	const char *stack_name, *stack_id, *logical_id;
	const char *suffix;	 /* 12 capitals and digits for generated names */
	const cJSON *properties; /* evaluated, checked against the facts; never NULL */
	const cJSON *previous;	 /* update: the properties before; else NULL */
	const cJSON *tags;	 /* the stack's tags: [{Key,Value}], to be merged */
};

/* All return 0, or -1 with call->fault. They may block. Idempotent: a create
 * or delete that was cut off is made again after a restart. */
struct resource_type {
	const char *type; /* "AWS::SNS::Topic" */
	int (*create)(const struct resource_request *r, struct resource *out);
	/* In place; the physical ID stays, attributes may be set anew. NULL: every
	 * change replaces the resource. */
	int (*update)(const struct resource_request *r, struct resource *inout);
	/* A resource that is gone already is deleted successfully. */
	int (*remove)(const struct resource_request *r, const struct resource *old);
};

/* "mystack-Topic-ABCDEFGHIJKL", cut to `max` characters; owned by the caller. */
char *resource_name(const struct resource_request *r, size_t max);

#endif
