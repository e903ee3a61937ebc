/* Every value of the manifest in the struct that the others read. */
#include "base/str.h"
#include "check_main.h"
#include "manifest/manifest.h"

static void parse(struct manifest *m, const char *text)
{
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	int rc = manifest_parse(m, text, strlen(text), "f.yaml", NULL, &d);

	ck_assert_msg(rc == 0, "%s", d.n ? d.v[0].message : "");
}

START_TEST(bucket_values)
{
	static const char key[] = "arn:aws:kms:eu-west-1:111122223333:key/1-2";
	FP_AUTO(manifest_release) struct manifest m;

	parse(&m, "project: p\n"
		  "buckets:\n"
		  "  plain: {}\n"
		  "  full: {on: [removed, tagged], delivery: queue, versioning: true,\n"
		  "         encryption: kms, archive: 30d, expire: 365d, retain: false}\n"
		  "  own: {encryption: 'arn:aws:kms:eu-west-1:111122223333:key/1-2'}\n");
	ck_assert(!m.buckets[0].queue && !m.buckets[0].versioning && m.buckets[0].retain);
	ck_assert_int_eq(m.buckets[0].encryption, ENCRYPT_S3);
	ck_assert_int_eq(m.buckets[0].archive_days, 0);
	ck_assert_int_eq(m.buckets[0].expire_days, 0);
	ck_assert(m.buckets[1].queue && m.buckets[1].versioning && !m.buckets[1].retain);
	ck_assert_int_eq(m.buckets[1].encryption, ENCRYPT_KMS);
	ck_assert_ptr_null(m.buckets[1].key);
	ck_assert_int_eq(m.buckets[1].archive_days, 30);
	ck_assert_int_eq(m.buckets[1].expire_days, 365);
	ck_assert_uint_eq(m.buckets[1].non, 2);
	ck_assert_int_eq(m.buckets[2].encryption, ENCRYPT_KEY);
	ck_assert_str_eq(m.buckets[2].key, key);
}
END_TEST

START_TEST(processor_defaults)
{
	FP_AUTO(manifest_release) struct manifest m;
	const struct manifest_processor *p;

	parse(&m, "project: p\nprocessors: {default: {timeout: 10s}}\n");
	p = &m.processors[0];
	ck_assert_int_eq(p->concurrency, 0);
	ck_assert(!p->tracing && !p->report);
	ck_assert(!p->environment && !p->secrets && !p->inspect);
	ck_assert_int_eq(p->on_success.kind, ACTION_LEAVE);
	ck_assert_int_eq(p->on_failure.kind, ACTION_LEAVE);
	ck_assert_int_eq(p->queue.batch, 10);
	ck_assert_int_eq(p->queue.window_s, 0);
	ck_assert_int_eq(p->queue.visibility_s, 60);
	ck_assert_int_eq(p->queue.attempts, 5);
	ck_assert_int_eq(p->queue.concurrency, 0);
}
END_TEST

START_TEST(processor_values)
{
	FP_AUTO(manifest_release) struct manifest m;
	const struct manifest_processor *p;

	parse(&m, "project: p\n"
		  "processors:\n"
		  "  default:\n"
		  "    concurrency: 50\n"
		  "    tracing: true\n"
		  "    secrets: {API_KEY: ssm:/p/key}\n"
		  "    inspect: {csv: {columns: [id]}, json: }\n"
		  "    on_success: tag\n"
		  "    on_failure: {move: bad/}\n"
		  "    report: true\n"
		  "    queue: {batch: 100, window: 5s, visibility: 10m, attempts: 3,\n"
		  "            concurrency: 20}\n");
	p = &m.processors[0];
	ck_assert_int_eq(p->concurrency, 50);
	ck_assert(p->tracing && p->report);
	ck_assert_str_eq(node_text(node_get(p->secrets, "API_KEY")), "ssm:/p/key");
	ck_assert_str_eq(node_text(node_at(p->inspect, "csv.columns.0")), "id");
	ck_assert_str_eq(node_text(node_at(p->inspect, "csv.header")), "true");
	ck_assert_str_eq(node_text(node_at(p->inspect, "csv.delimiter")), ",");
	ck_assert_ptr_nonnull(node_at(p->inspect, "json.required"));
	/* What is absent stays absent: it is not to be checked. */
	ck_assert_ptr_null(node_get(p->inspect, "ndjson"));
	ck_assert_int_eq(p->on_success.kind, ACTION_TAG);
	ck_assert_int_eq(p->on_failure.kind, ACTION_MOVE);
	ck_assert_str_eq(p->on_failure.prefix, "bad/");
	ck_assert_int_eq(p->queue.batch, 100);
	ck_assert_int_eq(p->queue.window_s, 5);
	ck_assert_int_eq(p->queue.visibility_s, 600);
	ck_assert_int_eq(p->queue.attempts, 3);
	ck_assert_int_eq(p->queue.concurrency, 20);
}
END_TEST

