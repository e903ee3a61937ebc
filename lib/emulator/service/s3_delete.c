#include "base/str.h"
#include "emulator/service/s3.h"

#define MAX_DELETES 1000

static int refuse_condition(struct call *c)
{
	return fault_set(&c->fault, 412, "PreconditionFailed",
			 "At least one of the pre-conditions you specified did not hold");
}

/* The latest version must be there and have one of the entity tags. */
static int check_match(struct call *c, const struct s3_bucket *b, const char *key,
		       const char *etags)
{
	FP_AUTO(s3_stored_release) struct s3_object o = { 0 };
	int rc = etags ? s3_object_find(c, b->name, key, NULL, &o) : 0;

	if (!etags || rc < 0)
		return rc;
	return rc == 1 && o.sha256 && s3_etag_in(etags, o.etag) ? 0 : refuse_condition(c);
}

/* In a transaction: one key, and who listens is told. */
static int delete_one(struct call *c, const struct s3_bucket *b, const char *key,
		      const char *version_id, struct s3_deletion *done)
{
	const char *event = "ObjectRemoved:Delete";
	struct s3_object gone = { .key = (char *)key };

	if (s3_object_delete(c, b, key, version_id, done) < 0)
		return -1;
	if (!done->existed || done->marker_removed)
		return 0;
	if (done->marker_made)
		event = "ObjectRemoved:DeleteMarkerCreated";
	gone.version_id = done->version_id;
	gone.seq = (int64_t)strtoull(done->sequencer, NULL, 16);
	return s3_notify(c, b, event, &gone);
}

static int delete_in(struct s3_request *r, struct s3_deletion *done)
{
	static const char *const others[] = { "x-amz-if-match-size",
					      "x-amz-if-match-last-modified-time" };
	struct s3_bucket b;

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (s3_header(r, others[i]))
			return fault_set(&r->call->fault, 501, "NotImplemented",
					 "only directory buckets know the header %s",
					 others[i]);
	if (s3_bucket_find(r->call, r->bucket, &b) < 0 ||
	    check_match(r->call, &b, r->key, s3_header(r, "If-Match")) < 0)
		return -1;
	return delete_one(r->call, &b, r->key, s3_param(r, "versionId"), done);
}

static int delete_object(struct s3_request *r)
{
	struct store *s = r->call->emu->store;
	struct s3_deletion done = { 0 };
	struct fp_error err = { 0 };

	if (store_begin(s, &err) < 0)
		return s3_failed(r->call, &err);
	if (delete_in(r, &done) < 0) {
		store_rollback(s);
		return -1;
	}
	if (store_commit(s, &err) < 0)
		return s3_failed(r->call, &err);
	r->res->status = 204;
	if (done.version_id[0])
		headers_set(&r->res->headers, "x-amz-version-id", done.version_id);
	if (done.marker_made || done.marker_removed)
		headers_set(&r->res->headers, "x-amz-delete-marker", "true");
	return 0;
}

static void report(struct buf *out, const char *key, const char *version_id,
		   const struct s3_deletion *done)
{
	xml_open(out, "Deleted");
	xml_element(out, "Key", key);
	xml_element(out, "VersionId", version_id);
	if (done->marker_made || done->marker_removed) {
		xml_element(out, "DeleteMarker", "true");
		xml_element(out, "DeleteMarkerVersionId", done->version_id);
	}
	xml_close(out, "Deleted");
}

static void report_refusal(struct buf *out, const char *key, const char *version_id,
			   const struct fault *f)
{
	xml_open(out, "Error");
	xml_element(out, "Key", key);
	xml_element(out, "VersionId", version_id);
	xml_element(out, "Code", f->code);
	xml_element(out, "Message", f->message);
	xml_close(out, "Error");
}

static int delete_listed(struct s3_request *r, const struct xml *root)
{
	bool quiet = str_eq(xml_text(root, "Quiet", "false"), "true");
	struct s3_bucket b;
	size_t n = 0;

	if (s3_bucket_find(r->call, r->bucket, &b) < 0)
		return -1;
	s3_begin_xml(r, "DeleteResult");
	for (const struct xml *x = root->first; x; x = x->next) {
		const char *key = xml_text(x, "Key", "");
		const char *version_id = xml_text(x, "VersionId", NULL);
		struct s3_deletion done;

		if (!str_eq(x->name, "Object"))
			continue;
		if (++n > MAX_DELETES || !*key)
			return fault_set(
				&r->call->fault, 400, "MalformedXML",
				"1 to %d objects with keys can be deleted at once",
				MAX_DELETES);
		if (check_match(r->call, &b, key, xml_text(x, "ETag", NULL)) < 0) {
			if (r->call->fault.status != 412)
				return -1;
			report_refusal(&r->res->body, key, version_id, &r->call->fault);
			r->call->fault = (struct fault){ 0 };
			continue;
		}
		if (delete_one(r->call, &b, key, version_id, &done) < 0)
			return -1;
		if (!quiet)
			report(&r->res->body, key, version_id, &done);
	}
	xml_close(&r->res->body, "DeleteResult");
	return 0;
}

static int delete_objects(struct s3_request *r)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	struct store *s = r->call->emu->store;
	struct fp_error err = { 0 };
	struct xml *root;

	if (s3_read_xml(r, &a, &root) < 0)
		return -1;
	if (store_begin(s, &err) < 0)
		return s3_failed(r->call, &err);
	if (delete_listed(r, root) < 0) {
		store_rollback(s);
		return -1;
	}
	return store_commit(s, &err) < 0 ? s3_failed(r->call, &err) : 0;
}

const struct s3_route s3_delete_routes[] = {
	{ "DELETE", 2, NULL, NULL, "DeleteObject", delete_object },
	{ "POST", 1, "delete", NULL, "DeleteObjects", delete_objects },
	{ 0 },
};
