#include "pack/search.h"

#include <glob.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/fs.h"

#define CONF_MAX_BYTES ((size_t)64 << 10)
#define CONF_MAX_DEPTH 4

static void read_conf(struct strs *out, const char *path, int depth);

static void include(struct strs *out, const char *pattern, int depth)
{
	glob_t found;

	if (depth >= CONF_MAX_DEPTH || glob(pattern, 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		read_conf(out, found.gl_pathv[i], depth + 1);
	globfree(&found);
}

static void read_conf_line(struct strs *out, char *line, int depth)
{
	char *end;

	line[strcspn(line, "#")] = '\0';
	line += strspn(line, " \t\r");
	for (end = line + strlen(line); end > line && strchr(" \t\r", end[-1]); end--)
		end[-1] = '\0';
	if (str_starts(line, "include ") || str_starts(line, "include\t"))
		include(out, line + 8 + strspn(line + 8, " \t"), depth);
	else if (*line == '/')
		strs_add(out, line);
}

static void read_conf(struct strs *out, const char *path, int depth)
{
	FP_AUTO(strs_release) struct strs lines = STRS_INIT;
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	/* A system without the file has the built-in folders only. */
	if (fs_read(&text, path, CONF_MAX_BYTES, NULL) < 0)
		return;
	strs_split(&lines, buf_str(&text), '\n');
	for (size_t i = 0; i < lines.n; i++)
		read_conf_line(out, lines.v[i], depth);
}

void search_system_folders(struct strs *out, const char *arch)
{
	static const char *const fixed[] = { "/lib64", "/usr/lib64", "/lib", "/usr/lib" };
	const char *triplet = str_eq(arch, "arm64") ? "aarch64-linux-gnu"
						    : "x86_64-linux-gnu";

	/* ld.so asks its cache, made from these, before it looks itself. */
	read_conf(out, "/etc/ld.so.conf", 0);
	strs_add_owned(out, fs_join("/lib", triplet));
	strs_add_owned(out, fs_join("/usr/lib", triplet));
	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		strs_add(out, fixed[i]);
	/* The folder of a cross compiler's target libraries. */
	strs_add_owned(out, xasprintf("/usr/%s/lib", triplet));
}

char *search_expand(const char *folder, const char *origin)
{
	FP_AUTO(buf_release) struct buf out = BUF_INIT;

	while (*folder) {
		size_t skip = str_starts(folder, "$ORIGIN")	? 7
			      : str_starts(folder, "${ORIGIN}") ? 9
								: 0;

		if (skip) {
			buf_puts(&out, origin);
			folder += skip;
		} else if (*folder == '$') {
			return NULL;
		} else {
			buf_putc(&out, *folder++);
		}
	}
	return buf_str(&out)[0] == '/' ? buf_detach(&out) : NULL;
}
