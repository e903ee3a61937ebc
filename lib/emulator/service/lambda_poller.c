#include "emulator/service/lambda_poller.h"

#include <time.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "emulator/bus.h"

#define WAIT_MS	   20000 /* in SQS, at a time */
#define TROUBLE_MS 1000	 /* until the next try when queue or function are gone */
#define LOOK_MS	   20	 /* while waiting for the threads to end */
#define STACK_SIZE ((size_t)512 << 10)

/* One mapping as it was when its thread began. */
struct poller {
	struct poller *next;
	struct emulator *emu;
	struct lambda_mapping mapping;
	char *revision; /* the configuration's text: another one is another thread */
	size_t batches; /* that are with the function */
	bool quit;	/* under the lock, as is `batches` */
};

/* A batch on its way; owns the messages. */
struct batch {
	struct poller *poller;
	cJSON *messages;
};

/* `sync` stands before the store's lock: what is read is carried out before it is read
 * again. `lock` is held over nothing. */
static struct {
	pthread_mutex_t sync, lock;
	pthread_cond_t changed;
	struct poller *first;
	bool stopping;
} pollers = { .sync = PTHREAD_MUTEX_INITIALIZER,
	      .lock = PTHREAD_MUTEX_INITIALIZER,
	      .changed = PTHREAD_COND_INITIALIZER };

static struct call call_of(const struct poller *p, const char *request_id)
{
	return (struct call){ .emu = p->emu,
			      .service = "lambda",
			      .region = p->mapping.region,
			      .caller_arn = "lambda.amazonaws.com",
			      .request_id = request_id };
}

static void settle(struct call *c, const cJSON *verdict)
{
	memset(&c->fault, 0, sizeof(c->fault));
	if (bus_call(c, "sqs", "FpctlSettle", verdict, NULL) < 0)
		log_msg(LOG_ERROR, "messages stay as they are: %s: %s", c->fault.code,
			c->fault.message);
}

static cJSON *carry_out(struct call *c, const struct batch *b)
{
	const struct lambda_mapping *m = &b->poller->mapping;
	FP_AUTO(lambda_function_release) struct lambda_function f = LAMBDA_FUNCTION_INIT;
	FP_AUTO(freep) char *event = batch_event(b->messages, m->source, m->region);
	struct invocation inv;
	cJSON *verdict;

	if (lambda_load(c, &f, m->function, NULL) < 0)
		return batch_all(b->messages, "Untouched");
	invocation_init(&inv, event, strlen(event));
	inv.waits = f.concurrency != 0;
	if (lambda_run(c, &f, &inv) < 0)
		verdict = batch_all(b->messages, "Failed");
	else if (inv.result == LAMBDA_STOPPED)
		verdict = batch_all(b->messages, "Untouched");
	else if (inv.result != LAMBDA_DONE || inv.failed)
		verdict = batch_all(b->messages, "Failed");
	else if (json_get(m->config, "FunctionResponseTypes")->child)
		verdict = batch_verdict(b->messages, buf_str(&inv.response));
	else
		verdict = batch_all(b->messages, "Done");
	invocation_release(&inv);
	return verdict;
}

static void *run_batch(void *arg)
{
	struct batch *b = arg;
	struct poller *p = b->poller;
	FP_AUTO(json_freep) cJSON *verdict = NULL;
	char request_id[37];
	struct call c = call_of(p, request_id);

	random_uuid(request_id);
	verdict = carry_out(&c, b);
	settle(&c, verdict);
	cJSON_Delete(b->messages);
	free(b);
	(void)pthread_mutex_lock(&pollers.lock);
	p->batches--;
	(void)pthread_cond_broadcast(&pollers.changed);
	(void)pthread_mutex_unlock(&pollers.lock);
	return NULL;
}

static int start_thread(void *(*run)(void *arg), void *arg)
{
	pthread_attr_t attr;
	pthread_t thread;
	int rc;

	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, STACK_SIZE);
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	rc = pthread_create(&thread, &attr, run, arg);
	(void)pthread_attr_destroy(&attr);
	return rc;
}

/* As many batches at once as the function may run, at least one. */
static size_t most_batches(struct call *c, const struct poller *p)
{
	FP_AUTO(lambda_function_release) struct lambda_function f = LAMBDA_FUNCTION_INIT;
	int64_t n = json_int(p->mapping.config, "ScalingConfig.MaximumConcurrency",
			     LAMBDA_MAX_INSTANCES);

	if (lambda_load(c, &f, p->mapping.function, NULL) < 0)
		return 0;
	if (f.concurrency >= 0)
		n = FP_MIN(n, f.concurrency);
	return (size_t)FP_MAX(FP_MIN(n, LAMBDA_MAX_INSTANCES), 1);
}

