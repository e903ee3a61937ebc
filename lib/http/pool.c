#include "http/pool.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
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
static atomic_bool interrupted;
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
	atomic_store(&interrupted, true);
	if (interrupt_pipe[1] >= 0 && write(interrupt_pipe[1], "", 1) < 0)
		return; /* full: they know */
}

bool pool_interrupted(void)
{
	return atomic_load(&interrupted);
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

/* Under the lock. */
static void wake(struct transfer *t)
{
	if (t->waiting)
		(void)pthread_cond_signal(&t->turn);
}

/* Under the lock: this thread goes, let another one drive. */
static void pass_on(struct pool *p)
{
	struct transfer *const lists[] = { p->active, p->queued };

	if (p->led)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		for (struct transfer *t = lists[i]; t; t = t->next)
			if (t->waiting) {
				wake(t);
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
	wake(t);
	pthread_mutex_unlock(&p->lock);
}

/* Under the lock, but for libcurl, which may call back. */
static void take_up(struct pool *p)
{
	struct transfer *fresh = p->queued, *next;

	p->queued = NULL;
	pthread_mutex_unlock(&p->lock);
	for (struct transfer *t = fresh; t; t = t->next)
		if (curl_multi_add_handle(p->multi, t->easy) != CURLM_OK)
			fp_die("libcurl does not take a new transfer");
	pthread_mutex_lock(&p->lock);
	for (struct transfer *t = fresh; t; t = next) {
		next = t->next;
		t->next = p->active;
		p->active = t;
	}
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
	bool due = now - p->watched_ms >= TICK_MS || pool_interrupted();
	struct transfer *next;

	if (due)
		p->watched_ms = now;
	for (struct transfer *t = p->active; t; t = next) {
		next = t->next;
		transfer_hand_on(t);
		if (due)
			transfer_watch(t, now);
		if (t->stop != STOP_NOT)
			end(p, t, CURLE_ABORTED_BY_CALLBACK);
	}
}

/* Drive all once, and wait unless `t` is done. */
static void drive(struct pool *p, const struct transfer *t)
{
	struct curl_waitfd extra = { .fd = interrupt_pipe[0],
				     .events = CURL_WAIT_POLLIN };
	int running;

	p->led = true;
	if (p->queued)
		take_up(p);
	pthread_mutex_unlock(&p->lock);
	if (curl_multi_perform(p->multi, &running) != CURLM_OK)
		fp_die("libcurl cannot go on");
	reap(p);
	watch(p);
	/* This thread's own doing: no lock is needed to see it. */
	if (!t->done)
		curl_multi_poll(p->multi, &extra, t->goes_on ? 0 : 1, TICK_MS, NULL);
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

/* Under the lock. */
static void add(struct pool *p, struct transfer *t)
{
	(void)pthread_cond_init(&t->turn, NULL);
	if (p->led)
		curl_multi_wakeup(p->multi);
	else if (!p->active && !p->queued)
		p->watched_ms = t->start_ms;
	t->next = p->queued;
	p->queued = t;
	p->tls = p->tls || t->proxy || !str_eq(t->req->scheme, "http");
}

void pool_run(struct pool *p, struct transfer *t)
{
	struct sigpipe s = { 0 };

	pthread_mutex_lock(&p->lock);
	add(p, t);
	while (!t->done) {
		if (p->tls && !s.blocked)
			block_sigpipe(&s);
		if (p->led) {
			t->waiting = true;
			(void)pthread_cond_wait(&t->turn, &p->lock);
			t->waiting = false;
		} else {
			drive(p, t);
		}
	}
	pass_on(p);
	pthread_mutex_unlock(&p->lock);
	restore_sigpipe(&s);
	(void)pthread_cond_destroy(&t->turn);
}
