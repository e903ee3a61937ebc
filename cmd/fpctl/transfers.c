#include "transfers.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"
#include "manifest/naming.h"
#include "stacks.h"

#define QUIET_MS  300 /* what is over sooner needs no line */
#define REDRAW_MS 125
#define LINE_MS	  10000 /* between two lines where none is drawn anew */

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

int transfers_bucket(char **bucket, struct app *app, struct fp_error *err)
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

int transfers_suggest(struct app *app, const char *bucket, struct fp_error *err)
{
	const struct manifest *m = &app->manifest;
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

void transfer_view_begin(struct transfer_view *v, struct app *app, const char *name,
			 int64_t total)
{
	*v = (struct transfer_view){ .ui = &app->ui,
				     .lock = PTHREAD_MUTEX_INITIALIZER,
				     .name = name,
				     .total = total };
	v->start_ms = v->shown_ms = clock_monotonic_ms();
}

/* "12.5 MiB of 300.0 MiB, 4 %, 5.1 MiB/s, 56 s left" */
static void describe(struct buf *out, const struct transfer_view *v, int64_t done,
		     int64_t now)
{
	int64_t took = FP_MAX(now - v->start_ms, 1), moved = done - v->first;
	char text[24];

	ui_bytes(text, done);
	buf_puts(out, text);
	if (v->total >= 0) {
		ui_bytes(text, v->total);
		buf_printf(out, " of %s, %d %%", text,
			   v->total ? (int)(done * 100.0 / (double)v->total) : 100);
	}
	if (moved <= 0)
		return;
	ui_bytes(text, (int64_t)((double)moved * 1000 / (double)took));
	buf_printf(out, ", %s/s", text);
	if (v->total < 0 || took < 1000 ||
	    (double)(v->total - done) / (double)moved * (double)took < 1000)
		return;
	ui_duration(text,
		    (int64_t)((double)(v->total - done) / (double)moved * (double)took) /
			    1000 * 1000);
	buf_printf(out, ", %s left", text);
}

static void draw(struct transfer_view *v, int64_t done, int64_t now)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	v->shown_ms = now;
	describe(&text, v, done, now);
	if (!v->ui->live) {
		ui_note(v->ui, "%s: %s", v->name, buf_str(&text));
		return;
	}
	(void)fputs("\r\033[2K", v->ui->err);
	ui_puts(v->ui->err, v->name);
	(void)fprintf(v->ui->err, ": %s", buf_str(&text));
	(void)fflush(v->ui->err);
	v->shown = true;
}

static bool show(void *ctx, int64_t sent, int64_t received)
{
	struct transfer_view *v = ctx;
	int64_t now = clock_monotonic_ms(), done = FP_MAX(sent, received);

	pthread_mutex_lock(&v->lock);
	if (!v->begun)
		v->first = done;
	v->begun = true;
	if (v->total >= 0)
		done = FP_MIN(done, v->total);
	if (!v->ui->quiet && now - v->start_ms >= QUIET_MS &&
	    now - v->shown_ms >= (v->ui->live ? REDRAW_MS : LINE_MS))
		draw(v, done, now);
	pthread_mutex_unlock(&v->lock);
	return true;
}

struct http_progress transfer_view_progress(struct transfer_view *v)
{
	return (struct http_progress){ show, v };
}

/* With the lock held. */
static void wipe(struct transfer_view *v)
{
	if (v->shown)
		(void)fputs("\r\033[2K", v->ui->err);
	v->shown = false;
}

void transfer_view_end(struct transfer_view *v)
{
	pthread_mutex_lock(&v->lock);
	wipe(v);
	pthread_mutex_unlock(&v->lock);
}

void transfer_json(cJSON *list, const char *bucket, const char *key, const char *path,
		   int64_t took_ms, const struct s3_result *r)
{
	cJSON *j = json_push_object(list);

	json_set_str(j, "bucket", bucket);
	json_set_str(j, "key", key);
	json_set_str(j, "file", path);
	json_set_int(j, "size", r->size);
	json_set_int(j, "duration_ms", took_ms);
	json_set_str(j, "etag", r->etag);
	json_set_str(j, "version_id", *r->version_id ? r->version_id : NULL);
	json_set_int(j, "reused", r->reused);
	if (*r->checksum) {
		json_set_str(j, "checksum_algorithm", r->checksum_name);
		json_set_str(j, "checksum", r->checksum);
	}
}

void transfer_note(struct transfer_view *v, const char *name, int64_t took_ms,
		   const struct s3_result *r)
{
	char size[16], took[24], reused[16];

	ui_bytes(size, r->size);
	ui_duration(took, took_ms);
	ui_bytes(reused, r->reused);
	pthread_mutex_lock(&v->lock);
	wipe(v);
	if (r->reused)
		ui_note(v->ui, "%s: %s in %s (%s were there already)", name, size, took,
			reused);
	else
		ui_note(v->ui, "%s: %s in %s", name, size, took);
	pthread_mutex_unlock(&v->lock);
}

int transfer_parallel(unsigned *out, int64_t given, struct fp_error *err)
{
	if (given > 64)
		return fp_fail(err, FP_ERR_USAGE, "--parallel takes 1 to 64");
	*out = (unsigned)given;
	return 0;
}

char *transfer_state(void)
{
	const char *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (xdg && *xdg == '/')
		return xasprintf("%s/fpctl/uploads", xdg);
	return home && *home == '/' ? xasprintf("%s/.local/state/fpctl/uploads", home)
				    : NULL;
}
