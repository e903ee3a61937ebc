/*
 * Downloads to files: pieces in parallel, each a range of the object as it was when the
 * download began.
 */
#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "aws/crew.h"
#include "aws/service/s3_partial.h"
#include "aws/service/s3_request.h"
#include "aws/service/s3_verify.h"
#include "base/digest.h"
#include "base/str.h"
#include "http/retry.h"

#define PAUSE_MS 100
#define NOTES	 8 /* of a piece while it comes: so much less to ask for again */

struct download;
/* A piece while it comes. */
struct arrival {
	struct download *d;
	int64_t offset, size, have, noted;
	struct checksum *sum; /* of what is there; NULL: not asked for */
	char *checksum;	      /* of the whole piece, owned */
	const struct http_progress *progress;
	struct fp_error err; /* why the sink stopped */
};

struct download {
	struct s3_target at;
	const char *version_id;
	const struct s3_transfer *t;
	struct s3_object object;
	bool combines; /* the whole's checksum comes of the pieces' */
	struct s3_partial file;
	struct arrival *v; /* owned */
	size_t n, next;
	int64_t reused;
	pthread_mutex_t lock; /* guards the notes */
};

static void download_release(struct download *d)
{
	for (size_t i = 0; i < d->n; i++) {
		checksum_freep(&d->v[i].sum);
		free(d->v[i].checksum);
	}
	free(d->v);
	s3_object_release(&d->object);
	s3_partial_release(&d->file);
	pthread_mutex_destroy(&d->lock);
}

static bool on_report(void *ctx, int64_t sent FP_UNUSED, int64_t received FP_UNUSED)
{
	const struct arrival *a = ctx;

	return a->progress->report(a->progress->ctx, 0, a->have);
}

static bool on_begin(void *ctx, int status, const struct http_headers *h)
{
	struct arrival *a = ctx;
	const char *range = headers_get(h, "Content-Range");
	int64_t first = a->offset + a->have, last = a->offset + a->size - 1;
	FP_AUTO(freep)
	char *want = xasprintf("bytes %lld-%lld/%lld", (long long)first, (long long)last,
			       (long long)a->d->object.size);

	if (status == 206 ? str_eq(range, want)
			  : a->have == 0 && a->size == a->d->object.size)
		return true;
	(void)fp_fail(&a->err, FP_ERR_PROTOCOL,
		      "the answer has '%s' where '%s' was asked for",
		      str_or(range, "all of the object"), want);
	return false;
}

static void note(struct arrival *a)
{
	struct download *d = a->d;

	a->noted = a->have;
	pthread_mutex_lock(&d->lock);
	s3_partial_note(&d->file, (size_t)(a - d->v), a->have);
	pthread_mutex_unlock(&d->lock);
}

static bool on_data(void *ctx, const void *data, size_t n)
{
	struct arrival *a = ctx;

	if ((int64_t)n > a->size - a->have) {
		(void)fp_fail(&a->err, FP_ERR_PROTOCOL,
			      "the answer has more bytes than were asked for");
		return false;
	}
	if (s3_partial_write(&a->d->file, a->offset + a->have, data, n, &a->err) < 0)
		return false;
	if (a->sum)
		checksum_update(a->sum, data, n);
	a->have += (int64_t)n;
	if (a->have - a->noted > a->size / NOTES)
		note(a);
	return true;
}

static int ask(struct arrival *a, struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(response_release) struct http_response res = { 0 };
	struct download *d = a->d;
	const struct http_sink sink = { .write = on_data, .ctx = a, .begin = on_begin };
	const struct http_progress progress = { on_report, a };
	int64_t first = a->offset + a->have, last = a->offset + a->size - 1;
	FP_AUTO(freep)
	char *range = xasprintf("bytes=%lld-%lld", (long long)first, (long long)last);

	s3_request(&req, "GET", d->at.key,
		   d->object.version_id ? d->object.version_id : d->version_id);
	if (a->size)
		headers_set(&req.headers, "Range", range);
	if (*d->object.etag)
		headers_set(&req.headers, "If-Match", d->object.etag);
	if (s3_send(&d->at, "GetObject", &req, &sink, &progress, &res, err) == 0)
		return 0;
	if (a->err.code != FP_OK && err) {
		*err = a->err;
		return s3_fail_at(err, d->at.bucket, d->at.key);
	}
	if (err && str_eq(err->aws_code, "PreconditionFailed"))
		return fp_fail(err, FP_ERR_PROTOCOL,
			       "s3://%s/%s changed while it was downloaded; run it again "
			       "for the new one",
			       d->at.bucket, d->at.key);
	return -1;
}

