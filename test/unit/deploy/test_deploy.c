#include "setting.h"

START_TEST(creates_in_order_and_then_changes_nothing)
{
	struct setting s = { 0 };
	const struct strs *log = &s.fake.log;

	begin(&s, MANIFEST);
	ck_assert_msg(run(&s) == 0, "%s", s.err.message);
	ck_assert_uint_eq(s.sum.created, 4);
	ck_assert_uint_eq(s.sum.uploaded, 1);
	ck_assert_uint_lt(
		position(log, "ExecuteChangeSet p-artifacts"),
		position(log, "PUT value-of-ArtifactBucketName/processors/1.zip"));
	ck_assert_uint_lt(
		position(log, "PUT value-of-ArtifactBucketName/processors/1.zip"),
		position(log, "CreateChangeSet p-lambda"));
	ck_assert_uint_lt(position(log, "ExecuteChangeSet p-sns"),
			  position(log, "CreateChangeSet p-lambda"));
	ck_assert_uint_lt(position(log, "ExecuteChangeSet p-lambda"),
			  position(log, "CreateChangeSet p-s3"));
	forget(&s);
	ck_assert_msg(run(&s) == 0, "%s", s.err.message);
	ck_assert_uint_eq(s.sum.unchanged, 4);
	ck_assert_uint_eq(s.sum.created + s.sum.updated + s.sum.uploaded, 0);
	/* DescribeStacks and GetTemplate of each stack, and nothing else. */
	ck_assert_msg(log->n == 8, "%s", joined(log));
	ck_assert_int_eq(s.sum.requests, 8);
	end(&s);
}
END_TEST

START_TEST(the_same_code_is_uploaded_once)
{
	struct setting s = { 0 };
	struct deploy_code code[2];

	begin(&s,
	      "project: p\nregion: eu-west-1\nbuckets:\n  uploads: {}\n"
	      "  orders: {processor: orders}\nprocessors:\n  orders: {memory: 512}\n");
	code[0] = code[1] = s.code;
	code[1].processor = "orders";
	s.d.code = code;
	s.d.ncode = 2;
	ck_assert_msg(run(&s) == 0, "%s", s.err.message);
	ck_assert_uint_eq(s.sum.uploaded, 1);
	ck_assert_uint_eq(s.fake.objects.n, 1);
	end(&s);
}
END_TEST

START_TEST(new_code_updates_its_function_only)
{
	struct setting s = { 0 };
	const struct strs *log = &s.fake.log;

	begin(&s, MANIFEST);
	ck_assert_int_eq(run(&s), 0);
	forget(&s);
	free(s.code.asset.key);
	s.code.asset.key = xstrdup("processors/2.zip");
	ck_assert_msg(run(&s) == 0, "%s", s.err.message);
	ck_assert_uint_eq(s.sum.updated, 1);
	ck_assert_uint_eq(s.sum.unchanged, 3);
	ck_assert_uint_eq(s.sum.uploaded, 1);
	ck_assert(logged(log, "ExecuteChangeSet p-lambda"));
	/* Its outputs are what they were: no change set finds that out. */
	ck_assert(!logged(log, "CreateChangeSet p-s3"));
	end(&s);
}
END_TEST

