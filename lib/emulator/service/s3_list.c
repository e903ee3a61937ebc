#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/service/s3.h"

#define MAX_KEYS 1000
/* Behind every key that begins with what stands before it: no UTF-8 has this byte. */
#define AFTER_ALL "\xff"

/* One page of a listing while it is written. */
struct page {
	struct s3_request *r;
	const char *prefix, *delimiter;
	int64_t max, count;
	bool encode, truncated;
	bool owner;	      /* to be told with each object */
	char *cursor;	      /* keys after this one come next; owned */
	char *last;	      /* the last key or common prefix written; owned */
	char *last_version;   /* the last version written; owned */
	struct strs prefixes; /* common ones */
};

static void page_release(struct page *p)
{
	free(p->cursor);
	free(p->last);
	free(p->last_version);
	strs_release(&p->prefixes);
}

static int page_init(struct page *p, struct s3_request *r, const char *after)
{
	const char *max = s3_param(r, "max-keys");
	const char *encoding = s3_param(r, "encoding-type");

	*p = (struct page){ .r = r,
			    .prefix = str_or(s3_param(r, "prefix"), ""),
			    .delimiter = str_or(s3_param(r, "delimiter"), NULL),
			    .max = MAX_KEYS,
			    .encode = encoding && str_eq(encoding, "url") };
	if (max && !str_to_i64(max, 0, INT32_MAX, &p->max))
		return fault_set(&r->call->fault, 400, "InvalidArgument",
				 "Argument maxKeys must be an integer between 0 and "
				 "2147483647");
	p->max = FP_MIN(p->max, MAX_KEYS);
	p->cursor = xstrdup(str_or(after, ""));
	return 0;
}

static void text(struct page *p, const char *name, const char *value)
{
	FP_AUTO(buf_release) struct buf encoded = BUF_INIT;

	if (value && p->encode)
		uri_encode(&encoded, value, strlen(value), "/");
	xml_element(&p->r->res->body, name,
		    value && p->encode ? buf_str(&encoded) : value);
}

/* The part of the key up to the delimiter behind the prefix; NULL: it has none. */
static char *common_prefix(const struct page *p, const char *key)
{
	size_t n = strlen(p->prefix);
	const char *at = p->delimiter && strlen(key) >= n ? strstr(key + n, p->delimiter)
							  : NULL;

	return at ? xstrndup(key, (size_t)(at - key) + strlen(p->delimiter)) : NULL;
}

static void replace(char **to, char *with)
{
	free(*to);
	*to = with;
}

/* A listing that goes on behind a common prefix leaves out all that it stands for. */
static void skip_listed_prefix(struct page *p)
{
	FP_AUTO(freep) char *group = NULL;

	if (!str_starts(p->cursor, p->prefix))
		return;
	group = common_prefix(p, p->cursor);
	if (group && str_eq(group, p->cursor))
		replace(&p->cursor, xasprintf("%s" AFTER_ALL, group));
}

/* Whether the page is full; one more item is then known to follow. */
static bool is_full(struct page *p)
{
	p->truncated = p->max && p->count >= p->max;
	return p->count >= p->max;
}

static void write_owner(struct buf *out)
{
	xml_open(out, "Owner");
	xml_element(out, "ID", S3_OWNER_ID);
	xml_close(out, "Owner");
}

static void write_object(struct page *p, const struct store_rows *rows)
{
	struct buf *out = &p->r->res->body;
	FP_AUTO(freep) char *quoted = xasprintf("\"%s\"", store_text(rows, 2));
	FP_AUTO(json_freep)
	cJSON *headers = cJSON_Parse(str_or(store_text(rows, 4), "{}"));
	FP_AUTO(freep) char *algorithm = s3_checksum_label(store_text(rows, 5));
	char date[25];

	time_iso(date, store_int(rows, 3));
	xml_open(out, "Contents");
	text(p, "Key", store_text(rows, 0));
	xml_element(out, "LastModified", date);
	xml_element(out, "ETag", quoted);
	xml_element(out, "ChecksumAlgorithm", algorithm);
	xml_element(out, "ChecksumType", s3_checksum_type(store_text(rows, 5)));
	xml_element_int(out, "Size", store_int(rows, 1));
	if (p->owner)
		write_owner(out);
	xml_element(out, "StorageClass",
		    json_str(headers, "x-amz-storage-class", "STANDARD"));
	xml_close(out, "Contents");
}

