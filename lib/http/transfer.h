/*
 * One exchange on a libcurl handle. For lib/http only.
 *
 * Until it is done it belongs to the thread that drives its pool (pool.h), which is the
 * caller's own when it has callbacks (client.h) to run.
 */
#ifndef FP_HTTP_TRANSFER_H
#define FP_HTTP_TRANSFER_H

#include <curl/curl.h>
#include <pthread.h>

#include "http/client.h"

/* Why it was stopped by us; what libcurl says does not matter then. */
enum stop {
	STOP_NOT,
	STOP_INTERRUPTED,  /* Ctrl-C */
	STOP_BY_SINK,	   /* the callback returned false */
	STOP_BY_PROGRESS,  /* as well */
	STOP_BY_SOURCE,	   /* the source failed: err is filled */
	STOP_SOURCE_SHORT, /* it gave less than it had promised */
	STOP_FILE,	   /* the file cannot be read: stop_errno */
	STOP_FILE_SHORT,
	STOP_MANY_HEADERS,
	STOP_LARGE_HEADERS,
	STOP_LARGE_ANSWER,
	STOP_IDLE,
	STOP_TOTAL,
};

struct transfer {
	const struct http_options *options; /* all defaults filled in */
	const struct http_request *req;
	const struct http_sink *sink;
	const struct http_progress *progress;
	struct http_response *res;
	struct fp_error *err; /* a source's failure is written at once */
	bool goes_on;	      /* in spite of Ctrl-C */
	CURL *easy;

	/* Filled by transfer_prepare. */
	struct curl_slist *headers;
	char *proxy; /* with its credentials; NULL: none */
	size_t answer_max;
	int64_t start_ms, total_ms, idle_ms;

	/* The driving thread's. */
	struct http_headers trailers;
	struct buf pending; /* for the sink, which likes large pieces */
	int64_t given;	    /* bytes of the file or the source */
	int64_t sent, received, moved, last_moved_ms;
	size_t header_bytes;
	int status; /* of the final answer, once its headers are complete */
	enum stop stop;
	int stop_errno;
	char reason[CURL_ERROR_SIZE];

	/* Under the pool's lock. */
	struct transfer *next;
	pthread_cond_t turn; /* done, or to drive */
	bool waiting, done;
	CURLcode code;
};

/* Whether it may run on one pool with others': it has no callbacks that would hold them
 * up, and they may share a connection. */
bool transfer_may_share(const struct http_request *req, const struct http_sink *sink,
			const struct http_progress *progress);

/* Set all up on `easy`, which is new or reset; -1 when the request cannot be sent. */
FP_MUST_CHECK int transfer_prepare(struct transfer *t);
/* Have libcurl call this exchange's callbacks. */
void transfer_hook(struct transfer *t);
/* The driving thread: give the sink what has come; may set t->stop. */
void transfer_hand_on(struct transfer *t);
/* The same: look at the clock and the signals, report; sets t->stop. */
void transfer_watch(struct transfer *t, int64_t now);
/*
 * The caller's thread, when libcurl is through: whether a kept connection proved dead
 * while a body was written to it, which libcurl does not mend by itself as it does
 * otherwise. All is then set up for a new connection.
 */
bool transfer_begin_again(struct transfer *t);
/* The same thread, then: the answer, or -1 and why not. */
FP_MUST_CHECK int transfer_finish(struct transfer *t);
void transfer_release(struct transfer *t);

#endif