static const struct {
	const char *name;
	bool deployed; /* before the fault, and then the code changes */
	struct fake_aws fault;
	const char *status; /* p-lambda is in this state at the start; or NULL */
	bool ok;
	const char *error;
	size_t created, updated, unchanged, failed, skipped;
	const char *calls, *lacks; /* in the log, behind the preparation */
} faults[] = {
	{ .name = "throttled once",
	  .fault = { .throttled = "CreateChangeSet" },
	  .ok = true,
	  .created = 4 },
	{ .name = "polls fail for a while",
	  .fault = { .unavailable = "DescribeStackEvents", .unavailable_times = 9 },
	  .ok = true,
	  .created = 4 },
	{ .name = "polls fail for good",
	  .deployed = true,
	  .fault = { .unavailable = "DescribeStackEvents", .unavailable_times = 1000 },
	  .error = "stack p-lambda: CloudFormation goes on with p-lambda, which cannot "
		   "be followed any more; the same command again follows it: ",
	  .unchanged = 2,
	  .failed = 1,
	  .skipped = 1,
	  .lacks = "DeleteStack" },
	{ .name = "a refused change set",
	  .fault = { .refused = "p-lambda", .reason = "bad role" },
	  .error = "stack p-lambda: CloudFormation refuses the change set: bad role",
	  .created = 2,
	  .failed = 1,
	  .skipped = 1,
	  .calls = "DeleteStack p-lambda" },
	{ .name = "a refused change set of a stack that is there",
	  .deployed = true,
	  .fault = { .refused = "p-lambda", .reason = "bad role" },
	  .error = "bad role",
	  .unchanged = 2,
	  .failed = 1,
	  .skipped = 1,
	  .calls = "DeleteChangeSet p-lambda",
	  .lacks = "DeleteStack" },
	{ .name = "nothing to change after all",
	  .deployed = true,
	  .fault = { .refused = "p-lambda",
		     .reason = "The submitted information didn't contain changes. Submit "
			       "different information to create a change set." },
	  .ok = true,
	  .unchanged = 4,
	  .calls = "DeleteChangeSet p-lambda",
	  .lacks = "ExecuteChangeSet" },
	{ .name = "the other way to say it",
	  .deployed = true,
	  .fault = { .refused = "p-lambda", .reason = "No updates are to be performed." },
	  .ok = true,
	  .unchanged = 4,
	  .calls = "DeleteChangeSet p-lambda" },
	{ .name = "a failed creation",
	  .fault = { .rolled_back = "p-lambda", .reason = "no right" },
	  .error = "stack p-lambda is ROLLBACK_COMPLETE: Culprit (AWS::IAM::Role): no "
		   "right",
	  .created = 2,
	  .failed = 1,
	  .skipped = 1,
	  .calls = "DeleteStack p-lambda" },
	{ .name = "a failed update",
	  .deployed = true,
	  .fault = { .rolled_back = "p-lambda", .reason = "no right" },
	  .error = "stack p-lambda is UPDATE_ROLLBACK_COMPLETE: Culprit "
		   "(AWS::IAM::Role): no "
		   "right",
	  .unchanged = 2,
	  .failed = 1,
	  .skipped = 1,
	  .lacks = "DeleteStack" },
	{ .name = "independent stacks finish",
	  .fault = { .rolled_back = "p-artifacts", .reason = "taken" },
	  .error = "taken",
	  .created = 1,
	  .failed = 1,
	  .skipped = 2,
	  .calls = "ExecuteChangeSet p-sns" },
	{ .name = "execution denied",
	  .fault = { .execute_denied = "p-sns" },
	  .error = "not you",
	  .created = 1,
	  .failed = 1,
	  .skipped = 2,
	  .calls = "DeleteStack p-sns" },
	{ .name = "what failed before is made anew",
	  .deployed = true,
	  .status = "ROLLBACK_COMPLETE",
	  .ok = true,
	  .created = 1,
	  .unchanged = 3,
	  .calls = "DeleteStack p-lambda" },
	{ .name = "what was never executed too",
	  .deployed = true,
	  .status = "REVIEW_IN_PROGRESS",
	  .ok = true,
	  .created = 1,
	  .unchanged = 3,
	  .calls = "DeleteStack p-lambda" },
	{ .name = "a busy stack is waited for",
	  .deployed = true,
	  .status = "UPDATE_IN_PROGRESS",
	  .ok = true,
	  .updated = 1,
	  .unchanged = 3,
	  .calls = "ExecuteChangeSet p-lambda" },
	{ .name = "a stuck stack is left alone",
	  .deployed = true,
	  .status = "UPDATE_ROLLBACK_FAILED",
	  .error = "continue-update-rollback",
	  .unchanged = 2,
	  .failed = 1,
	  .skipped = 1,
	  .lacks = "ChangeSet" },
};

static void apply(struct setting *s, const struct fake_aws *fault, const char *status)
{
	struct fake_stack *lambda = fake_find(&s->fake, "p-lambda");

	s->fake.throttled = fault->throttled;
	s->fake.unavailable = fault->unavailable;
	s->fake.unavailable_times = fault->unavailable_times;
	s->fake.refused = fault->refused;
	s->fake.rolled_back = fault->rolled_back;
	s->fake.execute_denied = fault->execute_denied;
	s->fake.reason = fault->reason;
	if (!status)
		return;
	(void)snprintf(lambda->status, sizeof(lambda->status), "%s", status);
	if (str_ends(status, "UPDATE_IN_PROGRESS"))
		lambda->polls = 3;
}

