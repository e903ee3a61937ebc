/*
 * What lies between libcurl and the caller's sink or source: a bounded buffer each
 * way, so that callbacks run on the caller's thread, and a slow one stops its own
 * exchange only. For lib/http only.
 */
#ifndef FP_HTTP_STREAM_H
#define FP_HTTP_STREAM_H

#include "base/buf.h"

struct transfer;

/* Under the pool's lock, but `spare`, which is the caller's thread's. */
struct stream {
	struct buf down;     /* received, for the sink */
	struct buf up, next; /* from the source: being sent; to be sent then */
	size_t up_at;	     /* so much of `up` was sent */
	struct buf spare;    /* being read or written by a callback */
	int64_t given;	     /* bytes that the source has given */
	bool next_ready, ended, rewind, paused;
};

/* libcurl's side, on the driving thread: its results for the two callbacks. */
size_t stream_put(struct transfer *t, const char *data, size_t n);
size_t stream_take(struct transfer *t, char *out, size_t n);
/* libcurl begins the body anew. */
void stream_rewind(struct transfer *t);

/*
 * The caller's side, under the pool's lock, which it leaves while a callback runs:
 * whether there is something to do, and the doing of one thing.
 */
bool stream_has_work(const struct transfer *t);
void stream_work(struct transfer *t);

void stream_release(struct stream *s);

#endif
