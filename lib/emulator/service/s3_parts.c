#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/service/s3_upload.h"
#include "wire/checksum.h"

#define MAX_PART  10000
#define MIN_SIZE  (INT64_C(5) << 20) /* of all parts but the last */
#define COPY_SIZE ((size_t)256 << 10)

struct part {
	int64_t number, size;
	char *etag, *sha256, *checksum; /* owned; checksum may be NULL */
};

static void part_release(struct part *p)
{
	free(p->etag);
	free(p->sha256);
	free(p->checksum);
	*p = (struct part){ 0 };
}

static int find_part(struct call *c, const char *upload_id, int64_t number,
		     struct part *p)
{
	FP_AUTO(store_done) struct store_rows rows = { 0 };
	struct fp_error err = { 0 };

	if (store_query(&rows, c->emu->store, &err,
			"SELECT etag, sha256, size, checksum FROM s3_parts"
			" WHERE upload_id = ? AND number = ?",
			"si", upload_id, number) < 0)
		return s3_failed(c, &err);
	if (!store_next(&rows))
		return 0;
	p->number = number;
	p->etag = xstrdup(store_text(&rows, 0));
	p->sha256 = xstrdup(store_text(&rows, 1));
	p->size = store_int(&rows, 2);
	p->checksum = store_text(&rows, 3) ? xstrdup(store_text(&rows, 3)) : NULL;
	return 1;
}

static int write_part(struct s3_request *r, const struct part *p)
{
	FP_AUTO(s3_upload_release) struct s3_upload u = { 0 };
	FP_AUTO(part_release) struct part old = { 0 };
	struct store *s = r->call->emu->store;
	struct fp_error err = { 0 };
	int found;

	if (s3_upload_find(r, &u) < 0)
		return -1;
	found = find_part(r->call, u.id, p->number, &old);
	if (found < 0)
		return -1;
	if (store_blob_ref(s, p->sha256, &err) < 0 ||
	    (found && store_blob_unref(s, old.sha256, &err) < 0) ||
	    store_exec(s, &err,
		       "INSERT OR REPLACE INTO s3_parts (upload_id, number, etag, sha256,"
		       " size, modified_ms, checksum) VALUES (?, ?, ?, ?, ?, ?, ?)",
		       "sissiis", u.id, p->number, p->etag, p->sha256, p->size,
		       clock_now_ms(), p->checksum) < 0)
		return s3_failed(r->call, &err);
	return 0;
}

static int keep_part(struct s3_request *r, const struct part *p)
{
	struct store *s = r->call->emu->store;
	struct fp_error err = { 0 };

	if (store_begin(s, &err) < 0)
		return s3_failed(r->call, &err);
	if (write_part(r, p) < 0) {
		store_rollback(s);
		return -1;
	}
	return store_commit(s, &err) < 0 ? s3_failed(r->call, &err) : 0;
}

static int part_number(struct s3_request *r, int64_t *number)
{
	const char *text = s3_param(r, "partNumber");

	if (text && str_to_i64(text, 1, MAX_PART, number))
		return 0;
	return fault_set(&r->call->fault, 400, "InvalidArgument",
			 "Part number must be an integer between 1 and %d, inclusive",
			 MAX_PART);
}

static int check_algorithm(struct s3_request *r, const struct s3_upload *u)
{
	const char *used = r->rest->checksum_name;

	if (!used || r->rest->checksum_added || !u->algorithm ||
	    str_eq(used, u->algorithm))
		return 0;
	return fault_set(&r->call->fault, 400, "InvalidRequest",
			 "Checksum Type mismatch occurred, expected checksum Type: %s, "
			 "actual checksum Type: %s",
			 u->algorithm, used);
}

