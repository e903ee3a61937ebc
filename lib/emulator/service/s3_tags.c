#include "base/json.h"
#include "base/str.h"
#include "emulator/service/s3.h"

#define MAX_TAGS  10
#define MAX_KEY	  128
#define MAX_VALUE 256

static int add_tag(struct call *c, cJSON *tags, const char *key, const char *value)
{
	if (!*key || strlen(key) > MAX_KEY)
		return fault_set(&c->fault, 400, "InvalidTag",
				 "The TagKey you have provided is invalid");
	if (strlen(value) > MAX_VALUE)
		return fault_set(&c->fault, 400, "InvalidTag",
				 "The TagValue you have provided is invalid");
	if (cJSON_GetObjectItemCaseSensitive(tags, key))
		return fault_set(&c->fault, 400, "InvalidTag",
				 "Cannot provide multiple Tags with the same key");
	if (cJSON_GetArraySize(tags) >= MAX_TAGS)
		return fault_set(&c->fault, 400, "BadRequest",
				 "Object tags cannot be greater than %d", MAX_TAGS);
	json_set_str(tags, key, value);
	return 0;
}

cJSON *s3_tags_from_query(struct call *c, const char *text)
{
	FP_AUTO(uri_params_release) struct uri_params p = URI_PARAMS_INIT;
	cJSON *tags = cJSON_CreateObject();

	uri_params_parse(&p, text, strlen(text), true);
	for (size_t i = 0; i < p.n; i++) {
		if (add_tag(c, tags, p.v[i].name, p.v[i].value) < 0) {
			cJSON_Delete(tags);
			return NULL;
		}
	}
	return tags;
}

/* <Tagging> to an object; NULL with a fault. */
static cJSON *tags_from_xml(struct s3_request *r)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	const struct xml *set;
	struct xml *root;
	cJSON *tags;

	if (s3_read_xml(r, &a, &root) < 0)
		return NULL;
	set = xml_child(root, "TagSet");
	tags = cJSON_CreateObject();
	for (const struct xml *x = set ? set->first : NULL; x; x = x->next) {
		if (add_tag(r->call, tags, xml_text(x, "Key", ""),
			    xml_text(x, "Value", "")) < 0) {
			cJSON_Delete(tags);
			return NULL;
		}
	}
	return tags;
}

static int find(struct s3_request *r, struct s3_object *o)
{
	struct s3_bucket b;

	if (s3_bucket_find(r->call, r->bucket, &b) < 0 ||
	    s3_object_get(r->call, r->bucket, r->key, s3_param(r, "versionId"), o) < 0)
		return -1;
	if (!str_eq(o->version_id, S3_NULL_VERSION))
		headers_set(&r->res->headers, "x-amz-version-id", o->version_id);
	return 0;
}

static int get_tags(struct s3_request *r)
{
	FP_AUTO(s3_stored_release) struct s3_object o = { 0 };
	struct buf *out = &r->res->body;

	if (find(r, &o) < 0)
		return -1;
	s3_begin_xml(r, "Tagging");
	xml_open(out, "TagSet");
	json_each_member (tag, o.tags) {
		xml_open(out, "Tag");
		xml_element(out, "Key", tag->string);
		xml_element(out, "Value", tag->valuestring);
		xml_close(out, "Tag");
	}
	xml_close(out, "TagSet");
	xml_close(out, "Tagging");
	return 0;
}

static int change_in(struct s3_request *r, const cJSON *tags, const char *event)
{
	FP_AUTO(s3_stored_release) struct s3_object o = { 0 };
	struct s3_bucket b;

	if (s3_bucket_find(r->call, r->bucket, &b) < 0 || find(r, &o) < 0 ||
	    s3_object_set_tags(r->call, r->bucket, &o, tags) < 0)
		return -1;
	return s3_notify(r->call, &b, event, &o);
}

static int change_tags(struct s3_request *r, const cJSON *tags, const char *event)
{
	struct store *s = r->call->emu->store;
	struct fp_error err = { 0 };

	if (store_begin(s, &err) < 0)
		return s3_failed(r->call, &err);
	if (change_in(r, tags, event) < 0) {
		store_rollback(s);
		return -1;
	}
	return store_commit(s, &err) < 0 ? s3_failed(r->call, &err) : 0;
}

static int put_tags(struct s3_request *r)
{
	FP_AUTO(json_freep) cJSON *tags = tags_from_xml(r);

	return tags ? change_tags(r, tags, "ObjectTagging:Put") : -1;
}

static int delete_tags(struct s3_request *r)
{
	r->res->status = 204;
	return change_tags(r, NULL, "ObjectTagging:Delete");
}

const struct s3_route s3_tags_routes[] = {
	{ "GET", 2, "tagging", NULL, "GetObjectTagging", get_tags },
	{ "PUT", 2, "tagging", NULL, "PutObjectTagging", put_tags },
	{ "DELETE", 2, "tagging", NULL, "DeleteObjectTagging", delete_tags },
	{ 0 },
};
