/*
 * What the programs services*.c share: `PROGRAM CASE` makes one call of lib/aws/service
 * with fixed input to the endpoint of the environment, and prints as JSON what it
 * understood of the answers; without a case it prints their names. test/e2e/services/ has
 * the same input for botocore.
 */
#ifndef FP_PEER_SERVICES_H
#define FP_PEER_SERVICES_H

#include <stdio.h>
#include <string.h>

#include "aws/client.h"
#include "base/json.h"
#include "base/map.h"
#include "base/str.h"

/* What every encoding has to get right. */
#define ODD "st\303\244ck & <x> \"q\" 100% a+b/c=d~e"

struct service_case {
	const char *name;
	/* A call without a result leaves *out alone. */
	int (*call)(struct aws_client *c, cJSON **out, struct fp_error *err);
	bool anonymous;
};
#define CASE(f)              \
	{                    \
#f, f, false \
	}

static inline struct strs *list_of(const char *const *items, size_t n)
{
	static struct strs list;

	list = (struct strs){ (char **)(uintptr_t)items, n, n };
	return &list;
}
#define LIST(...)                                     \
	list_of((const char *const[]){ __VA_ARGS__ }, \
		sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static inline struct map *pairs(struct map *m, const char *const *items)
{
	for (; items[0]; items += 2)
		map_put(m, items[0], (void *)(uintptr_t)items[1]);
	return m;
}
#define PAIRS(m, ...) pairs(m, (const char *const[]){ __VA_ARGS__, NULL })

static inline void map_free(struct map *m)
{
	map_release(m, NULL);
}

static inline int text_out(int rc, const char *text, cJSON **out)
{
	if (rc == 0)
		*out = text ? cJSON_CreateString(text) : cJSON_CreateNull();
	return rc;
}

static inline int service_run(const struct service_case *one)
{
	FP_AUTO(aws_client_freep) struct aws_client *c = NULL;
	FP_AUTO(json_freep) cJSON *out = NULL;
	FP_AUTO(freep) char *text = NULL;
	struct aws_options o = { .anonymous = one->anonymous };
	struct fp_error err = { 0 };

	if (aws_client_new(&c, &o, &err) < 0 || one->call(c, &out, &err) < 0) {
		fprintf(stderr, "%s: %s\n", one->name, err.message);
		return 1;
	}
	text = out ? json_text(out) : xstrdup("null");
	puts(text);
	return 0;
}

static inline int service_main(const struct service_case *cases, size_t n,
			       const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (!name)
			puts(cases[i].name);
		else if (str_eq(name, cases[i].name))
			return service_run(&cases[i]);
	}
	return name ? 2 : 0;
}

#endif
