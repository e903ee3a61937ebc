#include "aws/profile.h"

#include <ctype.h>
#include <sys/stat.h>

#include "aws/ini.h"
#include "base/fs.h"

#define MAX_FILE 1048576
#define FILES	 2
#define KINDS	 (SECTION_SERVICES + 1)

static const char *const default_paths[FILES] = { "~/.aws/config", "~/.aws/credentials" };

struct shared_file {
	struct ini ini;
	struct map names[KINDS]; /* name -> the section's header, owned by `ini` */
	char *shown;		 /* "~/.aws/config" */
	bool absent;
};

struct profiles {
	struct shared_file files[FILES]; /* by enum profile_file */
};

void profiles_freep(struct profiles **p)
{
	for (size_t i = 0; *p && i < FILES; i++) {
		for (size_t k = 0; k < KINDS; k++)
			map_release(&(*p)->files[i].names[k], NULL);
		ini_release(&(*p)->files[i].ini);
		free((*p)->files[i].shown);
	}
	free(*p);
	*p = NULL;
}

/*
 * Cut the next word off, as a shell reads it: quotes group, a backslash takes the next
 * character as it is. False at the end, and where a quote is not closed.
 */
static bool next_word(struct buf *out, const char **at)
{
	const char *p = *at;
	char quote = '\0';

	while (isspace((unsigned char)*p))
		p++;
	*at = p;
	if (!*p)
		return false;
	for (; *p && (quote || !isspace((unsigned char)*p)); p++) {
		if (quote && *p == quote)
			quote = '\0';
		else if (!quote && (*p == '"' || *p == '\''))
			quote = *p;
		else if (*p == '\\' && p[1] &&
			 (!quote || (quote == '"' && strchr("\"\\", p[1]))))
			buf_putc(out, *++p);
		else
			buf_putc(out, *p);
	}
	*at = p;
	return !quote;
}

/* What a header of the config file names: the kind, and its name in `name`. */
static bool read_header(const char *header, enum profiles_section *kind, struct buf *name)
{
	static const char *const words[] = { "profile", "sso-session", "services" };
	FP_AUTO(buf_release) struct buf first = BUF_INIT, more = BUF_INIT;
	const char *at = header;

	if (!next_word(&first, &at))
		return false;
	if (str_eq(buf_str(&first), "default") && !next_word(&more, &at)) {
		*kind = SECTION_PROFILE;
		buf_puts(name, "default");
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!str_eq(buf_str(&first), words[i]))
			continue;
		*kind = (enum profiles_section)i;
		return next_word(name, &at) && !next_word(&more, &at) && !*at;
	}
	return false;
}

/* Later sections of a name hide earlier ones: [default] and [profile default]. */
static void name_sections(struct shared_file *f, enum profile_file file)
{
	map_each (e, &f->ini.sections) {
		FP_AUTO(buf_release) struct buf name = BUF_INIT;
		enum profiles_section kind = SECTION_PROFILE;

		if (file == PROFILE_CREDENTIALS && !str_eq(e->key, "DEFAULT"))
			buf_puts(&name, e->key);
		else if (file == PROFILE_CREDENTIALS ||
			 !read_header(e->key, &kind, &name))
			continue;
		(void)map_put(&f->names[kind], buf_str(&name), e->key);
	}
}

static int add_file(struct profiles *p, enum profile_file file, const char *text,
		    size_t n, struct fp_error *err)
{
	struct shared_file *f = &p->files[file];

	if (ini_parse(&f->ini, text, n, f->shown, err) < 0)
		return -1;
	name_sections(f, file);
	return 0;
}

int profiles_parse(struct profiles **out, const char *config, size_t config_n,
		   const char *credentials, size_t credentials_n, struct fp_error *err)
{
	FP_AUTO(profiles_freep) struct profiles *p = xcalloc(1, sizeof(*p));

	for (size_t i = 0; i < FILES; i++)
		p->files[i].shown = xstrdup(default_paths[i]);
	if (add_file(p, PROFILE_CONFIG, config, config_n, err) < 0 ||
	    add_file(p, PROFILE_CREDENTIALS, credentials, credentials_n, err) < 0)
		return -1;
	*out = p;
	p = NULL;
	return 0;
}

/* With "~" again; owned. */
static char *shown_path(const struct aws_env *env, const char *path)
{
	const char *home = cred_env(env, "HOME");
	size_t n = home ? strlen(home) : 0;

	return n > 1 && str_starts(path, home) && path[n] == '/'
		       ? xasprintf("~%s", path + n)
		       : xstrdup(path);
}

static int read_one(struct profiles *p, const struct aws_env *env, enum profile_file file,
		    struct fp_error *err)
{
	FP_AUTO(freep) char *path = profiles_path(env, file);
	FP_AUTO(buf_wipe) struct buf text = BUF_INIT;
	struct shared_file *f = &p->files[file];
	struct stat st;

	f->shown = path ? shown_path(env, path) : xstrdup(default_paths[file]);
	f->absent = !path || stat(path, &st) < 0 || S_ISDIR(st.st_mode);
	if (f->absent)
		return 0;
	if (S_ISFIFO(st.st_mode))
		return fp_fail(err, FP_ERR_INPUT,
			       "'%s' is a pipe, and the shared files are read more than "
			       "once; give a file",
			       f->shown);
	buf_reserve(&text, 65536);
	if (fs_read(&text, path, MAX_FILE, err) < 0)
		return -1;
	return add_file(p, file, buf_str(&text), text.len, err);
}

