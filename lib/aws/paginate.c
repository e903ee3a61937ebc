#include "aws/paginate.h"

#include "aws/members.h"
#include "base/json.h"
#include "base/map.h"
#include "base/str.h"

#define MAX_PAGES 10000

static void seen_release(struct map *m)
{
	map_release(m, NULL);
}

static int refuse(const struct aws_pages *p, const char *why, struct fp_error *err)
{
	return fp_fail(err, FP_ERR_PROTOCOL, "%s %s: the list does not end: %s",
		       p->api->service, p->action, why);
}

/* Put the next page's token into `in`; false at the end of the list. */
static bool turn(const struct aws_pages *p, const cJSON *answer, cJSON *in)
{
	const char *token = p->token ? p->token : "NextToken";
	const char *next = json_str(answer, p->next ? p->next : token, "");

	if (!*next || (p->repeat_ends && str_eq(next, json_str(in, token, NULL))))
		return false;
	json_set_str(in, token, next);
	return true;
}

int aws_paginate(struct aws_client *c, const struct aws_pages *p, cJSON *in,
		 aws_page_fn page, void *ctx, struct fp_error *err)
{
	FP_AUTO(seen_release) struct map seen = MAP_INIT;

	for (int i = 0; i < MAX_PAGES; i++) {
		FP_AUTO(json_freep) cJSON *answer = NULL;
		const char *token;

		if (aws_call(c, p->api, p->action, in, &answer, err) < 0)
			return -1;
		if (!page(ctx, answer) || !turn(p, answer, in))
			return 0;
		token = json_str(in, p->token ? p->token : "NextToken", "");
		if (map_put(&seen, token, (void *)p))
			return refuse(p, "a page comes again", err);
	}
	return refuse(p, "it has too many pages", err);
}

struct collection {
	const char *list;
	cJSON *all;
	size_t left; /* to take; SIZE_MAX: no limit */
};

static bool collect(void *ctx, cJSON *page)
{
	struct collection *to = ctx;
	size_t n = aws_move_items(to->all, json_get(page, to->list), to->left);

	if (to->left != SIZE_MAX)
		to->left -= n;
	return to->left > 0;
}

int aws_collect(struct aws_client *c, const struct aws_pages *p, cJSON *in, size_t max,
		cJSON **out, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *all = cJSON_CreateArray();
	struct collection to = { p->list, all, max ? max : SIZE_MAX };

	*out = NULL;
	if (max && p->limit)
		json_set_int(in, p->limit, FP_MIN((int64_t)max, p->limit_max));
	if (aws_paginate(c, p, in, collect, &to, err) < 0)
		return -1;
	*out = all;
	all = NULL;
	return 0;
}