/*
 * Rows from the cursor until the page is full, the prefix ends (both: 0), or a
 * common prefix was met, behind which the next search begins (1).
 */
static int walk(struct page *p, struct store_rows *rows,
		void (*write)(struct page *p, const struct store_rows *rows))
{
	while (store_next(rows)) {
		const char *key = store_text(rows, 0);
		char *group;

		if (!str_starts(key, p->prefix) || is_full(p))
			return 0;
		group = common_prefix(p, key);
		if (!group) {
			write(p, rows);
			p->count++;
			replace(&p->last, xstrdup(store_text(rows, 0)));
			continue;
		}
		p->count++;
		replace(&p->last, xstrdup(group));
		replace(&p->last_version, NULL);
		replace(&p->cursor, xasprintf("%s" AFTER_ALL, group));
		strs_add_owned(&p->prefixes, group);
		return 1;
	}
	return 0;
}

static int list_rows(struct page *p)
{
	struct call *c = p->r->call;
	int more;

	skip_listed_prefix(p);
	do {
		FP_AUTO(store_done) struct store_rows rows = { 0 };
		struct fp_error err = { 0 };

		if (store_query(&rows, c->emu->store, &err,
				"SELECT key, size, etag, modified_ms, headers, checksum"
				" FROM s3_objects WHERE bucket = ? AND latest = 1"
				" AND sha256 IS NOT NULL AND key > ? AND key >= ?"
				" ORDER BY key",
				"sss", p->r->bucket, p->cursor, p->prefix) < 0)
			return s3_failed(c, &err);
		more = walk(p, &rows, write_object);
	} while (more);
	return 0;
}

static void write_prefixes(struct page *p)
{
	for (size_t i = 0; i < p->prefixes.n; i++) {
		xml_open(&p->r->res->body, "CommonPrefixes");
		text(p, "Prefix", p->prefixes.v[i]);
		xml_close(&p->r->res->body, "CommonPrefixes");
	}
}

static void write_head(struct page *p)
{
	struct buf *out = &p->r->res->body;

	xml_element(out, "Name", p->r->bucket);
	text(p, "Prefix", p->prefix);
	text(p, "Delimiter", p->delimiter);
	xml_element_int(out, "MaxKeys", p->max);
	if (p->encode)
		xml_element(out, "EncodingType", "url");
}

static void write_tail(struct page *p)
{
	write_prefixes(p);
	xml_element(&p->r->res->body, "IsTruncated", p->truncated ? "true" : "false");
}

static int list_v1(struct s3_request *r)
{
	FP_AUTO(page_release) struct page p = { 0 };
	const char *marker = s3_param(r, "marker");

	if (page_init(&p, r, marker) < 0)
		return -1;
	s3_begin_xml(r, "ListBucketResult");
	p.owner = true;
	write_head(&p);
	text(&p, "Marker", str_or(marker, ""));
	if (list_rows(&p) < 0)
		return -1;
	write_tail(&p);
	if (p.truncated && p.delimiter)
		text(&p, "NextMarker", p.last);
	xml_close(&r->res->body, "ListBucketResult");
	return 0;
}

/* The token is the last name of the page before, in base64 so that nobody builds it. */
static int read_token(struct s3_request *r, struct buf *after)
{
	const char *token = s3_param(r, "continuation-token");

	if (!token)
		buf_puts(after, str_or(s3_param(r, "start-after"), ""));
	else if (!*token || !base64_decode(after, token, strlen(token)))
		return fault_set(&r->call->fault, 400, "InvalidArgument",
				 "The continuation token provided is incorrect");
	return 0;
}

static int list_v2(struct s3_request *r)
{
	FP_AUTO(page_release) struct page p = { 0 };
	FP_AUTO(buf_release) struct buf after = BUF_INIT;
	FP_AUTO(buf_release) struct buf token = BUF_INIT;
	struct buf *out = &r->res->body;

	if (read_token(r, &after) < 0 || page_init(&p, r, buf_str(&after)) < 0)
		return -1;
	s3_begin_xml(r, "ListBucketResult");
	p.owner = str_eq(s3_param(r, "fetch-owner"), "true");
	write_head(&p);
	text(&p, "StartAfter", s3_param(r, "start-after"));
	xml_element(out, "ContinuationToken", s3_param(r, "continuation-token"));
	if (list_rows(&p) < 0)
		return -1;
	write_tail(&p);
	xml_element_int(out, "KeyCount", p.count);
	if (p.truncated && p.last) {
		base64_encode(&token, p.last, strlen(p.last));
		xml_element(out, "NextContinuationToken", buf_str(&token));
	}
	xml_close(out, "ListBucketResult");
	return 0;
}