static int upload_part(struct s3_request *r)
{
	FP_AUTO(part_release) struct part p = { 0 };
	FP_AUTO(s3_upload_release) struct s3_upload u = { 0 };
	FP_AUTO(freep) char *quoted = NULL;
	char sha256[65];

	if (part_number(r, &p.number) < 0 || s3_upload_find(r, &u) < 0 ||
	    check_algorithm(r, &u) < 0 || s3_keep_body(r, sha256) < 0)
		return -1;
	p.sha256 = xstrdup(sha256);
	p.etag = xstrdup(r->rest->body_md5);
	p.size = r->rest->body_size;
	if (r->rest->checksum && (!r->rest->checksum_added || !u.algorithm)) {
		FP_AUTO(freep)
		char *name = xasprintf(CHECKSUM_HEADER "%s", r->rest->checksum_name);

		p.checksum = xasprintf("%s:%s", r->rest->checksum_name,
				       r->rest->checksum);
		headers_set(&r->res->headers, name, r->rest->checksum);
	}
	if (keep_part(r, &p) < 0)
		return -1;
	quoted = xasprintf("\"%s\"", p.etag);
	headers_set(&r->res->headers, "ETag", quoted);
	return 0;
}

/* A file that is being put together. */
struct assembly {
	int fd;
	char *path;		     /* owned; removed unless it was taken over */
	struct digest *sha256, *md5; /* md5 NULL: of an object nobody asks for it */
	struct checksum *checksum;   /* of the whole or the current part, or NULL */
	int64_t size;
};

static void assembly_release(struct assembly *a)
{
	closep(&a->fd);
	if (a->path)
		(void)unlink(a->path);
	freep(&a->path);
	digest_freep(&a->sha256);
	digest_freep(&a->md5);
	checksum_freep(&a->checksum);
}

static int assembly_open(struct s3_request *r, struct assembly *a, const char *algorithm)
{
	struct fp_error err = { 0 };

	a->path = store_tmp_path(r->call->emu->store);
	a->fd = fs_open(a->path, O_WRONLY | O_CREAT | O_EXCL, 0600, &err);
	if (a->fd < 0)
		return s3_failed(r->call, &err);
	a->sha256 = digest_new("SHA256");
	a->checksum = algorithm ? checksum_new(algorithm) : NULL;
	return 0;
}

/* Append `count` bytes of a blob from `offset`. */
static int append(struct assembly *a, int from, int64_t offset, int64_t count,
		  struct fp_error *err)
{
	FP_AUTO(freep) char *chunk = xmalloc(COPY_SIZE);

