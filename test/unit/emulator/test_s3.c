#include "base/json.h"
#include "base/str.h"
#include "emulator/service/s3.h"

/* Stand-ins for Lambda, SNS and SQS: all but "nobody" may be called; what is delivered
 * is kept. */
static char delivered[8][2048];
static int ndelivered;

static int may_invoke(struct call *c, const cJSON *in, cJSON *out)
{
	const char *target = json_str(
		in, "FunctionName",
		json_str(in, "TopicArn", json_str(in, "QueueArn", "")));

	if (strstr(target, "missing"))
		return fault_set(&c->fault, 404, "ResourceNotFoundException",
				 "not found");
	json_set_bool(out, "Allowed", strstr(target, "nobody") == NULL);
	return 0;
}

static int invoke(struct call *c, const cJSON *in, cJSON *out)
{
	(void)c;
	(void)out;
	(void)snprintf(
		delivered[__atomic_fetch_add(&ndelivered, 1, __ATOMIC_SEQ_CST) % 8],
		sizeof(delivered[0]), "%s",
		json_str(in, "Payload",
			 json_str(in, "Message", json_str(in, "MessageBody", ""))));
	return 0;
}

static const struct operation lambda_operations[] = {
	{ "FpctlMayInvoke", may_invoke },
	{ "Invoke", invoke },
	{ NULL, NULL },
};
static const struct operation sns_operations[] = {
	{ "FpctlMayPublish", may_invoke },
	{ "Publish", invoke },
	{ NULL, NULL },
};
static const struct operation sqs_operations[] = {
	{ "FpctlMaySend", may_invoke },
	{ "FpctlSend", invoke },
	{ NULL, NULL },
};
/* In place of KMS: "bad" cannot be used. */
static int use_key(struct call *c, const cJSON *in, cJSON *out)
{
	const char *key = json_str(in, "KeyId", "aws-s3");

	if (str_eq(key, "bad"))
		return fault_set(&c->fault, 400, "DisabledException", "%s is disabled.",
				 key);
	json_set_fmt(out, "Arn", "arn:%s", key);
	return 0;
}

static const struct operation kms_operations[] = {
	{ "FpctlUseKey", use_key },
	{ NULL, NULL },
};
static const struct service kms = { .name = "kms", .operations = kms_operations };
static const struct service lambda = { .name = "lambda",
				       .operations = lambda_operations };
static const struct service sns = { .name = "sns", .operations = sns_operations };
static const struct service sqs = { .name = "sqs", .operations = sqs_operations };
extern const struct service service_s3;
const struct service *const services[] = { &service_s3, &lambda, &sns, &sqs, &kms, NULL };
#include "s3_steps.h"

#define FUNCTION "arn:aws:lambda:us-east-1:000000000000:function:"
#define NOTIFY(function, event, prefix)                                        \
	"<NotificationConfiguration><CloudFunctionConfiguration><"             \
	"CloudFunction>" FUNCTION function "</CloudFunction><Event>" event     \
	"</Event><Filter><S3Key><FilterRule><Name>prefix</Name><Value>" prefix \
	"</Value></FilterRule></S3Key></Filter></CloudFunctionConfiguration>"  \
	"</NotificationConfiguration>"

static const struct step bucket_steps[] = {
	{ "PUT", "/one", NULL, NULL, 200, "Location: /one" },
	{ "PUT", "/one", NULL, NULL, 200, NULL },
	{ "HEAD", "/one", NULL, NULL, 200, "x-amz-bucket-region: us-east-1" },
	{ "HEAD", "/two", NULL, NULL, 404, "NoSuchBucket" },
	{ "GET", "/", NULL, NULL, 200, "<Name>one</Name>" },
	{ "GET", "/one?location", NULL, NULL, 200, "LocationConstraint" },
	{ "GET", "/one?acl", NULL, NULL, 501, "NotImplemented" },
	{ "PATCH", "/one", NULL, NULL, 501, "NotImplemented" },
	{ "PUT", "/one/k", NULL, "abc", 200, NULL },
	{ "DELETE", "/one", NULL, NULL, 409, "BucketNotEmpty" },
	{ "DELETE", "/one/k", NULL, NULL, 204, NULL },
	{ "DELETE", "/one", NULL, NULL, 204, NULL },
	{ "DELETE", "/one", NULL, NULL, 404, "NoSuchBucket" },
	{ "PUT", "/new", "x-amz-bucket-object-lock-enabled: true", NULL, 501,
	  "NotImplemented" },
	{ "PUT", "/new", "x-amz-acl: public-read", NULL, 400,
	  "InvalidBucketAclWithObjectOwnership" },
	{ "PUT", "/new", NULL,
	  "<CreateBucketConfiguration><Tags/></CreateBucketConfiguration>", 501,
	  "NotImplemented" },
	{ "HEAD", "/new", NULL, NULL, 404, "NoSuchBucket" },
	{ 0 },
};

