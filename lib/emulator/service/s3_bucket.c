#include "base/clock.h"
#include "base/str.h"
#include "emulator/service/s3.h"

#define LETTERS	    "abcdefghijklmnopqrstuvwxyz"
#define DIGITS	    "0123456789"
#define MAX_BUCKETS 10000

const char *s3_bucket_name_fault(const char *name)
{
	static const char *const prefixes[] = { "xn--", "sthree-", "amzn-s3-demo-" };
	static const char *const suffixes[] = { "-s3alias", "--ol-s3", ".mrap", "--x-s3",
						"--table-s3" };
	size_t n = strlen(name);

	if (n < 3 || n > 63)
		return "it must have 3 to 63 characters";
	if (strspn(name, LETTERS DIGITS ".-") != n)
		return "only lower-case letters, digits, dots and dashes may stand in it";
	if (!strchr(LETTERS DIGITS, name[0]) || !strchr(LETTERS DIGITS, name[n - 1]))
		return "it must begin and end with a letter or digit";
	if (strstr(name, "..") || strstr(name, ".-") || strstr(name, "-."))
		return "a dot must stand between letters or digits";
	if (strspn(name, DIGITS ".") == n)
		return "it must not look like an IP address";
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (str_starts(name, prefixes[i]))
			return "its beginning is reserved by AWS";
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++)
		if (str_ends(name, suffixes[i]))
			return "its end is reserved by AWS";
	return NULL;
}

int s3_bucket_find(struct call *c, const char *name, struct s3_bucket *out)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };

	*out = (struct s3_bucket){ 0 };
	if (store_query(&r, c->emu->store, &err,
			"SELECT name, region, created_ms, versioning FROM s3_buckets"
			" WHERE name = ?",
			"s", name) < 0)
		return s3_failed(c, &err);
	if (!store_next(&r))
		return fault_set(&c->fault, 404, "NoSuchBucket",
				 "The specified bucket does not exist");
	(void)snprintf(out->name, sizeof(out->name), "%s", store_text(&r, 0));
	(void)snprintf(out->region, sizeof(out->region), "%s", store_text(&r, 1));
	out->created_ms = store_int(&r, 2);
	out->versioning = (enum s3_versioning)store_int(&r, 3);
	return 0;
}

static int insert_bucket(struct call *c, const char *name, const char *owner,
			 struct fp_error *err)
{
	struct store *s = c->emu->store;

	if (store_begin(s, err) < 0)
		return -1;
	if (store_exec(s, err,
		       "INSERT INTO s3_buckets (name, region, created_ms, owner)"
		       " VALUES (?, ?, ?, ?)",
		       "ssis", name, c->region, clock_now_ms(), owner) < 0) {
		store_rollback(s);
		return -1;
	}
	return store_commit(s, err);
}

static int bucket_owner(struct call *c, const char *name, char **owner)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };

	if (store_query(&r, c->emu->store, &err,
			"SELECT owner FROM s3_buckets WHERE name = ?", "s", name) < 0)
		return s3_failed(c, &err);
	*owner = store_next(&r) ? xstrdup(store_text(&r, 0)) : NULL;
	return 0;
}

int s3_bucket_create(struct call *c, const char *name, const char *owner)
{
	const char *wrong = s3_bucket_name_fault(name);
	FP_AUTO(freep) char *present = NULL;
	struct fp_error err = { 0 };

	if (wrong)
		return fault_set(&c->fault, 400, "InvalidBucketName",
				 "The specified bucket is not valid: '%s': %s", name,
				 wrong);
	if (bucket_owner(c, name, &present) < 0)
		return -1;
	if (present && *owner && str_eq(present, owner))
		return 0;
	/* us-east-1 alone takes a bucket made twice as well as once. */
	if (present && !*owner && str_eq(c->region, "us-east-1"))
		return 0;
	if (present)
		return fault_set(&c->fault, 409, "BucketAlreadyOwnedByYou",
				 "the bucket '%s' exists already and you own it", name);
	return insert_bucket(c, name, owner, &err) < 0 ? s3_failed(c, &err) : 0;
}

static bool has_rows(struct call *c, const char *sql, const char *name)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };

	/* What cannot be read counts as there: nothing is deleted by mistake. */
	return store_query(&r, c->emu->store, NULL, sql, "s", name) < 0 || store_next(&r);
}

