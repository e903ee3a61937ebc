#include "wire/query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "wire/uri.h"

#define MAX_DEPTH 16
/* AWS's largest forms (1000 metrics with dimensions) stay well below. */
#define MAX_PARAMS 100000

/*
 * The protocol's maps by name, with what their entries call key and value.
 * Structures look the same in JSON, so the names must be known; they are those of
 * botocore's models of CloudFormation, IAM, SNS, STS and CloudWatch.
 */
static const struct map_name {
	const char *name, *key, *value;
} map_names[] = {
	{ "Attributes", "key", "value" },
	{ "ResourceIdentifier", "key", "value" },
	{ "MessageAttributes", "Name", "Value" },
};

static const struct map_name *find_map(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_SIZE(map_names); i++)
		if (str_eq(map_names[i].name, name))
			return &map_names[i];
	return NULL;
}

static void put_param(struct buf *out, const char *name, const char *value)
{
	if (out->len)
		buf_putc(out, '&');
	uri_encode(out, name, strlen(name), "");
	buf_putc(out, '=');
	uri_encode(out, value, strlen(value), "");
}

static void put_scalar(struct buf *out, const struct buf *path, const cJSON *v)
{
	FP_AUTO(freep) char *number = NULL;

	if (cJSON_IsString(v)) {
		put_param(out, buf_str(path), v->valuestring);
	} else if (cJSON_IsBool(v)) {
		put_param(out, buf_str(path), cJSON_IsTrue(v) ? "true" : "false");
	} else if (cJSON_IsNumber(v)) {
		number = json_text(v);
		put_param(out, buf_str(path), number);
	}
}

static void put_value(struct buf *out, struct buf *path, const cJSON *v);

static void put_list(struct buf *out, struct buf *path, const cJSON *v)
{
	size_t len = path->len, i = 0;

	if (!v->child) /* an empty list is said by an empty parameter */
		put_param(out, buf_str(path), "");
	json_each (item, v) {
		buf_printf(path, ".member.%zu", ++i);
		put_value(out, path, item);
		buf_truncate(path, len);
	}
}

static void put_map(struct buf *out, struct buf *path, const cJSON *v,
		    const struct map_name *how)
{
	size_t len = path->len, entry_len, i = 0;

	json_each (item, v) {
		buf_printf(path, ".entry.%zu.", ++i);
		entry_len = path->len;
		buf_puts(path, how->key);
		put_param(out, buf_str(path), item->string);
		buf_truncate(path, entry_len);
		buf_puts(path, how->value);
		put_value(out, path, item);
		buf_truncate(path, len);
	}
}

static void put_members(struct buf *out, struct buf *path, const cJSON *v)
{
	size_t len = path->len;

	json_each (item, v) {
		const struct map_name *map = cJSON_IsObject(item) ? find_map(item->string)
								  : NULL;

		if (len)
			buf_putc(path, '.');
		buf_puts(path, item->string);
		if (map)
			put_map(out, path, item, map);
		else
			put_value(out, path, item);
		buf_truncate(path, len);
	}
}

static void put_value(struct buf *out, struct buf *path, const cJSON *v)
{
	if (cJSON_IsArray(v))
		put_list(out, path, v);
	else if (cJSON_IsObject(v))
		put_members(out, path, v);
	else
		put_scalar(out, path, v);
}

void query_encode_request(struct buf *out, const char *action, const char *version,
			  const cJSON *input)
{
	FP_AUTO(buf_release) struct buf path = BUF_INIT;

	put_param(out, "Action", action);
	put_param(out, "Version", version);
	put_members(out, &path, input);
}

/* A parameter on its way into the tree: its name cut at the dots. */
struct flat {
	struct strs parts;
	const char *value; /* borrowed from the parsed form */
};

static bool is_index(const char *s, int64_t *n)
{
	return str_to_i64(s, 0, INT32_MAX, n);
}

/* Indices by number and before all names: equal prefixes come to stand together. */
static int compare_parts(const char *a, const char *b)
{
	int64_t x, y;
	bool a_index = is_index(a, &x), b_index = is_index(b, &y);

	if (a_index != b_index)
		return a_index ? -1 : 1;
	if (a_index && x != y)
		return x < y ? -1 : 1;
	return strcmp(a, b);
}

static int compare_flat(const void *a, const void *b)
{
	const struct strs *x = &((const struct flat *)a)->parts;
	const struct strs *y = &((const struct flat *)b)->parts;

	for (size_t i = 0; i < x->n && i < y->n; i++) {
		int order = compare_parts(x->v[i], y->v[i]);

		if (order)
			return order;
	}
	return x->n < y->n ? -1 : x->n > y->n;
}

