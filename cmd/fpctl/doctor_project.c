/* What the manifest needs of the account: the connection to GitHub, room in quotas. */
#include "aws/service/cloudformation.h"
#include "aws/service/codeconnections.h"
#include "aws/service/lambda.h"
#include "aws/service/s3.h"
#include "base/json.h"
#include "doctor.h"
#include "wire/partition.h"

#define DEFAULT_BUCKETS	 10000 /* S3's quota for an account, unless raised */
#define DEFAULT_STACKS	 2000  /* where CloudFormation does not tell its limit */
#define UNRESERVED_FLOOR 100   /* Lambda keeps so much for all other functions */

/* The emulator, and roles that may do nothing but deploy, cannot tell. */
static bool cannot_tell(struct doctor *d, const char *check, const struct fp_error *err)
{
	static const char *const codes[] = { "NotImplemented", "AccessDenied",
					     "AccessDeniedException",
					     "UnauthorizedOperation" };

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		if (!str_eq(err->aws_code, codes[i]))
			continue;
		doctor_say_error(d, check, DOCTOR_SKIP, NULL, err);
		return true;
	}
	return false;
}

/* The connection that the pipeline's stack made; NULL when it is not deployed. */
static char *made_connection(struct doctor *d, struct fp_error *err)
{
	FP_AUTO(freep)
	char *stack = xasprintf("%s-pipeline", d->app->manifest.project);
	FP_AUTO(json_freep) cJSON *found = NULL;

	if (cloudformation_stack(d->app->aws, stack, &found, err) < 0)
		return NULL;
	json_each (output, json_get(found, "Outputs"))
		if (str_eq(json_str(output, "OutputKey", NULL), "ConnectionArn"))
			return xstrdup(json_str(output, "OutputValue", ""));
	return NULL;
}

/* Where a person completes the handshake. */
static char *console_link(struct doctor *d, const char *arn)
{
	const char *region = aws_client_region(d->app->aws);
	const char *host = partition_of(region)->console_host;

	if (!host)
		return xstrdup("complete its handshake in the console, under Settings, "
			       "Connections");
	return xasprintf("complete its handshake in the console: "
			 "https://%s.%s/codesuite/settings/%s",
			 region, host, arn);
}

static void say_connection(struct doctor *d, const char *arn, const cJSON *connection)
{
	const char *status = json_str(connection, "ConnectionStatus", "unknown");
	bool available = str_eq(status, "AVAILABLE");
	FP_AUTO(freep) char *mend = available ? NULL : console_link(d, arn);
	cJSON *j = doctor_say(d, "connection", available ? DOCTOR_OK : DOCTOR_FAIL, mend,
			      "%s is %s", json_str(connection, "ConnectionName", arn),
			      status);

	json_set_str(j, "arn", arn);
	json_set_str(j, "status", status);
}

static void check_connection(struct doctor *d)
{
	const struct manifest_pipeline *p = d->app->manifest.pipeline;
	FP_AUTO(json_freep) cJSON *connection = NULL;
	FP_AUTO(freep) char *arn = NULL;
	struct fp_error err = { 0 };

	if (!p)
		return;
	if (d->app->global.local) {
		doctor_say(d, "connection", DOCTOR_SKIP, NULL,
			   "the emulator has no GitHub to connect to");
		return;
	}
	arn = p->connection ? xstrdup(p->connection) : made_connection(d, &err);
	if (!arn && err.code == FP_OK)
		doctor_say(d, "connection", DOCTOR_SKIP, NULL,
			   "the pipeline is not deployed yet; it will make one");
	else if ((!arn || codeconnections_get(d->app->aws, arn, &connection, &err) < 0) &&
		 !cannot_tell(d, "connection", &err))
		doctor_say_error(d, "connection", DOCTOR_FAIL, NULL, &err);
	else if (connection)
		say_connection(d, arn, connection);
}

static void say_quota(struct doctor *d, const char *what, int64_t used, int64_t wanted,
		      int64_t limit)
{
	bool fits = used + wanted <= limit;
	cJSON *j = doctor_say(
		d, what, fits ? DOCTOR_OK : DOCTOR_WARN,
		fits ? NULL
		     : "ask for a higher quota in the Service Quotas console, or delete "
		       "what is not needed",
		"%lld of %lld are used, this project adds %lld", (long long)used,
		(long long)limit, (long long)wanted);

	json_set_int(j, "used", used);
	json_set_int(j, "wanted", wanted);
	json_set_int(j, "limit", limit);
}

