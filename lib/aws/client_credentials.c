/*
 * A client's credentials: asked for once for all its threads, and anew in time.
 */
#include "aws/internal.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

#define ADVISORY_MS  (15 * 60 * 1000LL)
#define MANDATORY_MS (10 * 60 * 1000LL)
/* After a refresh that failed and need not have succeeded. */
#define PAUSE_MS (30 * 1000LL)

void keeper_init(struct cred_keeper *k, const struct aws_credentials *given)
{
	pthread_mutex_init(&k->lock, NULL);
	pthread_cond_init(&k->answered, NULL);
	if (!given)
		return;
	aws_credentials_copy(&k->credentials, given);
	k->given = true;
	k->provider = "command line";
	cred_report_add(&k->report, k->provider, CRED_FOUND, given->access_key_id);
}

void keeper_release(struct cred_keeper *k)
{
	aws_credentials_release(&k->credentials);
	cred_report_release(&k->report);
	pthread_cond_destroy(&k->answered);
	pthread_mutex_destroy(&k->lock);
}

static int64_t left_ms(const struct cred_keeper *k)
{
	return k->credentials.expires_ms ? k->credentials.expires_ms - clock_now_ms()
					 : INT64_MAX;
}

/* Good for a signature. */
static bool usable(const struct cred_keeper *k)
{
	return k->given || (k->provider && !k->stale && left_ms(k) >= k->mandatory_ms);
}

/* Good, and nobody need ask for others yet. */
static bool fresh(const struct cred_keeper *k)
{
	return k->given || (usable(k) && (left_ms(k) >= k->advisory_ms ||
					  clock_monotonic_ms() < k->not_before_ms));
}

static void take(struct cred_keeper *k, struct aws_credentials *found, const char *name)
{
	int64_t life;

	aws_credentials_release(&k->credentials);
	k->credentials = *found;
	*found = (struct aws_credentials){ 0 };
	k->provider = name;
	k->stale = false;
	/* A session of 15 minutes would always be about to expire. */
	life = left_ms(k);
	k->advisory_ms = FP_MIN(ADVISORY_MS, life / 2);
	k->mandatory_ms = FP_MIN(MANDATORY_MS, life / 4);
}

/* Ask the chain, without the lock; then tell all who wait. */
static void renew(struct aws_client *c)
{
	struct cred_keeper *k = &c->keeper;
	FP_AUTO(aws_credentials_release)
	struct aws_credentials found = { 0 }, old = { 0 };
	/* FIPS may have been asked for by the region alone ("fips-us-east-1"). */
	FP_AUTO(freep)
	char *region = xasprintf("%s%s", c->settings.use_fips ? "fips-" : "", c->region);
	struct cred_question q = { .env = &c->env,
				   .region = region,
				   .timeout_ms = c->total_timeout_ms,
				   .again = k->provider != NULL };
	struct cred_report report = { 0 };
	struct fp_error why = { 0 };
	const char *name = NULL;
	int rc;

	if (k->stale) {
		aws_credentials_copy(&old, &k->credentials);
		q.stale = &old;
	}
	k->asking = true;
	pthread_mutex_unlock(&k->lock);
	rc = cred_resolve(&found, &name, &q, &report, &why);
	pthread_mutex_lock(&k->lock);
	k->asking = false;
	k->rounds++;
	k->failed = rc < 0;
	k->failure = why;
	cred_report_release(&k->report);
	k->report = report;
	if (rc == 0) {
		take(k, &found, name);
	} else if (usable(k)) {
		k->not_before_ms = clock_monotonic_ms() + PAUSE_MS;
		log_msg(LOG_WARN, "the credentials expire soon, and new ones fail: %s",
			why.message);
	}
	pthread_cond_broadcast(&k->answered);
}

int aws_client_credentials(struct aws_client *c, struct aws_credentials *out,
			   struct fp_error *err)
{
	struct cred_keeper *k = &c->keeper;
	bool failed = false;

	pthread_mutex_lock(&k->lock);
	if (!fresh(k) && !k->asking) {
		renew(c);
		failed = k->failed && !usable(k);
	} else if (!usable(k)) {
		uint64_t round = k->rounds;

		while (k->rounds == round)
			pthread_cond_wait(&k->answered, &k->lock);
		/* Whose answer this is does not matter: they asked the same. */
		failed = k->failed;
	}
	if (failed && err)
		*err = k->failure;
	if (!failed)
		aws_credentials_copy(out, &k->credentials);
	pthread_mutex_unlock(&k->lock);
	return failed ? -1 : 0;
}

bool aws_client_refresh(struct aws_client *c, const struct aws_credentials *stale)
{
	struct cred_keeper *k = &c->keeper;
	bool can;

	pthread_mutex_lock(&k->lock);
	can = !k->given;
	if (can && str_eq(k->credentials.access_key_id, stale->access_key_id) &&
	    str_eq(k->credentials.session_token, stale->session_token))
		k->stale = true;
	pthread_mutex_unlock(&k->lock);
	return can;
}

int aws_client_credential_report(struct aws_client *c, struct cred_report *out,
				 struct fp_error *err)
{
	FP_AUTO(aws_credentials_release) struct aws_credentials creds = { 0 };
	struct cred_keeper *k = &c->keeper;
	int rc = aws_client_credentials(c, &creds, err);

	pthread_mutex_lock(&k->lock);
	for (size_t i = 0; i < k->report.n; i++)
		cred_report_add(out, k->report.v[i].provider, k->report.v[i].result,
				k->report.v[i].why);
	pthread_mutex_unlock(&k->lock);
	return rc;
}
