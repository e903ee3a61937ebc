/*
 * What `fpctl put` and `fpctl get` share: the bucket that is meant, progress, results.
 */
#ifndef FP_TRANSFERS_H
#define FP_TRANSFERS_H

#include <pthread.h>

#include "aws/service/s3.h"
#include "command.h"

/*
 * A bucket of the manifest by its name there: *bucket (owned) becomes its real name in
 * what is deployed. Others stay.
 */
FP_MUST_CHECK int transfers_bucket(char **bucket, struct app *app, struct fp_error *err);
/* Which one of the manifest's was meant, when S3 knows none of that name. Returns -1. */
int transfers_suggest(struct app *app, const char *bucket, struct fp_error *err);

/* One transfer on the screen; from any thread. */
struct transfer_view {
	struct ui *ui;
	pthread_mutex_t lock;
	const char *name; /* what is moved */
	int64_t total;	  /* bytes; -1: nobody knows */
	int64_t start_ms, shown_ms;
	int64_t first; /* bytes at the first report: of an earlier run */
	bool begun, shown;
};
void transfer_view_begin(struct transfer_view *v, struct app *app, const char *name,
			 int64_t total);
/* For the transfer: draws on a terminal, and elsewhere a line now and then. */
struct http_progress transfer_view_progress(struct transfer_view *v);
/* Take the line away. */
void transfer_view_end(struct transfer_view *v);

/* What came of it: "NAME: 5.0 MiB in 2.1 s", or an element for the list of --json. */
void transfer_note(struct transfer_view *v, const char *name, int64_t took_ms,
		   const struct s3_result *r);
void transfer_json(cJSON *list, const char *bucket, const char *key, const char *path,
		   int64_t took_ms, const struct s3_result *r);

/* --parallel, 1 to 64; 0 when it was not given. */
FP_MUST_CHECK int transfer_parallel(unsigned *out, int64_t given, struct fp_error *err);
/* Where uploads that broke off are remembered; owned; NULL: nowhere. */
char *transfer_state(void);

#endif
