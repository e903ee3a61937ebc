/* What a message may be, and its digests. */
#include <ctype.h>
#include <strings.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/service/sqs.h"

#define MAX_ATTRIBUTES 10
#define MAX_NAME       256
#define MAX_GROUP      128
#define IS_STRING      1 /* the kinds that the digest tells apart */
#define IS_BINARY      2

void sqs_md5_text(char out[33], const char *text)
{
	struct digest *d = digest_new("MD5");
	uint8_t md5[MD5_LEN];

	digest_update(d, text, strlen(text));
	(void)digest_final(d, md5);
	digest_freep(&d);
	hex_encode(out, md5, sizeof(md5));
}

static void add_part(struct digest *d, const void *data, size_t n)
{
	uint8_t length[4] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8),
			      (uint8_t)n };

	digest_update(d, length, sizeof(length));
	digest_update(d, data, n);
}

static void add_attribute(struct digest *d, const cJSON *a)
{
	FP_AUTO(buf_release) struct buf bytes = BUF_INIT;
	const char *type = json_str(a, "DataType", ""), *text;
	bool binary = str_starts(type, "Binary");
	uint8_t kind = binary ? IS_BINARY : IS_STRING;

	text = json_str(a, binary ? "BinaryValue" : "StringValue", "");
	if (binary)
		(void)base64_decode(&bytes, text, strlen(text));
	else
		buf_puts(&bytes, text);
	add_part(d, a->string, strlen(a->string));
	add_part(d, type, strlen(type));
	digest_update(d, &kind, 1);
	add_part(d, buf_str(&bytes), bytes.len);
}

/* Source: SQS Developer Guide, "Calculating the MD5 message digest for message
 * attributes": by name, lengths as four bytes. */
void sqs_md5_attributes(char out[33], const cJSON *attributes)
{
	FP_AUTO(strs_release) struct strs names = STRS_INIT;
	struct digest *d;
	uint8_t md5[MD5_LEN];

	*out = '\0';
	json_each_member (a, attributes)
		strs_add(&names, a->string);
	if (!names.n)
		return;
	strs_sort(&names);
	d = digest_new("MD5");
	for (size_t k = 0; k < names.n; k++)
		add_attribute(d,
			      cJSON_GetObjectItemCaseSensitive(attributes, names.v[k]));
	(void)digest_final(d, md5);
	digest_freep(&d);
	hex_encode(out, md5, sizeof(md5));
}

/* #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF */
static bool is_allowed(const char *s)
{
	while (*s) {
		size_t n = str_utf8_len(s, strlen(s));

		if (!n || ((unsigned char)*s < 0x20 && !strchr("\t\n\r", *s)))
			return false;
		/* U+FFFE and U+FFFF */
		if (n == 3 && memcmp(s, "\xef\xbf", 2) == 0 &&
		    (unsigned char)s[2] >= 0xbe)
			return false;
		s += n;
	}
	return true;
}

static bool is_attribute_name(const char *s)
{
	size_t n = strlen(s), k = 0;

	while (isalnum((unsigned char)s[k]) || (s[k] && strchr("_-.", s[k])))
		k++;
	return n && n <= MAX_NAME && !s[k] && s[0] != '.' && s[n - 1] != '.' &&
	       !strstr(s, "..") && strncasecmp(s, "aws.", 4) != 0 &&
	       strncasecmp(s, "amazon.", 7) != 0;
}

static bool is_type(const char *type)
{
	static const char *const kinds[] = { "String", "Number", "Binary" };

	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		size_t n = strlen(kinds[k]);

		if (str_starts(type, kinds[k]) && (!type[n] || type[n] == '.'))
			return strlen(type) <= MAX_NAME;
	}
	return false;
}

static bool is_number(const char *s)
{
	char *end;

	/* strtod takes more: hexadecimal, infinity, spaces. */
	if (s[strspn(s, "+-.0123456789eE")])
		return false;
	(void)strtod(s, &end);
	return *s && !*end;
}

static int check_attribute(struct call *c, const cJSON *a, size_t *size)
{
	const char *type = json_str(a, "DataType", "");
	bool binary = str_starts(type, "Binary");
	const char *value = json_str(a, binary ? "BinaryValue" : "StringValue", "");
	FP_AUTO(buf_release) struct buf bytes = BUF_INIT;

	if (!is_attribute_name(a->string))
		return sqs_invalid(c,
				   "Message (user) attribute name '%.100s' is invalid: "
				   "letters, digits, underscores, hyphens and periods, "
				   "not beginning with AWS. or Amazon.",
				   a->string);
	if (!is_type(type))
		return sqs_invalid(
			c,
			"The message attribute '%s' has an invalid message "
			"attribute type, the set of supported type prefixes is "
			"Binary, Number, and String.",
			a->string);
	if (!*value)
		return sqs_invalid(c,
				   "The message attribute '%s' must contain a non-empty "
				   "message attribute value for message attribute type "
				   "'%s'.",
				   a->string, type);
	if (binary && !base64_decode(&bytes, value, strlen(value)))
		return sqs_invalid(c, "The message attribute '%s' is no base64",
				   a->string);
	if ((str_starts(type, "Number") && !is_number(value)) ||
	    (!binary && !is_allowed(value)))
		return sqs_invalid(c,
				   "Can't cast the value of message (user) attribute "
				   "'%s' to a %s.",
				   a->string,
				   str_starts(type, "Number") ? "number" : "string");
	*size += strlen(a->string) + strlen(type) + (binary ? bytes.len : strlen(value));
	return 0;
}

