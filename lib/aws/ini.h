/*
 * The grammar of the shared files, as Python's configparser reads it for the AWS CLI:
 * sections, keys before '=' or ':', values that go on in deeper lines, comments on
 * lines of their own ('#' or ';': behind a value they belong to it), and one level of
 * nested settings. Two differences, both more forgiving: a section or key that comes
 * again adds to or replaces the first, where configparser refuses the file.
 */
#ifndef FP_AWS_INI_H
#define FP_AWS_INI_H

#include "base/error.h"
#include "base/map.h"

struct ini_value {
	char *text;	   /* lines joined by '\n'; NULL when it is nested */
	size_t len, cap;   /* of `text`, without its NUL */
	struct map nested; /* name -> char *, both as written */
};

struct ini_section {
	struct map values; /* key in lower case -> struct ini_value */
};

struct ini {
	struct map sections; /* the text between the brackets -> struct ini_section */
};
#define INI_INIT         \
	{                \
		MAP_INIT \
	}

/*
 * Read a file's text. A line that does not belong is FP_ERR_INPUT at `file`:LINE.
 * `out` is the caller's to release, after a failure too.
 */
FP_MUST_CHECK int ini_parse(struct ini *out, const char *text, size_t n, const char *file,
			    struct fp_error *err);
void ini_release(struct ini *ini); /* wipes: there are secrets among the values */

/*
 * A value of a section: key "region", or "s3.addressing_style" for a nested one. What
 * section "DEFAULT" has holds for all. NULL when it is absent or nested itself.
 */
const char *ini_get(const struct ini *ini, const char *section, const char *key);
/* Whether the section has the key, or what it is nested in ("s3"). */
bool ini_has_key(const struct ini *ini, const char *section, const char *key);

#endif
