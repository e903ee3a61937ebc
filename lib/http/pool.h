/*
 * One libcurl multi handle for all threads of a client: connections, TLS sessions
 * and HTTP/2 streams are shared. The first thread that waits drives it for all;
 * when its own exchange is done, or it has a callback to run, another takes over.
 * So a single thread never hands anything to another one. For lib/http only.
 */
#ifndef FP_HTTP_POOL_H
#define FP_HTTP_POOL_H

#include <curl/curl.h>
#include <pthread.h>

#include "base/base.h"

struct transfer;

struct pool {
	pthread_mutex_t lock;
	CURLM *multi;	    /* the driving thread's, but for curl_multi_wakeup */
	int64_t watched_ms; /* when the clocks were last looked at; as well */
	/* Under the lock. */
	struct transfer *queued, *active;
	bool led;  /* a thread drives */
	bool tls;  /* there was an exchange by TLS */
	bool news; /* something is queued, to be resumed or cancelled */
};

void pool_init(struct pool *p);
void pool_release(struct pool *p);

/* Until it is done, and the sink has taken all. */
void pool_run(struct pool *p, struct transfer *t);
/* Under the lock: the driving thread is to look at the transfers' flags. */
void pool_tell(struct pool *p);
/* Under the lock: let another thread drive while this one is busy or gone. */
void pool_pass_on(struct pool *p);
/* Under the lock: wake the transfer's thread. */
void pool_wake(struct transfer *t);

/* Wake whoever drives, in the whole process; async-signal-safe. */
void pool_interrupt_all(void);

#endif