START_TEST(faults_are_survived_or_explained)
{
	const __typeof__(faults[0]) *c = &faults[_i];
	struct setting s = { 0 };
	FP_AUTO(freep) char *log = NULL;
	int rc;

	begin(&s, MANIFEST);
	if (c->deployed) {
		ck_assert_int_eq(run(&s), 0);
		forget(&s);
		free(s.code.asset.key);
		s.code.asset.key = xstrdup("processors/2.zip");
	}
	apply(&s, &c->fault, c->status);
	rc = run(&s);
	log = joined(&s.fake.log);
	ck_assert_msg((rc == 0) == c->ok, "%s: %s\n%s", c->name, s.err.message, log);
	ck_assert_msg(!c->error || strstr(s.err.message, c->error), "%s: %s", c->name,
		      s.err.message);
	ck_assert_msg(s.sum.created == c->created && s.sum.updated == c->updated &&
			      s.sum.unchanged == c->unchanged &&
			      s.sum.failed == c->failed && s.sum.skipped == c->skipped,
		      "%s: created %zu updated %zu unchanged %zu failed %zu skipped %zu",
		      c->name, s.sum.created, s.sum.updated, s.sum.unchanged,
		      s.sum.failed, s.sum.skipped);
	ck_assert_msg(!c->calls || strstr(log, c->calls), "%s:\n%s", c->name, log);
	ck_assert_msg(!c->lacks || !strstr(log, c->lacks), "%s:\n%s", c->name, log);
	if (c->fault.rolled_back || c->fault.refused || c->fault.execute_denied ||
	    c->fault.unavailable) {
		apply(&s, &(struct fake_aws){ 0 }, NULL);
		ck_assert_msg(run(&s) == 0, "%s, again: %s", c->name, s.err.message);
	}
	end(&s);
}
END_TEST

START_TEST(events_come_once_and_in_order)
{
	struct setting s = { 0 };
	size_t n = 0;

	begin(&s, MANIFEST);
	ck_assert_int_eq(run(&s), 0);
	for (size_t i = 0; i < s.reports.n; i++)
		n += str_starts(s.reports.v[i], "resource p-sns Resource");
	ck_assert_uint_eq(n, 1);
	ck_assert_uint_lt(position(&s.reports, "planned p-s3"),
			  position(&s.reports, "started p-artifacts"));
	ck_assert_uint_lt(position(&s.reports, "started p-sns"),
			  position(&s.reports, "resource p-sns Resource"));
	ck_assert_uint_lt(position(&s.reports, "resource p-sns Resource"),
			  position(&s.reports, "done p-sns"));
	end(&s);
}
END_TEST

START_TEST(an_interruption_detaches)
{
	struct setting s = { .interrupt_at = DEPLOY_RESOURCE };
	bool deleted;

	begin(&s, MANIFEST);
	s.fake.lasts = 1000;
	ck_assert_int_eq(run(&s), -1);
	ck_assert_int_eq(s.err.code, FP_ERR_INTERRUPTED);
	ck_assert_msg(strstr(s.err.message, "CloudFormation goes on"), "%s",
		      s.err.message);
	/* The server may still be answering what nobody waits for. */
	pthread_mutex_lock(&s.fake.http.lock);
	deleted = logged(&s.fake.log, "DeleteStack");
	pthread_mutex_unlock(&s.fake.http.lock);
	ck_assert(!deleted);
	end(&s);
}
END_TEST

START_TEST(a_time_limit_holds)
{
	struct setting s = { 0 };

	begin(&s, MANIFEST);
	s.fake.lasts = 1000;
	s.d.timeout_ms = 300;
	ck_assert_int_eq(run(&s), -1);
	ck_assert_int_eq(s.err.code, FP_ERR_TIMEOUT);
	end(&s);
}
END_TEST

START_TEST(a_large_template_goes_through_the_bucket)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	struct setting s = { 0 };

	buf_puts(&text, "project: p\nregion: eu-west-1\nbuckets:\n");
	for (int i = 0; i < 60; i++)
		buf_printf(&text, "  bucket%02d: {suffix: [.csv, .json]}\n", i);
	begin(&s, buf_str(&text));
	ck_assert_msg(run(&s) == 0, "%s", s.err.message);
	ck_assert_uint_lt(
		position(&s.fake.log, "PUT value-of-ArtifactBucketName/templates/"),
		position(&s.fake.log, "CreateChangeSet p-s3"));
	end(&s);
}
END_TEST

