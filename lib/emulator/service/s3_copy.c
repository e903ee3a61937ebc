#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/str.h"
#include "emulator/service/s3.h"
#include "wire/checksum.h"

#define SOURCE	  "x-amz-copy-source"
#define READ_SIZE ((size_t)256 << 10)

/* "/bucket/key?versionId=x", encoded, into its three parts. */
static int split_source(struct s3_request *r, char **bucket, char **key,
			char **version_id)
{
	const char *s = s3_header(r, SOURCE), *slash, *question;
	struct buf b = BUF_INIT;

	s += *s == '/';
	slash = strchr(s, '/');
	if (!slash || !slash[1] || strstr(s, "%00"))
		return fault_set(&r->call->fault, 400, "InvalidArgument",
				 "Copy Source must mention the source bucket and key: "
				 "sourcebucket/sourcekey");
	question = strstr(slash, "?versionId=");
	uri_decode(&b, s, (size_t)(slash - s), false);
	*bucket = buf_detach(&b);
	uri_decode(&b, slash + 1,
		   question ? (size_t)(question - slash - 1) : strlen(slash + 1), false);
	*key = buf_detach(&b);
	if (question)
		*version_id = xstrdup(strchr(question, '=') + 1);
	return 0;
}

int s3_copy_source(struct s3_request *r, struct s3_object *o, char **bucket)
{
	FP_AUTO(freep) char *key = NULL;
	FP_AUTO(freep) char *version_id = NULL;
	struct s3_bucket b;

	if (split_source(r, bucket, &key, &version_id) < 0 ||
	    s3_bucket_find(r->call, *bucket, &b) < 0 ||
	    s3_object_get(r->call, *bucket, key, version_id, o) < 0)
		return -1;
	if (!str_eq(o->version_id, S3_NULL_VERSION))
		headers_set(&r->res->headers, "x-amz-copy-source-version-id",
			    o->version_id);
	return s3_check_read(r, o, SOURCE "-");
}

/*
 * What a copy says of its bytes where the source says it otherwise: an upload in parts
 * has an entity tag and checksums of its parts, a copy those of the whole.
 */
struct account {
	char sha256[65]; /* of the bytes; "" when nothing was computed */
	char etag[33];
	char *checksum; /* owned; NULL: as the source has it */
};

static void account_release(struct account *a)
{
	free(a->checksum);
}

static int read_all(int fd, struct digest *md5, struct checksum *sum,
		    struct fp_error *err)
{
	FP_AUTO(freep) char *chunk = xmalloc(READ_SIZE);
	ssize_t n;

