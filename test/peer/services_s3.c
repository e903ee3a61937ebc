/*
 * The calls to S3 and STS: see services.h.
 */
#include "services.h"

#include "aws/service/s3.h"
#include "aws/service/sts.h"

#define BUCKET "bucket-1"
#define KEY    "a/\xc3\xbc b+c&d=e%20~<x>.txt"

static int show_object(int rc, struct s3_object *o, cJSON **out)
{
	if (rc == 0) {
		*out = cJSON_CreateObject();
		json_set_int(*out, "size", o->size);
		json_set_str(*out, "etag", o->etag);
		json_set_str(*out, "type", o->content_type);
		json_set_str(*out, "version", o->version_id);
	}
	s3_object_release(o);
	return rc;
}

static int head(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	struct s3_object o = { 0 };
	int rc = s3_head_version(c, BUCKET, KEY, "v&1", &o, err);

	return show_object(rc, &o, out);
}

static bool keep(void *ctx, const void *data, size_t n)
{
	buf_add(ctx, data, n);
	return true;
}

static int get(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf body = BUF_INIT;
	struct http_sink sink = { .write = keep, .ctx = &body };
	struct s3_object o = { 0 };
	int rc = s3_get(c, BUCKET, KEY, "v&1", &sink, &o, err);

	rc = show_object(rc, &o, out);
	if (rc == 0)
		json_set_str(*out, "body", buf_str(&body));
	return rc;
}

static int put(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	(void)out;
	return s3_put(c, BUCKET, KEY, "hello", 5, "text/x; a=b", err);
}

static bool add_entry(void *ctx, const struct s3_entry *e)
{
	cJSON *to = json_push_object(ctx);

	json_set_str(to, "Key", e->key);
	json_set_str(to, "ETag", e->etag);
	json_set_str(to, "LastModified", e->modified);
	json_set_str(to, "StorageClass", e->storage_class);
	json_set_int(to, "Size", e->size);
	return true;
}

static int list(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	*out = cJSON_CreateArray();
	return s3_list(c, BUCKET, "a/\xc3\xbc &", add_entry, *out, err);
}

static int bucket_region(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	FP_AUTO(freep) char *region = NULL;
	int rc = s3_bucket_region(c, BUCKET, &region, err);

	*out = region ? cJSON_CreateString(region) : NULL;
	return rc;
}

static int bucket_names(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	FP_AUTO(strs_release) struct strs names = STRS_INIT;
	int rc = s3_bucket_names(c, &names, err);

	*out = cJSON_CreateArray();
	for (size_t i = 0; i < names.n; i++)
		json_push_str(*out, names.v[i]);
	return rc;
}

static int delete_object(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	(void)out;
	return s3_delete(c, BUCKET, KEY, "v&1", err);
}

static int copy_object(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	const struct s3_place from = { "bucket-2", KEY, "v&1" },
			      to = { BUCKET, "k", NULL };
	struct s3_result r = { 0 };
	int rc = s3_copy(c, &from, &to, NULL, &r, err);

	*out = cJSON_CreateString(r.etag);
	return rc;
}

static int count_objects(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	int64_t n = 0;
	int rc = s3_count(c, BUCKET, 1000000, &n, err);

	*out = cJSON_CreateNumber((double)n);
	return rc;
}

static int empty_bucket(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	int64_t n = 0;
	int rc = s3_empty(c, BUCKET, &n, err);

	*out = cJSON_CreateNumber((double)n);
	return rc;
}

static int delete_bucket(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	(void)out;
	return s3_delete_bucket(c, BUCKET, err);
}

static int caller(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	FP_AUTO(sts_identity_release) struct sts_identity who = { 0 };

	if (sts_caller(c, &who, err) < 0)
		return -1;
	*out = cJSON_CreateObject();
	json_set_str(*out, "UserId", who.user_id);
	json_set_str(*out, "Account", who.account);
	json_set_str(*out, "Arn", who.arn);
	return 0;
}

static int show_session(int rc, struct sts_session *s, cJSON **out)
{
	if (rc == 0) {
		*out = cJSON_CreateObject();
		json_set_str(*out, "AccessKeyId", s->credentials.access_key_id);
		json_set_str(*out, "SecretAccessKey", s->credentials.secret_access_key);
		json_set_str(*out, "SessionToken", s->credentials.session_token);
		json_set(*out, "Expiration",
			 cJSON_CreateNumber((double)s->credentials.expires_ms / 1000));
		json_set_str(*out, "Arn", s->arn);
		json_set_str(*out, "AssumedRoleId", s->id);
	}
	sts_session_release(s);
	return rc;
}

static int assume_role(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	struct sts_role role = { .role_arn = "arn:aws:iam::111122223333:role/p/r",
				 .session_name = "s@x",
				 .duration_s = 900,
				 .external_id = "e&1",
				 .mfa_serial = "arn:aws:iam::1:mfa/u",
				 .mfa_code = "012345" };
	struct sts_session s = { 0 };
	int rc = sts_assume_role(c, &role, &s, err);

	return show_session(rc, &s, out);
}

static int web_identity(struct aws_client *c, cJSON **out, struct fp_error *err)
{
	struct sts_role role = { .role_arn = "arn:aws:iam::111122223333:role/p/r",
				 .session_name = "s@x",
				 .web_identity_token = "abc.d+f/g=" };
	struct sts_session s = { 0 };
	int rc = sts_assume_role_with_web_identity(c, &role, &s, err);

	return show_session(rc, &s, out);
}

static const struct service_case cases[] = {
	CASE(head),	     CASE(get),
	CASE(put),	     CASE(list),
	CASE(bucket_region), CASE(bucket_names),
	CASE(delete_object), CASE(copy_object),
	CASE(count_objects), CASE(empty_bucket),
	CASE(delete_bucket), CASE(caller),
	CASE(assume_role),   { "web_identity", web_identity, true },
};

int main(int argc FP_UNUSED, char **argv)
{
	return service_main(cases, ARRAY_SIZE(cases), argv[1]);
}
