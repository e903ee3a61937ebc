/*
 * Uploads of what comes from a pipe: nobody knows its size, and it cannot be read twice.
 * So each request has its part in memory until S3 has it.
 */
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "aws/crew.h"
#include "aws/service/s3_multipart.h"
#include "base/fault.h"
#include "base/str.h"

#define GROW_EVERY 1000 /* parts of a size before they double */
#define GROW_TIMES 3
#define WAIT_MS	   200
#define MAX_MEMORY ((size_t)256 << 20) /* of all parts under way */

/* A part while it is read and sent. */
struct load {
	char *data; /* owned */
	size_t len, cap;
};

struct stream {
	const struct s3_put_options *o;
	int fd;
	bool at_end;
	struct s3_multipart parts;
	size_t next;
	struct load first; /* what was read before it was known that more follows */
	struct load *loads;
	unsigned nloads;
	atomic_bool stopping;
};

static void stream_release(struct stream *s)
{
	for (unsigned i = 0; i < s->nloads; i++)
		free(s->loads[i].data);
	free(s->loads);
	free(s->first.data);
	s3_multipart_release(&s->parts);
}

static size_t part_size(const struct stream *s, size_t number)
{
	if (s->o->transfer.part_size)
		return (size_t)s->o->transfer.part_size;
	return (size_t)S3_PART_SIZE << FP_MIN(number / GROW_EVERY, (size_t)GROW_TIMES);
}

/* A pipe may be silent for long: Ctrl-C and the end of the others are looked for. */
static int wait_for_data(struct stream *s, struct fp_error *err)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN };

	for (;;) {
		int rc = poll(&p, 1, WAIT_MS);

		if (http_interrupted() || atomic_load(&s->stopping))
			return fp_fail(err, FP_ERR_INTERRUPTED,
				       "stopped while the input was read, so nothing was "
				       "stored");
		if (rc > 0)
			return 0;
		if (rc < 0 && errno != EINTR)
			return fp_fail_errno(err, "cannot read the input");
	}
}

/* Fill it, or read to the end of the input. */
static int load(struct stream *s, struct load *l, size_t size, struct fp_error *err)
{
	if (l->cap < size) {
		free(l->data);
		l->data = xmalloc(size);
		l->cap = size;
	}
	l->len = 0;
	while (l->len < size && !s->at_end) {
		ssize_t n;

		if (wait_for_data(s, err) < 0)
			return -1;
		n = fault_point("read") ? -1
					: read(s->fd, l->data + l->len, size - l->len);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return fp_fail_errno(err, "cannot read the input");
		s->at_end = n == 0;
		l->len += (size_t)n;
	}
	return 0;
}

static int take(void *ctx, unsigned member, struct crew_piece *piece,
		struct fp_error *err)
{
	struct stream *s = ctx;
	struct load *l = &s->loads[member];

	/* Fewer at a time as the parts grow. */
	if (member > 0 && (member + 1) * part_size(s, s->next) > MAX_MEMORY) {
		freep(&l->data);
		return 0;
	}
	if (s->first.data) {
		free(l->data);
		*l = s->first;
		s->first = (struct load){ NULL, 0, 0 };
	} else if (s->at_end) {
		return 0;
	} else if (load(s, l, part_size(s, s->next), err) < 0) {
		return -1;
	}
	if (!l->len)
		return 0;
	if (s->next == S3_MAX_PARTS)
		return fp_fail(
			err, FP_ERR_LIMIT,
			"the input is longer than %d parts; write it to a file and "
			"upload that",
			S3_MAX_PARTS);
	piece->number = (int64_t)s->next++;
	piece->size = (int64_t)l->len;
	return 1;
}

static int work(void *ctx, unsigned member, const struct crew_piece *piece,
		const struct http_progress *progress, struct fp_error *err)
{
	struct stream *s = ctx;
	const struct load *l = &s->loads[member];
	const struct s3_body body = { .data = l->data,
				      .size = (int64_t)l->len,
				      .fd = -1 };

	return s3_multipart_send(&s->parts, (size_t)piece->number, &body, progress, err);
}

static int begin(struct stream *s, struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;

	s3_request(&req, "POST", s->parts.at.key, NULL);
	s3_put_headers(&req, s->o);
	/* Now, for nobody may move them while several threads fill them in. */
	s3_multipart_grow(&s->parts, S3_MAX_PARTS);
	return s3_multipart_begin(&s->parts, &req, err);
}

static int send_parts(struct stream *s, struct s3_result *out, struct fp_error *err)
{
	const struct crew crew = {
		.members = s3_parallel(&s->o->transfer, S3_MAX_PARTS),
		.ctx = s,
		.take = take,
		.work = work,
		.progress = s->o->transfer.progress,
		.stopping = &s->stopping,
	};

	s->nloads = crew.members;
	s->loads = xcalloc(s->nloads, sizeof(*s->loads));
	if (begin(s, err) < 0)
		return -1;
	if (crew_run(&crew, err) == 0) {
		s->parts.n = s->next;
		if (s3_multipart_complete(&s->parts, out, err) == 0)
			return 0;
	}
	s3_multipart_abort(&s->parts);
	return -1;
}

int s3_upload_stream(struct aws_client *c, const char *bucket, const char *key, int fd,
		     const struct s3_put_options *o, struct s3_result *out,
		     struct fp_error *err)
{
	static const struct s3_put_options defaults = { 0 };
	const struct s3_target t = { c, bucket, key };
	FP_AUTO(stream_release)
	struct stream s = { .o = o ? o : &defaults, .fd = fd };
	struct s3_result unasked = { 0 };
	size_t first = (size_t)s3_single_size(&s.o->transfer);
	struct s3_body body = { .fd = -1 };

	out = out ? out : &unasked;
	*out = (struct s3_result){ 0 };
	s.parts.at = t;
	s.parts.algorithm = str_or(s.o->checksum, S3_CHECKSUM);
	s.parts.if_none_match = s.o->if_none_match;
	if (load(&s, &s.first, first, err) < 0)
		return s3_fail_at(err, bucket, key);
	if (!s.at_end)
		return send_parts(&s, out, err);
	body.data = s.first.data;
	body.size = (int64_t)s.first.len;
	return s3_put_body(&t, &body, s.o, out, err);
}
