#include "emulator/service.h"

extern const struct service service_iam;
const struct service *const services[] = { &service_iam, NULL };

#include "steps.h"

#define TRUST                                                                     \
	"{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":[{\\\"Effect\\\":" \
	"\\\"Allow\\\","                                                          \
	"\\\"Principal\\\":{\\\"Service\\\":\\\"lambda.amazonaws.com\\\"},"       \
	"\\\"Action\\\":\\\"sts:AssumeRole\\\"}]}"
#define READ                                                                      \
	"{\\\"Statement\\\":{\\\"Effect\\\":\\\"Allow\\\",\\\"Action\\\":\\\"s3:" \
	"GetObject\\\","                                                          \
	"\\\"Resource\\\":\\\"*\\\"}}"
#define ROLE(name) \
	"{\"RoleName\":\"" name "\",\"AssumeRolePolicyDocument\":\"" TRUST "\"}"
#define INLINE(doc) \
	"{\"RoleName\":\"r\",\"PolicyName\":\"p\",\"PolicyDocument\":\"" doc "\"}"
#define ARN "arn:aws:iam::000000000000:role/r"

static const struct step roles[] = {
	{ "GetRole", "{\"RoleName\":\"r\"}", "NoSuchEntity", NULL, NULL },
	{ "GetRole", "{}", "ValidationError", NULL, NULL },
	{ "CreateRole", ROLE("r"), NULL, "Role/Arn", ARN },
	{ "CreateRole", ROLE("r"), "EntityAlreadyExists", NULL, NULL },
	{ "CreateRole", ROLE("a b"), "ValidationError", NULL, NULL },
	{ "ListRoles", "{}", NULL, "Roles/0/RoleName", "r" },
	{ "PutRolePolicy", INLINE(READ), NULL, NULL, NULL },
	{ "PutRolePolicy", INLINE("{"), "MalformedPolicyDocument", NULL, NULL },
	{ "PutRolePolicy", INLINE(TRUST), "MalformedPolicyDocument", NULL, NULL },
	{ "ListRolePolicies", "{\"RoleName\":\"r\"}", NULL, "PolicyNames/0", "p" },
	{ "DeleteRole", "{\"RoleName\":\"r\"}", "DeleteConflict", NULL, NULL },
	{ "DeleteRolePolicy", "{\"RoleName\":\"r\",\"PolicyName\":\"p\"}", NULL, NULL,
	  NULL },
	{ "DeleteRolePolicy", "{\"RoleName\":\"r\",\"PolicyName\":\"p\"}", "NoSuchEntity",
	  NULL, NULL },
	{ "AttachRolePolicy",
	  "{\"RoleName\":\"r\",\"PolicyArn\":\"arn:aws:iam::aws:policy/X\"}", NULL, NULL,
	  NULL },
	{ "AttachRolePolicy",
	  "{\"RoleName\":\"r\",\"PolicyArn\":\"arn:aws:iam::000000000000:policy/X\"}",
	  "NoSuchEntity", NULL, NULL },
	{ "ListAttachedRolePolicies", "{\"RoleName\":\"r\"}", NULL,
	  "AttachedPolicies/0/PolicyName", "X" },
	{ "DetachRolePolicy",
	  "{\"RoleName\":\"r\",\"PolicyArn\":\"arn:aws:iam::aws:policy/X\"}", NULL, NULL,
	  NULL },
	{ "TagRole", "{\"RoleName\":\"r\",\"Tags\":[{\"Key\":\"k\",\"Value\":\"v\"}]}",
	  NULL, NULL, NULL },
	{ "ListRoleTags", "{\"RoleName\":\"r\"}", NULL, "Tags/0/Value", "v" },
	{ "FpctlRoleTrusts",
	  "{\"RoleArn\":\"" ARN "\",\"Service\":\"lambda.amazonaws.com\"}", NULL,
	  "Trusts", "true" },
	{ "FpctlRoleTrusts", "{\"RoleArn\":\"" ARN "\",\"Service\":\"s3.amazonaws.com\"}",
	  NULL, "Trusts", "false" },
	{ "FpctlRoleTrusts",
	  "{\"RoleArn\":\"arn:aws:iam::0:role/no\",\"Service\":\"lambda.amazonaws.com\"}",
	  NULL, "Trusts", "false" },
	{ "DeleteRole", "{\"RoleName\":\"r\"}", NULL, NULL, NULL },
	{ "CreatePolicy", "{\"PolicyName\":\"m\",\"PolicyDocument\":\"" READ "\"}", NULL,
	  "Policy/Arn", "arn:aws:iam::000000000000:policy/m" },
	{ "CreatePolicy", "{\"PolicyName\":\"m\",\"PolicyDocument\":\"" READ "\"}",
	  "EntityAlreadyExists", NULL, NULL },
	{ "DeletePolicy", "{\"PolicyArn\":\"arn:aws:iam::000000000000:policy/m\"}", NULL,
	  NULL, NULL },
};

START_TEST(roles_and_policies)
{
	struct cloud c;

	cloud_open(&c, NULL);
	run_steps(&c, "iam", roles, ARRAY_SIZE(roles));
	cloud_close(&c);
}
END_TEST

static const struct {
	const char *name, *document;
	bool trust, good;
} documents[] = {
	{ "no JSON", "Statement", false, false },
	{ "a list", "[]", false, false },
	{ "no statement", "{\"Version\":\"2012-10-17\"}", false, false },
	{ "empty statements", "{\"Statement\":[]}", false, false },
	{ "unknown version", "{\"Version\":\"2020-01-01\",\"Statement\":[]}", false,
	  false },
	{ "unknown member",
	  "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\","
	  "\"X\":1}}",
	  false, false },
	{ "wrong effect", "{\"Statement\":{\"Effect\":\"allow\",\"Action\":\"s3:*\"}}",
	  false, false },
	{ "action without a vendor",
	  "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"GetObject\",\"Resource\":\"*"
	  "\"}}",
	  false, false },
	{ "no resource", "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:*\"}}",
	  false, false },
	{ "identity",
	  "{\"Statement\":{\"Effect\":\"Deny\",\"NotAction\":[\"s3:*\"],"
	  "\"NotResource\":\"*\"}}",
	  false, true },
	{ "trust",
	  "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":\"*\","
	  "\"Action\":\"sts:AssumeRole\"}}",
	  true, true },
	{ "trust with a resource",
	  "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Resource\":\"*\","
	  "\"Action\":\"sts:AssumeRole\"}}",
	  true, false },
	{ "trust of nobody",
	  "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"sts:*\"}}", true, false },
};

#include "emulator/service/iam.h"

START_TEST(documents_are_checked)
{
	const __typeof__(documents[0]) *d = &documents[_i];
	struct call c = { .emu = NULL };
	int rc = iam_check_document(&c, d->document, d->trust ? IAM_TRUST : IAM_IDENTITY);

	ck_assert_msg((rc == 0) == d->good, "%s: %s", d->name, c.fault.message);
	ck_assert(d->good || str_eq(c.fault.code, "MalformedPolicyDocument"));
}
END_TEST

START_TEST(role_as_a_resource)
{
	const struct resource_type *t = find_type("AWS::IAM::Role");
	FP_AUTO(json_freep)
	cJSON *properties = cJSON_Parse(
		"{\"AssumeRolePolicyDocument\":{\"Statement\":{\"Effect\":\"Allow\","
		"\"Principal\":"
		"{\"Service\":\"lambda.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}},"
		"\"Policies\":[{\"PolicyName\":\"a\",\"PolicyDocument\":{\"Statement\":{"
		"\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}}}]}");
	FP_AUTO(json_freep) cJSON *changed = cJSON_Duplicate(properties, true);
	FP_AUTO(json_freep) cJSON *bad = cJSON_Duplicate(properties, true);
	struct resource first = { NULL, NULL }, again = { NULL, NULL },
			none = { NULL, NULL };
	static const struct step after[] = {
		{ "ListRolePolicies", "{\"RoleName\":\"stack-Thing-ABCDEFGHIJKL\"}", NULL,
		  "PolicyNames/0", "b" },
		{ "ListRolePolicies", "{\"RoleName\":\"stack-Thing-ABCDEFGHIJKL\"}", NULL,
		  "PolicyNames/1", NULL },
	};
	struct resource_request r;
	struct cloud c;

	cloud_open(&c, NULL);
	json_set_str(cJSON_GetArrayItem(json_get(changed, "Policies"), 0), "PolicyName",
		     "b");
	json_set_str(cJSON_GetArrayItem(json_get(bad, "Policies"), 0), "PolicyDocument",
		     "{");

	r = request_for(&c, bad, NULL);
	ck_assert_int_eq(t->create(&r, &none), -1);
	ck_assert_str_eq(c.call.fault.code, "MalformedPolicyDocument");
	run_steps(&c, "iam",
		  &(struct step){ "ListRoles", "{}", NULL, "Roles/0/RoleName", NULL }, 1);

	r = request_for(&c, properties, NULL);
	ck_assert_msg(t->create(&r, &first) == 0, "%s", c.call.fault.message);
	ck_assert_str_eq(first.physical_id, "stack-Thing-ABCDEFGHIJKL");
	ck_assert_str_eq(json_str(first.attributes, "Arn", ""),
			 "arn:aws:iam::000000000000:role/stack-Thing-ABCDEFGHIJKL");
	/* As after a crash: it is made again, and is the same. */
	ck_assert_int_eq(t->create(&r, &again), 0);
	ck_assert_str_eq(json_str(again.attributes, "RoleId", ""),
			 json_str(first.attributes, "RoleId", "-"));
	r = request_for(&c, changed, properties);
	ck_assert_msg(t->update(&r, &first) == 0, "%s", c.call.fault.message);
	run_steps(&c, "iam", after, ARRAY_SIZE(after));
	r = request_for(&c, changed, NULL);
	ck_assert_msg(t->remove(&r, &first) == 0, "%s", c.call.fault.message);
	ck_assert_int_eq(t->remove(&r, &first), 0);
	free(first.physical_id);
	cJSON_Delete(first.attributes);
	free(again.physical_id);
	cJSON_Delete(again.attributes);
	cloud_close(&c);
}
END_TEST

static Suite *iam_suite(void)
{
	Suite *s = suite_create("iam");
	TCase *tc = tcase_create("iam");

	tcase_add_test(tc, roles_and_policies);
	tcase_add_loop_test(tc, documents_are_checked, 0, ARRAY_SIZE(documents));
	tcase_add_test(tc, role_as_a_resource);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(iam_suite)