/* Its stack takes no output of the bucket's, and must wait for it all the same. */
START_TEST(a_large_template_waits_for_the_bucket)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	struct setting s = { 0 };

	buf_puts(&text, "project: p\nregion: eu-west-1\nnotify:\n");
	for (int i = 0; i < 400; i++) {
		if (i % 100 == 0)
			buf_printf(&text, "  topic%d:\n    email:\n", i);
		buf_printf(&text, "      - somebody%03d@a-rather-long-name.example.com\n",
			   i);
	}
	begin(&s, buf_str(&text));
	ck_assert_msg(run(&s) == 0, "%s", s.err.message);
	ck_assert_uint_lt(
		position(&s.fake.log, "ExecuteChangeSet p-artifacts"),
		position(&s.fake.log, "PUT value-of-ArtifactBucketName/templates/"));
	ck_assert_uint_lt(
		position(&s.fake.log, "PUT value-of-ArtifactBucketName/templates/"),
		position(&s.fake.log, "CreateChangeSet p-sns"));
	end(&s);
}
END_TEST

static const struct {
	const char *name;
	bool data, delete_data;
	const char *not_deleted;
	const char *error;
	size_t deleted, failed, skipped;
} destructions[] = {
	{ "without data", false, false, NULL, NULL, 4, 0, 0 },
	{ "data is kept", true, false, NULL, "--delete-data", 0, 0, 0 },
	{ "data is deleted", true, true, NULL, NULL, 4, 0, 0 },
	{ "a stack that cannot go", false, false, "p-lambda",
	  "stack p-lambda is DELETE_FAILED: Bucket (AWS::S3::Bucket): in use", 1, 1, 2 },
};

START_TEST(destroys_in_reverse)
{
	const __typeof__(destructions[0]) *c = &destructions[_i];
	struct setting s = { 0 };
	FP_AUTO(freep) char *log = NULL;
	int rc;

	begin(&s, MANIFEST);
	ck_assert_int_eq(run(&s), 0);
	forget(&s);
	if (c->data)
		strs_add(&s.fake.objects, "value-of-UploadsBucketName/a.csv");
	s.fake.not_deleted = c->not_deleted;
	s.fake.reason = "in use";
	rc = deploy_destroy(&s.d, c->delete_data, &s.sum, &s.err);
	log = joined(&s.fake.log);
	ck_assert_msg((rc == 0) == (c->error == NULL), "%s: %s\n%s", c->name,
		      s.err.message, log);
	ck_assert_msg(!c->error || strstr(s.err.message, c->error), "%s: %s", c->name,
		      s.err.message);
	ck_assert_uint_eq(s.sum.deleted, c->deleted);
	ck_assert_uint_eq(s.sum.failed, c->failed);
	ck_assert_uint_eq(s.sum.skipped, c->skipped);
	if (!c->deleted) {
		ck_assert(!logged(&s.fake.log, "DeleteStack"));
	} else if (!c->failed) {
		ck_assert_uint_lt(position(&s.fake.log, "DeleteStack p-s3"),
				  position(&s.fake.log, "DeleteStack p-lambda"));
		ck_assert_uint_lt(position(&s.fake.log, "DeleteStack p-lambda"),
				  position(&s.fake.log, "DeleteStack p-artifacts"));
		ck_assert_uint_eq(s.fake.objects.n, 0);
	}
	end(&s);
}
END_TEST

START_TEST(a_stack_of_somebody_else_is_not_touched)
{
	struct setting s = { 0 };

	begin(&s, MANIFEST);
	ck_assert_int_eq(run(&s), 0);
	forget(&s);
	s.manifest.project = "q";
	ck_assert_int_eq(run(&s), -1);
	ck_assert_msg(strstr(s.err.message, "is not of this project"), "%s",
		      s.err.message);
	ck_assert_int_eq(deploy_destroy(&s.d, true, &s.sum, &s.err), -1);
	ck_assert_msg(strstr(s.err.message, "is not of this project"), "%s",
		      s.err.message);
	ck_assert(!logged(&s.fake.log, "ChangeSet"));
	ck_assert(!logged(&s.fake.log, "DeleteStack"));
	end(&s);
}
END_TEST