static const struct step object_steps[] = {
	{ "PUT", "/bkt", NULL, NULL, 200, NULL },
	{ "PUT", "/bkt/a%20b%2Fc", "Content-Type: text/csv\nx-amz-meta-who: me", "abc",
	  200, "ETag: \"" MD5_ABC "\"" },
	{ "GET", "/bkt/a%20b/c", NULL, NULL, 200, "abc" },
	{ "GET", "/bkt/a%20b/c", NULL, NULL, 200, "content-type: text/csv" },
	{ "GET", "/bkt/a%20b/c", NULL, NULL, 200, "x-amz-meta-who: me" },
	{ "GET", "/bkt/a%20b/c?response-content-type=a%2Fb", NULL, NULL, 200,
	  "Content-Type: a/b" },
	{ "GET", "/bkt/a%20b/c", "Range: bytes=1-1", NULL, 206,
	  "Content-Range: bytes 1-1/3" },
	{ "GET", "/bkt/a%20b/c", "Range: bytes=3-", NULL, 416, "InvalidRange" },
	{ "GET", "/bkt/a%20b/c", "If-None-Match: \"" MD5_ABC "\"", NULL, 304,
	  "NotModified" },
	{ "GET", "/bkt/a%20b/c", "If-Match: \"0\"", NULL, 412, "PreconditionFailed" },
	{ "GET", "/bkt/a%20b/c", "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT", NULL,
	  304, "NotModified" },
	{ "GET", "/bkt/a%20b/c", "If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT",
	  NULL, 412, "PreconditionFailed" },
	{ "PUT", "/bkt/a%20b/c", "If-None-Match: *", "x", 412, "PreconditionFailed" },
	{ "PUT", "/bkt/new", "If-Match: \"0\"", "x", 404, "NoSuchKey" },
	{ "PUT", "/bkt/a%20b/c", "If-Match: \"" MD5_ABC "\"", "xyz", 200, NULL },
	{ "GET", "/bkt/a%20b/c", NULL, NULL, 200, "xyz" },
	{ "PUT", "/bkt/k", "x-amz-acl: public-read", "x", 400,
	  "AccessControlListNotSupported" },
	{ "PUT", "/bkt/k", "x-amz-object-lock-mode: GOVERNANCE", "x", 501,
	  "NotImplemented" },
	{ "PUT", "/bkt/k", "x-amz-tagging: a=1&a=2", "x", 400, "InvalidTag" },
	{ "GET", "/bkt/k", NULL, NULL, 404, "NoSuchKey" },
	{ "PUT", "/none/k", NULL, "x", 404, "NoSuchBucket" },
	{ "PUT", "/bkt/z", "Content-Encoding: aws-chunked,gzip", "x", 200, NULL },
	{ "GET", "/bkt/z", NULL, NULL, 200, "content-encoding: gzip" },
	{ 0 },
};

