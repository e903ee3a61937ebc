/* fpctl put: upload files, by the manifest's name of the bucket or S3's. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "transfers.h"

struct put_opts {
	const char *content_type, *checksum;
	int64_t parallel;
	bool if_none_match;
};

#define FIELD(name) offsetof(struct put_opts, name)
static const struct opt opts[] = {
	{ 0, "content-type", OPT_STRING, FIELD(content_type),
	  "instead of what the file's name says", "TYPE" },
	{ 0, "if-none-match", OPT_FLAG, FIELD(if_none_match),
	  "only where no object is yet; fail otherwise", NULL },
	{ 0, "checksum", OPT_STRING, FIELD(checksum),
	  "crc64nvme (default), crc32, crc32c, sha256 or sha1", "NAME" },
	{ 0, "parallel", OPT_INT, FIELD(parallel),
	  "requests at once for a large file (default 8)", "N" },
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

/* All files of one call. */
struct put {
	struct app *app;
	const struct put_opts *o;
	const char *bucket, *prefix;
	struct s3_put_options upload;
	cJSON *list; /* of --json, or NULL */
};

static bool is_stdin(const char *path)
{
	return str_eq(path, "-");
}

/* Looked at first: a wrong name needs no AWS to be told. -1 in *size: unknown. */
static int file_size(int64_t *size, const char *path, struct fp_error *err)
{
	struct stat st;

	*size = -1;
	if (is_stdin(path))
		return 0;
	if (stat(path, &st) < 0)
		return fp_fail_errno(err, "cannot upload '%s'", path);
	if (S_ISREG(st.st_mode))
		*size = st.st_size;
	return 0;
}

static bool is_folder(const char *prefix)
{
	return !*prefix || str_ends(prefix, "/");
}

static int check_names(const struct app *app, size_t nfiles, const char *prefix,
		       struct fp_error *err)
{
	const char *target = app->args[nfiles];
	int64_t size;

	if (nfiles > 1 && !is_folder(prefix))
		return fp_fail(err, FP_ERR_USAGE,
			       "several files need a folder to go to: '%s/'", target);
	for (size_t i = 0; i < nfiles; i++) {
		if (is_stdin(app->args[i]) && is_folder(prefix))
			return fp_fail(err, FP_ERR_USAGE,
				       "what comes from stdin has no name: give its key, "
				       "such as '%s%sname'",
				       target, str_ends(target, "/") ? "" : "/");
		if (file_size(&size, app->args[i], err) < 0)
			return -1;
	}
	return 0;
}

static int put_one(struct put *p, const char *path, struct fp_error *err)
{
	FP_AUTO(freep)
	char *key = is_folder(p->prefix) ? xasprintf("%s%s", p->prefix, fs_basename(path))
					 : xstrdup(p->prefix);
	FP_AUTO(freep) char *name = xasprintf("s3://%s/%s", p->bucket, key);
	struct s3_put_options o = p->upload;
	struct s3_result r = { 0 };
	struct transfer_view view;
	struct http_progress progress;
	int64_t size;
	int rc;

	if (file_size(&size, path, err) < 0)
		return -1;
	transfer_view_begin(&view, p->app, name, size);
	progress = transfer_view_progress(&view);
	o.transfer.progress = &progress;
	o.content_type = str_or(p->o->content_type,
				guess_type(is_stdin(path) ? key : path));
	if (is_stdin(path))
		rc = s3_upload_stream(p->app->aws, p->bucket, key, STDIN_FILENO, &o, &r,
				      err);
	else
		rc = s3_upload(p->app->aws, p->bucket, key, path, &o, &r, err);
	transfer_view_end(&view);
	if (rc == 0)
		transfer_result(&view, p->bucket, key, path, &r, p->list);
	return rc;
}

static int put_all(struct put *p, size_t nfiles, struct fp_error *err)
{
	for (size_t i = 0; i < nfiles; i++) {
		if (put_one(p, p->app->args[i], err) == 0)
			continue;
		if (str_eq(err->aws_code, "PreconditionFailed") && p->o->if_none_match)
			return fp_fail(err, FP_ERR_AWS,
				       "there is an object already, and --if-none-match "
				       "leaves it alone: %s",
				       err->message);
		return transfers_suggest(p->app, p->bucket, err);
	}
	return 0;
}

static int put_run(struct app *app, const void *args, struct fp_error *err)
{
	const struct put_opts *o = args;
	size_t nfiles = app->nargs - 1;
	FP_AUTO(freep) char *bucket = NULL, *prefix = NULL;
	FP_AUTO(freep) char *state = transfer_state();
	FP_AUTO(json_freep) cJSON *list = app->global.json ? cJSON_CreateArray() : NULL;
	struct put p = { .app = app, .o = o, .list = list };
	int rc;

	p.upload = (struct s3_put_options){ .if_none_match = o->if_none_match,
					    .checksum = o->checksum,
					    .transfer.state = state };
	if (s3_parse_uri(app->args[nfiles], &bucket, &prefix, err) < 0 ||
	    transfer_parallel(&p.upload.transfer.parallel, o->parallel, err) < 0 ||
	    check_names(app, nfiles, prefix, err) < 0 ||
	    transfers_bucket(&bucket, app, err) < 0 || app_aws(app, err) < 0)
		return -1;
	p.bucket = bucket;
	p.prefix = prefix;
	rc = put_all(&p, nfiles, err);
	/* One file is one object, as it always was. */
	if (list && (rc == 0 || cJSON_GetArraySize(list)))
		app_print_json(app, nfiles == 1 ? list->child : list);
	return rc;
}

const struct command cmd_put = {
	.name = "put",
	.summary = "upload files to a bucket",
	.args = "FILE... s3://BUCKET/KEY",
	.min_args = 2,
	.max_args = 100000,
	.details =
		"BUCKET is a bucket's real name, or its name in the manifest. A KEY "
		"that is empty or ends with a slash keeps the files' names. FILE may be "
		"a "
		"pipe, and - is stdin.\n\n"
		"Large files go in parts, several at once; each part and the whole have "
		"checksums that S3 compares. A file that changes while it is sent is "
		"refused. What Ctrl-C or a broken network leaves unfinished, the same "
		"command goes on with when it is run again.",
	.examples = "fpctl put invoice.csv s3://uploads/incoming/\n"
		    "fpctl put data s3://uploads/data.csv --content-type text/csv\n"
		    "pg_dump shop | gzip | fpctl put - s3://backups/shop.sql.gz",
	.opts = opts,
	.nopts = ARRAY_SIZE(opts),
	.opts_size = sizeof(struct put_opts),
	.run = put_run,
};
