/* Listings of uploads under way and of their parts, in pages. */
#include "base/clock.h"
#include "base/str.h"
#include "emulator/service/s3_upload.h"

#define PAGE_LIMIT 1000

static int page_size(struct s3_request *r, const char *param, int64_t *max)
{
	const char *text = s3_param(r, param);

	*max = PAGE_LIMIT;
	if (text && !str_to_i64(text, 0, INT32_MAX, max))
		return fault_set(&r->call->fault, 400, "InvalidArgument",
				 "Argument %s must be an integer between 0 and "
				 "2147483647",
				 param);
	*max = FP_MIN(*max, PAGE_LIMIT);
	return 0;
}

static void write_owner(struct buf *out)
{
	xml_open(out, "Initiator");
	xml_element(out, "ID", S3_OWNER_ID);
	xml_close(out, "Initiator");
	xml_open(out, "Owner");
	xml_element(out, "ID", S3_OWNER_ID);
	xml_close(out, "Owner");
	xml_element(out, "StorageClass", "STANDARD");
}

/* A page of uploads while it is written. */
struct page {
	struct s3_request *r;
	const char *prefix, *delimiter, *key_marker, *id_marker;
	int64_t max;
	bool encode, truncated;
	char *last_key, *last_id; /* owned; last_id NULL behind a common prefix */
	struct strs prefixes;
};

static void page_release(struct page *p)
{
	free(p->last_key);
	free(p->last_id);
	strs_release(&p->prefixes);
}

static void text(const struct page *p, const char *name, const char *value)
{
	FP_AUTO(buf_release) struct buf encoded = BUF_INIT;

	if (value && p->encode)
		uri_encode(&encoded, value, strlen(value), "/");
	xml_element(&p->r->res->body, name,
		    value && p->encode ? buf_str(&encoded) : value);
}

static void write_upload(const struct page *p, const struct store_rows *rows)
{
	struct buf *out = &p->r->res->body;
	char date[25];

	time_iso(date, store_int(rows, 2));
	xml_open(out, "Upload");
	text(p, "Key", store_text(rows, 0));
	xml_element(out, "UploadId", store_text(rows, 1));
	write_owner(out);
	xml_element(out, "Initiated", date);
	xml_close(out, "Upload");
}

/* The key up to the delimiter behind the prefix; NULL: it is listed itself. */
static char *common_prefix(const struct page *p, const char *key)
{
	const char *at = p->delimiter ? strstr(key + strlen(p->prefix), p->delimiter)
				      : NULL;

	return at ? xstrndup(key, (size_t)(at - key) + strlen(p->delimiter)) : NULL;
}

static void write_uploads(struct page *p, struct store_rows *rows)
{
	int64_t left = p->max;

	while (store_next(rows)) {
		const char *key = store_text(rows, 0);
		FP_AUTO(freep) char *group = NULL;

		if (!str_starts(key, p->prefix))
			continue;
		group = common_prefix(p, key);
		if (group &&
		    (strs_has(&p->prefixes, group) || str_eq(group, p->key_marker)))
			continue;
		p->truncated = p->max && left == 0;
		if (left-- == 0)
			return;
		free(p->last_key);
		freep(&p->last_id);
		p->last_key = xstrdup(group ? group : key);
		if (group) {
			strs_add(&p->prefixes, group);
			continue;
		}
		p->last_id = xstrdup(store_text(rows, 1));
		write_upload(p, rows);
	}
}

static void write_head(const struct page *p)
{
	struct buf *out = &p->r->res->body;

	xml_element(out, "Bucket", p->r->bucket);
	text(p, "KeyMarker", p->key_marker);
	xml_element(out, "UploadIdMarker", p->id_marker);
	text(p, "Prefix", p->prefix);
	text(p, "Delimiter", p->delimiter);
	xml_element_int(out, "MaxUploads", p->max);
	if (p->encode)
		xml_element(out, "EncodingType", "url");
}

static void write_tail(const struct page *p)
{
	struct buf *out = &p->r->res->body;

	for (size_t i = 0; i < p->prefixes.n; i++) {
		xml_open(out, "CommonPrefixes");
		text(p, "Prefix", p->prefixes.v[i]);
		xml_close(out, "CommonPrefixes");
	}
	xml_element(out, "IsTruncated", p->truncated ? "true" : "false");
	if (!p->truncated)
		return;
	text(p, "NextKeyMarker", p->last_key);
	xml_element(out, "NextUploadIdMarker", str_or(p->last_id, ""));
}

