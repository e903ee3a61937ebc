#include "http/client.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/str.h"
#include "http/certificates.h"
#include "http/inject.h"
#include "http/pool.h"
#include "http/transfer.h"

#define MAX_IDLE 32

/*
 * What shares HTTP/2's connections runs on one pool; any other exchange has a pool for
 * itself, so that its callbacks hold up nobody and nothing is handed between threads.
 * The idle ones keep their connections; the last one that was used is used next.
 */
struct http_client {
	struct http_options options; /* texts are owned */
	struct pool shared;
	CURLSH *share; /* TLS sessions and addresses */
	pthread_mutex_t share_locks[CURL_LOCK_DATA_LAST];
	pthread_mutex_t lock; /* guards what is idle */
	CURL *easies[MAX_IDLE];
	struct pool *pools[MAX_IDLE];
	size_t neasies, npools;
};

static _Thread_local bool finishing_up;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode global_result;

static void start_libcurl(void)
{
	global_result = curl_global_init(CURL_GLOBAL_DEFAULT);
}

void http_interrupt(void)
{
	pool_interrupt_all();
}

void http_finish_up(bool on)
{
	finishing_up = on;
}

bool http_interrupted(void)
{
	return pool_interrupted() && !finishing_up;
}

static void lock_share(CURL *easy FP_UNUSED, curl_lock_data data,
		       curl_lock_access access FP_UNUSED, void *ctx)
{
	(void)pthread_mutex_lock(&((struct http_client *)ctx)->share_locks[data]);
}

static void unlock_share(CURL *easy FP_UNUSED, curl_lock_data data, void *ctx)
{
	(void)pthread_mutex_unlock(&((struct http_client *)ctx)->share_locks[data]);
}

static void make_share(struct http_client *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(c->share_locks); i++)
		(void)pthread_mutex_init(&c->share_locks[i], NULL);
	c->share = curl_share_init();
	if (!c->share)
		fp_die("out of memory");
	curl_share_setopt(c->share, CURLSHOPT_LOCKFUNC, lock_share);
	curl_share_setopt(c->share, CURLSHOPT_UNLOCKFUNC, unlock_share);
	curl_share_setopt(c->share, CURLSHOPT_USERDATA, c);
	curl_share_setopt(c->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
	curl_share_setopt(c->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
}

static void copy_options(struct http_options *to, const struct http_options *from)
{
	*to = from ? *from : (struct http_options){ 0 };
	if (!to->ca_bundle)
		to->ca_bundle = certificates_file();
	to->user_agent = xstrdup(str_or(to->user_agent, "fpctl/" FPCTL_VERSION));
	to->ca_bundle = to->ca_bundle ? xstrdup(to->ca_bundle) : NULL;
	if (!to->connect_timeout_ms)
		to->connect_timeout_ms = 5000;
	if (!to->idle_timeout_ms)
		to->idle_timeout_ms = 60000;
}

int http_client_new(struct http_client **out, const struct http_options *o,
		    struct fp_error *err)
{
	struct http_client *c;

	(void)pthread_once(&once, start_libcurl);
	if (global_result != CURLE_OK)
		return fp_fail(err, FP_ERR_INTERNAL, "cannot start libcurl: %s",
			       curl_easy_strerror(global_result));
	if (o && o->ca_bundle && access(o->ca_bundle, R_OK) < 0)
		return fp_fail_errno(err, "cannot read the certificates in '%s'",
				     o->ca_bundle);
	c = xcalloc(1, sizeof(*c));
	copy_options(&c->options, o);
	pool_init(&c->shared);
	(void)pthread_mutex_init(&c->lock, NULL);
	make_share(c);
	*out = c;
	return 0;
}

static void free_pool(struct pool *p)
{
	pool_release(p);
	free(p);
}

void http_client_freep(struct http_client **client)
{
	struct http_client *c = *client;

	if (!c)
		return;
	while (c->neasies)
		curl_easy_cleanup(c->easies[--c->neasies]);
	while (c->npools)
		free_pool(c->pools[--c->npools]);
	pool_release(&c->shared);
	curl_share_cleanup(c->share);
	for (size_t i = 0; i < ARRAY_SIZE(c->share_locks); i++)
		(void)pthread_mutex_destroy(&c->share_locks[i]);
	(void)pthread_mutex_destroy(&c->lock);
	free((char *)c->options.user_agent);
	free((char *)c->options.ca_bundle);
	free(c);
	*client = NULL;
}

static CURL *take_easy(struct http_client *c)
{
	CURL *easy = NULL;

	(void)pthread_mutex_lock(&c->lock);
	if (c->neasies)
		easy = c->easies[--c->neasies];
	(void)pthread_mutex_unlock(&c->lock);
	if (easy)
		return easy;
	easy = curl_easy_init();
	if (!easy)
		fp_die("out of memory");
	curl_easy_setopt(easy, CURLOPT_SHARE, c->share); /* survives resets */
	return easy;
}

static void give_easy(struct http_client *c, CURL *easy)
{
	bool kept;

	curl_easy_reset(easy);
	(void)pthread_mutex_lock(&c->lock);
	kept = c->neasies < MAX_IDLE;
	if (kept)
		c->easies[c->neasies++] = easy;
	(void)pthread_mutex_unlock(&c->lock);
	if (!kept)
		curl_easy_cleanup(easy);
}

static struct pool *take_pool(struct http_client *c)
{
	struct pool *p = NULL;

	(void)pthread_mutex_lock(&c->lock);
	if (c->npools)
		p = c->pools[--c->npools];
	(void)pthread_mutex_unlock(&c->lock);
	if (p)
		return p;
	p = xcalloc(1, sizeof(*p));
	pool_init(p);
	return p;
}

static void give_pool(struct http_client *c, struct pool *p)
{
	bool kept;

	(void)pthread_mutex_lock(&c->lock);
	kept = c->npools < MAX_IDLE;
	if (kept)
		c->pools[c->npools++] = p;
	(void)pthread_mutex_unlock(&c->lock);
	if (!kept)
		free_pool(p);
}

static void run(struct http_client *c, struct transfer *t)
{
	struct pool *own;

	if (transfer_may_share(t->req, t->sink, t->progress)) {
		pool_run(&c->shared, t);
		return;
	}
	own = take_pool(c);
	pool_run(own, t);
	give_pool(c, own);
}

static int exchange(struct http_client *c, struct transfer *t)
{
	int rc;

	t->easy = take_easy(c);
	rc = transfer_prepare(t);
	if (rc == 0) {
		run(c, t);
		if (transfer_begin_again(t))
			run(c, t);
		rc = transfer_finish(t);
	}
	transfer_release(t);
	give_easy(c, t->easy);
	if (rc < 0)
		response_release(t->res);
	return rc;
}

int http_send(struct http_client *c, const struct http_request *req,
	      const struct http_sink *sink, const struct http_progress *progress,
	      struct http_response *res, struct fp_error *err)
{
	struct transfer t = { .options = &c->options,
			      .req = req,
			      .sink = sink,
			      .progress = progress,
			      .res = res,
			      .err = err,
			      .goes_on = finishing_up };
	char kind[FAULT_KIND_LEN] = "";
	bool fault = fault_point_kind("http", kind);
	int rc;

	*res = (struct http_response){ 0 };
	if (fault && inject_before(kind, req, res, err, &rc))
		return rc;
	rc = exchange(c, &t);
	return fault && rc == 0 ? inject_after(kind, req, res, err) : rc;
}
