#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/service/s3.h"

#define COLUMNS                                                               \
	"key, version_id, etag, sha256, checksum, headers, tags, seq, size, " \
	"modified_ms,"                                                        \
	" latest"

void s3_stored_release(struct s3_object *o)
{
	free(o->key);
	free(o->version_id);
	free(o->etag);
	free(o->sha256);
	free(o->checksum);
	cJSON_Delete(o->headers);
	cJSON_Delete(o->tags);
	*o = (struct s3_object){ 0 };
}

void s3_sequencer(char out[17], int64_t seq)
{
	(void)snprintf(out, 17, "%016llX", (unsigned long long)seq);
}

static char *text_of(const struct store_rows *r, int column)
{
	const char *s = store_text(r, column);

	return s ? xstrdup(s) : NULL;
}

static cJSON *json_of(const struct store_rows *r, int column)
{
	const char *s = store_text(r, column);

	return s ? cJSON_Parse(s) : NULL;
}

static void read_row(struct s3_object *o, const struct store_rows *r)
{
	*o = (struct s3_object){ .key = text_of(r, 0),
				 .version_id = text_of(r, 1),
				 .etag = text_of(r, 2),
				 .sha256 = text_of(r, 3),
				 .checksum = text_of(r, 4),
				 .headers = json_of(r, 5),
				 .tags = json_of(r, 6),
				 .seq = store_int(r, 7),
				 .size = store_int(r, 8),
				 .modified_ms = store_int(r, 9),
				 .latest = store_int(r, 10) != 0 };
}

int s3_object_find(struct call *c, const char *bucket, const char *key,
		   const char *version_id, struct s3_object *out)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };
	int rc;

	*out = (struct s3_object){ 0 };
	if (version_id)
		rc = store_query(&r, c->emu->store, &err,
				 "SELECT " COLUMNS " FROM s3_objects WHERE bucket = ?"
				 " AND key = ? AND version_id = ?",
				 "sss", bucket, key, version_id);
	else
		rc = store_query(&r, c->emu->store, &err,
				 "SELECT " COLUMNS " FROM s3_objects WHERE bucket = ?"
				 " AND key = ? ORDER BY seq DESC LIMIT 1",
				 "ss", bucket, key);
	if (rc < 0)
		return s3_failed(c, &err);
	if (!store_next(&r))
		return 0;
	read_row(out, &r);
	return 1;
}

int s3_object_get(struct call *c, const char *bucket, const char *key,
		  const char *version_id, struct s3_object *out)
{
	int rc = s3_object_find(c, bucket, key, version_id, out);

	if (rc < 0)
		return -1;
	if (rc == 1 && out->sha256)
		return 0;
	if (rc == 1 && version_id)
		return fault_set(&c->fault, 405, "MethodNotAllowed",
				 "the specified version is a delete marker");
	if (version_id)
		return fault_set(&c->fault, 404, "NoSuchVersion",
				 "the specified version does not exist");
	return fault_set(&c->fault, 404, "NoSuchKey",
			 "The specified key does not exist.");
}

/* Remove one version and give its blob back. */
static int remove_row(struct call *c, const char *bucket, const struct s3_object *o,
		      struct fp_error *err)
{
	struct store *s = c->emu->store;

	if (store_exec(s, err,
		       "DELETE FROM s3_objects WHERE bucket = ? AND key = ? AND seq = ?",
		       "ssi", bucket, o->key, o->seq) < 0)
		return -1;
	return o->sha256 ? store_blob_unref(s, o->sha256, err) : 0;
}

/* Whatever stands as the version "null" goes: a new one takes its place. */
static int remove_null(struct call *c, const char *bucket, const char *key, bool *existed,
		       struct fp_error *err)
{
	struct s3_object old;
	int rc = s3_object_find(c, bucket, key, S3_NULL_VERSION, &old);

	if (rc == 1) {
		if (existed)
			*existed = old.sha256 != NULL;
		rc = remove_row(c, bucket, &old, err);
	}
	s3_stored_release(&old);
	return rc < 0 ? -1 : 0;
}

static char *new_version_id(const struct s3_bucket *b)
{
	char uuid[37], hex[33];
	size_t n = 0;

	if (b->versioning != S3_ENABLED)
		return xstrdup(S3_NULL_VERSION);
	random_uuid(uuid);
	for (size_t i = 0; uuid[i] && n < sizeof(hex) - 1; i++)
		if (uuid[i] != '-')
			hex[n++] = uuid[i];
	hex[n] = '\0';
	return xstrdup(hex);
}

static int insert_row(struct call *c, const struct s3_bucket *b, struct s3_object *o,
		      struct fp_error *err)
{
	FP_AUTO(freep) char *headers = o->headers ? json_text(o->headers) : NULL;
	FP_AUTO(freep) char *tags = o->tags ? json_text(o->tags) : NULL;
	struct store *s = c->emu->store;

