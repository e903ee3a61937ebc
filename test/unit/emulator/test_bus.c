#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "base/json.h"
#include "emulator/bus.h"

/* A service that counts, fails as it is told, and remembers its last input. */
static atomic_int calls, failures_left, failure_status, on_failure_calls;
static atomic_bool hanging, let_go;
static char last_error[256];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int count(struct call *c, const cJSON *in, cJSON *out)
{
	(void)in;
	(void)out;
	atomic_fetch_add(&calls, 1);
	if (atomic_load(&failures_left) <= 0)
		return 0;
	atomic_fetch_sub(&failures_left, 1);
	return fault_set(&c->fault, atomic_load(&failure_status), "Told", "as told");
}

static int failed(struct call *c, const cJSON *in, cJSON *out)
{
	(void)c;
	(void)out;
	(void)pthread_mutex_lock(&lock);
	(void)snprintf(last_error, sizeof(last_error), "%s|%s|%s",
		       json_str(in, "error", ""), json_str(in, "failed.n", ""),
		       json_str(in, "own", ""));
	(void)pthread_mutex_unlock(&lock);
	atomic_fetch_add(&on_failure_calls, 1);
	return 0;
}

static int echo(struct call *c, const cJSON *in, cJSON *out)
{
	json_set_str(out, "said", json_str(in, "say", ""));
	json_set_str(out, "service", c->service);
	return 0;
}

/* A run that the stop ends. */
static int hang(struct call *c, const cJSON *in, cJSON *out)
{
	(void)in;
	(void)out;
	atomic_store(&hanging, true);
	while (!atomic_load(&let_go))
		clock_sleep_ms(1);
	return fault_set(&c->fault, 503, "ServiceUnavailable", "stopping");
}

static const struct operation operations[] = {
	{ "Hang", hang }, { "Count", count }, { "Failed", failed },
	{ "Echo", echo }, { NULL, NULL },
};
static const struct service counter = { .name = "counter", .operations = operations };
static const struct service second = { .name = "second", .operations = operations };
const struct service *const services[] = { &counter, &second, NULL };
#include "cloud.h"

static void enqueue(struct cloud *c, unsigned retries, int64_t delay_ms)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *otherwise = cJSON_CreateObject();

	json_set_str(in, "n", "5");
	json_set_str(otherwise, "service", "counter");
	json_set_str(otherwise, "action", "Failed");
	json_set_str(json_set_object(otherwise, "input"), "own", "kept");
	ck_assert_int_eq(bus_enqueue_else(&c->call, "counter", "Count", in, retries,
					  delay_ms, otherwise),
			 0);
}

static const struct {
	const char *name;
	int failures, status;
	unsigned retries;
	int calls, on_failure;
} deliveries[] = {
	{ "accepted at once", 0, 0, 3, 1, 0 },
	{ "a temporary fault is tried again", 1, 500, 3, 2, 0 },
	{ "throttling is tried again", 1, 429, 3, 2, 0 },
	{ "the sender's fault is final", 1, 400, 3, 1, 1 },
	{ "as often as allowed", 9, 500, 1, 2, 1 },
	{ "never without retries", 9, 503, 0, 1, 1 },
};

START_TEST(delivers)
{
	struct cloud c;

	cloud_open(&c, NULL);
	atomic_store(&failures_left, deliveries[_i].failures);
	atomic_store(&failure_status, deliveries[_i].status);
	enqueue(&c, deliveries[_i].retries, 0);
	ck_assert_int_eq(bus_start(c.emu.bus, NULL), 0);
	ck_assert_msg(bus_idle(c.emu.bus, 20000), "%s", deliveries[_i].name);
	ck_assert_msg(atomic_load(&calls) == deliveries[_i].calls, "%s: %d calls",
		      deliveries[_i].name, atomic_load(&calls));
	ck_assert_int_eq(atomic_load(&on_failure_calls), deliveries[_i].on_failure);
	if (deliveries[_i].on_failure)
		ck_assert_str_eq(last_error, "Told: as told|5|kept");
	cloud_close(&c);
}
END_TEST

START_TEST(delivers_what_was_committed_only)
{
	struct cloud c;

	cloud_open(&c, NULL);
	ck_assert_int_eq(bus_start(c.emu.bus, NULL), 0);
	ck_assert_int_eq(store_begin(c.emu.store, NULL), 0);
	enqueue(&c, 0, 0);
	store_rollback(c.emu.store);
	ck_assert(bus_idle(c.emu.bus, 5000));
	ck_assert_int_eq(atomic_load(&calls), 0);
	ck_assert_int_eq(store_begin(c.emu.store, NULL), 0);
	enqueue(&c, 0, 0);
	clock_sleep_ms(50);
	ck_assert_int_eq(atomic_load(&calls), 0);
	ck_assert_int_eq(store_commit(c.emu.store, NULL), 0);
	ck_assert(bus_idle(c.emu.bus, 5000));
	ck_assert_int_eq(atomic_load(&calls), 1);
	cloud_close(&c);
}
END_TEST

