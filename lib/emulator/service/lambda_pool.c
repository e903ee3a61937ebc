#include <time.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/map.h"
#include "emulator/service/lambda_instance.h"

#define MAX_WAIT_S   60 /* for a free instance */
#define MAX_ATTEMPTS 3	/* when warm instances die under it */

/* The instances of one function. */
struct pool_function {
	struct instance *first;
	size_t n;	     /* listed, or about to be */
	pthread_cond_t free; /* one became idle or ended */
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t gone;
	struct map functions; /* "region/name" -> struct pool_function */
	size_t total, waiting;
	bool stopping;
} pool = { .lock = PTHREAD_MUTEX_INITIALIZER, .gone = PTHREAD_COND_INITIALIZER };

void invocation_init(struct invocation *inv, const char *payload, size_t size)
{
	memset(inv, 0, sizeof(*inv));
	random_uuid(inv->request_id);
	inv->payload = payload;
	inv->size = size;
	(void)pthread_cond_init(&inv->changed, NULL);
}

void invocation_release(struct invocation *inv)
{
	buf_release(&inv->response);
	buf_release(&inv->tail);
	(void)pthread_cond_destroy(&inv->changed);
}

/* With the lock. */
static struct pool_function *function_entry(const char *region, const char *name)
{
	FP_AUTO(freep) char *key = xasprintf("%s/%s", region, name);
	struct pool_function *fn = map_get(&pool.functions, key);

	if (!fn) {
		fn = xcalloc(1, sizeof(*fn));
		(void)pthread_cond_init(&fn->free, NULL);
		(void)map_put(&pool.functions, key, fn);
	}
	return fn;
}

static void function_drop(void *value)
{
	struct pool_function *fn = value;

	(void)pthread_cond_destroy(&fn->free);
	free(fn);
}

/* With the lock: an idle instance of the function as it is now. */
static struct instance *idle_instance(const struct pool_function *fn,
				      const char *revision)
{
	struct instance *i = fn->first;

	while (i &&
	       (i->assigned || i->quit != STAY || !str_eq(i->spec.revision, revision)))
		i = i->next;
	return i;
}

/* With the lock. */
static void unlist(struct instance *i)
{
	struct pool_function *fn = i->function;
	struct instance **at = &fn->first;

	while (*at != i)
		at = &(*at)->next;
	*at = i->next;
	fn->n--;
	(void)pthread_cond_broadcast(&fn->free);
}

/* With the lock: a place was reserved; the lock is given up meanwhile. */
static int add_instance(struct call *c, const struct lambda_function *f,
			struct pool_function *fn, struct invocation *inv)
{
	FP_AUTO(freep) char *task_root = NULL;
	struct instance *i = NULL;
	struct fp_error err = { 0 };

	(void)pthread_mutex_unlock(&pool.lock);
	task_root = lambda_code_folder(c, f);
	if (task_root)
		i = instance_new(c->emu, f, task_root);
	(void)pthread_mutex_lock(&pool.lock);
	if (!i) {
		fn->n--;
		pool.total--;
		(void)pthread_cond_broadcast(&fn->free);
		(void)pthread_cond_broadcast(&pool.gone);
		return -1;
	}
	i->function = fn;
	i->assigned = inv;
	i->quit = pool.stopping ? QUIT_NOW : STAY;
	i->next = fn->first;
	fn->first = i;
	if (instance_launch(i, &err) == 0)
		return 0;
	unlist(i);
	pool.total--;
	instance_free(i);
	return fault_from(&c->fault, &err);
}

/* With the lock: false after a while without a free instance. */
static bool wait_for_instance(struct pool_function *fn)
{
	struct timespec until;
	int rc;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += MAX_WAIT_S;
	pool.waiting++;
	rc = pthread_cond_timedwait(&fn->free, &pool.lock, &until);
	pool.waiting--;
	if (pool.stopping)
		(void)pthread_cond_broadcast(&pool.gone);
	return rc == 0;
}

/* With the lock: give the invocation to an instance. 1: given; 0: inv->result says
 * why not; -1: fault. */
