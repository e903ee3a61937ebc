#include "emulator/service.h"

extern const struct service service_kms;
const struct service *const services[] = { &service_kms, NULL };

#include "emulator/service/kms.h"
#include "steps.h"

#define POLICY(principal, action)                                              \
	"{\\\"Statement\\\":[{\\\"Effect\\\":\\\"Allow\\\",\\\"Principal\\\":" \
	"{" principal "},\\\"Action\\\":\\\"" action                           \
	"\\\",\\\"Resource\\\":\\\"*\\\"}]}"
#define ROOT "\\\"AWS\\\":\\\"arn:aws:iam::000000000000:root\\\""

static const struct step keys[] = {
	{ "DescribeKey", "{\"KeyId\":\"none\"}", "NotFoundException", NULL, NULL },
	{ "DescribeKey", "{}", "ValidationException", NULL, NULL },
	{ "CreateKey", "{\"KeySpec\":\"RSA_2048\"}", "NotImplemented", NULL, NULL },
	{ "CreateKey", "{\"MultiRegion\":true}", "NotImplemented", NULL, NULL },
	{ "CreateKey", "{\"Policy\":\"{\"}", "MalformedPolicyDocumentException", NULL,
	  NULL },
	{ "CreateKey",
	  "{\"Policy\":\"" POLICY("\\\"Service\\\":\\\"s3.amazonaws.com\\\"",
				  "kms:*") "\"}",
	  "MalformedPolicyDocumentException", NULL, NULL },
	{ "CreateKey", "{\"Policy\":\"" POLICY(ROOT, "kms:Decrypt") "\"}",
	  "MalformedPolicyDocumentException", NULL, NULL },
	{ "CreateKey", "{\"Tags\":[{\"TagKey\":\"\",\"TagValue\":\"x\"}]}",
	  "TagException", NULL, NULL },
	{ "ListKeys", "{}", NULL, "Keys/0", NULL },
	{ "CreateKey",
	  "{\"Description\":\"d\",\"Policy\":\"" POLICY(
		  ROOT, "kms:Put*") "\",\"Tags\":[{"
				    "\"TagKey\":\"a\",\"TagValue\":\"b\"}]}",
	  NULL, "KeyMetadata/KeyState", "Enabled" },
	{ "ListKeys", "{}", NULL, "Keys/1", NULL },
	{ "ListKeys", "{\"Limit\":0}", "ValidationException", NULL, NULL },
	{ "ListKeys", "{}", NULL, "Truncated", "false" },
};