START_TEST(topics)
{
	FP_AUTO(manifest_release) struct manifest m;

	parse(&m, "project: p\n"
		  "notify:\n"
		  "  all: {email: [a@b.cd, c@b.cd], https: 'https://b.cd/'}\n"
		  "  bad: {sqs: 'arn:aws:sqs:eu-west-1:111122223333:q',\n"
		  "        filter: {status: failed}}\n");
	ck_assert_uint_eq(m.ntopics, 2);
	ck_assert_str_eq(m.topics[0].name, "all");
	ck_assert_uint_eq(m.topics[0].nemail, 2);
	ck_assert_str_eq(m.topics[0].https[0], "https://b.cd/");
	ck_assert_ptr_null(m.topics[0].filter);
	ck_assert_uint_eq(m.topics[1].nsqs, 1);
	ck_assert_str_eq(node_text(node_at(m.topics[1].filter, "status.0")), "failed");
	ck_assert_uint_eq(m.topics[1].pos.line, 4);
}
END_TEST

static const char *const silent[] = { "project: p\n", "project: p\nnotify:\n",
				      "project: p\nnotify: {}\n",
				      "project: p\nnotify: []\n" };

START_TEST(a_topic_is_always_there)
{
	FP_AUTO(manifest_release) struct manifest m;

	parse(&m, silent[_i]);
	ck_assert_uint_eq(m.ntopics, 1);
	ck_assert_str_eq(m.topics[0].name, "notifications");
	ck_assert_uint_eq(m.topics[0].nemail, 0);
}
END_TEST

START_TEST(the_rest_by_default)
{
	FP_AUTO(manifest_release) struct manifest m;

	parse(&m, "project: p\n");
	ck_assert(m.monitoring.dashboard);
	ck_assert_int_eq(m.monitoring.retention_days, 30);
	ck_assert_int_eq(m.monitoring.alarms.errors, 1);
	ck_assert_int_eq(m.monitoring.alarms.throttles, 1);
	ck_assert_int_eq(m.monitoring.alarms.dead_letters, 1);
	ck_assert_int_eq(m.monitoring.alarms.duration_p99, 80);
	ck_assert_uint_eq(m.monitoring.nalert, 0);
	ck_assert_ptr_null(m.pipeline);
	ck_assert_uint_eq(m.nenvironments, 0);
	ck_assert_uint_eq(m.nstacks, 0);
	ck_assert(!m.protect);
}
END_TEST

START_TEST(the_rest)
{
	FP_AUTO(manifest_release) struct manifest m;

	parse(&m, "project: p\n"
		  "monitoring: {dashboard: false, retention: 365d, alert: a@b.cd,\n"
		  "             alarms: {errors: 0, throttles: 2, duration_p99: 90%,\n"
		  "                      dead_letters: 3}}\n"
		  "pipeline: {github: a/b, paths: ['x/**'], approve: [prod]}\n"
		  "environments: {prod: }\n"
		  "stacks: {s: {template: s.yaml, needs: s3, parameters: {N: 012}}}\n");
	ck_assert(!m.monitoring.dashboard);
	ck_assert_int_eq(m.monitoring.retention_days, 365);
	ck_assert_int_eq(m.monitoring.alarms.errors, 0);
	ck_assert_int_eq(m.monitoring.alarms.throttles, 2);
	ck_assert_int_eq(m.monitoring.alarms.dead_letters, 3);
	ck_assert_int_eq(m.monitoring.alarms.duration_p99, 90);
	ck_assert_str_eq(m.monitoring.alert[0], "a@b.cd");
	ck_assert_str_eq(m.pipeline->github, "a/b");
	ck_assert_str_eq(m.pipeline->branch, "main");
	ck_assert_str_eq(m.pipeline->paths[0], "x/**");
	ck_assert_str_eq(m.pipeline->compute, "lambda-arm");
	ck_assert_str_eq(m.pipeline->approve[0], "prod");
	ck_assert_ptr_null(m.pipeline->connection);
	ck_assert_str_eq(m.stacks[0].template, "s.yaml");
	ck_assert_str_eq(m.stacks[0].needs[0], "s3");
	ck_assert_str_eq(node_text(node_get(m.stacks[0].parameters, "N")), "012");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("read");
	TCase *tc = tcase_create("read");

	tcase_add_test(tc, bucket_values);
	tcase_add_test(tc, processor_defaults);
	tcase_add_test(tc, processor_values);
	tcase_add_test(tc, topics);
	tcase_add_loop_test(tc, a_topic_is_always_there, 0, ARRAY_SIZE(silent));
	tcase_add_test(tc, the_rest_by_default);
	tcase_add_test(tc, the_rest);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
