#include "emulator/bus.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"

#define FIRST_WORKERS 2
#define MAX_WORKERS   64
#define MAX_OF_ONE    48 /* with one service: a slow function's events hold up no other */
#define STACK_SIZE    ((size_t)1 << 20)
#define FIRST_PAUSE   500   /* ms before the first retry, doubled for each next */
#define LONGEST_PAUSE 60000 /* ms */

/*
 * Two locks: `claim` stands before the store's lock and guards who runs what;
 * `wake` stands behind it, for commits announce new deliveries.
 */
struct bus {
	struct emulator *emu;
	pthread_mutex_t claim, wake;
	pthread_cond_t news, quiet;
	int64_t running[MAX_WORKERS]; /* by worker: the delivery's id, or 0; `claim` */
	const char *serving[MAX_WORKERS]; /* its service, of the delivery; `claim` */
	pthread_t threads[MAX_WORKERS];
	unsigned nthreads, idle; /* `wake` */
	uint64_t seen;		 /* counts commits and endings; `wake` */
	bool stopping;		 /* `wake` */
	atomic_bool queued;	 /* a delivery was written and not announced yet */
};

struct delivery {
	int64_t id;
	char *service, *action, *region, *caller, *on_failure;
	cJSON *input;
	int64_t attempt, retries;
};

static const char schema[] =
	"CREATE TABLE IF NOT EXISTS deliveries ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, service TEXT NOT NULL,"
	" action TEXT NOT NULL, region TEXT NOT NULL, caller TEXT NOT NULL,"
	" input TEXT NOT NULL, retries INTEGER NOT NULL, attempt INTEGER NOT NULL,"
	" due_ms INTEGER NOT NULL, on_failure TEXT);"
	"CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries"
	" (due_ms, id, service);";

static void delivery_release(struct delivery *d)
{
	free(d->service);
	free(d->action);
	free(d->region);
	free(d->caller);
	free(d->on_failure);
	cJSON_Delete(d->input);
}

static const struct operation *find_operation(const char *service, const char *action)
{
	const struct service *s = service_find(service);

	for (const struct operation *o = s ? s->operations : NULL; o && o->name; o++)
		if (str_eq(o->name, action))
			return o;
	return NULL;
}

int bus_call(struct call *c, const char *service, const char *action, const cJSON *in,
	     cJSON *out)
{
	const struct operation *o = find_operation(service, action);
	FP_AUTO(json_freep) cJSON *unused = out ? NULL : cJSON_CreateObject();
	struct call inner = *c;
	int rc;

	if (!o)
		return fault_set(&c->fault, 501, "NotImplemented",
				 "the emulator has no operation %s of %s", action,
				 service);
	inner.service = service;
	inner.action = action;
	memset(&inner.fault, 0, sizeof(inner.fault));
	rc = o->run(&inner, in, out ? out : unused);
	if (rc < 0)
		c->fault = inner.fault;
	return rc;
}

static int insert(struct call *c, const char *service, const char *action,
		  const cJSON *in, unsigned retries, int64_t delay_ms,
		  const char *on_failure, struct fp_error *err)
{
	FP_AUTO(freep) char *input = json_text(in);
	struct store *s = c->emu->store;

	if (store_begin(s, err) < 0)
		return -1;
	if (store_exec(s, err,
		       "INSERT INTO deliveries (service, action, region, caller, input,"
		       " retries, attempt, due_ms, on_failure)"
		       " VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?)",
		       "sssssiis", service, action, str_or(c->region, c->emu->region),
		       str_or(c->caller_arn, ""), input, (int64_t)retries,
		       clock_now_ms() + delay_ms, on_failure) < 0) {
		store_rollback(s);
		return -1;
	}
	atomic_store(&c->emu->bus->queued, true);
	return store_commit(s, err);
}

int bus_enqueue_else(struct call *c, const char *service, const char *action,
		     const cJSON *in, unsigned retries, int64_t delay_ms,
		     const cJSON *on_failure)
{
	FP_AUTO(freep) char *otherwise = on_failure ? json_text(on_failure) : NULL;
	struct fp_error err = { 0 };

	if (insert(c, service, action, in, retries, delay_ms, otherwise, &err) < 0)
		return fault_from(&c->fault, &err);
	return 0;
}