/* $ is the key's id. */
static const struct step uses[] = {
	{ "CreateAlias", "{\"AliasName\":\"shop\",\"TargetKeyId\":\"$\"}",
	  "InvalidAliasNameException", NULL, NULL },
	{ "CreateAlias", "{\"AliasName\":\"alias/aws/x\",\"TargetKeyId\":\"$\"}",
	  "NotAuthorizedException", NULL, NULL },
	{ "CreateAlias", "{\"AliasName\":\"alias/a b\",\"TargetKeyId\":\"$\"}",
	  "InvalidAliasNameException", NULL, NULL },
	{ "CreateAlias", "{\"AliasName\":\"alias/shop\",\"TargetKeyId\":\"none\"}",
	  "NotFoundException", NULL, NULL },
	{ "CreateAlias", "{\"AliasName\":\"alias/shop\",\"TargetKeyId\":\"$\"}", NULL,
	  NULL, NULL },
	{ "CreateAlias", "{\"AliasName\":\"alias/shop\",\"TargetKeyId\":\"$\"}",
	  "AlreadyExistsException", NULL, NULL },
	{ "CreateAlias", "{\"AliasName\":\"alias/b\",\"TargetKeyId\":\"alias/shop\"}",
	  "ValidationException", NULL, NULL },
	{ "UpdateAlias", "{\"AliasName\":\"alias/no\",\"TargetKeyId\":\"$\"}",
	  "NotFoundException", NULL, NULL },
	{ "ListAliases", "{\"KeyId\":\"$\"}", NULL, "Aliases/0/AliasName", "alias/shop" },
	{ "DescribeKey", "{\"KeyId\":\"alias/shop\"}", NULL, "KeyMetadata/KeyId", "$" },
	{ "DescribeKey", "{\"KeyId\":\"arn:aws:kms:us-east-1:000000000000:alias/shop\"}",
	  NULL, "KeyMetadata/KeyId", "$" },
	{ "DescribeKey", "{\"KeyId\":\"arn:aws:kms:eu-west-1:000000000000:key/$\"}",
	  "InvalidArnException", NULL, NULL },
	{ "GetKeyRotationStatus", "{\"KeyId\":\"$\"}", NULL, "KeyRotationEnabled",
	  "false" },
	{ "EnableKeyRotation", "{\"KeyId\":\"$\",\"RotationPeriodInDays\":1}",
	  "ValidationException", NULL, NULL },
	{ "EnableKeyRotation", "{\"KeyId\":\"$\"}", NULL, NULL, NULL },
	{ "GetKeyRotationStatus", "{\"KeyId\":\"$\"}", NULL, "RotationPeriodInDays",
	  "365" },
	{ "DisableKeyRotation", "{\"KeyId\":\"$\"}", NULL, NULL, NULL },
	{ "GetKeyPolicy", "{\"KeyId\":\"$\",\"PolicyName\":\"other\"}",
	  "NotFoundException", NULL, NULL },
	{ "PutKeyPolicy",
	  "{\"KeyId\":\"$\",\"Policy\":\"" POLICY(ROOT, "kms:Decrypt") "\"}",
	  "MalformedPolicyDocumentException", NULL, NULL },
	{ "PutKeyPolicy",
	  "{\"KeyId\":\"$\",\"BypassPolicyLockoutSafetyCheck\":true,\"Policy\":"
	  "\"" POLICY(ROOT, "kms:Decrypt") "\"}",
	  NULL, NULL, NULL },
	{ "TagResource",
	  "{\"KeyId\":\"$\",\"Tags\":[{\"TagKey\":\"t\",\"TagValue\":\"u\"}]}", NULL,
	  NULL, NULL },
	{ "ListResourceTags", "{\"KeyId\":\"$\"}", NULL, "Tags/0/TagValue", "u" },
	{ "UntagResource", "{\"KeyId\":\"$\",\"TagKeys\":[\"t\"]}", NULL, NULL, NULL },
	{ "ListResourceTags", "{\"KeyId\":\"$\"}", NULL, "Tags/0", NULL },
	{ "Encrypt", "{\"KeyId\":\"$\",\"Plaintext\":\"\"}", "ValidationException", NULL,
	  NULL },
	{ "Encrypt", "{\"KeyId\":\"$\",\"Plaintext\":\"?\"}", "ValidationException", NULL,
	  NULL },
	{ "Encrypt",
	  "{\"KeyId\":\"$\",\"Plaintext\":\"eA==\",\"EncryptionAlgorithm\":\"RSA\"}",
	  "InvalidKeyUsageException", NULL, NULL },
	{ "Encrypt",
	  "{\"KeyId\":\"$\",\"Plaintext\":\"eA==\",\"EncryptionContext\":[\"a\"]}",
	  "SerializationException", NULL, NULL },
	{ "Decrypt", "{\"CiphertextBlob\":\"eA==\"}", "InvalidCiphertextException", NULL,
	  NULL },
	{ "GenerateDataKey", "{\"KeyId\":\"$\"}", "ValidationException", NULL, NULL },
	{ "GenerateDataKey",
	  "{\"KeyId\":\"$\",\"KeySpec\":\"AES_256\",\"NumberOfBytes\":1}",
	  "ValidationException", NULL, NULL },
	{ "GenerateDataKeyWithoutPlaintext", "{\"KeyId\":\"$\",\"NumberOfBytes\":1024}",
	  NULL, "Plaintext", NULL },
	{ "FpctlUseKey", "{\"KeyId\":\"$\"}", NULL, "Arn",
	  "arn:aws:kms:us-east-1:000000000000:key/$" },
	{ "DisableKey", "{\"KeyId\":\"$\"}", NULL, NULL, NULL },
	{ "Encrypt", "{\"KeyId\":\"$\",\"Plaintext\":\"eA==\"}", "DisabledException",
	  NULL, NULL },
	{ "FpctlUseKey", "{\"KeyId\":\"$\"}", "DisabledException", NULL, NULL },
	{ "ScheduleKeyDeletion", "{\"KeyId\":\"$\",\"PendingWindowInDays\":1}",
	  "ValidationException", NULL, NULL },
	{ "ScheduleKeyDeletion", "{\"KeyId\":\"$\"}", NULL, "PendingWindowInDays", "30" },
	{ "EnableKey", "{\"KeyId\":\"$\"}", "KMSInvalidStateException", NULL, NULL },
	{ "CancelKeyDeletion", "{\"KeyId\":\"$\"}", NULL, NULL, NULL },
	{ "CancelKeyDeletion", "{\"KeyId\":\"$\"}", "KMSInvalidStateException", NULL,
	  NULL },
	{ "EnableKey", "{\"KeyId\":\"$\"}", NULL, NULL, NULL },
	{ "DeleteAlias", "{\"AliasName\":\"alias/shop\"}", NULL, NULL, NULL },
	{ "DeleteAlias", "{\"AliasName\":\"alias/shop\"}", "NotFoundException", NULL,
	  NULL },
	{ "FpctlUseKey", "{}", NULL, NULL, NULL },
	{ "ListAliases", "{}", NULL, "Aliases/0/AliasName", "alias/aws/s3" },
};

