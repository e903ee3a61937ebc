#include "wire/query.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "wire/shape.h"
#include "wire/xml.h"

static void put_element(struct buf *out, const char *name, const cJSON *v);

static void put_children(struct buf *out, const cJSON *v)
{
	bool map = json_bool(v, "__map", false);

	json_each (item, v) {
		if (!map) {
			put_element(out, cJSON_IsArray(v) ? "member" : item->string,
				    item);
		} else if (!str_eq(item->string, "__map")) {
			xml_open(out, "entry");
			xml_element(out, "key", item->string);
			put_element(out, "value", item);
			xml_close(out, "entry");
		}
	}
}

static void put_element(struct buf *out, const char *name, const cJSON *v)
{
	FP_AUTO(freep) char *number = NULL;
	char moment[25];
	int64_t ms;

	if (cJSON_IsNull(v))
		return;
	xml_open(out, name);
	if (shape_is_time(v, &ms)) {
		time_iso(moment, ms);
		buf_puts(out, moment);
	} else if (cJSON_IsString(v)) {
		xml_escape(out, v->valuestring);
	} else if (cJSON_IsBool(v)) {
		buf_puts(out, cJSON_IsTrue(v) ? "true" : "false");
	} else if (cJSON_IsNumber(v)) {
		number = json_text(v);
		buf_puts(out, number);
	} else {
		put_children(out, v);
	}
	xml_close(out, name);
}

static void open_root(struct buf *out, const char *name, const char *suffix,
		      const char *xmlns)
{
	buf_printf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<%s%s xmlns=\"",
		   name, suffix);
	xml_escape(out, xmlns);
	buf_puts(out, "\">");
}

void query_encode_response(struct buf *out, const char *action, const char *xmlns,
			   const char *request_id, const cJSON *result)
{
	open_root(out, action, "Response", xmlns);
	if (result) {
		buf_printf(out, "<%sResult>", action);
		put_children(out, result);
		buf_printf(out, "</%sResult>", action);
	}
	xml_open(out, "ResponseMetadata");
	xml_element(out, "RequestId", request_id);
	xml_close(out, "ResponseMetadata");
	buf_printf(out, "</%sResponse>\n", action);
}

void query_encode_error(struct buf *out, const char *xmlns, const char *request_id,
			const char *code, const char *message, bool sender_fault)
{
	open_root(out, "Error", "Response", xmlns);
	xml_open(out, "Error");
	xml_element(out, "Type", sender_fault ? "Sender" : "Receiver");
	xml_element(out, "Code", code);
	xml_element(out, "Message", message);
	xml_close(out, "Error");
	xml_element(out, "RequestId", request_id);
	xml_close(out, "ErrorResponse");
	buf_putc(out, '\n');
}

static bool all_named(const struct xml *x, const char *name)
{
	for (const struct xml *c = x->first; c; c = c->next)
		if (!str_eq(c->name, name))
			return false;
	return x->first != NULL;
}

static cJSON *read_value(const struct xml *x);

static cJSON *read_list(const struct xml *x)
{
	cJSON *list = cJSON_CreateArray();

	for (const struct xml *c = x->first; c; c = c->next)
		cJSON_AddItemToArray(list, read_value(c));
	return list;
}

static cJSON *read_map(const struct xml *x)
{
	cJSON *object = cJSON_CreateObject();

	for (const struct xml *e = x->first; e; e = e->next) {
		const struct xml *value = xml_child(e, "value");
		const char *key = xml_text(xml_child(e, "key"), "", NULL);

		if (!key)
			key = xml_text(xml_child(e, "Name"), "", "");
		if (!value)
			value = xml_child(e, "Value");
		cJSON_AddItemToObject(object, key,
				      value ? read_value(value) : cJSON_CreateString(""));
	}
	return object;
}

static cJSON *read_members(const struct xml *x)
{
	cJSON *object = cJSON_CreateObject();

	for (const struct xml *c = x->first; c; c = c->next) {
		const char *name = c->name;
		cJSON *value = read_value(c);

		/* A flattened list: elements of one name that follow each other. */
		if (c->next && str_eq(c->next->name, name)) {
			cJSON *list = cJSON_CreateArray();

			cJSON_AddItemToArray(list, value);
			for (; c->next && str_eq(c->next->name, name); c = c->next)
				cJSON_AddItemToArray(list, read_value(c->next));
			value = list;
		}
		cJSON_AddItemToObject(object, name, value);
	}
	return object;
}

static cJSON *read_value(const struct xml *x)
{
	if (!x->first)
		return cJSON_CreateString(x->text);
	if (all_named(x, "member"))
		return read_list(x);
	return all_named(x, "entry") ? read_map(x) : read_members(x);
}

cJSON *query_decode_response(const char *xml, size_t n, struct fp_error *err)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	struct xml *root;

	if (xml_parse(&root, &a, xml, n, err) < 0)
		return NULL;
	for (const struct xml *c = root->first; c; c = c->next)
		if (str_ends(c->name, "Result"))
			return c->first ? read_value(c) : cJSON_CreateObject();
	return cJSON_CreateObject();
}
