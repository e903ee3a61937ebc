#include "aws/waiter.h"

#include "aws/client.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/str.h"
#include "http/retry.h"

struct pace {
	int64_t min_ms, max_ms, timeout_ms, ceiling_ms;
};

static struct pace pace_of(const struct aws_waiter *w, const struct aws_patience *p)
{
	struct pace pace = { w->min_ms, w->max_ms, w->timeout_ms, 0 };

	if (p && p->min_ms)
		pace.min_ms = p->min_ms;
	if (p && p->max_ms)
		pace.max_ms = p->max_ms;
	if (p && p->timeout_ms)
		pace.timeout_ms = p->timeout_ms;
	pace.max_ms = FP_MAX(pace.max_ms, pace.min_ms);
	pace.ceiling_ms = pace.min_ms;
	return pace;
}

/* A random time up to a ceiling that doubles; the last look is at the deadline. */
static int64_t next_delay(struct pace *pace, int64_t waited)
{
	uint32_t dice;
	int64_t delay = pace->min_ms;

	random_bytes(&dice, sizeof(dice));
	delay += (int64_t)(dice % (uint64_t)(pace->ceiling_ms - pace->min_ms + 1));
	pace->ceiling_ms = FP_MIN(pace->ceiling_ms * 2, pace->max_ms);
	return FP_MAX(FP_MIN(delay, pace->timeout_ms - waited), 0);
}

static int stopped(const struct aws_waiter *w, struct fp_error *err)
{
	return fp_fail(err, FP_ERR_INTERRUPTED, "stopped waiting for %s", w->what);
}

/* 1: look again; 0: done. A failure that may pass leaves the last status. */
static int look_once(const struct aws_waiter *w, bool last, cJSON **found,
		     struct fp_error *err)
{
	struct fp_error why = { 0 };
	cJSON *now = NULL;

	if (w->look(w->ctx, &now, &why) < 0) {
		if (!last && retry_may_pass(&why))
			return 1;
		if (err)
			*err = why;
		return -1;
	}
	json_freep(found);
	*found = now;
	return !w->done(now);
}

int aws_wait(const struct aws_waiter *w, const struct aws_patience *p, cJSON **out,
	     struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *found = NULL;
	struct pace pace = pace_of(w, p);
	int64_t start = clock_monotonic_ms(), waited;
	bool last = false;
	int rc;

	*out = NULL;
	while ((rc = look_once(w, last, &found, err)) > 0) {
		const char *status = json_str(found, w->status, NULL);

		waited = clock_monotonic_ms() - start;
		if (last || waited >= pace.timeout_ms)
			return fp_fail(err, FP_ERR_TIMEOUT,
				       "%s: not done after %lld s%s%s", w->what,
				       (long long)(waited / 1000), status ? ": " : "",
				       str_or(status, ""));
		if (p && p->progress && !p->progress(p->ctx, status, waited))
			return stopped(w, err);
		waited += next_delay(&pace, waited);
		last = waited >= pace.timeout_ms;
		if (!aws_pause(waited - (clock_monotonic_ms() - start)))
			return stopped(w, err);
	}
	if (rc < 0)
		return -1;
	*out = found;
	found = NULL;
	return 0;
}