static char *with_id(const char *text, const char *id)
{
	FP_AUTO(strs_release) struct strs parts = STRS_INIT;
	struct buf out = BUF_INIT;

	if (!text)
		return NULL;
	strs_split(&parts, text, '$');
	for (size_t i = 0; i < parts.n; i++)
		buf_printf(&out, "%s%s", i ? id : "", parts.v[i]);
	return buf_detach(&out);
}

static char *new_key(struct cloud *c)
{
	FP_AUTO(json_freep) cJSON *made = call_json(c, "kms", "CreateKey", "{}");

	return xstrdup(json_str(made, "KeyMetadata.KeyId", ""));
}

START_TEST(keys_and_aliases)
{
	struct cloud c;
	FP_AUTO(freep) char *id = NULL;

	cloud_open(&c, NULL);
	run_steps(&c, "kms", keys, ARRAY_SIZE(keys));
	id = new_key(&c);
	for (size_t i = 0; i < ARRAY_SIZE(uses); i++) {
		FP_AUTO(freep) char *in = with_id(uses[i].in, id);
		FP_AUTO(freep) char *want = with_id(uses[i].want, id);
		struct step s = uses[i];

		s.in = in;
		s.want = want;
		run_steps(&c, "kms", &s, 1);
	}
	cloud_close(&c);
}
END_TEST

static cJSON *decrypt(struct cloud *c, const char *blob, const char *more)
{
	FP_AUTO(freep) char *in = xasprintf("{\"CiphertextBlob\":\"%s\"%s}", blob, more);

	return call_json(c, "kms", "Decrypt", in);
}

/* What was encrypted is had back with the same key and context, also after a restart. */
START_TEST(encrypts)
{
	static const char context[] = ",\"EncryptionContext\":{\"b\":\"2\",\"a\":\"1\"}";
	static const struct {
		const char *more, *fault;
	} tries[] = {
		{ ",\"EncryptionContext\":{\"a\":\"1\",\"b\":\"2\"}", "" },
		{ "", "InvalidCiphertextException" },
		{ ",\"EncryptionContext\":{\"a\":\"1\",\"b\":\"3\"}",
		  "InvalidCiphertextException" },
		{ ",\"EncryptionContext\":{\"a\":\"1\",\"b\":\"2\"},\"KeyId\":\"none\"",
		  "NotFoundException" },
	};
	struct cloud c;
	FP_AUTO(freep) char *id = NULL;
	FP_AUTO(freep) char *other = NULL;
	FP_AUTO(freep) char *in = NULL;
	FP_AUTO(freep) char *wrong = NULL;
	FP_AUTO(json_freep) cJSON *sealed = NULL;
	const char *blob;

	cloud_open(&c, NULL);
	id = new_key(&c);
	other = new_key(&c);
	in = xasprintf("{\"KeyId\":\"%s\",\"Plaintext\":\"aGVsbG8=\"%s}", id, context);
	sealed = call_json(&c, "kms", "Encrypt", in);
	blob = json_str(sealed, "CiphertextBlob", "");
	ck_assert_ptr_null(strstr(blob, "aGVsbG8"));
	cloud_open(&c, cloud_stop(&c));
	for (size_t i = 0; i < ARRAY_SIZE(tries); i++) {
		FP_AUTO(json_freep) cJSON *plain = decrypt(&c, blob, tries[i].more);

		ck_assert_str_eq(c.call.fault.code, tries[i].fault);
		if (!*tries[i].fault)
			ck_assert_str_eq(json_str(plain, "Plaintext", ""), "aGVsbG8=");
	}
	wrong = xasprintf("%s,\"KeyId\":\"%s\"", context, other);
	cJSON_Delete(decrypt(&c, blob, wrong));
	ck_assert_str_eq(c.call.fault.code, "IncorrectKeyException");
	cloud_close(&c);
}
END_TEST