/* The checksum goes on from what an earlier run left. */
static int begin_checksum(struct arrival *a, struct fp_error *err)
{
	struct s3_body there = { .fd = a->d->file.fd,
				 .path = a->d->file.path,
				 .offset = a->offset,
				 .size = a->have };

	if (!a->d->combines || a->sum)
		return 0;
	a->sum = checksum_new(a->d->object.checksum_name);
	return s3_body_feed(&there, a->sum, err);
}

/* The piece is whole. */
static void end_checksum(struct arrival *a)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	if (!a->sum)
		return;
	checksum_final(a->sum, &text);
	a->checksum = buf_detach(&text);
	checksum_freep(&a->sum);
}

static int work(void *ctx, unsigned member FP_UNUSED, const struct crew_piece *piece,
		const struct http_progress *progress, struct fp_error *err)
{
	struct download *d = ctx;
	struct arrival *a = &d->v[piece->number];

	a->progress = progress;
	a->err = (struct fp_error){ 0 };
	if (begin_checksum(a, err) < 0)
		return -1;
	while (a->have < a->size) {
		struct fp_error why = { 0 };
		int64_t before = a->have;

		if (ask(a, &why) == 0 && a->have == a->size)
			break;
		/* As long as it gets on, there is no counting of attempts. */
		if (a->have > before && (why.code == FP_OK || retry_may_pass(&why)) &&
		    aws_pause(PAUSE_MS))
			continue;
		if (why.code == FP_OK)
			(void)fp_fail(&why, FP_ERR_NETWORK,
				      "s3://%s/%s: the answer ended too early",
				      d->at.bucket, d->at.key);
		if (err)
			*err = why;
		return -1;
	}
	end_checksum(a);
	if (a->noted < a->size)
		note(a);
	return 0;
}

static int take(void *ctx, unsigned member FP_UNUSED, struct crew_piece *piece,
		struct fp_error *err FP_UNUSED)
{
	struct download *d = ctx;

	if (d->next == d->n)
		return 0;
	piece->number = (int64_t)d->next;
	piece->size = d->v[d->next++].size;
	return 1;
}

static void lay_out(struct download *d)
{
	int64_t size = d->object.size;
	int64_t part = size <= s3_single_size(d->t) ? size
						    : s3_part_size(size, d->t->part_size);

	d->n = part ? (size_t)((size + part - 1) / part) : 0;
	d->v = xcalloc(d->n + 1, sizeof(*d->v));
	for (size_t i = 0; i < d->n; i++) {
		d->v[i].d = d;
		d->v[i].offset = (int64_t)i * part;
		d->v[i].size = FP_MIN(part, size - d->v[i].offset);
	}
}

/* One line. */
static char *identity_of(const struct download *d)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;
	char random[37];

	buf_printf(&b, "fpctl download of s3://%s/%s %s %s %lld %zu", d->at.bucket,
		   d->at.key, str_or(d->object.version_id, "-"), d->object.etag,
		   (long long)d->object.size, d->n);
	/* Without a tag nobody knows what a later run would go on with. */
	if (!*d->object.etag) {
		random_uuid(random);
		buf_puts(&b, random);
	}
	/* A key may hold what would end the line. */
	for (size_t i = 0; i < b.len; i++)
		b.data[i] = b.data[i] == '\n' ? ' ' : b.data[i];
	return buf_detach(&b);
}

