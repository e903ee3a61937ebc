#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/service/s3_upload.h"

void s3_upload_release(struct s3_upload *u)
{
	free(u->id);
	free(u->algorithm);
	free(u->checksum_type);
	cJSON_Delete(u->headers);
	cJSON_Delete(u->tags);
	*u = (struct s3_upload){ 0 };
}

int s3_upload_find(struct s3_request *r, struct s3_upload *u)
{
	FP_AUTO(store_done) struct store_rows rows = { 0 };
	struct fp_error err = { 0 };
	struct s3_bucket b;

	if (s3_bucket_find(r->call, r->bucket, &b) < 0)
		return -1;
	if (store_query(&rows, r->call->emu->store, &err,
			"SELECT upload_id, headers, tags, algorithm, checksum_type"
			" FROM s3_uploads WHERE upload_id = ? AND bucket = ? AND key = ?",
			"sss", s3_param(r, "uploadId"), r->bucket, r->key) < 0)
		return s3_failed(r->call, &err);
	if (!store_next(&rows))
		return fault_set(
			&r->call->fault, 404, "NoSuchUpload",
			"The specified upload does not exist. The upload ID may be "
			"invalid, or the upload may have been aborted or completed.");
	u->id = xstrdup(store_text(&rows, 0));
	u->headers = cJSON_Parse(str_or(store_text(&rows, 1), "{}"));
	if (store_text(&rows, 2))
		u->tags = cJSON_Parse(store_text(&rows, 2));
	if (store_text(&rows, 3))
		u->algorithm = xstrdup(store_text(&rows, 3));
	u->checksum_type = xstrdup(str_or(store_text(&rows, 4), "COMPOSITE"));
	return 0;
}

static int insert_upload(struct s3_request *r, const char *id, const struct s3_object *o,
			 struct fp_error *err)
{
	FP_AUTO(freep) char *headers = json_text(o->headers);
	FP_AUTO(freep) char *tags = o->tags ? json_text(o->tags) : NULL;
	const char *algorithm = s3_header(r, "x-amz-checksum-algorithm");
	const char *type = s3_header(r, "x-amz-checksum-type");
	FP_AUTO(freep) char *lower = algorithm ? str_lower(xstrdup(algorithm)) : NULL;
	struct store *s = r->call->emu->store;

	/* CRC64NVME knows the whole object only. */
	if (lower && !type)
		type = str_eq(lower, "crc64nvme") ? "FULL_OBJECT" : "COMPOSITE";
	if (store_begin(s, err) < 0)
		return -1;
	if (store_exec(s, err,
		       "INSERT INTO s3_uploads (upload_id, bucket, key, created_ms,"
		       " headers, tags, algorithm, checksum_type)"
		       " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		       "sssissss", id, r->bucket, r->key, clock_now_ms(), headers, tags,
		       lower, type) < 0) {
		store_rollback(s);
		return -1;
	}
	if (lower) {
		headers_set(&r->res->headers, "x-amz-checksum-algorithm", algorithm);
		headers_set(&r->res->headers, "x-amz-checksum-type", type);
	}
	return store_commit(s, err);
}

/* A CRC can be of the whole, a digest only of its parts; CRC64NVME is always whole. */
static int check_checksum_type(struct s3_request *r)
{
	const char *algorithm = s3_header(r, "x-amz-checksum-algorithm");
	const char *type = s3_header(r, "x-amz-checksum-type");
	bool full = type && str_eq(type, "FULL_OBJECT");

	if (!algorithm || !type ||
	    !(full ? str_eq(algorithm, "SHA1") || str_eq(algorithm, "SHA256")
		   : str_eq(algorithm, "CRC64NVME")))
		return 0;
	return fault_set(&r->call->fault, 400, "InvalidRequest",
			 "The %s checksum type cannot be used with the %s checksum "
			 "algorithm.",
			 type, algorithm);
}

static int create_upload(struct s3_request *r)
{
	FP_AUTO(s3_stored_release) struct s3_object o = { 0 };
	struct buf *out = &r->res->body;
	struct fp_error err = { 0 };
	struct s3_bucket b;
	char id[37];

	if (s3_bucket_find(r->call, r->bucket, &b) < 0 || check_checksum_type(r) < 0 ||
	    s3_read_attributes(r, &o) < 0)
		return -1;
	random_uuid(id);
	if (insert_upload(r, id, &o, &err) < 0)
		return s3_failed(r->call, &err);
	s3_begin_xml(r, "InitiateMultipartUploadResult");
	xml_element(out, "Bucket", r->bucket);
	xml_element(out, "Key", r->key);
	xml_element(out, "UploadId", id);
	xml_close(out, "InitiateMultipartUploadResult");
	return 0;
}

static int drop_parts(struct s3_request *r, const char *id, struct fp_error *err)
{
	FP_AUTO(strs_release) struct strs blobs = STRS_INIT;
	struct store *s = r->call->emu->store;
	struct store_rows rows;

	if (store_query(&rows, s, err, "SELECT sha256 FROM s3_parts WHERE upload_id = ?",
			"s", id) < 0)
		return -1;
	while (store_next(&rows))
		strs_add(&blobs, store_text(&rows, 0));
	store_done(&rows);
	for (size_t i = 0; i < blobs.n; i++)
		if (store_blob_unref(s, blobs.v[i], err) < 0)
			return -1;
	return store_exec(s, err, "DELETE FROM s3_parts WHERE upload_id = ?", "s", id);
}

int s3_upload_drop(struct s3_request *r, const struct s3_upload *u)
{
	struct fp_error err = { 0 };

	if (drop_parts(r, u->id, &err) < 0 ||
	    store_exec(r->call->emu->store, &err,
		       "DELETE FROM s3_uploads WHERE upload_id = ?", "s", u->id) < 0)
		return s3_failed(r->call, &err);
	return 0;
}

static int abort_upload(struct s3_request *r)
{
	FP_AUTO(s3_upload_release) struct s3_upload u = { 0 };
	struct store *s = r->call->emu->store;
	struct fp_error err = { 0 };

	if (store_begin(s, &err) < 0)
		return s3_failed(r->call, &err);
	if (s3_upload_find(r, &u) < 0 || s3_upload_drop(r, &u) < 0) {
		store_rollback(s);
		return -1;
	}
	r->res->status = 204;
	return store_commit(s, &err) < 0 ? s3_failed(r->call, &err) : 0;
}

const struct s3_route s3_multipart_routes[] = {
	{ "POST", 2, "uploads", NULL, "CreateMultipartUpload", create_upload },
	{ "DELETE", 2, "uploadId", NULL, "AbortMultipartUpload", abort_upload },
	{ 0 },
};
