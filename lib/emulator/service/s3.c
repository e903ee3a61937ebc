#include "emulator/service/s3.h"

#include "base/digest.h"
#include "base/fs.h"
#include "base/str.h"

#define XML_LIMIT ((size_t)16 << 20)

/* Objects have no index but their key: each costs every upload a page. */
static const char schema[] =
	"CREATE TABLE IF NOT EXISTS s3_buckets ("
	" name TEXT PRIMARY KEY, region TEXT NOT NULL, created_ms INTEGER NOT NULL,"
	" versioning INTEGER NOT NULL DEFAULT 0, owner TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS s3_config ("
	" bucket TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,"
	" PRIMARY KEY (bucket, kind)) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS s3_objects ("
	" bucket TEXT NOT NULL, key TEXT NOT NULL, seq INTEGER NOT NULL,"
	" version_id TEXT NOT NULL, latest INTEGER NOT NULL, size INTEGER NOT NULL,"
	" etag TEXT, sha256 TEXT, modified_ms INTEGER NOT NULL, headers TEXT,"
	" tags TEXT, checksum TEXT, PRIMARY KEY (bucket, key, seq)) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS s3_uploads ("
	" upload_id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL,"
	" created_ms INTEGER NOT NULL, headers TEXT, tags TEXT, algorithm TEXT,"
	" checksum_type TEXT) WITHOUT ROWID;"
	"CREATE INDEX IF NOT EXISTS s3_uploads_key ON s3_uploads (bucket, key, "
	"upload_id);"
	"CREATE TABLE IF NOT EXISTS s3_parts ("
	" upload_id TEXT NOT NULL, number INTEGER NOT NULL, etag TEXT NOT NULL,"
	" sha256 TEXT NOT NULL, size INTEGER NOT NULL, modified_ms INTEGER NOT NULL,"
	" checksum TEXT, PRIMARY KEY (upload_id, number)) WITHOUT ROWID;";

static const struct s3_route *const route_tables[] = {
	s3_put_routes,	       s3_get_routes,	 s3_delete_routes,    s3_copy_routes,
	s3_list_routes,	       s3_tags_routes,	 s3_multipart_routes, s3_parts_routes,
	s3_upload_list_routes, s3_notify_routes, s3_bucket_routes,    s3_config_routes,
};

/* Query parameters that make a request another operation. */
static const char *const markers[] = {
	"accelerate",
	"acl",
	"analytics",
	"attributes",
	"cors",
	"delete",
	"encryption",
	"intelligent-tiering",
	"inventory",
	"legal-hold",
	"lifecycle",
	"location",
	"logging",
	"metrics",
	"notification",
	"object-lock",
	"ownershipControls",
	"partNumber",
	"policy",
	"policyStatus",
	"publicAccessBlock",
	"renameObject",
	"replication",
	"requestPayment",
	"restore",
	"retention",
	"select",
	"session",
	"tagging",
	"torrent",
	"uploadId",
	"uploads",
	"versioning",
	"versions",
	"website",
};

const char *s3_header(const struct s3_request *r, const char *name)
{
	return headers_get(&r->rest->http->headers, name);
}

const char *s3_param(const struct s3_request *r, const char *name)
{
	return uri_params_get(&r->query, name);
}

int s3_failed(struct call *c, const struct fp_error *err)
{
	return fault_from(&c->fault, err);
}

void s3_begin_xml(struct s3_request *r, const char *root)
{
	headers_set(&r->res->headers, "Content-Type", "application/xml");
	buf_printf(&r->res->body,
		   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<%s xmlns=\"%s\">", root,
		   S3_XMLNS);
}

char *s3_read_body(struct s3_request *r)
{
	struct buf text = BUF_INIT;
	struct fp_error err = { 0 };

	if (!r->rest->body_path)
		return xstrdup(buf_str(&r->rest->http->body));
	if (fs_read(&text, r->rest->body_path, XML_LIMIT, &err) == 0)
		return buf_detach(&text);
	buf_release(&text);
	(void)s3_failed(r->call, &err);
	return NULL;
}

int s3_read_xml(struct s3_request *r, struct arena *a, struct xml **root)
{
	FP_AUTO(freep) char *text = s3_read_body(r);
	struct fp_error err = { 0 };

	if (!text)
		return -1;
	if (xml_parse(root, a, text, strlen(text), &err) < 0)
		return fault_set(&r->call->fault, 400, "MalformedXML",
				 "the XML you provided was not well-formed: %s",
				 err.message);
	return 0;
}

