/*
 * A libcurl multi handle, its connections, and the threads whose exchanges run on it.
 * The first thread that waits drives it for all; when its own exchange is done another
 * takes over. So a single thread never hands anything to another one. For lib/http only.
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
	bool led; /* a thread drives */
	bool tls; /* there was an exchange by TLS */
};

void pool_init(struct pool *p);
void pool_release(struct pool *p);

/* Until it is done. */
void pool_run(struct pool *p, struct transfer *t);

/* Stop all exchanges of the process, but those that go on; async-signal-safe. */
void pool_interrupt_all(void);
bool pool_interrupted(void);

#endif
