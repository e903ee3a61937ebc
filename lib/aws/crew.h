/*
 * Pieces of a large transfer, done by several threads over one client.
 */
#ifndef FP_AWS_CREW_H
#define FP_AWS_CREW_H

#include <stdatomic.h>

#include "http/client.h"

struct crew_piece {
	int64_t number; /* the caller's */
	int64_t size;	/* bytes, for the progress */
};

struct crew {
	unsigned members; /* threads; 1 works in the caller's */
	void *ctx;
	/*
	 * What this member is to do next: 1 with the piece, 0 when nothing is left, -1
	 * with `err`. One member asks at a time, in no order of the members.
	 */
	int (*take)(void *ctx, unsigned member, struct crew_piece *piece,
		    struct fp_error *err);
	/*
	 * Do it. What fails in a way that may pass (retry_may_pass) is done again a few
	 * times. `progress` is for the requests: it also stops them when another piece
	 * failed.
	 */
	int (*work)(void *ctx, unsigned member, const struct crew_piece *piece,
		    const struct http_progress *progress, struct fp_error *err);
	/* The bytes of all pieces so far, from one thread at a time; may be NULL. */
	const struct http_progress *progress;
	int64_t done;	       /* bytes that were done in an earlier run */
	bool once;	       /* nothing is done a second time */
	bool receiving;	       /* count what comes, not what goes */
	atomic_bool *stopping; /* set when all is to end, for a take() that waits; or NULL
				*/
};

/* All pieces, or the first error; no thread is left behind. */
FP_MUST_CHECK int crew_run(const struct crew *crew, struct fp_error *err);

#endif