int bus_enqueue(struct call *c, const char *service, const char *action, const cJSON *in,
		unsigned retries, int64_t delay_ms)
{
	return bus_enqueue_else(c, service, action, in, retries, delay_ms, NULL);
}

static void announce(struct bus *b)
{
	(void)pthread_mutex_lock(&b->wake);
	b->seen++;
	(void)pthread_cond_signal(&b->news);
	(void)pthread_cond_broadcast(&b->quiet);
	(void)pthread_mutex_unlock(&b->wake);
}

/* Most commits queue nothing, and wake nobody. */
static void on_commit(void *arg)
{
	struct bus *b = arg;

	if (atomic_exchange(&b->queued, false))
		announce(b);
}

static bool is_running(const struct bus *b, int64_t id)
{
	for (size_t i = 0; i < MAX_WORKERS; i++)
		if (b->running[i] == id)
			return true;
	return false;
}

/* The service that has as many workers as it may have, or "". */
static const char *crowded_service(const struct bus *b)
{
	for (size_t i = 0; i < MAX_WORKERS - MAX_OF_ONE + 1; i++) {
		size_t n = 0;

		for (size_t k = i; b->serving[i] && k < MAX_WORKERS; k++)
			n += str_eq(b->serving[k], b->serving[i]);
		if (n >= MAX_OF_ONE)
			return b->serving[i];
	}
	return "";
}

static void read_delivery(struct delivery *d, const struct store_rows *r)
{
	const char *input = store_text(r, 5);

	d->id = store_int(r, 0);
	d->service = xstrdup(store_text(r, 1));
	d->action = xstrdup(store_text(r, 2));
	d->region = xstrdup(store_text(r, 3));
	d->caller = xstrdup(store_text(r, 4));
	d->input = cJSON_Parse(input);
	if (!d->input)
		d->input = cJSON_CreateObject();
	d->retries = store_int(r, 6);
	d->attempt = store_int(r, 7);
	d->on_failure = store_text(r, 9) ? xstrdup(store_text(r, 9)) : NULL;
}

/* The first due delivery that nobody runs, of a service that is not crowded; or false
 * and when the next is due. */
static bool claim(struct bus *b, unsigned worker, struct delivery *d, int64_t *next_due)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };
	bool found = false;

	*next_due = INT64_MAX;
	if (store_query(&r, b->emu->store, &err,
			"SELECT id, service, action, region, caller, input, retries,"
			" attempt, due_ms, on_failure FROM deliveries"
			" WHERE service <> ? ORDER BY due_ms, id LIMIT ?",
			"si", crowded_service(b), (int64_t)MAX_WORKERS + 1) < 0) {
		log_msg(LOG_ERROR, "%s", err.message);
		return false;
	}
	while (!found && *next_due == INT64_MAX && store_next(&r)) {
		if (is_running(b, store_int(&r, 0)))
			continue;
		if (store_int(&r, 8) > clock_now_ms()) {
			*next_due = store_int(&r, 8);
		} else {
			read_delivery(d, &r);
			b->running[worker] = d->id;
			b->serving[worker] = d->service;
			found = true;
		}
	}
	return found;
}

static int64_t pause_before(int64_t attempt)
{
	int64_t ms = FIRST_PAUSE;

	for (int64_t i = 0; i < attempt && ms < LONGEST_PAUSE; i++)
		ms *= 2;
	return FP_MIN(ms, LONGEST_PAUSE);
}

static int enqueue_failure(struct bus *b, const struct delivery *d, const struct call *c)
{
	FP_AUTO(json_freep) cJSON *next = cJSON_Parse(d->on_failure);
	struct call again = { .emu = b->emu,
			      .region = d->region,
			      .caller_arn = d->caller };
	cJSON *input = json_get(next, "input");

	if (!input)
		return 0;
	json_set_fmt(input, "error", "%s: %s", c->fault.code, c->fault.message);
	json_set(input, "failed", cJSON_Duplicate(d->input, true));
	return bus_enqueue(&again, json_str(next, "service", ""),
			   json_str(next, "action", ""), input, 0, 0);
}