static const struct step copy_steps[] = {
	{ "PUT", "/bkt", NULL, NULL, 200, NULL },
	{ "PUT", "/bkt/a%2Bb", "Content-Type: text/csv\nx-amz-tagging: t=1", "abc", 200,
	  NULL },
	{ "PUT", "/bkt/c", "x-amz-copy-source: /bkt/a%2Bb", NULL, 200, MD5_ABC },
	{ "GET", "/bkt/c", NULL, NULL, 200, "content-type: text/csv" },
	{ "GET", "/bkt/c?tagging", NULL, NULL, 200, "<Key>t</Key><Value>1</Value>" },
	{ "PUT", "/bkt/c",
	  "x-amz-copy-source: bkt/c\nx-amz-metadata-directive: REPLACE\nContent-Type: "
	  "a/b",
	  NULL, 200, NULL },
	{ "GET", "/bkt/c", NULL, NULL, 200, "content-type: a/b" },
	{ "PUT", "/bkt/c", "x-amz-copy-source: bkt/c", NULL, 400, "InvalidRequest" },
	{ "PUT", "/bkt/c", "x-amz-copy-source: bkt", NULL, 400, "InvalidArgument" },
	{ "PUT", "/bkt/c", "x-amz-copy-source: bkt/none", NULL, 404, "NoSuchKey" },
	{ "PUT", "/bkt/d", "x-amz-copy-source: bkt/c\nx-amz-copy-source-if-match: \"0\"",
	  NULL, 412, "PreconditionFailed" },
	{ "DELETE", "/bkt/a%2Bb", NULL, NULL, 204, NULL },
	{ "GET", "/bkt/c", NULL, NULL, 200, "abc" },
	{ "PUT", "/bkt/c",
	  "x-amz-copy-source: bkt/c\nx-amz-metadata-directive: REPLACE\nContent-Type: "
	  "b/c",
	  NULL, 200, NULL },
	{ "GET", "/bkt/c", NULL, NULL, 200, "abc" },
	{ 0 },
};

static const struct step version_steps[] = {
	{ "PUT", "/bkt", NULL, NULL, 200, NULL },
	{ "PUT", "/bkt/k", NULL, "old", 200, NULL },
	{ "PUT", "/bkt?versioning", NULL,
	  "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
	  200, NULL },
	{ "GET", "/bkt?versioning", NULL, NULL, 200, "<Status>Enabled</Status>" },
	{ "PUT", "/bkt?versioning", NULL, "<V><Status>On</Status></V>", 400,
	  "IllegalVersioningConfigurationException" },
	{ "PUT", "/bkt/k", NULL, "new", 200, "x-amz-version-id: " },
	{ "GET", "/bkt/k", NULL, NULL, 200, "new" },
	{ "GET", "/bkt/k?versionId=null", NULL, NULL, 200, "old" },
	{ "GET", "/bkt/k?versionId=none", NULL, NULL, 404, "NoSuchVersion" },
	{ "DELETE", "/bkt/k", NULL, NULL, 204, "x-amz-delete-marker: true" },
	{ "GET", "/bkt/k", NULL, NULL, 404, "NoSuchKey" },
	{ "GET", "/bkt?list-type=2", NULL, NULL, 200, "<KeyCount>0</KeyCount>" },
	{ "GET", "/bkt?versions", NULL, NULL, 200, "<DeleteMarker><Key>k</Key>" },
	{ "GET", "/bkt?versions", NULL, NULL, 200, "<VersionId>null</VersionId>" },
	{ "DELETE", "/bkt/k?versionId=null", NULL, NULL, 204, "x-amz-version-id: null" },
	{ "DELETE", "/bkt", NULL, NULL, 409, "all versions" },
	{ 0 },
};

static const struct step list_steps[] = {
	{ "PUT", "/bkt", NULL, NULL, 200, NULL },
	{ "PUT", "/bkt/a/1", NULL, "x", 200, NULL },
	{ "PUT", "/bkt/a/2", NULL, "x", 200, NULL },
	{ "PUT", "/bkt/b%26%3C", NULL, "x", 200, NULL },
	{ "PUT", "/bkt/c/1", NULL, "x", 200, NULL },
	{ "GET", "/bkt", NULL, NULL, 200, "<Key>b&amp;&lt;</Key>" },
	{ "GET", "/bkt?encoding-type=url", NULL, NULL, 200, "<Key>b%26%3C</Key>" },
	{ "GET", "/bkt?delimiter=/", NULL, NULL, 200,
	  "<CommonPrefixes><Prefix>a/</Prefix></"
	  "CommonPrefixes><CommonPrefixes><Prefix>c/" },
	{ "GET", "/bkt?list-type=2&prefix=a/", NULL, NULL, 200,
	  "<KeyCount>2</KeyCount>" },
	{ "GET", "/bkt?list-type=2&max-keys=1&delimiter=/", NULL, NULL, 200,
	  "<NextContinuationToken>YS8=</NextContinuationToken>" },
	{ "GET", "/bkt?list-type=2&max-keys=1&delimiter=/&continuation-token=YS8%3D",
	  NULL, NULL, 200, "<Key>b&amp;&lt;</Key>" },
	{ "GET", "/bkt?list-type=2&continuation-token=%25", NULL, NULL, 400,
	  "InvalidArgument" },
	{ "GET", "/bkt?marker=b&max-keys=1", NULL, NULL, 200, "<IsTruncated>true" },
	{ "GET", "/bkt?marker=b&max-keys=1", NULL, NULL, 200, "<Key>b&amp;&lt;</Key>" },
	{ "GET", "/bkt?max-keys=4", NULL, NULL, 200, "<IsTruncated>false" },
	{ "GET", "/bkt?max-keys=0", NULL, NULL, 200, "<MaxKeys>0</MaxKeys>" },
	{ "GET", "/bkt?max-keys=x", NULL, NULL, 400, "InvalidArgument" },
	{ "POST", "/bkt?delete", NULL,
	  "<Delete><Object><Key>a/1</Key></Object><Object><Key>none</Key></Object></"
	  "Delete>",
	  200, "<Deleted><Key>none</Key></Deleted>" },
	{ "GET", "/bkt?list-type=2", NULL, NULL, 200, "<KeyCount>3</KeyCount>" },
	{ "POST", "/bkt?delete", NULL, "<Delete><Object>", 400, "MalformedXML" },
	{ 0 },
};