int profiles_read(struct profiles **out, const struct aws_env *env, struct fp_error *err)
{
	FP_AUTO(profiles_freep) struct profiles *p = xcalloc(1, sizeof(*p));

	if (read_one(p, env, PROFILE_CONFIG, err) < 0 ||
	    read_one(p, env, PROFILE_CREDENTIALS, err) < 0)
		return -1;
	*out = p;
	p = NULL;
	return 0;
}

static const char *header_of(const struct profiles *p, enum profile_file file,
			     enum profiles_section kind, const char *name)
{
	return map_get(&p->files[file].names[kind], name);
}

/* The file that answers for a key: the first of the view's that has it. */
static const struct shared_file *file_with(const struct profiles *p,
					   enum profiles_view view,
					   enum profiles_section kind, const char *name,
					   const char *key)
{
	static const enum profile_file order[FILES] = { PROFILE_CREDENTIALS,
							PROFILE_CONFIG };

	for (size_t i = 0; i < FILES; i++) {
		const char *header = header_of(p, order[i], kind, name);

		if ((view == PROFILES_CONFIG && order[i] == PROFILE_CREDENTIALS) ||
		    (view == PROFILES_CREDENTIALS && order[i] == PROFILE_CONFIG))
			continue;
		if (header && (!key || ini_has_key(&p->files[order[i]].ini, header, key)))
			return &p->files[order[i]];
	}
	return NULL;
}

const char *profiles_get(const struct profiles *p, enum profiles_view view,
			 enum profiles_section kind, const char *name, const char *key)
{
	const struct shared_file *f = file_with(p, view, kind, name, key);

	return f ? ini_get(&f->ini, map_get(&f->names[kind], name), key) : NULL;
}

bool profiles_has(const struct profiles *p, enum profiles_view view,
		  enum profiles_section kind, const char *name)
{
	return file_with(p, view, kind, name, NULL) != NULL;
}

void profiles_names(struct strs *out, const struct profiles *p,
		    enum profiles_section kind)
{
	for (size_t i = 0; i < FILES; i++)
		map_each (e, &p->files[i].names[kind])
			if (!strs_has(out, e->key))
				strs_add(out, e->key);
}

char *profiles_origin(const struct profiles *p, const char *name, const char *key)
{
	const struct shared_file *f = file_with(p, PROFILES_MERGED, SECTION_PROFILE, name,
						key);

	return xasprintf("profile '%s' of %s", name, f ? f->shown : "no file");
}

const char *profile_name(const struct aws_env *env, const char **from)
{
	static const char *const vars[] = { "AWS_PROFILE", "AWS_DEFAULT_PROFILE" };
	const char *name = str_or(env->profile, NULL), *where = "--profile";

	for (size_t i = 0; i < ARRAY_SIZE(vars) && !name; i++) {
		name = cred_env(env, vars[i]);
		where = vars[i];
	}
	if (from)
		*from = name ? where : "the default";
	return str_or(name, "default");
}

/* What is probably meant when there is no profile `name`. */
static int hint_at_profile(const struct profiles *p, const char *name,
			   struct fp_error *err)
{
	FP_AUTO(strs_release) struct strs names = STRS_INIT;
	const char *near;

	if (map_has(&p->files[PROFILE_CONFIG].ini.sections, name))
		return fp_hint(err, "the section [%s] of %s must be [profile %s]", name,
			       p->files[PROFILE_CONFIG].shown, name);
	profiles_names(&names, p, SECTION_PROFILE);
	near = str_nearest(name, (const char *const *)names.v, names.n);
	return near ? fp_hint(err, "did you mean '%s'?", near) : -1;
}

int profiles_check(const struct profiles *p, const struct aws_env *env,
		   struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf places = BUF_INIT;
	const char *from, *name = profile_name(env, &from);

	if (str_eq(from, "the default") ||
	    profiles_has(p, PROFILES_MERGED, SECTION_PROFILE, name))
		return 0;
	for (size_t i = 0; i < FILES; i++)
		buf_printf(&places, "%s%s%s", i ? " and " : "", p->files[i].shown,
			   p->files[i].absent ? " (which does not exist)" : "");
	(void)fp_fail(err, FP_ERR_INPUT, "there is no profile '%s' (from %s) in %s", name,
		      from, buf_str(&places));
	return hint_at_profile(p, name, err);
}

/* The length of "$NAME" or "${NAME}" that `s` begins with, and its name; 0: none. */
static size_t variable_at(struct buf *name, const char *s)
{
	size_t open = s[1] == '{' ? 2 : 1, n = open;

	while (isalnum((unsigned char)s[n]) || s[n] == '_')
		n++;
	if (s[0] != '$' || n == open || (open == 2 && s[n] != '}'))
		return 0;
	buf_add(name, s + open, n - open);
	return open == 2 ? n + 1 : n;
}

char *profiles_expand(const struct aws_env *env, const char *path)
{
	const char *home = cred_env(env, "HOME");
	struct buf out = BUF_INIT;

	if (path[0] == '~' && (path[1] == '/' || !path[1])) {
		if (!home)
			return NULL;
		buf_puts(&out, home);
		path++;
	}
	while (*path) {
		FP_AUTO(buf_release) struct buf name = BUF_INIT;
		size_t n = *path == '$' ? variable_at(&name, path) : 0;
		const char *value = n ? env->get(env->ctx, buf_str(&name)) : NULL;

		if (value)
			buf_puts(&out, value);
		else
			buf_add(&out, path, FP_MAX(n, 1));
		path += FP_MAX(n, 1);
	}
	return buf_detach(&out);
}

char *profiles_path(const struct aws_env *env, enum profile_file file)
{
	const char *set = cred_env(env, file == PROFILE_CONFIG
						? "AWS_CONFIG_FILE"
						: "AWS_SHARED_CREDENTIALS_FILE");

	return profiles_expand(env, str_or(set, default_paths[file]));
}