static int assign(struct call *c, const struct lambda_function *f, struct invocation *inv)
{
	const char *revision = json_str(f->config, "RevisionId", "");
	size_t limit = LAMBDA_MAX_INSTANCES;
	bool waits = true;

	if (f->concurrency >= 0 && f->concurrency < LAMBDA_MAX_INSTANCES) {
		limit = (size_t)f->concurrency;
		waits = inv->waits;
	}
	inv->done = false;
	inv->result = LAMBDA_THROTTLED;
	while (!pool.stopping && limit) {
		struct pool_function *fn = function_entry(f->region, f->name);
		struct instance *i = idle_instance(fn, revision);

		if (i) {
			i->assigned = inv;
			instance_wake(i);
			return 1;
		}
		if (fn->n < limit) {
			fn->n++;
			pool.total++;
			return add_instance(c, f, fn, inv) < 0 ? -1 : 1;
		}
		if (!waits || !wait_for_instance(fn))
			return 0;
	}
	if (pool.stopping)
		inv->result = LAMBDA_STOPPED;
	return 0;
}

static void give_up(struct invocation *inv)
{
	inv->result = LAMBDA_DONE;
	inv->failed = true;
	buf_printf(&inv->response,
		   "{\"errorType\":\"Runtime.ExitError\",\"errorMessage\":\"RequestId: "
		   "%s Error: "
		   "Runtime exited %d times before it took the event\"}",
		   inv->request_id, MAX_ATTEMPTS);
}

int lambda_run(struct call *c, const struct lambda_function *f, struct invocation *inv)
{
	int rc = 1;

	(void)pthread_mutex_lock(&pool.lock);
	for (int k = 0; k < MAX_ATTEMPTS; k++) {
		rc = assign(c, f, inv);
		while (rc == 1 && !inv->done)
			(void)pthread_cond_wait(&inv->changed, &pool.lock);
		if (rc != 1 || inv->result != LAMBDA_AGAIN)
			break;
	}
	(void)pthread_mutex_unlock(&pool.lock);
	if (rc == 1 && inv->result == LAMBDA_AGAIN)
		give_up(inv);
	return rc < 0 ? -1 : 0;
}

void pool_assignment(struct instance *i, struct invocation **assigned,
		     enum instance_quit *quit)
{
	(void)pthread_mutex_lock(&pool.lock);
	*assigned = i->assigned;
	*quit = i->quit;
	(void)pthread_mutex_unlock(&pool.lock);
}

bool pool_done(struct instance *i, struct invocation *inv, enum lambda_result result,
	       bool stays)
{
	(void)pthread_mutex_lock(&pool.lock);
	i->assigned = NULL;
	if (!stays && i->quit == STAY)
		i->quit = QUIT_IDLE;
	stays = i->quit == STAY;
	inv->result = result;
	inv->done = true;
	(void)pthread_cond_signal(&inv->changed);
	(void)pthread_cond_broadcast(&i->function->free);
	(void)pthread_mutex_unlock(&pool.lock);
	return stays;
}

bool pool_leave(struct instance *i)
{
	bool free;

	(void)pthread_mutex_lock(&pool.lock);
	free = !i->assigned;
	if (free)
		unlist(i);
	(void)pthread_mutex_unlock(&pool.lock);
	return free;
}

void pool_left(void)
{
	(void)pthread_mutex_lock(&pool.lock);
	pool.total--;
	(void)pthread_cond_broadcast(&pool.gone);
	(void)pthread_mutex_unlock(&pool.lock);
}

/* With the lock. */
static void quit_all(struct pool_function *fn, enum instance_quit quit)
{
	for (struct instance *i = fn->first; i; i = i->next) {
		i->quit = quit;
		instance_wake(i);
	}
}

void lambda_pool_retire(const char *region, const char *name)
{
	(void)pthread_mutex_lock(&pool.lock);
	if (!pool.stopping)
		quit_all(function_entry(region, name), QUIT_IDLE);
	(void)pthread_mutex_unlock(&pool.lock);
}

void lambda_pool_start(void)
{
	pool.stopping = false;
}

void lambda_pool_stop(void)
{
	(void)pthread_mutex_lock(&pool.lock);
	pool.stopping = true;
	map_each (e, &pool.functions) {
		struct pool_function *fn = e->value;

		quit_all(fn, QUIT_NOW);
		(void)pthread_cond_broadcast(&fn->free);
	}
	while (pool.total || pool.waiting)
		(void)pthread_cond_wait(&pool.gone, &pool.lock);
	map_release(&pool.functions, function_drop);
	(void)pthread_mutex_unlock(&pool.lock);
}

size_t lambda_pool_size(void)
{
	size_t n;

	(void)pthread_mutex_lock(&pool.lock);
	n = pool.total;
	(void)pthread_mutex_unlock(&pool.lock);
	return n;
}
