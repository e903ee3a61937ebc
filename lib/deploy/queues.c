/*
 * Queues that go: their messages are files that nobody would see again, so each goes
 * when it is empty.
 */
#include "aws/endpoint.h"
#include "aws/service/sqs.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "cfn/template.h"
#include "deploy/internal.h"

/* An empty queue stays so for so long before it is believed: SQS's counts may be a
 * minute behind, and S3 tells of a file some seconds late. */
#define SETTLE_MS	(60LL * 1000)
#define POLL_MS		5000
#define TELL_MS		5000
#define LOCAL_SETTLE_MS 200
#define LOCAL_POLL_MS	50

static bool is_kept(const struct node *resource)
{
	const char *policy = node_text(node_get(resource, "DeletionPolicy"));

	return policy && str_starts(policy, "Retain");
}

/* Whether a mapping hands the queue's messages to a function. */
static bool is_worked_off(const struct node *template, const char *logical_id)
{
	const struct node *all = node_get(template, "Resources");
	bool found = false;

	for (size_t i = 0; !found && i < all->map.n; i++) {
		struct strs needs = STRS_INIT;

		if (!node_is(node_get(all->map.v[i].value, "Type"),
			     "AWS::Lambda::EventSourceMapping"))
			continue;
		cfn_dependencies(&needs, template, node_text(all->map.v[i].key));
		found = strs_has(&needs, logical_id);
		strs_release(&needs);
	}
	return found;
}

static void add_queue(struct deploy_queues *out, const char *url, size_t stack,
		      bool worked_off)
{
	struct deploy_queue *q;
	const char *slash;

	out->v = xrealloc(out->v, (out->n + 1) * sizeof(*out->v));
	q = &out->v[out->n++];
	*q = (struct deploy_queue){ .url = xstrdup(url),
				    .stack = stack,
				    .worked_off = worked_off };
	slash = strrchr(q->url, '/');
	q->name = slash ? slash + 1 : q->url;
}

static int count(struct deploy_queue *q, struct aws_client *aws, struct fp_error *err)
{
	if (sqs_count(aws, q->url, &q->messages, err) < 0)
		return fp_wrap(err, "cannot count the messages of queue %s", q->name);
	q->messages = FP_MAX(q->messages, 0);
	return 0;
}

int queues_leaving(struct deploy_queues *out, struct aws_client *aws,
		   const struct live_stack *live, size_t i, const struct node *next,
		   const cJSON *resources, struct fp_error *err)
{
	json_each (r, resources) {
		const char *id = json_str(r, "LogicalResourceId", "");
		const char *url = json_str(r, "PhysicalResourceId", "");
		const struct node *deployed = node_get(
			node_get(live->template, "Resources"), id);

		if (!str_eq(json_str(r, "ResourceType", ""), "AWS::SQS::Queue") ||
		    !*url || is_kept(deployed) ||
		    node_get(node_get(next, "Resources"), id))
			continue;
		add_queue(out, url, i, deployed && is_worked_off(live->template, id));
		if (count(&out->v[out->n - 1], aws, err) < 0)
			return -1;
	}
	return 0;
}

static int refuse(const struct deploy_queue *q, struct fp_error *err)
{
	return fp_fail(err, FP_ERR_INPUT,
		       "queue %s would be deleted, and holds %lld message%s that nobody "
		       "takes: look at them with 'aws sqs receive-message --queue-url "
		       "%s', and give them up with 'aws sqs purge-queue --queue-url %s'",
		       q->name, (long long)q->messages, q->messages == 1 ? "" : "s",
		       q->url, q->url);
}

int queues_check(const struct deploy_queues *q, struct fp_error *err)
{
	for (size_t i = 0; i < q->n; i++)
		if (!q->v[i].worked_off && q->v[i].messages > 0)
			return refuse(&q->v[i], err);
	return 0;
}

static void report(struct job *job, const struct deploy_queue *q)
{
	struct deploy_event e = {
		.kind = DEPLOY_QUEUE,
		.stack = job->d->rendering->stacks[q->stack].stack_name,
		.resource = q->name,
		.done = (size_t)q->messages,
		.time_ms = clock_now_ms(),
	};

	job_report(job, &e);
}