START_TEST(delivers_after_a_restart)
{
	struct cloud c;

	cloud_open(&c, NULL);
	for (int i = 0; i < 20; i++)
		enqueue(&c, 0, 0);
	ck_assert_int_eq(bus_pending(c.emu.bus), 20);
	cloud_open(&c, cloud_stop(&c));
	ck_assert_int_eq(bus_start(c.emu.bus, NULL), 0);
	ck_assert(bus_idle(c.emu.bus, 10000));
	ck_assert_int_eq(atomic_load(&calls), 20);
	cloud_close(&c);
}
END_TEST

START_TEST(waits_as_long_as_asked)
{
	int64_t start = clock_monotonic_ms();
	struct cloud c;

	cloud_open(&c, NULL);
	ck_assert_int_eq(bus_start(c.emu.bus, NULL), 0);
	enqueue(&c, 0, 200);
	enqueue(&c, 0, 0);
	ck_assert(!bus_idle(c.emu.bus, 100));
	ck_assert_int_eq(atomic_load(&calls), 1);
	ck_assert(bus_idle(c.emu.bus, 5000));
	ck_assert_int_ge(clock_monotonic_ms() - start, 200);
	ck_assert_int_eq(atomic_load(&calls), 2);
	cloud_close(&c);
}
END_TEST

START_TEST(keeps_what_the_stop_interrupts)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	struct cloud c;

	cloud_open(&c, NULL);
	ck_assert_int_eq(bus_start(c.emu.bus, NULL), 0);
	ck_assert_int_eq(bus_enqueue(&c.call, "counter", "Hang", in, 0, 0), 0);
	while (!atomic_load(&hanging))
		clock_sleep_ms(1);
	bus_quiesce(c.emu.bus);
	atomic_store(&let_go, true);
	cloud_open(&c, cloud_stop(&c));
	ck_assert_int_eq(bus_pending(c.emu.bus), 1);
	cloud_close(&c);
}
END_TEST

static void *enqueue_many(void *arg)
{
	for (int i = 0; i < 100; i++)
		enqueue(arg, 0, 0);
	return NULL;
}

START_TEST(takes_from_many_threads)
{
	pthread_t threads[4];
	struct cloud c;

	cloud_open(&c, NULL);
	ck_assert_int_eq(bus_start(c.emu.bus, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, enqueue_many, &c), 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	ck_assert(bus_idle(c.emu.bus, 20000));
	ck_assert_int_eq(atomic_load(&calls), 400);
	cloud_close(&c);
}
END_TEST

/* As many slow events as there could be threads, and then something else. */
START_TEST(no_service_holds_up_another)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	struct cloud c;

	cloud_open(&c, NULL);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(bus_enqueue(&c.call, "counter", "Hang", in, 0, 0), 0);
	ck_assert_int_eq(bus_enqueue(&c.call, "second", "Count", in, 0, 0), 0);
	ck_assert_int_eq(bus_start(c.emu.bus, NULL), 0);
	for (int i = 0; i < 10000 && !atomic_load(&calls); i++)
		clock_sleep_ms(1);
	ck_assert_int_eq(atomic_load(&calls), 1);
	ck_assert(atomic_load(&hanging));
	atomic_store(&let_go, true);
	ck_assert(bus_idle(c.emu.bus, 20000));
	cloud_close(&c);
}
END_TEST

START_TEST(calls_now)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();
	FP_AUTO(json_freep) cJSON *out = cJSON_CreateObject();
	struct cloud c;

	cloud_open(&c, NULL);
	c.call.service = "other";
	json_set_str(in, "say", "hello");
	ck_assert_int_eq(bus_call(&c.call, "counter", "Echo", in, out), 0);
	ck_assert_str_eq(json_str(out, "said", ""), "hello");
	ck_assert_str_eq(json_str(out, "service", ""), "counter");
	ck_assert_str_eq(c.call.service, "other");
	ck_assert_int_lt(bus_call(&c.call, "counter", "Nothing", in, NULL), 0);
	ck_assert_str_eq(c.call.fault.code, "NotImplemented");
	ck_assert_int_lt(bus_call(&c.call, "nobody", "Echo", in, NULL), 0);
	cloud_close(&c);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("bus");
	TCase *tc = tcase_create("bus");

	tcase_add_loop_test(tc, delivers, 0, ARRAY_SIZE(deliveries));
	tcase_add_test(tc, delivers_what_was_committed_only);
	tcase_add_test(tc, delivers_after_a_restart);
	tcase_add_test(tc, waits_as_long_as_asked);
	tcase_add_test(tc, keeps_what_the_stop_interrupts);
	tcase_add_test(tc, takes_from_many_threads);
	tcase_add_test(tc, no_service_holds_up_another);
	tcase_add_test(tc, calls_now);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