START_TEST(key_resource_lives)
{
	const struct resource_type *key = find_type("AWS::KMS::Key");
	const struct resource_type *alias = find_type("AWS::KMS::Alias");
	FP_AUTO(json_freep)
	cJSON *properties = cJSON_Parse("{\"EnableKeyRotation\":true,\"Tags\":[{\"Key\":"
					"\"a\",\"Value\":\"b\"}]}");
	FP_AUTO(json_freep)
	cJSON *changed = cJSON_Parse("{\"Enabled\":\"false\",\"Description\":\"d\","
				     "\"PendingWindowInDays\":\"7\"}");
	FP_AUTO(json_freep) cJSON *named = NULL;
	struct resource out = { NULL, NULL }, again = { NULL, NULL },
			name = { NULL, NULL };
	struct resource_request r;
	struct cloud c;

	cloud_open(&c, NULL);
	r = request_for(&c, properties, NULL);
	ck_assert_msg(key->create(&r, &out) == 0, "%s", c.call.fault.message);
	ck_assert(str_ends(json_str(out.attributes, "Arn", ""), out.physical_id));
	/* A create that was cut off and comes again makes no second key. */
	ck_assert_int_eq(key->create(&r, &again), 0);
	ck_assert_str_eq(again.physical_id, out.physical_id);
	named = cJSON_CreateObject();
	json_set_str(named, "AliasName", "alias/shop");
	json_set_str(named, "TargetKeyId", out.physical_id);
	r = request_for(&c, named, NULL);
	ck_assert_int_eq(alias->create(&r, &name), 0);
	ck_assert_str_eq(name.physical_id, "alias/shop");
	r = request_for(&c, changed, properties);
	ck_assert_msg(key->update(&r, &out) == 0, "%s", c.call.fault.message);
	run_steps(&c, "kms",
		  (const struct step[]){ { "DescribeKey", "{\"KeyId\":\"alias/shop\"}",
					   NULL, "KeyMetadata/KeyState", "Disabled" },
					 { "GetKeyRotationStatus",
					   "{\"KeyId\":\"alias/shop\"}", NULL,
					   "KeyRotationEnabled", "false" } },
		  2);
	r = request_for(&c, changed, NULL);
	ck_assert_int_eq(key->remove(&r, &out), 0);
	ck_assert_int_eq(key->remove(&r, &out), 0);
	run_steps(&c, "kms",
		  &(struct step){ "DescribeKey", "{\"KeyId\":\"alias/shop\"}", NULL,
				  "KeyMetadata/PendingDeletionWindowInDays", "7" },
		  1);
	r = request_for(&c, named, NULL);
	ck_assert_int_eq(alias->remove(&r, &name), 0);
	ck_assert_int_eq(alias->remove(&r, &name), 0);
	free(out.physical_id);
	free(again.physical_id);
	free(name.physical_id);
	cJSON_Delete(out.attributes);
	cJSON_Delete(again.attributes);
	cJSON_Delete(name.attributes);
	cloud_close(&c);
}
END_TEST

static Suite *kms_suite(void)
{
	Suite *s = suite_create("kms");
	TCase *tc = tcase_create("kms");

	tcase_add_test(tc, keys_and_aliases);
	tcase_add_test(tc, encrypts);
	tcase_add_test(tc, key_resource_lives);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(kms_suite)
