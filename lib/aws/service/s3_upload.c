/*
 * Uploads of files: one request, or parts in parallel.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <unistd.h>

#include "aws/crew.h"
#include "aws/service/s3_multipart.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/str.h"
#include "http/retry.h"

struct upload {
	const struct s3_put_options *o;
	struct s3_body file;
	struct stat as; /* the file when it was opened */
	int64_t part_size;
	struct s3_multipart parts;
	size_t next;	      /* the crew's */
	pthread_mutex_t lock; /* guards the journal and `reused` */
	struct s3_journal journal;
	bool resumed;
	int64_t reused;
};

static void upload_release(struct upload *u)
{
	s3_multipart_release(&u->parts);
	s3_journal_release(&u->journal);
	pthread_mutex_destroy(&u->lock);
}

void s3_put_headers(struct http_request *req, const struct s3_put_options *o)
{
	headers_set(&req->headers, "Content-Type",
		    str_or(o->content_type, "application/octet-stream"));
}

int s3_put_body(const struct s3_target *t, const struct s3_body *body,
		const struct s3_put_options *o, struct s3_result *out,
		struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(headers_release) struct http_headers headers = { 0 };
	FP_AUTO(freep) char *checksum = NULL;
	const char *algorithm = str_or(o->checksum, S3_CHECKSUM);

	s3_request(&req, "PUT", t->key, NULL);
	s3_put_headers(&req, o);
	if (o->if_none_match)
		headers_set(&req.headers, "If-None-Match", "*");
	if (s3_send_body(t, "PutObject", &req, body, algorithm, &checksum,
			 o->transfer.progress, &headers, err) < 0)
		return -1;
	/* A proxy's welcome page is a 200, too. */
	if (!headers_get(&headers, "ETag")) {
		(void)fp_fail(err, FP_ERR_PROTOCOL,
			      "the answer has no ETag, so it is not S3's; check the "
			      "endpoint and the proxy");
		return s3_fail_at(err, t->bucket, t->key);
	}
	s3_read_result(out, &headers);
	out->size = body->size;
	(void)snprintf(out->checksum_name, sizeof(out->checksum_name), "%s", algorithm);
	(void)snprintf(out->checksum, sizeof(out->checksum), "%s", checksum);
	return 0;
}

/* What makes an upload the same one, beside where what goes (the journal's name): one
 * line. */
static char *identity_of(const struct upload *u)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;

	buf_printf(&b, "%llu %lld %lld.%09ld %lld %s ", (unsigned long long)u->as.st_ino,
		   (long long)u->as.st_size, (long long)u->as.st_mtim.tv_sec,
		   u->as.st_mtim.tv_nsec, (long long)u->part_size, u->parts.algorithm);
	json_quote(&b, str_or(u->o->content_type, ""),
		   strlen(str_or(u->o->content_type, "")));
	return buf_detach(&b);
}

/* Of where the file goes: two files on their way to one key are two uploads. */
static void open_journal(struct upload *u, const char *folder)
{
	FP_AUTO(freep)
	char *url = s3_url(u->parts.at.c, u->parts.at.bucket, u->parts.at.key);
	FP_AUTO(freep) char *path = realpath(u->file.path, NULL);
	FP_AUTO(freep) char *name = NULL;
	char digest[SHA256_HEX_LEN];

	if (!path)
		return;
	name = xasprintf("%s\n%s", url, path);
	sha256_hex(digest, name, strlen(name));
	digest[32] = '\0';
	s3_journal_open(&u->journal, folder, digest);
}

static int begin(struct upload *u, struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(freep) char *identity = identity_of(u);

	s3_request(&req, "POST", u->parts.at.key, NULL);
	s3_put_headers(&req, u->o);
	if (s3_multipart_begin(&u->parts, &req, err) < 0)
		return -1;
	s3_journal_begin(&u->journal, identity, u->parts.id);
	return 0;
}

/* Go on with what an earlier run began, when it was this file as it is now. */
static void resume(struct upload *u)
{
	FP_AUTO(freep) char *identity = identity_of(u);

	u->parts.id = s3_journal_read(&u->journal, identity, &u->resumed, u->parts.parts,
				      u->parts.n);
	if (u->parts.id && !u->resumed)
		s3_multipart_abort(&u->parts);
}