/* How many of the project's stacks are there already; *used is the region's sum. */
static int count_stacks(struct doctor *d, int64_t *used, int64_t *own,
			struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *stacks = NULL;
	const struct rendering *r = &d->app->rendering;

	if (cloudformation_stacks(d->app->aws, &stacks, err) < 0)
		return -1;
	*own = 0;
	*used = cJSON_GetArraySize(stacks);
	json_each (stack, stacks)
		for (size_t i = 0; i < r->nstacks; i++)
			*own += str_eq(json_str(stack, "StackName", NULL),
				       r->stacks[i].stack_name);
	return 0;
}

static int64_t stack_limit(const cJSON *limits)
{
	json_each (limit, limits)
		if (str_eq(json_str(limit, "Name", NULL), "StackLimit"))
			return json_int(limit, "Value", DEFAULT_STACKS);
	return DEFAULT_STACKS;
}

static void stack_quota(struct doctor *d)
{
	FP_AUTO(json_freep) cJSON *limits = NULL;
	struct fp_error err = { 0 };
	int64_t used, own;

	if (count_stacks(d, &used, &own, &err) < 0 ||
	    cloudformation_account_limits(d->app->aws, &limits, &err) < 0) {
		if (!cannot_tell(d, "stacks", &err))
			doctor_say_error(d, "stacks", DOCTOR_WARN, NULL, &err);
		return;
	}
	say_quota(d, "stacks", used, (int64_t)d->app->rendering.nstacks - own,
		  stack_limit(limits));
}

/* Its own buckets carry the project's name; the artifact bucket is one, too. */
static void bucket_quota(struct doctor *d)
{
	FP_AUTO(freep)
	char *prefix = xasprintf("%s-", d->app->manifest.project);
	FP_AUTO(strs_release) struct strs names = STRS_INIT;
	int64_t own = 0, wanted = (int64_t)d->app->manifest.nbuckets + 1;
	struct fp_error err = { 0 };

	if (s3_bucket_names(d->app->aws, &names, &err) < 0) {
		if (!cannot_tell(d, "buckets", &err))
			doctor_say_error(d, "buckets", DOCTOR_WARN, NULL, &err);
		return;
	}
	for (size_t i = 0; i < names.n; i++)
		own += str_starts(names.v[i], prefix);
	say_quota(d, "buckets", (int64_t)names.n, FP_MAX(wanted - own, 0),
		  FP_MAX(DEFAULT_BUCKETS, (int64_t)names.n));
}

static int64_t reserved_by_manifest(const struct manifest *m)
{
	int64_t sum = 0;

	for (size_t i = 0; i < m->nprocessors; i++)
		sum += m->processors[i].concurrency;
	return sum;
}

static void concurrency_quota(struct doctor *d)
{
	int64_t wanted = reserved_by_manifest(&d->app->manifest), limit, free_now;
	FP_AUTO(json_freep) cJSON *settings = NULL;
	struct fp_error err = { 0 };
	bool never;

	if (!wanted)
		return;
	if (lambda_account(d->app->aws, &settings, &err) < 0) {
		if (!cannot_tell(d, "concurrency", &err))
			doctor_say_error(d, "concurrency", DOCTOR_WARN, NULL, &err);
		return;
	}
	limit = json_int(settings, "AccountLimit.ConcurrentExecutions", 0);
	free_now = json_int(settings, "AccountLimit.UnreservedConcurrentExecutions", 0);
	never = wanted > limit - UNRESERVED_FLOOR;
	doctor_say(
		d, "concurrency",
		never				       ? DOCTOR_FAIL
		: wanted > free_now - UNRESERVED_FLOOR ? DOCTOR_WARN
						       : DOCTOR_OK,
		never ? "lower the processors' concurrency, or ask for more in the "
			"Service Quotas console"
		: wanted > free_now - UNRESERVED_FLOOR
			? "fits only where the processors hold their share already"
			: NULL,
		"the processors reserve %lld; Lambda has %lld in this region, of which "
		"%lld are free and %d must stay so",
		(long long)wanted, (long long)limit, (long long)free_now,
		UNRESERVED_FLOOR);
}

void doctor_project(struct doctor *d)
{
	if (!d->app->has_manifest || !d->app->has_rendering)
		return;
	check_connection(d);
	stack_quota(d);
	bucket_quota(d);
	concurrency_quota(d);
}
