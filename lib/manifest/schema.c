#include "manifest/schema.h"

/*
 * An item's name becomes part of names and logical IDs, so it is strict. What
 * S3 asks of a bucket's full name stands in bucket_name.c.
 */
#define NAME_PATTERN "^[a-z0-9][a-z0-9-]*$"
#define NAME_ALLOWED "lower-case letters, digits and dashes, a letter or digit first"

/* All of ASCII but what AWS takes; letters of every script are fine. */
#define TAG_PATTERN "^[^]!\"#$%&'()*,;<>?[\\^`{|}~[:cntrl:]]*$"
#define TAG_ALLOWED "letters, digits, spaces and _ . : / = + - @"

/* clang-format 14 cannot lay out a table with rows of such different lengths. */
/* clang-format off */
static const struct field fields[] = {
	{ .path = "", .type = FIELD_OBJECT, .doc = "the manifest" },

	{ .path = "project",
	  .type = FIELD_STRING,
	  .flags = FIELD_REQUIRED,
	  .pattern = "^[a-z]([a-z0-9-]*[a-z0-9])?$",
	  .allowed = "lower-case letters, digits and dashes, a letter first, no dash last",
	  /* PROJECT-artifacts-ACCOUNT-REGION has 63 characters at most. */
	  .min = 1,
	  .max = 25,
	  .doc = "the name that all names in AWS begin with" },
	{ .path = "region",
	  .type = FIELD_STRING,
	  .pattern = "^[a-z]{2,4}(-[a-z]+)+-[0-9]+$",
	  .allowed = "a region's name such as eu-west-1",
	  .min = 1,
	  .max = 32,
	  .doc = "where to deploy; default: the caller's region" },
	{ .path = "tags",
	  .type = FIELD_MAP,
	  .fallback = "{}",
	  .pattern = TAG_PATTERN,
	  .allowed = TAG_ALLOWED,
	  .min = 1,
	  .max = 128,
	  .doc = "tags of every stack and what is in it" },
	{ .path = "tags.*",
	  .type = FIELD_TEXT,
	  .pattern = TAG_PATTERN,
	  .allowed = TAG_ALLOWED,
	  .min = 0,
	  .max = 256,
	  .doc = "the tag's value" },

	{ .path = "buckets",
	  .type = FIELD_MAP,
	  .fallback = "{}",
	  .pattern = "^[a-z0-9][a-z0-9.-]*$",
	  .allowed = "lower-case letters, digits, dashes and dots, a letter or digit first",
	  .min = 1,
	  .max = 63,
	  .doc = "the buckets that files are uploaded to" },
	{ .path = "buckets.*", .type = FIELD_OBJECT, .doc = "one bucket" },
	{ .path = "buckets.*.on",
	  .type = FIELD_STRING,
	  .flags = FIELD_LIST | FIELD_FILLED,
	  .fallback = "[created]",
	  .words = "created removed restored tagged",
	  .doc = "what happens to an object to start the processor" },
	{ .path = "buckets.*.prefix",
	  .type = FIELD_STRING,
	  .flags = FIELD_LIST,
	  .fallback = "[]",
	  .pattern = "^[^*[:cntrl:]]+$",
	  .allowed = "the beginning of a key, without wildcards",
	  .min = 1,
	  .max = 1024,
	  .doc = "only keys that begin so" },
	{ .path = "buckets.*.suffix",
	  .type = FIELD_STRING,
	  .flags = FIELD_LIST,
	  .fallback = "[]",
	  .pattern = "^[^*[:cntrl:]]+$",
	  .allowed = "the end of a key, without wildcards",
	  .min = 1,
	  .max = 1024,
	  .doc = "only keys that end so" },
	{ .path = "buckets.*.processor",
	  .type = FIELD_STRING,
	  .fallback = "default",
	  .doc = "the processor that gets the files" },

	{ .path = "processors",
	  .type = FIELD_MAP,
	  .fallback = "{}",
	  .pattern = NAME_PATTERN,
	  .allowed = NAME_ALLOWED,
	  .min = 1,
	  .max = 38,
	  .doc = "the Lambda functions; 'default' exists without being named" },
	{ .path = "processors.*", .type = FIELD_OBJECT, .doc = "one processor" },
	{ .path = "processors.*.source",
	  .type = FIELD_STRING,
	  .fallback = "bundled",
	  .pattern = "^[^[:cntrl:]]+$",
	  .allowed = "'bundled', or a folder relative to the manifest",
	  .min = 1,
	  .max = 1024,
	  .doc = "'bundled', or a folder with C code built against fpctl's runtime" },
	{ .path = "processors.*.arch",
	  .type = FIELD_STRING,
	  .fallback = "x86_64",
	  .words = "arm64 x86_64",
	  .doc = "the processor's machine" },
	{ .path = "processors.*.memory",
	  .type = FIELD_INT,
	  .fallback = "256",
	  .unit = "MiB",
	  .min = 128,
	  .max = 10240,
	  .doc = "memory, which the share of CPU follows" },
	{ .path = "processors.*.timeout",
	  .type = FIELD_DURATION,
	  .fallback = "60s",
	  .min = 1,
	  .max = 900,
	  .doc = "how long one invocation may take" },
	{ .path = "processors.*.environment",
	  .type = FIELD_MAP,
	  .fallback = "{}",
	  .pattern = "^[A-Za-z][A-Za-z0-9_]+$",
	  .allowed = "at least two letters, digits and underscores, a letter first",
	  .min = 2,
	  .max = 256,
	  .doc = "environment variables of the function" },
	{ .path = "processors.*.environment.*",
	  .type = FIELD_TEXT,
	  .doc = "the variable's value" },

	{ .path = "notify",
	  .type = FIELD_STRING,
	  .flags = FIELD_LIST,
	  .fallback = "[]",
	  .pattern = "^[^@[:space:][:cntrl:]<>(),;:\"]+@[A-Za-z0-9-]+([.][A-Za-z0-9-]+)+$",
	  .allowed = "an e-mail address",
	  /* The address makes a logical ID of 255 characters at most. */
	  .min = 1,
	  .max = 240,
	  .doc = "who gets the results by e-mail" },
};
/* clang-format on */

const struct schema manifest_schema = { fields, ARRAY_SIZE(fields) };

const char *schema_child(const struct field *parent, const struct field *f)
{
	size_t n = strlen(parent->path);
	const char *name = f->path;

	if (f == parent)
		return NULL;
	if (n) {
		if (strncmp(f->path, parent->path, n) != 0 || f->path[n] != '.')
			return NULL;
		name += n + 1;
	}
	return strchr(name, '.') ? NULL : name;
}