static const struct step part_steps[] = {
	{ "PUT", "/bkt", NULL, NULL, 200, NULL },
	{ "POST", "/bkt/k?uploads", "Content-Type: text/csv", NULL, 200, "<UploadId>" },
	{ "PUT", "/bkt/k?partNumber=1&uploadId=$", NULL, "abc", 200, MD5_ABC },
	{ "PUT", "/bkt/k?partNumber=0&uploadId=$", NULL, "abc", 400, "InvalidArgument" },
	{ "PUT", "/bkt/k?partNumber=2&uploadId=none", NULL, "abc", 404, "NoSuchUpload" },
	{ "GET", "/bkt/k?uploadId=$", NULL, NULL, 200, "<PartNumber>1</PartNumber>" },
	{ "GET", "/bkt?uploads", NULL, NULL, 200, "<Key>k</Key>" },
	{ "DELETE", "/bkt", NULL, NULL, 409, "BucketNotEmpty" },
	{ "POST", "/bkt/k?uploadId=$", NULL, PARTS("0"), 400, "InvalidPart" },
	{ "POST", "/bkt/k?uploadId=$", NULL, "<CompleteMultipartUpload/>", 400,
	  "MalformedXML" },
	{ "POST", "/bkt/k?uploadId=$", NULL, PARTS(MD5_ABC), 200,
	  "<ETag>&quot;af5da9f45af7a300e3aded972f8ff687-1&quot;</ETag>" },
	{ "GET", "/bkt/k", NULL, NULL, 200, "content-type: text/csv" },
	{ "GET", "/bkt/k", NULL, NULL, 200, "abc" },
	{ "POST", "/bkt/k?uploadId=$", NULL, PARTS(MD5_ABC), 404, "NoSuchUpload" },
	{ "POST", "/bkt/k?uploads", NULL, NULL, 200, "<UploadId>" },
	{ "PUT", "/bkt/k?partNumber=1&uploadId=$",
	  "x-amz-copy-source: bkt/k\nx-amz-copy-source-range: bytes=1-2", NULL, 200,
	  "CopyPartResult" },
	{ "PUT", "/bkt/k?partNumber=1&uploadId=$",
	  "x-amz-copy-source: bkt/k\nx-amz-copy-source-range: bytes=7-8", NULL, 400,
	  "InvalidArgument" },
	{ "DELETE", "/bkt/k?uploadId=$", NULL, NULL, 204, NULL },
	{ "GET", "/bkt/k?uploadId=$", NULL, NULL, 404, "NoSuchUpload" },
	{ 0 },
};