/* Until a batch may begin; false: the mapping ends. */
static bool wait_for_turn(struct poller *p, size_t most)
{
	bool go_on;

	(void)pthread_mutex_lock(&pollers.lock);
	while (!p->quit && p->batches >= most)
		(void)pthread_cond_wait(&pollers.changed, &pollers.lock);
	go_on = !p->quit;
	(void)pthread_mutex_unlock(&pollers.lock);
	return go_on;
}

static bool may_go_on(struct poller *p)
{
	bool go_on;

	(void)pthread_mutex_lock(&pollers.lock);
	go_on = !p->quit;
	(void)pthread_mutex_unlock(&pollers.lock);
	return go_on;
}

/* Nothing can be done now; false: the mapping ends. */
static bool wait_in_trouble(struct poller *p)
{
	int64_t until_ms = clock_now_ms() + TROUBLE_MS;
	struct timespec until = { until_ms / 1000, (until_ms % 1000) * 1000000 };
	int rc = 0;
	bool go_on;

	(void)pthread_mutex_lock(&pollers.lock);
	while (!p->quit && rc == 0)
		rc = pthread_cond_timedwait(&pollers.changed, &pollers.lock, &until);
	go_on = !p->quit;
	(void)pthread_mutex_unlock(&pollers.lock);
	return go_on;
}

/* Up to `max` messages behind those that are there; -1: the queue gives none. */
static int take(struct call *c, const struct poller *p, cJSON *messages, int64_t max,
		int64_t wait_ms)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *out = cJSON_CreateObject();
	cJSON *taken, *m;

	json_set_str(in, "QueueArn", p->mapping.source);
	json_set_int(in, "Max", max);
	json_set_int(in, "WaitMs", wait_ms);
	memset(&c->fault, 0, sizeof(c->fault));
	if (bus_call(c, "sqs", "FpctlTake", in, out) < 0)
		return -1;
	taken = json_get(out, "Messages");
	while ((m = cJSON_DetachItemFromArray(taken, 0)))
		cJSON_AddItemToArray(messages, m);
	return 0;
}

/* A batch: its first messages, and those that come within the window behind them. */
static int gather(struct call *c, struct poller *p, cJSON *messages)
{
	const cJSON *config = p->mapping.config;
	int64_t max = json_int(config, "BatchSize", 1);
	int64_t window = json_int(config, "MaximumBatchingWindowInSeconds", 0) * 1000;
	int64_t until, left;

	if (take(c, p, messages, max, WAIT_MS) < 0)
		return -1;
	until = clock_now_ms() + window;
	while (messages->child && may_go_on(p) && (left = until - clock_now_ms()) > 0) {
		int n = cJSON_GetArraySize(messages);

		if (n >= max || take(c, p, messages, max - n, left) < 0)
			break;
	}
	return 0;
}

/* Whether the batch is with the function now; else its messages are given back. */
static bool hand_over(struct call *c, struct poller *p, cJSON *messages)
{
	FP_AUTO(json_freep) cJSON *back = NULL;
	struct batch *b = xcalloc(1, sizeof(*b));
	bool begun;

	*b = (struct batch){ p, messages };
	(void)pthread_mutex_lock(&pollers.lock);
	begun = !p->quit && start_thread(run_batch, b) == 0;
	p->batches += begun;
	(void)pthread_mutex_unlock(&pollers.lock);
	if (begun)
		return true;
	back = batch_all(messages, "Untouched");
	settle(c, back);
	cJSON_Delete(messages);
	free(b);
	return false;
}

static bool turn(struct poller *p)
{
	char request_id[37];
	struct call c = call_of(p, request_id);
	size_t most = most_batches(&c, p);
	cJSON *messages;

	random_uuid(request_id);
	if (!most)
		return wait_in_trouble(p);
	if (!wait_for_turn(p, most))
		return false;
	messages = cJSON_CreateArray();
	if (gather(&c, p, messages) < 0) {
		cJSON_Delete(messages);
		return wait_in_trouble(p);
	}
	if (messages->child)
		return hand_over(&c, p, messages) || wait_in_trouble(p);
	cJSON_Delete(messages);
	return true;
}

static void poller_free(struct poller *p)
{
	lambda_mapping_release(&p->mapping);
	free(p->revision);
	free(p);
}

