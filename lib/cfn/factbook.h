/*
 * The facts as they stand in facts.json, as structures. Internal to lib/cfn.
 *
 * A type's text is read when it is first asked for, by any thread, and stays.
 */
#ifndef FP_FACTBOOK_H
#define FP_FACTBOOK_H

#include "cfn/facts.h"

/* What a value may be; several together mean either. */
enum fact_kind {
	FACT_STRING = 1,
	FACT_INTEGER = 2,
	FACT_NUMBER = 4,
	FACT_BOOLEAN = 8,
	FACT_JSON = 16, /* any value */
	FACT_OBJECT = 32,
	FACT_MAP = 64,
	FACT_ARRAY = 128,
};

enum fact_policy { POLICY_NONE, POLICY_IDENTITY, POLICY_RESOURCE, POLICY_TRUST };

/* Inclusive limits; an absent one is infinite. */
struct fact_range {
	double min, max;
};

struct fact {
	const char *name; /* of the property; NULL for items and values */
	size_t name_len;
	unsigned kinds; /* of enum fact_kind */
	bool required, unique;
	bool fixed;  /* only read: a template cannot set it */
	bool secret; /* never read back */
	enum cfn_update update;
	enum fact_policy policy;
	struct fact *of; /* an object's properties, or NULL */
	size_t nof;
	struct fact *items, *values;  /* a list's, a map's, or NULL */
	const struct node *allowed;   /* the enum, a list, or NULL */
	const struct node *refs;      /* "AWS::IAM::Role.Arn": a list, or NULL */
	const struct node *rules;     /* between an object's properties, or NULL */
	const char *pattern, *format; /* or NULL */
	const char *keys;	      /* the pattern of a map's keys, or NULL */
	const char *key;	      /* that differs between a list's items, or NULL */
	struct fact_range length, value, size; /* characters, numbers, items */
};

struct type_facts {
	const char *name;
	const struct node *node; /* the whole: ref, attributes, arn, stateful, ... */
	struct fact properties;	 /* of kind FACT_OBJECT */
};

/* What is known of a resource type, or NULL. */
const struct type_facts *factbook_type(const char *type);
/* A property of an object, or NULL. */
const struct fact *fact_property(const struct fact *object, const char *name, size_t n);
/* Call `fn` for every type there is, in the order of names. */
void factbook_each(void (*fn)(void *ctx, const struct type_facts *type), void *ctx);

#endif