static const struct step config_steps[] = {
	{ "PUT", "/bkt", NULL, NULL, 200, NULL },
	{ "GET", "/bkt?policy", NULL, NULL, 404, "NoSuchBucketPolicy" },
	{ "PUT", "/bkt?policy", NULL, "{\"Statement\":[]}", 204, NULL },
	{ "GET", "/bkt?policy", NULL, NULL, 200, "{\"Statement\":[]}" },
	{ "PUT", "/bkt?policy", NULL, "no policy", 400, "MalformedPolicy" },
	{ "DELETE", "/bkt?policy", NULL, NULL, 204, NULL },
	{ "GET", "/bkt?policy", NULL, NULL, 404, "NoSuchBucketPolicy" },
	{ "GET", "/bkt?encryption", NULL, NULL, 200, "AES256" },
	{ "GET", "/bkt?lifecycle", NULL, NULL, 404, "NoSuchLifecycleConfiguration" },
	{ "PUT", "/bkt?lifecycle", NULL, "<Tagging/>", 400, "MalformedXML" },
	{ "PUT", "/bkt?lifecycle", NULL, "<LifecycleConfiguration/>", 400,
	  "there is no rule" },
#define RULE(inner)                                                             \
	"<LifecycleConfiguration><Rule><Status>Enabled</Status><Filter/>" inner \
	"</Rule></LifecycleConfiguration>"
	{ "PUT", "/bkt?lifecycle", NULL, RULE(""), 400, "At least one action" },
	{ "PUT", "/bkt?lifecycle", NULL, RULE("<Expiration><Days>0</Days></Expiration>"),
	  400, "positive integer" },
	{ "PUT", "/bkt?lifecycle", NULL,
	  RULE("<Expiration><Days>9</Days></Expiration><Transition><Days>9</Days>"
	       "<StorageClass>GLACIER_IR</StorageClass></Transition>"),
	  400, "must be greater than" },
	{ "PUT", "/bkt?lifecycle", NULL,
	  RULE("<Transition><Days>29</Days><StorageClass>STANDARD_IA</StorageClass>"
	       "</Transition>"),
	  400, "30" },
	{ "PUT", "/bkt?lifecycle", NULL,
	  RULE("<Transition><Days>40</Days><StorageClass>COLD</StorageClass>"
	       "</Transition>"),
	  400, "StorageClass" },
	{ "PUT", "/bkt?lifecycle", NULL,
	  "<LifecycleConfiguration><Rule><Status>On</Status><Filter/></Rule>"
	  "</LifecycleConfiguration>",
	  400, "Status is Enabled or Disabled" },
	{ "PUT", "/bkt?lifecycle", NULL, RULE("<Expiration><Days>9</Days></Expiration>"),
	  200, NULL },
	{ "GET", "/bkt?lifecycle", NULL, NULL, 200, "<Days>9</Days>" },
#define ENCRYPTION(inner)                                             \
	"<ServerSideEncryptionConfiguration><Rule><"                  \
	"ApplyServerSideEncryptionByDefault>" inner                   \
	"</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true" \
	"</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>"
	{ "PUT", "/bkt?encryption", NULL,
	  ENCRYPTION("<SSEAlgorithm>rot13</SSEAlgorithm>"), 400, "SSEAlgorithm" },
	{ "PUT", "/bkt?encryption", NULL,
	  ENCRYPTION("<SSEAlgorithm>AES256</SSEAlgorithm><KMSMasterKeyID>k"
		     "</KMSMasterKeyID>"),
	  400, "not applicable" },
	{ "PUT", "/bkt?encryption", NULL,
	  ENCRYPTION("<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>good"
		     "</KMSMasterKeyID>"),
	  200, NULL },
	{ "PUT", "/bkt/sealed", NULL, "x", 200,
	  "x-amz-server-side-encryption-aws-kms-key-id: arn:good" },
	{ "GET", "/bkt/sealed", NULL, NULL, 200,
	  "x-amz-server-side-encryption-bucket-key-enabled: true" },
	{ "PUT", "/bkt/open", "x-amz-server-side-encryption: AES256", "x", 200,
	  "x-amz-server-side-encryption: AES256" },
	{ "PUT", "/bkt?encryption", NULL,
	  ENCRYPTION("<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>bad"
		     "</KMSMasterKeyID>"),
	  200, NULL },
	{ "PUT", "/bkt/sealed", NULL, "x", 400, "KMS.DisabledException" },
	{ "DELETE", "/bkt?encryption", NULL, NULL, 204, NULL },
	{ "GET", "/bkt/sealed", NULL, NULL, 200, "aws:kms" },
	{ "PUT", "/bkt/k", NULL, "x", 200, NULL },
	{ "PUT", "/bkt/k?tagging", NULL,
	  "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>",
	  200, NULL },
	{ "GET", "/bkt/k", NULL, NULL, 200, "x-amz-tagging-count: 1" },
	{ "DELETE", "/bkt/k?tagging", NULL, NULL, 204, NULL },
	{ "GET", "/bkt/k?tagging", NULL, NULL, 200, "<TagSet></TagSet>" },
	{ 0 },
};