/* The buckets must not call a function that is gone. */
START_TEST(a_processor_goes_after_its_last_user)
{
	struct deploy_code code[2];
	struct setting s = { 0 };
	FP_AUTO(freep) char *log = NULL;
	const char *first, *users;

	begin(&s, "project: p\nregion: eu-west-1\nbuckets: {a: {processor: old}}\n"
		  "processors: {old: {}}\n" WITHOUT_MONITORING);
	use_code(&s, code, "old", "new");
	ck_assert_msg(run(&s) == 0, "%s", s.err.message);
	render_anew(&s, "project: p\nregion: eu-west-1\nbuckets: {a: {processor: new}}\n"
			"processors: {new: {}}\n" WITHOUT_MONITORING);
	ck_assert_msg(run(&s) == 0, "%s", s.err.message);
	ck_assert_uint_eq(s.sum.updated, 2);
	ck_assert_uint_eq(s.sum.unchanged, 2);
	log = joined(&s.fake.log);
	first = strstr(log, "ExecuteChangeSet p-lambda");
	users = first ? strstr(first, "ExecuteChangeSet p-s3") : NULL;
	ck_assert_msg(users && strstr(users, "ExecuteChangeSet p-lambda"), "%s", log);
	ck_assert_msg(run(&s) == 0, "%s", s.err.message);
	ck_assert_uint_eq(s.sum.unchanged, 4);
	end(&s);
}
END_TEST

#define ENVIRONMENTS(protect) \
	MANIFEST "environments: {dev: {}, prod: {protect: " protect "}}\n"

START_TEST(protection_follows_the_manifest)
{
	struct setting s = { .environment = "prod" };

	begin(&s, ENVIRONMENTS("true"));
	ck_assert_msg(run(&s) == 0, "%s", s.err.message);
	ck_assert_uint_eq(s.sum.created, 4);
	ck_assert(deployed(&s, "p-prod-s3")->protect);
	ck_assert_uint_lt(position(&s.fake.log, "ExecuteChangeSet p-prod-s3"),
			  position(&s.fake.log, "UpdateTerminationProtection p-prod-s3"));
	forget(&s);
	ck_assert_int_eq(run(&s), 0);
	ck_assert_uint_eq(s.sum.unchanged, 4);
	ck_assert(!logged(&s.fake.log, "UpdateTerminationProtection"));
	/* Only this changes: no change set is needed. */
	render_anew(&s, ENVIRONMENTS("false"));
	ck_assert_msg(run(&s) == 0, "%s", s.err.message);
	ck_assert_uint_eq(s.sum.updated, 4);
	ck_assert(!logged(&s.fake.log, "CreateChangeSet"));
	ck_assert(!deployed(&s, "p-prod-s3")->protect);
	end(&s);
}
END_TEST

/* Without environments nobody says what is protected: a person's choice stays. */
START_TEST(protection_by_hand_stays)
{
	struct setting s = { 0 };

	begin(&s, MANIFEST);
	ck_assert_int_eq(run(&s), 0);
	fake_find(&s.fake, "p-s3")->protect = true;
	forget(&s);
	ck_assert_int_eq(run(&s), 0);
	ck_assert_uint_eq(s.sum.unchanged, 4);
	ck_assert(!logged(&s.fake.log, "UpdateTerminationProtection"));
	end(&s);
}
END_TEST

START_TEST(environments_leave_each_other_alone)
{
	struct setting s = { .environment = "dev" };

	begin(&s, ENVIRONMENTS("false"));
	ck_assert_msg(run(&s) == 0, "%s", s.err.message);
	s.environment = "prod";
	render_anew(&s, ENVIRONMENTS("false"));
	ck_assert_msg(run(&s) == 0, "%s", s.err.message);
	ck_assert_uint_eq(s.sum.created, 4);
	ck_assert(!logged(&s.fake.log, "p-dev"));
	/* A project "p-prod" has stacks of the same names. */
	s.environment = NULL;
	render_anew(&s, "project: p-prod\nregion: eu-west-1\nbuckets: {uploads: "
			"{}}\n" WITHOUT_MONITORING);
	ck_assert_int_eq(run(&s), -1);
	ck_assert_msg(strstr(s.err.message, "fpctl:project=p-prod"), "%s", s.err.message);
	/* And so has the project p whose environment has another tag. */
	s.environment = "prod";
	render_anew(&s, ENVIRONMENTS("false"));
	s.manifest.environment = "dev";
	ck_assert_int_eq(run(&s), -1);
	ck_assert_msg(strstr(s.err.message, "fpctl:environment=dev"), "%s",
		      s.err.message);
	ck_assert(!logged(&s.fake.log, "ChangeSet"));
	end(&s);
}
END_TEST

