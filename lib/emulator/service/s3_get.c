#include <fcntl.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/service/s3.h"
#include "wire/checksum.h"

/* Query parameters of a GET that replace a header of the answer. */
static const struct {
	const char *param, *header;
} overrides[] = {
	{ "response-cache-control", "Cache-Control" },
	{ "response-content-disposition", "Content-Disposition" },
	{ "response-content-encoding", "Content-Encoding" },
	{ "response-content-language", "Content-Language" },
	{ "response-content-type", "Content-Type" },
	{ "response-expires", "Expires" },
};

bool s3_etag_in(const char *list, const char *etag)
{
	FP_AUTO(freep) char *quoted = xasprintf("\"%s\"", etag);

	return str_eq(list, "*") || str_eq(list, etag) || strstr(list, quoted) != NULL;
}

static const char *condition(struct s3_request *r, const char *prefix, const char *name)
{
	FP_AUTO(freep) char *header = xasprintf("%s%s", prefix, name);

	return s3_header(r, header);
}

/* HTTP dates count seconds. */
static bool modified_since(const struct s3_object *o, const char *date, bool *known)
{
	int64_t since;

	*known = date && time_parse(date, &since);
	return *known && o->modified_ms / 1000 > since / 1000;
}

static int failed_condition(struct s3_request *r, bool copying, int status)
{
	if (status == 304 && !copying)
		return fault_set(&r->call->fault, 304, "NotModified", "Not Modified");
	return fault_set(&r->call->fault, 412, "PreconditionFailed",
			 "At least one of the pre-conditions you specified did not hold");
}

int s3_check_read(struct s3_request *r, const struct s3_object *o, const char *prefix)
{
	const char *match = condition(r, prefix, "If-Match");
	const char *none = condition(r, prefix, "If-None-Match");
	bool copying = *prefix != '\0', known;
	bool modified = modified_since(o, condition(r, prefix, "If-Unmodified-Since"),
				       &known);

	if (match && !s3_etag_in(match, o->etag))
		return failed_condition(r, copying, 412);
	if (!match && known && modified)
		return failed_condition(r, copying, 412);
	if (none && s3_etag_in(none, o->etag))
		return failed_condition(r, copying, 304);
	modified = modified_since(o, condition(r, prefix, "If-Modified-Since"), &known);
	if (!none && known && !modified)
		return failed_condition(r, copying, 304);
	return 0;
}

int s3_parse_range(const char *text, int64_t size, int64_t *first, int64_t *count)
{
	FP_AUTO(freep) char *from = NULL;
	const char *dash;
	int64_t a, b = size - 1;

	if (!text || !str_starts(text, "bytes=") || strchr(text, ','))
		return 0;
	text += strlen("bytes=");
	dash = strchr(text, '-');
	if (!dash)
		return 0;
	from = xstrndup(text, (size_t)(dash - text));
	if (dash[1] && !str_to_i64(dash + 1, 0, INT64_MAX, &b))
		return 0;
	if (*from) {
		if (!str_to_i64(from, 0, INT64_MAX, &a) || (dash[1] && b < a))
			return 0;
	} else {
		if (!dash[1])
			return 0;
		if (b == 0)
			return -1;
		a = b > size ? 0 : size - b;
		b = size - 1;
	}
	if (a >= size)
		return -1;
	*first = a;
	*count = FP_MIN(b, size - 1) - a + 1;
	return 1;
}

const char *s3_checksum_type(const char *checksum)
{
	if (!checksum)
		return NULL;
	return strchr(checksum, '-') ? "COMPOSITE" : "FULL_OBJECT";
}