static const struct step notify_steps[] = {
	{ "PUT", "/bkt", NULL, NULL, 200, NULL },
	{ "PUT", "/bkt?notification", NULL, NOTIFY("missing", "s3:ObjectCreated:*", ""),
	  400, "InvalidArgument" },
	{ "PUT", "/bkt?notification", NULL, NOTIFY("nobody", "s3:ObjectCreated:*", ""),
	  400, "InvalidArgument" },
	{ "PUT", "/bkt?notification", NULL, NOTIFY("f", "s3:Made", ""), 400,
	  "InvalidArgument" },
	{ "PUT", "/bkt?notification", NULL, "<N><EventBridgeConfiguration/></N>", 501,
	  "NotImplemented" },
	{ "PUT", "/bkt?notification", NULL, NOTIFY("f", "s3:ObjectCreated:*", "in/"), 200,
	  NULL },
	{ "GET", "/bkt?notification", NULL, NULL, 200, FUNCTION "f" },
	{ "PUT", "/bkt/out/x", NULL, "abc", 200, NULL },
	{ "PUT", "/bkt/in/a%20b%2B%C3%BC.csv", NULL, "abc", 200, NULL },
	{ 0 },
};

static const struct {
	const char *name;
	const struct step *steps;
} scenarios[] = {
	{ "buckets", bucket_steps },
	{ "objects", object_steps },
	{ "copies", copy_steps },
	{ "versions", version_steps },
	{ "lists", list_steps },
	{ "parts", part_steps },
	{ "configurations", config_steps },
	{ "notifications", notify_steps },
};

START_TEST(answers_as_s3)
{
	struct cloud c;

	cloud_open(&c, NULL);
	for (const struct step *s = scenarios[_i].steps; s->method; s++)
		take_step(&c, scenarios[_i].name, s);
	cloud_close(&c);
}
END_TEST

#define TO_QUEUE(name)                                                           \
	"<N><QueueConfiguration><Queue>arn:aws:sqs:us-east-1:000000000000:" name \
	"</Queue><Event>s3:ObjectCreated:*</Event><Filter><S3Key><FilterRule>"   \
	"<Name>prefix</Name><Value>in/</Value></FilterRule></S3Key></Filter>"    \
	"</QueueConfiguration></N>"

static const struct step queue_steps[] = {
	{ "PUT", "/bkt", NULL, NULL, 200, NULL },
	{ "PUT", "/bkt?notification", NULL, TO_QUEUE("nobody"), 400,
	  "Unable to validate the following destination configurations" },
	{ "PUT", "/bkt?notification", NULL, TO_QUEUE("q"), 200, NULL },
	{ "GET", "/bkt?notification", NULL, NULL, 200,
	  "<Queue>arn:aws:sqs:us-east-1:000000000000:q</Queue>" },
	{ "PUT", "/bkt?notification", NULL, TO_QUEUE("q"), 200, NULL },
	{ "PUT", "/bkt/out/a", NULL, "abc", 200, NULL },
	{ "PUT", "/bkt/in/a", NULL, "abc", 200, NULL },
	{ 0 },
};

/* A queue hears once that it was taken up, then of the objects that pass. */
START_TEST(tells_the_queue)
{
	FP_AUTO(json_freep) cJSON *test = NULL;
	FP_AUTO(json_freep) cJSON *event = NULL;
	struct cloud c;

	cloud_open(&c, NULL);
	for (const struct step *s = queue_steps; s->method; s++)
		take_step(&c, "queue", s);
	ck_assert_int_eq(bus_pending(c.emu.bus), 2);
	ck_assert_int_eq(bus_start(c.emu.bus, NULL), 0);
	ck_assert(bus_idle(c.emu.bus, 5000));
	for (int k = 0; k < 2; k++) {
		cJSON *j = cJSON_Parse(delivered[k]);

		if (json_get(j, "Event"))
			test = j;
		else
			event = j;
	}
	ck_assert_str_eq(json_str(test, "Event", ""), "s3:TestEvent");
	ck_assert_str_eq(json_str(test, "Bucket", ""), "bkt");
	ck_assert_str_eq(json_str(cJSON_GetArrayItem(json_get(event, "Records"), 0),
				  "s3.object.key", ""),
			 "in/a");
	cloud_close(&c);
}
END_TEST

