/*
 * What store.c and blob.c share. Everyone else uses emulator/store.h.
 */
#ifndef FP_EMULATOR_STORE_PRIVATE_H
#define FP_EMULATOR_STORE_PRIVATE_H

#include <pthread.h>

#include "base/map.h"
#include "base/str.h"
#include "emulator/store.h"

struct store {
	sqlite3 *db;
	pthread_mutex_t lock;  /* recursive; guards all that follows */
	int depth;	       /* of nested transactions */
	bool doomed;	       /* rolled back inside: the outermost end undoes it */
	int64_t changes;       /* rows changed when the transaction began */
	bool reserved;	       /* it reserved numbers for store_sequence */
	int64_t next, limit;   /* those that are reserved */
	struct map statements; /* SQL -> statement that nobody uses now */
	struct map pins;       /* SHA-256 -> puts that have no reference yet */
	struct strs taken;     /* blobs that got a reference since the last COMMIT */
	struct strs dropped;   /* blobs that may have lost their last one */
	char *state;	       /* folder */
	int lock_fd;
	void (*on_commit)(void *arg);
	void *on_commit_arg;
	unsigned long next_tmp;
};

/* Make the folders, forget what a crash left in tmp/ and blobs without a row. */
FP_MUST_CHECK int store_blobs_open(struct store *s, struct fp_error *err);
/* Behind a transaction: remove the files of blobs that it left without a row. */
void store_blobs_sweep(struct store *s, bool undone);
/* Forget what was put and got no reference. */
void store_blobs_close(struct store *s);

#endif