static int finish(struct bus *b, const struct delivery *d, const struct call *c,
		  bool again, struct fp_error *err)
{
	struct store *s = b->emu->store;

	if (again)
		return store_exec(
			s, err,
			"UPDATE deliveries SET attempt = attempt + 1, due_ms = ?"
			" WHERE id = ?",
			"ii", clock_now_ms() + pause_before(d->attempt), d->id);
	if (c->fault.status && d->on_failure && enqueue_failure(b, d, c) < 0)
		return fp_fail(err, FP_ERR_IO, "cannot queue what a failure asks for");
	return store_exec(s, err, "DELETE FROM deliveries WHERE id = ?", "i", d->id);
}

/* Whether the worker goes on; `seen` tells it later whether it missed something. */
static bool may_go_on(struct bus *b, uint64_t *seen)
{
	bool yes;

	(void)pthread_mutex_lock(&b->wake);
	*seen = b->seen;
	yes = !b->stopping;
	(void)pthread_mutex_unlock(&b->wake);
	return yes;
}

static void settle(struct bus *b, const struct delivery *d, const struct call *c)
{
	bool temporary = c->fault.status >= 500 || c->fault.status == 429;
	struct store *s = b->emu->store;
	struct fp_error err = { 0 };
	uint64_t seen;

	if (c->fault.status == 503 && !may_go_on(b, &seen))
		return;
	if (c->fault.status)
		log_msg(LOG_WARN, "delivery %lld, %s %s, attempt %lld: %s: %s",
			(long long)d->id, d->service, d->action,
			(long long)d->attempt + 1, c->fault.code, c->fault.message);
	if (store_begin(s, &err) == 0) {
		if (finish(b, d, c, temporary && d->attempt < d->retries, &err) < 0)
			store_rollback(s);
		else if (store_commit(s, &err) == 0)
			return;
	}
	/* It stays, and is delivered again: at least once holds. */
	log_msg(LOG_ERROR, "delivery %lld: %s", (long long)d->id, err.message);
	clock_sleep_ms(FIRST_PAUSE);
}

static void run(struct bus *b, const struct delivery *d)
{
	char request_id[37];
	struct call c = { .emu = b->emu,
			  .region = d->region,
			  .caller_arn = d->caller,
			  .request_id = request_id };

	random_uuid(request_id);
	if (bus_call(&c, d->service, d->action, d->input, NULL) < 0 && !c.fault.status)
		(void)fault_set(&c.fault, 500, "InternalError", "no reason was given");
	settle(b, d, &c);
}

static void *work(void *arg);

struct worker {
	struct bus *bus;
	unsigned index;
};

/* With `wake` held. A bus with fewer threads than wished for still works. */
static int add_worker(struct bus *b)
{
	struct worker *w = xcalloc(1, sizeof(*w));
	pthread_attr_t attr;
	int rc;

	w->bus = b;
	w->index = b->nthreads;
	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, STACK_SIZE);
	rc = pthread_create(&b->threads[b->nthreads], &attr, work, w);
	(void)pthread_attr_destroy(&attr);
	if (rc == 0)
		b->nthreads++;
	else
		free(w);
	return rc;
}

/* Until something is committed, or `due_ms` has come. */
static void wait_for_news(struct bus *b, uint64_t seen, int64_t due_ms)
{
	struct timespec until = { due_ms / 1000, (due_ms % 1000) * 1000000 };

	(void)pthread_mutex_lock(&b->wake);
	b->idle++;
	if (b->seen == seen && !b->stopping) {
		if (due_ms == INT64_MAX)
			(void)pthread_cond_wait(&b->news, &b->wake);
		else
			(void)pthread_cond_timedwait(&b->news, &b->wake, &until);
	}
	b->idle--;
	(void)pthread_mutex_unlock(&b->wake);
}

