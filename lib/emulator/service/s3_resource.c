#include "base/json.h"
#include "base/str.h"
#include "emulator/common.h"
#include "emulator/service/s3_rules.h"
#include "wire/arn.h"

#define BUCKET_NAME_MAX 63

static const char *const bucket_properties[] = {
	"BucketName",
	"BucketEncryption",
	"LifecycleConfiguration",
	"NotificationConfiguration",
	"OwnershipControls",
	"PublicAccessBlockConfiguration",
	"Tags",
	"VersioningConfiguration",
	NULL,
};

/* CloudFormation's names of what S3's XML calls otherwise. */
static const struct {
	const char *property, *element;
} renamed[] = {
	{ "Rules", "Rule" },
	{ "ServerSideEncryptionConfiguration", "Rule" },
	{ "ServerSideEncryptionByDefault", "ApplyServerSideEncryptionByDefault" },
	{ "Id", "ID" },
	{ "Transitions", "Transition" },
	{ "NoncurrentVersionTransitions", "NoncurrentVersionTransition" },
	{ "TransitionInDays", "Days" },
};

static const char *element_name(const char *property)
{
	for (size_t i = 0; i < ARRAY_SIZE(renamed); i++)
		if (str_eq(renamed[i].property, property))
			return renamed[i].element;
	return property;
}

static void write_value(struct buf *out, const char *name, const cJSON *v);

/* What stands one level deeper in the XML. */
static const struct {
	const char *property, *outer, *inner;
} wrapped[] = {
	{ "ExpirationInDays", "Expiration", "Days" },
	{ "ExpirationDate", "Expiration", "Date" },
	{ "ExpiredObjectDeleteMarker", "Expiration", "ExpiredObjectDeleteMarker" },
	{ "NoncurrentVersionExpirationInDays", "NoncurrentVersionExpiration",
	  "NoncurrentDays" },
};

static void write_member(struct buf *out, const cJSON *v)
{
	for (size_t i = 0; i < ARRAY_SIZE(wrapped); i++) {
		if (!str_eq(v->string, wrapped[i].property))
			continue;
		xml_open(out, wrapped[i].outer);
		write_value(out, wrapped[i].inner, v);
		xml_close(out, wrapped[i].outer);
		return;
	}
	write_value(out, element_name(v->string), v);
}

static void write_value(struct buf *out, const char *name, const cJSON *v)
{
	FP_AUTO(freep) char *text = NULL;

	if (cJSON_IsArray(v)) {
		json_each (item, v)
			write_value(out, name, item);
	} else if (cJSON_IsObject(v)) {
		xml_open(out, name);
		json_each (item, v)
			write_member(out, item);
		xml_close(out, name);
	} else {
		text = cJSON_IsString(v) ? xstrdup(v->valuestring) : json_text(v);
		xml_element(out, name, text);
	}
}

/* A rule for all objects: CloudFormation lets the filter be absent, S3 does not. */
static cJSON *lifecycle_of(const cJSON *properties)
{
	cJSON *doc = cJSON_Duplicate(json_get(properties, "LifecycleConfiguration"),
				     true);

	json_each (rule, json_get(doc, "Rules"))
		if (cJSON_IsObject(rule) && !json_get(rule, "Prefix") &&
		    !json_get(rule, "Filter"))
			json_set_str(json_set_object(rule, "Filter"), "Prefix", "");
	return doc;
}

/* A property as the XML that the API gives back. */
static int set_document(struct call *c, const char *bucket, const char *kind,
			const char *root, const cJSON *value)
{
	FP_AUTO(buf_release) struct buf out = BUF_INIT;

	if (!value)
		return s3_config_set(c, bucket, kind, NULL);
	buf_printf(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<%s xmlns=\"%s\">",
		   root, S3_XMLNS);
	json_each (item, value)
		write_member(&out, item);
	xml_close(&out, root);
	if (s3_config_check(c, kind, out.data) < 0)
		return -1;
	return s3_config_set(c, bucket, kind, out.data);
}

static int set_tags(const struct resource_request *r, const char *bucket)
{
	FP_AUTO(json_freep) cJSON *tags = tags_of_resource(r);
	FP_AUTO(buf_release) struct buf out = BUF_INIT;

	if (!tags->child)
		return s3_config_set(r->call, bucket, "tagging", NULL);
	buf_printf(&out, "<Tagging xmlns=\"%s\"><TagSet>", S3_XMLNS);
	json_each_member (tag, tags) {
		xml_open(&out, "Tag");
		xml_element(&out, "Key", tag->string);
		xml_element(&out, "Value", tag->valuestring);
		xml_close(&out, "Tag");
	}
	buf_puts(&out, "</TagSet></Tagging>");
	return s3_config_set(r->call, bucket, "tagging", out.data);
}

static int set_versioning(struct call *c, const char *bucket, const cJSON *properties)
{
	const char *status = json_str(properties, "VersioningConfiguration.Status", NULL);
	struct s3_bucket b;

	if (s3_bucket_find(c, bucket, &b) < 0)
		return -1;
	if (status && str_eq(status, "Enabled"))
		return s3_bucket_set_versioning(c, bucket, S3_ENABLED);
	/* Once on, it can only be suspended. */
	return s3_bucket_set_versioning(c, bucket,
					b.versioning == S3_UNVERSIONED ? S3_UNVERSIONED
								       : S3_SUSPENDED);
}