static void *poll_queue(void *arg)
{
	struct poller *p = arg, **at = &pollers.first;

	while (turn(p))
		;
	(void)pthread_mutex_lock(&pollers.lock);
	while (p->batches)
		(void)pthread_cond_wait(&pollers.changed, &pollers.lock);
	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	(void)pthread_cond_broadcast(&pollers.changed);
	(void)pthread_mutex_unlock(&pollers.lock);
	poller_free(p);
	return NULL;
}

/* With the lock. */
static bool is_served(const struct poller *wanted)
{
	for (const struct poller *p = pollers.first; p; p = p->next)
		if (!p->quit && str_eq(p->mapping.uuid, wanted->mapping.uuid) &&
		    str_eq(p->revision, wanted->revision))
			return true;
	return false;
}

static bool is_in(const struct poller *list, const struct poller *p)
{
	for (; list; list = list->next)
		if (str_eq(list->mapping.uuid, p->mapping.uuid) &&
		    str_eq(list->revision, p->revision))
			return true;
	return false;
}

/* The enabled mappings of all regions, as threads that have not begun; owned. */
static int read_wanted(struct call *c, struct poller **list)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };

	*list = NULL;
	if (store_query(&r, c->emu->store, &err,
			"SELECT uuid, region, function, source, config"
			" FROM lambda_mappings WHERE enabled = 1",
			"") < 0)
		return fault_from(&c->fault, &err);
	while (store_next(&r)) {
		struct poller *p = xcalloc(1, sizeof(*p));

		p->emu = c->emu;
		p->mapping.uuid = xstrdup(store_text(&r, 0));
		p->mapping.region = xstrdup(store_text(&r, 1));
		p->mapping.function = xstrdup(store_text(&r, 2));
		p->mapping.source = xstrdup(store_text(&r, 3));
		p->mapping.config = cJSON_Parse(store_text(&r, 4));
		p->revision = xstrdup(store_text(&r, 4));
		p->next = *list;
		*list = p;
	}
	return 0;
}

static void wake_sleepers(struct call *c)
{
	(void)pthread_cond_broadcast(&pollers.changed);
	/* A test may have no SQS; then nobody sleeps in it. */
	(void)bus_call(c, "sqs", "FpctlWakeMappings", NULL, NULL);
	memset(&c->fault, 0, sizeof(c->fault));
}

/* With the lock: those that are not wanted end, those that are not there begin. True:
 * some end. Takes the list. */
static bool replace_pollers(struct poller *list)
{
	struct poller *next;
	bool ended = false;

	for (struct poller *p = pollers.first; p; p = p->next)
		if (!p->quit && !is_in(list, p))
			ended = p->quit = true;
	for (; list; list = next) {
		next = list->next;
		if (pollers.stopping || is_served(list)) {
			poller_free(list);
			continue;
		}
		list->next = pollers.first;
		pollers.first = list;
		if (start_thread(poll_queue, list) != 0) {
			log_msg(LOG_ERROR, "no thread for the event source mapping %s",
				list->mapping.uuid);
			pollers.first = list->next;
			poller_free(list);
		}
	}
	return ended;
}

int lambda_pollers_sync(struct call *c)
{
	struct poller *list;
	bool ended = false;
	int rc;

	(void)pthread_mutex_lock(&pollers.sync);
	rc = read_wanted(c, &list);
	if (rc == 0) {
		(void)pthread_mutex_lock(&pollers.lock);
		ended = replace_pollers(list);
		(void)pthread_mutex_unlock(&pollers.lock);
	}
	(void)pthread_mutex_unlock(&pollers.sync);
	if (ended)
		wake_sleepers(c);
	return rc;
}

int lambda_FpctlSyncMappings(struct call *c, const cJSON *in FP_UNUSED,
			     cJSON *out FP_UNUSED)
{
	return lambda_pollers_sync(c);
}

void lambda_pollers_start(void)
{
	(void)pthread_mutex_lock(&pollers.lock);
	pollers.stopping = false;
	(void)pthread_mutex_unlock(&pollers.lock);
}

/* None begins from here on, whoever changes a mapping meanwhile. */
void lambda_pollers_stop(struct emulator *emu)
{
	struct call c = { .emu = emu, .region = emu->region };

	(void)pthread_mutex_lock(&pollers.lock);
	pollers.stopping = true;
	for (struct poller *p = pollers.first; p; p = p->next)
		p->quit = true;
	while (pollers.first) {
		(void)pthread_mutex_unlock(&pollers.lock);
		wake_sleepers(&c);
		clock_sleep_ms(LOOK_MS);
		(void)pthread_mutex_lock(&pollers.lock);
	}
	(void)pthread_mutex_unlock(&pollers.lock);
}
