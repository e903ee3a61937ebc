/*
 * A warm instance of a function: a process, and the thread that serves its
 * Runtime API. The thread owns the instance and frees it at its end; the pool
 * lists it and hands it invocations.
 */
#ifndef FP_EMULATOR_LAMBDA_INSTANCE_H
#define FP_EMULATOR_LAMBDA_INSTANCE_H

#include <sys/types.h>

#include "base/str.h"
#include "emulator/service/lambda.h"
#include "emulator/service/lambda_http.h"
#include "emulator/service/lambda_log.h"

#define INSTANCE_CONNECTIONS 8
#define INSTANCE_IDLE_MS     (5 * 60 * 1000)
#define INSTANCE_MAX_AGE_MS  (6 * 60 * 60 * 1000) /* its credentials last for 12 hours */
#define INSTANCE_INIT_MS     (10 * 1000)

/* What it has to know of its function; texts owned. */
struct instance_spec {
	char *region, *name, *arn, *revision, *role, *handler, *arch, *task_root;
	char *log_group, *log_stream;
	int64_t memory; /* MiB */
	int64_t timeout_ms;
	bool traced;	  /* TracingConfig.Mode is Active */
	cJSON *variables; /* the user's environment; owned */
};

struct connection {
	int fd; /* -1: free */
	struct runtime_parser parser;
	struct buf out;
	size_t sent;
	bool close_after; /* when `out` is sent */
	bool waits;	  /* its "next" is not answered yet */
};

enum instance_quit { STAY, QUIT_IDLE, QUIT_NOW };

struct instance {
	struct emulator *emu;
	struct instance_spec spec;
	/* Under the pool's lock. */
	struct instance *next;
	struct pool_function *function;
	struct invocation *assigned; /* set by the pool while it is busy */
	enum instance_quit quit;
	int wake[2]; /* a byte: look at the three above */
	/* The thread's own. */
	struct invocation *current; /* NULL: idle */
	bool delivered;		    /* the runtime has `current` */
	bool reached_next;	    /* its init phase is over */
	bool refused;		    /* after an init error, nothing is served */
	bool ended;		    /* leave the loop */
	char last_id[37];	    /* the invocation that was answered last */
	int64_t born_ms, init_ms, begun_ms, deadline_ms, memory_due_ms; /* monotonic */
	bool init_reported;
	int64_t peak; /* of its memory, in bytes, when last looked at */
	pid_t pid;    /* 0: none */
	int exit_fd;  /* a pidfd, or -1 */
	int listener, port, output;
	struct connection connections[INSTANCE_CONNECTIONS];
	struct lambda_log log;
};

/* Takes over nothing; `task_root` is copied. The thread is started, detached. */
struct instance *instance_new(struct emulator *emu, const struct lambda_function *f,
			      const char *task_root);
int instance_launch(struct instance *i, struct fp_error *err);
void instance_free(struct instance *i);
void instance_wake(struct instance *i);

/* lambda_process.c: start the bootstrap; on failure `*type` names Lambda's error type. */
int process_start(struct instance *i, const char **type, struct fp_error *err);
/* Kill its process group and wait for it. */
void process_end(struct instance *i);
/* When it has ended by itself: true, and why: "exit status 1". */
bool process_ended(struct instance *i, char why[64]);
/* Memory in use in bytes, 0 where the system does not tell; raises *peak. */
int64_t process_memory(const struct instance *i, int64_t *peak);

/* lambda_api.c: answer the request that stands whole in the connection's parser. */
void runtime_serve(struct instance *i, struct connection *conn);
/* Give the event to the connection that waits for it, if both are there. */
void runtime_deliver(struct instance *i);

/* lambda_instance.c: the current invocation is over. `body` is copied. */
void instance_finish(struct instance *i, bool failed, const void *body, size_t n);
/* As Lambda words it: {"errorType","errorMessage":"RequestId: ID Error: ..."}. */
void instance_fail(struct instance *i, const char *type, const char *fmt, ...)
	FP_PRINTF(3, 4);

/* lambda_pool.c, called by the instance's thread. */
void pool_assignment(struct instance *i, struct invocation **assigned,
		     enum instance_quit *quit);
/* The invocation is over. Returns whether the instance is free for another one, as
 * it is when it `stays` and the pool has no other wish. */
bool pool_done(struct instance *i, struct invocation *inv, enum lambda_result result,
	       bool stays);
/* The instance ends: take it off the list. False: it was just given an invocation. */
bool pool_leave(struct instance *i);
/* The instance is freed. */
void pool_left(void);

#endif
