#include "http/pool.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "http/transfer.h"

#define TICK_MS		 100
#define KEPT_CONNECTIONS 64L

/*
 * Ctrl-C writes into this pipe once, and nobody reads: every poll of the process
 * ends at once, from then on.
 */
static int interrupt_pipe[2] = { -1, -1 };
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_pipe(void)
{
	if (pipe(interrupt_pipe) < 0)
		fp_die("cannot make a pipe");
	for (int i = 0; i < 2; i++) {
		(void)fcntl(interrupt_pipe[i], F_SETFD, FD_CLOEXEC);
		(void)fcntl(interrupt_pipe[i], F_SETFL, O_NONBLOCK);
	}
}

void pool_interrupt_all(void)
{
	if (interrupt_pipe[1] >= 0 && write(interrupt_pipe[1], "", 1) < 0)
		return; /* full: they know */
}

void pool_init(struct pool *p)
{
	(void)pthread_once(&once, make_pipe);
	*p = (struct pool){ .multi = curl_multi_init() };
	if (!p->multi)
		fp_die("out of memory");
	curl_multi_setopt(p->multi, CURLMOPT_MAXCONNECTS, KEPT_CONNECTIONS);
	curl_multi_setopt(p->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
	(void)pthread_mutex_init(&p->lock, NULL);
}

void pool_release(struct pool *p)
{
	curl_multi_cleanup(p->multi);
	(void)pthread_mutex_destroy(&p->lock);
}

void pool_tell(struct pool *p)
{
	p->news = true;
	if (p->led)
		curl_multi_wakeup(p->multi);
}

void pool_wake(struct transfer *t)
{
	if (t->waiting)
		(void)pthread_cond_signal(&t->turn);
}

void pool_pass_on(struct pool *p)
{
	struct transfer *const lists[] = { p->active, p->queued };

	if (p->led)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		for (struct transfer *t = lists[i]; t; t = t->next)
			if (t->waiting) {
				pool_wake(t);
				return;
			}
}

static void end(struct pool *p, struct transfer *t, CURLcode code)
{
	struct transfer **at = &p->active;

	curl_multi_remove_handle(p->multi, t->easy);
	pthread_mutex_lock(&p->lock);
	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	t->code = code;
	t->done = true;
	pool_wake(t);
	pthread_mutex_unlock(&p->lock);
}

/* The flags are taken under the lock; libcurl, which may call back, runs without. */
static void hear_news(struct pool *p)
{
	struct transfer *fresh, *next;

	fresh = p->queued;
	p->queued = NULL;
	p->news = false;
	for (struct transfer *t = fresh; t; t = next) {
		next = t->next;
		t->next = p->active;
		t->fresh = true;
		p->active = t;
	}
	for (struct transfer *t = p->active; t; t = t->next) {
		t->to_resume = t->resume;
		t->to_cancel = t->cancelled;
		t->resume = false;
	}
	pthread_mutex_unlock(&p->lock);
	for (struct transfer *t = p->active; t; t = next) {
		next = t->next;
		if (t->fresh && curl_multi_add_handle(p->multi, t->easy) != CURLM_OK)
			fp_die("libcurl does not take a new transfer");
		t->fresh = false;
		if (t->to_cancel)
			end(p, t, CURLE_ABORTED_BY_CALLBACK);
		else if (t->to_resume)
			(void)curl_easy_pause(t->easy, CURLPAUSE_CONT);
	}
	pthread_mutex_lock(&p->lock);
}

static void reap(struct pool *p)
{
	CURLMsg *m;
	int rest;

	while ((m = curl_multi_info_read(p->multi, &rest))) {
		struct transfer *t = NULL;
		CURLcode code = m->data.result;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t);
		end(p, t, code);
	}
}

static void watch(struct pool *p)
{
	int64_t now = clock_monotonic_ms();
	struct transfer *next;

	if (now - p->watched_ms < TICK_MS && !http_interrupted())
		return;
	p->watched_ms = now;
	for (struct transfer *t = p->active; t; t = next) {
		next = t->next;
		transfer_watch(t, now);
		if (t->stop != STOP_NOT)
			end(p, t, CURLE_ABORTED_BY_CALLBACK);
	}
}

/* Drive all once, and wait when there is nothing to do for `t` itself. */
static void drive(struct pool *p, const struct transfer *t)
{
	struct curl_waitfd extra = { .fd = interrupt_pipe[0],
				     .events = CURL_WAIT_POLLIN };
	int running;

	p->led = true;
	if (p->news)
		hear_news(p);
	pthread_mutex_unlock(&p->lock);
	if (curl_multi_perform(p->multi, &running) != CURLM_OK)
		fp_die("libcurl cannot go on");
	reap(p);
	watch(p);
	/* Both are this thread's own doing: no lock is needed to see them. */
	if (!t->done && !stream_has_work(t))
		curl_multi_poll(p->multi, &extra, 1, TICK_MS, NULL);
	pthread_mutex_lock(&p->lock);
	p->led = false;
}

/*
 * OpenSSL's writing on a closed connection raises SIGPIPE; its result says it, too.
 * libcurl's own writing does not, so that plain HTTP needs none of this.
 */
struct sigpipe {
	bool blocked, was_pending;
	sigset_t before;
};

static void block_sigpipe(struct sigpipe *s)
{
	sigset_t pipe_only, pending;

	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	(void)pthread_sigmask(SIG_BLOCK, &pipe_only, &s->before);
	s->was_pending = sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE);
	s->blocked = true;
}

static void restore_sigpipe(const struct sigpipe *s)
{
	sigset_t pipe_only, pending;
	int sig;

	if (!s->blocked)
		return;
	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	if (!s->was_pending && sigpending(&pending) == 0 &&
	    sigismember(&pending, SIGPIPE))
		(void)sigwait(&pipe_only, &sig);
	(void)pthread_sigmask(SIG_SETMASK, &s->before, NULL);
}

static void add(struct pool *p, struct transfer *t)
{
	(void)pthread_cond_init(&t->turn, NULL);
	t->next = p->queued;
	p->queued = t;
	p->tls = p->tls || t->proxy || !str_eq(t->req->scheme, "http");
	pool_tell(p);
}

void pool_run(struct pool *p, struct transfer *t)
{
	struct sigpipe s = { 0 };

	pthread_mutex_lock(&p->lock);
	add(p, t);
	while (stream_has_work(t) || !t->done) {
		if (p->tls && !s.blocked)
			block_sigpipe(&s);
		if (stream_has_work(t)) {
			pool_pass_on(p);
			stream_work(t);
		} else if (p->led) {
			t->waiting = true;
			(void)pthread_cond_wait(&t->turn, &p->lock);
			t->waiting = false;
		} else {
			drive(p, t);
		}
	}
	pool_pass_on(p);
	pthread_mutex_unlock(&p->lock);
	restore_sigpipe(&s);
	(void)pthread_cond_destroy(&t->turn);
}
