#include "aws/profile.h"

#include <ctype.h>

#include "aws/credentials/providers.h"
#include "base/fs.h"
#include "base/str.h"

#define MAX_FILE 1048576

/* A part of the text, without the spaces around it. */
struct span {
	const char *s;
	size_t n;
};

static struct span trim(struct span p)
{
	while (p.n > 0 && isspace((unsigned char)p.s[0])) {
		p.s++;
		p.n--;
	}
	while (p.n > 0 && isspace((unsigned char)p.s[p.n - 1]))
		p.n--;
	return p;
}

static bool span_is(struct span p, const char *text)
{
	return p.n == strlen(text) && strncasecmp(p.s, text, p.n) == 0;
}

static bool span_same(struct span p, const char *text)
{
	return p.n == strlen(text) && memcmp(p.s, text, p.n) == 0;
}

/* A '#' or ';' behind a space begins a comment. */
static struct span without_comment(struct span p)
{
	for (size_t i = 0; i < p.n; i++)
		if ((p.s[i] == '#' || p.s[i] == ';') &&
		    (i == 0 || isspace((unsigned char)p.s[i - 1])))
			return trim((struct span){ p.s, i });
	return p;
}

/* Cut the next line off `rest`; false at the end. */
static bool next_line(struct span *rest, struct span *line)
{
	const char *end;

	if (rest->n == 0)
		return false;
	end = memchr(rest->s, '\n', rest->n);
	line->s = rest->s;
	line->n = end ? (size_t)(end - rest->s) : rest->n;
	rest->s += line->n + (end ? 1 : 0);
	rest->n -= line->n + (end ? 1 : 0);
	return true;
}

static struct span unquote(struct span p)
{
	if (p.n >= 2 && (p.s[0] == '"' || p.s[0] == '\'') && p.s[p.n - 1] == p.s[0])
		return trim((struct span){ p.s + 1, p.n - 2 });
	return p;
}

/*
 * How well a "[...]" line fits the profile: 0 not at all, 2 best, since a config
 * file's [profile default] counts before its [default].
 */
static int section_rank(struct span line, enum profile_file file, const char *profile)
{
	const char *end = memchr(line.s, ']', line.n);
	struct span name;

	if (!end)
		return 0;
	name = trim((struct span){ line.s + 1, (size_t)(end - line.s) - 1 });
	if (file == PROFILE_CREDENTIALS)
		return span_same(unquote(name), profile) ? 2 : 0;
	if (name.n > 7 && memcmp(name.s, "profile", 7) == 0 &&
	    isspace((unsigned char)name.s[7]))
		return span_same(unquote(trim((struct span){ name.s + 7, name.n - 7 })),
				 profile)
			       ? 2
			       : 0;
	return str_eq(profile, "default") && span_same(name, "default") ? 1 : 0;
}

/*
 * Walk the file. With a key: its best value, in `*value`; without: whether there
 * is a section. An indented line belongs to the value above it (a nested
 * setting), and is passed over.
 */
static bool walk(struct span rest, enum profile_file file, const char *profile,
		 const char *key, struct span *value)
{
	struct span line;
	int rank = 0, best = 0;

	if (rest.n >= 3 && memcmp(rest.s, "\xef\xbb\xbf", 3) == 0)
		rest = (struct span){ rest.s + 3, rest.n - 3 };
	while (next_line(&rest, &line)) {
		bool nested = line.n > 0 && isspace((unsigned char)line.s[0]);
		const char *equals;

		line = trim(line);
		if (line.n == 0 || line.s[0] == '#' || line.s[0] == ';')
			continue;
		if (line.s[0] == '[') {
			rank = section_rank(line, file, profile);
			if (!key)
				best = FP_MAX(best, rank);
			continue;
		}
		equals = memchr(line.s, '=', line.n);
		if (!key || !rank || rank < best || nested || !equals ||
		    !span_is(trim((struct span){ line.s, (size_t)(equals - line.s) }),
			     key))
			continue;
		line.n -= (size_t)(equals + 1 - line.s);
		line.s = equals + 1;
		*value = without_comment(trim(line));
		best = rank;
	}
	return best > 0;
}

char *profile_value(const char *text, size_t n, enum profile_file file,
		    const char *profile, const char *key)
{
	struct span value = { NULL, 0 };

	if (!walk((struct span){ text, n }, file, profile, key, &value) || value.n == 0)
		return NULL;
	return xstrndup(value.s, value.n);
}

bool profile_exists(const char *text, size_t n, enum profile_file file,
		    const char *profile)
{
	return walk((struct span){ text, n }, file, profile, NULL, NULL);
}

int profile_read(struct buf *out, const struct aws_env *env, enum profile_file file,
		 struct fp_error *err)
{
	FP_AUTO(freep) char *path = profiles_path(env, file);

	if (!path || !fs_exists(path))
		return 0;
	return fs_read(out, path, MAX_FILE, err);
}

char *aws_profile_get(const struct aws_env *env, const char *key)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	if (profile_read(&text, env, PROFILE_CONFIG, NULL) < 0)
		return NULL;
	return profile_value(buf_str(&text), text.len, PROFILE_CONFIG, profile_name(env),
			     key);
}
