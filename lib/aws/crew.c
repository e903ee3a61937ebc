#include "aws/crew.h"

#include <pthread.h>

#include "aws/client.h"
#include "base/clock.h"
#include "http/retry.h"

#define ROUNDS	       4 /* of a piece; each has all the attempts of a call */
#define FIRST_PAUSE_MS 100
#define REPORT_MS      100

struct work;
struct member {
	struct work *work;
	unsigned number;
	pthread_t thread;
	int64_t moved, size; /* of the piece that it is at */
};

struct work {
	const struct crew *crew;
	pthread_mutex_t taking; /* separate: whoever takes may wait for a pipe */
	pthread_mutex_t lock;	/* guards what follows, and the members' counts */
	struct member *v;
	unsigned n;
	int64_t done, reported_ms;
	bool stopping;
	struct fp_error err;
};

/* With the lock held. */
static void stop_all(struct work *w)
{
	w->stopping = true;
	if (w->crew->stopping)
		atomic_store(w->crew->stopping, true);
}

/* With the lock held. */
static bool report_all(struct work *w)
{
	const struct http_progress *to = w->crew->progress;
	int64_t sum = w->done;

	for (unsigned i = 0; i < w->n; i++)
		sum += w->v[i].moved;
	return !to || to->report(to->ctx, w->crew->receiving ? 0 : sum,
				 w->crew->receiving ? sum : 0);
}

static bool on_progress(void *ctx, int64_t sent, int64_t received)
{
	struct member *m = ctx;
	struct work *w = m->work;
	int64_t now = clock_monotonic_ms();
	bool go_on;

	pthread_mutex_lock(&w->lock);
	/* Framing and headers are no progress. */
	m->moved = FP_MIN(w->crew->receiving ? received : sent, m->size);
	if (now - w->reported_ms >= REPORT_MS) {
		w->reported_ms = now;
		if (!report_all(w))
			stop_all(w);
	}
	go_on = !w->stopping;
	pthread_mutex_unlock(&w->lock);
	return go_on;
}

static void settle(struct member *m, int rc, const struct fp_error *why)
{
	struct work *w = m->work;

	pthread_mutex_lock(&w->lock);
	m->moved = 0;
	if (rc > 0) {
		w->done += m->size;
	} else if (rc < 0) {
		/* The first one is the cause; the others were stopped by it. */
		if (w->err.code == FP_OK)
			w->err = *why;
		stop_all(w);
	}
	pthread_mutex_unlock(&w->lock);
}

static bool is_stopping(struct work *w)
{
	bool stopping;

	pthread_mutex_lock(&w->lock);
	stopping = w->stopping;
	pthread_mutex_unlock(&w->lock);
	return stopping;
}

static int take(struct member *m, struct crew_piece *piece, struct fp_error *err)
{
	struct work *w = m->work;
	int rc = 0;

	pthread_mutex_lock(&w->taking);
	if (!is_stopping(w))
		rc = w->crew->take(w->crew->ctx, m->number, piece, err);
	pthread_mutex_unlock(&w->taking);
	return rc;
}

static int do_piece(struct member *m, const struct crew_piece *piece,
		    struct fp_error *err)
{
	const struct crew *crew = m->work->crew;
	struct http_progress progress = { on_progress, m };
	int64_t pause_ms = FIRST_PAUSE_MS;
	int rc = crew->work(crew->ctx, m->number, piece, &progress, err);

	for (int round = 1; rc < 0 && round < ROUNDS; round++, pause_ms *= 2) {
		if (crew->once || !retry_may_pass(err) || is_stopping(m->work) ||
		    !aws_pause(pause_ms))
			return -1;
		*err = (struct fp_error){ 0 };
		rc = crew->work(crew->ctx, m->number, piece, &progress, err);
	}
	return rc;
}

static void *run_member(void *arg)
{
	struct member *m = arg;
	struct crew_piece piece = { 0, 0 };
	struct fp_error err = { 0 };
	int rc;

	while ((rc = take(m, &piece, &err)) > 0) {
		m->size = piece.size;
		if (do_piece(m, &piece, &err) < 0) {
			rc = -1;
			break;
		}
		settle(m, 1, NULL);
	}
	if (rc < 0)
		settle(m, -1, &err);
	return NULL;
}

static void start_all(struct work *w)
{
	unsigned started = 1;

	while (started < w->n && pthread_create(&w->v[started].thread, NULL, run_member,
						&w->v[started]) == 0)
		started++;
	/* With fewer threads than asked for it only takes longer. */
	(void)run_member(&w->v[0]);
	for (unsigned i = 1; i < started; i++)
		(void)pthread_join(w->v[i].thread, NULL);
}

int crew_run(const struct crew *crew, struct fp_error *err)
{
	struct work w = { .crew = crew, .done = crew->done, .n = crew->members };
	FP_AUTO(freep) struct member *members = NULL;

	w.n = FP_MAX(w.n, 1U);
	w.v = members = xcalloc(w.n, sizeof(*members));
	for (unsigned i = 0; i < w.n; i++)
		members[i] = (struct member){ .work = &w, .number = i };
	pthread_mutex_init(&w.taking, NULL);
	pthread_mutex_init(&w.lock, NULL);
	start_all(&w);
	if (w.err.code == FP_OK && !report_all(&w))
		(void)fp_fail(&w.err, FP_ERR_INTERRUPTED, "stopped");
	pthread_mutex_destroy(&w.taking);
	pthread_mutex_destroy(&w.lock);
	if (w.err.code == FP_OK)
		return 0;
	if (err)
		*err = w.err;
	return -1;
}
