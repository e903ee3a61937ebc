/*
 * Members of requests and answers, alike for every protocol. Query answers in texts
 * only, JSON in numbers, booleans and seconds: callers read an answer's members by
 * json_str, json_int and json_bool (base/json.h), which take both, and by what is here.
 */
#ifndef FP_AWS_MEMBERS_H
#define FP_AWS_MEMBERS_H

#include "aws/client.h"
#include "base/map.h"
#include "base/str.h"

/* A request with one member. */
cJSON *aws_input(const char *member, const char *value);
/* What is not given is not sent: NULL, an empty list or map, false, 0. */
void aws_put_list(cJSON *in, const char *member, const struct strs *list);
/* name -> char *, as [{key: name, value: text}]. */
void aws_put_pairs(cJSON *in, const char *member, const struct map *m, const char *key,
		   const char *value);
void aws_put_flag(cJSON *in, const char *member, bool on);
void aws_put_int(cJSON *in, const char *member, int64_t n);
/* The idempotency token: the caller's own, or a new one. */
void aws_put_token(cJSON *in, const char *member, const char *token);

/* Milliseconds since 1970, whether it came as ISO 8601 or as seconds. Path NULL: `j`
 * itself, here and below. */
int64_t aws_time(const cJSON *j, const char *path, int64_t fallback);
double aws_number(const cJSON *j, const char *path, double fallback);
/* Move up to `max` items of an array behind those of another; anything but an array (an
 * empty list of the Query protocol is a text) has none. How many were moved. */
size_t aws_move_items(cJSON *to, cJSON *from, size_t max);

/*
 * Call, and take one member out of the answer, owned by the caller. FP_ERR_PROTOCOL
 * when it is absent: "codepipeline GetPipeline: the answer has no pipeline".
 */
FP_MUST_CHECK int aws_call_for(struct aws_client *c, const struct aws_api *api,
			       const char *action, const cJSON *in, const char *member,
			       cJSON **out, struct fp_error *err);
/* The same for a text at a path. */
FP_MUST_CHECK int aws_call_for_text(struct aws_client *c, const struct aws_api *api,
				    const char *action, const cJSON *in, const char *path,
				    char **out, struct fp_error *err);

/* An operation that takes a list of names, so many at a time. */
struct aws_batch {
	const struct aws_api *api;
	const char *action;
	const char *names; /* member of the request */
	const char *list;  /* member of the answer */
	size_t max;	   /* names in one call */
};
/* Call it for all names; `in` has its other members, or is NULL. *out is an array of all
 * that was answered, owned by the caller. */
FP_MUST_CHECK int aws_call_batches(struct aws_client *c, const struct aws_batch *b,
				   const struct strs *names, const cJSON *in, cJSON **out,
				   struct fp_error *err);
/* Hand an error of a call on; -1. */
int aws_pass_error(struct fp_error *err, const struct fp_error *why);

#endif