/* CloudFormation has nothing to do with this: the queue stays where it is. */
static int wait_a_moment(struct job *job, const struct deploy_queue *q, int64_t ms,
			 struct fp_error *err)
{
	if (!aws_pause(ms))
		return fp_fail(err, FP_ERR_INTERRUPTED, "stopped waiting for queue %s",
			       q->name);
	if (clock_monotonic_ms() <= job->deadline_ms)
		return 0;
	return fp_fail(
		err, FP_ERR_TIMEOUT,
		"queue %s has not become empty in the time allowed: %lld message%s "
		"left; it stays, with the function that works it off, and the same "
		"command again waits for it: with a longer --timeout, or once the "
		"function's logs have told why it does not go on",
		q->name, (long long)q->messages, q->messages == 1 ? "" : "s");
}

/* Count them all; *left: their messages. */
static int look(struct job *job, const struct deploy_queues *q, size_t i, bool tell,
		int64_t *left, struct fp_error *err)
{
	*left = 0;
	for (size_t k = 0; k < q->n; k++) {
		struct deploy_queue *one = &q->v[k];

		if (one->stack != i || !one->worked_off)
			continue;
		if (count(one, job->d->aws, err) < 0)
			return -1;
		if (tell)
			report(job, one);
		*left += one->messages;
	}
	return 0;
}

/* The fullest of those that are waited for; NULL: there is none. */
static const struct deploy_queue *fullest(const struct deploy_queues *q, size_t i)
{
	const struct deploy_queue *most = NULL;

	for (size_t k = 0; k < q->n; k++)
		if (q->v[k].stack == i && q->v[k].worked_off &&
		    (!most || q->v[k].messages > most->messages))
			most = &q->v[k];
	return most;
}

static int wait_until_empty(struct job *job, const struct deploy_queues *q, size_t i,
			    bool local, struct fp_error *err)
{
	int64_t settle = local ? LOCAL_SETTLE_MS : SETTLE_MS, since = 0, told = 0;

	for (;;) {
		int64_t now = clock_monotonic_ms(), left;
		bool tell = !told || now - told >= TELL_MS;

		if (look(job, q, i, tell, &left, err) < 0)
			return -1;
		told = tell ? now : told;
		if (left || !since)
			since = left ? 0 : now;
		if (since && now - since >= settle)
			return 0;
		if (wait_a_moment(job, fullest(q, i), local ? LOCAL_POLL_MS : POLL_MS,
				  err) < 0)
			return -1;
	}
}

static bool is_local(struct aws_client *aws)
{
	FP_AUTO(freep) char *url = aws_endpoint(aws, "sqs", NULL, NULL);
	char *host = url ? strstr(url, "://") : NULL;

	if (!host)
		return false;
	host += 3;
	host[strcspn(host, "/")] = '\0';
	return endpoint_is_local(host);
}

int queues_wait(struct job *job, const struct deploy_queues *q, size_t i,
		struct fp_error *err)
{
	if (fullest(q, i) && wait_until_empty(job, q, i, is_local(job->d->aws), err) < 0)
		return -1;
	/* What could not be processed lies there now. */
	for (size_t k = 0; k < q->n; k++)
		if (q->v[k].stack == i && !q->v[k].worked_off &&
		    (count(&q->v[k], job->d->aws, err) < 0 ||
		     (q->v[k].messages > 0 && refuse(&q->v[k], err) < 0)))
			return -1;
	return 0;
}

void queues_move(struct deploy_queues *to, struct deploy_queues *from)
{
	to->v = xrealloc(to->v, (to->n + from->n + 1) * sizeof(*to->v));
	if (from->n)
		memcpy(to->v + to->n, from->v, from->n * sizeof(*to->v));
	to->n += from->n;
	free(from->v);
	*from = (struct deploy_queues){ NULL, 0 };
}

void queues_release(struct deploy_queues *q)
{
	for (size_t i = 0; i < q->n; i++)
		free(q->v[i].url);
	free(q->v);
	*q = (struct deploy_queues){ NULL, 0 };
}