	if (store_sequence(s, &o->seq, err) < 0)
		return -1;
	o->latest = true;
	if (b->versioning != S3_UNVERSIONED &&
	    store_exec(s, err,
		       "UPDATE s3_objects SET latest = 0 WHERE bucket = ? AND key = ?"
		       " AND latest = 1",
		       "ss", b->name, o->key) < 0)
		return -1;
	return store_exec(s, err,
			  "INSERT INTO s3_objects (bucket, key, seq, version_id, latest,"
			  " size, etag, sha256, modified_ms, headers, tags, checksum)"
			  " VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?)",
			  "ssisississs", b->name, o->key, o->seq, o->version_id, o->size,
			  o->etag, o->sha256, o->modified_ms, headers, tags, o->checksum);
}

static int refer(struct store *s, const struct s3_object *o, struct fp_error *err)
{
	if (!o->sha256)
		return 0;
	if (!o->bytes)
		return store_blob_ref(s, o->sha256, err);
	return store_blob_add(s, o->sha256, o->bytes->data, o->bytes->len, err);
}

/* Add a version or a delete marker on top. */
static int add_version(struct call *c, const struct s3_bucket *b, struct s3_object *o,
		       bool *replaced)
{
	struct fp_error err = { 0 };

	free(o->version_id);
	o->version_id = new_version_id(b);
	o->modified_ms = clock_now_ms();
	/* The reference first: what it replaces may hold the only other one. */
	if (refer(c->emu->store, o, &err) < 0 ||
	    (b->versioning != S3_ENABLED &&
	     remove_null(c, b->name, o->key, replaced, &err) < 0) ||
	    insert_row(c, b, o, &err) < 0)
		return s3_failed(c, &err);
	return 0;
}

int s3_object_put(struct call *c, const struct s3_bucket *b, struct s3_object *o)
{
	return add_version(c, b, o, NULL);
}

/* The newest version that is left becomes the latest. */
static int promote(struct call *c, const char *bucket, const char *key,
		   struct fp_error *err)
{
	return store_exec(
		c->emu->store, err,
		"UPDATE s3_objects SET latest = 1 WHERE bucket = ?1 AND key = ?2"
		" AND seq = (SELECT MAX(seq) FROM s3_objects WHERE bucket = ?1"
		" AND key = ?2)",
		"ss", bucket, key);
}

static int delete_version(struct call *c, const struct s3_bucket *b, const char *key,
			  const char *version_id, struct s3_deletion *out)
{
	struct fp_error err = { 0 };
	struct s3_object o;
	int rc = s3_object_find(c, b->name, key, version_id, &o);

	if (rc == 1) {
		out->existed = true;
		out->marker_removed = !o.sha256;
		rc = remove_row(c, b->name, &o, &err);
		if (rc == 0 && o.latest)
			rc = promote(c, b->name, key, &err);
		if (rc < 0)
			(void)s3_failed(c, &err);
	}
	s3_stored_release(&o);
	(void)snprintf(out->version_id, sizeof(out->version_id), "%s", version_id);
	return rc < 0 ? -1 : 0;
}

static int add_marker(struct call *c, const struct s3_bucket *b, const char *key,
		      struct s3_deletion *out)
{
	struct s3_object marker = { .key = xstrdup(key) };
	int rc = add_version(c, b, &marker, NULL);

	out->existed = out->marker_made = true;
	if (rc == 0)
		(void)snprintf(out->version_id, sizeof(out->version_id), "%s",
			       marker.version_id);
	s3_stored_release(&marker);
	return rc;
}

int s3_object_delete(struct call *c, const struct s3_bucket *b, const char *key,
		     const char *version_id, struct s3_deletion *out)
{
	struct fp_error err = { 0 };
	int64_t seq;

	*out = (struct s3_deletion){ 0 };
	if (store_sequence(c->emu->store, &seq, &err) < 0)
		return s3_failed(c, &err);
	s3_sequencer(out->sequencer, seq);
	if (version_id)
		return delete_version(c, b, key, version_id, out);
	if (b->versioning != S3_UNVERSIONED)
		return add_marker(c, b, key, out);
	if (remove_null(c, b->name, key, &out->existed, &err) < 0)
		return s3_failed(c, &err);
	return 0;
}

int s3_object_set_tags(struct call *c, const char *bucket, const struct s3_object *o,
		       const cJSON *tags)
{
	FP_AUTO(freep) char *text = tags ? json_text(tags) : NULL;
	struct fp_error err = { 0 };

	if (store_exec(c->emu->store, &err,
		       "UPDATE s3_objects SET tags = ? WHERE bucket = ? AND key = ?"
		       " AND seq = ?",
		       "sssi", text, bucket, o->key, o->seq) < 0)
		return s3_failed(c, &err);
	return 0;
}
