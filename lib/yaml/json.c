#include "yaml/json.h"

#include <math.h>

#include "base/str.h"
#include "yaml/number.h"

/* A number if the double gives the same text back, else the text. */
static cJSON *number_to_json(const struct node *n)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	char back[32];
	int64_t i;
	double d;

	if (!number_put(&text, n))
		return cJSON_CreateString(n->scalar.text);
	d = strtod(text.data, NULL);
	if (n->scalar.type == SCALAR_INT &&
	    (!str_to_i64(text.data, -(1LL << 53), 1LL << 53, &i)))
		return cJSON_CreateString(text.data);
	snprintf(back, sizeof(back), "%.17g", d);
	if (!isfinite(d) || strtod(back, NULL) != d)
		return cJSON_CreateString(text.data);
	return cJSON_CreateNumber(d);
}

static cJSON *scalar_to_json(const struct node *n)
{
	bool value = false;

	switch (n->scalar.type) {
	case SCALAR_NULL:
		return cJSON_CreateNull();
	case SCALAR_BOOL:
		node_as_bool(n, &value);
		return cJSON_CreateBool(value);
	case SCALAR_INT:
	case SCALAR_FLOAT:
		return number_to_json(n);
	case SCALAR_STRING:
		break;
	}
	return cJSON_CreateString(n->scalar.text);
}

static cJSON *to_json(struct arena *a, const struct node *n)
{
	cJSON *j;

	n = node_long_form(a, n);
	if (node_is_null(n))
		return cJSON_CreateNull();
	if (n->kind == NODE_SCALAR)
		return scalar_to_json(n);
	if (n->kind == NODE_SEQUENCE) {
		j = cJSON_CreateArray();
		for (size_t i = 0; i < n->seq.n; i++)
			cJSON_AddItemToArray(j, to_json(a, n->seq.v[i]));
		return j;
	}
	j = cJSON_CreateObject();
	for (size_t i = 0; i < n->map.n; i++)
		cJSON_AddItemToObject(j, n->map.v[i].key->scalar.text,
				      to_json(a, n->map.v[i].value));
	return j;
}

cJSON *node_to_json(const struct node *n)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;

	return to_json(&a, n);
}

static struct node *number_from_json(struct arena *a, double d)
{
	struct node *n;
	char text[40];

	if (d == floor(d) && fabs(d) <= (double)(1LL << 53))
		return node_int(a, (int64_t)d);
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, d);
		if (strtod(text, NULL) == d)
			break;
	}
	n = node_string(a, text);
	n->scalar.type = node_scalar_type(text, strlen(text));
	return n;
}

struct node *node_from_json(struct arena *a, const cJSON *j)
{
	struct node *n;

	if (cJSON_IsString(j))
		return node_string(a, j->valuestring);
	if (cJSON_IsBool(j))
		return node_bool(a, cJSON_IsTrue(j));
	if (cJSON_IsNumber(j))
		return number_from_json(a, j->valuedouble);
	if (cJSON_IsArray(j)) {
		n = node_sequence(a);
		for (const cJSON *c = j->child; c; c = c->next)
			node_push(a, n, node_from_json(a, c));
		return n;
	}
	if (cJSON_IsObject(j)) {
		n = node_mapping(a);
		for (const cJSON *c = j->child; c; c = c->next)
			node_set(a, n, c->string, node_from_json(a, c));
		return n;
	}
	return node_null(a);
}