static int list_objects(struct s3_request *r)
{
	const char *type = s3_param(r, "list-type");
	struct s3_bucket b;

	if (s3_bucket_find(r->call, r->bucket, &b) < 0)
		return -1;
	return type && str_eq(type, "2") ? list_v2(r) : list_v1(r);
}

static void write_version(struct page *p, const struct store_rows *rows)
{
	struct buf *out = &p->r->res->body;
	const char *element = store_text(rows, 5) ? "Version" : "DeleteMarker";
	FP_AUTO(freep) char *quoted = NULL;
	char date[25];

	time_iso(date, store_int(rows, 3));
	xml_open(out, element);
	text(p, "Key", store_text(rows, 0));
	xml_element(out, "VersionId", store_text(rows, 4));
	xml_element(out, "IsLatest", store_int(rows, 6) ? "true" : "false");
	xml_element(out, "LastModified", date);
	write_owner(out);
	if (store_text(rows, 5)) {
		quoted = xasprintf("\"%s\"", store_text(rows, 2));
		xml_element(out, "ETag", quoted);
		xml_element_int(out, "Size", store_int(rows, 1));
		xml_element(out, "StorageClass", "STANDARD");
	}
	xml_close(out, element);
	replace(&p->last_version, xstrdup(store_text(rows, 4)));
}

/* The place of a version among those of its key; INT64_MIN leaves the key out. */
static int64_t seq_of(struct page *p, const char *version_id)
{
	FP_AUTO(store_done) struct store_rows rows = { 0 };

	if (store_query(&rows, p->r->call->emu->store, NULL,
			"SELECT seq FROM s3_objects WHERE bucket = ? AND key = ?"
			" AND version_id = ?",
			"sss", p->r->bucket, p->cursor, version_id) < 0)
		return INT64_MIN;
	return store_next(&rows) ? store_int(&rows, 0) : INT64_MIN;
}

static int list_version_rows(struct page *p, const char *version_marker)
{
	struct call *c = p->r->call;
	int64_t seq = seq_of(p, version_marker);
	int more;

	skip_listed_prefix(p);
	do {
		FP_AUTO(store_done) struct store_rows rows = { 0 };
		struct fp_error err = { 0 };

		if (store_query(&rows, c->emu->store, &err,
				"SELECT key, size, etag, modified_ms, version_id, sha256,"
				" latest FROM s3_objects WHERE bucket = ?1 AND key >= ?2"
				" AND (key > ?2 OR seq < ?3) AND key >= ?4"
				" ORDER BY key, seq DESC",
				"ssis", p->r->bucket, p->cursor, seq, p->prefix) < 0)
			return s3_failed(c, &err);
		more = walk(p, &rows, write_version);
		seq = INT64_MIN;
	} while (more);
	return 0;
}

static int list_versions(struct s3_request *r)
{
	FP_AUTO(page_release) struct page p = { 0 };
	const char *key_marker = s3_param(r, "key-marker");
	const char *version_marker = s3_param(r, "version-id-marker");
	struct buf *out = &r->res->body;
	struct s3_bucket b;

	if (s3_bucket_find(r->call, r->bucket, &b) < 0 ||
	    page_init(&p, r, key_marker) < 0)
		return -1;
	s3_begin_xml(r, "ListVersionsResult");
	write_head(&p);
	text(&p, "KeyMarker", str_or(key_marker, ""));
	xml_element(out, "VersionIdMarker", str_or(version_marker, ""));
	if (list_version_rows(&p, version_marker) < 0)
		return -1;
	write_tail(&p);
	if (p.truncated) {
		text(&p, "NextKeyMarker", p.last);
		xml_element(out, "NextVersionIdMarker", p.last_version);
	}
	xml_close(out, "ListVersionsResult");
	return 0;
}

const struct s3_route s3_list_routes[] = {
	{ "GET", 1, NULL, NULL, "ListObjects", list_objects },
	{ "GET", 1, "versions", NULL, "ListObjectVersions", list_versions },
	{ 0 },
};
