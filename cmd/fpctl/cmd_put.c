/* fpctl put: upload files, by the manifest's name of the bucket or S3's. */
#include <sys/stat.h>
#include <unistd.h>

#include "aws/crew.h"
#include "base/clock.h"
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
	{ 0, "parallel", OPT_INT, FIELD(parallel), "requests at once (default 8)", "N" },
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

/* A file of the call. */
struct file {
	const char *path;
	char *key, *name; /* "s3://bucket/key"; owned */
	int64_t size;	  /* -1: nobody knows */
	int64_t took_ms;
	struct s3_result result;
	bool done;
};

struct put {
	struct app *app;
	const struct put_opts *o;
	const char *bucket;
	struct s3_put_options upload;
	struct file *v;
	size_t n, next;
	struct transfer_view view;
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

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Of two files of one name in different folders, one would be lost. */
static int check_same_names(const struct app *app, size_t n, struct fp_error *err)
{
	FP_AUTO(freep) const char **names = xcalloc(n + 1, sizeof(*names));

	for (size_t i = 0; i < n; i++)
		names[i] = fs_basename(app->args[i]);
	qsort(names, n, sizeof(*names), compare_names);
	for (size_t i = 1; i < n; i++)
		if (str_eq(names[i], names[i - 1]))
			return fp_fail(err, FP_ERR_USAGE,
				       "several files are named '%s' and would go to one "
				       "key; upload them in calls of their own",
				       names[i]);
	return 0;
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
	return check_same_names(app, nfiles, err);
}

static void name_files(struct put *p, const char *prefix)
{
	for (size_t i = 0; i < p->n; i++) {
		struct file *f = &p->v[i];

		f->path = p->app->args[i];
		f->key = is_folder(prefix)
				 ? xasprintf("%s%s", prefix, fs_basename(f->path))
				 : xstrdup(prefix);
		f->name = xasprintf("s3://%s/%s", p->bucket, f->key);
	}
}

/* All in sum; -1 when one of them is unknown. */
static int total_size(struct put *p, int64_t *total, struct fp_error *err)
{
	*total = 0;
	for (size_t i = 0; i < p->n; i++) {
		if (file_size(&p->v[i].size, p->v[i].path, err) < 0)
			return -1;
		*total = *total < 0 || p->v[i].size < 0 ? -1 : *total + p->v[i].size;
	}
	return 0;
}

static int put_one(struct put *p, struct file *f, const struct http_progress *progress,
		   struct fp_error *err)
{
	struct s3_put_options o = p->upload;
	struct aws_client *c = p->app->aws;

	o.transfer.progress = progress;
	o.content_type = str_or(p->o->content_type,
				guess_type(is_stdin(f->path) ? f->key : f->path));
	if (is_stdin(f->path))
		return s3_upload_stream(c, p->bucket, f->key, STDIN_FILENO, &o,
					&f->result, err);
	return s3_upload(c, p->bucket, f->key, f->path, &o, &f->result, err);
}

static int take(void *ctx, unsigned member FP_UNUSED, struct crew_piece *piece,
		struct fp_error *err FP_UNUSED)
{
	struct put *p = ctx;

	if (p->next == p->n)
		return 0;
	piece->number = (int64_t)p->next;
	piece->size = FP_MAX(p->v[p->next].size, 0);
	p->next++;
	return 1;
}

static int work(void *ctx, unsigned member FP_UNUSED, const struct crew_piece *piece,
		const struct http_progress *progress, struct fp_error *err)
{
	struct put *p = ctx;
	struct file *f = &p->v[piece->number];
	struct http_progress alone = transfer_view_progress(&p->view);
	int64_t start_ms = clock_monotonic_ms();

	/* How much comes from a pipe nobody knows before: alone, it is counted as it
	 * goes. */
	if (put_one(p, f, p->n == 1 ? &alone : progress, err) < 0)
		return -1;
	f->took_ms = clock_monotonic_ms() - start_ms;
	f->done = true;
	if (!p->app->global.json)
		transfer_note(&p->view, f->name, f->took_ms, &f->result);
	return 0;
}

/* Small files side by side; a large one alone has its parts so. */
static int put_all(struct put *p, struct fp_error *err)
{
	unsigned parallel = p->upload.transfer.parallel ? p->upload.transfer.parallel : 8;
	const struct http_progress shown = transfer_view_progress(&p->view);
	const struct crew crew = { .members = (unsigned)FP_MIN((size_t)parallel, p->n),
				   .ctx = p,
				   .take = take,
				   .work = work,
				   .progress = p->n == 1 ? NULL : &shown,
				   .once = true };

	p->upload.transfer.parallel = FP_MAX(parallel / crew.members, 1U);
	if (crew_run(&crew, err) == 0)
		return 0;
	if (str_eq(err->aws_code, "PreconditionFailed") && p->o->if_none_match)
		return fp_hint(err, "there is an object already, and --if-none-match "
				    "leaves it alone");
	return transfers_suggest(p->app, p->bucket, err);
}

static void print_json(const struct put *p)
{
	FP_AUTO(json_freep) cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < p->n; i++) {
		const struct file *f = &p->v[i];

		if (f->done)
			transfer_json(list, p->bucket, f->key, f->path, f->took_ms,
				      &f->result);
	}
	/* One file is one object, as it always was. */
	if (list->child)
		app_print_json(p->app, p->n == 1 ? list->child : list);
}

static int put_files(struct put *p, const char *prefix, struct fp_error *err)
{
	FP_AUTO(freep) char *several = xasprintf("%zu files", p->n);
	int64_t total;
	int rc;

	name_files(p, prefix);
	if (total_size(p, &total, err) < 0)
		return -1;
	transfer_view_begin(&p->view, p->app, p->n == 1 ? p->v[0].name : several, total);
	rc = put_all(p, err);
	transfer_view_end(&p->view);
	if (p->app->global.json)
		print_json(p);
	return rc;
}

static int put_run(struct app *app, const void *args, struct fp_error *err)
{
	const struct put_opts *o = args;
	size_t n = app->nargs - 1;
	FP_AUTO(freep) char *bucket = NULL, *prefix = NULL;
	FP_AUTO(freep) char *state = transfer_state();
	FP_AUTO(freep) struct file *files = xcalloc(n, sizeof(*files));
	struct put p = { .app = app, .o = o, .v = files, .n = n };
	int rc;

	p.upload = (struct s3_put_options){ .if_none_match = o->if_none_match,
					    .checksum = o->checksum,
					    .transfer.state = state };
	if (s3_parse_uri(app->args[n], &bucket, &prefix, err) < 0 ||
	    transfer_parallel(&p.upload.transfer.parallel, o->parallel, err) < 0 ||
	    check_names(app, n, prefix, err) < 0 ||
	    transfers_bucket(&bucket, app, err) < 0 || app_aws(app, err) < 0)
		return -1;
	p.bucket = bucket;
	rc = put_files(&p, prefix, err);
	for (size_t i = 0; i < n; i++) {
		free(files[i].key);
		free(files[i].name);
	}
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