static int delete_rows(struct call *c, const char *name, struct fp_error *err)
{
	struct store *s = c->emu->store;

	if (store_exec(s, err, "DELETE FROM s3_config WHERE bucket = ?", "s", name) < 0)
		return -1;
	return store_exec(s, err, "DELETE FROM s3_buckets WHERE name = ?", "s", name);
}

static int delete_if_empty(struct call *c, const char *name)
{
	struct fp_error err = { 0 };
	struct s3_bucket b;

	if (s3_bucket_find(c, name, &b) < 0)
		return -1;
	if (has_rows(c, "SELECT 1 FROM s3_objects WHERE bucket = ? LIMIT 1", name) ||
	    has_rows(c, "SELECT 1 FROM s3_uploads WHERE bucket = ? LIMIT 1", name))
		return fault_set(
			&c->fault, 409, "BucketNotEmpty",
			"The bucket you tried to delete is not empty%s",
			b.versioning == S3_UNVERSIONED
				? ""
				: ". You must delete all versions in the bucket.");
	return delete_rows(c, name, &err) < 0 ? s3_failed(c, &err) : 0;
}

int s3_bucket_delete(struct call *c, const char *name)
{
	struct store *s = c->emu->store;
	struct fp_error err = { 0 };

	if (store_begin(s, &err) < 0)
		return s3_failed(c, &err);
	if (delete_if_empty(c, name) < 0) {
		store_rollback(s);
		return -1;
	}
	return store_commit(s, &err) < 0 ? s3_failed(c, &err) : 0;
}

int s3_bucket_set_versioning(struct call *c, const char *name, enum s3_versioning v)
{
	struct store *s = c->emu->store;
	struct fp_error err = { 0 };

	if (store_begin(s, &err) < 0)
		return s3_failed(c, &err);
	if (store_exec(s, &err, "UPDATE s3_buckets SET versioning = ? WHERE name = ?",
		       "is", (int64_t)v, name) < 0) {
		store_rollback(s);
		return s3_failed(c, &err);
	}
	return store_commit(s, &err) < 0 ? s3_failed(c, &err) : 0;
}

/* What a new bucket would be told, beyond its region. */
static int check_wishes(struct s3_request *r, const struct xml *root)
{
	const char *lock = s3_header(r, "x-amz-bucket-object-lock-enabled");
	const char *acl = s3_header(r, "x-amz-acl");

	if (lock && str_ieq(lock, "true"))
		return fault_set(&r->call->fault, 501, "NotImplemented",
				 "the emulator has no object lock");
	if (acl && !str_eq(acl, "private"))
		return fault_set(&r->call->fault, 400,
				 "InvalidBucketAclWithObjectOwnership",
				 "Bucket cannot have ACLs set with ObjectOwnership's "
				 "BucketOwnerEnforced setting");
	for (const struct xml *x = root ? root->first : NULL; x; x = x->next)
		if (!str_eq(x->name, "LocationConstraint"))
			return fault_set(&r->call->fault, 501, "NotImplemented",
					 "the emulator does not support '%s' of a new "
					 "bucket",
					 x->name);
	return 0;
}

static int create_bucket(struct s3_request *r)
{
	FP_AUTO(freep) char *location = xasprintf("/%s", r->bucket);
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	const char *constraint = "";
	struct xml *root = NULL;

	if (r->rest->body_size) {
		if (s3_read_xml(r, &a, &root) < 0)
			return -1;
		constraint = xml_text(root, "LocationConstraint", "");
	}
	if (check_wishes(r, root) < 0)
		return -1;
	if (*constraint && !str_eq(constraint, r->call->region))
		return fault_set(
			&r->call->fault, 400, "IllegalLocationConstraintException",
			"The %s location constraint is incompatible for the region "
			"specific endpoint this request was sent to.",
			constraint);
	if (s3_bucket_create(r->call, r->bucket, "") < 0)
		return -1;
	headers_set(&r->res->headers, "Location", location);
	return 0;
}

static int delete_bucket(struct s3_request *r)
{
	r->res->status = 204;
	return s3_bucket_delete(r->call, r->bucket);
}

static int head_bucket(struct s3_request *r)
{
	struct s3_bucket b;

	if (s3_bucket_find(r->call, r->bucket, &b) < 0)
		return -1;
	headers_set(&r->res->headers, "x-amz-bucket-region", b.region);
	return 0;
}