/* Of a time with more buckets: found, told where its buckets lie, and destroyed. */
START_TEST(all_stacks_of_buckets_are_found)
{
	FP_AUTO(arena_release) struct arena arena = ARENA_INIT;
	FP_AUTO(spread_release) struct spread where = SPREAD_INIT;
	FP_AUTO(live_release) struct live live = { NULL, 0 };
	struct setting s = { 0 };
	struct rendering all;
	struct fake_stack *older;

	begin(&s, MANIFEST);
	ck_assert_int_eq(run(&s), 0);
	for (int i = 2; i <= 4; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "p-s3-%d", i);
		older = fake_add(&s.fake, name);
		fake_event(&s.fake, older, NULL, NULL, "CREATE_COMPLETE", NULL);
		older->tags = fake_copy(deployed(&s, "p-s3")->tags);
		older->template = xasprintf(
			"Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties:\n"
			"      BucketName: !Sub "
			"p-old%d-${AWS::AccountId}-${AWS::Region}\n"
			"  C: {Type: AWS::S3::Bucket, Properties: {BucketName: other}}\n",
			i);
	}
	ck_assert_msg(deploy_observe_all(&live, &all, &arena, &where, &s.d, &s.err) == 0,
		      "%s", s.err.message);
	ck_assert_uint_eq(spread_get(&where, "p", "uploads"), 1);
	ck_assert_uint_eq(spread_get(&where, "p", "old2"), 2);
	ck_assert_uint_eq(spread_get(&where, "p", "old4"), 4);
	ck_assert_uint_eq(spread_highest(&where, "p"), 4);
	ck_assert_uint_eq(spread_get(&where, "p", "other"), 0);
	s.d.rendering = &all;
	ck_assert_msg(deploy_destroy(&s.d, true, &s.sum, &s.err) == 0, "%s",
		      s.err.message);
	ck_assert_uint_eq(s.sum.deleted, 7);
	ck_assert_uint_lt(position(&s.fake.log, "DeleteStack p-s3-4"),
			  position(&s.fake.log, "DeleteStack p-lambda"));
	end(&s);
}
END_TEST

/* A stack that was one of the manifest's `stacks` is not lost sight of. */
START_TEST(forgotten_stacks_are_found)
{
	static const char *const names[] = { "p-reports", "p-nested", "p-other", "q-x",
					     "p-s3-7" };
	FP_AUTO(arena_release) struct arena arena = ARENA_INIT;
	FP_AUTO(live_release) struct live live = { NULL, 0 };
	struct setting s = { 0 };
	struct rendering all;

	begin(&s, MANIFEST);
	ck_assert_int_eq(run(&s), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct fake_stack *one = fake_add(&s.fake, names[i]);

		fake_event(&s.fake, one, NULL, NULL, "CREATE_COMPLETE", NULL);
		if (!str_eq(names[i], "p-other"))
			one->tags = fake_copy(deployed(&s, "p-s3")->tags);
		one->nested = str_eq(names[i], "p-nested");
	}
	s.fake.listing_denied = true;
	ck_assert_int_eq(deploy_observe_all(&live, &all, &arena, NULL, &s.d, &s.err), 0);
	ck_assert_ptr_null(rendering_find(&all, "reports"));
	live_release(&live);
	s.fake.listing_denied = false;
	ck_assert_int_eq(deploy_observe_all(&live, &all, &arena, NULL, &s.d, &s.err), 0);
	ck_assert_uint_eq(live.n, all.nstacks);
	ck_assert_ptr_nonnull(rendering_find(&all, "reports"));
	ck_assert_ptr_nonnull(rendering_find(&all, "s3-7"));
	ck_assert_ptr_null(rendering_find(&all, "nested"));
	ck_assert_ptr_null(rendering_find(&all, "other"));
	forget(&s);
	s.d.rendering = &all;
	ck_assert_msg(deploy_destroy(&s.d, true, &s.sum, &s.err) == 0, "%s",
		      s.err.message);
	ck_assert_uint_eq(s.sum.deleted, 6);
	ck_assert_uint_lt(position(&s.fake.log, "DeleteStack p-reports"),
			  position(&s.fake.log, "DeleteStack p-lambda"));
	end(&s);
}
END_TEST