START_TEST(tells_the_function)
{
	FP_AUTO(json_freep) cJSON *event = NULL;
	const cJSON *record, *object;
	struct cloud c;

	cloud_open(&c, NULL);
	for (const struct step *s = notify_steps; s->method; s++) {
		/* Who writes may sign for another region than the bucket's. */
		if (str_starts(s->target, "/bkt/"))
			c.call.region = "eu-west-1";
		take_step(&c, "event", s);
	}
	ck_assert_int_eq(bus_pending(c.emu.bus), 1);
	ck_assert_int_eq(bus_start(c.emu.bus, NULL), 0);
	ck_assert(bus_idle(c.emu.bus, 5000));
	event = cJSON_Parse(delivered[0]);
	record = cJSON_GetArrayItem(json_get(event, "Records"), 0);
	object = json_get(record, "s3.object");
	ck_assert_str_eq(json_str(record, "eventName", ""), "ObjectCreated:Put");
	ck_assert_str_eq(json_str(record, "eventSource", ""), "aws:s3");
	ck_assert_str_eq(json_str(record, "awsRegion", ""), "us-east-1");
	ck_assert_str_eq(json_str(record, "s3.bucket.arn", ""), "arn:aws:s3:::bkt");
	ck_assert_str_eq(json_str(object, "key", ""), "in/a+b%2B%C3%BC.csv");
	ck_assert_str_eq(json_str(object, "eTag", ""), MD5_ABC);
	ck_assert_int_eq(json_int(object, "size", 0), 3);
	ck_assert_uint_eq(strlen(json_str(object, "sequencer", "")), 16);
	cloud_close(&c);
}
END_TEST

static const struct {
	const char *name, *why;
} bucket_names[] = {
	{ "abc", NULL },
	{ "a-b.c1", NULL },
	{ "ab", "3 to 63" },
	{ "a234567890123456789012345678901234567890123456789012345678901234", "3 to 63" },
	{ "Abc", "lower-case" },
	{ "a_b", "lower-case" },
	{ "-abc", "begin and end" },
	{ "abc.", "begin and end" },
	{ "a..b", "dot" },
	{ "a.-b", "dot" },
	{ "192.168.5.4", "IP address" },
	{ "xn--abc", "reserved" },
	{ "abc-s3alias", "reserved" },
};

START_TEST(knows_bucket_names)
{
	const char *why = s3_bucket_name_fault(bucket_names[_i].name);

	ck_assert_msg(!why == !bucket_names[_i].why, "%s: %s", bucket_names[_i].name,
		      str_or(why, "fine"));
	ck_assert(!why || strstr(why, bucket_names[_i].why));
}
END_TEST

static const struct {
	const char *text;
	int64_t size;
	int rc;
	int64_t first, count;
} ranges[] = {
	{ "bytes=0-0", 10, 1, 0, 1 },
	{ "bytes=0-9", 10, 1, 0, 10 },
	{ "bytes=2-", 10, 1, 2, 8 },
	{ "bytes=-3", 10, 1, 7, 3 },
	{ "bytes=-30", 10, 1, 0, 10 },
	{ "bytes=5-99", 10, 1, 5, 5 },
	{ "bytes=10-", 10, -1, 0, 0 },
	{ "bytes=-0", 10, -1, 0, 0 },
	{ "bytes=0-", 0, -1, 0, 0 },
	{ "bytes=5-2", 10, 0, 0, 0 },
	{ "bytes=a-b", 10, 0, 0, 0 },
	{ "bytes=-", 10, 0, 0, 0 },
	{ "bytes=0-1,3-4", 10, 0, 0, 0 },
	{ "lines=0-1", 10, 0, 0, 0 },
	{ NULL, 10, 0, 0, 0 },
};

START_TEST(reads_ranges)
{
	int64_t first = 0, count = 0;
	int rc = s3_parse_range(ranges[_i].text, ranges[_i].size, &first, &count);

	ck_assert_int_eq(rc, ranges[_i].rc);
	if (rc == 1) {
		ck_assert_int_eq(first, ranges[_i].first);
		ck_assert_int_eq(count, ranges[_i].count);
	}
}
END_TEST