/* Returns the last name, owned by the caller, when the page is full and more follow. */
static char *write_buckets(struct s3_request *r, struct store_rows *rows, int64_t max)
{
	const char *prefix = str_or(s3_param(r, "prefix"), "");
	const char *region = s3_param(r, "bucket-region");
	FP_AUTO(freep) char *last = NULL;
	struct buf *out = &r->res->body;

	while (store_next(rows)) {
		char date[25];

		if (!str_starts(store_text(rows, 0), prefix) ||
		    (region && !str_eq(region, store_text(rows, 1))))
			continue;
		if (max-- == 0)
			return xstrdup(str_or(last, ""));
		free(last);
		last = xstrdup(store_text(rows, 0));
		time_iso(date, store_int(rows, 2));
		xml_open(out, "Bucket");
		xml_element(out, "Name", last);
		xml_element(out, "CreationDate", date);
		xml_element(out, "BucketRegion", store_text(rows, 1));
		xml_close(out, "Bucket");
	}
	return NULL;
}

static int list_buckets(struct s3_request *r)
{
	FP_AUTO(store_done) struct store_rows rows = { 0 };
	FP_AUTO(freep) char *last = NULL;
	const char *limit = s3_param(r, "max-buckets");
	struct buf *out = &r->res->body;
	struct fp_error err = { 0 };
	int64_t max = MAX_BUCKETS;

	if (limit && !str_to_i64(limit, 1, MAX_BUCKETS, &max))
		return fault_set(&r->call->fault, 400, "InvalidArgument",
				 "Argument max-buckets must be an integer between 1 and "
				 "%d",
				 MAX_BUCKETS);
	if (store_query(&rows, r->call->emu->store, &err,
			"SELECT name, region, created_ms FROM s3_buckets WHERE name > ?"
			" ORDER BY name",
			"s", str_or(s3_param(r, "continuation-token"), "")) < 0)
		return s3_failed(r->call, &err);
	s3_begin_xml(r, "ListAllMyBucketsResult");
	xml_open(out, "Owner");
	xml_element(out, "ID", S3_OWNER_ID);
	xml_close(out, "Owner");
	xml_open(out, "Buckets");
	last = write_buckets(r, &rows, max);
	xml_close(out, "Buckets");
	xml_element(out, "ContinuationToken", last);
	xml_element(out, "Prefix", s3_param(r, "prefix"));
	xml_close(out, "ListAllMyBucketsResult");
	return 0;
}

static int get_location(struct s3_request *r)
{
	struct s3_bucket b;

	if (s3_bucket_find(r->call, r->bucket, &b) < 0)
		return -1;
	s3_begin_xml(r, "LocationConstraint");
	/* us-east-1 has no name here, for it was the first. */
	if (!str_eq(b.region, "us-east-1"))
		xml_escape(&r->res->body, b.region);
	xml_close(&r->res->body, "LocationConstraint");
	return 0;
}

static int get_versioning(struct s3_request *r)
{
	static const char *const names[] = { NULL, "Enabled", "Suspended" };
	struct s3_bucket b;

	if (s3_bucket_find(r->call, r->bucket, &b) < 0)
		return -1;
	s3_begin_xml(r, "VersioningConfiguration");
	xml_element(&r->res->body, "Status", names[b.versioning]);
	xml_close(&r->res->body, "VersioningConfiguration");
	return 0;
}

static int put_versioning(struct s3_request *r)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	const char *status;
	struct s3_bucket b;
	struct xml *root;

	if (s3_bucket_find(r->call, r->bucket, &b) < 0 || s3_read_xml(r, &a, &root) < 0)
		return -1;
	status = xml_text(root, "Status", "");
	if (!str_eq(status, "Enabled") && !str_eq(status, "Suspended"))
		return fault_set(&r->call->fault, 400,
				 "IllegalVersioningConfiguration"
				 "Exception",
				 "the status must be Enabled or Suspended");
	return s3_bucket_set_versioning(r->call, r->bucket,
					str_eq(status, "Enabled") ? S3_ENABLED
								  : S3_SUSPENDED);
}

const struct s3_route s3_bucket_routes[] = {
	{ "GET", 0, NULL, NULL, "ListBuckets", list_buckets },
	{ "PUT", 1, NULL, NULL, "CreateBucket", create_bucket },
	{ "DELETE", 1, NULL, NULL, "DeleteBucket", delete_bucket },
	{ "HEAD", 1, NULL, NULL, "HeadBucket", head_bucket },
	{ "GET", 1, "location", NULL, "GetBucketLocation", get_location },
	{ "GET", 1, "versioning", NULL, "GetBucketVersioning", get_versioning },
	{ "PUT", 1, "versioning", NULL, "PutBucketVersioning", put_versioning },
	{ 0 },
};
