/*
 * A client's credentials, among threads: who asks for others, and who waits.
 */
#include "check_main.h"

#include "aws/internal.h"
#include "base/clock.h"
#include "test_server.h"
#include "world.h"

#define THREADS 16
#define MINUTE	60000LL

/* A container's endpoint: the Nth answer has the key "ID<N>". */
struct giver {
	struct test_server server;
	int calls;
	bool fails;
	unsigned late_ms;
	bool holds; /* answers when all the other threads have theirs */
	atomic_int answered;
	int64_t life_ms;
	char *variable;
	const char *vars[5];
	struct aws_env env;
	struct aws_client *client;
};

static void give(void *ctx, const struct test_request *req, struct test_answer *out)
{
	struct giver *g = ctx;
	char expires[25];

	(void)req;
	g->calls++;
	clock_sleep_ms(g->late_ms);
	/* If they waited for this one, it would never end: so it does, and they tell. */
	for (int i = 0; g->holds && atomic_load(&g->answered) < THREADS - 1 && i < 500;
	     i++)
		clock_sleep_ms(10);
	if (g->fails) {
		out->status = 403;
		return;
	}
	time_iso(expires, clock_now_ms() + g->life_ms);
	buf_printf(&out->body,
		   "{\"AccessKeyId\": \"ID%d\", \"SecretAccessKey\": \"s\", \"Token\": "
		   "\"t\", \"Expiration\": \"%s\"}",
		   g->calls, expires);
}

static void giver_start(struct giver *g)
{
	struct aws_options o = { .env = &g->env };
	struct fp_error err = { 0 };

	*g = (struct giver){ .life_ms = 60 * MINUTE, .late_ms = 100 };
	test_server_start(&g->server, give, g);
	g->variable = xasprintf("AWS_CONTAINER_CREDENTIALS_FULL_URI=%s/creds",
				g->server.url);
	g->vars[0] = g->variable;
	g->vars[1] = "AWS_REGION=eu-west-1";
	g->vars[2] = "HOME=/nonexistent";
	g->env = world(g->vars, NULL);
	ck_assert_msg(aws_client_new(&g->client, &o, &err) == 0, "%s", err.message);
}

static void giver_end(struct giver *g)
{
	aws_client_freep(&g->client);
	test_server_stop(&g->server);
	free(g->variable);
}

struct asker {
	struct giver *giver;
	pthread_t thread;
	int rc;
	struct aws_credentials got;
	struct fp_error err;
};

static void *ask(void *arg)
{
	struct asker *a = arg;

	a->rc = aws_client_credentials(a->giver->client, &a->got, &a->err);
	atomic_fetch_add(&a->giver->answered, 1);
	return NULL;
}