/* The functions' last step still reads the topic's outputs: the topic's comes later. */
START_TEST(last_steps_come_in_reverse)
{
	struct deploy_code code[2];
	struct setting s = { 0 };

	begin(&s, "project: p\nregion: eu-west-1\nbuckets: {a: {processor: old}}\n"
		  "processors: {old: {}}\nnotify: [a@example.com, b@example.com]\n");
	use_code(&s, code, "old", "new");
	ck_assert_msg(run(&s) == 0, "%s", s.err.message);
	render_anew(&s, "project: p\nregion: eu-west-1\nbuckets: {a: {processor: new}}\n"
			"processors: {new: {}}\nnotify: [a@example.com]\n");
	ck_assert_msg(run(&s) == 0, "%s", s.err.message);
	ck_assert_uint_eq(count_of(&s.fake.log, "ExecuteChangeSet p-lambda"), 2);
	ck_assert_uint_lt(position(&s.fake.log, "ExecuteChangeSet p-s3"),
			  last_position(&s.fake.log, "ExecuteChangeSet p-lambda"));
	ck_assert_uint_lt(last_position(&s.fake.log, "ExecuteChangeSet p-lambda"),
			  last_position(&s.fake.log, "ExecuteChangeSet p-sns"));
	end(&s);
}
END_TEST

/* The buckets leave the manifest, and their stack with them. */
START_TEST(what_an_earlier_manifest_had_is_destroyed)
{
	FP_AUTO(arena_release) struct arena arena = ARENA_INIT;
	struct rendering all;
	struct setting s = { 0 };

	begin(&s, MANIFEST);
	ck_assert_int_eq(run(&s), 0);
	render_anew(&s, "project: p\nregion: eu-west-1\n" WITHOUT_MONITORING);
	all = rendering_with_empty(&arena, &s.rendering);
	s.d.rendering = &all;
	ck_assert_msg(deploy_destroy(&s.d, true, &s.sum, &s.err) == 0, "%s",
		      s.err.message);
	ck_assert_uint_eq(s.sum.deleted, 4);
	ck_assert_uint_lt(position(&s.fake.log, "DeleteStack p-s3"),
			  position(&s.fake.log, "DeleteStack p-lambda"));
	end(&s);
}
END_TEST

static Suite *deploy_suite(void)
{
	Suite *s = suite_create("deploy");
	TCase *tc = tcase_create("deploy");

	tcase_add_test(tc, creates_in_order_and_then_changes_nothing);
	tcase_add_test(tc, the_same_code_is_uploaded_once);
	tcase_add_test(tc, new_code_updates_its_function_only);
	tcase_add_loop_test(tc, faults_are_survived_or_explained, 0, ARRAY_SIZE(faults));
	tcase_add_test(tc, events_come_once_and_in_order);
	tcase_add_test(tc, an_interruption_detaches);
	tcase_add_test(tc, a_time_limit_holds);
	tcase_add_test(tc, a_large_template_goes_through_the_bucket);
	tcase_add_test(tc, a_large_template_waits_for_the_bucket);
	tcase_add_loop_test(tc, destroys_in_reverse, 0, ARRAY_SIZE(destructions));
	tcase_add_test(tc, a_stack_of_somebody_else_is_not_touched);
	tcase_add_test(tc, a_processor_goes_after_its_last_user);
	tcase_add_test(tc, last_steps_come_in_reverse);
	tcase_add_test(tc, what_an_earlier_manifest_had_is_destroyed);
	tcase_add_test(tc, protection_follows_the_manifest);
	tcase_add_test(tc, protection_by_hand_stays);
	tcase_add_test(tc, environments_leave_each_other_alone);
	tcase_add_test(tc, all_stacks_of_buckets_are_found);
	tcase_add_test(tc, forgotten_stacks_are_found);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(deploy_suite)
