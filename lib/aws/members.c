#include "aws/members.h"

#include <stdlib.h>

#include "base/digest.h"
#include "base/json.h"
#include "wire/shape.h"

cJSON *aws_input(const char *member, const char *value)
{
	cJSON *in = cJSON_CreateObject();

	json_set_str(in, member, value);
	return in;
}

void aws_put_list(cJSON *in, const char *member, const struct strs *list)
{
	cJSON *to;

	if (!list || !list->n)
		return;
	to = json_set_array(in, member);
	for (size_t i = 0; i < list->n; i++)
		json_push_str(to, list->v[i]);
}

void aws_put_pairs(cJSON *in, const char *member, const struct map *m, const char *key,
		   const char *value)
{
	cJSON *to;

	if (!m || !m->n)
		return;
	to = json_set_array(in, member);
	map_each (e, m) {
		cJSON *pair = json_push_object(to);

		json_set_str(pair, key, e->key);
		json_set_str(pair, value, e->value);
	}
}

void aws_put_flag(cJSON *in, const char *member, bool on)
{
	if (on)
		json_set_bool(in, member, true);
}

void aws_put_int(cJSON *in, const char *member, int64_t n)
{
	if (n)
		json_set_int(in, member, n);
}

void aws_put_token(cJSON *in, const char *member, const char *token)
{
	char fresh[37];

	if (!token)
		random_uuid(fresh);
	json_set_str(in, member, token ? token : fresh);
}

static const cJSON *at_path(const cJSON *j, const char *path)
{
	return path ? json_get(j, path) : j;
}

int64_t aws_time(const cJSON *j, const char *path, int64_t fallback)
{
	int64_t ms;

	return shape_read_time(at_path(j, path), &ms) ? ms : fallback;
}

double aws_number(const cJSON *j, const char *path, double fallback)
{
	const cJSON *m = at_path(j, path);
	const char *text = cJSON_GetStringValue(m);
	char *end;
	double d;

	if (cJSON_IsNumber(m))
		return m->valuedouble;
	if (!text || !*text)
		return fallback;
	d = strtod(text, &end);
	return *end ? fallback : d;
}

size_t aws_move_items(cJSON *to, cJSON *from, size_t max)
{
	cJSON *item;
	size_t n = 0;

	while (n < max && cJSON_IsArray(from) &&
	       (item = cJSON_DetachItemFromArray(from, 0))) {
		cJSON_AddItemToArray(to, item);
		n++;
	}
	return n;
}

static int lacks(const struct aws_api *api, const char *action, const char *member,
		 struct fp_error *err)
{
	return fp_fail(err, FP_ERR_PROTOCOL, "%s %s: the answer has no %s", api->service,
		       action, member);
}

int aws_call_for(struct aws_client *c, const struct aws_api *api, const char *action,
		 const cJSON *in, const char *member, cJSON **out, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *answer = NULL;

	*out = NULL;
	if (aws_call(c, api, action, in, &answer, err) < 0)
		return -1;
	*out = cJSON_DetachItemFromObjectCaseSensitive(answer, member);
	return *out ? 0 : lacks(api, action, member, err);
}

int aws_call_for_text(struct aws_client *c, const struct aws_api *api, const char *action,
		      const cJSON *in, const char *path, char **out, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *answer = NULL;
	const char *text;

	*out = NULL;
	if (aws_call(c, api, action, in, &answer, err) < 0)
		return -1;
	text = json_str(answer, path, NULL);
	if (!text)
		return lacks(api, action, path, err);
	*out = xstrdup(text);
	return 0;
}

static int call_batch(struct aws_client *c, const struct aws_batch *b,
		      const struct strs *names, const cJSON *in, cJSON *all,
		      struct fp_error *err)
{
	FP_AUTO(json_freep)
	cJSON *one = in ? cJSON_Duplicate(in, true) : cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *answer = NULL;

	aws_put_list(one, b->names, names);
	if (aws_call(c, b->api, b->action, one, &answer, err) < 0)
		return -1;
	(void)aws_move_items(all, json_get(answer, b->list), SIZE_MAX);
	return 0;
}

int aws_call_batches(struct aws_client *c, const struct aws_batch *b,
		     const struct strs *names, const cJSON *in, cJSON **out,
		     struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *all = cJSON_CreateArray();

	*out = NULL;
	for (size_t i = 0; i < names->n; i += b->max) {
		struct strs some = { names->v + i, FP_MIN(b->max, names->n - i), 0 };

		if (call_batch(c, b, &some, in, all, err) < 0)
			return -1;
	}
	*out = all;
	all = NULL;
	return 0;
}

int aws_pass_error(struct fp_error *err, const struct fp_error *why)
{
	if (err)
		*err = *why;
	return -1;
}
