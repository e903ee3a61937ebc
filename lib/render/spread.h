/*
 * Over which s3 stack each bucket is spread. CloudFormation takes 500 resources, 200
 * outputs and 1 MB a stack; a bucket cannot move from one stack to another, so it stays
 * where it is, and a new one goes into the first stack with room.
 */
#ifndef FP_RENDER_SPREAD_H
#define FP_RENDER_SPREAD_H

#include "base/map.h"
#include "manifest/manifest.h"

/* Bucket -> number of its stack, from 1, of one environment or of several. */
struct spread {
	struct map at;	   /* "PREFIX:BUCKET" -> number */
	struct map wishes; /* the same, of buckets that may still go elsewhere */
};
#define SPREAD_INIT         \
	{                   \
		.at = { 0 } \
	}

/* `prefix` is what the environment's names begin with: "invoices-dev". Bucket "" only
 * says that there is a stack of that number. */
void spread_put(struct spread *s, const char *prefix, const char *bucket, size_t number);
/* 0: not known. */
size_t spread_get(const struct spread *s, const char *prefix, const char *bucket);
/*
 * Take over all that `over` knows; it goes before what was known. Where it knows of an
 * environment's stacks, those of its buckets that it does not know are deployed nowhere:
 * what was known of them is a wish, which holds while there is room.
 */
void spread_lay_over(struct spread *s, const struct spread *over);
/* Whether all that `other` knows is as `s` says: what only it knows of does not count. */
bool spread_agrees(const struct spread *s, const struct spread *other);
void spread_release(struct spread *s);

/* The highest number that was put for the prefix; 0: none. */
size_t spread_highest(const struct spread *s, const char *prefix);

/* The most stacks that a placement from outside may name. */
#define SPREAD_MAX 10000

/* "s3", "s3-2", ...: of the stack with that number. */
const char *spread_name(struct arena *a, size_t number);
/* The other way round; 0 when it is no such name. */
size_t spread_number(const char *name);

/* What a bucket takes of its stack. */
struct spread_weight {
	size_t resources, outputs, bytes;
};
/* With the built-in template; the bytes are an upper estimate. */
struct spread_weight spread_weigh(const struct manifest_bucket *b, const char *prefix);

/*
 * Give each of the manifest's buckets its stack: numbers[i] is bucket i's, who takes
 * weights[i]. `placed` may be NULL. Returns the highest number, at least 1.
 */
size_t spread_buckets(size_t *numbers, const struct manifest *m, const char *prefix,
		      const struct spread *placed, const struct spread_weight *weights);

#endif