/* The resource type, as CloudFormation calls it. */
static const struct {
	const char *name, *properties, *code; /* NULL: it is made */
} resources[] = {
	{ "generated name", "{}", NULL },
	{ "named", "{\"BucketName\": \"shop\"}", NULL },
	{ "all of it",
	  "{\"VersioningConfiguration\": {\"Status\": \"Enabled\"},"
	  " \"BucketEncryption\": {\"ServerSideEncryptionConfiguration\":"
	  " [{\"ServerSideEncryptionByDefault\": {\"SSEAlgorithm\": \"AES256\"}}]},"
	  " \"LifecycleConfiguration\": {\"Rules\": [{\"Id\": \"a\", \"Status\":"
	  " \"Enabled\", \"ExpirationInDays\": 3}]},"
	  " \"NotificationConfiguration\": {\"LambdaConfigurations\": [{\"Event\":"
	  " \"s3:ObjectCreated:*\", \"Function\": \"" FUNCTION "f\"}]}}",
	  NULL },
	{ "wrong name", "{\"BucketName\": \"Not_A_Bucket\"}", "InvalidBucketName" },
	{ "unsupported", "{\"WebsiteConfiguration\": {\"IndexDocument\": \"a\"}}",
	  "NotImplemented" },
	{ "a function that does not let it in",
	  "{\"NotificationConfiguration\": {\"LambdaConfigurations\": [{\"Event\":"
	  " \"s3:ObjectCreated:*\", \"Function\": \"" FUNCTION "nobody\"}]}}",
	  "InvalidArgument" },
	{ "overlapping rules",
	  "{\"NotificationConfiguration\": {\"LambdaConfigurations\": ["
	  "{\"Event\": \"s3:ObjectCreated:*\", \"Function\": \"" FUNCTION "f\"},"
	  "{\"Event\": \"s3:ObjectCreated:Put\", \"Function\": \"" FUNCTION "g\"}]}}",
	  "InvalidArgument" },
};

START_TEST(makes_buckets_for_stacks)
{
	FP_AUTO(json_freep) cJSON *properties = cJSON_Parse(resources[_i].properties);
	struct resource made = { 0 };
	struct s3_bucket b;
	struct cloud c;
	struct resource_request r = { .call = &c.call,
				      .stack_name = "Stack",
				      .stack_id = "id",
				      .logical_id = "Uploads",
				      .suffix = "ABCDEFGHIJKL",
				      .properties = properties };
	int rc;

	cloud_open(&c, NULL);
	ck_assert_ptr_nonnull(properties);
	rc = s3_resources[0].create(&r, &made);
	ck_assert_msg((rc < 0) == (resources[_i].code != NULL), "%s: %s %s",
		      resources[_i].name, c.call.fault.code, c.call.fault.message);
	if (rc < 0) {
		ck_assert_str_eq(c.call.fault.code, resources[_i].code);
		ck_assert_ptr_null(made.physical_id);
		ck_assert_int_lt(
			s3_bucket_find(&c.call, "stack-uploads-abcdefghijkl", &b), 0);
		cloud_close(&c);
		return;
	}
	ck_assert_int_eq(s3_bucket_find(&c.call, made.physical_id, &b), 0);
	ck_assert(str_starts(json_str(made.attributes, "Arn", ""), "arn:aws:s3:::"));
	free(made.physical_id);
	cJSON_Delete(made.attributes);
	made = (struct resource){ 0 };
	/* Made again after a crash it is the same one; another stack's is not. */
	ck_assert_int_eq(s3_resources[0].create(&r, &made), 0);
	r.stack_id = "other";
	ck_assert_int_lt(s3_resources[0].create(&r, &(struct resource){ 0 }), 0);
	ck_assert_str_eq(c.call.fault.code, "AlreadyExists");
	ck_assert_int_eq(s3_resources[0].remove(&r, &made), 0);
	ck_assert_int_eq(s3_resources[0].remove(&r, &made), 0);
	free(made.physical_id);
	cJSON_Delete(made.attributes);
	cloud_close(&c);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("s3");
	TCase *tc = tcase_create("s3");

	tcase_add_loop_test(tc, answers_as_s3, 0, ARRAY_SIZE(scenarios));
	tcase_add_test(tc, tells_the_function);
	tcase_add_test(tc, tells_the_queue);
	tcase_add_loop_test(tc, knows_bucket_names, 0, ARRAY_SIZE(bucket_names));
	tcase_add_loop_test(tc, reads_ranges, 0, ARRAY_SIZE(ranges));
	tcase_add_loop_test(tc, makes_buckets_for_stacks, 0, ARRAY_SIZE(resources));
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