static int take(void *ctx, unsigned member FP_UNUSED, struct crew_piece *piece,
		struct fp_error *err FP_UNUSED)
{
	struct upload *u = ctx;

	if (u->next == u->parts.n)
		return 0;
	piece->number = (int64_t)u->next;
	piece->size = u->parts.sizes[u->next++];
	return 1;
}

static struct s3_body part_of(const struct upload *u, size_t i)
{
	struct s3_body b = u->file;

	b.offset = (int64_t)i * u->part_size;
	b.size = u->parts.sizes[i];
	return b;
}

/* Whether an earlier run sent the bytes that are there now. */
static int was_sent(struct upload *u, size_t i, struct fp_error *err)
{
	struct s3_part *part = &u->parts.parts[i];
	struct s3_body body = part_of(u, i);
	FP_AUTO(freep) char *checksum = NULL;

	if (!part->etag)
		return 0;
	if (s3_body_checksum(&checksum, &body, u->parts.algorithm, err) < 0)
		return -1;
	if (!str_eq(checksum, part->checksum)) {
		s3_part_release(part);
		return 0;
	}
	pthread_mutex_lock(&u->lock);
	u->reused += body.size;
	pthread_mutex_unlock(&u->lock);
	return 1;
}

static int work(void *ctx, unsigned member FP_UNUSED, const struct crew_piece *piece,
		const struct http_progress *progress, struct fp_error *err)
{
	struct upload *u = ctx;
	size_t i = (size_t)piece->number;
	struct s3_body body = part_of(u, i);
	int rc = was_sent(u, i, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (s3_multipart_send(&u->parts, i, &body, progress, err) < 0)
		return -1;
	pthread_mutex_lock(&u->lock);
	s3_journal_add(&u->journal, i, &u->parts.parts[i]);
	pthread_mutex_unlock(&u->lock);
	return 0;
}

static int send_all(struct upload *u, struct s3_result *out, struct fp_error *err)
{
	const struct crew crew = {
		.members = s3_parallel(&u->o->transfer, (int64_t)u->parts.n),
		.ctx = u,
		.take = take,
		.work = work,
		.progress = u->o->transfer.progress,
	};

	u->next = 0;
	u->reused = 0;
	if ((!u->parts.id && begin(u, err) < 0) || crew_run(&crew, err) < 0 ||
	    s3_body_same(&u->file, err) < 0 ||
	    s3_multipart_complete(&u->parts, out, err) < 0)
		return -1;
	out->reused = u->reused;
	return 0;
}

/*
 * S3 forgot the upload, by a lifecycle rule perhaps, or does not have what the journal
 * says: begin a new one. So S3 wants it, too, when a completion met another write to the
 * key: it then is forgotten when the completion is tried again.
 */
static int send_again(struct upload *u, struct s3_result *out, struct fp_error *err)
{
	s3_multipart_abort(&u->parts);
	for (size_t i = 0; i < u->parts.n; i++)
		s3_part_release(&u->parts.parts[i]);
	*err = (struct fp_error){ 0 };
	return send_all(u, out, err);
}

static int64_t bytes_sent(const struct upload *u)
{
	int64_t sum = 0;

	for (size_t i = 0; i < u->parts.n; i++)
		sum += u->parts.parts[i].etag ? u->parts.sizes[i] : 0;
	return sum;
}

static bool may_go_on(const struct fp_error *err)
{
	return err->code == FP_ERR_INTERRUPTED || err->code == FP_ERR_CREDENTIALS ||
	       retry_may_pass(err);
}

/* Leave the upload to the next run, or leave nothing. */
static int give_up(struct upload *u, struct fp_error *err)
{
	int64_t sent = bytes_sent(u);

	if (u->journal.fd < 0 || !u->parts.id || !may_go_on(err)) {
		s3_multipart_abort(&u->parts);
		s3_journal_remove(&u->journal);
		return -1;
	}
	return fp_hint(err,
		       "%lld of %lld MiB are there, and the same command goes on behind "
		       "them: run it again",
		       (long long)(sent >> 20), (long long)(u->as.st_size >> 20));
}

static int upload_parts(struct upload *u, struct s3_result *out, struct fp_error *err)
{
	struct fp_error why = { 0 };
	int rc;

	u->part_size = s3_part_size(u->as.st_size, u->o->transfer.part_size);
	s3_multipart_grow(&u->parts,
			  (size_t)((u->as.st_size + u->part_size - 1) / u->part_size));
	for (size_t i = 0; i < u->parts.n; i++)
		u->parts.sizes[i] = FP_MIN(u->part_size,
					   u->as.st_size - (int64_t)i * u->part_size);
	if (u->o->transfer.state)
		open_journal(u, u->o->transfer.state);
	resume(u);
	rc = send_all(u, out, &why);
	if (rc < 0 && (str_eq(why.aws_code, "NoSuchUpload") ||
		       (u->resumed && str_eq(why.aws_code, "InvalidPart"))))
		rc = send_again(u, out, &why);
	if (rc == 0) {
		s3_journal_remove(&u->journal);
		return 0;
	}
	(void)give_up(u, &why);
	if (err)
		*err = why;
	return -1;
}

static int open_file(struct upload *u, int *fd, struct fp_error *err)
{
	const char *path = u->file.path;

	*fd = fs_open(path, O_RDONLY, 0, err);
	if (*fd < 0)
		return -1;
	if (fstat(*fd, &u->as) < 0)
		return fp_fail_errno(err, "cannot upload '%s'", path);
	if (u->as.st_size > S3_MAX_OBJECT)
		return fp_fail(err, FP_ERR_LIMIT,
			       "'%s' is larger than 48.8 TiB, S3's largest object", path);
	u->file.fd = *fd;
	u->file.size = u->as.st_size;
	u->file.as = &u->as;
	return 0;
}

static int upload_file(const struct s3_target *t, const char *path,
		       const struct s3_put_options *o, struct s3_result *out,
		       struct fp_error *err)
{
	FP_AUTO(closep) int fd = -1;
	FP_AUTO(upload_release)
	struct upload u = { .o = o,
			    .file = { .path = path },
			    .parts = { .at = *t,
				       .algorithm = str_or(o->checksum, S3_CHECKSUM),
				       .if_none_match = o->if_none_match },
			    .journal = S3_JOURNAL_INIT };

	pthread_mutex_init(&u.lock, NULL);
	if (open_file(&u, &fd, err) < 0)
		return -1;
	/* Files of the system have no size before they are read: as of a pipe. */
	if (u.as.st_size == 0)
		return s3_upload_stream(t->c, t->bucket, t->key, fd, o, out, err);
	if (u.as.st_size <= s3_single_size(&o->transfer))
		return s3_put_body(t, &u.file, o, out, err);
	return upload_parts(&u, out, err);
}

int s3_upload(struct aws_client *c, const char *bucket, const char *key, const char *path,
	      const struct s3_put_options *o, struct s3_result *out, struct fp_error *err)
{
	static const struct s3_put_options defaults = { 0 };
	const struct s3_target t = { c, bucket, key };
	struct s3_result unasked = { 0 };
	struct stat st;

	out = out ? out : &unasked;
	*out = (struct s3_result){ 0 };
	o = o ? o : &defaults;
	/* Opening a FIFO would wait for its writer. */
	if (stat(path, &st) < 0)
		return fp_fail_errno(err, "cannot upload '%s'", path);
	if (S_ISDIR(st.st_mode))
		return fp_fail(err, FP_ERR_INPUT,
			       "cannot upload '%s': it is a folder; name a file", path);
	if (S_ISFIFO(st.st_mode)) {
		FP_AUTO(closep) int fd = fs_open(path, O_RDONLY | O_NONBLOCK, 0, err);

		return fd < 0 ? -1 : s3_upload_stream(c, bucket, key, fd, o, out, err);
	}
	if (!S_ISREG(st.st_mode))
		return fp_fail(err, FP_ERR_INPUT,
			       "cannot upload '%s': it is no plain file", path);
	return upload_file(&t, path, o, out, err);
}

int s3_put(struct aws_client *c, const char *bucket, const char *key, const void *data,
	   size_t n, const char *content_type, struct fp_error *err)
{
	const struct s3_put_options o = { .content_type = content_type };
	const struct s3_target t = { c, bucket, key };
	const struct s3_body body = { .data = data ? data : "",
				      .size = (int64_t)n,
				      .fd = -1 };
	struct s3_result unasked = { 0 };

	return s3_put_body(&t, &body, &o, &unasked, err);
}