static cJSON *to_list(cJSON *object)
{
	cJSON *list = cJSON_CreateArray(), *item;

	while ((item = cJSON_DetachItemViaPointer(object, object->child)))
		cJSON_AddItemToArray(list, item);
	cJSON_Delete(object);
	return list;
}

static cJSON *detach_either(cJSON *entry, const char *name, const char *other)
{
	cJSON *item = cJSON_DetachItemFromObjectCaseSensitive(entry, name);

	return item ? item : cJSON_DetachItemFromObjectCaseSensitive(entry, other);
}

/* Entries {key, value} or {Name, Value} as one object; those without a key go. */
static cJSON *entries_to_object(cJSON *list)
{
	cJSON *object = cJSON_CreateObject();

	json_each (entry, list) {
		const char *name = json_str(entry, "key", json_str(entry, "Name", NULL));
		cJSON *value = name ? detach_either(entry, "value", "Value") : NULL;

		if (name)
			json_set(object, name, value ? value : cJSON_CreateString(""));
	}
	cJSON_Delete(list);
	return object;
}

/* {"1": a, "2": b} is a list; {"member": list} and {"entry": list} are wrappers. */
static cJSON *unwrap(cJSON *object)
{
	cJSON *first = object->child;
	int64_t n;

	if (!first)
		return object;
	if (is_index(first->prev->string, &n))
		return to_list(object);
	if (!cJSON_IsArray(first) || first->next ||
	    (!str_eq(first->string, "member") && !str_eq(first->string, "entry")))
		return object;
	cJSON_DetachItemViaPointer(object, first);
	cJSON_Delete(object);
	return str_eq(first->string, "entry") ? entries_to_object(first) : first;
}

/*
 * The tree of v[0..n), sorted, which share their first `depth` parts. NULL when a
 * name is given twice, or is both a value and has members.
 */
static cJSON *build(const struct flat *v, size_t n, size_t depth)
{
	cJSON *object;

	if (v[0].parts.n == depth)
		return n == 1 ? cJSON_CreateString(v[0].value) : NULL;
	object = cJSON_CreateObject();
	for (size_t i = 0, end; i < n; i = end) {
		const char *name = v[i].parts.v[depth];
		cJSON *value;

		for (end = i + 1; end < n && str_eq(v[end].parts.v[depth], name);)
			end++;
		value = build(v + i, end - i, depth + 1);
		if (!value) {
			cJSON_Delete(object);
			return NULL;
		}
		cJSON_AddItemToObject(object, name, value);
	}
	return depth ? unwrap(object) : object;
}

static int cut_names(struct flat *v, const struct uri_params *p, struct fp_error *err)
{
	for (size_t i = 0; i < p->n; i++) {
		strs_split(&v[i].parts, p->v[i].name, '.');
		v[i].value = p->v[i].value;
		if (v[i].parts.n > MAX_DEPTH)
			return fp_fail(err, FP_ERR_INPUT,
				       "parameter '%.100s' is nested more than %d deep",
				       p->v[i].name, MAX_DEPTH);
		if (!*p->v[i].name || strs_has(&v[i].parts, ""))
			return fp_fail(err, FP_ERR_INPUT, "'%.100s' is no parameter name",
				       p->v[i].name);
	}
	return 0;
}

cJSON *query_decode_request(const char *form, size_t n, struct fp_error *err)
{
	FP_AUTO(uri_params_release) struct uri_params p = URI_PARAMS_INIT;
	struct flat *v;
	cJSON *tree = NULL;

	/* A text that ended there would be another text. */
	if (memmem(form, n, "%00", 3)) {
		(void)fp_fail(err, FP_ERR_INPUT,
			      "a parameter has a character of value 0 in it");
		return NULL;
	}
	uri_params_parse(&p, form, n, true);
	if (!p.n)
		return cJSON_CreateObject();
	if (p.n > MAX_PARAMS) {
		fp_fail(err, FP_ERR_INPUT, "a request has at most %d parameters",
			MAX_PARAMS);
		return NULL;
	}
	v = xcalloc(p.n, sizeof(*v));
	if (cut_names(v, &p, err) == 0) {
		qsort(v, p.n, sizeof(*v), compare_flat);
		tree = build(v, p.n, 0);
		if (!tree)
			fp_fail(err, FP_ERR_INPUT,
				"a parameter is given twice, or has both "
				"a value and members");
	}
	for (size_t i = 0; i < p.n; i++)
		strs_release(&v[i].parts);
	free(v);
	return tree;
}