	while ((n = read(fd, chunk, READ_SIZE)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fp_fail_errno(err, "cannot read a stored object");
		digest_update(md5, chunk, (size_t)n);
		if (sum)
			checksum_update(sum, chunk, (size_t)n);
	}
	return 0;
}

static int compute(struct s3_request *r, struct account *a, const struct s3_object *o,
		   const char *algorithm)
{
	FP_AUTO(checksum_freep)
	struct checksum *sum = algorithm ? checksum_new(algorithm) : NULL;
	FP_AUTO(digest_freep) struct digest *md5 = digest_new("MD5");
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(freep) char *path = NULL;
	FP_AUTO(closep) int fd = -1;
	struct fp_error err = { 0 };
	uint8_t bytes[MD5_LEN];

	if (algorithm && !sum)
		return fault_set(&r->call->fault, 400, "InvalidRequest",
				 "Checksum algorithm provided is unsupported");
	if (store_blob_file(r->call->emu->store, o->sha256, &path, &err) < 0 ||
	    (fd = fs_open(path, O_RDONLY, 0, &err)) < 0 ||
	    read_all(fd, md5, sum, &err) < 0)
		return s3_failed(r->call, &err);
	hex_encode(a->etag, bytes, digest_final(md5, bytes));
	(void)snprintf(a->sha256, sizeof(a->sha256), "%s", o->sha256);
	if (!sum)
		return 0;
	checksum_final(sum, &text);
	a->checksum = xasprintf("%s:%s", checksum_name(sum), buf_str(&text));
	return 0;
}

/* Outside the transaction, for it reads the whole object when there is need. */
static int take_account(struct s3_request *r, struct account *a)
{
	FP_AUTO(s3_stored_release) struct s3_object o = { 0 };
	FP_AUTO(freep) char *bucket = NULL;
	FP_AUTO(freep) char *label = NULL;
	const char *asked = s3_header(r, "x-amz-checksum-algorithm");

	if (s3_copy_source(r, &o, &bucket) < 0)
		return -1;
	label = s3_checksum_label(o.checksum);
	if (!strchr(o.etag, '-') && (!asked || (label && str_ieq(asked, label))))
		return 0;
	return compute(r, a, &o, str_or(asked, label));
}

static int apply_account(struct s3_request *r, const struct account *a,
			 struct s3_object *o)
{
	if (!*a->sha256)
		return 0;
	if (!str_eq(a->sha256, o->sha256))
		return fault_set(&r->call->fault, 409, "OperationAborted",
				 "the source changed while it was copied");
	free(o->etag);
	o->etag = xstrdup(a->etag);
	free(o->checksum);
	o->checksum = a->checksum ? xstrdup(a->checksum) : NULL;
	return 0;
}

static bool says_replace(struct s3_request *r, const char *header)
{
	const char *s = s3_header(r, header);

	return s && str_eq(s, "REPLACE");
}

/* What the copy is to be: the source's bytes, with its attributes or new ones. */
static int make_copy(struct s3_request *r, const struct account *a, struct s3_object *o,
		     char **bucket)
{
	bool new_meta = says_replace(r, "x-amz-metadata-directive");
	bool new_tags = says_replace(r, "x-amz-tagging-directive");
	struct s3_object fresh = { 0 };

	if (s3_copy_source(r, o, bucket) < 0)
		return -1;
	if (s3_read_attributes(r, &fresh) < 0) {
		s3_stored_release(&fresh);
		return -1;
	}
	if (!new_meta && str_eq(*bucket, r->bucket) && str_eq(o->key, r->key) &&
	    o->latest && !s3_header(r, "x-amz-storage-class") &&
	    !s3_header(r, "x-amz-server-side-encryption")) {
		s3_stored_release(&fresh);
		return fault_set(
			&r->call->fault, 400, "InvalidRequest",
			"This copy request is illegal because it is trying to copy "
			"an object to itself without changing the object's "
			"metadata, storage class, website redirect location or "
			"encryption attributes.");
	}
	if (new_meta) {
		cJSON_Delete(o->headers);
		o->headers = fresh.headers;
		fresh.headers = NULL;
	} else {
		s3_take_encryption(o->headers, fresh.headers);
	}
	if (new_tags) {
		cJSON_Delete(o->tags);
		o->tags = fresh.tags;
		fresh.tags = NULL;
	}
	s3_stored_release(&fresh);
	cJSON_DeleteItemFromObjectCaseSensitive(o->headers, S3_PARTS);
	free(o->key);
	o->key = xstrdup(r->key);
	if (apply_account(r, a, o) < 0)
		return -1;
	return s3_store_object(r, o, "ObjectCreated:Copy");
}

static int copy_object(struct s3_request *r)
{
	FP_AUTO(s3_stored_release) struct s3_object o = { 0 };
	FP_AUTO(account_release) struct account a = { 0 };
	FP_AUTO(freep) char *bucket = NULL;
	FP_AUTO(freep) char *quoted = NULL;
	struct store *s = r->call->emu->store;
	struct fp_error err = { 0 };
	char date[25];

	if (take_account(r, &a) < 0)
		return -1;
	if (store_begin(s, &err) < 0)
		return s3_failed(r->call, &err);
	if (make_copy(r, &a, &o, &bucket) < 0) {
		store_rollback(s);
		return -1;
	}
	if (store_commit(s, &err) < 0)
		return s3_failed(r->call, &err);
	quoted = xasprintf("\"%s\"", o.etag);
	time_iso(date, o.modified_ms);
	headers_remove(&r->res->headers, "ETag");
	s3_begin_xml(r, "CopyObjectResult");
	xml_element(&r->res->body, "LastModified", date);
	xml_element(&r->res->body, "ETag", quoted);
	s3_element_checksum(&r->res->body, o.checksum);
	xml_element(&r->res->body, "ChecksumType", s3_checksum_type(o.checksum));
	xml_close(&r->res->body, "CopyObjectResult");
	return 0;
}

const struct s3_route s3_copy_routes[] = {
	{ "PUT", 2, NULL, SOURCE, "CopyObject", copy_object },
	{ 0 },
};