static int check_attributes(struct call *c, const cJSON *attributes, size_t *size)
{
	int n = cJSON_GetArraySize(attributes);

	if (n > MAX_ATTRIBUTES)
		return sqs_invalid(
			c,
			"Number of message attributes [%d] exceeds the allowed "
			"maximum [%d].",
			n, MAX_ATTRIBUTES);
	json_each_member (a, attributes)
		if (check_attribute(c, a, size) < 0)
			return -1;
	return 0;
}

static int check_system(struct call *c, const cJSON *system)
{
	json_each_member (a, system)
		if (!str_eq(a->string, "AWSTraceHeader") ||
		    !str_eq(json_str(a, "DataType", ""), "String") ||
		    !*json_str(a, "StringValue", ""))
			return sqs_invalid(
				c,
				"Message system attribute name '%s' is invalid: "
				"AWSTraceHeader, a String, may be sent",
				a->string);
	return 0;
}

static int check_group(struct call *c, const char *group)
{
	size_t n = 0;

	if (!group)
		return 0;
	while (isgraph((unsigned char)group[n]))
		n++;
	if (n && n <= MAX_GROUP && !group[n])
		return 0;
	return sqs_invalid(
		c,
		"Value %.200s for parameter MessageGroupId is invalid. Reason: "
		"MessageGroupId can only include alphanumeric and punctuation "
		"characters. 1 to 128 in length.",
		group);
}

static int check_is_map(struct call *c, const cJSON *j, const char *name)
{
	if (!j || cJSON_IsNull(j) || cJSON_IsObject(j))
		return 0;
	return fault_set(&c->fault, 400, "SerializationException", "%s is no map", name);
}

int sqs_message_read(struct call *c, struct sqs_message *m, const cJSON *in)
{
	memset(m, 0, sizeof(*m));
	m->body = sqs_require(c, in, "MessageBody");
	m->attributes = json_get(in, "MessageAttributes");
	m->system = json_get(in, "MessageSystemAttributes");
	m->group = json_str(in, "MessageGroupId", NULL);
	if (!m->body || check_group(c, m->group) < 0 ||
	    check_is_map(c, m->attributes, "MessageAttributes") < 0 ||
	    check_is_map(c, m->system, "MessageSystemAttributes") < 0)
		return -1;
	if (json_str(in, "MessageDeduplicationId", NULL))
		return sqs_invalid(c,
				   "The request include parameter that is not valid for "
				   "this queue type: MessageDeduplicationId");
	if (!is_allowed(m->body))
		return fault_set(&c->fault, 400, "InvalidMessageContents",
				 "Invalid characters found. Valid unicode characters are "
				 "#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | "
				 "#x10000 to #x10FFFF");
	m->size = strlen(m->body);
	if (check_attributes(c, m->attributes, &m->size) < 0 ||
	    check_system(c, m->system) < 0)
		return -1;
	random_uuid(m->id);
	sqs_md5_text(m->md5_body, m->body);
	sqs_md5_attributes(m->md5_attributes, m->attributes);
	sqs_md5_attributes(m->md5_system, m->system);
	return 0;
}

char *sqs_handle_text(const struct sqs_handle *h)
{
	FP_AUTO(freep)
	char *plain = xasprintf("%lld %lld %s", (long long)h->queue,
				(long long)h->message, h->receipt);
	struct buf out = BUF_INIT;

	base64_encode(&out, plain, strlen(plain));
	return buf_detach(&out);
}

bool sqs_handle_parse(struct sqs_handle *h, const char *text)
{
	FP_AUTO(buf_release) struct buf plain = BUF_INIT;
	FP_AUTO(strs_release) struct strs parts = STRS_INIT;

	if (!base64_decode(&plain, text, strlen(text)))
		return false;
	strs_split(&parts, buf_str(&plain), ' ');
	if (parts.n != 3 || !str_to_i64(parts.v[0], 1, INT64_MAX, &h->queue) ||
	    !str_to_i64(parts.v[1], 1, INT64_MAX, &h->message) ||
	    strlen(parts.v[2]) != sizeof(h->receipt) - 1)
		return false;
	memcpy(h->receipt, parts.v[2], sizeof(h->receipt));
	return true;
}
