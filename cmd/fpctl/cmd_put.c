/* fpctl put: upload a file, by the manifest's name of the bucket or S3's. */
#include <sys/stat.h>

#include "aws/service/s3.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"
#include "manifest/naming.h"
#include "stacks.h"

struct put_opts {
	const char *content_type;
};

static const struct opt opts[] = {
	{ 0, "content-type", OPT_STRING, offsetof(struct put_opts, content_type),
	  "instead of what the file's name says", "TYPE" },
};

/* The types of what fpctl's processors look at. */
static const char *guess_type(const char *path)
{
	static const struct {
		const char *ending, *type;
	} types[] = {
		{ ".csv", "text/csv" },	       { ".json", "application/json" },
		{ ".txt", "text/plain" },      { ".ndjson", "application/x-ndjson" },
		{ ".xml", "application/xml" }, { ".jsonl", "application/x-ndjson" },
		{ ".gz", "application/gzip" }, { ".zip", "application/zip" },
		{ ".pdf", "application/pdf" }, { ".yaml", "application/yaml" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (str_ends(path, types[i].ending))
			return types[i].type;
	return NULL;
}

/* The stack whose template has the output, by index; SIZE_MAX: none has. */
static size_t stack_with_output(const struct rendering *r, const char *output)
{
	for (size_t i = 0; i < r->nstacks; i++)
		if (node_get(node_get(r->stacks[i].template, "Outputs"), output))
			return i;
	return SIZE_MAX;
}

/* Its value in what is deployed, owned by the caller; NULL: it is nowhere. */
static char *value_of(const struct live *live, const char *output)
{
	for (size_t i = 0; i < live->n; i++) {
		const char *value = live->v[i].outputs
					    ? map_get(live->v[i].outputs, output)
					    : NULL;

		if (value)
			return xstrdup(value);
	}
	return NULL;
}

/* Where it should be by the rendering: one stack to read. */
static int look_there(char **value, struct app *app, const char *output,
		      struct fp_error *err)
{
	FP_AUTO(live_release) struct live live = { NULL, 0 };
	struct deploy_context d;
	struct rendering one;
	size_t i;

	if (stacks_context(&d, app, err) < 0)
		return -1;
	i = stack_with_output(&app->rendering, output);
	if (i == SIZE_MAX)
		return 0;
	one = (struct rendering){ .stacks = &app->rendering.stacks[i], .nstacks = 1 };
	d.rendering = &one;
	if (deploy_observe(&live, &d, err) < 0)
		return -1;
	*value = value_of(&live, output);
	return 0;
}

/* In any stack: one of many buckets may have been deployed from elsewhere. */
static int look_everywhere(char **value, struct app *app, const char *output,
			   struct fp_error *err)
{
	FP_AUTO(arena_release) struct arena arena = ARENA_INIT;
	FP_AUTO(live_release) struct live live = { NULL, 0 };
	FP_AUTO(spread_release) struct spread where = SPREAD_INIT;
	struct deploy_context d = { .aws = app->aws,
				    .manifest = &app->manifest,
				    .rendering = &app->rendering };
	struct rendering all;

	if (deploy_observe_all(&live, &all, &arena, &where, &d, err) < 0)
		return -1;
	*value = value_of(&live, output);
	return 0;
}

static bool in_manifest(const struct manifest *m, const char *bucket)
{
	for (size_t i = 0; i < m->nbuckets; i++)
		if (str_eq(m->buckets[i].name, bucket))
			return true;
	return false;
}

/* A bucket of the manifest by its output: what is deployed says its real name. */
static int real_bucket(char **bucket, struct app *app, struct fp_error *err)
{
	FP_AUTO(arena_release) struct arena arena = ARENA_INIT;
	FP_AUTO(freep) char *name = NULL;
	const char *output;

	if (!app_manifest_exists(app))
		return 0;
	if (app_manifest(app, err) < 0)
		return -1;
	if (!in_manifest(&app->manifest, *bucket))
		return 0;
	output = arena_printf(&arena, "%sBucketName", naming_id(&arena, *bucket));
	if (look_there(&name, app, output, err) < 0 ||
	    (!name && look_everywhere(&name, app, output, err) < 0))
		return -1;
	if (!name)
		return fp_fail(
			err, FP_ERR_NOT_FOUND,
			"bucket '%s' of %s is not deployed yet; 'fpctl deploy' does it",
			*bucket, app->manifest.path);
	free(*bucket);
	*bucket = name;
	name = NULL;
	return 0;
}

/* The manifest's bucket that was meant, when S3 knows none of that name. */
static int suggest_bucket(const struct manifest *m, const char *bucket,
			  struct fp_error *err)
{
	FP_AUTO(freep) const char **names = xcalloc(m->nbuckets + 1, sizeof(*names));
	const char *near;

	for (size_t i = 0; i < m->nbuckets; i++)
		names[i] = m->buckets[i].name;
	near = str_nearest(bucket, names, m->nbuckets);
	if (!near || !str_eq(err->aws_code, "NoSuchBucket"))
		return -1;
	return fp_fail(err, FP_ERR_NOT_FOUND,
		       "there is no bucket '%s': did you mean '%s' of %s?", bucket, near,
		       m->path);
}

struct upload {
	struct ui *ui;
	int64_t size, start_ms;
	bool shown;
};

static bool show(void *ctx, int64_t sent, int64_t received FP_UNUSED)
{
	struct upload *u = ctx;
	char done[16], all[16];

	/* What is over in a moment needs no line. */
	if (clock_monotonic_ms() - u->start_ms < 300)
		return true;
	ui_bytes(done, sent);
	ui_bytes(all, u->size);
	(void)fprintf(u->ui->err, "\r\033[2K%s of %s, %d %%", done, all,
		      u->size ? (int)(sent * 100 / u->size) : 100);
	(void)fflush(u->ui->err);
	u->shown = true;
	return true;
}

/* Looked at first: a wrong name needs no AWS to be told. */
static int file_size(int64_t *size, const char *path, struct fp_error *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return fp_fail_errno(err, "cannot upload '%s'", path);
	*size = st.st_size;
	return 0;
}

static void print_result(struct app *app, const struct upload *u, const char *bucket,
			 const char *key)
{
	FP_AUTO(json_freep) cJSON *j = NULL;
	int64_t took_ms = clock_monotonic_ms() - u->start_ms;
	char size[16], took[24];

	if (app->global.json) {
		j = cJSON_CreateObject();
		json_set_str(j, "bucket", bucket);
		json_set_str(j, "key", key);
		json_set_int(j, "size", u->size);
		json_set_int(j, "duration_ms", took_ms);
		app_print_json(app, j);
		return;
	}
	ui_bytes(size, u->size);
	ui_duration(took, took_ms);
	ui_note(&app->ui, "s3://%s/%s: %s in %s", bucket, key, size, took);
}

static int put_run(struct app *app, const void *args, struct fp_error *err)
{
	const struct put_opts *o = args;
	const char *path = app->args[0];
	FP_AUTO(freep) char *bucket = NULL, *prefix = NULL, *key = NULL;
	struct upload u = { .ui = &app->ui };
	struct http_progress progress = { show, &u };
	bool live = app->ui.live && !app->ui.quiet;
	int rc;

	if (s3_parse_uri(app->args[1], &bucket, &prefix, err) < 0 ||
	    file_size(&u.size, path, err) < 0 || real_bucket(&bucket, app, err) < 0 ||
	    app_aws(app, err) < 0)
		return -1;
	/* "s3://BUCKET/folder/" keeps the file's name. */
	key = !*prefix || str_ends(prefix, "/")
		      ? xasprintf("%s%s", prefix, fs_basename(path))
		      : xstrdup(prefix);
	u.start_ms = clock_monotonic_ms();
	rc = s3_put_file(app->aws, bucket, key, path,
			 o->content_type ? o->content_type : guess_type(path),
			 live ? &progress : NULL, err);
	if (u.shown)
		(void)fputs("\r\033[2K", app->ui.err);
	if (rc < 0)
		return suggest_bucket(&app->manifest, bucket, err);
	print_result(app, &u, bucket, key);
	return 0;
}

const struct command cmd_put = {
	.name = "put",
	.summary = "upload a file to a bucket",
	.args = "FILE s3://BUCKET/KEY",
	.min_args = 2,
	.max_args = 2,
	.details = "BUCKET is a bucket's real name, or its name in the manifest. A KEY "
		   "that is empty or ends with a slash keeps the file's name.",
	.examples = "fpctl put invoice.csv s3://uploads/incoming/\n"
		    "fpctl put data s3://uploads/data.csv --content-type text/csv",
	.opts = opts,
	.nopts = ARRAY_SIZE(opts),
	.opts_size = sizeof(struct put_opts),
	.run = put_run,
};