char *s3_checksum_label(const char *checksum)
{
	char *label = checksum ? xstrndup(checksum, strcspn(checksum, ":")) : NULL;

	for (char *c = label; c && *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	return label;
}

void s3_write_checksum(struct s3_request *r, const struct s3_object *o)
{
	const char *colon = o->checksum ? strchr(o->checksum, ':') : NULL;
	FP_AUTO(freep) char *name = NULL;

	if (!colon)
		return;
	name = xasprintf(CHECKSUM_HEADER "%.*s", (int)(colon - o->checksum), o->checksum);
	headers_set(&r->res->headers, name, colon + 1);
	headers_set(&r->res->headers, "x-amz-checksum-type",
		    s3_checksum_type(o->checksum));
}

void s3_element_checksum(struct buf *out, const char *checksum)
{
	FP_AUTO(freep) char *label = s3_checksum_label(checksum);
	FP_AUTO(freep) char *name = NULL;

	if (!label)
		return;
	name = xasprintf("Checksum%s", label);
	xml_element(out, name, strchr(checksum, ':') + 1);
}

static bool wants_checksum(struct s3_request *r)
{
	const char *mode = s3_header(r, "x-amz-checksum-mode");

	return mode && str_ieq(mode, "ENABLED");
}

static void write_attributes(struct s3_request *r, const struct s3_object *o)
{
	struct http_headers *h = &r->res->headers;
	FP_AUTO(freep) char *quoted = xasprintf("\"%s\"", o->etag);
	char date[30];

	time_http(date, o->modified_ms);
	headers_set(h, "Last-Modified", date);
	headers_set(h, "ETag", quoted);
	headers_set(h, "Accept-Ranges", "bytes");
	if (!str_eq(o->version_id, S3_NULL_VERSION))
		headers_set(h, "x-amz-version-id", o->version_id);
	json_each_member (item, o->headers)
		if (!str_eq(item->string, S3_PARTS))
			headers_set(h, item->string, item->valuestring);
	if (o->tags && o->tags->child) {
		FP_AUTO(freep) char *n = xasprintf("%d", cJSON_GetArraySize(o->tags));

		headers_set(h, "x-amz-tagging-count", n);
	}
	for (size_t i = 0; i < ARRAY_SIZE(overrides); i++)
		if (s3_param(r, overrides[i].param))
			headers_set(h, overrides[i].header,
				    s3_param(r, overrides[i].param));
}

static int find(struct s3_request *r, struct s3_object *o)
{
	struct s3_bucket b;
	int rc;

	if (s3_bucket_find(r->call, r->bucket, &b) < 0)
		return -1;
	rc = s3_object_get(r->call, r->bucket, r->key, s3_param(r, "versionId"), o);
	if (rc < 0 && o->version_id && !o->sha256)
		headers_set(&r->res->headers, "x-amz-delete-marker", "true");
	return rc;
}

/* Found and opened while the store is taken: nobody removes the file between. */
static int open_object(struct s3_request *r, struct s3_object *o)
{
	struct store *s = r->call->emu->store;
	struct fp_error err = { 0 };
	int rc;

	if (store_begin(s, &err) < 0)
		return s3_failed(r->call, &err);
	rc = find(r, o);
	if (rc == 0 &&
	    store_blob_open(s, o->sha256, &r->res->body, &r->res->body_fd, &err) < 0)
		rc = s3_failed(r->call, &err);
	store_rollback(s);
	return rc;
}

static void cut(struct buf *b, size_t first, size_t count)
{
	if (first)
		memmove(b->data, b->data + first, count);
	buf_truncate(b, count);
}

/* The bytes of a part of the upload that made the object; what came in one is part 1. */
static int part_range(struct s3_request *r, const struct s3_object *o, int64_t *first,
		      int64_t *count)
{
	const char *s = json_str(o->headers, S3_PARTS, "");
	FP_AUTO(freep) char *total = NULL;
	int64_t number, n = 0, at = 0;
	bool found = false;

	if (!str_to_i64(s3_param(r, "partNumber"), 1, 10000, &number))
		return fault_set(&r->call->fault, 400, "InvalidArgument",
				 "Part number must be an integer between 1 and 10000, "
				 "inclusive");
	if (!*s) {
		*count = o->size;
		found = number == 1;
	}
	while (*s) {
		char *end;
		int64_t size = strtoll(s, &end, 10);
		int64_t times = *end == '*' ? strtoll(end + 1, &end, 10) : 1;

		if (number > n && number <= n + times) {
			*first = at + (number - n - 1) * size;
			*count = size;
			found = true;
		}
		n += times;
		at += times * size;
		s = end + (*end == ',');
	}
	if (!found)
		return fault_set(&r->call->fault, 416, "InvalidPartNumber",
				 "The requested partnumber is not satisfiable");
	total = xasprintf("%lld", (long long)n);
	if (n)
		headers_set(&r->res->headers, "x-amz-mp-parts-count", total);
	return 1;
}

/* 1 with the range, 0: all of it, -1 with a fault. */
static int asked_range(struct s3_request *r, const struct s3_object *o, int64_t *first,
		       int64_t *count)
{
	int rc;

	if (s3_param(r, "partNumber"))
		return part_range(r, o, first, count);
	rc = s3_parse_range(s3_header(r, "Range"), o->size, first, count);
	if (rc < 0)
		return fault_set(&r->call->fault, 416, "InvalidRange",
				 "The requested range is not satisfiable");
	return rc;
}

/* GET and HEAD alike: the server leaves the body of a HEAD out. */
static int get_object(struct s3_request *r)
{
	FP_AUTO(s3_stored_release) struct s3_object o = { 0 };
	FP_AUTO(freep) char *range = NULL;
	int64_t first = 0, count;
	int partial;

	if (open_object(r, &o) < 0 || s3_check_read(r, &o, "") < 0)
		return -1;
	count = o.size;
	partial = asked_range(r, &o, &first, &count);
	if (partial < 0)
		return -1;
	write_attributes(r, &o);
	if (partial) {
		range = xasprintf("bytes %lld-%lld/%lld", (long long)first,
				  (long long)(first + count - 1), (long long)o.size);
		headers_set(&r->res->headers, "Content-Range", range);
		r->res->status = 206;
	} else if (wants_checksum(r)) {
		s3_write_checksum(r, &o);
	}
	r->res->file_offset = first;
	r->res->file_size = count;
	if (r->res->body_fd < 0)
		cut(&r->res->body, (size_t)first, (size_t)count);
	return 0;
}

int s3_get_object_path(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(s3_stored_release) struct s3_object o = { 0 };
	const char *bucket = json_str(in, "Bucket", "");
	FP_AUTO(freep) char *path = NULL;
	struct fp_error err = { 0 };
	struct s3_bucket b;

	if (s3_bucket_find(c, bucket, &b) < 0 ||
	    s3_object_get(c, bucket, json_str(in, "Key", ""),
			  json_str(in, "VersionId", NULL), &o) < 0)
		return -1;
	if (store_blob_file(c->emu->store, o.sha256, &path, &err) < 0)
		return s3_failed(c, &err);
	json_set_str(out, "Path", path);
	json_set_str(out, "Sha256", o.sha256);
	json_set_int(out, "Size", o.size);
	json_set_str(out, "VersionId", o.version_id);
	json_set_str(out, "ETag", o.etag);
	return 0;
}

const struct s3_route s3_get_routes[] = {
	{ "GET", 2, NULL, NULL, "GetObject", get_object },
	{ "HEAD", 2, NULL, NULL, "HeadObject", get_object },
	{ "GET", 2, "partNumber", NULL, "GetObject", get_object },
	{ "HEAD", 2, "partNumber", NULL, "HeadObject", get_object },
	{ 0 },
};