/* "bucket" of "bucket.localhost" and "bucket.s3.localhost"; NULL in path style. */
static char *virtual_bucket(const char *host)
{
	static const char *const suffixes[] = { ".s3.localhost", ".localhost" };
	FP_AUTO(freep) char *name = str_lower(xstrdup(host));

	name[strcspn(name, ":")] = '\0';
	if (str_eq(name, "s3.localhost"))
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++)
		if (str_ends(name, suffixes[i]))
			return xstrndup(name, strlen(name) - strlen(suffixes[i]));
	return NULL;
}

static char *decoded(const char *s, size_t n)
{
	struct buf out = BUF_INIT;

	uri_decode(&out, s, n, false);
	return buf_detach(&out);
}

static void read_target(struct s3_request *r)
{
	const char *path = r->rest->http->path + 1;
	size_t n = strcspn(path, "/");

	r->bucket = virtual_bucket(r->rest->http->host);
	if (!r->bucket && n) {
		r->bucket = decoded(path, n);
		path += n + (path[n] == '/');
	}
	if (r->bucket && *path)
		r->key = decoded(path, strlen(path));
	uri_params_parse(&r->query, r->rest->http->query, strlen(r->rest->http->query),
			 true);
}

static bool is_utf8(const char *encoded, bool plus)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	size_t at = 0, n;

	uri_decode(&text, encoded, strlen(encoded), plus);
	for (; at < text.len; at += n) {
		n = str_utf8_len(text.data + at, text.len - at);
		if (!n)
			return false;
	}
	return true;
}

static const char *marker_of(const struct s3_request *r)
{
	for (size_t i = 0; i < ARRAY_SIZE(markers); i++)
		if (s3_param(r, markers[i]))
			return markers[i];
	return NULL;
}

static bool route_fits(const struct s3_route *t, const struct s3_request *r,
		       const char *marker)
{
	int level = r->key ? 2 : r->bucket ? 1 : 0;

	return t->level == level && str_eq(t->method, r->rest->http->method) &&
	       (!t->header || s3_header(r, t->header)) &&
	       (t->marker ? s3_param(r, t->marker) != NULL : !marker);
}

/* A route that asks for more wins over one that asks for less. */
static const struct s3_route *find_route(const struct s3_request *r, const char *marker)
{
	const struct s3_route *best = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(route_tables); i++)
		for (const struct s3_route *t = route_tables[i]; t->method; t++)
			if (route_fits(t, r, marker) &&
			    (!best || (t->header && !best->header) ||
			     (t->marker && !best->marker)))
				best = t;
	return best;
}

/* Who names an owner wants nobody else's bucket. */
static int check_owner(struct s3_request *r)
{
	static const char *const names[] = { "x-amz-expected-bucket-owner",
					     "x-amz-source-expected-bucket-owner" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *owner = s3_header(r, names[i]);

		if (owner && !str_eq(owner, r->call->emu->account))
			return fault_set(&r->call->fault, 403, "AccessDenied",
					 "the bucket belongs to the account %s, not to "
					 "%s as %s says",
					 r->call->emu->account, owner, names[i]);
	}
	return 0;
}

static int dispatch(struct s3_request *r)
{
	const char *marker = marker_of(r);
	const struct s3_route *t = find_route(r, marker);

	if (!is_utf8(r->rest->http->path, false) || !is_utf8(r->rest->http->query, true))
		return fault_set(&r->call->fault, 400, "InvalidURI",
				 "Couldn't parse the specified URI: it is not UTF-8.");
	if (r->key && strlen(r->key) > 1024)
		return fault_set(&r->call->fault, 400, "KeyTooLongError",
				 "your key is too long: at most 1024 bytes");
	if (!t)
		return fault_set(&r->call->fault, 501, "NotImplemented",
				 "the emulator has no operation %s of an S3 %s%s%s",
				 r->rest->http->method,
				 r->key	     ? "object"
				 : r->bucket ? "bucket"
					     : "account",
				 marker ? " with ?" : "", marker ? marker : "");
	r->call->action = t->name;
	return check_owner(r) < 0 ? -1 : t->run(r);
}

static int rest(struct call *c, struct rest_request *req, struct rest_response *res)
{
	struct s3_request r = { .call = c, .rest = req, .res = res };
	char id[SHA256_HEX_LEN];
	int rc;

	sha256_hex(id, c->request_id, strlen(c->request_id));
	headers_set(&res->headers, "x-amz-id-2", id);
	read_target(&r);
	rc = dispatch(&r);
	free(r.bucket);
	free(r.key);
	uri_params_release(&r.query);
	return rc;
}

static const struct operation operations[] = {
	{ "GetObjectPath", s3_get_object_path },
	{ NULL, NULL },
};

extern const struct service service_s3;
const struct service service_s3 = {
	.name = "s3",
	.protocol = SERVICE_REST_XML,
	.xmlns = S3_XMLNS,
	.schema = schema,
	.operations = operations,
	.rest = rest,
	.resources = s3_resources,
};
