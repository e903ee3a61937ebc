/*
 * Lists that come in pages: one way for all services.
 */
#ifndef FP_AWS_PAGINATE_H
#define FP_AWS_PAGINATE_H

#include "aws/client.h"

/* How an operation gives its list; botocore's paginators name the same members. */
struct aws_pages {
	const struct aws_api *api;
	const char *action;
	const char *list;  /* member of the answer that holds the items, or a path */
	const char *token; /* of the request; NULL: "NextToken" */
	const char *next;  /* of the answer; NULL: as `token` */
	/* The last page names itself as the next one (GetLogEvents). */
	bool repeat_ends;
	/* Member of the request that says how many items a page may have, and the most
	 * that the service takes; NULL: as the service likes. For lists that are cut
	 * short. */
	const char *limit;
	int64_t limit_max;
};

/* A page is the callee's to take from until it returns; false: no more pages, please. */
typedef bool (*aws_page_fn)(void *ctx, cJSON *page);

/*
 * Call `page` with each answer. `in` is the first request, and holds the last token
 * afterwards. FP_ERR_PROTOCOL for a list that names a page a second time, or that has
 * more than 10,000 of them.
 */
FP_MUST_CHECK int aws_paginate(struct aws_client *c, const struct aws_pages *p, cJSON *in,
			       aws_page_fn page, void *ctx, struct fp_error *err);
/* The items of all pages as one array, owned by the caller; `max` 0: all there are,
 * otherwise the first `max`. */
FP_MUST_CHECK int aws_collect(struct aws_client *c, const struct aws_pages *p, cJSON *in,
			      size_t max, cJSON **out, struct fp_error *err);

#endif
