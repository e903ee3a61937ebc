#include "progress.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/str.h"
#include "http/client.h"

#define REDRAW_MS 125
/* Of more stacks than this, only the running ones fit on a screen. */
#define MAX_BLOCK 16

enum row_state {
	ROW_WAITING,
	ROW_RUNNING,
	ROW_DONE,
	ROW_FAILED,
	ROW_DETACHED, /* CloudFormation goes on, and nobody looks */
	ROW_SKIPPED
};

struct row {
	const char *stack;
	enum row_state state;
	enum plan_action action;
	char detail[160]; /* the last thing heard of it */
	size_t done, total;
	int64_t start_ms, end_ms;
};

struct progress {
	struct ui *ui;
	struct row *rows;
	size_t n;
	bool destroying;
	size_t drawn; /* lines of the block on the screen */
	bool ticking;
	pthread_t ticker;
	pthread_mutex_t lock; /* guards all above */
	pthread_cond_t stop;
	bool stopping;
};

static const char *doing(const struct progress *p, enum plan_action action)
{
	if (p->destroying)
		return "deleting";
	switch (action) {
	case PLAN_CREATE:
		return "creating";
	case PLAN_RECREATE:
		return "creating anew";
	case PLAN_BLOCKED:
		return "waiting for what runs on it";
	case PLAN_PROTECT:
		return "switching its protection";
	default:
		return "updating";
	}
}

static const char *result(const struct progress *p, const struct row *r)
{
	if (r->state == ROW_FAILED)
		return "failed";
	if (r->state == ROW_DETACHED)
		return "detached";
	if (r->state == ROW_SKIPPED)
		return "skipped";
	if (p->destroying)
		return "deleted";
	if (r->action == PLAN_NONE)
		return "unchanged";
	if (r->action == PLAN_PROTECT)
		return "protection switched";
	return r->action == PLAN_UPDATE ? "updated" : "created";
}

static enum ui_style style_of(const struct row *r)
{
	switch (r->state) {
	case ROW_DONE:
		return r->action == PLAN_NONE ? UI_DIM : UI_GREEN;
	case ROW_FAILED:
		return UI_RED;
	case ROW_DETACHED:
	case ROW_SKIPPED:
		return UI_YELLOW;
	case ROW_RUNNING:
		return UI_CYAN;
	default:
		return UI_DIM;
	}
}

/* "creating 3/8  DefaultRole CREATE_IN_PROGRESS", "created in 1.2 s". */
static void describe(struct buf *out, const struct progress *p, const struct row *r)
{
	char took[24];

	if (r->state == ROW_WAITING) {
		buf_puts(out, "waiting");
	} else if (r->state == ROW_RUNNING) {
		ui_duration(took, clock_monotonic_ms() - r->start_ms);
		buf_puts(out, doing(p, r->action));
		if (r->total)
			buf_printf(out, " %zu/%zu", r->done, r->total);
		buf_printf(out, "  %s  %s", took, r->detail);
	} else {
		buf_puts(out, result(p, r));
		if (r->start_ms && r->state != ROW_SKIPPED) {
			ui_duration(took, r->end_ms - r->start_ms);
			buf_printf(out, " in %s", took);
		}
	}
}

/* A line cut to the terminal: one that wraps would spoil the redrawing. */
static void draw_row(const struct progress *p, const struct row *r, int name_width)
{
	FP_AUTO(buf_release) struct buf line = BUF_INIT;
	FILE *to = p->ui->err;

	describe(&line, p, r);
	if ((size_t)name_width + 4 + line.len >= p->ui->width)
		buf_truncate(&line, p->ui->width > (size_t)name_width + 5
					    ? p->ui->width - (size_t)name_width - 5
					    : 0);
	(void)fprintf(to, "\033[2K  %-*s  %s%s%s\n", name_width, r->stack,
		      ui_on(p->ui, to, style_of(r)), buf_str(&line), ui_off(p->ui, to));
}

static void clear_block(struct progress *p)
{
	if (p->drawn)
		(void)fprintf(p->ui->err, "\033[%zuA\033[J", p->drawn);
	p->drawn = 0;
}

static void draw(struct progress *p)
{
	int name_width = 0;

	if (p->drawn)
		(void)fprintf(p->ui->err, "\033[%zuA", p->drawn);
	for (size_t i = 0; i < p->n; i++)
		name_width = FP_MAX(name_width, (int)strlen(p->rows[i].stack));
	p->drawn = 0;
	for (size_t i = 0; i < p->n; i++) {
		if (p->n > MAX_BLOCK && p->rows[i].state != ROW_RUNNING)
			continue;
		draw_row(p, &p->rows[i], name_width);
		p->drawn++;
	}
	(void)fputs("\033[J", p->ui->err);
	(void)fflush(p->ui->err);
}

