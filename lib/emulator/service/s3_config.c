#include "base/json.h"
#include "base/str.h"
#include "emulator/service/s3.h"

/*
 * Documents that the emulator keeps and gives back as they came; it does not act
 * on them. `root` is the XML's root element, NULL for JSON.
 */
static const struct kind {
	const char *marker, *root, *code, *text;
	int put_status;
	int (*check)(struct call *c, const struct xml *root); /* of its contents */
} kinds[] = {
	{ "policy", NULL, "NoSuchBucketPolicy", "The bucket policy does not exist", 204,
	  NULL },
	{ "publicAccessBlock", "PublicAccessBlockConfiguration",
	  "NoSuchPublicAccessBlockConfiguration",
	  "The public access block configuration was not found", 200, NULL },
	{ "encryption", "ServerSideEncryptionConfiguration", NULL, NULL, 200,
	  s3_encryption_check },
	{ "ownershipControls", "OwnershipControls", "OwnershipControlsNotFoundError",
	  "The bucket ownership controls were not found", 200, NULL },
	{ "lifecycle", "LifecycleConfiguration", "NoSuchLifecycleConfiguration",
	  "The lifecycle configuration does not exist", 200, s3_lifecycle_check },
	{ "tagging", "Tagging", "NoSuchTagSet", "The TagSet does not exist", 204, NULL },
	{ "cors", "CORSConfiguration", "NoSuchCORSConfiguration",
	  "The CORS configuration does not exist", 200, NULL },
};

/* Since 2023 every bucket is encrypted by S3's own keys. */
static const char default_encryption[] =
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ServerSideEncryptionConfiguration"
	" xmlns=\"" S3_XMLNS "\"><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>"
	"AES256</SSEAlgorithm></"
	"ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false"
	"</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>";

static const struct kind *kind_of(const struct s3_request *r)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (s3_param(r, kinds[i].marker))
			return &kinds[i];
	return NULL;
}

int s3_config_set(struct call *c, const char *bucket, const char *kind, const char *body)
{
	struct store *s = c->emu->store;
	struct fp_error err = { 0 };
	int rc;

	if (store_begin(s, &err) < 0)
		return s3_failed(c, &err);
	if (body)
		rc = store_exec(
			s, &err,
			"INSERT INTO s3_config (bucket, kind, body) VALUES (?, ?, ?)"
			" ON CONFLICT (bucket, kind) DO UPDATE SET body ="
			" excluded.body",
			"sss", bucket, kind, body);
	else
		rc = store_exec(s, &err,
				"DELETE FROM s3_config WHERE bucket = ? AND kind = ?",
				"ss", bucket, kind);
	if (rc < 0) {
		store_rollback(s);
		return s3_failed(c, &err);
	}
	return store_commit(s, &err) < 0 ? s3_failed(c, &err) : 0;
}

char *s3_config_get(struct call *c, const char *bucket, const char *kind)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };

	if (store_query(&r, c->emu->store, &err,
			"SELECT body FROM s3_config WHERE bucket = ? AND kind = ?", "ss",
			bucket, kind) < 0) {
		(void)s3_failed(c, &err);
		return NULL;
	}
	return store_next(&r) ? xstrdup(store_text(&r, 0)) : NULL;
}

int s3_config_check(struct call *c, const char *kind, const char *body)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(json_freep) cJSON *policy = NULL;
	struct fp_error err = { 0 };
	const struct kind *k = kinds;
	struct xml *root;

	while (!str_eq(k->marker, kind))
		k++;
	if (!k->root) {
		policy = cJSON_Parse(body);
		if (cJSON_IsArray(json_get(policy, "Statement")) ||
		    cJSON_IsObject(json_get(policy, "Statement")))
			return 0;
		return fault_set(&c->fault, 400, "MalformedPolicy",
				 "Policies must be valid JSON and have a Statement");
	}
	if (xml_parse(&root, &a, body, strlen(body), &err) < 0)
		return fault_set(&c->fault, 400, "MalformedXML",
				 "the XML you provided was not well-formed: %s",
				 err.message);
	if (!str_eq(root->name, k->root))
		return fault_set(&c->fault, 400, "MalformedXML",
				 "the root element must be %s", k->root);
	return k->check ? k->check(c, root) : 0;
}

static int put_config(struct s3_request *r)
{
	const struct kind *k = kind_of(r);
	FP_AUTO(freep) char *body = s3_read_body(r);
	struct s3_bucket b;

	if (!body || s3_bucket_find(r->call, r->bucket, &b) < 0 ||
	    s3_config_check(r->call, k->marker, body) < 0)
		return -1;
	r->res->status = k->put_status;
	return s3_config_set(r->call, r->bucket, k->marker, body);
}

static int get_config(struct s3_request *r)
{
	const struct kind *k = kind_of(r);
	FP_AUTO(freep) char *body = NULL;
	struct s3_bucket b;

	if (s3_bucket_find(r->call, r->bucket, &b) < 0)
		return -1;
	body = s3_config_get(r->call, r->bucket, k->marker);
	if (!body && r->call->fault.status)
		return -1;
	if (!body && k->code)
		return fault_set(&r->call->fault, 404, k->code, "%s", k->text);
	headers_set(&r->res->headers, "Content-Type",
		    k->root ? "application/xml" : "application/json");
	buf_puts(&r->res->body, body ? body : default_encryption);
	return 0;
}

static int delete_config(struct s3_request *r)
{
	struct s3_bucket b;

	if (s3_bucket_find(r->call, r->bucket, &b) < 0)
		return -1;
	r->res->status = 204;
	return s3_config_set(r->call, r->bucket, kind_of(r)->marker, NULL);
}

#define CONFIG(marker, get, put, delete)                         \
	{ "GET", 1, marker, NULL, get, get_config },             \
		{ "PUT", 1, marker, NULL, put, put_config },     \
	{                                                        \
		"DELETE", 1, marker, NULL, delete, delete_config \
	}

const struct s3_route s3_config_routes[] = {
	CONFIG("policy", "GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"),
	CONFIG("publicAccessBlock", "GetPublicAccessBlock", "PutPublicAccessBlock",
	       "DeletePublicAccessBlock"),
	CONFIG("encryption", "GetBucketEncryption", "PutBucketEncryption",
	       "DeleteBucketEncryption"),
	CONFIG("ownershipControls", "GetBucketOwnershipControls",
	       "PutBucketOwnershipControls", "DeleteBucketOwnershipControls"),
	CONFIG("lifecycle", "GetBucketLifecycleConfiguration",
	       "PutBucketLifecycleConfiguration", "DeleteBucketLifecycle"),
	CONFIG("tagging", "GetBucketTagging", "PutBucketTagging", "DeleteBucketTagging"),
	CONFIG("cors", "GetBucketCors", "PutBucketCors", "DeleteBucketCors"),
	{ 0 },
};