static int list_uploads(struct s3_request *r)
{
	FP_AUTO(page_release)
	struct page p = { .r = r,
			  .prefix = str_or(s3_param(r, "prefix"), ""),
			  .delimiter = str_or(s3_param(r, "delimiter"), NULL),
			  .key_marker = str_or(s3_param(r, "key-marker"), ""),
			  .id_marker = str_or(s3_param(r, "upload-id-marker"), ""),
			  .encode = str_eq(s3_param(r, "encoding-type"), "url") };
	FP_AUTO(store_done) struct store_rows rows = { 0 };
	struct fp_error err = { 0 };
	struct s3_bucket b;

	if (s3_bucket_find(r->call, r->bucket, &b) < 0 ||
	    page_size(r, "max-uploads", &p.max) < 0)
		return -1;
	/* Without an upload's ID the marker's key is over with all its uploads. */
	if (store_query(&rows, r->call->emu->store, &err,
			"SELECT key, upload_id, created_ms FROM s3_uploads"
			" WHERE bucket = ?1 AND (key > ?2 OR"
			"  (key = ?2 AND ?3 <> '' AND upload_id > ?3))"
			" ORDER BY key, upload_id",
			"sss", r->bucket, p.key_marker, p.id_marker) < 0)
		return s3_failed(r->call, &err);
	s3_begin_xml(r, "ListMultipartUploadsResult");
	write_head(&p);
	write_uploads(&p, &rows);
	write_tail(&p);
	xml_close(&r->res->body, "ListMultipartUploadsResult");
	return 0;
}

static void write_part(struct buf *out, const struct store_rows *rows)
{
	FP_AUTO(freep) char *quoted = xasprintf("\"%s\"", store_text(rows, 1));
	char date[25];

	time_iso(date, store_int(rows, 3));
	xml_open(out, "Part");
	xml_element_int(out, "PartNumber", store_int(rows, 0));
	xml_element(out, "LastModified", date);
	xml_element(out, "ETag", quoted);
	xml_element_int(out, "Size", store_int(rows, 2));
	s3_element_checksum(out, store_text(rows, 4));
	xml_close(out, "Part");
}

/* Returns the last part's number when more follow, else 0. */
static int64_t write_parts(struct buf *out, struct store_rows *rows, int64_t max)
{
	int64_t last = 0;

	while (store_next(rows)) {
		if (max-- == 0)
			return last;
		last = store_int(rows, 0);
		write_part(out, rows);
	}
	return 0;
}

static int list_parts(struct s3_request *r)
{
	FP_AUTO(s3_upload_release) struct s3_upload u = { 0 };
	FP_AUTO(store_done) struct store_rows rows = { 0 };
	const char *marker = str_or(s3_param(r, "part-number-marker"), "0");
	struct buf *out = &r->res->body;
	struct fp_error err = { 0 };
	int64_t max, after, last;

	if (s3_upload_find(r, &u) < 0 || page_size(r, "max-parts", &max) < 0)
		return -1;
	if (!str_to_i64(marker, 0, INT32_MAX, &after))
		return fault_set(&r->call->fault, 400, "InvalidArgument",
				 "Argument part-number-marker must be an integer");
	if (store_query(&rows, r->call->emu->store, &err,
			"SELECT number, etag, size, modified_ms, checksum FROM s3_parts"
			" WHERE upload_id = ? AND number > ? ORDER BY number",
			"si", u.id, after) < 0)
		return s3_failed(r->call, &err);
	s3_begin_xml(r, "ListPartsResult");
	xml_element(out, "Bucket", r->bucket);
	xml_element(out, "Key", r->key);
	xml_element(out, "UploadId", u.id);
	write_owner(out);
	xml_element_int(out, "PartNumberMarker", after);
	xml_element_int(out, "MaxParts", max);
	last = write_parts(out, &rows, max);
	xml_element(out, "IsTruncated", last ? "true" : "false");
	if (last)
		xml_element_int(out, "NextPartNumberMarker", last);
	xml_close(out, "ListPartsResult");
	return 0;
}

const struct s3_route s3_upload_list_routes[] = {
	{ "GET", 1, "uploads", NULL, "ListMultipartUploads", list_uploads },
	{ "GET", 2, "uploadId", NULL, "ListParts", list_parts },
	{ 0 },
};
