/*
 * Operations of a service one after another, as a table: what goes in, which
 * fault must come, or which value must stand in the answer.
 */
#ifndef FP_TEST_STEPS_H
#define FP_TEST_STEPS_H

#include "cloud.h"

struct step {
	const char *action, *in; /* JSON */
	const char *fault;	 /* its code; NULL: it succeeds */
	const char *path, *want; /* text at the path of the answer; NULL want: absent */
};

/* A member's text, or its JSON; owned by the caller. NULL when absent. */
static FP_UNUSED char *text_at(const cJSON *j, const char *path)
{
	FP_AUTO(strs_release) struct strs parts = STRS_INIT;

	strs_split(&parts, path, '/');
	for (size_t k = 0; k < parts.n && j; k++)
		j = cJSON_IsArray(j)
			    ? cJSON_GetArrayItem(j, (int)strtol(parts.v[k], NULL, 10))
			    : cJSON_GetObjectItemCaseSensitive(j, parts.v[k]);
	if (!j)
		return NULL;
	return cJSON_IsString(j) ? xstrdup(j->valuestring) : json_text(j);
}

/* Call an operation; the answer is owned by the caller. */
static FP_UNUSED cJSON *call_json(struct cloud *c, const char *service,
				  const char *action, const char *in)
{
	FP_AUTO(json_freep) cJSON *input = cJSON_Parse(in);
	cJSON *out = cJSON_CreateObject();

	ck_assert_msg(input != NULL, "%s: the test's input is no JSON: %s", action, in);
	memset(&c->call.fault, 0, sizeof(c->call.fault));
	(void)bus_call(&c->call, service, action, input, out);
	return out;
}

static FP_UNUSED void run_steps(struct cloud *c, const char *service,
				const struct step *steps, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		const struct step *s = &steps[k];
		FP_AUTO(json_freep) cJSON *out = call_json(c, service, s->action, s->in);
		FP_AUTO(freep) char *got = s->path ? text_at(out, s->path) : NULL;

		ck_assert_msg(str_eq(c->call.fault.code, str_or(s->fault, "")),
			      "step %zu, %s %s: %s: %s", k, s->action, s->in,
			      c->call.fault.code, c->call.fault.message);
		ck_assert_msg(!s->path || str_eq(got, s->want),
			      "step %zu, %s: %s is %s, not %s", k, s->action, s->path,
			      str_or(got, "absent"), str_or(s->want, "absent"));
	}
}

/* A resource type of a service. */
static FP_UNUSED const struct resource_type *find_type(const char *type)
{
	for (size_t i = 0; services[i]; i++)
		for (const struct resource_type *t = services[i]->resources; t && t->type;
		     t++)
			if (str_eq(t->type, type))
				return t;
	ck_abort_msg("no resource type %s", type);
	return NULL;
}

/* A request for the resource "Thing" of the stack "stack". */
static FP_UNUSED struct resource_request
request_for(struct cloud *c, const cJSON *properties, const cJSON *previous)
{
	memset(&c->call.fault, 0, sizeof(c->call.fault));
	return (struct resource_request){ .call = &c->call,
					  .stack_name = "stack",
					  .stack_id = "arn:stack/1",
					  .logical_id = "Thing",
					  .suffix = "ABCDEFGHIJKL",
					  .properties = properties,
					  .previous = previous };
}

#endif
