/* Which key encrypts an object: the request's, or the bucket's. The bytes themselves lie
 * in the state folder as they are. */
#include "base/json.h"
#include "base/str.h"
#include "emulator/service/s3.h"

#define SSE	   "x-amz-server-side-encryption"
#define KEY_ID	   SSE "-aws-kms-key-id"
#define BUCKET_KEY SSE "-bucket-key-enabled"

static const char *const encryption_headers[] = { SSE, KEY_ID, BUCKET_KEY };

static int bad_configuration(struct call *c, const char *text)
{
	return fault_set(&c->fault, 400, "MalformedXML", "%s", text);
}

int s3_encryption_check(struct call *c, const struct xml *root)
{
	const struct xml *rule = xml_child(root, "Rule");
	const char *how = xml_text(rule ? rule : root,
				   "ApplyServerSideEncryptionByDefault.SSEAlgorithm",
				   "AES256");
	const char *key = xml_text(rule ? rule : root,
				   "ApplyServerSideEncryptionByDefault.KMSMasterKeyID",
				   NULL);

	if (!rule || root->first->next)
		return bad_configuration(c, "an encryption has exactly one Rule");
	if (str_eq(how, "aws:kms:dsse"))
		return fault_set(&c->fault, 501, "NotImplemented",
				 "the emulator does not support aws:kms:dsse");
	if (!str_eq(how, "AES256") && !str_eq(how, "aws:kms"))
		return bad_configuration(c, "SSEAlgorithm is AES256 or aws:kms");
	if (key && !str_eq(how, "aws:kms"))
		return fault_set(&c->fault, 400, "InvalidArgument",
				 "a KMSMasterKeyID is not applicable if the default sse "
				 "algorithm is not aws:kms");
	return 0;
}

/* The headers of the bucket's own encryption. */
static int bucket_default(struct call *c, const char *bucket, cJSON *headers)
{
	FP_AUTO(freep) char *body = s3_config_get(c, bucket, "encryption");
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	struct fp_error err = { 0 };
	const struct xml *rule;
	struct xml *root;

	json_set_str(headers, SSE, "AES256");
	if (!body)
		return c->fault.status ? -1 : 0;
	/* Most buckets have none but S3's own: no need to take it apart. */
	if (!strstr(body, "aws:kms"))
		return 0;
	if (xml_parse(&root, &a, body, strlen(body), &err) < 0)
		return s3_failed(c, &err);
	rule = xml_child(root, "Rule");
	json_set_str(headers, SSE, "aws:kms");
	json_set_str(headers, KEY_ID,
		     xml_text(rule, "ApplyServerSideEncryptionByDefault.KMSMasterKeyID",
			      NULL));
	if (str_eq(xml_text(rule, "BucketKeyEnabled", ""), "true"))
		json_set_str(headers, BUCKET_KEY, "true");
	return 0;
}

/* The key's ARN in place of what names it; a key that cannot be used refuses the object.
 */
static int resolve_key(struct call *c, cJSON *headers)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *out = cJSON_CreateObject();
	FP_AUTO(freep) char *code = NULL;

	json_set_str(in, "KeyId", json_str(headers, KEY_ID, NULL));
	if (bus_call(c, "kms", "FpctlUseKey", in, out) < 0) {
		code = xasprintf("KMS.%s", c->fault.code);
		(void)snprintf(c->fault.code, sizeof(c->fault.code), "%s", code);
		return -1;
	}
	json_set_str(headers, KEY_ID, json_str(out, "Arn", ""));
	return 0;
}

int s3_read_encryption(struct s3_request *r, cJSON *headers)
{
	const char *how = s3_header(r, SSE), *key = s3_header(r, KEY_ID);
	const char *bucket_key = s3_header(r, BUCKET_KEY);

	if (how && str_eq(how, "aws:kms:dsse"))
		return fault_set(&r->call->fault, 501, "NotImplemented",
				 "the emulator does not support aws:kms:dsse");
	if (how && !str_eq(how, "AES256") && !str_eq(how, "aws:kms"))
		return fault_set(&r->call->fault, 400, "InvalidArgument",
				 "The encryption method specified is not supported");
	if (key && !str_eq(how, "aws:kms"))
		return fault_set(&r->call->fault, 400, "InvalidArgument",
				 "Server Side Encryption with AWS KMS managed key "
				 "requires HTTP header x-amz-server-side-encryption : "
				 "aws:kms");
	json_set_str(headers, SSE, how);
	json_set_str(headers, KEY_ID, key);
	if (bucket_key && str_ieq(bucket_key, "true"))
		json_set_str(headers, BUCKET_KEY, "true");
	return 0;
}

void s3_take_encryption(cJSON *headers, const cJSON *from)
{
	for (size_t i = 0; i < ARRAY_SIZE(encryption_headers); i++) {
		const char *name = encryption_headers[i];

		cJSON_DeleteItemFromObjectCaseSensitive(headers, name);
		json_set_str(headers, name, json_str(from, name, NULL));
	}
}

int s3_settle_encryption(struct s3_request *r, cJSON *headers)
{
	if (!json_get(headers, SSE) && bucket_default(r->call, r->bucket, headers) < 0)
		return -1;
	if (str_eq(json_str(headers, SSE, ""), "aws:kms") &&
	    resolve_key(r->call, headers) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(encryption_headers); i++) {
		const char *value = json_str(headers, encryption_headers[i], NULL);

		if (value)
			headers_set(&r->res->headers, encryption_headers[i], value);
	}
	return 0;
}
