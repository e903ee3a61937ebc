#include <pthread.h>

#include "emulator/service/sqs.h"

struct sqs_waiter {
	int64_t queue;
	bool mapping; /* an event source mapping, not a client */
	bool touched, give_up;
	pthread_cond_t news;
	struct sqs_waiter *next;
};

static struct {
	pthread_mutex_t lock; /* stands behind the store's */
	struct sqs_waiter *first;
	bool stopped;
} waiting = { .lock = PTHREAD_MUTEX_INITIALIZER };

struct sqs_waiter *sqs_wait_begin(int64_t queue, bool mapping)
{
	struct sqs_waiter *w = xcalloc(1, sizeof(*w));

	w->queue = queue;
	w->mapping = mapping;
	(void)pthread_cond_init(&w->news, NULL);
	(void)pthread_mutex_lock(&waiting.lock);
	w->give_up = waiting.stopped;
	w->next = waiting.first;
	waiting.first = w;
	(void)pthread_mutex_unlock(&waiting.lock);
	return w;
}

bool sqs_wait(struct sqs_waiter *w, int64_t until_ms)
{
	struct timespec until = { until_ms / 1000, (until_ms % 1000) * 1000000 };
	int rc = 0;
	bool go_on;

	(void)pthread_mutex_lock(&waiting.lock);
	while (!w->touched && !w->give_up && rc == 0)
		rc = pthread_cond_timedwait(&w->news, &waiting.lock, &until);
	w->touched = false;
	go_on = !w->give_up;
	(void)pthread_mutex_unlock(&waiting.lock);
	return go_on;
}

void sqs_wait_end(struct sqs_waiter *w)
{
	struct sqs_waiter **at = &waiting.first;

	(void)pthread_mutex_lock(&waiting.lock);
	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	(void)pthread_mutex_unlock(&waiting.lock);
	(void)pthread_cond_destroy(&w->news);
	free(w);
}

/*
 * Also called inside a transaction: who is woken then waits for the store, which
 * the transaction holds to its end.
 */
void sqs_wake(int64_t queue)
{
	(void)pthread_mutex_lock(&waiting.lock);
	for (struct sqs_waiter *w = waiting.first; w; w = w->next) {
		if (w->queue != queue)
			continue;
		w->touched = true;
		(void)pthread_cond_signal(&w->news);
	}
	(void)pthread_mutex_unlock(&waiting.lock);
}

static void give_up(bool for_good)
{
	(void)pthread_mutex_lock(&waiting.lock);
	waiting.stopped = waiting.stopped || for_good;
	for (struct sqs_waiter *w = waiting.first; w; w = w->next) {
		w->give_up = w->give_up || for_good || w->mapping;
		(void)pthread_cond_signal(&w->news);
	}
	(void)pthread_mutex_unlock(&waiting.lock);
}

void sqs_wake_mappings(void)
{
	give_up(false);
}

void sqs_wait_stop(void)
{
	give_up(true);
}

void sqs_wait_start(void)
{
	(void)pthread_mutex_lock(&waiting.lock);
	waiting.stopped = false;
	(void)pthread_mutex_unlock(&waiting.lock);
}