	while (count > 0) {
		size_t want = (size_t)FP_MIN(count, (int64_t)COPY_SIZE);
		ssize_t n = pread(from, chunk, want, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return fp_fail_errno(err, "cannot read a stored part");
		if (fs_write_all(a->fd, chunk, (size_t)n, a->path, err) < 0)
			return -1;
		digest_update(a->sha256, chunk, (size_t)n);
		if (a->md5)
			digest_update(a->md5, chunk, (size_t)n);
		if (a->checksum)
			checksum_update(a->checksum, chunk, (size_t)n);
		a->size += n;
		offset += n;
		count -= n;
	}
	return 0;
}

static int append_blob(struct s3_request *r, struct assembly *a, const char *sha256,
		       int64_t offset, int64_t count)
{
	FP_AUTO(freep) char *path = NULL;
	FP_AUTO(closep) int fd = -1;
	struct fp_error err = { 0 };

	if (store_blob_file(r->call->emu->store, sha256, &path, &err) < 0 ||
	    (fd = fs_open(path, O_RDONLY, 0, &err)) < 0 ||
	    append(a, fd, offset, count, &err) < 0)
		return s3_failed(r->call, &err);
	return 0;
}

/* Hand the finished file to the store. */
static int assembly_finish(struct s3_request *r, struct assembly *a, char sha256[65])
{
	struct fp_error err = { 0 };
	uint8_t sum[SHA256_LEN];
	int fd = a->fd;

	hex_encode(sha256, sum, digest_final(a->sha256, sum));
	a->fd = -1;
	if (close(fd) < 0) {
		(void)fp_fail_errno(&err, "cannot write '%s'", a->path);
		return s3_failed(r->call, &err);
	}
	if (store_blob_adopt(r->call->emu->store, a->path, sha256, &err) < 0)
		return s3_failed(r->call, &err);
	return 0;
}

static int copy_range(struct s3_request *r, struct assembly *a)
{
	FP_AUTO(s3_stored_release) struct s3_object o = { 0 };
	FP_AUTO(freep) char *bucket = NULL;
	const char *range = s3_header(r, "x-amz-copy-source-range");
	int64_t first = 0, count;

	if (s3_copy_source(r, &o, &bucket) < 0)
		return -1;
	count = o.size;
	/* Both ends must be named, and lie in the source. */
	if (range && (s3_parse_range(range, o.size, &first, &count) != 1 ||
		      strchr(range, '-')[1] == '\0' || range[strlen("bytes=")] == '-'))
		return fault_set(&r->call->fault, 400, "InvalidArgument",
				 "The x-amz-copy-source-range value must be of the form "
				 "bytes=first-last within the source");
	return append_blob(r, a, o.sha256, first, count);
}

static int upload_part_copy(struct s3_request *r)
{
	FP_AUTO(assembly_release) struct assembly a = { .fd = -1 };
	FP_AUTO(part_release) struct part p = { 0 };
	FP_AUTO(s3_upload_release) struct s3_upload u = { 0 };
	FP_AUTO(freep) char *quoted = NULL;
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	char sha256[65], md5[33], date[25];
	uint8_t sum[MD5_LEN];

	if (part_number(r, &p.number) < 0 || s3_upload_find(r, &u) < 0 ||
	    assembly_open(r, &a, u.algorithm) < 0)
		return -1;
	a.md5 = digest_new("MD5");
	if (copy_range(r, &a) < 0 || assembly_finish(r, &a, sha256) < 0)
		return -1;
	hex_encode(md5, sum, digest_final(a.md5, sum));
	if (a.checksum) {
		checksum_final(a.checksum, &text);
		p.checksum = xasprintf("%s:%s", u.algorithm, buf_str(&text));
	}
	p.sha256 = xstrdup(sha256);
	p.etag = xstrdup(md5);
	p.size = a.size;
	if (keep_part(r, &p) < 0)
		return -1;
	quoted = xasprintf("\"%s\"", md5);
	time_iso(date, clock_now_ms());
	s3_begin_xml(r, "CopyPartResult");
	xml_element(&r->res->body, "LastModified", date);
	xml_element(&r->res->body, "ETag", quoted);
	s3_element_checksum(&r->res->body, p.checksum);
	xml_close(&r->res->body, "CopyPartResult");
	return 0;
}

/* What CompleteMultipartUpload gathers. */
struct completion {
	struct s3_upload upload;
	struct assembly whole;
	struct digest *etags;	    /* MD5 of the parts' MD5s */
	struct checksum *checksums; /* of the parts' checksums, or NULL */
	int64_t nparts;
	struct buf sizes; /* of the parts, as S3_PARTS has them */
	int64_t size, times;
};

static void completion_release(struct completion *c)
{
	s3_upload_release(&c->upload);
	buf_release(&c->sizes);
	assembly_release(&c->whole);
	digest_freep(&c->etags);
	checksum_freep(&c->checksums);
}

static int check_part(struct s3_request *r, const struct xml *x, const struct part *p,
		      int found, bool last)
{
	const char *etag = xml_text(x, "ETag", "");
	size_t n = strlen(etag);
	FP_AUTO(freep)
	char *bare = xstrndup(etag + (*etag == '"'), n >= 2 && *etag == '"' ? n - 2 : n);

	if (!found || !str_eq(bare, p->etag))
		return fault_set(
			&r->call->fault, 400, "InvalidPart",
			"One or more of the specified parts could not be found. The "
			"part may not have been uploaded, or the specified entity "
			"tag may not match the part's entity tag.");
	if (!last && p->size < MIN_SIZE)
		return fault_set(
			&r->call->fault, 400, "EntityTooSmall",
			"Your proposed upload is smaller than the minimum allowed "
			"size: all parts but the last have 5 MiB at least");
	return 0;
}

static bool part_of_list(const struct xml *x, int64_t *number)
{
	return str_eq(x->name, "Part") &&
	       str_to_i64(xml_text(x, "PartNumber", ""), 1, MAX_PART, number);
}

static int check_order(struct s3_request *r, const struct xml *root)
{
	int64_t before = 0, number;

	for (const struct xml *x = root->first; x; x = x->next) {
		if (!part_of_list(x, &number))
			return fault_set(&r->call->fault, 400, "MalformedXML",
					 "a part has no valid PartNumber");
		if (number <= before)
			return fault_set(&r->call->fault, 400, "InvalidPartOrder",
					 "The list of parts was not in ascending order");
		before = number;
	}
	if (!before)
		return fault_set(&r->call->fault, 400, "MalformedXML",
				 "You must specify at least one part");
	return 0;
}

/* Most parts have the same size; -1 ends the list. */
static void add_size(struct completion *c, int64_t size)
{
	if (size != c->size && c->times) {
		buf_printf(&c->sizes, "%s%lld", c->sizes.len ? "," : "",
			   (long long)c->size);
		if (c->times > 1)
			buf_printf(&c->sizes, "*%lld", (long long)c->times);
		c->times = 0;
	}
	c->size = size;
	c->times++;
}

/* A checksum that the list names must be the one that the part came with. */
static int check_part_checksum(struct s3_request *r, const struct xml *x,
			       const struct part *p)
{
	for (const struct xml *e = x->first; e; e = e->next) {
		FP_AUTO(buf_release) struct buf kept = BUF_INIT;
		FP_AUTO(freep) char *sent = NULL;

		if (!str_starts(e->name, "Checksum"))
			continue;
		sent = xasprintf("<%s>%s</%s>", e->name, e->text, e->name);
		s3_element_checksum(&kept, p->checksum);
		if (p->checksum && !str_eq(sent, buf_str(&kept)))
			return fault_set(&r->call->fault, 400, "InvalidPart",
					 "the %s of part %lld is not the one that it was "
					 "uploaded with",
					 e->name, (long long)p->number);
	}
	return 0;
}

/* The checksum of a part is computed here: a copied one came without. */
static void add_checksum(struct completion *c)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(buf_release) struct buf raw = BUF_INIT;