/* The times go on where nothing else is heard for a while. */
static void *tick(void *arg)
{
	struct progress *p = arg;

	pthread_mutex_lock(&p->lock);
	while (!p->stopping) {
		int64_t wake = clock_now_ms() + REDRAW_MS;
		struct timespec until = { wake / 1000, wake % 1000 * 1000000 };

		(void)pthread_cond_timedwait(&p->stop, &p->lock, &until);
		if (!p->stopping && p->drawn)
			draw(p);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

struct progress *progress_new(struct ui *ui, const struct rendering *r, bool destroying)
{
	struct progress *p = xcalloc(1, sizeof(*p));

	p->ui = ui;
	p->destroying = destroying;
	p->n = r->nstacks;
	p->rows = xcalloc(p->n, sizeof(*p->rows));
	for (size_t i = 0; i < p->n; i++)
		p->rows[i].stack = r->stacks[i].stack_name;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->stop, NULL);
	if (ui->live && !ui->quiet)
		p->ticking = pthread_create(&p->ticker, NULL, tick, p) == 0;
	return p;
}

static struct row *find_row(struct progress *p, const char *stack)
{
	for (size_t i = 0; i < p->n; i++)
		if (str_eq(p->rows[i].stack, stack))
			return &p->rows[i];
	return NULL;
}

/* "waiting for queue invoices-default: 12 messages left" */
static void queue_text(struct buf *out, const struct deploy_event *e)
{
	buf_printf(out, "waiting for queue %s: ", e->resource);
	if (e->done)
		buf_printf(out, "%zu message%s left", e->done, e->done == 1 ? "" : "s");
	else
		buf_puts(out, "empty, and whether it stays so");
}

static void update_row(struct row *r, const struct deploy_event *e)
{
	switch (e->kind) {
	case DEPLOY_STACK_PLANNED:
		r->action = e->action;
		break;
	case DEPLOY_STACK_STARTED:
		r->state = ROW_RUNNING;
		r->action = e->action;
		if (!r->start_ms)
			r->start_ms = clock_monotonic_ms();
		r->end_ms = 0;
		break;
	case DEPLOY_RESOURCE:
		r->done = e->done;
		r->total = e->total;
		(void)snprintf(r->detail, sizeof(r->detail), "%s %s", e->resource,
			       e->status);
		break;
	case DEPLOY_QUEUE: {
		FP_AUTO(buf_release) struct buf text = BUF_INIT;

		queue_text(&text, e);
		(void)snprintf(r->detail, sizeof(r->detail), "%s", buf_str(&text));
		break;
	}
	case DEPLOY_STACK_DONE:
		r->action = e->action;
		r->state = ROW_DONE;
		break;
	case DEPLOY_STACK_FAILED:
		r->state = http_interrupted() ? ROW_DETACHED : ROW_FAILED;
		break;
	case DEPLOY_STACK_SKIPPED:
		r->state = ROW_SKIPPED;
		break;
	default:
		break;
	}
	if (r->state >= ROW_DONE && !r->end_ms)
		r->end_ms = clock_monotonic_ms();
}

/* What stays on the screen of a terminal: failures and uploads. */
static bool is_lasting(const struct deploy_event *e)
{
	return e->kind == DEPLOY_UPLOAD || e->kind == DEPLOY_EMPTIED ||
	       (e->kind == DEPLOY_RESOURCE && str_ends(e->status, "_FAILED"));
}

static void print_resource(struct progress *p, const struct deploy_event *e)
{
	bool failed = str_ends(e->status, "_FAILED");
	FILE *to = p->ui->err;

	/* The stack's own end is told by its last line. */
	if (!failed &&
	    (!str_ends(e->status, "_COMPLETE") || str_eq(e->resource, e->stack)))
		return;
	(void)fprintf(to, "%s%s  %s  %s%s%s%s\n",
		      ui_on(p->ui, to, failed ? UI_RED : UI_PLAIN), e->stack, e->resource,
		      e->status, failed && e->reason ? ": " : "",
		      failed ? str_or(e->reason, "") : "", ui_off(p->ui, to));
}

static void print_event(struct progress *p, const struct row *r,
			const struct deploy_event *e)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	switch (e->kind) {
	case DEPLOY_STACK_STARTED:
		ui_note(p->ui, "%s: %s%s%s", e->stack, doing(p, e->action),
			e->reason ? ", " : "", str_or(e->reason, ""));
		break;
	case DEPLOY_RESOURCE:
		print_resource(p, e);
		break;
	case DEPLOY_UPLOAD:
		ui_note(p->ui, "processor %s: uploading %s", e->resource, e->reason);
		break;
	case DEPLOY_EMPTIED:
		ui_note(p->ui, "bucket %s: emptied, %zu object%s deleted", e->resource,
			e->done, e->done == 1 ? "" : "s and versions");
		break;
	case DEPLOY_QUEUE:
		queue_text(&text, e);
		ui_note(p->ui, "%s: %s", e->stack, buf_str(&text));
		break;
	case DEPLOY_STACK_DONE:
	case DEPLOY_STACK_FAILED:
	case DEPLOY_STACK_SKIPPED:
		if (!r || (r->state == ROW_DONE && !r->start_ms))
			break;
		describe(&text, p, r);
		ui_note(p->ui, "%s: %s", e->stack, buf_str(&text));
		break;
	case DEPLOY_STACK_PLANNED:
		break;
	}
}

void progress_event(void *ctx, const struct deploy_event *e)
{
	struct progress *p = ctx;
	struct row *r = e->stack ? find_row(p, e->stack) : NULL;

	if (p->ui->quiet)
		return;
	pthread_mutex_lock(&p->lock);
	if (r)
		update_row(r, e);
	if (p->ticking && is_lasting(e))
		clear_block(p);
	if (!p->ticking || is_lasting(e))
		print_event(p, r, e);
	if (p->ticking)
		draw(p);
	pthread_mutex_unlock(&p->lock);
}

void progress_freep(struct progress **progress)
{
	struct progress *p = *progress;

	if (!p)
		return;
	if (p->ticking) {
		pthread_mutex_lock(&p->lock);
		p->stopping = true;
		pthread_cond_signal(&p->stop);
		pthread_mutex_unlock(&p->lock);
		(void)pthread_join(p->ticker, NULL);
	}
	pthread_cond_destroy(&p->stop);
	pthread_mutex_destroy(&p->lock);
	free(p->rows);
	free(p);
	*progress = NULL;
}
