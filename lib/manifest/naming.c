#include "manifest/naming.h"

#include "base/str.h"

#define BUCKET_NAME_MAX 63
#define ACCOUNT_DIGITS	12
#define LONGEST_REGION	"ap-southeast-1"

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

char *naming_id(struct arena *a, const char *name)
{
	char *id = arena_strdup(a, name), *to = id;
	bool begins = true;

	for (; *name; name++) {
		bool letter = is_letter(*name);

		if (!letter && !(*name >= '0' && *name <= '9')) {
			begins = true;
			continue;
		}
		*to++ = letter && begins ? (char)(*name & ~0x20) : *name;
		begins = false;
	}
	*to = '\0';
	return id;
}

const char *naming_prefix(struct arena *a, const char *project, const char *environment)
{
	return environment ? arena_printf(a, "%s-%s", project, environment) : project;
}

static const char *const reserved_prefixes[] = { "xn--", "sthree-", "amzn-s3-demo-" };

static const char *reserved_prefix(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(reserved_prefixes); i++)
		if (str_starts(name, reserved_prefixes[i]))
			return reserved_prefixes[i];
	return NULL;
}

const char *naming_prefix_problem(struct arena *a, const char *prefix)
{
	const char *taken = reserved_prefix(arena_printf(a, "%s-", prefix));

	return taken ? arena_printf(a, "S3 refuses buckets whose name begins with '%s'",
				    taken)
		     : NULL;
}

const char *naming_too_long(struct arena *a, const char *prefix, const char *name,
			    const char *region, const char **hint)
{
	const char *full = arena_printf(a, "%s-%s-%0*d-%s", prefix, name, ACCOUNT_DIGITS,
					0, str_or(region, LONGEST_REGION));
	size_t n = strlen(full);

	if (n <= BUCKET_NAME_MAX)
		return NULL;
	*hint = arena_printf(a, "shorten it by %zu", n - BUCKET_NAME_MAX);
	return arena_printf(a, "'%s' has %zu characters; S3 allows %d", full, n,
			    BUCKET_NAME_MAX);
}

const char *naming_bucket_problem(struct arena *a, const char *prefix, const char *name,
				  const char *region, const char **hint)
{
	*hint = "choose another name";
	if (str_eq(name, NAMING_ARTIFACTS))
		return "'artifacts' is the name of the bucket for the processors' code";
	if (str_eq(naming_id(a, name), "Artifact"))
		return "its output would be called as that of the bucket for the "
		       "processors' code";
	if (strstr(name, ".."))
		return "S3 refuses two dots in a row";
	if (str_ends(name, "-") || str_ends(name, "."))
		return "a bucket's name ends with a letter or digit";
	return prefix ? naming_too_long(a, prefix, name, region, hint) : NULL;
}