	checksum_final(c->whole.checksum, &text);
	(void)base64_decode(&raw, text.data, text.len);
	checksum_update(c->checksums, raw.data, raw.len);
}

static int add_part(struct s3_request *r, struct completion *c, const struct xml *x)
{
	FP_AUTO(part_release) struct part p = { 0 };
	uint8_t md5[MD5_LEN] = { 0 };
	int64_t number = 0;
	int found;

	(void)part_of_list(x, &number);
	found = find_part(r->call, c->upload.id, number, &p);
	if (found < 0 || check_part(r, x, &p, found, !x->next) < 0 ||
	    check_part_checksum(r, x, &p) < 0)
		return -1;
	(void)hex_decode(md5, p.etag, MD5_LEN);
	digest_update(c->etags, md5, sizeof(md5));
	c->nparts++;
	add_size(c, p.size);
	if (append_blob(r, &c->whole, p.sha256, 0, p.size) < 0)
		return -1;
	if (c->checksums)
		add_checksum(c);
	return 0;
}

/* S3 adds a CRC64NVME of the whole where no checksum was asked for. */
static const char *algorithm_of(const struct completion *c)
{
	return str_or(c->upload.algorithm, "crc64nvme");
}

static int gather(struct s3_request *r, struct completion *c)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	bool full = !c->upload.algorithm ||
		    str_eq(c->upload.checksum_type, "FULL_OBJECT");
	const char *algorithm = algorithm_of(c);
	struct xml *root;

	if (s3_read_xml(r, &a, &root) < 0 || check_order(r, root) < 0 ||
	    assembly_open(r, &c->whole, algorithm) < 0)
		return -1;
	c->etags = digest_new("MD5");
	c->checksums = full ? NULL : checksum_new(algorithm);
	for (const struct xml *x = root->first; x; x = x->next)
		if (add_part(r, c, x) < 0)
			return -1;
	return 0;
}

static char *checksum_of(struct completion *c)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;

	if (!c->whole.checksum)
		return NULL;
	if (!c->checksums) {
		checksum_final(c->whole.checksum, &b);
		return xasprintf("%s:%s", algorithm_of(c), buf_str(&b));
	}
	checksum_final(c->checksums, &b);
	return xasprintf("%s:%s-%lld", c->upload.algorithm, buf_str(&b),
			 (long long)c->nparts);
}