static int configure(const struct resource_request *r, const char *bucket)
{
	static const struct {
		const char *property, *kind, *root;
	} documents[] = {
		{ "BucketEncryption", "encryption", "ServerSideEncryptionConfiguration" },
		{ "OwnershipControls", "ownershipControls", "OwnershipControls" },
		{ "PublicAccessBlockConfiguration", "publicAccessBlock",
		  "PublicAccessBlockConfiguration" },
	};
	FP_AUTO(json_freep) cJSON *lifecycle = lifecycle_of(r->properties);
	FP_AUTO(json_freep) cJSON *rules = NULL;
	const cJSON *p = r->properties;

	for (size_t i = 0; i < ARRAY_SIZE(documents); i++)
		if (set_document(r->call, bucket, documents[i].kind, documents[i].root,
				 json_get(p, documents[i].property)) < 0)
			return -1;
	if (set_document(r->call, bucket, "lifecycle", "LifecycleConfiguration",
			 lifecycle) < 0 ||
	    set_versioning(r->call, bucket, p) < 0 || set_tags(r, bucket) < 0)
		return -1;
	rules = s3_rules_from_properties(r->call,
					 json_get(p, "NotificationConfiguration"));
	return rules ? s3_notify_set(r->call, bucket, rules) : -1;
}

static void describe(const struct resource_request *r, const char *bucket,
		     struct resource *out)
{
	const char *region = r->call->region, *dns = arn_dns_suffix(region);
	cJSON *a = cJSON_CreateObject();

	json_set_fmt(a, "Arn", "arn:%s:s3:::%s", arn_partition(region), bucket);
	json_set_fmt(a, "DomainName", "%s.s3.%s", bucket, dns);
	json_set_fmt(a, "RegionalDomainName", "%s.s3.%s.%s", bucket, region, dns);
	json_set_fmt(a, "DualStackDomainName", "%s.s3.dualstack.%s.%s", bucket, region,
		     dns);
	json_set_fmt(a, "WebsiteURL", "http://%s.s3-website-%s.%s", bucket, region, dns);
	cJSON_Delete(out->attributes);
	out->attributes = a;
}

static int bucket_update(const struct resource_request *r, struct resource *inout)
{
	if (refuse_unsupported(r->call, "AWS::S3::Bucket", r->properties,
			       bucket_properties) < 0 ||
	    configure(r, inout->physical_id) < 0)
		return -1;
	describe(r, inout->physical_id, inout);
	return 0;
}

static int bucket_create(const struct resource_request *r, struct resource *out)
{
	FP_AUTO(freep) char *generated = str_lower(resource_name(r, BUCKET_NAME_MAX));
	FP_AUTO(freep) char *owner = xasprintf("%s/%s", r->stack_id, r->logical_id);
	const char *name = json_str(r->properties, "BucketName", generated);

	if (refuse_unsupported(r->call, "AWS::S3::Bucket", r->properties,
			       bucket_properties) < 0)
		return -1;
	if (s3_bucket_create(r->call, name, owner) < 0) {
		if (str_eq(r->call->fault.code, "BucketAlreadyOwnedByYou"))
			(void)fault_set(&r->call->fault, 409, "AlreadyExists",
					"%s already exists", name);
		return -1;
	}
	if (configure(r, name) < 0) {
		struct fault why = r->call->fault;

		/* A create that fails leaves nothing behind. */
		(void)s3_bucket_delete(r->call, name);
		r->call->fault = why;
		return -1;
	}
	out->physical_id = xstrdup(name);
	describe(r, name, out);
	return 0;
}

static int bucket_remove(const struct resource_request *r, const struct resource *old)
{
	struct call *c = r->call;

	if (s3_bucket_delete(c, old->physical_id) == 0)
		return 0;
	if (!str_eq(c->fault.code, "NoSuchBucket"))
		return -1;
	memset(&c->fault, 0, sizeof(c->fault));
	return 0;
}

static int policy_set(const struct resource_request *r, const char *bucket)
{
	static const char *const supported[] = { "Bucket", "PolicyDocument", NULL };
	FP_AUTO(freep) char *text = json_or_text(r->properties, "PolicyDocument");
	struct s3_bucket b;

	if (refuse_unsupported(r->call, "AWS::S3::BucketPolicy", r->properties,
			       supported) < 0 ||
	    s3_bucket_find(r->call, bucket, &b) < 0)
		return -1;
	return s3_config_set(r->call, bucket, "policy", text);
}

static int policy_create(const struct resource_request *r, struct resource *out)
{
	const char *bucket = json_str(r->properties, "Bucket", "");

	if (policy_set(r, bucket) < 0)
		return -1;
	out->physical_id = xstrdup(bucket);
	out->attributes = cJSON_CreateObject();
	return 0;
}

static int policy_update(const struct resource_request *r, struct resource *inout)
{
	return policy_set(r, inout->physical_id);
}

static int policy_remove(const struct resource_request *r, const struct resource *old)
{
	return s3_config_set(r->call, old->physical_id, "policy", NULL);
}

const struct resource_type s3_resources[] = {
	{ "AWS::S3::Bucket", bucket_create, bucket_update, bucket_remove },
	{ "AWS::S3::BucketPolicy", policy_create, policy_update, policy_remove },
	{ NULL, NULL, NULL, NULL },
};
