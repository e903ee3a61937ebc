#include <fcntl.h>

#include "base/fs.h"
#include "base/json.h"
#include "findings.h"
#include "manifest/reference.h"
#include "manifest/schema.h"

#define NAME_MAX_LENGTH 25 /* of `project` in the schema */
#define IGNORED		".fpctl/"
#define IGNORE_MAX	(1u << 20)

struct init_opts {
	const char *name, *github;
};

static const struct opt opts[] = {
	{ 'n', "name", OPT_STRING, offsetof(struct init_opts, name),
	  "the project's name (default: the folder's)", "NAME" },
	{ 0, "github", OPT_STRING, offsetof(struct init_opts, github),
	  "the repository whose pushes deploy", "OWNER/REPOSITORY" },
};

static const char next_steps[] =
	"\nnext:\n"
	"  fpctl validate                         check it\n"
	"  fpctl graph -o system.svg              look at it\n"
	"  fpctl deploy --local                   run it on this machine, no account "
	"needed\n"
	"  fpctl put --local FILE s3://uploads/   upload a file\n"
	"  fpctl local messages                   see what became of it\n"
	"  fpctl deploy                           run it on AWS\n";

/* Of a folder's name what a project's may have; "files" when nothing is left. */
static char *project_name(const char *folder)
{
	FP_AUTO(buf_release) struct buf out = BUF_INIT;

	for (const char *p = folder; *p && out.len < NAME_MAX_LENGTH; p++) {
		char c = *p >= 'A' && *p <= 'Z' ? (char)(*p + 'a' - 'A') : *p;
		bool letter = c >= 'a' && c <= 'z', digit = c >= '0' && c <= '9';

		if (letter || (out.len && digit))
			buf_putc(&out, c);
		else if (out.len && out.data[out.len - 1] != '-')
			buf_putc(&out, '-');
	}
	if (out.len && out.data[out.len - 1] == '-')
		buf_truncate(&out, out.len - 1);
	return out.len ? buf_detach(&out) : xstrdup("files");
}

static int folder_name(char **out, const char *path, struct fp_error *err)
{
	FP_AUTO(freep) char *folder = fs_dirname(path);
	FP_AUTO(freep) char *whole = realpath(folder, NULL);

	if (!whole)
		return fp_fail_errno(err, "cannot find the folder '%s'", folder);
	*out = project_name(fs_basename(whole));
	return 0;
}

/* What was given may not be a name, a region or a repository. */
static int check_text(struct app *app, const char *path, const struct buf *text,
		      struct fp_error *err)
{
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	struct findings_source known = { path, buf_str(text) };
	struct manifest m;
	int rc = manifest_parse(&m, text->data, text->len, path, NULL, &d);

	manifest_release(&m);
	if (rc == 0)
		return 0;
	(void)findings_fail(app, &d, &known, FP_ERR_INPUT, "the manifest as asked for",
			    err);
	return fp_wrap(err, "nothing was written");
}

static bool is_ignored(const struct buf *text)
{
	static const char *const lines[] = { IGNORED, ("/" IGNORED), ".fpctl",
					     "/.fpctl" };
	const char *p = buf_str(text);

	for (size_t n; *p; p += n + strspn(p + n, "\r\n")) {
		n = strcspn(p, "\r\n");
		for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
			if (strlen(lines[i]) == n && memcmp(p, lines[i], n) == 0)
				return true;
	}
	return false;
}

/* Behind what is there: the file keeps its mode, its owner and its name's link. */
static int append(const char *path, const struct buf *old, struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf line = BUF_INIT;
	FP_AUTO(closep)
	int fd = fs_open(path, O_WRONLY | O_CREAT | O_APPEND, 0644, err);
	const char *end = strstr(buf_str(old), "\r\n") ? "\r\n" : "\n";

	if (fd < 0)
		return -1;
	if (old->len && old->data[old->len - 1] != '\n')
		buf_puts(&line, end);
	buf_printf(&line, IGNORED "%s", end);
	return fs_write_all(fd, line.data, line.len, path, err);
}

/* What is made from the manifest does not belong into the repository. */
static int ignore_built(struct app *app, const char *manifest, struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(freep) char *folder = fs_dirname(manifest);
	FP_AUTO(freep)
	char *path = str_eq(folder, ".") ? xstrdup(".gitignore")
					 : fs_join(folder, ".gitignore");

	if (fs_exists(path) && fs_read(&text, path, IGNORE_MAX, err) < 0)
		return -1;
	if (is_ignored(&text))
		return 0;
	if (append(path, &text, err) < 0)
		return -1;
	ui_note(&app->ui, "wrote %s", path);
	return 0;
}

static void report(struct app *app, const char *path, const char *name)
{
	FP_AUTO(json_freep) cJSON *j = NULL;

	if (!app->global.json) {
		if (!app->ui.quiet)
			(void)fputs(next_steps, app->ui.out);
		return;
	}
	j = cJSON_CreateObject();
	json_set_str(j, "manifest", path);
	json_set_str(j, "project", name);
	app_print_json(app, j);
}

static int init_run(struct app *app, const void *args, struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(freep) char *name = NULL;
	const struct init_opts *o = args;
	const char *path = str_or(app->global.file, "fpctl.yaml");

	if (fs_exists(path))
		return fp_fail(err, FP_ERR_INPUT,
			       "'%s' exists already and stays as it is: change it with "
			       "`fpctl set`, or name another file with -f",
			       path);
	if (o->name)
		name = xstrdup(o->name);
	else if (folder_name(&name, path, err) < 0)
		return -1;
	schema_starter(&text, &manifest_schema, name, app->global.region, o->github);
	if (check_text(app, path, &text, err) < 0)
		return -1;
	if (fs_write_atomic(path, text.data, text.len, 0644, err) < 0)
		return fp_wrap(err, "cannot write the manifest");
	ui_note(&app->ui, "wrote %s", path);
	if (ignore_built(app, path, err) < 0)
		return fp_wrap(err, "the manifest is written, but not .gitignore");
	report(app, path, name);
	return 0;
}

const struct command cmd_init = {
	.name = "init",
	.summary = "write a first manifest",
	.details = "Writes fpctl.yaml (or the file of -f) with comments that tell what "
		   "can be changed, and has git ignore what is built beside it. The "
		   "project is called as its folder is, or as --name says. Asks nothing "
		   "and overwrites nothing.",
	.examples = "fpctl init\n"
		    "fpctl init --name invoices --region eu-west-1\n"
		    "fpctl init --github example/invoices",
	.opts = opts,
	.nopts = ARRAY_SIZE(opts),
	.opts_size = sizeof(struct init_opts),
	.run = init_run,
};