/* Somebody else looks for the next delivery while this worker is busy. */
static void pass_on(struct bus *b)
{
	(void)pthread_mutex_lock(&b->wake);
	if (b->idle)
		(void)pthread_cond_signal(&b->news);
	else if (b->nthreads < MAX_WORKERS && !b->stopping)
		(void)add_worker(b);
	(void)pthread_mutex_unlock(&b->wake);
}

/* Carry out a delivery, or wait for one. */
static void turn(struct bus *b, unsigned worker, uint64_t seen)
{
	struct delivery d = { 0 };
	int64_t next_due;
	bool found;

	(void)pthread_mutex_lock(&b->claim);
	found = claim(b, worker, &d, &next_due);
	(void)pthread_mutex_unlock(&b->claim);
	if (!found) {
		wait_for_news(b, seen, next_due);
		return;
	}
	pass_on(b);
	run(b, &d);
	(void)pthread_mutex_lock(&b->claim);
	b->running[worker] = 0;
	b->serving[worker] = NULL;
	(void)pthread_mutex_unlock(&b->claim);
	delivery_release(&d);
	announce(b);
}

static void *work(void *arg)
{
	struct worker w = *(struct worker *)arg;
	uint64_t seen;

	free(arg);
	while (may_go_on(w.bus, &seen))
		turn(w.bus, w.index, seen);
	return NULL;
}

int64_t bus_pending(struct bus *b)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };

	if (store_query(&r, b->emu->store, NULL, "SELECT COUNT(*) FROM deliveries", "") <
	    0)
		return -1;
	return store_next(&r) ? store_int(&r, 0) : 0;
}

bool bus_idle(struct bus *b, int64_t timeout_ms)
{
	int64_t until = clock_now_ms() + timeout_ms;
	struct timespec deadline = { until / 1000, (until % 1000) * 1000000 };
	int rc = 0;

	for (;;) {
		uint64_t seen;

		(void)pthread_mutex_lock(&b->wake);
		seen = b->seen;
		(void)pthread_mutex_unlock(&b->wake);
		if (bus_pending(b) == 0)
			return true;
		if (rc == ETIMEDOUT)
			return false;
		(void)pthread_mutex_lock(&b->wake);
		while (b->seen == seen && rc == 0)
			rc = pthread_cond_timedwait(&b->quiet, &b->wake, &deadline);
		(void)pthread_mutex_unlock(&b->wake);
	}
}

int bus_open(struct bus **out, struct emulator *emu, struct fp_error *err)
{
	struct bus *b;

	if (store_script(emu->store, schema, err) < 0)
		return -1;
	b = xcalloc(1, sizeof(*b));
	b->emu = emu;
	(void)pthread_mutex_init(&b->claim, NULL);
	(void)pthread_mutex_init(&b->wake, NULL);
	(void)pthread_cond_init(&b->news, NULL);
	(void)pthread_cond_init(&b->quiet, NULL);
	store_on_commit(emu->store, on_commit, b);
	*out = b;
	return 0;
}

int bus_start(struct bus *b, struct fp_error *err)
{
	int rc = 0;

	(void)pthread_mutex_lock(&b->wake);
	for (unsigned i = 0; i < FIRST_WORKERS && rc == 0; i++)
		rc = add_worker(b);
	(void)pthread_mutex_unlock(&b->wake);
	if (rc == 0)
		return 0;
	errno = rc;
	return fp_fail_errno(err, "cannot start the emulator's threads");
}

void bus_quiesce(struct bus *b)
{
	(void)pthread_mutex_lock(&b->wake);
	b->stopping = true;
	(void)pthread_cond_broadcast(&b->news);
	(void)pthread_mutex_unlock(&b->wake);
}

void bus_close(struct bus *b)
{
	if (!b)
		return;
	bus_quiesce(b);
	for (unsigned i = 0; i < b->nthreads; i++)
		(void)pthread_join(b->threads[i], NULL);
	store_on_commit(b->emu->store, NULL, NULL);
	(void)pthread_cond_destroy(&b->quiet);
	(void)pthread_cond_destroy(&b->news);
	(void)pthread_mutex_destroy(&b->wake);
	(void)pthread_mutex_destroy(&b->claim);
	free(b);
}