/* What the request says of the whole object must be what was put together. */
static int check_whole(struct s3_request *r, const struct completion *c,
		       const char *checksum)
{
	const char *size = s3_header(r, "x-amz-mp-object-size");
	const char *type = s3_header(r, "x-amz-checksum-type");
	const char *colon = checksum ? strchr(checksum, ':') : NULL;
	FP_AUTO(freep)
	char *name = xasprintf(CHECKSUM_HEADER "%s", algorithm_of(c));
	const char *sent = s3_header(r, name);
	int64_t n;

	if (size && (!str_to_i64(size, 0, INT64_MAX, &n) || n != c->whole.size))
		return fault_set(&r->call->fault, 400, "InvalidRequest",
				 "The provided 'x-amz-mp-object-size' header does not "
				 "match what was computed: %lld",
				 (long long)c->whole.size);
	if (type && c->upload.algorithm && !str_eq(type, c->upload.checksum_type))
		return fault_set(&r->call->fault, 400, "InvalidRequest",
				 "The upload was created using the %s checksum mode. The "
				 "complete request must use the same checksum mode.",
				 c->upload.checksum_type);
	if (sent && colon && !str_eq(sent, colon + 1))
		return fault_set(&r->call->fault, 400, "BadDigest",
				 "The %.*s you specified did not match the calculated "
				 "checksum.",
				 (int)(colon - checksum), checksum);
	return 0;
}

static int make_object(struct s3_request *r, struct completion *c, struct s3_object *o)
{
	char sha256[65], md5[33];
	uint8_t sum[MD5_LEN];

	o->checksum = checksum_of(c);
	if (check_whole(r, c, o->checksum) < 0 ||
	    assembly_finish(r, &c->whole, sha256) < 0)
		return -1;
	hex_encode(md5, sum, digest_final(c->etags, sum));
	o->key = xstrdup(r->key);
	o->sha256 = xstrdup(sha256);
	o->etag = xasprintf("%s-%lld", md5, (long long)c->nparts);
	o->size = c->whole.size;
	add_size(c, -1);
	json_set_str(c->upload.headers, S3_PARTS, buf_str(&c->sizes));
	o->headers = c->upload.headers;
	o->tags = c->upload.tags;
	c->upload.headers = c->upload.tags = NULL;
	return 0;
}

static int commit_object(struct s3_request *r, struct completion *c, struct s3_object *o)
{
	FP_AUTO(s3_upload_release) struct s3_upload again = { 0 };
	struct store *s = r->call->emu->store;
	struct fp_error err = { 0 };

	if (store_begin(s, &err) < 0)
		return s3_failed(r->call, &err);
	/* It may have been aborted while the parts were put together. */
	if (s3_upload_find(r, &again) < 0 || s3_upload_drop(r, &c->upload) < 0 ||
	    s3_store_object(r, o, "ObjectCreated:CompleteMultipartUpload") < 0) {
		store_rollback(s);
		return -1;
	}
	return store_commit(s, &err) < 0 ? s3_failed(r->call, &err) : 0;
}

static int complete_upload(struct s3_request *r)
{
	FP_AUTO(completion_release) struct completion c = { .whole.fd = -1 };
	FP_AUTO(s3_stored_release) struct s3_object o = { 0 };
	FP_AUTO(freep) char *quoted = NULL;
	FP_AUTO(freep) char *location = NULL;
	struct buf *out = &r->res->body;

	if (s3_upload_find(r, &c.upload) < 0 || gather(r, &c) < 0 ||
	    make_object(r, &c, &o) < 0 || commit_object(r, &c, &o) < 0)
		return -1;
	quoted = xasprintf("\"%s\"", o.etag);
	location = xasprintf("%s/%s/%s", r->call->emu->url, r->bucket, r->key);
	headers_remove(&r->res->headers, "ETag");
	s3_begin_xml(r, "CompleteMultipartUploadResult");
	xml_element(out, "Location", location);
	xml_element(out, "Bucket", r->bucket);
	xml_element(out, "Key", r->key);
	xml_element(out, "ETag", quoted);
	s3_element_checksum(out, o.checksum);
	xml_element(out, "ChecksumType", s3_checksum_type(o.checksum));
	xml_close(out, "CompleteMultipartUploadResult");
	return 0;
}

const struct s3_route s3_parts_routes[] = {
	{ "PUT", 2, "uploadId", NULL, "UploadPart", upload_part },
	{ "PUT", 2, "uploadId", "x-amz-copy-source", "UploadPartCopy", upload_part_copy },
	{ "POST", 2, "uploadId", NULL, "CompleteMultipartUpload", complete_upload },
	{ 0 },
};