/* All at once: how many got `id` (NULL: an error). */
static int ask_all(struct giver *g, const char *id)
{
	struct asker a[THREADS] = { 0 };
	int n = 0;

	atomic_store(&g->answered, 0);
	for (size_t i = 0; i < THREADS; i++) {
		a[i].giver = g;
		ck_assert_int_eq(pthread_create(&a[i].thread, NULL, ask, &a[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++) {
		ck_assert_int_eq(pthread_join(a[i].thread, NULL), 0);
		if (id ? a[i].rc == 0 && str_eq(a[i].got.access_key_id, id)
		       : a[i].rc < 0 && *a[i].err.message)
			n++;
		aws_credentials_release(&a[i].got);
	}
	return n;
}

/* As if so much of their hour was left. */
static void leave(struct giver *g, int64_t minutes)
{
	g->client->keeper.credentials.expires_ms = clock_now_ms() + minutes * MINUTE;
}

START_TEST(one_asks_for_all)
{
	struct giver g;

	giver_start(&g);
	ck_assert_int_eq(ask_all(&g, "ID1"), THREADS);
	ck_assert_int_eq(ask_all(&g, "ID1"), THREADS);
	ck_assert_int_eq(g.calls, 1);
	giver_end(&g);
}
END_TEST

START_TEST(one_fails_for_all)
{
	struct giver g;

	giver_start(&g);
	g.fails = true;
	g.late_ms = 500;
	ck_assert_int_eq(ask_all(&g, NULL), THREADS);
	/* Who came when the answer was there asked again. */
	ck_assert_int_le((int)g.client->keeper.rounds, THREADS / 2);
	g.fails = false;
	g.calls = 0;
	ck_assert_int_eq(ask_all(&g, "ID1"), THREADS);
	giver_end(&g);
}
END_TEST

START_TEST(the_others_go_on_meanwhile)
{
	struct giver g;

	giver_start(&g);
	ck_assert_int_eq(ask_all(&g, "ID1"), THREADS);
	g.holds = true;
	leave(&g, 12);
	ck_assert_int_eq(ask_all(&g, "ID1"), THREADS - 1);
	ck_assert_int_eq(g.calls, 2);
	ck_assert_int_eq(ask_all(&g, "ID2"), THREADS);
	ck_assert_int_eq(g.calls, 2);
	giver_end(&g);
}
END_TEST

START_TEST(a_failure_keeps_the_old_ones)
{
	struct giver g;

	giver_start(&g);
	ck_assert_int_eq(ask_all(&g, "ID1"), THREADS);
	g.fails = true;
	leave(&g, 12);
	ck_assert_int_eq(ask_all(&g, "ID1"), THREADS);
	ck_assert_uint_eq(g.client->keeper.rounds, 2);
	/* And does not ask at every call. */
	ck_assert_int_eq(ask_all(&g, "ID1"), THREADS);
	ck_assert_uint_eq(g.client->keeper.rounds, 2);
	giver_end(&g);
}
END_TEST

START_TEST(all_wait_at_the_end)
{
	struct giver g;

	giver_start(&g);
	ck_assert_int_eq(ask_all(&g, "ID1"), THREADS);
	leave(&g, 5);
	ck_assert_int_eq(ask_all(&g, "ID2"), THREADS);
	ck_assert_int_eq(g.calls, 2);
	g.fails = true;
	leave(&g, 5);
	ck_assert_int_eq(ask_all(&g, NULL), THREADS);
	giver_end(&g);
}
END_TEST

START_TEST(short_lives_have_short_windows)
{
	struct giver g;

	giver_start(&g);
	g.life_ms = 12 * MINUTE;
	ck_assert_int_eq(ask_all(&g, "ID1"), THREADS);
	ck_assert_int_eq(ask_all(&g, "ID1"), THREADS);
	g.holds = true;
	leave(&g, 5);
	ck_assert_int_eq(ask_all(&g, "ID1"), THREADS - 1);
	g.holds = false;
	leave(&g, 2);
	ck_assert_int_eq(ask_all(&g, "ID3"), THREADS);
	ck_assert_int_eq(g.calls, 3);
	giver_end(&g);
}
END_TEST

START_TEST(stale_ones_are_replaced_once)
{
	FP_AUTO(aws_credentials_release) struct aws_credentials first = { 0 };
	struct giver g;

	giver_start(&g);
	ck_assert_int_eq(aws_client_credentials(g.client, &first, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		ck_assert(aws_client_refresh(g.client, &first));
	ck_assert_int_eq(ask_all(&g, "ID2"), THREADS);
	/* Somebody's answer that came late: they were replaced long ago. */
	ck_assert(aws_client_refresh(g.client, &first));
	ck_assert_int_eq(ask_all(&g, "ID2"), THREADS);
	ck_assert_int_eq(g.calls, 2);
	giver_end(&g);
}
END_TEST

START_TEST(given_ones_stay)
{
	struct aws_credentials keys = { (char[]){ "GIVEN" }, (char[]){ "s" }, NULL, 1 };
	FP_AUTO(aws_credentials_release) struct aws_credentials got = { 0 };
	FP_AUTO(aws_client_freep) struct aws_client *c = NULL;
	FP_AUTO(cred_report_release) struct cred_report report = { 0 };
	struct aws_options o = { .region = "eu-west-1", .credentials = &keys };

	ck_assert_int_eq(aws_client_new(&c, &o, NULL), 0);
	ck_assert(!aws_client_refresh(c, &keys));
	ck_assert_int_eq(aws_client_credentials(c, &got, NULL), 0);
	ck_assert_str_eq(got.access_key_id, "GIVEN");
	ck_assert_int_eq(aws_client_credential_report(c, &report, NULL), 0);
	ck_assert_uint_eq(report.n, 1);
	ck_assert_str_eq(report.v[0].why, "GIVEN");
}
END_TEST

START_TEST(the_report_tells_all)
{
	FP_AUTO(cred_report_release) struct cred_report report = { 0 };
	struct giver g;

	giver_start(&g);
	ck_assert_int_eq(aws_client_credential_report(g.client, &report, NULL), 0);
	ck_assert_uint_eq(report.n, 9);
	for (size_t i = 0; i + 1 < report.n; i++)
		ck_assert_msg(report.v[i].result == CRED_NONE && *report.v[i].why, "%s",
			      report.v[i].provider);
	ck_assert_str_eq(report.v[0].provider, "environment");
	ck_assert_str_eq(report.v[8].provider, "container");
	ck_assert_int_eq(report.v[8].result, CRED_FOUND);
	ck_assert_int_eq(g.calls, 1);
	giver_end(&g);
}
END_TEST

static Suite *keeper_suite(void)
{
	Suite *s = suite_create("aws/keeper");
	TCase *tc = tcase_create("keeper");

	tcase_add_test(tc, one_asks_for_all);
	tcase_add_test(tc, one_fails_for_all);
	tcase_add_test(tc, the_others_go_on_meanwhile);
	tcase_add_test(tc, a_failure_keeps_the_old_ones);
	tcase_add_test(tc, all_wait_at_the_end);
	tcase_add_test(tc, short_lives_have_short_windows);
	tcase_add_test(tc, stale_ones_are_replaced_once);
	tcase_add_test(tc, given_ones_stay);
	tcase_add_test(tc, the_report_tells_all);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(keeper_suite)