static int open_file(struct download *d, const char *path, struct fp_error *err)
{
	FP_AUTO(freep) int64_t *have = xcalloc(d->n + 1, sizeof(*have));
	FP_AUTO(freep) char *identity = identity_of(d);
	bool same;

	if (s3_partial_open(&d->file, path, d->object.size, identity, &same, err) < 0)
		return -1;
	if (same)
		s3_partial_read(&d->file, have, d->n);
	for (size_t i = 0; i < d->n; i++) {
		d->v[i].have = d->v[i].noted = FP_MIN(have[i], d->v[i].size);
		d->reused += d->v[i].have;
	}
	return 0;
}

static int check_whole(struct download *d, struct s3_result *out, struct fp_error *err)
{
	FP_AUTO(checksum_freep) struct checksum *sum = NULL;
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	struct s3_body file = { .fd = d->file.fd,
				.path = d->file.path,
				.size = d->object.size };

	if (!d->combines)
		return s3_verify(&d->at, &d->object, &file, out, err);
	sum = checksum_new(d->object.checksum_name);
	for (size_t i = 0; i < d->n; i++)
		if (!checksum_append(sum, d->v[i].checksum, (uint64_t)d->v[i].size))
			return fp_fail(err, FP_ERR_INTERNAL, "no checksum of a piece");
	checksum_final(sum, &text);
	return s3_verify_text(&d->at, &d->object, buf_str(&text), out, err);
}

static bool may_go_on(const struct fp_error *err)
{
	return err->code == FP_ERR_INTERRUPTED || err->code == FP_ERR_CREDENTIALS ||
	       retry_may_pass(err);
}

static int give_up(struct download *d, struct fp_error *err)
{
	int64_t there = 0;

	for (size_t i = 0; i < d->n; i++)
		there += d->v[i].have;
	if (!there || !may_go_on(err)) {
		s3_partial_remove(&d->file);
		return -1;
	}
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].have > d->v[i].noted)
			note(&d->v[i]);
	return fp_hint(
		err,
		"%lld of %lld MiB are in '%s', and the same command goes on behind "
		"them: run it again",
		(long long)(there >> 20), (long long)(d->object.size >> 20),
		d->file.path);
}

static int receive(struct download *d, struct s3_result *out, struct fp_error *err)
{
	const struct crew crew = {
		.members = s3_parallel(d->t, (int64_t)d->n),
		.ctx = d,
		.take = take,
		.work = work,
		.progress = d->t->progress,
		.receiving = true,
	};

	if (crew_run(&crew, err) < 0 || check_whole(d, out, err) < 0 ||
	    s3_partial_finish(&d->file, err) < 0)
		return give_up(d, err);
	out->reused = d->reused;
	return 0;
}

int s3_download(struct aws_client *c, const char *bucket, const char *key,
		const char *version_id, const char *path, const struct s3_transfer *t,
		struct s3_result *out, struct fp_error *err)
{
	static const struct s3_transfer defaults = { 0 };
	FP_AUTO(download_release)
	struct download d = { .at = { c, bucket, key },
			      .version_id = version_id,
			      .t = t ? t : &defaults,
			      .file = S3_PARTIAL_INIT };
	struct s3_result unasked = { 0 };
	struct fp_error why = { 0 };

	out = out ? out : &unasked;
	*out = (struct s3_result){ 0 };
	pthread_mutex_init(&d.lock, NULL);
	if (s3_head_version(c, bucket, key, version_id, &d.object, err) < 0)
		return -1;
	if (d.object.size < 0)
		return fp_fail(err, FP_ERR_PROTOCOL,
			       "s3://%s/%s: the answer says no size; check the endpoint "
			       "and the proxy",
			       bucket, key);
	if (d.t->total)
		*d.t->total = d.object.size;
	d.combines = s3_verify_combines(&d.object);
	lay_out(&d);
	if (open_file(&d, path, &why) == 0 && receive(&d, out, &why) == 0) {
		s3_verify_result(out, &d.object);
		return 0;
	}
	if (err)
		*err = why;
	return -1;
}
