/* fpctl get: download an object to a file, a folder or stdout. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"
#include "transfers.h"

struct get_opts {
	const char *version_id;
	int64_t parallel;
};

#define FIELD(name) offsetof(struct get_opts, name)
static const struct opt opts[] = {
	{ 0, "version-id", OPT_STRING, FIELD(version_id),
	  "an earlier version of the object", "ID" },
	{ 0, "parallel", OPT_INT, FIELD(parallel),
	  "requests at once for a large object (default 8)", "N" },
};

/* Where the bytes of a stream go. */
struct outlet {
	int fd;
	const char *name;
	struct http_progress progress;
	int64_t done, *total;
	struct fp_error err;
};

static bool read_size(void *ctx, int status FP_UNUSED, const struct http_headers *h)
{
	struct outlet *o = ctx;
	const char *size = headers_get(h, "Content-Length");

	if (!size || !str_to_i64(size, 0, INT64_MAX, o->total))
		*o->total = -1;
	return true;
}

static bool let_out(void *ctx, const void *data, size_t n)
{
	struct outlet *o = ctx;

	if (fs_write_all(o->fd, data, n, o->name, &o->err) < 0)
		return false;
	o->done += (int64_t)n;
	return o->progress.report(o->progress.ctx, 0, o->done);
}

/* To stdout, a pipe or a device: in order, nothing beside it. */
static int get_stream(struct app *app, const char *bucket, const char *key,
		      const char *version_id, struct outlet *to, struct s3_result *r,
		      struct fp_error *err)
{
	FP_AUTO(s3_object_release) struct s3_object object = { 0 };
	const struct http_sink sink = { .write = let_out, .ctx = to, .begin = read_size };

	if (s3_get(app->aws, bucket, key, version_id, &sink, &object, err) < 0) {
		if (to->err.code != FP_OK)
			*err = to->err;
		return -1;
	}
	r->size = to->done;
	(void)snprintf(r->etag, sizeof(r->etag), "%s", object.etag);
	if (!object.composite) {
		(void)snprintf(r->checksum_name, sizeof(r->checksum_name), "%s",
			       object.checksum_name);
		(void)snprintf(r->checksum, sizeof(r->checksum), "%s", object.checksum);
	}
	(void)snprintf(r->version_id, sizeof(r->version_id), "%s",
		       str_or(object.version_id, ""));
	return 0;
}

/* The part behind the last slash, as a file's name; NULL when there is none. */
static const char *file_name(const char *key)
{
	const char *name = fs_basename(key);

	return *name && !str_eq(name, ".") && !str_eq(name, "..") ? name : NULL;
}

/* The path that a target stands for; owned; NULL with err. */
static char *place_of(const char *target, const char *key, struct fp_error *err)
{
	bool folder = !target || fs_is_dir(target) || str_ends(target, "/");
	const char *name = file_name(key);

	if (folder && target && !fs_is_dir(target)) {
		(void)fp_fail(err, FP_ERR_NOT_FOUND, "there is no folder '%s'", target);
		return NULL;
	}
	if (!folder)
		return xstrdup(target);
	if (!name) {
		(void)fp_fail(err, FP_ERR_USAGE,
			      "the key '%s' names no file: say which one to write", key);
		return NULL;
	}
	return target ? fs_join(target, name) : xstrdup(name);
}

/* The file that a link stands for is replaced, not the link; owned. */
static char *resolved(char *path)
{
	struct stat st;
	char *real = lstat(path, &st) == 0 && S_ISLNK(st.st_mode) ? realpath(path, NULL)
								  : NULL;

	if (!real)
		return path;
	free(path);
	return real;
}

/* What is there and is no plain file is written into; it cannot be replaced. */
static bool is_special(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

static int get_to(struct app *app, const char *bucket, const char *key, const char *path,
		  const struct get_opts *o, struct transfer_view *view,
		  struct s3_result *r, struct fp_error *err)
{
	struct outlet to = { .fd = STDOUT_FILENO,
			     .name = "stdout",
			     .progress = transfer_view_progress(view),
			     .total = &view->total };
	struct s3_transfer t = { .progress = &to.progress, .total = &view->total };
	FP_AUTO(closep) int fd = -1;

	if (transfer_parallel(&t.parallel, o->parallel, err) < 0)
		return -1;
	if (path && !is_special(path))
		return s3_download(app->aws, bucket, key, o->version_id, path, &t, r,
				   err);
	if (path) {
		fd = fs_open(path, O_WRONLY, 0, err);
		if (fd < 0)
			return -1;
		to.fd = fd;
		to.name = path;
	}
	return get_stream(app, bucket, key, o->version_id, &to, r, err);
}

static int get_run(struct app *app, const void *args, struct fp_error *err)
{
	const struct get_opts *o = args;
	const char *target = app->nargs > 1 ? app->args[1] : NULL;
	bool to_stdout = str_eq(target, "-") || str_eq(target, "/dev/stdout");
	FP_AUTO(freep) char *bucket = NULL, *key = NULL, *path = NULL;
	FP_AUTO(json_freep) cJSON *list = NULL;
	struct s3_result r = { 0 };
	struct transfer_view view;
	int64_t took_ms;
	int rc;

	if (to_stdout && app->global.json)
		return fp_fail(err, FP_ERR_USAGE,
			       "the object goes to stdout, and --json would too");
	if (s3_parse_uri(app->args[0], &bucket, &key, err) < 0)
		return -1;
	if (!*key)
		return fp_fail(err, FP_ERR_USAGE, "'%s' names no object: s3://%s/KEY",
			       app->args[0], bucket);
	if (!to_stdout && !(path = place_of(target, key, err)))
		return -1;
	path = to_stdout ? NULL : resolved(path);
	if (transfers_bucket(&bucket, app, err) < 0 || app_aws(app, err) < 0)
		return -1;
	transfer_view_begin(&view, app, to_stdout ? app->args[0] : path, -1);
	rc = get_to(app, bucket, key, path, o, &view, &r, err);
	transfer_view_end(&view);
	if (rc < 0)
		return transfers_suggest(app, bucket, err);
	took_ms = clock_monotonic_ms() - view.start_ms;
	if (app->global.json) {
		list = cJSON_CreateArray();
		transfer_json(list, bucket, key, path, took_ms, &r);
		app_print_json(app, list->child);
	} else if (!to_stdout) {
		transfer_note(&view, path, took_ms, &r);
	}
	return 0;
}

const struct command cmd_get = {
	.name = "get",
	.summary = "download an object of a bucket",
	.args = "s3://BUCKET/KEY [FILE|DIR|-]",
	.min_args = 1,
	.max_args = 2,
	.details =
		"BUCKET is a bucket's real name, or its name in the manifest. Without "
		"FILE the object goes to a file of its own name here; - is stdout.\n\n"
		"Large objects come in ranges, several at once, into FILE.fpctl-part, "
		"which becomes FILE when all is there and its checksum is S3's. What "
		"Ctrl-C or a broken network leaves unfinished, the same command goes on "
		"with when it is run again.",
	.examples = "fpctl get s3://uploads/incoming/invoice.csv\n"
		    "fpctl get s3://uploads/data.csv copy.csv --version-id 3sL4kqtJ\n"
		    "fpctl get s3://backups/shop.sql.gz - | gunzip",
	.opts = opts,
	.nopts = ARRAY_SIZE(opts),
	.opts_size = sizeof(struct get_opts),
	.run = get_run,
};
